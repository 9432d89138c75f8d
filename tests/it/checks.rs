//! `postura checks` as its users run it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn postura(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_postura"))
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .args(args)
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_new_check_passes_lint_and_test_and_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let made = postura(at, &["checks", "new", "s3-bucket-has-owner", "--out", "."]);
    assert_eq!(made.status.code(), Some(0), "{}", error(&made));
    let linted = postura(at, &["checks", "lint", "."]);
    assert_eq!(linted.status.code(), Some(0), "{}", out(&linted));
    assert_eq!(out(&linted), "1 file: 0 errors, 0 warnings\n");
    let tested = postura(at, &["checks", "test", "s3-bucket-has-owner.yaml"]);
    assert_eq!(tested.status.code(), Some(0), "{}", out(&tested));
    assert!(out(&tested).starts_with("1 check: 3 cases passed, 0 failed, "), "{}", out(&tested));

    let again = postura(at, &["checks", "new", "s3-bucket-has-owner", "--out", "."]);
    assert_eq!(again.status.code(), Some(2));
    assert!(error(&again).contains("is there already"), "{}", error(&again));
    let nowhere = postura(at, &["checks", "new", "s3-bucket-has-owner", "--out", "nowhere/"]);
    assert!(error(&nowhere).contains("there is no directory `nowhere/`"), "{}", error(&nowhere));
    let taken = postura(at, &["checks", "new", "s3-bucket-requires-tls"]);
    assert_eq!(taken.status.code(), Some(2));
    let unclear = postura(at, &["checks", "new", "iam-has-owner"]);
    assert_eq!(unclear.status.code(), Some(2));
    assert!(error(&unclear).contains("--resource"), "{}", error(&unclear));
}

