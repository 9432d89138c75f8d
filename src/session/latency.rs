//! How long answers take, in few numbers.

use std::time::Duration;

/// The number of classes; the last holds everything from eight minutes on.
const CLASSES: usize = 40;

/// Times, counted in classes of which each is a half longer than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latencies {
    classes: [u64; CLASSES],
    longest: Duration,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { classes: [0; CLASSES], longest: Duration::ZERO }
    }
}

/// The times of a class are below this.
fn end(class: usize) -> Duration {
    // 0.1 ms, 0.15 ms, 0.225 ms, …
    Duration::from_secs_f64(0.0001 * 1.5_f64.powi(i32::try_from(class).unwrap_or(0)))
}

impl Latencies {
    /// Counts a time.
    pub fn add(&mut self, time: Duration) {
        let class = (0..CLASSES - 1).find(|class| time < end(*class)).unwrap_or(CLASSES - 1);
        if let Some(count) = self.classes.get_mut(class) {
            *count += 1;
        }
        self.longest = self.longest.max(time);
    }

    /// Adds the times of another.
    pub fn merge(&mut self, other: &Self) {
        self.classes.iter_mut().zip(other.classes).for_each(|(count, more)| *count += more);
        self.longest = self.longest.max(other.longest);
    }

    /// The time within which this share of the answers came, rounded up to the end of its class;
    /// `None` without any.
    pub fn within(&self, share: f64) -> Option<Duration> {
        let all: u64 = self.classes.iter().sum();
        let mut left = (all as f64 * share).ceil();
        let class = self.classes.iter().position(|count| {
            left -= *count as f64;
            *count > 0 && left <= 0.0
        })?;
        Some(end(class).min(self.longest))
    }

    /// The longest time.
    pub fn longest(&self) -> Duration {
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_found_within_half_of_the_truth() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.within(0.5), None);
        (1..=1000).for_each(|time| latencies.add(Duration::from_millis(time)));
        for (share, truth) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0)] {
            let found = latencies.within(share).unwrap().as_secs_f64() * 1000.0;
            assert!((truth..=truth * 1.5).contains(&found), "{share}: {found}");
        }
        assert_eq!(latencies.within(1.0), Some(Duration::from_secs(1)));
        latencies.add(Duration::from_secs(10_000));
        assert_eq!(latencies.longest(), Duration::from_secs(10_000));
    }
}
