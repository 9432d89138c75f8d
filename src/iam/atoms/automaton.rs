//! All wildcard patterns of a key in one bit-parallel position automaton.
//!
//! The positions of all patterns lie one after another in one bit vector, each pattern with one
//! position more than it has tokens: the last is its end. Reading a character moves every pattern
//! at once with a handful of word operations (Baeza-Yates and Gonnet's Shift-And, with loops).
//!
//! Patterns come in groups of which only the union matters. Once a pattern has reached a final run,
//! its group is settled for good and the positions of the others in it are dropped: that is what
//! keeps the number of states small where one list holds many patterns.

use super::pattern::{Pattern, Token};

/// A set of positions, one bit each.
pub(super) type Positions = Box<[u64]>;

/// The automaton; its alphabet is numbered by the caller.
#[derive(Debug)]
pub(super) struct Automaton {
    words: usize,
    start: Positions,
    /// Positions whose token may be skipped.
    repeats: Positions,
    groups: Vec<Group>,
    symbols: Vec<Moves>,
}

/// A group of patterns whose positions lie side by side.
#[derive(Debug)]
struct Group {
    /// The first position, and the one after the last.
    span: (usize, usize),
    /// The end positions of the patterns.
    ends: Vec<usize>,
    /// The positions of final runs.
    settled: Vec<usize>,
}

#[derive(Debug)]
struct Moves {
    /// Positions whose token reads the symbol and is then done.
    steps: Positions,
    /// Positions whose token reads the symbol and stays.
    stays: Positions,
}

impl Automaton {
    /// Builds the automaton of groups of patterns over symbols represented by `symbols`.
    pub(super) fn new(patterns: &[Vec<&Pattern>], symbols: &[char]) -> Self {
        let tokens: Vec<Option<Token>> = patterns
            .iter()
            .flatten()
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
        let mut groups = Vec::with_capacity(patterns.len());
        let mut base = 0;
        for group in patterns {
            let first = base;
            let (mut ends, mut settled) = (Vec::new(), Vec::new());
            for pattern in group {
                put(&mut start, base);
                base += pattern.tokens().len() + 1;
                ends.push(base - 1);
                if pattern.tokens().last() == Some(&Token::Run) {
                    settled.push(base - 2);
                }
            }
            groups.push(Group { span: (first, base), ends, settled });
        }
        let repeats = select(&Token::repeats);
        let moves = |c: &char| Moves {
            steps: select(&|token| token.reads(*c) && !token.repeats()),
            stays: select(&|token| token.reads(*c) && token.repeats()),
        };
        let mut automaton =
            Self { words, start, repeats, groups, symbols: symbols.iter().map(moves).collect() };
        let mut start = automaton.start.clone();
        automaton.close(&mut start);
        automaton.settle(&mut start);
        automaton.start = start;
        automaton
    }

    /// The positions before anything was read.
    pub(super) fn start(&self) -> Positions {
        self.start.clone()
    }

    /// The cost of a step, in word operations.
    pub(super) fn cost(&self) -> usize {
        self.words
    }

    /// The positions after reading a symbol.
    pub(super) fn step(&self, from: &Positions, symbol: usize) -> Positions {
        let mut next = vec![0; self.words].into_boxed_slice();
        let Some(moves) = self.symbols.get(symbol) else { return next };
        let mut carry = 0;
        for (((slot, here), steps), stays) in
            next.iter_mut().zip(from).zip(&moves.steps).zip(&moves.stays)
        {
            let moved = here & steps;
            *slot = (moved << 1) | carry | (here & stays);
            carry = moved >> 63;
        }
        self.close(&mut next);
        self.settle(&mut next);
        next
    }

    /// The groups of which a pattern accepts here, ascending.
    pub(super) fn accepted<'a>(&'a self, at: &'a Positions) -> impl Iterator<Item = usize> + 'a {
        let reached = |group: &Group| group.ends.iter().any(|end| has(at, *end));
        self.groups.iter().enumerate().filter(move |(_, g)| reached(g)).map(|(index, _)| index)
    }

    /// Whether a pattern of this group can still accept.
    pub(super) fn is_live(&self, at: &Positions, group: usize) -> bool {
        let Some(Group { span: (first, last), .. }) = self.groups.get(group) else { return false };
        (*first..*last).any(|position| has(at, position))
    }

    /// Forgets where the patterns of a group are: something else has settled it.
    pub(super) fn forget(&self, positions: &mut Positions, group: usize) {
        if let Some(group) = self.groups.get(group) {
            clear(positions, group.span);
        }
    }

    /// Drops the other positions of groups that a final run has settled.
    fn settle(&self, positions: &mut Positions) {
        for group in &self.groups {
            if let Some(run) = group.settled.iter().find(|run| has(positions, **run)) {
                // The first pattern to settle the group stands for all of them.
                let kept = group.settled.first().unwrap_or(run);
                clear(positions, group.span);
                put(positions, *kept);
                put(positions, kept + 1);
            }
        }
    }

    /// Follows the tokens that may be skipped, until nothing is added.
    fn close(&self, positions: &mut Positions) {
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

fn put(set: &mut Positions, position: usize) {
    set.get_mut(position / 64).into_iter().for_each(|word| *word |= 1 << (position % 64));
}

fn clear(set: &mut Positions, (first, last): (usize, usize)) {
    for (index, word) in set.iter_mut().enumerate() {
        let (low, high) = (index * 64, index * 64 + 64);
        let (from, to) = (first.clamp(low, high) - low, last.clamp(low, high) - low);
        if from < to {
            let ones = if to - from == 64 { u64::MAX } else { ((1 << (to - from)) - 1) << from };
            *word &= !ones;
        }
    }
}

fn has(set: &Positions, position: usize) -> bool {
    set.get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
}
