//! What the library promises as a whole: every question of the first tier has its check, every id
//! that a check names exists, every reading that is often got wrong has its proof, and what cannot
//! be read never decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use postura::check::{Library, Verdict};
use postura::diagnostic::SourceFile;
use postura::evaluate::{Plain, Selected, Setting, evaluate};
use postura::iam::data::action_exists;
use postura::inventory::{Wanted, snapshot};
use postura::resources::MODEL;
use postura::schema::needs::Needs;
use postura::schema::{Call, Kind, Origin, RecordType};
use rayon::prelude::*;
use serde_json::{Value as Json, json};

/// The domains whose questions of the first tier are answered by later work.
const LATER: &[&str] = &["events", "rds", "exposure", "organizations"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The rows of a table of tests/data below its head.
fn rows(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("tests/data").join(name)).unwrap();
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).map(cells).collect()
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(yaml_files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn library() -> Library {
    let source = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        SourceFile::new(name, fs::read_to_string(&path).unwrap())
    };
    let sources = yaml_files(&root().join("checks")).into_iter().map(source);
    Library::load(sources, MODEL.catalog, None).0
}

#[test]
fn every_question_of_the_first_tier_has_its_check_or_a_reason() {
    let library = library();
    let reasons: BTreeMap<String, String> =
        rows("left-out.tsv").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let questions = rows("questions.tsv");
    let ids: BTreeSet<&str> = questions.iter().map(|row| row[0].as_str()).collect();
    let asked = questions.iter().filter(|row| row[1] == "1" && !LATER.contains(&&*row[2]));
    let asked: Vec<&str> = asked.map(|row| row[0].as_str()).collect();
    assert!(asked.len() > 150);
    let silent: Vec<&&str> = asked
        .iter()
        .filter(|id| library.find(id).is_none() && !reasons.contains_key(**id))
        .collect();
    assert!(silent.is_empty(), "no check and no reason in left-out.tsv: {silent:?}");
    for (id, reason) in &reasons {
        assert!(ids.contains(id.as_str()), "{id} is no question");
        assert!(reason.len() > 10, "{id}: {reason}");
        assert!(library.find(id).is_none(), "{id} has its check: take it out of left-out.tsv");
    }
}

