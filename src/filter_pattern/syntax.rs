//! The parsed form of a JSON filter pattern: selectors, tests, and how `&&` and `||` join them.
//!
//! The language has no negation of a compound, so a pattern is monotone in its conditions: turning
//! one from false to true never makes a matching event stop to match. The proofs rely on that.

use std::fmt;

use super::language::{CharSet, Item, Language};

/// A JSON filter pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JsonPattern {
    /// The conditions, in the order in which they are written.
    pub(super) conditions: Vec<Condition>,
    pub(super) formula: Formula,
}

/// How conditions are joined. The numbers are places in [`JsonPattern::conditions`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Formula {
    Condition(usize),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

impl Formula {
    /// Truth where each condition is true, false or not known; `None` where that decides nothing.
    pub(super) fn truth(&self, known: &impl Fn(usize) -> Option<bool>) -> Option<bool> {
        let (parts, absorbing) = match self {
            Self::Condition(index) => return known(*index),
            Self::All(parts) => (parts, false),
            Self::Any(parts) => (parts, true),
        };
        let mut truth = Some(!absorbing);
        for part in parts {
            match part.truth(known) {
                Some(value) if value == absorbing => return Some(absorbing),
                Some(_) => {}
                None => truth = None,
            }
        }
        truth
    }
}

/// One test of one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) selector: Selector,
    pub(super) test: Test,
}

/// The way to a field from the root of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    pub(super) segments: Vec<Segment>,
}

/// One step of a [`Selector`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    /// A member of an object.
    Name(String),
    /// An element of an array, counted from zero.
    Index(usize),
    /// `.*`: some member of an object.
    AnyName,
    /// `[*]`: some element of an array.
    AnyIndex,
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for segment in &self.segments {
            match segment {
                Segment::Name(name) if name.chars().all(super::parse::plain_in_name) => {
                    write!(f, ".{name}")?;
                }
                Segment::Name(name) => write!(f, ".['{name}']")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::AnyName => f.write_str(".*")?,
                Segment::AnyIndex => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

/// What a [`Condition`] asks of its field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Equal(Operand),
    NotEqual(Operand),
    Order(Order, Number),
    Null,
    True,
    False,
    Exists,
    NotExists,
}

/// `<`, `<=`, `>`, `>=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The right side of `=` and `!=`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    /// An unquoted number.
    Number(Number),
    /// A string with or without quotes, with `*` as wildcard.
    Text(Text),
    /// `%…%`.
    Regex(Text),
}

/// A number of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    /// As written, for comparison with strings.
    pub(super) text: String,
}

/// Numbers up to here are exact in JSON readers that use double precision.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// Whether comparison with this number is free of rounding.
    pub(super) fn exact(&self) -> bool {
        self.value.abs() < EXACT
    }
}

/// The strings that an operand stands for, between two readings.
///
/// AWS's guide says that `*` matches any text; an earlier edition said that it does so only at the
/// ends of a term and stands for itself inside. `inner` are the strings that match either way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) inner: Language,
    pub(super) outer: Language,
    /// The string itself, where there is no wildcard.
    pub(super) literal: Option<String>,
    /// Whether it is `*`, which numbers match too.
    pub(super) anything: bool,
}

impl Text {
    /// A string of a pattern, wildcards included.
    pub(super) fn glob(text: &str) -> Self {
        let literal = (!text.contains('*')).then(|| text.to_owned());
        let anything = !text.is_empty() && text.chars().all(|character| character == '*');
        Self { inner: star_at_ends(text), outer: Language::glob(text), literal, anything }
    }
}

/// The language of a glob whose stars inside the text stand for themselves.
fn star_at_ends(text: &str) -> Language {
    let tail = text.trim_start_matches('*');
    let core = tail.trim_end_matches('*');
    let mut items = Vec::new();
    if tail.len() < text.len() {
        items.push(Item::anything());
    }
    items.extend(core.chars().map(Item::character));
    if core.len() < tail.len() {
        items.push(Item::anything());
    }
    Language { sequences: vec![items] }
}

/// Strings that a reader might take for a number.
pub(super) fn numeric_strings() -> Language {
    let signs = ['+', '-', '.', 'e', 'E', ' '].map(|character| (character, character));
    Language::made_of(CharSet::of(signs.into_iter().chain([('0', '9')])))
}
