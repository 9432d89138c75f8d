//! Every call to AWS goes through here: limits, retries, counters, and stopping.
//!
//! The SDK's own retries are off. Their budget is shared by all accounts of a region in a process,
//! so that one throttled account would use up the patience with all others.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::clients::signed_by;
use super::credentials::Keeper;
use super::failure::{
    CONNECTION_FAILED, CallError, ErrorKind, Failure, NOT_ASKED, Remedy, TIMEOUT, understand,
};
use super::latency::Latencies;
use super::limit::{Lane, Limiter};
use super::progress::{Event, Progress};
use super::quota::Share;
use super::role::NotAssumed;
use super::stop::Stop;
use crate::aws::{AccountId, Region};
use crate::schema::Call;

/// How long to go on trying.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often a call that is throttled is made at most.
    pub throttled: u32,
    /// How often a call that fails in passing is made at most.
    pub transient: u32,
    /// The first pause; each further one is up to twice as long.
    pub pause: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            throttled: 24,
            transient: 4,
            pause: Duration::from_millis(200),
            longest: Duration::from_secs(20),
        }
    }
}

/// How one call fared, all accounts and regions together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Requests sent, repeated ones included.
    pub requests: u64,
    /// Calls that ended in an error other than *not configured*.
    pub errors: u64,
    /// Requests that were answered by *slow down*.
    pub throttled: u64,
    /// Requests that were sent again after any error.
    pub retries: u64,
    /// Time from sending to the end of the answer, added up.
    pub busy: Duration,
    /// Time that calls waited for their turn under the limits, added up.
    pub waited: Duration,
    /// The times from sending to the end of the answer.
    pub latencies: Latencies,
}

impl CallCount {
    /// Adds how the same call fared elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.throttled += other.throttled;
        self.retries += other.retries;
        self.busy += other.busy;
        self.waited += other.waited;
        self.latencies.merge(&other.latencies);
    }
}

/// The limits and counters that all accounts share.
pub struct Traffic {
    limiter: Limiter,
    calls: Semaphore,
    roles: Semaphore,
    organizations: Semaphore,
    patience: Patience,
    stop: Stop,
    counts: Mutex<BTreeMap<&'static Call, CallCount>>,
    progress: Arc<dyn Progress>,
    random: RandomState,
}

/// How many roles are assumed at the same time.
const ROLES: usize = 32;

/// How many calls to Organizations are made at the same time. AWS lets through a few a second, each waits
/// for the one before, and the scan is not done without the last: behind the thousand calls that the
/// regions of an account begin with, each of them would wait once more.
const ORGANIZATIONS: usize = 8;

impl Traffic {
    /// At most `concurrency` requests at the same time, over all accounts.
    pub fn new(
        concurrency: usize,
        patience: Patience,
        stop: Stop,
        progress: Arc<dyn Progress>,
    ) -> Self {
        Self {
            limiter: Limiter::new(Share::default()),
            calls: Semaphore::new(concurrency.max(1)),
            roles: Semaphore::new(ROLES),
            organizations: Semaphore::new(ORGANIZATIONS),
            patience,
            stop,
            counts: Mutex::default(),
            progress,
            random: RandomState::new(),
        }
    }

    /// The same, with that share of AWS's quotas instead of half of them.
    pub fn sharing(self, share: Share) -> Self {
        Self { limiter: Limiter::new(share), ..self }
    }

    /// The limits of each API.
    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// How each call fared.
    pub fn counts(&self) -> BTreeMap<&'static Call, CallCount> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The switch that stops the scan.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Who hears how the scan goes on.
    pub fn progress(&self) -> &dyn Progress {
        &*self.progress
    }

    fn count(&self, call: &'static Call, change: impl FnOnce(&mut CallCount)) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        change(counts.entry(call).or_default());
    }

    /// A pause before attempt `attempt + 1`, drawn evenly between nothing and its longest. That doubles
    /// with each attempt where nothing gets in, from the first pause on, and hardly grows from half of it
    /// where it was bad luck: `hopeless` is the part of like requests that do not get in. Of thousands of
    /// calls some fail eight times in a row where three of ten requests do, and the scan ends with the
    /// last of them.
    fn pause(&self, attempt: u32, hopeless: f64) -> Duration {
        let factor = (f64::from(attempt.min(16) + 1) * hopeless - 1.0).exp2();
        let longest = self.patience.pause.mul_f64(factor).min(self.patience.longest);
        let share = self.random.hash_one((attempt, Instant::now())) as f64 / u64::MAX as f64;
        longest.mul_f64(share)
    }
}

/// Makes calls with the credentials of one account to one region.
#[derive(Clone)]
pub struct Caller {
    traffic: Arc<Traffic>,
    account: Option<AccountId>,
    region: Option<Region>,
    keeper: Arc<Keeper>,
}

impl Caller {
    /// A caller with those credentials, of no account yet: who we are is what it asks first.
    pub fn new(traffic: Arc<Traffic>, keeper: Arc<Keeper>) -> Self {
        Self { traffic, account: None, region: None, keeper }
    }

    /// The same for an account and region.
    pub fn at(&self, account: Option<AccountId>, region: Option<Region>) -> Self {
        Self { account, region, ..self.clone() }
    }

    /// The account whose credentials sign.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The region that answers; `None` for global services.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The limits and counters.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// Makes a call, again and again as long as that may help.
    ///
    /// # Errors
    /// What the last attempt ended in, or that the scan was stopped.
    pub async fn call<T, E, F>(
        &self,
        call: &'static Call,
        send: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.unless_stopped(self.persist(call, send)).await
    }

