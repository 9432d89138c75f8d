//! Values as JSON: the `given` of checks' cases, snapshots, and evidence.
//!
//! A record is an object of its fields; a field that is left out is pending. `null` is *absent*.
//! `{"$unknown": …}` is unknown, with a reason in words or as an object. A part that is shown as one
//! of its fields may be given as that field alone.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use thiserror::Error;

use super::draft::Draft;
use super::reason::Reason;
use super::store::{Row, Store, Value};
use crate::diagnostic::nearest;
use crate::schema::{Origin, RecordType, Type};

/// The deepest nesting that a document may have.
const MAX_DEPTH: usize = 32;

/// A document that does not fit the schema.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("at `{}`: ", path.join(".")) })]
pub struct JsonError {
    /// The way to the value: field names, and list positions as numbers.
    pub path: Vec<String>,
    /// Whether the *name* at the end of the path is wrong, not its value.
    pub at_key: bool,
    /// What is wrong with it.
    pub message: String,
    /// What may be meant.
    pub help: Option<String>,
}

/// Reads a value of a declared type.
///
/// # Errors
/// All places that do not fit the type, in document order.
pub fn draft_from_json(ty: &Type, optional: bool, json: &Json) -> Result<Draft, Vec<JsonError>> {
    let mut reader = Reader { path: Vec::new(), errors: Vec::new() };
    let draft = reader.value(ty, optional, json);
    if reader.errors.is_empty() { Ok(draft) } else { Err(reader.errors) }
}

struct Reader {
    path: Vec<String>,
    errors: Vec<JsonError>,
}

impl Reader {
    fn fail(&mut self, message: String, help: Option<String>) -> Draft {
        self.errors.push(JsonError { path: self.path.clone(), at_key: false, message, help });
        Draft::Pending
    }

    fn value(&mut self, ty: &Type, optional: bool, json: &Json) -> Draft {
        if self.path.len() > MAX_DEPTH {
            return self.fail(format!("nested deeper than {MAX_DEPTH} levels"), None);
        }
        if let Some(unknown) = json.as_object().and_then(|object| object.get("$unknown")) {
            return self.unknown(unknown);
        }
        match (ty, json) {
            (_, Json::Null) if optional => Draft::Absent,
            (_, Json::Null) => {
                let help = "leave the field out, or write {$unknown: \"why\"}";
                self.fail(format!("{ty} is always there, so it cannot be null"), Some(help.into()))
            }
            (Type::Bool, Json::Bool(value)) => Draft::Bool(*value),
            (Type::Int, Json::Number(number)) if number.is_i64() => {
                Draft::Int(number.as_i64().unwrap_or_default())
            }
            (Type::Text | Type::Enum(_), Json::String(text)) => Draft::Text(text.clone()),
            (Type::Cidr, Json::String(text)) => {
                if super::CidrFacts::parse(text).is_some() {
                    Draft::Text(text.clone())
                } else {
                    self.fail(format!("`{text}` is not an address range"), None)
                }
            }
            (Type::Timestamp, Json::String(text)) => match text.parse::<Timestamp>() {
                Ok(time) => Draft::Time(time.as_second()),
                Err(_) => {
                    let help = "write it as 2026-11-24T00:00:00Z";
                    self.fail(format!("`{text}` is not a timestamp"), Some(help.into()))
                }
            },
            (Type::List(item), Json::Array(items)) => self.list(item, items),
            (Type::Record(record), Json::Object(object)) => self.record(record.get(), object),
            (Type::Record(record), json) if record.get().shown_as().is_some() => {
                self.shown(record.get(), json)
            }
            (_, json) => self.fail(format!("expected {ty}, found {}", kind_of(json)), None),
        }
    }

    fn unknown(&mut self, unknown: &Json) -> Draft {
        let reason = match unknown {
            Json::String(words) => Some(Reason::from_words(words)),
            Json::Object(_) => serde_json::from_value(unknown.clone()).ok(),
            _ => None,
        };
        match reason {
            Some(reason) => Draft::Unknown(Box::new(reason)),
            None => self.fail("`$unknown` needs a reason".into(), None),
        }
    }

