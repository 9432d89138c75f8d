//! Strict access to the fields of a JSON object: unknown and repeated ones are errors.

use super::super::json::{Node, Value};

/// An object whose fields are all known.
pub(super) struct Fields<'a>(&'a Node);

impl<'a> Fields<'a> {
    /// Checks an object; `what` names it in messages.
    pub(super) fn of(node: &'a Node, what: &str, known: &[&str]) -> Result<Self, String> {
        let Value::Object(entries) = &node.value else {
            return Err(format!("{what} is not an object"));
        };
        for (index, (key, _)) in entries.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                let shown: String = key.chars().take(100).collect();
                return Err(format!("{what} has an unknown field `{shown}`"));
            }
            if entries.iter().take(index).any(|(earlier, _)| earlier == key) {
                return Err(format!("{what} has `{key}` more than once"));
            }
        }
        Ok(Self(node))
    }

    /// A field that is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.0.get(key).filter(|node| node.value != Value::Null)
    }

    /// A string field.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, String> {
        match self.get(key) {
            None => Ok(None),
            Some(node) => match node.as_str() {
                Some(text) if text.len() <= super::MAX_TEXT => Ok(Some(text)),
                _ => Err(format!("`{key}` is not a string of at most {} bytes", super::MAX_TEXT)),
            },
        }
    }
}

/// The text of a string, number or boolean.
pub(super) fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
