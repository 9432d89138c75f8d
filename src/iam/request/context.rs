//! The condition keys of a request: a small sorted list, so that a look-up neither hashes nor allocates.

use super::super::condition::{Keys, Present};

/// The value of a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// A single value.
    One(Box<str>),
    /// A list of values, perhaps of one or none.
    Many(Box<[Box<str>]>),
    /// Whether the request has the key, and with which value, is not known.
    Unknown,
}

/// What is assumed of the keys that a context does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unlisted {
    /// The request does not have them.
    #[default]
    Absent,
    /// It is not known whether it has them.
    Unknown,
}

/// The condition keys of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// By key in lower case, sorted.
    entries: Vec<(Box<str>, ContextValue)>,
    unlisted: Unlisted,
}

impl Context {
    /// No key; `unlisted` says what that means.
    #[must_use]
    pub fn new(unlisted: Unlisted) -> Self {
        Self { entries: Vec::new(), unlisted }
    }

    /// Sets a key, whatever its letters' case; an earlier value is replaced and returned.
    pub fn insert(&mut self, key: &str, value: ContextValue) -> Option<ContextValue> {
        let key = key.to_ascii_lowercase();
        match self.find(&key) {
            Ok(at) => self.entries.get_mut(at).map(|slot| std::mem::replace(&mut slot.1, value)),
            Err(at) => {
                self.entries.insert(at, (key.into(), value));
                None
            }
        }
    }

    /// The value of a key that is given in lower case; `None` if it is not listed.
    #[must_use]
    #[inline]
    pub fn value(&self, key: &str) -> Option<&ContextValue> {
        self.find(key).ok().and_then(|at| self.entries.get(at)).map(|(_, value)| value)
    }

    /// The listed keys in lower case, sorted, with their values.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }

    #[inline]
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(k, _)| (**k).cmp(key))
    }
}

impl Keys for Context {
    #[inline]
    fn key(&self, key: &str) -> Present<'_> {
        match self.value(key) {
            Some(ContextValue::One(value)) => Present::One(value),
            Some(ContextValue::Many(values)) => Present::Many(values),
            Some(ContextValue::Unknown) => Present::Unknown,
            None => match self.unlisted {
                Unlisted::Absent => Present::Absent,
                Unlisted::Unknown => Present::Unknown,
            },
        }
    }
}
