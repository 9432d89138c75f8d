//! The built program against moto, an imitation of AWS that we did not write: an organization of
//! three accounts in three regions, seeded over HTTP, and every verdict of every check.
//!
//! `tests/moto/seed.py` says beside each setting what a scan must find. The golden file holds all
//! other verdicts too, with labels for the identifiers that moto draws by lot. Where moto cannot
//! answer, the verdict is unknown; `docs/design.md` names those calls.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const REGIONS: &str = "us-east-1,eu-west-1,ap-southeast-2";
const GOLDEN: &str = "tests/it/golden/moto.txt";

/// A running moto; it ends with the test.
struct Moto {
    process: Child,
    endpoint: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Moto {
    fn start(program: &Path) -> Self {
        // The port is free when it is let go; whoever takes it meanwhile makes the start fail.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            // Each image brings a snapshot that seems to be the account's own.
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { process, endpoint: format!("http://127.0.0.1:{port}") };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "moto does not start");
            std::thread::sleep(Duration::from_millis(100));
        }
        moto
    }

    fn seed(&self, python: &Path) -> Value {
        let out = Command::new(python)
            .arg("tests/moto/seed.py")
            .arg(&self.endpoint)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    fn scan(&self) -> Value {
        let out = Command::new(env!("CARGO_BIN_EXE_postura"))
            .args(["scan", "--organization", "--policy", "audit", "--regions", REGIONS])
            .args(["--quiet", "-o", "json"])
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "moto")
            .env("AWS_REGION", "us-east-1")
            .env_remove("AWS_PROFILE")
            .output()
            .unwrap();
        assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }
}

/// `account region check resource` of each finding, by the labels of the seed, and its verdict.
/// Policies of AWS are only counted: which there are is moto's business.
fn verdicts(results: &Value, labels: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for finding in results["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let resource = &finding["resource"];
        let id = text(&resource["id"]);
        if id.contains(":iam::aws:policy/") {
            continue;
        }
        let label = |id: &str| labels[id].as_str().map(str::to_owned);
        let name = label(&id)
            .or_else(|| resource["name"].as_str().map(str::to_owned))
            .unwrap_or_else(|| id.clone());
        let account = label(&text(&finding["account"])).unwrap();
        let key =
            format!("{account} {} {} {name}", text(&finding["region"]), text(&finding["check"]));
        let before = found.insert(key.clone(), text(&finding["verdict"]));
        assert_eq!(before, None, "two resources have the label {key}");
    }
    found
}

#[test]
fn every_verdict_on_moto_is_what_the_seed_says() {
    let Some(program) = std::env::var_os("POSTURA_MOTO").map(PathBuf::from) else {
        eprintln!("skipped: POSTURA_MOTO does not name moto_server; ./test installs it");
        return;
    };
    let moto = Moto::start(&program);
    let seed = moto.seed(&program.with_file_name("python"));
    let results = moto.scan();
    let found = verdicts(&results, &seed["labels"]);

    let wrong: Vec<String> = seed["expect"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|expected| {
            let part = |at: usize| expected[at].as_str().unwrap();
            let region = if part(1).is_empty() { "-" } else { part(1) };
            let key = format!("{} {region} {} {}", part(0), part(2), part(3));
            let verdict = found.get(&key).map(String::as_str);
            (verdict != Some(part(4))).then(|| format!("{key}: {verdict:?}, not {}", part(4)))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let mut text: String =
        found.iter().map(|(key, verdict)| format!("{verdict} {key}\n")).collect();
    text.push_str(&gaps(&results));
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&golden, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    let changed: Vec<String> = text
        .lines()
        .filter(|line| !expected.lines().any(|own| own == *line))
        .map(|line| format!("+ {line}"))
        .chain(
            expected
                .lines()
                .filter(|line| !text.lines().any(|own| own == *line))
                .map(|line| format!("- {line}")),
        )
        .collect();
    assert!(changed.is_empty(), "UPDATE=1 accepts:\n{}", changed.join("\n"));
}

/// The calls that moto cannot answer.
fn gaps(results: &Value) -> String {
    let mut calls = std::collections::BTreeSet::new();
    for gap in results["gaps"].as_array().unwrap() {
        let part = |name: &str| gap[name].as_str().unwrap_or("-").to_owned();
        calls.insert(format!("gap {} {}\n", part("action"), part("error")));
    }
    calls.into_iter().collect()
}
