//! The model as a whole: names resolve, keys fit, and nothing derived is left without its function.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::MODEL;
use crate::inventory::{Builder, Place, Record, draft_from_json, value_to_json};
use crate::schema::needs::{Needs, record_of};
use crate::schema::{Call, Field, Kind, Origin, RecordRef, RecordType, Type};

/// 2026-11-24T00:00:00Z, the `now` of fixtures.
pub(super) const NOW: i64 = 1_795_478_400;

/// The value of a field, given the record as JSON. Unknown values are `{"$unknown": …}`.
pub(super) fn derived<R: Record>(given: &Json, field: &str) -> Json {
    let draft = draft_from_json(&Type::Record(RecordRef(R::record)), false, given).unwrap();
    let account = "111122223333".parse().unwrap();
    let place = Place { account, region: Some("eu-west-1".parse().unwrap()) };
    let inventory = Builder::fixture(MODEL, R::record(), &place, draft, NOW);
    let entry = inventory.resources(R::record()).first().unwrap();
    let (_, declared) = R::record().field(field).unwrap();
    let value = inventory.view(entry).value(field);
    value_to_json(&inventory.store, &declared.ty, value).unwrap_or_else(|| json!("pending"))
}

/// Hides every part of what is given in turn: the field's value may only stay or become unknown, a
/// list may only lose items and say that it did.
pub(super) fn assert_blinding<R: Record>(given: &Json, field: &str) {
    let whole = derived::<R>(given, field);
    let hidden = blinded(given);
    assert!(!hidden.is_empty());
    for given in hidden.iter().filter(|given| given.get("$unknown").is_none()) {
        let seen = derived::<R>(given, field);
        assert!(may_become(&whole, &seen), "{given}: {whole} became {seen}");
    }
}

/// Each way to hide one value inside, or to cut one list short.
fn blinded(given: &Json) -> Vec<Json> {
    let unknown = json!({"$unknown": "hidden"});
    let mut all = vec![unknown.clone()];
    match given {
        Json::Object(fields) if fields.contains_key("$unknown") => {}
        Json::Object(fields) => {
            for (name, value) in fields {
                for hidden in blinded(value) {
                    let mut copy = fields.clone();
                    copy.insert(name.clone(), hidden);
                    all.push(Json::Object(copy));
                }
            }
        }
        Json::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                for hidden in blinded(value) {
                    let mut copy = items.clone();
                    copy[place] = hidden;
                    all.push(Json::Array(copy));
                }
            }
            let mut cut = items.clone();
            cut.push(unknown);
            all.push(Json::Array(cut));
        }
        _ => {}
    }
    all
}

fn may_become(whole: &Json, seen: &Json) -> bool {
    let is_unknown = |value: &Json| value.get("$unknown").is_some();
    match (whole, seen) {
        _ if is_unknown(seen) => true,
        (Json::Array(whole), Json::Array(seen)) => {
            let cut = seen.iter().any(is_unknown);
            let known = seen.iter().filter(|item| !is_unknown(item));
            let whole_known: Vec<&Json> = whole.iter().filter(|item| !is_unknown(item)).collect();
            if !cut && whole.iter().any(is_unknown) {
                return false;
            }
            let all_known: Vec<&Json> = known.collect();
            (cut || all_known.len() == whole_known.len())
                && all_known
                    .iter()
                    .all(|item| whole_known.iter().any(|other| may_become(other, item)))
        }
        (Json::Object(whole), Json::Object(seen)) => seen
            .iter()
            .all(|(name, seen)| whole.get(name).is_some_and(|whole| may_become(whole, seen))),
        _ => whole == seen,
    }
}

/// All record types of the model, parts included, by name.
fn records() -> BTreeMap<&'static str, &'static RecordType> {
    let mut found = BTreeMap::new();
    let mut todo: Vec<&'static RecordType> = MODEL.catalog.iter().collect();
    while let Some(record) = todo.pop() {
        if let Some(known) = found.insert(record.name, record) {
            assert!(std::ptr::eq(known, record), "two types are called {}", record.name);
            continue;
        }
        todo.extend(record.fields.iter().filter_map(|field| record_of(&field.ty)));
    }
    found
}

fn calls(field: &Field) -> &'static [&'static Call] {
    match field.origin {
        Origin::Read(calls) => calls,
        Origin::Relation(_) | Origin::Derived { .. } => &[],
    }
}

