//! Sets of strings: what a literal, a glob or a small regular expression of a filter pattern accepts.
//!
//! The regular expressions of CloudWatch Logs have no groups, so every set is a union of flat
//! sequences, and one nondeterministic automaton without nested loops runs any number of them side
//! by side. Nothing here knows what the strings are compared with.

/// A set of characters as sorted, disjoint, inclusive ranges of code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CharSet {
    ranges: Vec<(u32, u32)>,
}

const LAST: u32 = char::MAX as u32;

impl CharSet {
    /// Every character.
    pub(super) fn any() -> Self {
        Self { ranges: vec![(0, LAST)] }
    }

    /// Exactly one character.
    pub(super) fn one(character: char) -> Self {
        Self { ranges: vec![(character.into(), character.into())] }
    }

    /// The union of inclusive ranges, in any order and overlapping or not.
    pub(super) fn of(ranges: impl IntoIterator<Item = (char, char)>) -> Self {
        Self::merged(ranges.into_iter().map(|(low, high)| (low.into(), high.into())).collect())
    }

    fn merged(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Self { ranges: merged }
    }

    /// Every character that is not in this set.
    pub(super) fn complement(&self) -> Self {
        let mut ranges = Vec::new();
        let mut next = 0;
        for (low, high) in &self.ranges {
            if next < *low {
                ranges.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            ranges.push((next, LAST));
        }
        Self { ranges }
    }

    /// The characters of both sets.
    pub(super) fn union(mut self, other: &Self) -> Self {
        self.ranges.extend(&other.ranges);
        Self::merged(self.ranges)
    }

    fn contains(&self, character: char) -> bool {
        let code = u32::from(character);
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&code))
    }

    /// Code points at which membership may change, going up.
    pub(super) fn borders(&self) -> impl Iterator<Item = u32> {
        self.ranges.iter().flat_map(|(low, high)| [*low, high.saturating_add(1)])
    }
}

/// How often the characters of an [`Item`] follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Exactly once.
    Once,
    /// Once or not at all.
    Optional,
    /// Any number of times, also none.
    Any,
}

/// One step of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) set: CharSet,
    pub(super) repeat: Repeat,
}

impl Item {
    /// Any string of any length.
    pub(super) fn anything() -> Self {
        Self { set: CharSet::any(), repeat: Repeat::Any }
    }

    /// Exactly this character.
    pub(super) fn character(character: char) -> Self {
        Self { set: CharSet::one(character), repeat: Repeat::Once }
    }
}

/// A set of strings: the union of its sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Language {
    pub(super) sequences: Vec<Vec<Item>>,
}

impl Language {
    /// Exactly this string.
    pub(super) fn literal(text: &str) -> Self {
        Self { sequences: vec![text.chars().map(Item::character).collect()] }
    }

    /// The strings that a glob accepts: `*` stands for any text, everything else for itself.
    pub(super) fn glob(text: &str) -> Self {
        let item = |character| match character {
            '*' => Item::anything(),
            other => Item::character(other),
        };
        Self { sequences: vec![text.chars().map(item).collect()] }
    }

    /// Strings made of these characters only.
    pub(super) fn made_of(set: CharSet) -> Self {
        Self { sequences: vec![vec![Item { set, repeat: Repeat::Any }]] }
    }

    /// This ASCII word in any mixture of capitals.
    pub(super) fn any_case(word: &str) -> Self {
        let item = |character: char| {
            let (low, high) = (character.to_ascii_lowercase(), character.to_ascii_uppercase());
            Item { set: CharSet::of([(low, low), (high, high)]), repeat: Repeat::Once }
        };
        Self { sequences: vec![word.chars().map(item).collect()] }
    }

    /// Whether the whole of `text` is in the set.
    pub(super) fn accepts(&self, text: &str) -> bool {
        let automaton = Automaton::new(&[self]);
        automaton.accepted(&automaton.read(text)).first().copied().unwrap_or(false)
    }
}

/// A set of automaton positions, one bit each.
pub(super) type States = Vec<u64>;

/// Several languages run side by side over the same text, a word of positions at a time.
#[derive(Debug)]
pub(super) struct Automaton<'a> {
    /// Per position the item that leads on, or the language that accepts here.
    positions: Vec<Position<'a>>,
    starts: States,
    /// Positions that lead to themselves.
    loops: States,
    /// Positions that the next one can be reached from without a character.
    skips: States,
    languages: usize,
}

#[derive(Debug)]
enum Position<'a> {
    Item(&'a Item),
    Accept(usize),
}

impl Position<'_> {
    fn item(&self) -> Option<&Item> {
        match self {
            Self::Item(item) => Some(item),
            Self::Accept(_) => None,
        }
    }

    /// Whether a character leads on from here.
    fn reads(&self, character: char) -> bool {
        self.item().is_some_and(|item| item.set.contains(character))
    }
}

