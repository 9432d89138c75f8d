//! The gate from outside: nights of a scheduled scan in a git repository, comparison, baseline, and
//! what bad input gets. Every scan reads a snapshot, so that nothing is needed but the program.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::Offset};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const ACCOUNT: &str = "111122223333";

const POLICY: &str = "# The gate of every night.
id: nightly
title: Nightly
checks: [s3-bucket-acl-no-public-grants] # more to come
gate:
  fail_on: high

# Who may be asked: sec@example.com
exception_limits: {max_days: 60}
";

/// A directory with a policy, under version control.
struct Repository {
    directory: TempDir,
}

/// A bucket of a snapshot, and what its ACL says.
#[derive(Clone, Copy)]
enum Bucket {
    Private(&'static str),
    Public(&'static str),
    Unread(&'static str),
}

fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}

fn later(days: i64) -> Date {
    today().checked_add(Span::new().days(days)).unwrap()
}

impl Repository {
    fn new() -> Self {
        let it = Self { directory: TempDir::new().unwrap() };
        it.write("nightly.yaml", POLICY);
        it.git(&["init", "--quiet"]);
        it.git(&["add", "nightly.yaml"]);
        it.git(&["commit", "--quiet", "--message", "Add the gate"]);
        it
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=gate", "-c", "user.email=gate@example.com"])
            .args(args)
            .current_dir(self.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_postura"))
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .output()
            .unwrap()
    }

    /// The exit code, with standard output and standard error.
    fn told(&self, args: &[&str]) -> (i32, String, String) {
        let output = self.run(args);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let code = output.status.code().unwrap_or_else(|| panic!("{args:?}: {output:?}"));
        (code, text(&output.stdout), text(&output.stderr))
    }

    /// Writes what a scan of a day would have read.
    fn record(&self, name: &str, day: Date, buckets: &[Bucket]) {
        let mut lines = vec![json!({
            "postura_snapshot": 1, "tool": "0", "scanned_at": format!("{day}T02:00:00Z"),
            "accounts": [{"id": ACCOUNT, "partition": "aws", "status": {"state": "scanned"},
                          "regions": ["eu-west-1"]}],
            "coverage": [{"type": "AWS::S3::Bucket", "account": ACCOUNT, "coverage": "whole"}],
            "gaps": [],
        })];
        lines.extend(buckets.iter().map(|bucket| bucket.line()));
        lines.push(json!({"resources": buckets.len()}));
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.write(name, &text);
    }

    /// A night: the exit code and the results.
    fn night(&self, day: Date, buckets: &[Bucket]) -> (i32, Json) {
        self.record("night.jsonl", day, buckets);
        let scan = ["scan", "--snapshot", "night.jsonl", "--policy", "nightly.yaml"];
        let (code, _, said) = self.told(&[&scan[..], &["-o", "json=results.json"]].concat());
        assert_eq!(said, "");
        (code, serde_json::from_str(&self.read("results.json")).unwrap())
    }
}

impl Bucket {
    fn line(self) -> Json {
        let everybody = json!([{
            "grantee": "http://acs.amazonaws.com/groups/global/AllUsers",
            "grantee_type": "Group", "permission": "READ",
        }]);
        let (id, grants) = match self {
            Self::Private(id) => (id, json!([])),
            Self::Public(id) => (id, everybody),
            Self::Unread(id) => (
                id,
                json!({"$unknown": {
                    "kind": "denied", "action": "s3:GetBucketAcl", "error": "AccessDenied",
                }}),
            ),
        };
        json!({
            "type": "AWS::S3::Bucket", "account": ACCOUNT, "region": "eu-west-1", "id": id,
            "fields": {"name": id, "arn": format!("arn:aws:s3:::{id}"),
                       "object_ownership": "ObjectWriter", "acl_grants": grants},
        })
    }
}

fn fingerprint(results: &Json, bucket: &str) -> String {
    let findings = results["findings"].as_array().unwrap();
    let found = findings.iter().find(|it| it["resource"]["id"] == bucket).unwrap();
    found["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn a_gate_goes_red_for_a_bucket_green_by_an_exception_and_red_again_when_it_ends() {
    let repository = Repository::new();
    let (data, site) = (Bucket::Private("data"), Bucket::Public("site"));
    let (code, results) = repository.night(today(), &[data]);
    assert_eq!((code, &results["policy"]["passed"]), (0, &json!(true)));

    let (code, results) = repository.night(later(1), &[data, site]);
    assert_eq!(code, 1);
    assert_eq!(results["policy"]["reasons"], json!(["1 open failure of severity high"]));

    let until = later(30).to_string();
    let digits = fingerprint(&results, "site");
    let words = ["--owner", "web", "--reason", "The public site", "--ticket", "SEC-1"];
    let except = ["policies", "except", &digits, "--policy", "nightly.yaml", "--expires", &until];
    let (code, said, error) = repository.told(&[&except[..], &words].concat());
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(said.contains("accepted `s3-bucket-acl-no-public-grants` on site"), "{said}");
    assert_eq!(repository.git(&["diff", "--numstat"]), "9\t0\tnightly.yaml\n", "only added");
    repository.git(&["commit", "--quiet", "--all", "--message", "Accept the public site"]);

    let (code, results) = repository.night(later(2), &[data, site]);
    assert_eq!(code, 0, "{results}");
    let marked = results["findings"].as_array().unwrap();
    let marked = marked.iter().find(|it| it["resource"]["id"] == "site").unwrap();
    assert_eq!(marked["verdict"], "fail", "what is accepted stays in the report");
    assert_eq!(marked["exception"]["owner"], "web");
    let (code, _) = repository.night(later(3), &[Bucket::Public("data"), site]);
    assert_eq!(code, 1, "an exception hides no other bucket");
    let (code, _) = repository.night(later(30), &[data, site]);
    assert_eq!(code, 0, "the last day is included");

    let (code, results) = repository.night(later(31), &[data, site]);
    assert_eq!(code, 1);
    let warning = results["policy"]["warnings"][0].as_str().unwrap();
    assert!(warning.ends_with(&format!("no longer excuses: it expired on {until}")), "{warning}");

    let (code, results) = repository.night(later(32), &[data]);
    assert_eq!(code, 0);
    let warning = results["policy"]["warnings"][0].as_str().unwrap();
    assert!(warning.ends_with("matches no failure"), "{warning}");
}

#[test]
fn a_baseline_lets_old_failures_be_and_new_ones_fail() {
    let repository = Repository::new();
    let old = [Bucket::Public("a"), Bucket::Unread("b")];
    let new = [Bucket::Public("a"), Bucket::Public("b"), Bucket::Public("c")];
    repository.record("old.jsonl", today(), &old);
    repository.record("new.jsonl", later(1), &new);
    let scan = |snapshot: &str, more: &[&str]| {
        let head = ["scan", "--snapshot", snapshot, "--policy", "nightly.yaml"];
        repository.told(&[&head[..], more].concat())
    };
    assert_eq!(scan("old.jsonl", &["-o", "json=old.json", "-o", "jsonl=old.txt"]).0, 1);
    for baseline in ["old.jsonl", "old.json", "old.txt"] {
        let only_new = ["--baseline", baseline, "--only-new"];
        assert_eq!(scan("old.jsonl", &only_new).0, 0, "against itself: {baseline}");
        let (code, said, _) = scan("new.jsonl", &only_new);
        assert_eq!(code, 1);
        assert!(said.contains("2 new open failures of severity high"), "unknown is not known");
        assert!(said.contains("not counted: 1 open failure that the baseline has"), "{said}");
    }
    let (code, _, said) = scan("new.jsonl", &["--baseline", "old.json"]);
    assert_eq!(code, 2);
    assert!(said.contains("counts every failure") && said.contains("--only-new"), "{said}");
    repository.write("nightly.yaml", &POLICY.replace("fail_on: high", "only_new: true"));
    assert_eq!(scan("old.jsonl", &["--baseline", "old.json"]).0, 0);
    assert_eq!(scan("old.jsonl", &[]).0, 1, "without a baseline every failure is new");
}

#[test]
fn diff_tells_what_came_went_and_changed_and_fails_when_it_got_worse() {
    let repository = Repository::new();
    let old = [Bucket::Public("a"), Bucket::Public("b"), Bucket::Private("c"), Bucket::Public("d")];
    let new = [Bucket::Private("a"), Bucket::Unread("b"), Bucket::Public("c"), Bucket::Public("e")];
    repository.record("old.jsonl", "2026-11-24".parse().unwrap(), &old);
    repository.record("new.jsonl", "2026-11-25".parse().unwrap(), &new);
    let diff = |old: &str, new: &str, format: &str| {
        repository.told(&["diff", old, new, "--policy", "nightly.yaml", "-o", format])
    };
    let (code, table, _) = diff("old.jsonl", "new.jsonl", "table");
    assert_eq!(code, 1);
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("diff-table", table);
        insta::assert_snapshot!("diff-json", diff("old.jsonl", "new.jsonl", "json").1);
        insta::assert_snapshot!("diff-markdown", diff("old.jsonl", "new.jsonl", "markdown").1);
    });
    for name in ["old", "new"] {
        let (snapshot, results) = (format!("{name}.jsonl"), format!("json={name}.json"));
        let head = ["scan", "--snapshot", &snapshot, "--policy", "nightly.yaml"];
        repository.told(&[&head[..], &["-o", &results]].concat());
    }
    let findings = |old: &str, new: &str| {
        let json: Json = serde_json::from_str(&diff(old, new, "json").1).unwrap();
        json["findings"].clone()
    };
    let of_snapshots = findings("old.jsonl", "new.jsonl");
    assert_eq!(findings("old.json", "new.json"), of_snapshots, "results tell the same findings");
    assert_eq!(findings("old.json", "new.jsonl"), of_snapshots);
    assert_eq!(diff("old.jsonl", "old.jsonl", "table").0, 0);
    repository.record("better.jsonl", "2026-11-26".parse().unwrap(), &[Bucket::Private("a")]);
    assert_eq!(diff("old.jsonl", "better.jsonl", "table").0, 0);
}

#[test]
fn bad_input_ends_with_2_and_nothing_is_written() {
    let repository = Repository::new();
    repository.record("night.jsonl", today(), &[Bucket::Public("site")]);
    repository.write("broken.json", "{\"version\": 1, \"findings\": [{}]}");
    let policies = [
        ("gate: {fial_on: high}", "broken.yaml:4:8", "did you mean `fail_on`?"),
        ("exclude: [{framework: cis-aws-7}]", "broken.yaml:4:23", "did you mean"),
        ("exceptions: [{check: s3-bucket, reason: r, owner: o}]", "broken.yaml:4:22", "no check"),
        (
            "exceptions: [{check: s3-bucket-acl-no-public-grants, reason: r}]",
            "broken.yaml:4:15",
            "owner",
        ),
        (
            "exceptions: [{check: s3-bucket-acl-no-public-grants, account: 12, reason: r, owner: o}]",
            "broken.yaml:4:63",
            "12 digits",
        ),
        ("exceptions: {}", "broken.yaml:4:13", "expected a list"),
        ("exceptions: [", "broken.yaml", "not valid YAML"),
    ];
    for (at, (text, place, word)) in policies.into_iter().enumerate() {
        let head = "id: broken\ntitle: T\nchecks: [s3-bucket-acl-no-public-grants]\n";
        repository.write("broken.yaml", &format!("{head}{text}\n"));
        let scan =
            ["scan", "--snapshot", "night.jsonl", "-o", "json=out.json", "--policy", "broken.yaml"];
        let diff = ["diff", "night.jsonl", "night.jsonl", "--policy", "broken.yaml"];
        let lint = ["policies", "lint", "broken.yaml"];
        let show = ["policies", "show", "broken.yaml"];
        // All of them load policies the same way.
        let commands = [&scan[..], &diff, &lint, &show];
        for command in commands.into_iter().take(if at == 0 { 4 } else { 1 }) {
            let (code, _, said) = repository.told(command);
            assert_eq!(code, 2, "{command:?} {text}: {said}");
            assert!(said.contains(place) && said.contains(word), "{command:?} {text}: {said}");
            assert!(!repository.path().join("out.json").exists());
        }
    }
    let scan = ["scan", "--snapshot", "night.jsonl", "--only-new", "--baseline"];
    let except = ["policies", "except", "--owner", "o", "--reason", "r", "--expires"];
    let commands = [
        ([&scan[..], &["none.json"]].concat(), "cannot read `none.json`"),
        ([&scan[..], &["broken.json"]].concat(), "no result file of postura"),
        ([&scan[..], &["nightly.yaml"]].concat(), "no result file of postura"),
        (vec!["diff", "night.jsonl", "broken.json"], "broken.json:1:"),
        (vec!["diff", "night.jsonl", "night.jsonl", "-o", "jsn"], "did you mean `json`?"),
        ([&except[..], &["2999-01-01", "12345678"]].concat(), "--policy <FILE>"),
        ([&except[..], &["soon", "12345678", "--policy", "x"]].concat(), "`soon` is no day"),
        (
            [&except[..], &["2999-01-01", "12345678", "--policy", "audit"]].concat(),
            "cannot be changed",
        ),
        (vec!["policies", "show", "baselin"], "did you mean `baseline`?"),
    ];
    for (command, word) in commands {
        let (code, _, said) = repository.told(&command);
        assert_eq!(code, 2, "{command:?}: {said}");
        assert!(said.contains(word), "{command:?}: {said}");
    }
    assert_eq!(repository.git(&["diff", "--numstat"]), "", "the policy is as it was");
}

#[test]
fn except_refuses_what_is_over_or_too_far_ahead_and_leaves_the_file_alone() {
    let repository = Repository::new();
    let (_, results) =
        repository.night(today(), &[Bucket::Public("site"), Bucket::Private("data")]);
    let except = |bucket: &str, until: Date| {
        let (digits, until) = (fingerprint(&results, bucket), until.to_string());
        repository.told(&[
            "policies",
            "except",
            &digits,
            "--policy",
            "nightly.yaml",
            "--owner",
            "o",
            "--reason",
            "r",
            "--expires",
            &until,
        ])
    };
    let cases = [
        ("site", later(-2), "is over"),
        ("site", later(62), "the policy allows exceptions until"),
        ("data", later(9), "this finding is pass"),
    ];
    for (bucket, until, word) in cases {
        let (code, _, said) = except(bucket, until);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(word), "{said}");
        assert_eq!(repository.read("nightly.yaml"), POLICY);
    }
    assert_eq!(except("site", later(9)).0, 0);
    let (code, _, said) = except("site", later(9));
    assert_eq!(code, 2);
    assert!(said.contains("accepts this finding already"), "{said}");
}

#[test]
fn a_mutelist_becomes_a_policy_that_a_scan_takes() {
    let repository = Repository::new();
    repository.write(
        "mute.yaml",
        "Mutelist:\n  Accounts:\n    \"111122223333\":\n      Checks:\n        \
         s3_bucket_public_list_acl:\n          Regions: [\"*\"]\n          Resources: [site]\n",
    );
    let import = ["policies", "import", "mute.yaml", "--owner", "sec", "--id", "taken"];
    let (code, policy, report) = repository.told(&import);
    assert_eq!(code, 0, "{report}");
    assert!(report.contains("exceptions written, 0 entries left out"), "{report}");
    repository.write("taken.yaml", &policy);
    repository.record("night.jsonl", today(), &[Bucket::Public("site")]);
    let check = "s3-bucket-acl-no-public-grants";
    let scan = ["scan", "--snapshot", "night.jsonl", "--check", check, "--policy"];
    assert_eq!(repository.told(&[&scan[..], &["baseline"]].concat()).0, 1);
    let (code, said, _) = repository.told(&[&scan[..], &["taken.yaml"]].concat());
    assert_eq!(code, 0, "{said}");
}

#[test]
fn the_policy_in_the_documentation_is_one() {
    let repository = Repository::new();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md");
    let docs = fs::read_to_string(docs).unwrap();
    let text = docs.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let text = text.replace("../common/exceptions.yaml", "exceptions.yaml");
    // The days of the example are over one day.
    let soon = later(30).to_string();
    let text = text.replace("2027-03-31", &soon).replace("2027-01-31", &soon);
    repository.write("nightly.yaml", &text);
    repository.write("exceptions.yaml", "id: exceptions\ntitle: Common to all\n");
    let (code, said, error) = repository.told(&["policies", "lint", "nightly.yaml"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(said.contains("no mistakes, 0 warnings"), "{said}");
}

#[test]
fn a_history_keeps_a_line_a_scan_and_refuses_what_is_none() {
    let repository = Repository::new();
    let scan = |snapshot: &str| {
        repository.told(&[
            "scan",
            "--snapshot",
            snapshot,
            "--policy",
            "nightly.yaml",
            "--history",
            "past",
            "-o",
            "markdown",
        ])
    };
    repository.record("one.jsonl", "2026-11-24".parse().unwrap(), &[Bucket::Private("a")]);
    repository.record("two.jsonl", "2026-11-25".parse().unwrap(), &[Bucket::Public("a")]);
    let (_, said, _) = scan("one.jsonl");
    assert!(!said.contains("scans from"), "{said}");
    for _ in 0..2 {
        let (code, said, _) = scan("two.jsonl");
        assert_eq!(code, 1);
        assert!(said.contains("### 2 scans from 2026-11-24 to 2026-11-25"), "{said}");
    }
    assert_eq!(repository.read("past/history.jsonl").lines().count(), 2, "no scan twice");
    repository.write("past/history.jsonl", "{}\n");
    let (code, said, error) = scan("two.jsonl");
    assert_eq!((code, said.as_str()), (2, ""));
    assert!(error.contains("history.jsonl:1: no line of a history"), "{error}");
}

#[test]
fn losing_sight_of_an_organization_fixes_nothing() {
    let repository = Repository::new();
    let snapshot = |name: &str| format!("{}/snapshots/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let (code, said, _) =
        repository.told(&["diff", &snapshot("demo-org"), &snapshot("denied-org"), "-o", "json"]);
    assert_eq!(code, 1);
    let comparison: Json = serde_json::from_str(&said).unwrap();
    let findings = comparison["findings"].as_array().unwrap();
    assert!(findings.len() > 100);
    for finding in findings {
        let told = (&finding["change"], &finding["causes"]);
        assert_eq!(told, (&json!("changed"), &json!(["visibility"])), "{finding}");
    }
    for resource in comparison["resources"].as_array().unwrap() {
        assert_ne!(resource["change"], "went", "{resource}");
    }
    assert_eq!(comparison["accounts"][0]["worse"], true);
}
