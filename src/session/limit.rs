//! Waiting in front of an API, so that a scan takes no more than its share of what AWS allows.
//!
//! AWS limits each API of each account and region by itself, so that is what waits here: a bucket of
//! requests for each of them, filled by the share of its [`quota`]. A throttled bucket gets smaller,
//! the more the larger the part of its requests that are throttled, and grows again with time. A
//! throttled API holds up neither another one nor another account, and nobody waits while holding a
//! connection.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::quota::{Quota, Share, quota};
use crate::aws::{AccountId, Region};
use crate::schema::Call;

/// Whose call it is, where, and of which API.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lane {
    /// The account whose credentials sign; `None` for the caller before it is known.
    pub account: Option<AccountId>,
    /// The region that answers.
    pub region: Option<Region>,
    /// The API.
    pub call: &'static Call,
}

/// What AWS limits by itself, within an account.
type Limited = (Option<Region>, Api);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Api {
    Pool(&'static str),
    Call(&'static Call),
}

/// Holds back calls that would be more than the scan's share, or that were asked to slow down.
#[derive(Debug)]
pub struct Limiter {
    share: Share,
    buckets: Mutex<HashMap<Option<AccountId>, HashMap<Limited, Bucket>>>,
    dead: Mutex<HashSet<Lane>>,
    silent: Mutex<HashMap<Host, Silence>>,
}

/// A service in a region, whoever asks.
type Host = (&'static str, Option<Region>);

/// How long nothing was heard of a host.
#[derive(Debug)]
struct Silence {
    timeouts: u32,
    next_try: Instant,
}

/// After so many timeouts in a row, in whatever accounts, a host counts as silent.
const SILENT: u32 = 20;

/// A silent host is tried again this often.
const TRY_AGAIN: Duration = Duration::from_secs(10);

impl Limiter {
    /// Lets calls take that share of AWS's quotas.
    pub fn new(share: Share) -> Self {
        Self { share, buckets: Mutex::default(), dead: Mutex::default(), silent: Mutex::default() }
    }

    /// Waits for the lane's turn, and returns how long it took.
    pub async fn admit(&self, lane: &Lane) -> Duration {
        let began = Instant::now();
        let mut turn = self.with(lane, |bucket| bucket.take(began));
        // Whoever got a turn before the bucket was throttled waits for its end all the same.
        while Instant::now() < turn {
            sleep_until(turn).await;
            turn = self.with(lane, |bucket| bucket.closed_until);
        }
        began.elapsed()
    }

    /// Makes the bucket of a throttled call smaller. The part of its requests that are throttled of late
    /// decides how long to wait with the call, and for how much of that the bucket is closed: all of it
    /// where everything is throttled, little where others get in.
    pub fn throttled(&self, lane: &Lane, pause: impl FnOnce(f64) -> Duration) -> Duration {
        self.with(lane, |bucket| bucket.throttled(Instant::now(), pause))
    }

    /// Says that a call was let in.
    pub fn let_in(&self, lane: &Lane) {
        self.with(lane, |bucket| bucket.weigh(0.0));
    }

    /// Says that an API does not answer, or does so again. Where it did not, further calls are made
    /// once only: a region that hangs should cost minutes, not hours.
    pub fn answers(&self, lane: &Lane, answers: bool) {
        let mut dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        if answers {
            dead.remove(lane);
        } else {
            dead.insert(lane.clone());
        }
    }

    /// Whether the API did not answer the last time.
    pub fn is_dead(&self, lane: &Lane) -> bool {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).contains(lane)
    }

    /// Whether a call may be made to a host. Where none of many calls was answered, one is let through
    /// now and then: in a large organization, all connections would otherwise wait for one region.
    pub fn may_ask(&self, lane: &Lane) -> bool {
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        let silence = silent.get_mut(&(lane.call.service, lane.region.clone()));
        let Some(silence) = silence.filter(|silence| silence.timeouts >= SILENT) else {
            return true;
        };
        let now = Instant::now();
        let is_time = now >= silence.next_try;
        if is_time {
            silence.next_try = now + TRY_AGAIN;
        }
        is_time
    }

    /// Says whether a call was answered in time, in whatever words.
    pub fn heard(&self, lane: &Lane, in_time: bool) {
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        let host = (lane.call.service, lane.region.clone());
        if in_time {
            silent.remove(&host);
        } else {
            let now = Instant::now();
            let silence = silent.entry(host).or_insert(Silence { timeouts: 0, next_try: now });
            silence.timeouts += 1;
            silence.next_try = now + TRY_AGAIN;
        }
    }

    /// Forgets an account that was read: a large organization has a million lanes.
    pub fn forget(&self, account: &AccountId) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.remove(&Some(account.clone()));
        drop(buckets);
        let mut dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        dead.retain(|lane| lane.account.as_ref() != Some(account));
    }

    fn with<T>(&self, lane: &Lane, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let quota = quota(lane.call);
        let api = quota.pool.map_or(Api::Call(lane.call), Api::Pool);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry(lane.account.clone())
            .or_default()
            .entry((lane.region.clone(), api))
            .or_insert_with(|| Bucket::new(quota, self.share, Instant::now()));
        act(bucket)
    }
}

/// A bucket loses this part of its rate when all of its requests are throttled, and less when fewer
/// are, as DCTCP (RFC 8257) does with its window: what others use up now and then costs little.
const CUT: f64 = 0.5;

/// What one answer weighs among those before it: little enough that bad luck with a few does not look
/// like a closed API. Of fifty thousand calls, one fails nine times in a row where three of ten do.
const WEIGHT: f64 = 1.0 / 32.0;

/// It is cut at most once in this time: the answers to what was sent together count once.
const CUT_AGAIN: Duration = Duration::from_secs(1);

/// No bucket gets slower than this part of its share.
const LEAST: f64 = 0.1;

/// This part of its share comes back each second.
const GROWTH: f64 = 0.1;

/// The requests that may be made of one API.
#[derive(Debug)]
struct Bucket {
    /// How many may be made at once; less than none where turns are given away ahead.
    tokens: f64,
    /// How many are added a second, now and at most.
    rate: f64,
    most: f64,
    burst: f64,
    updated: Instant,
    /// The part of its requests that were throttled, of late.
    throttled: f64,
    cut_at: Option<Instant>,
    closed_until: Instant,
}

impl Bucket {
    fn new(quota: Quota, share: Share, now: Instant) -> Self {
        let most = quota.rate * share.factor();
        // A share of less than one request is one request now and then.
        let burst = (quota.burst * share.factor()).max(1.0);
        Self {
            tokens: burst,
            rate: most,
            most,
            burst,
            updated: now,
            throttled: 0.0,
            cut_at: None,
            closed_until: now,
        }
    }

    /// Takes a request out of the bucket, and says when it may be made. Turns are given in the order
    /// in which they are asked for.
    fn take(&mut self, now: Instant) -> Instant {
        self.refill(now);
        self.tokens -= 1.0;
        let wait = if self.tokens < 0.0 { -self.tokens / self.rate } else { 0.0 };
        // A float too large for a duration would be a wait of centuries.
        let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::from_secs(86_400));
        (now + wait).max(self.closed_until)
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.updated).as_secs_f64();
        self.updated = now;
        self.tokens = (self.tokens + passed * self.rate).min(self.burst);
        self.rate = (self.rate + passed * GROWTH * self.most).min(self.most);
    }

    fn throttled(&mut self, now: Instant, pause: impl FnOnce(f64) -> Duration) -> Duration {
        self.refill(now);
        self.weigh(1.0);
        let pause = pause(self.throttled);
        self.closed_until = self.closed_until.max(now + pause.mul_f64(self.throttled));
        if self.cut_at.is_none_or(|at| now.saturating_duration_since(at) >= CUT_AGAIN) {
            self.cut_at = Some(now);
            let kept = 1.0 - CUT * self.throttled;
            self.rate = (self.rate * kept).max(self.most * LEAST);
            self.tokens = self.tokens.min(self.tokens * kept);
        }
        pause
    }

    /// Adds an answer to those of late: 1 for a throttled request, 0 for any other.
    fn weigh(&mut self, throttled: f64) {
        self.throttled += (throttled - self.throttled) * WEIGHT;
    }
}

#[cfg(test)]
mod tests;
