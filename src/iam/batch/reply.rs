//! What all batches share: a line is an object with an `id`, and so is its answer.

use std::fmt;

use serde_json::{Map, Value as Json};

use super::super::document::MAX_DEPTH;
use super::super::json::{self, Node, Value};

/// How long a line may be, in bytes.
pub const MAX_LINE: usize = 16 << 20;

/// The answer to a line. Displayed, it is a line of JSON without its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    id: Json,
    line: Option<u64>,
    answer: Result<Map<String, Json>, String>,
}

impl Reply {
    /// Reads a line and answers it; `answer` says what is wrong with a line that is no case.
    pub(in crate::iam) fn to(
        line: &str,
        answer: impl FnOnce(&Node) -> Result<Map<String, Json>, String>,
    ) -> Self {
        match read(line) {
            Ok(node) => {
                let answer = whole(&node).and_then(|()| answer(&node));
                Self { id: identifier(&node), line: None, answer }
            }
            Err(error) => Self::failed(error),
        }
    }

    /// The answer to a line that cannot even be read.
    #[must_use]
    pub fn failed(error: String) -> Self {
        Self { id: Json::Null, line: None, answer: Err(error) }
    }

    /// What is wrong with the line, if it is no case.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.answer.as_ref().err().map(String::as_str)
    }

    /// Adds the number of the line, from 1, which an answer that is an error shows.
    #[must_use]
    pub fn at_line(mut self, number: u64) -> Self {
        self.line = Some(number);
        self
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Map::new();
        out.insert("id".into(), self.id.clone());
        match (&self.answer, self.line) {
            (Ok(fields), _) => out.extend(fields.clone()),
            (Err(error), line) => {
                out.extend(line.map(|number| ("line".to_owned(), number.into())));
                out.insert("error".into(), error.as_str().into());
            }
        }
        write!(f, "{}", Json::Object(out))
    }
}

fn read(line: &str) -> Result<Node, String> {
    if line.len() > MAX_LINE {
        return Err(format!("longer than {MAX_LINE} bytes"));
    }
    json::read(line, MAX_DEPTH + 4).map_err(|error| format!("not JSON: {error}"))
}

/// The `id` of a line, as it was given.
fn identifier(node: &Node) -> Json {
    match node.get("id").map(|id| &id.value) {
        Some(Value::String(text)) => Json::String(text.clone()),
        Some(Value::Number(text)) => serde_json::from_str(text).unwrap_or(Json::Null),
        _ => Json::Null,
    }
}

/// Refuses a line that is no object, or of which a part would be overlooked.
fn whole(node: &Node) -> Result<(), String> {
    let Value::Object(entries) = &node.value else {
        return Err("the case is not an object".to_owned());
    };
    for (index, (key, _)) in entries.iter().enumerate() {
        if entries.iter().take(index).any(|(earlier, _)| earlier == key) {
            let shown: String = key.chars().take(100).collect();
            return Err(format!("the case has `{shown}` more than once"));
        }
    }
    Ok(())
}