impl<'a> Automaton<'a> {
    /// Lays out the positions of all sequences of all languages, in order.
    pub(super) fn new(languages: &[&'a Language]) -> Self {
        let mut positions = Vec::new();
        let mut starts = Vec::new();
        for (index, language) in languages.iter().enumerate() {
            for sequence in &language.sequences {
                starts.push(positions.len());
                positions.extend(sequence.iter().map(Position::Item));
                positions.push(Position::Accept(index));
            }
        }
        let repeated = |wanted: fn(Repeat) -> bool| {
            set_of(&positions, |position| position.item().is_some_and(|item| wanted(item.repeat)))
        };
        let loops = repeated(|repeat| repeat == Repeat::Any);
        let skips = repeated(|repeat| repeat != Repeat::Once);
        let mut start = vec![0; positions.len().div_ceil(64)];
        for index in starts {
            insert(&mut start, index);
        }
        let starts = closed(start, &skips);
        Self { positions, starts, loops, skips, languages: languages.len() }
    }

    /// How many positions there are: the cost of one step.
    pub(super) fn size(&self) -> usize {
        self.positions.len()
    }

    /// The positions before the first character.
    pub(super) fn start(&self) -> States {
        self.starts.clone()
    }

    /// The positions that a character leads on from.
    pub(super) fn readers(&self, character: char) -> States {
        set_of(&self.positions, |position| position.reads(character))
    }

    /// Those of some positions that a character leads on from.
    fn readers_among(&self, states: &States, character: char) -> States {
        let words = states.iter().zip(self.positions.chunks(64)).map(|(states, chunk)| {
            let mut left = *states;
            let mut word = 0;
            while left != 0 {
                let index = left.trailing_zeros();
                left &= left - 1;
                if chunk.get(index as usize).is_some_and(|position| position.reads(character)) {
                    word |= 1 << index;
                }
            }
            word
        });
        words.collect()
    }

    /// The positions after one more character, given those that it leads on from.
    pub(super) fn step(&self, states: &States, readers: &States) -> States {
        let mut carry = 0;
        let words = states.iter().zip(readers).zip(&self.loops);
        let next = words.map(|((states, readers), loops)| {
            let led = states & readers;
            let on = led & !loops;
            let word = (led & loops) | (on << 1) | carry;
            carry = on >> 63;
            word
        });
        closed(next.collect(), &self.skips)
    }

    /// The positions after a whole text.
    pub(super) fn read(&self, text: &str) -> States {
        text.chars().fold(self.start(), |states, character| {
            let readers = self.readers_among(&states, character);
            self.step(&states, &readers)
        })
    }

    /// Per language, whether it accepts the text read so far.
    pub(super) fn accepted(&self, states: &States) -> Vec<bool> {
        let mut accepted = vec![false; self.languages];
        for (index, position) in self.positions.iter().enumerate() {
            if let Position::Accept(language) = position
                && contains(states, index)
                && let Some(slot) = accepted.get_mut(*language)
            {
                *slot = true;
            }
        }
        accepted
    }
}

/// Adds the positions reached by skipping items that may be left out.
fn closed(mut states: States, skips: &States) -> States {
    let mut carry = 0;
    for (word, skips) in states.iter_mut().zip(skips) {
        *word |= carry;
        while let more = (*word & skips) << 1
            && more & !*word != 0
        {
            *word |= more;
        }
        carry = (*word & skips) >> 63;
    }
    states
}

fn set_of<'a>(positions: &[Position<'a>], wanted: impl Fn(&Position<'a>) -> bool) -> States {
    let words = positions.chunks(64).map(|chunk| {
        let bits = chunk.iter().enumerate().filter(|(_, position)| wanted(position));
        bits.fold(0, |word, (index, _)| word | 1 << index)
    });
    words.collect()
}

fn insert(states: &mut States, index: usize) {
    if let Some(word) = states.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
}

fn contains(states: &States, index: usize) -> bool {
    states.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_any_text_at_each_star() {
        let glob = Language::glob("*Unauthorized*");
        assert!(glob.accepts("Client.UnauthorizedOperation"));
        assert!(glob.accepts("Unauthorized"));
        assert!(!glob.accepts("unauthorized"));
        assert!(Language::glob("").accepts(""));
        assert!(!Language::glob("").accepts("a"));
    }

    #[test]
    fn a_complement_holds_what_the_set_does_not() {
        let letters = CharSet::of([('a', 'f'), ('c', 'z')]);
        let others = letters.complement();
        for character in ['a', 'f', 'z', 'A', '{', '\0', char::MAX] {
            assert_ne!(letters.contains(character), others.contains(character));
        }
        assert_eq!(CharSet::any().complement().ranges, []);
    }
}
