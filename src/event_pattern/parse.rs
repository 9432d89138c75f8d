//! From the text of a pattern to its meaning.

use serde_json::{Map, Value};
use thiserror::Error;

use super::domain::Leaf;
use super::operator::{Bound, Case, Glyph, Operator, Shape};
use super::{Part, Pattern};

/// A longer pattern is refused; EventBridge allows 4,096 bytes unless asked for more.
pub const MAX_LENGTH: usize = 64 * 1024;

/// A deeper pattern is refused.
pub const MAX_DEPTH: usize = 32;

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// It is too long.
    #[error("it is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// It is nested too deep.
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It is no JSON object.
    #[error("it is no JSON object")]
    NoObject,
    /// A field is asked for by something else than a list or an object.
    #[error("`{0}` is no list of values")]
    NoList(String),
}

/// Parses an event pattern. Operators that are not known are kept as such.
///
/// # Errors
/// A text beyond the bounds, or one that is no pattern.
pub fn parse(text: &str) -> Result<Pattern, PatternError> {
    if text.len() > MAX_LENGTH {
        return Err(PatternError::TooLong);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(Pattern { parts: fields(&map, &[], 0)? }),
        _ => Err(PatternError::NoObject),
    }
}

fn fields(
    map: &Map<String, Value>,
    path: &[String],
    depth: usize,
) -> Result<Vec<Part>, PatternError> {
    if depth > MAX_DEPTH {
        return Err(PatternError::TooDeep);
    }
    let mut parts = Vec::new();
    for (name, value) in map {
        let here = [path, std::slice::from_ref(name)].concat();
        match value {
            Value::Array(items) if name == "$or" => {
                let one = |item: &Value| match item {
                    Value::Object(map) => Ok(Pattern { parts: fields(map, path, depth + 1)? }),
                    _ => Err(PatternError::NoList(here.join("."))),
                };
                parts.push(Part::Either(items.iter().map(one).collect::<Result<_, _>>()?));
            }
            Value::Array(items) => {
                parts.push(Part::Field(here, items.iter().map(operator).collect()));
            }
            Value::Object(inner) => parts.extend(fields(inner, &here, depth + 1)?),
            _ => return Err(PatternError::NoList(here.join("."))),
        }
    }
    Ok(parts)
}

fn operator(value: &Value) -> Operator {
    match value {
        Value::String(text) => Operator::Equals(Leaf::Text(text.clone())),
        Value::Bool(flag) => Operator::Equals(Leaf::Bool(*flag)),
        Value::Number(number) => {
            number.as_f64().map_or_else(|| other("number"), |it| Operator::Equals(Leaf::Number(it)))
        }
        Value::Null => Operator::Null,
        Value::Array(_) => other("["),
        Value::Object(map) => match map.iter().next() {
            Some((name, value)) if map.len() == 1 => named(name, value),
            _ => other("{"),
        },
    }
}

fn other(name: &str) -> Operator {
    Operator::Other(name.to_owned())
}

fn named(name: &str, value: &Value) -> Operator {
    let known = match (name, value) {
        ("exists", Value::Bool(there)) => Some(Operator::Exists(*there)),
        ("numeric", Value::Array(items)) => numeric(items),
        ("anything-but", Value::Array(items)) => {
            Some(Operator::AnythingBut(items.iter().map(operator).collect()))
        }
        ("anything-but", Value::Object(map)) => match map.iter().next() {
            // Also a list of prefixes, suffixes and the like.
            Some((name, Value::Array(items))) if map.len() == 1 => {
                Some(Operator::AnythingBut(items.iter().map(|item| named(name, item)).collect()))
            }
            _ => Some(Operator::AnythingBut(vec![operator(value)])),
        },
        ("anything-but", value) => Some(Operator::AnythingBut(vec![operator(value)])),
        (_, Value::String(text)) => shape(name, text).map(|it| Operator::Text(it, Case::Matters)),
        ("equals-ignore-case", _) => None,
        (_, Value::Object(map)) => match map.get("equals-ignore-case") {
            Some(Value::String(text)) if map.len() == 1 => {
                shape(name, text).map(|it| Operator::Text(it, Case::Ignored))
            }
            _ => None,
        },
        _ => None,
    };
    match (name, known) {
        ("equals-ignore-case", Some(Operator::Text(shape, _))) => {
            Operator::Text(shape, Case::Ignored)
        }
        (_, Some(known)) => known,
        (name, None) => other(name),
    }
}

fn shape(name: &str, text: &str) -> Option<Shape> {
    match name {
        "equals-ignore-case" => Some(Shape::Whole(text.to_owned())),
        "prefix" => Some(Shape::Prefix(text.to_owned())),
        "suffix" => Some(Shape::Suffix(text.to_owned())),
        "wildcard" => Some(Shape::Wildcard(glyphs(text))),
        _ => None,
    }
}

fn glyphs(text: &str) -> Vec<Glyph> {
    let mut found = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        found.push(match letter {
            '*' => Glyph::Any,
            '\\' => Glyph::One(letters.next().unwrap_or('\\')),
            other => Glyph::One(other),
        });
    }
    found
}

/// `[">=", 4, "<", 7]`; `None` where it is something else.
fn numeric(items: &[Value]) -> Option<Operator> {
    let bound = |pair: &[Value]| {
        let [name, at] = pair else { return None };
        let bound = match name.as_str()? {
            "<" => Bound::Less,
            "<=" => Bound::AtMost,
            "=" => Bound::Equal,
            ">=" => Bound::AtLeast,
            ">" => Bound::More,
            _ => return None,
        };
        Some((bound, at.as_f64()?))
    };
    (!items.is_empty()).then_some(())?;
    items.chunks(2).map(bound).collect::<Option<Vec<_>>>().map(Operator::Numeric)
}