#[test]
fn lint_tells_mistakes_and_style_with_counts() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let text = out(&postura(at, &["checks", "new", "sg-has-owner"]));
    let style = text.replace("title: Resources have", "title: Ensure resources have");
    fs::write(at.join("sg-has-owner.yaml"), style).unwrap();
    let linted = postura(at, &["checks", "lint", "."]);
    assert_eq!(linted.status.code(), Some(1));
    assert!(out(&linted).contains("the title begins with `ensure`"), "{}", out(&linted));
    assert!(out(&linted).ends_with("1 file: 0 errors, 1 warning\n"), "{}", out(&linted));

    fs::write(at.join("sg-has-owner.yaml"), text.replace("group.tags", "group.tagz")).unwrap();
    let linted = postura(at, &["checks", "lint", "."]);
    assert_eq!(linted.status.code(), Some(1));
    assert!(out(&linted).contains("did you mean `tags`?"), "{}", out(&linted));
    assert!(out(&linted).ends_with("1 file: 1 error, 0 warnings\n"), "{}", out(&linted));
    assert_eq!(postura(at, &["checks", "test", "."]).status.code(), Some(2));
    assert_eq!(postura(at, &["checks", "lint", "nowhere"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn what_is_no_check_file_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let text = out(&postura(at, &["checks", "new", "sg-has-owner"]));
    fs::write(at.join("sg-has-owner.yaml"), &text).unwrap();
    for link in ["a", "b", "c.yaml"] {
        std::os::unix::fs::symlink(".", at.join(link)).unwrap();
    }
    let linted = postura(at, &["checks", "lint", "."]);
    assert_eq!(out(&linted), "1 file: 0 errors, 0 warnings\n", "{}", error(&linted));

    std::os::unix::fs::symlink("/dev/zero", at.join("endless.yaml")).unwrap();
    let linted = postura(at, &["checks", "lint", "."]);
    assert_eq!(linted.status.code(), Some(2));
    assert!(error(&linted).contains("endless.yaml` is no file"), "{}", error(&linted));
    fs::remove_file(at.join("endless.yaml")).unwrap();

    fs::write(at.join("large.yaml"), "a".repeat(1_000_001)).unwrap();
    let linted = postura(at, &["checks", "lint", "."]);
    assert_eq!(linted.status.code(), Some(2));
    assert!(error(&linted).contains("more than 1000000 bytes"), "{}", error(&linted));
    assert_eq!(postura(at, &["checks", "watch", "nowhere"]).status.code(), Some(2));
}

#[test]
fn unknown_names_are_shown_where_they_stand() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let text = out(&postura(at, &["checks", "new", "sg-has-owner"]));
    let text = text.replace("controls: []", "controls: [cis-aws-7.0/99.9]");
    let text = format!("# not cis-aws-7.0/99.9 yet\n{text}");
    let line = text.lines().position(|line| line.starts_with("controls: [cis")).unwrap() + 1;
    fs::write(at.join("sg-has-owner.yaml"), text).unwrap();
    let linted = out(&postura(at, &["checks", "lint", "."]));
    assert!(linted.contains(&format!("sg-has-owner.yaml:{line}:12")), "{linted}");
}

#[test]
fn checks_are_listed_by_what_they_are_about() {
    let at = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = |args: &[&str]| {
        let args = [&["checks", "list", "--format", "json"], args].concat();
        let output = postura(at, &args);
        assert_eq!(output.status.code(), Some(0), "{}", error(&output));
        serde_json::from_slice::<Vec<serde_json::Value>>(&output.stdout).unwrap()
    };
    let buckets = list(&["--resource", "bucket"]);
    assert!(buckets.len() > 5);
    assert!(buckets.iter().all(|check| check["resource"] == "AWS::S3::Bucket"));
    let service = list(&["--service", "s3"]);
    assert!(buckets.iter().all(|check| service.contains(check)));
    assert!(service.iter().all(|check| check["service"] == "s3"));
    let of_iam = list(&["--service", "iam"]);
    assert!(of_iam.iter().any(|check| check["id"] == "iam-root-mfa-enabled"));
    let high = list(&["--resource", "AWS::S3::Bucket", "--severity", "high"]);
    assert!(!high.is_empty() && high.len() < buckets.len());
    assert!(!list(&["--framework", "cis-aws-7.0"]).is_empty());
    for (filter, near) in
        [("--framework=cis-aws-7", "cis-aws-7.0"), ("--resource=buckte", "bucket")]
    {
        let output = postura(at, &["checks", "list", filter]);
        assert_eq!(output.status.code(), Some(2));
        assert!(error(&output).contains(&format!("did you mean `{near}`?")), "{}", error(&output));
    }
}

#[test]
fn a_check_is_shown_whole() {
    let output = postura(Path::new("."), &["checks", "show", "s3-bucket-requires-tls"]);
    let text = out(&output);
    for part in [
        "Buckets refuse requests without TLS",
        "\nLooks at\n",
        "\nRisk\n",
        "  that bucket.denies_insecure_transport",
        "  s3:GetBucketPolicy  (s3:GetBucketPolicy)",
        "\nRemediation (terraform)\n",
        "\nExample\n",
        "fails: Bucket b accepts requests without TLS",
        "  cis-aws-7.0/3.1.1",
        "  prowler: s3_bucket_secure_transport_policy",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn watch_looks_again_when_a_file_changes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sg-has-owner.yaml");
    let text = out(&postura(directory.path(), &["checks", "new", "sg-has-owner"]));
    fs::write(&file, &text).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_postura"))
        .current_dir(directory.path())
        .args(["checks", "watch"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |wanted: &str| lines.by_ref().map(Result::unwrap).any(|it| it.contains(wanted));
    assert!(until("1 file: 0 errors, 0 warnings"));
    assert!(until("waiting for changes"));
    fs::write(&file, text.replace("severity: low", "severity: lowest")).unwrap();
    assert!(until("1 file: 1 error, 0 warnings"));
    child.kill().unwrap();
    child.wait().unwrap();
}
