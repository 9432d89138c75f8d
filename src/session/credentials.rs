//! Credentials that are fetched once, kept, and fetched again before they end.
//!
//! The SDK's own caches are per client or evict at random once there are more than 64 accounts, and
//! a chain of providers asks its base again for every account. Here each account has one [`Keeper`]:
//! whoever needs its credentials while they are being fetched waits for that one answer. Clients get
//! the keeper itself as their provider and cache nothing.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, future::ProvideCredentials as Providing,
};
use aws_smithy_async::time::SharedTimeSource;

/// Credentials are fetched again this long before they end.
const EARLY: Duration = Duration::from_secs(300);

/// When fetching fails while the old credentials still hold, the next attempt waits this long.
const RETRY: Duration = Duration::from_secs(20);

/// Keeps the credentials of one account, or of the caller.
pub struct Keeper {
    source: SharedCredentialsProvider,
    clock: SharedTimeSource,
    kept: Mutex<Option<Kept>>,
    turn: tokio::sync::Mutex<()>,
}

struct Kept {
    credentials: Credentials,
    renew_at: Option<SystemTime>,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper(***)")
    }
}

impl Keeper {
    /// Keeps what that provider gives.
    pub fn new(source: SharedCredentialsProvider, clock: SharedTimeSource) -> Self {
        Self { source, clock, kept: Mutex::new(None), turn: tokio::sync::Mutex::new(()) }
    }

    /// Credentials that hold for some minutes more, fetched where necessary.
    ///
    /// # Errors
    /// When there are none and none can be fetched.
    pub async fn get(&self) -> Result<Credentials, CredentialsError> {
        if let Some(credentials) = self.fresh() {
            return Ok(credentials);
        }
        let _turn = self.turn.lock().await;
        if let Some(credentials) = self.fresh() {
            return Ok(credentials);
        }
        match self.source.provide_credentials().await {
            Ok(credentials) => {
                let renew_at = credentials.expiry().map(|expiry| self.renewal(expiry));
                self.keep(Some(Kept { credentials: credentials.clone(), renew_at }));
                Ok(credentials)
            }
            Err(error) => self.still_valid().ok_or(error),
        }
    }

    /// Says that AWS no longer accepts the credentials with that access key.
    pub fn refused(&self, access_key: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|kept| kept.credentials.access_key_id() == access_key) {
            *kept = None;
        }
    }

    /// Five minutes before the end, or at three quarters of what is left where that is less.
    fn renewal(&self, expiry: SystemTime) -> SystemTime {
        let left = expiry.duration_since(self.clock.now()).unwrap_or_default();
        let early = EARLY.min(left / 4);
        expiry.checked_sub(early).unwrap_or(expiry)
    }

    fn fresh(&self) -> Option<Credentials> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        let is_fresh = kept.renew_at.is_none_or(|renew_at| self.clock.now() < renew_at);
        is_fresh.then(|| kept.credentials.clone())
    }

    /// The old credentials, if they have not ended yet; they are then left alone for a while.
    fn still_valid(&self) -> Option<Credentials> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_mut()?;
        let now = self.clock.now();
        let expiry = kept.credentials.expiry()?;
        if expiry <= now {
            return None;
        }
        kept.renew_at = Some(expiry.min(now + RETRY));
        Some(kept.credentials.clone())
    }

    fn keep(&self, new: Option<Kept>) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = new;
    }
}

impl ProvideCredentials for Keeper {
    fn provide_credentials<'a>(&'a self) -> Providing<'a>
    where
        Self: 'a,
    {
        Providing::new(self.get())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use aws_smithy_async::time::TimeSource;

    use super::*;

    /// A clock that is set by hand.
    #[derive(Debug, Clone, Default)]
    struct Hands(Arc<AtomicU64>);

    impl TimeSource for Hands {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
        }
    }

    /// Hands out credentials that hold for an hour, while it works.
    #[derive(Debug, Clone, Default)]
    struct Source {
        clock: Hands,
        asked: Arc<AtomicU64>,
        broken_after: Option<u64>,
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> Providing<'a>
        where
            Self: 'a,
        {
            Providing::new(async {
                let number = self.asked.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                if self.broken_after.is_some_and(|after| number >= after) {
                    return Err(CredentialsError::provider_error("broken"));
                }
                let expiry = self.clock.now() + Duration::from_secs(3600);
                let key = format!("AKIA{number}");
                Ok(Credentials::new(key, "secret", None, Some(expiry), "test"))
            })
        }
    }

    fn keeper(source: &Source) -> Arc<Keeper> {
        let clock = SharedTimeSource::new(source.clock.clone());
        Arc::new(Keeper::new(SharedCredentialsProvider::new(source.clone()), clock))
    }

    #[tokio::test]
    async fn many_callers_share_one_answer() {
        let source = Source::default();
        let keeper = keeper(&source);
        let all = (0..50).map(|_| keeper.get());
        for credentials in futures::future::join_all(all).await {
            assert_eq!(credentials.unwrap().access_key_id(), "AKIA0");
        }
        assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn credentials_are_renewed_before_they_end() {
        let source = Source::default();
        let keeper = keeper(&source);
        keeper.get().await.unwrap();
        source.clock.0.store(3600 - 301, Ordering::SeqCst);
        assert_eq!(keeper.get().await.unwrap().access_key_id(), "AKIA0");
        source.clock.0.store(3600 - 299, Ordering::SeqCst);
        assert_eq!(keeper.get().await.unwrap().access_key_id(), "AKIA1");
    }

    #[tokio::test]
    async fn old_credentials_serve_until_their_end_when_renewal_fails() {
        let source = Source { broken_after: Some(1), ..Source::default() };
        let keeper = keeper(&source);
        keeper.get().await.unwrap();
        source.clock.0.store(3400, Ordering::SeqCst);
        keeper.get().await.unwrap();
        keeper.get().await.unwrap();
        assert_eq!(source.asked.load(Ordering::SeqCst), 2, "not asked for every call");
        source.clock.0.store(3601, Ordering::SeqCst);
        assert!(keeper.get().await.is_err());
    }

    #[tokio::test]
    async fn refused_credentials_are_fetched_again() {
        let source = Source::default();
        let keeper = keeper(&source);
        keeper.get().await.unwrap();
        keeper.refused("AKIA9");
        assert_eq!(keeper.get().await.unwrap().access_key_id(), "AKIA0");
        keeper.refused("AKIA0");
        assert_eq!(keeper.get().await.unwrap().access_key_id(), "AKIA1");
    }

    #[test]
    fn nothing_secret_is_printed() {
        assert_eq!(format!("{:?}", keeper(&Source::default())), "Keeper(***)");
    }
}
