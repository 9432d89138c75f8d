//! The limiter in time that stands still: no more than the share, nobody forgotten, nobody else held
//! up.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::resources::{elb, elbv2, logs, s3, vpc};
use crate::session::{ASSUME_ROLE, LIST_ACCOUNTS};

fn lane(account: &str, call: &'static Call) -> Lane {
    Lane { account: account.parse().ok(), region: "eu-west-1".parse().ok(), call }
}

const ONE: &str = "111122223333";

fn share(percent: u32) -> Share {
    format!("{percent}%").parse().unwrap()
}

/// Runs in a runtime whose clock jumps over every wait.
fn paused<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// Makes calls that arrive after those pauses, and returns when each was admitted, in seconds.
async fn admitted(limiter: &Arc<Limiter>, lane: &Lane, pauses: &[u64]) -> Vec<f64> {
    let began = Instant::now();
    let mut calls = Vec::new();
    for pause in pauses {
        tokio::time::sleep(Duration::from_millis(*pause)).await;
        let (limiter, lane) = (Arc::clone(limiter), lane.clone());
        calls.push(tokio::spawn(async move {
            limiter.admit(&lane).await;
            began.elapsed().as_secs_f64()
        }));
    }
    let mut times = Vec::new();
    for call in calls {
        times.push(call.await.unwrap());
    }
    times
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// In whatever window, no more calls than the bucket and what came into it meanwhile.
    #[test]
    fn no_window_holds_more_than_the_share(
        percent in 1_u32..=100,
        pauses in prop::collection::vec(0_u64..400, 1..120),
        which in 0_usize..4,
    ) {
        let calls = [
            &vpc::DESCRIBE_VPCS, &elb::DESCRIBE_LOAD_BALANCERS, &LIST_ACCOUNTS,
            &logs::DESCRIBE_METRIC_FILTERS,
        ];
        let lane = lane(ONE, calls[which]);
        let limiter = Arc::new(Limiter::new(share(percent)));
        let times = paused(admitted(&limiter, &lane, &pauses));
        let quota = quota(lane.call);
        let part = f64::from(percent) / 100.0;
        let burst = (quota.burst * part).max(1.0);
        for (first, begin) in times.iter().enumerate() {
            for (last, end) in times.iter().enumerate().skip(first) {
                let made = (last - first + 1) as f64;
                // The clock of the runtime counts in milliseconds.
                let allowed = burst + quota.rate * part * (end - begin + 0.002) + 1e-6;
                prop_assert!(made <= allowed, "{made} calls from {begin} to {end}: {allowed}");
            }
        }
        prop_assert!(times.is_sorted(), "in the order in which they came");
    }

    /// No call waits longer than the calls before it need.
    #[test]
    fn nobody_waits_longer_than_those_before_need(percent in 1_u32..=100, calls in 1_usize..200) {
        let lane = lane(ONE, &vpc::DESCRIBE_VPCS);
        let limiter = Arc::new(Limiter::new(share(percent)));
        let times = paused(admitted(&limiter, &lane, &vec![0; calls]));
        let part = f64::from(percent) / 100.0;
        let burst = (100.0 * part).max(1.0);
        for (before, at) in times.iter().enumerate() {
            let need = ((before as f64 + 1.0 - burst) / (20.0 * part)).max(0.0);
            prop_assert!((at - need).abs() < 0.005, "call {before} at {at}, not {need}");
        }
    }

    /// However often and whenever it is throttled, a bucket stays between its least and its share,
    /// and has its whole share again some time later.
    #[test]
    fn throttled_buckets_shrink_and_grow_again(
        answers in prop::collection::vec((0_u64..3_000, 0_u64..20_000, 0_usize..4), 1..60),
    ) {
        let mut now = Instant::now();
        let mut bucket = Bucket::new(quota(&vpc::DESCRIBE_VPCS), Share::default(), now);
        for (after, pause, let_in) in answers {
            now += Duration::from_millis(after);
            (0..let_in).for_each(|_| bucket.weigh(0.0));
            let before = bucket.rate;
            bucket.throttled(now, |_| Duration::from_millis(pause));
            prop_assert!(bucket.rate <= 10.0 && bucket.rate >= 1.0);
            let cut = bucket.cut_at == Some(now);
            prop_assert!(!cut || bucket.rate < 10.0, "it was cut, from {before}");
            let closed = Duration::from_millis(pause).mul_f64(bucket.throttled);
            prop_assert!(bucket.throttled > 0.0 && bucket.throttled <= 1.0);
            prop_assert!(bucket.take(now) >= now + closed, "the pause is kept");
        }
        bucket.refill(now + Duration::from_secs(10));
        prop_assert!((bucket.rate - 10.0).abs() < 1e-9);
    }
}

/// So often that all of its requests count as throttled.
fn throttled_often(limiter: &Limiter, lane: &Lane) {
    for _ in 0..400 {
        limiter.throttled(lane, |_| Duration::from_millis(1));
    }
}