    fn list(&mut self, item: &Type, items: &[Json]) -> Draft {
        let mut drafts = Vec::with_capacity(items.len());
        for (place, json) in items.iter().enumerate() {
            self.path.push(place.to_string());
            drafts.push(self.value(item, false, json));
            self.path.pop();
        }
        Draft::List(drafts)
    }

    fn record(&mut self, record: &'static RecordType, object: &Map<String, Json>) -> Draft {
        let mut drafts = vec![Draft::Pending; record.fields.len()];
        for (name, json) in object {
            self.path.push(name.clone());
            match record.field(name) {
                Some((place, field)) => {
                    let draft = self.value(&field.ty, field.optional, json);
                    if let Some(slot) = drafts.get_mut(place) {
                        *slot = draft;
                    }
                }
                None => {
                    let known = record.fields.iter().map(|field| field.name);
                    let help = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
                    let message = format!("{} has no field `{name}`", record.name);
                    let path = self.path.clone();
                    self.errors.push(JsonError { path, at_key: true, message, help });
                }
            }
            self.path.pop();
        }
        Draft::Record(drafts)
    }

    fn shown(&mut self, record: &'static RecordType, json: &Json) -> Draft {
        let mut drafts = vec![Draft::Pending; record.fields.len()];
        let shown = record.shown_as().and_then(|name| record.field(name));
        if let Some((place, field)) = shown {
            let draft = self.value(&field.ty, field.optional, json);
            if let Some(slot) = drafts.get_mut(place) {
                *slot = draft;
            }
        }
        Draft::Record(drafts)
    }
}

fn kind_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_i64() => "int",
        Json::Number(_) => "a number that is no 64-bit integer",
        Json::String(_) => "string",
        Json::Array(_) => "a list",
        Json::Object(_) => "a record",
    }
}

/// A stored value as JSON, the inverse of [`draft_from_json`]. Only what was read of AWS is written:
/// relations and derived fields follow from it. Unread fields are left out.
pub fn value_to_json(store: &Store, ty: &Type, value: Value) -> Option<Json> {
    Some(match (ty, value) {
        (_, Value::Pending) => return None,
        (_, Value::Unknown(id)) => {
            let reason = serde_json::to_value(store.reason(id)).unwrap_or(Json::Null);
            Json::Object(Map::from_iter([("$unknown".to_owned(), reason)]))
        }
        (_, Value::Absent) => Json::Null,
        (_, Value::Bool(value)) => Json::Bool(value),
        (_, Value::Int(value)) => Json::from(value),
        (_, Value::Time(seconds)) => Json::String(time_text(seconds)),
        (_, Value::Symbol(_) | Value::Text { .. } | Value::Cidr { .. }) => {
            Json::String(store.text(value).unwrap_or_default().to_owned())
        }
        (Type::List(item), Value::List { at, len, .. }) => {
            let items = store.items(at, len).iter();
            Json::Array(items.filter_map(|value| value_to_json(store, item, *value)).collect())
        }
        (Type::Record(record), Value::Record(row)) => {
            Json::Object(record_to_json(store, record.get(), row))
        }
        (_, Value::List { .. } | Value::Record(_)) => return None,
    })
}

/// The fields of a record that were read of AWS.
pub(super) fn record_to_json(
    store: &Store,
    record: &'static RecordType,
    row: Row,
) -> Map<String, Json> {
    let mut object = Map::new();
    for (place, field) in record.fields.iter().enumerate() {
        if !matches!(field.origin, Origin::Read(_)) {
            continue;
        }
        let value = store.slot(row.field(place));
        if let Some(json) = value_to_json(store, &field.ty, value) {
            object.insert(field.name.to_owned(), json);
        }
    }
    object
}

/// RFC 3339 in UTC, `2026-11-24T00:00:00Z`; a time that no calendar has, as seconds.
pub fn time_text(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}
