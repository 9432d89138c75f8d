//! Every type and field, with the call and the IAM action that a field comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markdown::{table, text};
use crate::schema::needs::{Needs, record_of};
use crate::schema::{Catalog, Field, Kind, Origin, RecordType, Scope, Type, Within};

/// The page.
pub fn page(catalog: Catalog) -> String {
    let mut page = String::from(
        "# Resources\n\nWhat checks can look at. A field is *always there*, or *optional*: absent when \
         AWS says that it is not configured. Any field is unknown when it could not be read. A field \
         is read by a call, found by a relation, or derived from other fields; the calls of the last \
         two are those of what they rest on.\n\n",
    );
    let rows = catalog.iter().map(|record| {
        let link = format!("[{}](#{})", record.name, anchor(record.name));
        let doc = record.doc.split(". ").next().unwrap_or_default();
        vec![link, format!("`{}`", record.alias), text(doc)]
    });
    page.push_str(&table(&["type", "in expressions", "what it is"], rows));
    let mut parts = BTreeMap::new();
    for record in catalog.iter() {
        let scope = match record.scope() {
            Some(Scope::Region) => "Read once an account and region",
            Some(Scope::Account) | None => "Read once an account",
        };
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n{scope}; expressions call it `{}`.\n\n",
            record.name,
            text(record.doc),
            record.alias
        );
        page.push_str(&fields(record));
        find_parts(record, &mut parts);
    }
    page.push_str("\n# Parts of resources\n");
    for record in parts.values() {
        let shown = match record.shown_as() {
            Some(field) => format!(" Messages and cases write it as its `{field}`."),
            None => String::new(),
        };
        let _ = write!(page, "\n## {}\n\n{}{shown}\n\n", record.name, text(record.doc));
        page.push_str(&fields(record));
    }
    page
}

fn find_parts(record: &'static RecordType, parts: &mut BTreeMap<&str, &'static RecordType>) {
    for inner in record.fields.iter().filter_map(|field| record_of(&field.ty)) {
        let new = matches!(inner.kind, Kind::Part { .. }) && !parts.contains_key(inner.name);
        if new {
            parts.insert(inner.name, inner);
            find_parts(inner, parts);
        }
    }
}

fn fields(record: &'static RecordType) -> String {
    let row = |field: &'static Field| {
        let optional = if field.optional { ", optional" } else { "" };
        let (from, actions) = origin(record, field);
        vec![
            format!("`{}`", field.name),
            format!("{}{optional}", type_of(&field.ty)),
            text(field.doc),
            from,
            actions,
        ]
    };
    let head = ["field", "type", "what it says", "from", "IAM actions"];
    table(&head, record.fields.iter().map(row))
}

fn type_of(ty: &Type) -> String {
    match ty {
        Type::Enum(words) => {
            words.iter().map(|it| format!("`\"{it}\"`")).collect::<Vec<_>>().join(" ")
        }
        Type::List(item) => format!("list of {}", type_of(item)),
        Type::Record(record) => {
            let name = record.get().name;
            format!("[{name}](#{})", anchor(name))
        }
        Type::Bool | Type::Int | Type::Text | Type::Timestamp | Type::Cidr => ty.to_string(),
    }
}

/// Where a field comes from, and what may be needed to read it.
fn origin(record: &'static RecordType, field: &'static Field) -> (String, String) {
    let from = match &field.origin {
        Origin::Read(calls) => {
            calls.iter().map(|call| format!("`{call}`")).collect::<Vec<_>>().join(", ")
        }
        Origin::Relation(relation) => {
            let keys = match (relation.local, relation.remote) {
                (Some(local), Some(remote)) => format!(" whose `{remote}` is in `{local}`"),
                _ => String::new(),
            };
            let within = match relation.within {
                Within::Region => "same region",
                Within::Account => "same account",
                Within::Everywhere => "any account",
            };
            format!("relation: {}{keys}, {within}", relation.target.get().name)
        }
        Origin::Derived { reads } => {
            let reads: Vec<String> = reads.iter().map(|path| format!("`{path}`")).collect();
            format!("derived from {}", reads.join(", "))
        }
    };
    let mut needs = Needs::default();
    needs.field(record, field.name);
    let actions: Vec<String> = needs.actions().iter().map(|it| format!("`{it}`")).collect();
    (from, actions.join(", "))
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        .collect()
}
