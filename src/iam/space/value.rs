//! What a request can say about a condition key, and what is known beforehand about it.

use super::super::atoms::{AddressRange, Pattern};
use super::super::condition::{Keys, Present};
use super::super::pattern::{Resolved, Variables};

/// What a request says about a condition key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// The request does not have the key.
    Absent,
    /// One value.
    One(String),
    /// A list of values, at least one.
    Many(Vec<Box<str>>),
    /// Some value that was not looked at, because there are too many to look at all.
    Unlisted,
}

impl Value {
    /// The value as the evaluator sees it.
    pub fn present(&self) -> Present<'_> {
        match self {
            Self::Absent => Present::Absent,
            Self::One(value) => Present::One(value),
            Self::Many(values) => Present::Many(values),
            Self::Unlisted => Present::Unknown,
        }
    }
}

/// What is known about a key before any policy is looked at: who calls and from where decides for
/// many keys whether they are present and with which values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fact {
    /// Whether the key may be absent.
    pub absent: bool,
    /// The values that it may have when it is present.
    pub values: Allowed,
}

/// A set of values of a key; each member of a list must be in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Allowed {
    /// No value: the key is never present.
    Nothing,
    /// Every value.
    Anything,
    /// Strings that match some pattern of `within`, if there are any, and none of `except`.
    Strings {
        /// Patterns of which one must match; no patterns allow every string.
        within: Vec<Pattern>,
        /// Patterns of which none may match.
        except: Vec<Pattern>,
    },
    /// Addresses in one of these ranges.
    Addresses(Vec<AddressRange>),
}

impl Fact {
    /// Nothing is known.
    pub fn free() -> Self {
        Self { absent: true, values: Allowed::Anything }
    }

    /// The key is never present.
    pub fn absent() -> Self {
        Self { absent: true, values: Allowed::Nothing }
    }

    /// The key is always present, with any value.
    pub fn present() -> Self {
        Self { absent: false, values: Allowed::Anything }
    }

    /// The key always has one of these values.
    pub fn exactly<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Self {
        Self::within(values.into_iter().map(|value| literal(value.as_ref())))
    }

    /// The key is always present with a value that matches one of these patterns; without patterns
    /// nothing can come about.
    pub fn within(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        let within: Vec<Pattern> = patterns.into_iter().collect();
        let values = if within.is_empty() {
            Allowed::Nothing
        } else {
            Allowed::Strings { within, except: Vec::new() }
        };
        Self { absent: false, values }
    }

    /// The same, but the key may also be absent.
    pub fn or_absent(mut self) -> Self {
        self.absent = true;
        self
    }

    /// The same, without values that match one of these patterns.
    pub fn except(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        match &mut self.values {
            Allowed::Strings { except, .. } => except.extend(patterns),
            Allowed::Anything => {
                let except = patterns.into_iter().collect();
                self.values = Allowed::Strings { within: Vec::new(), except };
            }
            Allowed::Nothing | Allowed::Addresses(_) => {}
        }
        self
    }

    /// Whether a request may say this about the key.
    pub fn allows(&self, value: &Value) -> bool {
        match value {
            Value::Absent => self.absent,
            Value::One(value) => self.values.contains(value),
            Value::Many(values) => values.iter().all(|value| self.values.contains(value)),
            Value::Unlisted => true,
        }
    }

    /// The only value that the key can have, if it is always present.
    pub fn only_value(&self) -> Option<String> {
        match &self.values {
            Allowed::Strings { within, except } if !self.absent && except.is_empty() => {
                match within.as_slice() {
                    [only] => only.as_literal(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether the key can never be present.
    pub fn is_absent(&self) -> bool {
        self.absent && self.values == Allowed::Nothing
    }
}

impl Allowed {
    /// Whether the set has this value.
    pub fn contains(&self, value: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Strings { within, except } => {
                (within.is_empty() || within.iter().any(|pattern| pattern.matches(value)))
                    && !except.iter().any(|pattern| pattern.matches(value))
            }
            Self::Addresses(ranges) => AddressRange::parse(value)
                .is_some_and(|address| ranges.iter().any(|range| range.covers(&address))),
        }
    }

    /// The patterns whose matching decides membership.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let (within, except): (&[Pattern], &[Pattern]) = match self {
            Self::Strings { within, except } => (within, except),
            Self::Nothing | Self::Anything | Self::Addresses(_) => (&[], &[]),
        };
        within.iter().chain(except)
    }

    /// The ranges whose membership decides.
    pub fn ranges(&self) -> &[AddressRange] {
        match self {
            Self::Addresses(ranges) => ranges,
            Self::Nothing | Self::Anything | Self::Strings { .. } => &[],
        }
    }
}

/// The pattern that only this text matches.
pub fn literal(text: &str) -> Pattern {
    Pattern::literal(text, super::super::atoms::Case::Sensitive)
}

/// The pattern of this glob.
pub fn glob(text: &str) -> Pattern {
    Pattern::glob(text, super::super::atoms::Case::Sensitive)
}

/// The pattern of this ARN, whose wildcards stay within their segments.
pub fn arn(text: &str) -> Pattern {
    Pattern::arn(text).unwrap_or_else(|| glob(text))
}

/// What policy variables stand for in a group of scenarios: a value, absence, or nothing certain.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Substitution {
    known: Vec<(Box<str>, Option<Box<str>>)>,
}

impl Substitution {
    /// Fixes a key (in lower case) to a value, or to being absent.
    pub fn set(&mut self, key: &str, value: Option<&str>) {
        let entry = (Box::from(key), value.map(Box::from));
        match self.known.binary_search_by(|(own, _)| (**own).cmp(key)) {
            Ok(at) => {
                if let Some(slot) = self.known.get_mut(at) {
                    *slot = entry;
                }
            }
            Err(at) => self.known.insert(at, entry),
        }
    }

    /// The keys that are fixed, with their values.
    pub fn fixed(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.known.iter().map(|(key, value)| (&**key, value.as_deref()))
    }
}

impl Variables for Substitution {
    fn resolve(&self, key: &str) -> Resolved<'_> {
        match self.known.binary_search_by(|(own, _)| (**own).cmp(key)) {
            Ok(at) => match self.known.get(at) {
                Some((_, Some(value))) => Resolved::Value(value),
                _ => Resolved::Absent,
            },
            Err(_) => Resolved::Unknown,
        }
    }
}

/// A request of which one key is known, and what variables stand for.
pub(super) struct OneKey<'a> {
    pub(super) key: &'a str,
    pub(super) value: Present<'a>,
    pub(super) variables: &'a Substitution,
}

impl Keys for OneKey<'_> {
    fn key(&self, key: &str) -> Present<'_> {
        if key == self.key {
            return self.value;
        }
        match self.variables.resolve(key) {
            Resolved::Value(value) => Present::One(value),
            Resolved::Absent => Present::Absent,
            Resolved::Unknown => Present::Unknown,
        }
    }
}
