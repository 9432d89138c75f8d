//! The built program as server and as scan, each a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value as Json;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_postura");

/// A synthetic organization that is served until it is dropped.
pub struct Served {
    child: Child,
    settings: Vec<(String, String)>,
}

/// What a scan took.
pub struct Scanned {
    pub requests: f64,
    /// How many of them were for policies of the organization.
    pub policies: f64,
    /// Seconds from the first request to the last answer.
    pub reading: f64,
    /// Seconds of the whole program.
    pub wall: f64,
    /// Seconds of processor time of the whole program.
    pub cpu: f64,
    /// The most memory it had, in bytes.
    pub memory: f64,
    pub resources: u64,
    pub findings: u64,
    pub gaps: usize,
}

impl Served {
    pub fn start(accounts: usize, regions: usize, scale: usize, args: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        let sizes = [("--accounts", accounts), ("--regions", regions), ("--scale", scale)];
        command.arg("demo").arg("--serve").args(args);
        for (name, value) in sizes {
            command.arg(name).arg(value.to_string());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let setting = |line: String| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        let settings = lines.take(4).map(|line| setting(line.unwrap())).collect();
        Self { child, settings }
    }

    /// One of the settings that lead to it.
    pub fn setting(&self, name: &str) -> &str {
        &self.settings.iter().find(|(known, _)| known == name).unwrap().1
    }

    /// Its memory in bytes, and its open descriptors.
    pub fn holds(&self) -> (f64, usize) {
        let process = format!("/proc/{}", self.child.id());
        let memory = kibibytes(&format!("{process}/status"), "VmRSS:") * 1024.0;
        (memory, fs::read_dir(format!("{process}/fd")).unwrap().count())
    }

    pub fn scan(&self) -> Scanned {
        let directory = TempDir::new().unwrap();
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(directory.path())
            .env("HOME", directory.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.settings.iter().cloned())
            .args(["scan", "--organization", "--api-share", "100%", "--quiet"])
            .args(["--stats", "stats.json", "-o", "json=results.json"]);
        let children = children_time();
        let began = Instant::now();
        let status = command.status().unwrap();
        let wall = began.elapsed().as_secs_f64();
        let cpu = children_time() - children;
        assert!(matches!(status.code(), Some(0 | 1 | 3)), "{status}");
        let stats = fs::read_to_string(directory.path().join("stats.json")).unwrap();
        let stats: Json = serde_json::from_str(&stats).unwrap();
        let results = head(&directory.path().join("results.json"));
        let summary = &results["summary"];
        let policies = &stats["calls"]["organizations:DescribePolicy"];
        Scanned {
            requests: stats["requests"].as_f64().unwrap(),
            policies: policies["requests"].as_f64().unwrap(),
            reading: stats["elapsed_ms"].as_f64().unwrap() / 1e3,
            wall,
            cpu,
            memory: stats["peak_memory_bytes"].as_f64().unwrap(),
            resources: sum(&summary["resources_by_type"]),
            findings: sum(&summary["verdicts"]),
            gaps: results["gaps"].as_array().unwrap().len(),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A report without its findings, which may be gigabytes; they come last.
fn head(path: &Path) -> Json {
    let mut text = String::new();
    for line in BufReader::new(fs::File::open(path).unwrap()).lines() {
        let line = line.unwrap();
        if line.starts_with("  \"findings\"") {
            break;
        }
        text.push_str(&line);
    }
    serde_json::from_str(&format!("{text}\"findings\":[]}}")).unwrap()
}

/// The sum of all numbers in it.
fn sum(json: &Json) -> u64 {
    match json {
        Json::Object(members) => members.values().map(sum).sum(),
        other => other.as_u64().unwrap_or_default(),
    }
}

fn kibibytes(path: &str, name: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

/// Seconds of processor time of this process.
pub fn own_time() -> f64 {
    ticks(13) + ticks(14)
}

/// Seconds of processor time of the children that ended.
fn children_time() -> f64 {
    ticks(15) + ticks(16)
}

/// A field of `/proc/self/stat` that counts hundredths of a second; the name of the program may hold spaces.
fn ticks(field: usize) -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let rest = stat.rsplit_once(')').unwrap().1;
    rest.split_whitespace().nth(field - 2).unwrap().parse::<f64>().unwrap() / 100.0
}
