//! Waiting in front of an API that asked us to slow down.
//!
//! AWS limits each API of each account and region by itself, so that is what waits: a throttled API
//! holds up neither another one nor another account, and nobody waits while holding a connection.
//! This is the place for token buckets of AWS's documented quotas.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::aws::{AccountId, Region};
use crate::schema::Call;

/// What AWS limits by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lane {
    /// The account whose credentials sign.
    pub account: Option<AccountId>,
    /// The region that answers.
    pub region: Option<Region>,
    /// The API.
    pub call: &'static Call,
}

/// Holds back calls to APIs that asked to slow down.
#[derive(Debug, Default)]
pub struct Limiter {
    closed_until: Mutex<HashMap<Lane, Instant>>,
    dead: Mutex<HashSet<Lane>>,
}

impl Limiter {
    /// Waits until the lane is open.
    pub async fn admit(&self, lane: &Lane) {
        while let Some(until) = self.closed_until(lane) {
            sleep_until(until).await;
        }
    }

    /// Closes the lane for a while after a throttled call.
    pub fn throttled(&self, lane: &Lane, pause: Duration) {
        let until = Instant::now() + pause;
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = closed.entry(lane.clone()).or_insert(until);
        *entry = until.max(*entry);
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

    fn closed_until(&self, lane: &Lane) -> Option<Instant> {
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *closed.get(lane)?;
        if Instant::now() < until {
            return Some(until);
        }
        closed.remove(lane);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{s3, vpc};

    fn lane(account: &str, call: &'static Call) -> Lane {
        Lane { account: account.parse().ok(), region: "eu-west-1".parse().ok(), call }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_api_waits_alone() {
        let limiter = Limiter::default();
        let slow = lane("111122223333", &vpc::DESCRIBE_VPCS);
        limiter.throttled(&slow, Duration::from_secs(5));
        limiter.throttled(&slow, Duration::from_secs(1));
        let began = Instant::now();
        limiter.admit(&lane("444455556666", &vpc::DESCRIBE_VPCS)).await;
        limiter.admit(&lane("111122223333", &s3::LIST_BUCKETS)).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        limiter.admit(&slow).await;
        assert_eq!(began.elapsed().as_secs(), 5);
    }
}
