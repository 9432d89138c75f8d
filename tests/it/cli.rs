//! The program from outside: exit codes, live scans against their recordings, a denied call behind
//! every verdict, what bad input gets, and the command lines of the README.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jiff::Timestamp;
use postura::synthetic::faults::Faults;
use postura::synthetic::{Server, scenario, serve};
use serde_json::Value as Json;
use tempfile::TempDir;

const NOW: &str = "2026-11-24T06:00:00Z";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn snapshot(name: &str) -> PathBuf {
    root().join("snapshots").join(format!("{name}.jsonl"))
}

/// The program, cut off from the credentials and configuration of whoever runs the tests.
fn postura(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postura"));
    command.current_dir(directory).env_clear().env("HOME", directory);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn run(directory: &Path, args: &[&str]) -> Output {
    postura(directory).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), stderr(output))
    })
}

fn against(server: &Server, directory: &Path, args: &[&str]) -> Output {
    let keys = server.credentials();
    let mut command = postura(directory);
    command
        .args(["scan", "--organization", "--quiet", "-o", "json"])
        .args(args)
        .env("AWS_ENDPOINT_URL", server.endpoint())
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .env("AWS_REGION", "eu-west-1");
    command.output().unwrap()
}

#[test]
fn recordings_say_what_the_live_scan_said_and_end_as_their_names_promise() {
    let directory = TempDir::new().unwrap();
    for (scenario, name, exit) in [
        ("demo", "demo-org", 1),
        ("clean", "clean-org", 0),
        ("denied", "denied-org", 3),
        ("cn-gov", "cn-gov", 1),
    ] {
        let live = run(
            directory.path(),
            &[
                "demo",
                "--scenario",
                scenario,
                "--now",
                NOW,
                "--policy",
                "audit",
                "-q",
                "-o",
                "json",
            ],
        );
        let recorded = snapshot(name);
        let recorded = recorded.to_str().unwrap();
        let again = run(
            directory.path(),
            &["scan", "--snapshot", recorded, "--policy", "audit", "-q", "-o", "json"],
        );
        let (live, again) = (json(&live), json(&again));
        assert!(
            live["findings"] == again["findings"],
            "{name} is not what `postura demo --scenario {scenario}` says; record it again"
        );
        let gate = run(directory.path(), &["scan", "--snapshot", recorded, "-q"]);
        assert_eq!(code(&gate), exit, "{name}: {}", stderr(&gate));
    }
}

/// The verdict of each finding, by what it is about.
fn verdicts(results: &Json) -> BTreeMap<String, String> {
    let findings = results["findings"].as_array().unwrap().iter();
    let verdict = |finding: &Json| {
        let key = format!(
            "{} {} {} {}",
            finding["check"], finding["account"], finding["region"], finding["resource"]["id"]
        );
        (key, finding["verdict"].as_str().unwrap().to_owned())
    };
    findings.map(verdict).collect()
}

/// With each call denied in turn, over HTTP, no verdict becomes another one: it stays or is unknown.
#[test]
fn no_denied_call_turns_a_verdict_into_another() {
    let directory = TempDir::new().unwrap();
    // Of the present: a scan asks the clock, and in a world of another day what is young enough
    // for a check at the first scan can be too old at the last.
    let began = Timestamp::now();
    let world = || scenario::demo(began);
    let healthy_server = serve(world(), Faults::default()).unwrap();
    let healthy =
        verdicts(&json(&against(&healthy_server, directory.path(), &["--policy", "audit"])));
    let actions: BTreeSet<String> = healthy_server
        .calls()
        .into_keys()
        .map(|call| call.action)
        .filter(|action| !action.starts_with("sts:") && !action.starts_with("organizations:"))
        .collect();
    assert!(actions.len() > 40, "{actions:?}");
    let mut told = BTreeSet::new();
    // Several at a time, from different services; each one alone is denied in tests of the collection.
    let rounds = 16;
    for round in 0..rounds {
        let denied: BTreeSet<&String> = actions.iter().skip(round).step_by(rounds).collect();
        let faults = denied.iter().fold(Faults::default(), |faults, action| faults.deny(action));
        let server = serve(world(), faults).unwrap();
        let results = json(&against(&server, directory.path(), &["--policy", "audit"]));
        for (key, verdict) in &verdicts(&results) {
            if verdict != "unknown" {
                assert_eq!(healthy.get(key), Some(verdict), "without {denied:?}: {key}");
            }
        }
        let gaps = results["gaps"].as_array().unwrap().iter();
        told.extend(gaps.filter_map(|gap| Some(gap["action"].as_str()?.to_owned())));
    }
    // The credential report that is there can be read all the same.
    told.insert("iam:GenerateCredentialReport".into());
    let silent: Vec<&String> = actions.difference(&told).collect();
    assert!(silent.is_empty(), "nothing says that these were denied: {silent:?}");
}

#[test]
fn the_calls_of_a_scan_are_within_the_printed_permissions() {
    let directory = TempDir::new().unwrap();
    let printed = run(directory.path(), &["permissions", "--organization", "--format", "json"]);
    let granted = String::from_utf8(printed.stdout).unwrap();
    for selection in [&["--check", "s3-bucket-requires-tls"][..], &[]] {
        let server = serve(scenario::demo(Timestamp::now()), Faults::default()).unwrap();
        against(&server, directory.path(), selection);
        let mut args = vec!["permissions", "--organization"];
        args.extend(selection);
        let printed = run(directory.path(), &args);
        let granted = if selection.is_empty() {
            granted.clone()
        } else {
            String::from_utf8(printed.stdout).unwrap()
        };
        for call in server.calls().into_keys() {
            // Everybody may ask who they are.
            if call.action != "sts:GetCallerIdentity" {
                assert!(granted.contains(&format!("\"{}\"", call.action)), "{}", call.action);
            }
        }
    }
}

