//! A scan in parts, and the parts as one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jiff::Timestamp;
use postura::synthetic::faults::Faults;
use postura::synthetic::{scenario, serve};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::{results, scan, text};

const SHARDS: usize = 3;

fn merge(directory: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postura"));
    command.current_dir(directory).env_clear().env("HOME", directory).arg("merge");
    command.args(args).output().unwrap()
}

/// The results without times and without what it took to get there.
fn judged(mut results: Json) -> Json {
    results["scanned_at"] = Json::Null;
    for name in ["calls", "elapsed_ms"] {
        results["summary"].as_object_mut().unwrap().remove(name);
    }
    results
}

fn read(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Check, account, region and resource with the verdict.
fn verdicts(results: &Json) -> BTreeMap<String, &str> {
    let key = |it: &Json| {
        let parts = [&it["check"], &it["account"], &it["region"], &it["resource"]["id"]];
        parts.map(Json::to_string).join(" ")
    };
    let findings = results["findings"].as_array().unwrap().iter();
    findings.map(|it| (key(it), it["verdict"].as_str().unwrap())).collect()
}

/// A snapshot's lines, with the time of its header taken out.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut header: Json = serde_json::from_str(&lines[0]).unwrap();
    header["scanned_at"] = Json::Null;
    lines[0] = header.to_string();
    lines
}

/// A scan of everything, and the same in parts, each as snapshot and results.
fn scanned(directory: &Path) -> Json {
    let faults = Faults::default().deny("s3:GetBucketPolicy").unassumable(scenario::SANDBOX);
    let now = Timestamp::now();
    let server = serve(scenario::demo(now), faults).unwrap();
    let run = |name: &str, args: &[&str]| {
        let (snapshot, json) = (format!("{name}.jsonl"), format!("json={name}.json"));
        let mut command = scan(&server, directory, &["-o", &json, "--save-snapshot", &snapshot]);
        let output = command.args(args).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (code, said) = run("whole", &[]);
    assert_eq!(code, Some(3), "{said}");
    for number in 1..=SHARDS {
        let (code, said) = run(&number.to_string(), &["--shard", &format!("{number}/{SHARDS}")]);
        assert!(matches!(code, Some(0 | 1 | 3)), "{said}");
    }
    read(&directory.join("whole.json"))
}

#[test]
fn parts_make_the_whole() {
    let directory = TempDir::new().unwrap();
    let directory = directory.path();
    let whole = scanned(directory);
    let of_shards = (1..=SHARDS).map(|number| read(&directory.join(format!("{number}.json"))));
    let count = |results: Json| results["summary"]["accounts"]["scanned"].as_u64().unwrap();
    let sizes: Vec<u64> = of_shards.map(count).collect();
    assert!(sizes.iter().filter(|size| **size > 0).count() > 1, "{sizes:?}");

    let snapshots = ["1.jsonl", "2.jsonl", "3.jsonl"];
    let args = [&snapshots[..], &["-o", "json", "--save-snapshot", "merged.jsonl"]].concat();
    let output = merge(directory, &args);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(judged(results(&output)), judged(whole.clone()));
    assert_eq!(lines(&directory.join("merged.jsonl")), lines(&directory.join("whole.jsonl")));

    // What a part could not see of another stays unknown, and nothing else differs.
    let output = merge(directory, &["3.json", "1.json", "2.json", "-o", "json"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let merged = results(&output);
    assert_eq!(merged["accounts"], whole["accounts"]);
    assert_eq!(merged["gaps"], whole["gaps"]);
    assert_eq!(merged["summary"]["resources_by_type"], whole["summary"]["resources_by_type"]);
    let (found, expected) = (verdicts(&merged), verdicts(&whole));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let differ = found.iter().filter(|(key, verdict)| expected[*key] != **verdict);
    let differ: Vec<_> = differ.collect();
    assert!(differ.iter().all(|(_, verdict)| **verdict == "unknown"), "{differ:?}");

    missing_and_wrong_parts(directory, &whole);
}

fn missing_and_wrong_parts(directory: &Path, whole: &Json) {
    for parts in [["1.jsonl", "3.jsonl"], ["1.json", "3.json"]] {
        let output = merge(directory, &[parts[0], parts[1], "-o", "json"]);
        assert_eq!(output.status.code(), Some(3));
        assert!(text(&output.stderr).contains("warning: shard 2/3 is missing: "), "{parts:?}");
        let merged = results(&output);
        let (found, expected) = (verdicts(&merged), verdicts(whole));
        let sound = |(key, verdict): (&String, &&str)| {
            expected.get(key) == Some(verdict) || *verdict == "unknown"
        };
        assert!(found.iter().all(sound), "{parts:?}");
        let of_shard = |it: &&Json| it["reason"]["error"] == json!("shard 2/3 is missing");
        let accounts = merged["accounts"].as_array().unwrap();
        assert!(accounts.iter().filter(of_shard).count() > 0, "{accounts:?}");
    }
    let refused = |args: &[&str], words: &[&str]| {
        let output = merge(directory, args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{args:?}: {said}");
    };
    let twice = ["`1.jsonl` and `whole.jsonl` have both read the account"];
    refused(&["1.jsonl", "2.jsonl", "3.jsonl", "whole.jsonl"], &twice);
    refused(&["1.json", "2.json", "3.json", "1.json"], &["have both read the account"]);
    refused(&["1.json", "2.jsonl"], &["`2.jsonl` is a snapshot, `1.json` is none"]);
    refused(&["1.json", "--save-snapshot", "x.jsonl"], &["results hold no inventory"]);
    refused(&["1.json", "--policy", "ci-gate"], &["policy `baseline`, not `ci-gate`"]);
    refused(&["1.json", "--check", "s3-bucket-requires-tls"], &["is not the one here", "help:"]);
    refused(&["1.jsonl", "nowhere.jsonl"], &["nowhere.jsonl"]);
    let cut = fs::read_to_string(directory.join("2.jsonl")).unwrap();
    fs::write(directory.join("cut.jsonl"), &cut[..cut.len() / 2]).unwrap();
    refused(&["1.jsonl", "cut.jsonl"], &["the snapshot `cut.jsonl`", "cut short"]);
}

#[test]
fn a_shard_needs_several_accounts_and_may_be_empty() {
    let directory = TempDir::new().unwrap();
    let now = Timestamp::now();
    let server = serve(scenario::clean(now), Faults::default()).unwrap();
    let shard = |shard: &str| {
        let output = scan(&server, directory.path(), &["--shard", shard]).output().unwrap();
        (output.status.code(), results(&output))
    };
    // A few accounts in so many shards: most have none, and that is no failure.
    let (code, results) = shard("1/5000");
    assert_eq!(code, Some(0), "{}", results["policy"]);
    assert_eq!(results["summary"]["accounts"]["scanned"], json!(0));
    for (args, words) in [
        (&["scan", "--shard", "1/2"][..], "required"),
        (&["scan", "--organization", "--shard", "3/2"], "not a shard: write I/N"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postura"));
        let output = command.args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
}