#[test]
fn a_throttled_api_waits_alone() {
    paused(async {
        let limiter = Limiter::new(Share::default());
        let slow = lane(ONE, &vpc::DESCRIBE_VPCS);
        throttled_often(&limiter, &slow);
        limiter.throttled(&slow, |_| Duration::from_secs(5));
        limiter.throttled(&slow, |_| Duration::from_secs(1));
        let began = Instant::now();
        limiter.admit(&lane("444455556666", &vpc::DESCRIBE_VPCS)).await;
        limiter.admit(&lane(ONE, &s3::LIST_BUCKETS)).await;
        limiter.admit(&Lane { region: "us-east-1".parse().ok(), ..slow.clone() }).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        limiter.admit(&slow).await;
        assert!((began.elapsed().as_secs_f64() - 5.0).abs() < 0.01, "all are throttled");
    });
}

#[test]
fn turns_that_were_given_wait_for_a_throttle_too() {
    paused(async {
        let limiter = Arc::new(Limiter::new(share(1)));
        let lane = lane(ONE, &vpc::DESCRIBE_VPCS);
        limiter.admit(&lane).await;
        let waiting = tokio::spawn({
            let (limiter, lane) = (Arc::clone(&limiter), lane.clone());
            async move { limiter.admit(&lane).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        throttled_often(&limiter, &lane);
        limiter.throttled(&lane, |_| Duration::from_secs(60));
        let waited = waiting.await.unwrap().as_secs_f64();
        assert!((waited - 61.0).abs() < 0.1, "{waited}");
    });
}

/// The rate after so many seconds in which each second has ten answers of which some are throttled.
fn rate_after(seconds: u64, throttled: usize) -> f64 {
    let mut now = Instant::now();
    let mut bucket = Bucket::new(quota(&vpc::DESCRIBE_VPCS), Share::default(), now);
    for _ in 0..seconds {
        now += Duration::from_secs(1);
        (throttled..10).for_each(|_| bucket.weigh(0.0));
        for _ in 0..throttled {
            bucket.throttled(now, |_| Duration::ZERO);
        }
    }
    bucket.rate / bucket.most
}

#[test]
fn a_bucket_follows_the_part_that_is_throttled() {
    assert!((rate_after(60, 0) - 1.0).abs() < 1e-9);
    assert!(rate_after(60, 1) > 0.7, "{}", rate_after(60, 1));
    let (some, all) = (rate_after(60, 3), rate_after(60, 10));
    assert!((0.4..0.8).contains(&some), "{some}");
    assert!((LEAST..0.25).contains(&all), "{all}");
}

#[test]
fn both_kinds_of_balancers_share_a_bucket() {
    paused(async {
        let limiter = Limiter::new(Share::default());
        for _ in 0..10 {
            limiter.admit(&lane(ONE, &elb::DESCRIBE_LOAD_BALANCERS)).await;
            limiter.admit(&lane(ONE, &elbv2::DESCRIBE_LISTENERS)).await;
        }
        let waited = limiter.admit(&lane(ONE, &elbv2::DESCRIBE_TAGS)).await;
        assert!((waited.as_secs_f64() - 0.2).abs() < 0.01, "{waited:?}");
    });
}

#[test]
fn roles_are_counted_in_the_account_that_assumes() {
    paused(async {
        let limiter = Limiter::new(share(1));
        let lane = Lane { account: None, region: "eu-west-1".parse().ok(), call: &ASSUME_ROLE };
        for _ in 0..6 {
            assert_eq!(limiter.admit(&lane).await, Duration::ZERO);
        }
        assert!(limiter.admit(&lane).await > Duration::ZERO);
    });
}

#[test]
fn accounts_that_were_read_are_forgotten() {
    paused(async {
        let limiter = Limiter::new(Share::default());
        for account in [ONE, "444455556666"] {
            let lane = lane(account, &vpc::DESCRIBE_VPCS);
            limiter.admit(&lane).await;
            limiter.answers(&lane, false);
        }
        limiter.forget(&ONE.parse().unwrap());
        assert_eq!(limiter.buckets.lock().unwrap().len(), 1);
        assert!(!limiter.is_dead(&lane(ONE, &vpc::DESCRIBE_VPCS)));
        assert!(limiter.is_dead(&lane("444455556666", &vpc::DESCRIBE_VPCS)));
    });
}

#[test]
fn a_silent_host_is_left_alone_in_all_accounts_until_it_is_heard() {
    paused(async {
        let limiter = Limiter::new(Share::default());
        let (one, other) =
            (lane(ONE, &vpc::DESCRIBE_VPCS), lane("444455556666", &vpc::DESCRIBE_VPCS));
        for _ in 0..SILENT {
            assert!(limiter.may_ask(&one));
            limiter.heard(&one, false);
        }
        assert!(!limiter.may_ask(&other));
        assert!(limiter.may_ask(&lane(ONE, &s3::LIST_BUCKETS)), "another service");
        assert!(limiter.may_ask(&Lane { region: "us-east-1".parse().ok(), ..one.clone() }));
        tokio::time::sleep(TRY_AGAIN).await;
        assert!(limiter.may_ask(&other), "one call tries again");
        assert!(!limiter.may_ask(&one), "and only one");
        limiter.heard(&other, true);
        assert!(limiter.may_ask(&one));
    });
}
