//! The organization of any size: served, scanned under throttling, and measured.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

use super::text;

fn demo(directory: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postura"));
    command.env_clear().env("HOME", directory.path()).current_dir(directory.path());
    command.args(["demo", "--now", "2026-11-24T06:00:00Z", "--accounts", "4", "--regions", "2"]);
    command.args(["--scale", "40", "--seed", "5"]);
    command
}

/// The findings and gaps, without what time decides.
fn judged(out: &[u8]) -> (Json, Json) {
    let results: Json = serde_json::from_slice(out).unwrap();
    (results["findings"].clone(), results["gaps"].clone())
}

#[test]
fn throttling_costs_time_and_nothing_else() {
    let directory = TempDir::new().unwrap();
    let calm = demo(&directory).args(["-o", "json", "--quiet"]).output().unwrap();
    assert_eq!(calm.status.code(), Some(1), "{}", text(&calm.stderr));
    let throttled = demo(&directory)
        .args(["-o", "json", "--quiet", "--throttle", "30%", "--stats", "stats.json"])
        .output()
        .unwrap();
    assert_eq!(throttled.status.code(), Some(1), "{}", text(&throttled.stderr));
    assert_eq!(judged(&throttled.stdout), judged(&calm.stdout));
    let stats = std::fs::read_to_string(directory.path().join("stats.json")).unwrap();
    let stats: Json = serde_json::from_str(&stats).unwrap();
    let count = |name: &str| stats[name].as_u64().unwrap();
    assert_eq!(count("accounts"), 4);
    assert!(count("throttled") * 5 > count("requests"), "{stats:#}");
    assert_eq!(count("throttled"), count("retries"), "every throttled request was repeated");
    let groups = &stats["calls"]["ec2:DescribeSecurityGroups"];
    assert!(groups["requests"].as_u64().unwrap() >= 8, "{groups}");
    assert!(groups["latency_ms"]["max"].as_f64().unwrap() > 0.0, "{groups}");
}

#[test]
fn the_server_serves_other_programs_until_it_is_stopped() {
    let directory = TempDir::new().unwrap();
    let mut server = demo(&directory).arg("--serve").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let settings: Vec<(String, String)> = lines
        .take(4)
        .map(|line| {
            let line = line.unwrap();
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let output = Command::new(env!("CARGO_BIN_EXE_postura"))
        .env_clear()
        .env("HOME", directory.path())
        .envs(settings)
        .current_dir(directory.path())
        .args(["scan", "--organization", "--check", "s3-bucket-requires-tls", "-o", "json"])
        .output()
        .unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let results: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_eq!(results["accounts"].as_array().unwrap().len(), 4);
    let findings = results["findings"].as_array().unwrap();
    assert!(findings.len() > 16, "{} buckets", findings.len());
}
