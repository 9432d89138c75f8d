//! From the fields that checks read to the API calls that must be made, and nothing more.

use std::collections::BTreeSet;

use super::{Call, Kind, Origin, RecordType, Type};

/// A field of a type, by the names of both.
pub type FieldName = (&'static str, &'static str);

/// What a set of checks needs.
#[derive(Debug, Default, Clone)]
pub struct Needs {
    /// Every field that is read, directly, over relations or by derived fields.
    pub fields: BTreeSet<FieldName>,
    /// The calls that bring these fields.
    pub calls: BTreeSet<&'static Call>,
    /// The resource types that are looked at, in themselves or as targets of relations.
    pub types: BTreeSet<&'static str>,
}

impl Needs {
    /// Adds a resource type: its list and its identifying field.
    pub fn resource(&mut self, record: &'static RecordType) {
        if !self.types.insert(record.name) {
            return;
        }
        for name in identity(record) {
            self.field(record, name);
        }
    }

    /// Adds a field with all it depends on. A name that the type lacks adds nothing.
    pub fn field(&mut self, record: &'static RecordType, name: &str) {
        let Some((_, field)) = record.field(name) else { return };
        if !self.fields.insert((record.name, field.name)) {
            return;
        }
        match &field.origin {
            Origin::Read(calls) => self.calls.extend(calls.iter().copied()),
            Origin::Relation(relation) => {
                let target = relation.target.get();
                self.resource(target);
                if let Some(local) = relation.local {
                    self.field(record, local);
                }
                if let Some(remote) = relation.remote {
                    self.field(target, remote);
                }
            }
            Origin::Derived { reads } => {
                for path in *reads {
                    self.path(record, path);
                }
            }
        }
    }

    /// Adds every field on a dotted path from a record, through lists, parts and relations.
    pub fn path(&mut self, record: &'static RecordType, path: &str) {
        let mut at = record;
        for name in path.split('.') {
            debug_assert!(at.field(name).is_some(), "{} has no field `{name}`", at.name);
            self.field(at, name);
            match at.field(name).and_then(|(_, field)| record_of(&field.ty)) {
                Some(next) => at = next,
                None => return,
            }
        }
    }

    /// The IAM actions of the calls, sorted.
    pub fn actions(&self) -> BTreeSet<&'static str> {
        self.calls.iter().flat_map(|call| call.actions.iter().copied()).collect()
    }
}

/// The fields that findings name a resource by: its id, and `arn`, `name` and `tags` where the same
/// calls bring them anyway.
fn identity(record: &'static RecordType) -> Vec<&'static str> {
    let Kind::Resource { id, .. } = record.kind else { return Vec::new() };
    let calls = |name: &str| match record.field(name).map(|(_, field)| field.origin) {
        Some(Origin::Read(calls)) => Some(calls),
        _ => None,
    };
    let by = calls(id);
    let extra =
        ["arn", "name", "tags"].into_iter().filter(|name| by.is_some() && calls(name) == by);
    std::iter::once(id).chain(extra).collect()
}

/// The record type that a type is or holds.
pub fn record_of(ty: &Type) -> Option<&'static RecordType> {
    match ty {
        Type::Record(record) => Some(record.get()),
        Type::List(item) => record_of(item),
        _ => None,
    }
}