    /// The same, whether the scan is stopped or not.
    async fn persist<T, E, F>(
        &self,
        call: &'static Call,
        send: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut attempts = Attempts::default();
        let lane = self.lane(call);
        loop {
            let credentials = self.credentials().await?;
            if !self.traffic.limiter.may_ask(&lane) {
                self.traffic.count(call, |count| count.errors += 1);
                return Err(CallError::failed(NOT_ASKED));
            }
            let turn = self.turn(call).await?;
            let began = Instant::now();
            // A request of the SDK takes some ten kilobytes: only those on their way have them, not every
            // sweep that may make one.
            let result = Box::pin(signed_by(&self.keeper, send())).await;
            drop(turn);
            let took = began.elapsed();
            self.answered(call, took);
            let failure = match result {
                Ok(answer) => {
                    tracing::debug!(%call, ?took, "answered");
                    self.traffic.limiter.heard(&lane, true);
                    self.traffic.limiter.answers(&lane, true);
                    self.traffic.limiter.let_in(&lane);
                    return Ok(answer);
                }
                Err(error) => understand(call, &error),
            };
            let Failure { error, remedy } = &failure;
            self.traffic.limiter.heard(&lane, error.code != TIMEOUT);
            tracing::debug!(%call, ?took, code = error.code, ?remedy, "failed");
            self.after(call, &mut attempts, failure.remedy, &credentials, failure.error).await?;
        }
    }

    /// Makes sure that there are credentials.
    ///
    /// # Errors
    /// When they cannot be fetched.
    pub async fn ready(&self) -> Result<(), CallError> {
        self.unless_stopped(self.credentials()).await.map(drop)
    }

    async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let done = self.traffic.stop.unless(work).await;
        done.unwrap_or_else(|| Err(CallError::interrupted()))
    }

    /// Makes sure that the credentials hold.
    async fn credentials(&self) -> Result<Credentials, CallError> {
        self.keeper.get().await.map_err(|error| not_renewed(&error))
    }

    /// Waits until the API is open and a place is free.
    async fn turn(&self, call: &'static Call) -> Result<SemaphorePermit<'_>, CallError> {
        let lane = self.lane(call);
        let places = match (call.service, call.operation) {
            (_, "AssumeRole") => &self.traffic.roles,
            ("organizations", _) => &self.traffic.organizations,
            _ => &self.traffic.calls,
        };
        let waited = self.traffic.limiter.admit(&lane).await;
        if !waited.is_zero() {
            self.traffic.count(call, |count| count.waited += waited);
        }
        // The semaphores are never closed.
        places.acquire().await.map_err(|_| CallError::interrupted())
    }

    fn lane(&self, call: &'static Call) -> Lane {
        Lane { account: self.account.clone(), region: self.region.clone(), call }
    }

    fn answered(&self, call: &'static Call, took: Duration) {
        self.traffic.progress.tell(Event::Answered(call));
        self.traffic.count(call, |count| {
            count.requests += 1;
            count.busy += took;
            count.latencies.add(took);
        });
    }

    /// Waits before the next attempt, or ends with the error.
    async fn after(
        &self,
        call: &'static Call,
        attempts: &mut Attempts,
        remedy: Remedy,
        credentials: &Credentials,
        error: CallError,
    ) -> Result<(), CallError> {
        let lane = self.lane(call);
        let mut patience = self.traffic.patience;
        if self.traffic.limiter.is_dead(&lane) {
            patience.transient = 1;
        }
        let attempt = match attempts.next(remedy, &patience) {
            Some(attempt) => attempt,
            None => {
                if matches!(error.code.as_str(), TIMEOUT | CONNECTION_FAILED) {
                    self.traffic.limiter.answers(&lane, false);
                }
                let failed = !error.is_absent();
                self.traffic.count(call, |count| {
                    count.errors += u64::from(failed);
                    count.throttled += u64::from(error.kind == ErrorKind::Throttled);
                });
                return Err(error);
            }
        };
        self.traffic.count(call, |count| count.retries += 1);
        let pause = match remedy {
            Remedy::SlowDown => {
                self.traffic.count(call, |count| count.throttled += 1);
                self.traffic.progress.tell(Event::Throttled(call));
                self.traffic.limiter.throttled(&lane, |part| self.traffic.pause(attempt, part))
            }
            Remedy::Renew => {
                self.keeper.refused(credentials.access_key_id());
                return Ok(());
            }
            Remedy::TryAgain | Remedy::GiveUp => self.traffic.pause(attempt, 1.0),
        };
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// How often a call was tried, by the reason for trying again.
#[derive(Debug, Default)]
struct Attempts {
    slowed: u32,
    failed: u32,
    renewed: u32,
}

impl Attempts {
    /// The number of failures of this kind before this one, or `None` when it was one too many.
    fn next(&mut self, remedy: Remedy, patience: &Patience) -> Option<u32> {
        let (used, most) = match remedy {
            Remedy::GiveUp => return None,
            Remedy::SlowDown => (&mut self.slowed, patience.throttled),
            Remedy::TryAgain => (&mut self.failed, patience.transient),
            Remedy::Renew => (&mut self.renewed, 2),
        };
        let attempt = *used;
        *used += 1;
        (*used < most).then_some(attempt)
    }
}

/// Why credentials could not be fetched again.
fn not_renewed(error: &CredentialsError) -> CallError {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(NotAssumed(error)) = error.downcast_ref::<NotAssumed>() {
            return error.clone();
        }
        next = error.source();
    }
    CallError { kind: ErrorKind::NotAssumed, code: "CredentialsNotRenewed".into() }
}
