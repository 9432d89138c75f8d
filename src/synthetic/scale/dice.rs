//! Numbers out of a place and an index.

use crate::synthetic::mix::{mix, splitmix, unit};

/// A row of numbers that depends on nothing but what it was made from.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64, parts: &[&str]) -> Self {
        Self(mix(seed, parts))
    }

    fn next(&mut self) -> u64 {
        self.0 = splitmix(self.0);
        self.0
    }

    /// From 0 up to `end`, without it; 0 where that is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// Whether it happens, with that probability.
    pub(super) fn happens(&mut self, share: f64) -> bool {
        unit(self.next()) < share
    }

    /// One of the words.
    pub(super) fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }

    /// Mostly small numbers, at times large ones, `most` at most.
    pub(super) fn tail(&mut self, most: usize) -> usize {
        let u = unit(self.next()).min(0.999_9);
        ((1.0 - u).powf(-0.8) as usize).clamp(1, most)
    }
}
