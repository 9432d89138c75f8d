//! The table of `tests/vectors/iam`: each row is a case of the batch interface with the decision that
//! AWS's documentation gives, and the page it follows from.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/iam");
    let entries = fs::read_dir(folder).expect("the folder of vectors");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
}

fn rows(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).expect("a list of rows")
}

#[test]
fn every_documented_decision_is_reproduced() {
    let mut ids = BTreeSet::new();
    let mut wrong = Vec::new();
    for path in files() {
        for mut row in rows(&path) {
            let fields = row.as_object_mut().expect("a row");
            let expected = fields.remove("decision").expect("a decision");
            let source = fields.remove("source").expect("a source");
            assert!(source.as_str().is_some_and(|s| s.len() > 10), "{row}");
            let id = row["id"].as_str().expect("an id").to_owned();
            let answer = postura::iam::batch::evaluate(&row.to_string()).to_string();
            let answer: Value = serde_json::from_str(&answer).expect("JSON");
            if answer["decision"] != expected {
                wrong.push(format!("{id}: expected {expected}, got {answer} ({source})"));
            }
            assert!(ids.insert(id.clone()), "the id `{id}` occurs twice");
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(ids.len() > 200, "only {} rows", ids.len());
}

#[test]
fn every_answer_says_why() {
    for path in files() {
        for mut row in rows(&path) {
            let fields = row.as_object_mut().expect("a row");
            fields.remove("decision");
            fields.remove("source");
            let answer = postura::iam::batch::evaluate(&row.to_string()).to_string();
            let answer: Value = serde_json::from_str(&answer).expect("JSON");
            let why = answer["why"].as_str().unwrap_or_default();
            assert!(why.len() > 10 && !why.ends_with(' '), "{answer}");
        }
    }
}
