//! Evidence is enough: each case of a shipped check that fails still does so where nothing is known
//! but its evidence.
//!
//! Hidden is every value that no row of evidence names, with what `show` adds left away. Lists keep
//! their items and records their fields. A part that is computed to be told by one of its fields is
//! given as a whole where that is told, and so is a list of texts that is told by their number.

use std::collections::BTreeSet;
use std::path::PathBuf;

use postura::check::case::fixture;
use postura::check::{Case, Check, Library, Outcome, Verdict};
use postura::diagnostic::SourceFile;
use postura::inventory::{Store, Value, value_to_json};
use postura::resources::MODEL;
use postura::schema::{Origin, RecordType, Type};
use serde_json::{Map, Value as Json, json};

use super::shipped::{files, root, source};

/// Where a condition holds for no element, three of them are shown: of some thirty kinds of events that
/// a filter or a rule may match, the alarm checks tell three that do not, and hiding the others shows.
const NOT_TOLD: &str = "matched_events[3]";

/// The shipped checks without what they ask to be shown.
fn library() -> Library {
    let without_show = |path: PathBuf| {
        let file = source(&path);
        let mut shown = false;
        let lines = file.text.lines().filter(|line| {
            if line.starts_with(char::is_alphabetic) {
                shown = line.starts_with("show:");
            }
            !shown
        });
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        SourceFile::new(file.name.clone(), text)
    };
    let sources = files(&root().join("checks")).into_iter().map(without_show);
    Library::load(sources, MODEL.catalog, None).0
}

/// The values of a resource that evidence tells.
struct Told<'a> {
    store: &'a Store,
    paths: BTreeSet<String>,
}

impl Told<'_> {
    fn value(&self, ty: &Type, value: Value, path: &str) -> Option<Json> {
        let told = self.paths.contains(path);
        Some(match (ty, value) {
            (_, Value::Pending) => return None,
            (Type::Record(record), Value::Record(row)) => {
                let record = record.get();
                let field = |(place, field): (usize, &'static postura::schema::Field)| {
                    let at = if path.is_empty() {
                        field.name.to_owned()
                    } else {
                        format!("{path}.{}", field.name)
                    };
                    let value = self.store.slot(row.field(place));
                    let json = if told && stands_for(record, field.name) {
                        value_to_json(self.store, &field.ty, value)
                    } else if matches!(field.origin, Origin::Derived { .. }) && !self.within(&at) {
                        None
                    } else {
                        self.value(&field.ty, value, &at)
                    };
                    Some((field.name.to_owned(), json?))
                };
                Json::Object(
                    record.fields.iter().enumerate().filter_map(field).collect::<Map<_, _>>(),
                )
            }
            (Type::List(item), Value::List { at, len, .. }) => {
                let whole = told && !matches!(item, Type::Record(_));
                let items = self.store.items(at, len).iter().enumerate();
                let items = items.map(|(place, value)| {
                    let json = if whole {
                        value_to_json(self.store, item, *value)
                    } else {
                        self.value(item, *value, &format!("{path}[{place}]"))
                    };
                    json.unwrap_or_else(hidden)
                });
                Json::Array(items.collect())
            }
            (_, value) if told => value_to_json(self.store, ty, value)?,
            _ => hidden(),
        })
    }

    /// Whether something there is told.
    fn within(&self, path: &str) -> bool {
        let below = |it: &String| it.strip_prefix(path).map(|rest| rest.starts_with(['.', '[']));
        self.paths.contains(path) || self.paths.iter().any(|it| below(it) == Some(true))
    }
}

/// Whether a record that is told gives this field: the one that it is shown by, or all of them where
/// it was computed to be told so.
fn stands_for(record: &'static RecordType, name: &str) -> bool {
    let Some(shown) = record.shown_as() else { return false };
    let computed =
        matches!(record.field(shown), Some((_, it)) if matches!(it.origin, Origin::Read([])));
    shown == name || computed
}

fn hidden() -> Json {
    json!({"$unknown": "not evidence"})
}

/// What a check says of a resource, and what is left of that resource by its evidence.
fn judged(check: &Check, case: &Case, given: &Json) -> (Outcome, Json) {
    let inventory = fixture(check, MODEL, given, case.now).unwrap();
    let params = check.params(&case.params).unwrap();
    let entry = &inventory.resources(check.resource)[0];
    let outcome = check.bind(&inventory, &params).judge(entry);
    let paths = outcome.evidence.iter().map(|it| it.path.clone()).collect();
    let told = Told { store: &inventory.store, paths };
    let own = MODEL.catalog.0.iter().find(|it| it.get().name == check.resource.name).unwrap();
    let only = told.value(&Type::Record(*own), Value::Record(entry.row), "").unwrap();
    (outcome, only)
}

#[test]
fn a_failure_stands_on_its_evidence() {
    let (mut cases, mut cut, mut found) = (0, 0, Vec::new());
    for check in library().checks() {
        for case in check.cases.iter().filter(|case| case.verdict == Verdict::Fail) {
            cases += 1;
            let name = format!("{}: {}", check.id, case.name);
            let (outcome, only) = judged(check, case, &case.given);
            assert!(outcome.whole && !outcome.evidence.is_empty(), "{name}: {outcome:?}");
            let again = judged(check, case, &only).0;
            let missing: Vec<&str> = again.evidence.iter().map(|it| it.path.as_str()).collect();
            match again.verdict {
                Verdict::Fail => {}
                Verdict::Unknown if missing.iter().any(|path| path.contains(NOT_TOLD)) => cut += 1,
                verdict => found.push(format!("{name}: {verdict} for {missing:?}\n{only}\n")),
            }
        }
    }
    assert!(cases > 236 && cut < cases / 10, "{cases} cases that fail, {cut} cut short");
    assert!(found.is_empty(), "{}", found.concat());
}
