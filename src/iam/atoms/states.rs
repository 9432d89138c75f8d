//! The wildcard states met so far: each a run of words in one vector, found again by its words.
//!
//! A product of hostile patterns meets hundreds of thousands of states; a box and a map entry for
//! each cost more than all the steps between them.

use std::hash::{BuildHasher, RandomState};

/// Distinct states, numbered in the order in which they were met.
#[derive(Debug)]
pub(super) struct States {
    words: usize,
    bits: Vec<u64>,
    count: usize,
    /// Open addressing: numbers of states plus one, zero for a free place; a power of two of them.
    table: Vec<u32>,
    /// Makes the places of states unpredictable for whoever wrote the patterns.
    seed: u64,
}

/// The places of an empty table.
const PLACES: usize = 64;

impl States {
    /// No states; each will have so many words.
    pub(super) fn new(words: usize) -> Self {
        let seed = RandomState::new().hash_one(words);
        Self { words, bits: Vec::new(), count: 0, table: vec![0; PLACES], seed }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The words of a state.
    pub(super) fn get(&self, state: usize) -> &[u64] {
        let start = state * self.words;
        self.bits.get(start..start + self.words).unwrap_or_default()
    }

    /// The number of a state; it is added if it is new.
    pub(super) fn number(&mut self, words: &[u64]) -> usize {
        if self.count * 2 >= self.table.len() {
            self.grow();
        }
        let place = self.place(words);
        match self.table.get(place) {
            Some(0) => {
                self.bits.extend_from_slice(words);
                self.count += 1;
                self.set(place, self.count);
                self.count - 1
            }
            Some(number) => usize::try_from(*number).unwrap_or(usize::MAX) - 1,
            None => 0,
        }
    }

    fn set(&mut self, place: usize, number: usize) {
        if let (Some(slot), Ok(number)) = (self.table.get_mut(place), u32::try_from(number)) {
            *slot = number;
        }
    }

    /// The place of a state in the table, or the free one where it belongs.
    fn place(&self, words: &[u64]) -> usize {
        let mask = self.table.len() - 1;
        let mut place = usize::try_from(self.hash(words)).unwrap_or(0) & mask;
        loop {
            match self.table.get(place).map(|number| usize::try_from(*number).unwrap_or(0)) {
                Some(number) if number > 0 && self.get(number - 1) != words => {
                    place = (place + 1) & mask;
                }
                _ => return place,
            }
        }
    }

    fn hash(&self, words: &[u64]) -> u64 {
        let mut hash = self.seed;
        for word in words {
            let product = u128::from(hash ^ word) * u128::from(MULTIPLIER);
            // Both halves of the product, so that no bit of the word is lost.
            hash = (product as u64) ^ ((product >> 64) as u64).wrapping_add(self.seed);
        }
        hash ^ (hash >> 32)
    }

    fn grow(&mut self) {
        self.table = vec![0; self.table.len() * 2];
        for state in 0..self.count {
            let place = self.place(self.get(state));
            self.set(place, state + 1);
        }
    }
}

/// An odd number without a pattern.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_found_again_by_their_words() {
        let mut states = States::new(3);
        let state = |n: u64| [n % 7, n / 7, n << 40];
        for n in 0..10_000 {
            assert_eq!(states.number(&state(n)), usize::try_from(n).expect("small"));
        }
        for n in (0..10_000).rev() {
            assert_eq!(states.number(&state(n)), usize::try_from(n).expect("small"));
            assert_eq!(states.get(usize::try_from(n).expect("small")), state(n));
        }
        assert_eq!(states.len(), 10_000);
    }
}
