//! The tables of `tests/vectors`: each row is a case of the batch interface with the answer that AWS's
//! documentation gives, and the page it follows from. `iam` holds requests to be decided, `exposure`
//! policies of which is asked who gets in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn files(table: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(table);
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
    for path in files("iam") {
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
    assert!(ids.len() > 380, "only {} rows", ids.len());
}

#[test]
fn every_answer_says_why() {
    for path in files("iam") {
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

#[test]
fn every_exposure_is_as_documented() {
    let mut ids = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in files("exposure").iter().flat_map(|path| rows(path)) {
        let (case, source) = (&row["case"], row["source"].as_str().expect("a source"));
        assert!(source.len() > 10, "{row}");
        assert!(ids.insert(case["id"].to_string()), "{} occurs twice", case["id"]);
        let answer = postura::iam::exposure::exposure_line(&case.to_string()).to_string();
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        for (field, expected) in row["expected"].as_object().expect("answers") {
            if answer.get(field) != Some(expected) {
                wrong.push(format!("{field} should be {expected}: {answer} ({source})"));
            }
        }
        // Whoever gets in has a request to show for it.
        let gets_in = answer["public"] == true || answer["external"] == true;
        assert!(!gets_in || answer["witness"].is_object(), "{answer}");
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(ids.len() > 250, "only {} rows", ids.len());
}
