//! The characters that matter to a set of patterns, and the strings that a key can hold at all.

use std::collections::BTreeSet;

use super::pattern::{Pattern, Token, upper};

/// The strings that count as values: those that match one of `within` and consist of the allowed
/// characters. Values outside the domain cannot occur in a request, so they make no atoms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    within: Option<Vec<Pattern>>,
    also: Option<Pattern>,
    characters: Option<BTreeSet<char>>,
}

impl Domain {
    /// Every string, also the empty one.
    pub fn any() -> Self {
        Self { within: None, also: None, characters: None }
    }

    /// The strings that match at least one of these patterns; no pattern means no string.
    pub fn of(within: Vec<Pattern>) -> Self {
        Self { within: Some(within), also: None, characters: None }
    }

    /// Every string but the empty one.
    pub fn text() -> Self {
        Self::of(vec![Pattern::new([Token::One, Token::Run])])
    }

    /// The same domain, restricted to strings over these characters.
    pub fn over(mut self, characters: impl IntoIterator<Item = char>) -> Self {
        self.characters = Some(characters.into_iter().collect());
        self
    }

    /// Those of its strings that match this pattern, too; it takes the place of one given before.
    pub fn meeting(mut self, pattern: Pattern) -> Self {
        self.also = Some(pattern);
        self
    }

    /// Whether a string is one of them.
    pub fn contains(&self, text: &str) -> bool {
        let within = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(text));
        text.chars().all(|c| self.allows(c))
            && self.also.as_ref().is_none_or(|pattern| pattern.matches(text))
            && self.within.as_deref().is_none_or(within)
    }

    pub(super) fn within(&self) -> &[Pattern] {
        self.within.as_deref().unwrap_or_default()
    }

    /// The pattern that values must match beside one of `within`.
    pub(super) fn also(&self) -> Option<&Pattern> {
        self.also.as_ref()
    }

    /// Whether values are limited to those that match a pattern of `within`.
    pub(super) fn is_limited(&self) -> bool {
        self.within.is_some()
    }

    /// Whether values may have any character.
    pub(super) fn is_free(&self) -> bool {
        self.characters.is_none()
    }

    pub(super) fn allows(&self, c: char) -> bool {
        self.characters.as_ref().is_none_or(|allowed| allowed.contains(&c))
    }
}

/// The alphabet of a product: each character that some wildcard pattern names, and the rest.
#[derive(Debug)]
pub(super) struct Alphabet {
    /// Characters that the automaton tells apart, in ascending order.
    pub(super) named: Vec<char>,
    /// Characters that no wildcard pattern names, best first: all alike to the automaton. One of
    /// them at least occurs in no literal either, unless the domain has no such character.
    pub(super) others: Vec<char>,
}

/// Readable stand-ins for "some other character", best first.
const STAND_INS: &str = "x0yzabcdefghijklmnopqrstuvw123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_.@/+=,";

impl Alphabet {
    pub(super) fn new(globs: &[&Pattern], literals: &[String], domain: &Domain) -> Self {
        let mut named = Vec::new();
        for token in globs.iter().flat_map(|pattern| pattern.tokens()) {
            match *token {
                Token::Char(c) => {
                    named.push(c);
                }
                Token::Fold(c) => {
                    named.push(c);
                    named.push(upper(c));
                }
                Token::OneInSegment | Token::RunInSegment => {
                    named.push(':');
                }
                Token::One | Token::Run => {}
            }
        }
        let named: BTreeSet<char> = named.into_iter().collect();
        let others = match &domain.characters {
            Some(allowed) => {
                let readable = STAND_INS.chars().filter(|c| allowed.contains(c));
                let mut rest: Vec<char> = readable.filter(|c| !named.contains(c)).collect();
                rest.extend(
                    allowed.iter().filter(|c| !named.contains(c) && !STAND_INS.contains(**c)),
                );
                rest
            }
            None => Self::free(&named, literals),
        };
        Self { named: named.into_iter().filter(|c| domain.allows(*c)).collect(), others }
    }

    /// Without a limit there is always a character that nothing names: there are more characters
    /// than a document can hold.
    fn free(named: &BTreeSet<char>, literals: &[String]) -> Vec<char> {
        let used: BTreeSet<char> = literals.iter().flat_map(|text| text.chars()).collect();
        let mut others: Vec<char> = STAND_INS
            .chars()
            .chain('\u{4e00}'..='\u{9fff}')
            .chain('\u{10000}'..='\u{10ffff}')
            .find(|c| !named.contains(c) && !used.contains(c))
            .into_iter()
            .collect();
        others.extend(STAND_INS.chars().filter(|c| !named.contains(c) && used.contains(c)));
        others
    }
}