fn resolve(record: &'static RecordType, path: &str) -> Result<&'static Field, String> {
    let mut at = Some(record);
    let mut last = None;
    for name in path.split('.') {
        let here = at.ok_or_else(|| format!("{}: `{path}` leads through a scalar", record.name))?;
        let (_, field) = here
            .field(name)
            .ok_or_else(|| format!("{}: `{path}`: {} has no `{name}`", record.name, here.name))?;
        at = record_of(&field.ty);
        last = Some(field);
    }
    last.ok_or_else(|| format!("{}: an empty path", record.name))
}

#[test]
fn every_resource_has_its_id_and_an_alias() {
    for record in MODEL.catalog.iter() {
        let Kind::Resource { id, .. } = record.kind else { panic!("{} is a part", record.name) };
        let (_, field) = record.field(id).expect(record.name);
        assert_eq!(field.ty, Type::Text, "{}", record.name);
        assert!(!field.optional, "{}", record.name);
        assert!(!calls(field).is_empty(), "{}: nothing reads its id", record.name);
        assert!(!record.alias.is_empty(), "{}", record.name);
    }
}

#[test]
fn a_record_is_shown_as_a_scalar_of_its_own() {
    for record in records().values() {
        if let Some(shown) = record.shown_as() {
            let (_, field) = record.field(shown).expect(record.name);
            assert!(!matches!(field.ty, Type::List(_) | Type::Record(_)), "{}", record.name);
        }
    }
}

#[test]
fn every_name_is_documented() {
    for record in records().values() {
        assert!(record.doc.trim().ends_with('.'), "{}", record.name);
        for field in record.fields {
            assert!(field.doc.trim().ends_with('.'), "{}.{}", record.name, field.name);
        }
    }
}

#[test]
fn relations_compare_text_with_text() {
    let text = |ty: &Type| matches!(ty, Type::Text | Type::List(Type::Text));
    for record in records().values() {
        for field in record.fields {
            let Origin::Relation(relation) = field.origin else { continue };
            let place = format!("{}.{}", record.name, field.name);
            let target = relation.target.get();
            assert!(MODEL.catalog.find(target.name).is_some(), "{place}");
            assert_eq!(relation.local.is_some(), relation.remote.is_some(), "{place}");
            if let Some(local) = relation.local {
                assert!(text(&record.field(local).expect(&place).1.ty), "{place}");
            }
            if let Some(remote) = relation.remote {
                assert!(text(&target.field(remote).expect(&place).1.ty), "{place}");
            }
        }
    }
}

#[test]
fn every_call_names_its_service_and_an_action() {
    let mut seen: BTreeMap<(&str, &str), &Call> = BTreeMap::new();
    for field in records().values().flat_map(|record| record.fields) {
        for call in calls(field) {
            assert!(!call.actions.is_empty(), "{call}");
            for action in call.actions {
                let (prefix, name) = action.split_once(':').expect(action);
                assert!(call.service.starts_with(prefix), "{call} needs {action}");
                assert!(name.starts_with(char::is_uppercase), "{action}");
            }
            let known = seen.insert((call.service, call.operation), call);
            assert!(known.is_none_or(|known| known == *call), "two calls are called {call}");
        }
    }
    assert!(seen.len() > 40);
}

#[test]
fn every_derived_field_has_exactly_one_derivation_and_no_other_field_has() {
    let records = records();
    let mut declared = BTreeSet::new();
    for record in records.values() {
        for field in record.fields {
            if matches!(field.origin, Origin::Derived { .. }) {
                declared.insert((record.name, field.name));
            }
        }
    }
    let mut computed = BTreeSet::new();
    for derivation in MODEL.derivations.iter().flat_map(|group| group.iter()) {
        let name = (derivation.record.get().name, derivation.field);
        assert!(computed.insert(name), "{name:?} has two derivations");
    }
    assert_eq!(declared, computed);
}

#[test]
fn what_derived_fields_read_exists() {
    let mut wrong = Vec::new();
    for record in records().values() {
        for field in record.fields {
            if let Origin::Derived { reads } = field.origin {
                assert!(!reads.is_empty(), "{}.{}", record.name, field.name);
                wrong.extend(reads.iter().filter_map(|path| resolve(record, path).err()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_field_asks_for_no_more_calls_than_it_takes() {
    let mut needs = Needs::default();
    needs.path(MODEL.catalog.find("AWS::::Account").unwrap(), "password_policy.require_symbols");
    let operations: Vec<&str> = needs.calls.iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["GetAccountPasswordPolicy"]);
}
