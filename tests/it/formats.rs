//! Reports of a recorded organization, held against what others published about their formats, and
//! used in a real browser. `./test` installs what these tests need and names it in the environment;
//! without it they say that they were skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn postura() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::cargo_bin("postura").unwrap();
    command.env_clear();
    command
}

/// The results of the recorded demo, as `-o json` writes them.
fn results(directory: &Path) -> Json {
    let path = directory.join("results.json");
    let output = format!("json={}", path.display());
    let snapshot = root().join("snapshots/demo-org.jsonl");
    let mut command = postura();
    command.args(["scan", "-q", "--snapshot"]).arg(snapshot).args(["-o", &output]);
    let status = command.output().unwrap().status;
    assert!(matches!(status.code(), Some(1 | 3)), "the demo has faults: {status}");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// What `postura report` makes of results.
fn report(directory: &Path, results: &Json, format: &str) -> PathBuf {
    let (input, path) = (directory.join("in.json"), directory.join(format!("report.{format}")));
    std::fs::write(&input, results.to_string()).unwrap();
    let output = format!("{format}={}", path.display());
    postura().args(["report", "-q"]).arg(&input).args(["-o", &output]).assert().success();
    path
}

/// Names that attack spreadsheets, terminals, browsers and workflow logs.
fn hostile(mut results: Json, findings: usize) -> Json {
    let attacks = [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "a\u{202e}gpj.exe\u{200b}",
        "=cmd|'/c calc'!A1 \u{1b}[31m",
        "<!--<script>\n::error::x",
    ];
    let all = results["findings"].as_array().unwrap().clone();
    let changed = all.iter().cycle().take(findings).enumerate().map(|(at, finding)| {
        let mut finding = finding.clone();
        let digest = Sha256::digest(at.to_string().as_bytes());
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        finding["fingerprint"] = json!(hex);
        if at % 7 == 0 {
            let [id, name] = [attacks[at % 5], attacks[at / 7 % 5]];
            finding["resource"]["id"] = json!(format!("{id}{}\u{202e}", attacks[0]));
            finding["resource"]["name"] = json!(name);
            let long = "x".repeat(if at % 700 == 0 { 4_096 } else { 16 });
            finding["resource"]["tags"] = json!({ id: long });
            finding["messages"] = json!([name]);
        }
        finding
    });
    results["findings"] = changed.collect();
    results["policy"]["warnings"] = json!(attacks);
    results["accounts"][0]["name"] = json!(attacks[0]);
    results
}

/// The program that an environment variable names, where it is set.
fn needed(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: {variable} is not set; `./test` sets it");
    }
    path
}

fn passes(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
}

#[test]
fn ocsf_and_asff_are_as_their_publishers_say() {
    let Some(python) = needed("POSTURA_PYTHON") else { return };
    let directory = tempfile::tempdir().unwrap();
    let good = results(directory.path());
    for results in [hostile(good.clone(), 300), good] {
        for format in ["ocsf", "asff"] {
            let path = report(directory.path(), &results, format);
            passes(
                Command::new(&python).arg(root().join("tests/formats.py")).arg(format).arg(path),
            );
        }
    }
}

#[test]
fn the_html_report_is_used_in_a_browser() {
    let Some(browser) = needed("POSTURA_CHROMIUM") else { return };
    let directory = tempfile::tempdir().unwrap();
    let results = hostile(results(directory.path()), 20_000);
    let path = report(directory.path(), &results, "html");
    let script = root().join("tests/browser/report.mjs");
    passes(Command::new("node").arg(script).arg(browser).arg(path));
}

#[test]
fn a_later_report_is_that_of_the_scan() {
    let directory = tempfile::tempdir().unwrap();
    let results = results(directory.path());
    for format in ["json", "html", "table", "sarif", "ocsf"] {
        let path = directory.path().join(format!("first.{format}"));
        let output = format!("{format}={}", path.display());
        let input = directory.path().join("results.json");
        postura().args(["report", "-q"]).arg(&input).args(["-o", &output]).assert().success();
        let again = report(directory.path(), &results, format);
        assert!(std::fs::read(&path).unwrap() == std::fs::read(again).unwrap(), "{format}");
        if format == "json" {
            assert!(std::fs::read(path).unwrap() == std::fs::read(input).unwrap());
        }
    }
}

#[test]
fn results_that_are_none_are_refused_with_a_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.json");
    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let output = postura().arg("report").arg(&path).assert().code(2).get_output().clone();
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("{\"version\": 1,\n \"scanned_at\": 7}").contains("x.json:2:16: invalid type"));
    assert!(refused("{\"postura_snapshot\":1}").contains("help: a snapshot is read by"));
    assert!(refused("{\"version\": 1").contains("x.json:1:"));
    postura().args(["report", "no-such-file"]).assert().code(2);
}
