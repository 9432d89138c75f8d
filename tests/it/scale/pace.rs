//! `--timeout`, `--api-share` and `--explain-plan`.

use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use postura::synthetic::faults::{Fault, Faults, Rule, Scope};
use postura::synthetic::{scenario, serve};
use tempfile::TempDir;

use super::{results, scan, text};

#[test]
fn a_deadline_ends_with_what_there_is() {
    let scope = Scope::operation("ec2:DescribeFlowLogs");
    let faults = Faults::default().with(Rule::new(scope, Fault::Hang));
    let server = serve(scenario::clean(Timestamp::now()), faults).unwrap();
    let directory = TempDir::new().unwrap();
    let began = Instant::now();
    let output = scan(&server, directory.path(), &["--timeout", "6s"]).output().unwrap();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let results = results(&output);
    let gaps = results["gaps"].as_array().unwrap();
    let interrupted = |gap: &&serde_json::Value| gap["kind"] == "interrupted";
    let gap = gaps.iter().find(interrupted).expect("a gap says what was cut off");
    assert_eq!(gap["action"], "ec2:DescribeFlowLogs", "{gaps:?}");
    let findings = results["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["verdict"] == "pass"), "the rest is judged");
}

#[test]
fn a_plan_is_explained_without_a_call() {
    let directory = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_postura"))
        .env_clear()
        .current_dir(directory.path())
        .args(["scan", "--organization", "--explain-plan", "--check", "s3-bucket-requires-tls"])
        // Nothing answers here, so that any call would fail the run.
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .output()
        .unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{out}");
    for line in ["s3:ListBuckets", "s3:GetBucketPolicy ", "organizations:ListAccounts "] {
        assert!(out.contains(line), "{line} in:\n{out}");
    }
    assert!(out.contains("1000 resources of each kind in each place: "), "{out}");
    assert!(out.contains("\n  s3:ListAllMyBuckets\n"), "{out}");
    assert!(!out.contains("DescribeVpcs"), "{out}");
}

#[test]
fn wrong_shares_and_times_are_refused() {
    let directory = TempDir::new().unwrap();
    for (flag, value) in [("--api-share", "0%"), ("--api-share", "half"), ("--timeout", "90")] {
        let output = Command::new(env!("CARGO_BIN_EXE_postura"))
            .env_clear()
            .current_dir(directory.path())
            .args(["scan", flag, value])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{flag} {value}");
        assert!(text(&output.stderr).contains(value), "{}", text(&output.stderr));
    }
}
