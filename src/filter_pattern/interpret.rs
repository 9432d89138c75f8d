//! What one test says about one value, and one pattern about one event.
//!
//! AWS documents most of it; the rest is answered "perhaps", and a [`Reading`] settles it. A proof
//! that a pattern catches an event uses the narrow reading, a witness that it misses one the wide
//! reading, so neither depends on what is not documented.

use serde_json::Value;

use super::language::Language;
use super::syntax::{
    JsonPattern, Number, Operand, Order, Segment, Selector, Test, Text, numeric_strings,
};

/// How undocumented cases are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// They do not match.
    Narrow,
    /// As the guide's examples suggest.
    Likely,
    /// They match.
    Wide,
}

/// Whether a test holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    No,
    Yes,
    /// Not documented; the likely answer inside.
    Perhaps(bool),
}

impl Answer {
    fn sure(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            Self::Perhaps(likely) => Self::Perhaps(!likely),
        }
    }

    /// Settles what is not documented.
    pub(super) fn under(self, reading: Reading) -> bool {
        match (self, reading) {
            (Self::Yes, _) | (Self::Perhaps(_), Reading::Wide) => true,
            (Self::No, _) | (Self::Perhaps(_), Reading::Narrow) => false,
            (Self::Perhaps(likely), Reading::Likely) => likely,
        }
    }
}

/// Whether `event` matches under a reading.
pub(super) fn matches(pattern: &JsonPattern, event: &Value, reading: Reading) -> bool {
    let truth = |index: usize| {
        let condition = pattern.conditions.get(index)?;
        Some(holds_at(&condition.selector, &condition.test, event, reading))
    };
    pattern.formula.truth(&truth).unwrap_or(false)
}

/// Whether the test holds for the selected field, or with a wildcard for some selected field.
fn holds_at(selector: &Selector, test: &Test, event: &Value, reading: Reading) -> bool {
    let mut fields: Vec<Option<&Value>> = vec![Some(event)];
    for segment in &selector.segments {
        fields = fields.into_iter().flat_map(|field| below(field, segment)).collect();
    }
    fields.into_iter().any(|field| holds(test, field).under(reading))
}

fn below<'a>(field: Option<&'a Value>, segment: &Segment) -> Vec<Option<&'a Value>> {
    match segment {
        Segment::Name(name) => {
            vec![field.and_then(Value::as_object).and_then(|object| object.get(name))]
        }
        Segment::Index(index) => {
            vec![field.and_then(Value::as_array).and_then(|array| array.get(*index))]
        }
        Segment::AnyName => field
            .and_then(Value::as_object)
            .map(|object| object.values().map(Some).collect())
            .unwrap_or_default(),
        Segment::AnyIndex => field
            .and_then(Value::as_array)
            .map(|array| array.iter().map(Some).collect())
            .unwrap_or_default(),
    }
}

/// Whether `test` holds for a field; `None` is a field that is not there.
pub(super) fn holds(test: &Test, field: Option<&Value>) -> Answer {
    match test {
        Test::Exists => Answer::sure(field.is_some()),
        Test::NotExists => Answer::sure(field.is_none()),
        Test::Null => Answer::sure(field.is_some_and(Value::is_null)),
        Test::True => boolean(field, true),
        Test::False => boolean(field, false),
        Test::Order(order, number) => ordered(field, *order, number),
        Test::Equal(operand) => field.map_or(Answer::No, |value| equal(value, operand)),
        Test::NotEqual(operand) => field.map_or(Answer::No, |value| unequal(value, operand)),
    }
}

fn boolean(field: Option<&Value>, wanted: bool) -> Answer {
    match field {
        Some(Value::Bool(value)) => Answer::sure(*value == wanted),
        // Whether the string "true" passes is not documented.
        Some(Value::String(text)) if text.eq_ignore_ascii_case(&wanted.to_string()) => {
            Answer::Perhaps(false)
        }
        _ => Answer::No,
    }
}

