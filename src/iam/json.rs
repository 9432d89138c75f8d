//! A bounded JSON reader for policy documents: byte spans, duplicate keys, limits on size and depth.
//!
//! General readers keep the last of two equal keys, which would hide half of a policy document, and
//! lose the place of a value. This one keeps every entry in the order of the text. It knows nothing
//! about policies.

mod read;

use std::fmt;

pub use read::read;

/// A part of the source text, as byte offsets: `start` included, `end` excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

/// A JSON value with its place in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// The kinds of JSON values; numbers keep their spelling.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A string without its escapes.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object: every entry in the order of the text, equal keys included.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The first entry of an object with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array, or the value itself as a list of one: IAM's "brackets are optional".
    #[must_use]
    pub fn as_list(&self) -> &[Node] {
        match &self.value {
            Value::Array(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// What kind of value this is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// What is wrong with a text that is not bounded JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset of the place.
    pub offset: usize,
    /// What was expected there, in words.
    pub message: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.offset)
    }
}

impl std::error::Error for SyntaxError {}

/// Appends a key to a JSON pointer (RFC 6901), escaping `~` and `/`.
#[must_use]
pub fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}