#[test]
fn every_peer_that_a_check_is_the_same_as_exists() {
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let peers = ["prowler", "security_hub", "config_rule", "steampipe", "scoutsuite"];
    for row in rows("questions.tsv") {
        for (peer, ids) in peers.into_iter().zip(&row[3..]) {
            let ids = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned);
            known.entry(peer).or_default().extend(ids);
        }
    }
    let mut wrong = Vec::new();
    for check in library().checks() {
        for (peer, ids) in &check.same_as {
            let Some(known) = known.get(peer.as_str()) else { continue };
            wrong.extend(
                ids.iter()
                    .filter(|id| !known.contains(*id))
                    .map(|id| format!("{}: {peer} {id}", check.id)),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_action_that_checks_need_exists() {
    let mut needs = Needs::default();
    for check in library().checks() {
        check.needs(&mut needs);
    }
    let actions = needs.actions();
    assert!(actions.len() > 60, "{}", actions.len());
    let unknown: Vec<&&str> = actions.iter().filter(|action| !action_exists(action)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_reading_that_is_often_got_wrong_has_its_proof() {
    let library = library();
    let mut missing = Vec::new();
    for row in rows("readings.tsv") {
        let [reading, place, name] = row.as_slice() else { panic!("{row:?}") };
        let proved = if place.ends_with(".rs") {
            let text = fs::read_to_string(root().join(place)).unwrap();
            text.contains(&format!("fn {name}()"))
        } else {
            let check = library.find(place).unwrap_or_else(|| panic!("no check {place}"));
            check.cases.iter().any(|case| case.name == *name)
        };
        if !proved {
            missing.push(format!("{reading}: {place} `{name}`"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A scanner that drops what it cannot write would be silent about it.
#[test]
fn every_finding_reaches_the_report() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_postura"));
    command.args(["scan", "--policy", "cis-aws-7.0", "-q", "--snapshot"]);
    command.arg(root().join("snapshots/demo-org.jsonl"));
    for format in ["json", "jsonl", "csv"] {
        command.args(["-o", &format!("{format}={}", path(format).display())]);
    }
    command.output().unwrap();
    let read = |name: &str| fs::read_to_string(path(name)).unwrap();
    let json: Json = serde_json::from_str(&read("json")).unwrap();
    let all = json["findings"].as_array().unwrap().len();
    assert!(all > 300, "{all}");
    assert_eq!(read("csv").lines().count(), all + 1);
    let found = read("jsonl").lines().filter(|line| line.contains("\"fingerprint\"")).count();
    assert_eq!(found, all);
    let counts = json["summary"]["verdicts"]["all"].as_object().unwrap();
    let sum: u64 = counts.values().filter_map(Json::as_u64).sum();
    assert_eq!(usize::try_from(sum).unwrap(), all, "{counts:?}");
}

fn calls(record: &'static RecordType, field: &str) -> &'static [&'static Call] {
    match record.field(field).map(|(_, field)| field.origin) {
        Some(Origin::Read(calls)) => calls,
        _ => &[],
    }
}

fn needs_action(calls: &[&Call], action: &str) -> bool {
    calls.iter().any(|call| call.actions.contains(&action))
}

/// A snapshot as it would be without an action: values that it brings are unknown, and lists that it
/// reads are cut, with nothing in them.
fn without(text: &str, action: &str) -> String {
    let reason = json!({"kind": "denied", "action": action, "error": "AccessDenied"});
    let unknown = json!({"$unknown": reason});
    let record = |line: &Json| MODEL.catalog.find(line["type"].as_str().unwrap_or_default());
    let is_list = |record: &'static RecordType| match record.kind {
        Kind::Resource { id, .. } => needs_action(calls(record, id), action),
        Kind::Part { .. } => false,
    };
    let mut lines: Vec<Json> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for entry in lines[0]["coverage"].as_array_mut().unwrap() {
        if record(entry).is_some_and(is_list) {
            entry["coverage"] = json!({"cut": reason});
        }
    }
    lines.retain(|line| !record(line).is_some_and(is_list));
    for line in &mut lines {
        let Some(record) = record(line) else { continue };
        for (name, value) in line["fields"].as_object_mut().unwrap() {
            if needs_action(calls(record, name), action) {
                *value = unknown.clone();
            }
        }
    }
    let resources = lines.iter().filter(|line| line.get("fields").is_some()).count();
    *lines.last_mut().unwrap() = json!({"resources": resources});
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn verdicts(text: &str, selected: &[Selected]) -> BTreeMap<String, Verdict> {
    let mut needs = Needs::default();
    selected.iter().for_each(|it| it.check.needs(&mut needs));
    let wanted = Wanted::Fields(needs.fields);
    let inventory = snapshot::read(text.as_bytes(), MODEL, &wanted).unwrap();
    let found = evaluate(&inventory, selected, &Plain);
    let key = |it: &postura::finding::Finding| {
        format!("{} {} {:?} {}", it.check(), it.account(), it.region(), it.resource().id)
    };
    found.iter().map(|it| (key(it), it.verdict)).collect()
}

/// On each recorded organization, with each action taken away in turn, no verdict becomes another
/// one: it stays, is unknown, or is not there with its resource. Only checks that need the action
/// are asked again: for the others nothing is taken away.
#[test]
fn no_action_that_is_missing_turns_a_recorded_verdict_into_another() {
    let library = library();
    let mut by_action: BTreeMap<&str, Vec<Selected>> = BTreeMap::new();
    for check in library.checks() {
        let mut needs = Needs::default();
        check.needs(&mut needs);
        let params = check.params(&BTreeMap::new()).unwrap();
        let settings = vec![Setting { severity: check.severity, params }];
        for action in needs.actions().into_iter().filter(|action| !action.starts_with("sts:")) {
            let selected = Selected { check: Arc::clone(check), settings: settings.clone() };
            by_action.entry(action).or_default().push(selected);
        }
    }
    assert!(by_action.len() > 60, "{}", by_action.len());
    for name in ["demo-org", "clean-org"] {
        let path = root().join("snapshots").join(format!("{name}.jsonl"));
        let text = fs::read_to_string(path).unwrap();
        let wrong: Vec<String> = by_action
            .par_iter()
            .flat_map(|(action, selected)| {
                let healthy = verdicts(&text, selected);
                let blinded = verdicts(&without(&text, action), selected);
                let changed = blinded.into_iter().filter(|(key, verdict)| {
                    *verdict != Verdict::Unknown && healthy.get(key) != Some(verdict)
                });
                changed
                    .map(|(key, verdict)| {
                        let before = healthy.get(&key);
                        format!("{name} without {action}: {key} {before:?} -> {verdict:?}")
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        assert!(wrong.is_empty(), "{} changed:\n{}", wrong.len(), wrong.join("\n"));
    }
}