fn ordered(field: Option<&Value>, order: Order, number: &Number) -> Answer {
    match field {
        Some(Value::Number(value)) => match value.as_f64() {
            Some(value) if number.exact() => Answer::sure(match order {
                Order::Less => value < number.value,
                Order::LessOrEqual => value <= number.value,
                Order::Greater => value > number.value,
                Order::GreaterOrEqual => value >= number.value,
            }),
            _ => Answer::Perhaps(false),
        },
        Some(Value::String(text)) if numeric_strings().accepts(text) => Answer::Perhaps(false),
        _ => Answer::No,
    }
}

/// `=`. A field that is an object or an array never matches.
fn equal(value: &Value, operand: &Operand) -> Answer {
    match (value, operand) {
        (Value::Object(_) | Value::Array(_), _) => Answer::No,
        (Value::String(string), Operand::Text(text) | Operand::Regex(text)) => within(string, text),
        (Value::String(string), Operand::Number(number)) => {
            if numeric_strings().accepts(string) {
                Answer::Perhaps(*string == number.text)
            } else {
                Answer::No
            }
        }
        (Value::Number(value), Operand::Number(number)) => match value.as_f64() {
            Some(value) if number.exact() => Answer::sure(value == number.value),
            _ => Answer::Perhaps(value.to_string() == number.text),
        },
        (Value::Number(_), Operand::Text(text)) if text.anything => Answer::Yes,
        (Value::Number(value), Operand::Text(text) | Operand::Regex(text)) => match &text.literal {
            Some(literal) if literal.parse::<f64>().is_err() => Answer::No,
            _ => Answer::Perhaps(text.outer.accepts(&value.to_string())),
        },
        (Value::Null | Value::Bool(_), Operand::Text(text) | Operand::Regex(text)) => {
            if text.outer.accepts(&value.to_string()) { Answer::Perhaps(false) } else { Answer::No }
        }
        (Value::Null | Value::Bool(_), Operand::Number(_)) => Answer::No,
    }
}

/// `!=`. It needs a field that is there and is no object or array; with a type that the operand
/// cannot have, the guide is silent.
fn unequal(value: &Value, operand: &Operand) -> Answer {
    match (value, operand) {
        (Value::Object(_) | Value::Array(_), _) => Answer::No,
        (Value::String(_), Operand::Text(_) | Operand::Regex(_))
        | (Value::Number(_), Operand::Number(_)) => equal(value, operand).not(),
        _ => match equal(value, operand) {
            Answer::No => Answer::Perhaps(true),
            Answer::Yes => Answer::No,
            Answer::Perhaps(likely) => Answer::Perhaps(!likely),
        },
    }
}

fn within(string: &str, text: &Text) -> Answer {
    if !text.outer.accepts(string) {
        Answer::No
    } else if text.inner.accepts(string) {
        Answer::Yes
    } else {
        Answer::Perhaps(true)
    }
}

/// The languages that the answers of [`holds`] for strings depend on: two strings which belong to
/// the same ones get the same answer under the narrow and the wide reading.
pub(super) fn languages(test: &Test) -> Vec<Language> {
    match test {
        Test::Equal(operand) | Test::NotEqual(operand) => match operand {
            Operand::Number(_) => vec![numeric_strings()],
            Operand::Text(text) | Operand::Regex(text) => {
                vec![text.inner.clone(), text.outer.clone()]
            }
        },
        Test::Order(..) => vec![numeric_strings()],
        Test::True => vec![Language::any_case("true")],
        Test::False => vec![Language::any_case("false")],
        Test::Null | Test::Exists | Test::NotExists => Vec::new(),
    }
}

/// The number at which the answers of [`holds`] for numbers change, if there is one.
pub(super) fn turning_point(test: &Test) -> Option<f64> {
    match test {
        Test::Order(_, number)
        | Test::Equal(Operand::Number(number))
        | Test::NotEqual(Operand::Number(number)) => Some(number.value),
        Test::Equal(Operand::Text(_) | Operand::Regex(_))
        | Test::NotEqual(Operand::Text(_) | Operand::Regex(_))
        | Test::Null
        | Test::True
        | Test::False
        | Test::Exists
        | Test::NotExists => None,
    }
}