#[test]
fn bad_input_gets_one_clear_error_and_nothing_is_scanned() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    let demo = snapshot("demo-org");
    let demo = demo.to_str().unwrap();
    let text = fs::read_to_string(demo).unwrap();
    fs::write(at.join("cut.jsonl"), &text[..text.len() / 2]).unwrap();
    fs::write(at.join("none.jsonl"), "{}\n").unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let mut head: Json = serde_json::from_str(head).unwrap();
    head["postura_snapshot"] = Json::from(99);
    fs::write(at.join("newer.jsonl"), format!("{head}\n{rest}")).unwrap();
    fs::create_dir(at.join("checks")).unwrap();
    fs::write(at.join("checks/bad.yaml"), "id: s3-x\ntitel: X\n").unwrap();
    fs::write(at.join("policy.yaml"), "id: mine\nchekcs: [s3-*]\n").unwrap();

    for (args, words) in [
        (&["scan", "--snapsot", demo][..], &["--snapshot"][..]),
        (
            &["scan", "--snapshot", demo, "--check", "s3-bucket-requires-tsl"],
            &["s3-bucket-requires-tls"],
        ),
        (&["scan", "--snapshot", demo, "--policy", "basline"], &["baseline"]),
        (&["scan", "--snapshot", demo, "--policy", "policy.yaml"], &["policy.yaml:2", "checks"]),
        (&["scan", "--snapshot", demo, "-o", "tabel"], &["table"]),
        (&["scan", "--snapshot", demo, "-o", "json=missing/out.json"], &["missing/out.json"]),
        (&["scan", "--snapshot", demo, "--checks", "checks"], &["checks/bad.yaml", "title"]),
        (&["scan", "--snapshot", "cut.jsonl"], &["cut.jsonl"]),
        (&["scan", "--snapshot", "none.jsonl"], &["none.jsonl"]),
        (&["scan", "--snapshot", "newer.jsonl"], &["newer.jsonl", "99"]),
        (&["scan", "--snapshot", "absent.jsonl"], &["absent.jsonl"]),
        (&["scan", "--accounts", "1234"], &["1234"]),
        (&["scan", "--regions", "eu-wst-1 "], &["eu-wst-1"]),
        (&["scan", "--quiet"], &["demo"]),
    ] {
        let output = run(at, args);
        assert_eq!(code(&output), 2, "{args:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
        for word in words {
            assert!(stderr(&output).contains(word), "{args:?}: {}", stderr(&output));
        }
    }
}

#[test]
fn a_region_that_is_not_there_is_told_before_the_scan() {
    let directory = TempDir::new().unwrap();
    let server = serve(scenario::demo(Timestamp::now()), Faults::default()).unwrap();
    let output = against(&server, directory.path(), &["--regions", "eu-wst-1"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("eu-wst-1"), "{}", stderr(&output));
    assert!(stderr(&output).contains("eu-west-1"), "{}", stderr(&output));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let directory = TempDir::new().unwrap();
    let demo = snapshot("demo-org");
    let mut child = postura(directory.path())
        .args(["scan", "--snapshot", demo.to_str().unwrap(), "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(stderr(&output), "");
}

/// Every command of the README's code blocks that needs no AWS.
#[test]
fn the_readme_says_what_works() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    let demo = snapshot("demo-org");
    for name in ["monday.jsonl.gz", "today.jsonl.gz", "part-2.jsonl.gz"] {
        fs::copy(&demo, at.join(name)).unwrap();
    }
    let results =
        run(at, &["scan", "--snapshot", "today.jsonl.gz", "-q", "-o", "json=results.json"]);
    assert_eq!(code(&results), 1, "{}", stderr(&results));
    let readme = fs::read_to_string(root().join("README.md")).unwrap().replace("\\\n", " ");
    let mut tried = 0;
    for line in readme.lines().filter_map(|line| line.strip_prefix("$ postura ")) {
        let line = line.split(" #").next().unwrap().trim();
        let live = line.starts_with("scan") && !line.contains("--snapshot");
        // These need AWS, a Terraform state, a policy file of one's own, or do not end.
        let skipped = ["--iac-state", "policies except", "checks watch", "checks new"];
        if live || skipped.iter().any(|part| line.contains(part)) {
            continue;
        }
        if line.contains("my-checks/") && !at.join("my-checks").exists() {
            let args = ["checks", "new", "s3-bucket-has-owner", "--out", "my-checks/"];
            fs::create_dir(at.join("my-checks")).unwrap();
            let output = run(at, &args);
            assert_eq!(code(&output), 0, "{}", stderr(&output));
        }
        let command = format!("exec {} {line}", env!("CARGO_BIN_EXE_postura"));
        let output = Command::new("sh").arg("-c").arg(command).current_dir(at).output().unwrap();
        assert!([0, 1, 3].contains(&code(&output)), "{line}: {}", stderr(&output));
        tried += 1;
    }
    assert!(tried >= 10, "{tried}");
}
