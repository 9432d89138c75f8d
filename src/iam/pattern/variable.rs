//! Policy variables: `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`.

use std::fmt;

/// A policy variable in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variable {
    /// The condition key, in lower case.
    pub key: Box<str>,
    /// The text that stands for an absent key.
    pub default: Option<Box<str>>,
}

/// The value of a key that a variable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// A single value.
    Value(&'a str),
    /// The request does not have the key (or has several values, which no variable can stand for).
    Absent,
    /// It is not known whether the request has the key, or with which value.
    Unknown,
}

/// Whoever knows the values of condition keys.
pub trait Variables {
    /// The value of a key that is given in lower case.
    fn resolve(&self, key: &str) -> Resolved<'_>;
}

/// No key is present.
#[derive(Clone, Copy, Debug)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn resolve(&self, _key: &str) -> Resolved<'_> {
        Resolved::Absent
    }
}

/// A `${` which is not the beginning of a variable that IAM documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableError {
    /// Byte offset of the `${` in the pattern.
    pub offset: usize,
}

impl fmt::Display for VariableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`${{` at offset {} does not begin a policy variable", self.offset)
    }
}

impl std::error::Error for VariableError {}

/// What `${…}` stands for.
pub(super) enum Reference {
    /// `${*}`, `${?}` or `${$}`: this character, literally.
    Character(char),
    /// A variable.
    Variable(Variable),
}

/// Reads `${…}` at the beginning of a text: what it stands for and how many bytes it takes.
pub(super) fn read(text: &str) -> Option<(Reference, usize)> {
    let body = text.strip_prefix("${")?;
    let (inner, _) = body.split_once('}')?;
    let length = inner.len() + 3;
    let mut characters = inner.chars();
    if let (Some(c @ ('*' | '?' | '$')), None) = (characters.next(), characters.next()) {
        return Some((Reference::Character(c), length));
    }
    let (key, default) = match inner.split_once(',') {
        Some((key, rest)) => {
            let quoted = rest.trim_start_matches(' ').strip_prefix('\'')?.strip_suffix('\'')?;
            (key, Some(quoted))
        }
        None => (inner, None),
    };
    let well_formed = !key.is_empty()
        && key.trim() == key
        && !key.contains(['{', '$', '\'', '*', '?'])
        && default.is_none_or(|d| !d.contains(['\'', '{']));
    well_formed.then(|| {
        let variable =
            Variable { key: key.to_ascii_lowercase().into(), default: default.map(Box::from) };
        (Reference::Variable(variable), length)
    })
}
