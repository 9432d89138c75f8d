//! All wildcard patterns of a key in one bit-parallel position automaton.
//!
//! The positions of all patterns lie one after another in one bit vector, each pattern with one
//! position more than it has tokens: the last is its end. Reading a character moves every pattern
//! at once with a handful of word operations (Baeza-Yates and Gonnet's Shift-And, with loops).

use std::ops::Range;

use super::pattern::{Pattern, Token};

/// A set of positions, one bit each.
type Positions = Box<[u64]>;

/// The automaton; its alphabet is numbered by the caller.
#[derive(Debug)]
pub(super) struct Automaton {
    words: usize,
    start: Positions,
    /// Positions whose token may be skipped.
    repeats: Positions,
    /// The end position of each pattern, in order.
    ends: Vec<usize>,
    /// The end positions.
    accepting: Positions,
    symbols: Vec<Moves>,
}

#[derive(Debug)]
struct Moves {
    /// Positions whose token reads the symbol and is then done.
    steps: Positions,
    /// Positions whose token reads the symbol and stays.
    stays: Positions,
}

impl Automaton {
    /// Builds the automaton of `patterns` over symbols represented by `symbols`.
    pub(super) fn new(patterns: &[&Pattern], symbols: &[char]) -> Self {
        let tokens: Vec<Option<Token>> = patterns
            .iter()
            .flat_map(|pattern| pattern.tokens().iter().copied().map(Some).chain([None]))
            .collect();
        let words = tokens.len().div_ceil(64).max(1);
        let select = |keep: &dyn Fn(Token) -> bool| {
            let mut set = vec![0; words].into_boxed_slice();
            for (position, token) in tokens.iter().enumerate() {
                if token.is_some_and(keep) {
                    put(&mut set, position);
                }
            }
            set
        };
        let mut start = vec![0; words].into_boxed_slice();
        let mut ends = Vec::with_capacity(patterns.len());
        let mut base = 0;
        for pattern in patterns {
            put(&mut start, base);
            base += pattern.tokens().len() + 1;
            ends.push(base - 1);
        }
        let mut accepting = vec![0; words].into_boxed_slice();
        ends.iter().for_each(|end| put(&mut accepting, *end));
        let repeats = select(&Token::repeats);
        let moves = |c: &char| Moves {
            steps: select(&|token| token.reads(*c) && !token.repeats()),
            stays: select(&|token| token.reads(*c) && token.repeats()),
        };
        let symbols = symbols.iter().map(moves).collect();
        let mut automaton = Self { words, start, repeats, ends, accepting, symbols };
        let mut start = automaton.start.clone();
        automaton.close(&mut start);
        automaton.start = start;
        automaton
    }

    /// The positions before anything was read.
    pub(super) fn start(&self) -> &[u64] {
        &self.start
    }

    /// The words of a set of positions: what a step costs, in word operations.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// The positions after reading a symbol.
    pub(super) fn step(&self, from: &[u64], symbol: usize, next: &mut [u64]) {
        next.fill(0);
        let Some(moves) = self.symbols.get(symbol) else { return };
        let mut carry = 0;
        for (((slot, here), steps), stays) in
            next.iter_mut().zip(from).zip(&moves.steps).zip(&moves.stays)
        {
            let moved = here & steps;
            *slot = (moved << 1) | carry | (here & stays);
            carry = moved >> 63;
        }
        self.close(next);
    }

    /// The patterns that accept here, ascending.
    pub(super) fn accepted<'a>(&'a self, at: &'a [u64]) -> impl Iterator<Item = usize> + 'a {
        let ends = at.iter().zip(&self.accepting).enumerate().flat_map(|(index, (word, mask))| {
            let mut rest = word & mask;
            std::iter::from_fn(move || {
                let bit = usize::try_from(rest.trailing_zeros()).ok().filter(|_| rest != 0)?;
                rest &= rest - 1;
                Some(index * 64 + bit)
            })
        });
        ends.filter_map(|end| self.ends.binary_search(&end).ok())
    }

    /// Whether one of these patterns can still accept.
    pub(super) fn is_live(&self, at: &[u64], patterns: Range<usize>) -> bool {
        let base = |pattern: usize| match pattern.checked_sub(1) {
            Some(before) => self.ends.get(before).map_or(0, |end| end + 1),
            None => 0,
        };
        let (from, to) = (base(patterns.start), base(patterns.end));
        let mut words = at.iter().enumerate().take(to.div_ceil(64)).skip(from / 64);
        words.any(|(index, word)| {
            let below = if index == from / 64 { from % 64 } else { 0 };
            let above = if index == to / 64 { 64 - to % 64 } else { 0 };
            (word >> below << below) << above != 0
        })
    }

    /// Follows the tokens that may be skipped, until nothing is added.
    fn close(&self, positions: &mut [u64]) {
        loop {
            let mut carry = 0;
            let mut changed = false;
            for (slot, repeats) in positions.iter_mut().zip(&self.repeats) {
                let skipped = *slot & repeats;
                let next = *slot | (skipped << 1) | carry;
                carry = skipped >> 63;
                changed |= next != *slot;
                *slot = next;
            }
            if !changed {
                return;
            }
        }
    }
}

fn put(set: &mut [u64], position: usize) {
    set.get_mut(position / 64).into_iter().for_each(|word| *word |= 1 << (position % 64));
}
