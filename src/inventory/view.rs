//! Reading a stored record by field name: what derived fields and reports use.

use super::Entry;
use super::draft::Slot;
use super::reason::Reason;
use super::store::{Row, Store, Value};
use crate::schema::{RecordType, Type};

/// A record of the inventory.
#[derive(Clone, Copy)]
pub struct View<'a> {
    store: &'a Store,
    record: &'static RecordType,
    row: Row,
    owner: Option<&'a Entry>,
}

impl<'a> View<'a> {
    /// The record of that type whose fields are there, within that resource.
    pub fn new(
        store: &'a Store,
        record: &'static RecordType,
        row: Row,
        owner: Option<&'a Entry>,
    ) -> Self {
        Self { store, record, row, owner }
    }

    /// The record's type.
    pub fn record(&self) -> &'static RecordType {
        self.record
    }

    /// The resource this record is part of (or is). `None` in a fixture of a part. For a record
    /// reached over a relation it is the resource where the walk began.
    pub fn owner(&self) -> Option<&'a Entry> {
        self.owner
    }

    /// The raw value of a field. A field that the type lacks is a mistake of ours: pending.
    pub fn value(&self, field: &str) -> Value {
        debug_assert!(
            self.record.field(field).is_some(),
            "{} has no field `{field}`",
            self.record.name
        );
        self.record
            .field(field)
            .map_or(Value::Pending, |(place, _)| self.store.slot(self.row.field(place)))
    }

    fn slot<T>(&self, field: &str, read: impl FnOnce(Value) -> Option<T>) -> Slot<T> {
        let value = self.value(field);
        if let Some(reason) = self.store.why_unknown(value) {
            return Slot::Unknown(reason);
        }
        if value == Value::Absent {
            return Slot::Absent;
        }
        read(value).map_or_else(
            || Slot::Unknown(Reason::undecided("a value of another type than declared")),
            Slot::Known,
        )
    }

    /// A boolean field.
    pub fn bool(&self, field: &str) -> Slot<bool> {
        self.slot(field, |value| match value {
            Value::Bool(value) => Some(value),
            _ => None,
        })
    }

    /// An integer field.
    pub fn int(&self, field: &str) -> Slot<i64> {
        self.slot(field, |value| match value {
            Value::Int(value) => Some(value),
            _ => None,
        })
    }

    /// A timestamp field, seconds since 1970-01-01T00:00:00Z.
    pub fn time(&self, field: &str) -> Slot<i64> {
        self.slot(field, |value| match value {
            Value::Time(value) => Some(value),
            _ => None,
        })
    }

    /// A text, enum or address range field as text.
    pub fn text(&self, field: &str) -> Slot<&'a str> {
        self.slot(field, |value| self.store.text(value))
    }

    /// A record field or a relation with one target.
    pub fn part(&self, field: &str) -> Slot<View<'a>> {
        let target = self.record.field(field).and_then(|(_, field)| match field.ty {
            Type::Record(record) => Some(record.get()),
            _ => None,
        });
        self.slot(field, |value| match (value, target) {
            (Value::Record(row), Some(record)) => Some(Self { record, row, ..*self }),
            _ => None,
        })
    }

    /// Whether a field is declared as a list.
    pub fn is_list(&self, field: &str) -> bool {
        self.record.field(field).is_some_and(|(_, field)| matches!(field.ty, Type::List(_)))
    }

    /// A list of records.
    pub fn parts(&self, field: &str) -> Slot<Elements<View<'a>>> {
        let target = self.record.field(field).and_then(|(_, field)| match field.ty {
            Type::List(Type::Record(record)) => Some(record.get()),
            _ => None,
        });
        self.list(field, |value| match (value, target) {
            (Value::Record(row), Some(record)) => Some(Self { record, row, ..*self }),
            _ => None,
        })
    }

    /// A list of text.
    pub fn texts(&self, field: &str) -> Slot<Elements<&'a str>> {
        self.list(field, |value| self.store.text(value))
    }

    fn list<T>(&self, field: &str, read: impl Fn(Value) -> Option<T>) -> Slot<Elements<T>> {
        self.slot(field, |value| {
            let Value::List { at, len, .. } = value else { return None };
            let mut elements = Elements { known: Vec::new(), missing: Vec::new() };
            for item in self.store.items(at, len) {
                match (self.store.why_unknown(*item), read(*item)) {
                    (Some(reason), _) => elements.missing.push(reason),
                    (None, Some(element)) => elements.known.push(element),
                    (None, None) => {
                        elements.missing.push(Reason::undecided("an item of another type"));
                    }
                }
            }
            Some(elements)
        })
    }
}

/// The items of a list: those known, and why there may be more.
#[derive(Debug, Clone)]
pub struct Elements<T> {
    /// The known items.
    pub known: Vec<T>,
    /// Why there may be more; empty when the list is whole.
    pub missing: Vec<Reason>,
}
