//! The journal: killed at any moment, gone on with, and the same in the end.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use postura::synthetic::faults::{Fault, Faults, Rule, Scope};
use postura::synthetic::{Server, scenario, serve};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{results, scan, text};

/// How often the scan is killed; `POSTURA_KILLS=50` for the long run of docs/benchmarks.md.
fn kills() -> usize {
    std::env::var("POSTURA_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(6)
}

/// A denied call, so that gaps survive too, and slow enough to be killed in the middle.
fn server() -> Server {
    let faults = Faults { latency: Duration::from_millis(40), ..Faults::default() };
    let faults = faults.deny("s3:GetBucketPolicy").unassumable(scenario::SANDBOX);
    serve(scenario::demo(Timestamp::now()), faults).unwrap()
}

/// The results without times and without what it took to get there.
fn judged(output: &Output) -> Json {
    let mut results = results(output);
    assert!(results.as_object_mut().unwrap().remove("scanned_at").is_some());
    let summary = results["summary"].as_object_mut().unwrap();
    for name in ["calls", "elapsed_ms"] {
        assert!(summary.remove(name).is_some(), "{name}");
    }
    results
}

fn begun(server: &Server, directory: &Path, args: &[&str]) -> Command {
    let mut command = scan(server, directory, args);
    command.args(["--journal", "journal", "--concurrency", "8"]);
    command
}

/// Starts a scan, and waits for its journal: from then on it reads.
fn reading(command: &mut Command, journal: &Path) -> Child {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while fs::metadata(journal).map_or(0, |it| it.len()) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "the scan ended before it began");
        assert!(began.elapsed() < Duration::from_secs(300), "no journal");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_killed_scan_ends_as_if_it_had_not_been_killed() {
    let server = server();
    let directory = TempDir::new().unwrap();
    let journal = directory.path().join("journal/postura-journal.jsonl");
    let whole = reading(&mut begun(&server, directory.path(), &[]), &journal);
    let began = Instant::now();
    let whole = whole.wait_with_output().unwrap();
    // Judging takes its part of this time too.
    let took = began.elapsed();
    let all: u64 = server.calls().values().sum();
    assert_eq!(whole.status.code(), Some(3), "{}", text(&whole.stderr));
    assert!(!journal.exists(), "a finished scan leaves no journal");
    let expected = judged(&whole);
    let (kills, mut resumed) = (kills(), 0);
    for kill in 0..kills {
        let share = kill as f64 / kills as f64;
        let mut killed = reading(&mut begun(&server, directory.path(), &[]), &journal);
        std::thread::sleep(took.mul_f64(share));
        // SIGKILL: nothing of the program runs any more.
        killed.kill().unwrap();
        killed.wait().unwrap();
        let before: u64 = server.calls().values().sum();
        let output = begun(&server, directory.path(), &["--resume"]).output().unwrap();
        let made = server.calls().values().sum::<u64>() - before;
        let note = text(&output.stderr);
        if note.contains("going on with the scan of") && !note.contains(": 0 parts are done") {
            resumed += 1;
            assert!(made < all, "{made} calls, not fewer than {all}: {note}");
        }
        assert_eq!(output.status.code(), Some(3), "{note}");
        assert_eq!(
            serde_json::to_string_pretty(&judged(&output)).unwrap(),
            serde_json::to_string_pretty(&expected).unwrap(),
            "killed after {share} of the time; {note}"
        );
        assert!(!journal.exists(), "{note}");
    }
    assert!(resumed > 0, "no kill came in the middle");
}

#[test]
fn a_scan_that_was_stopped_goes_on_and_a_journal_of_another_is_refused() {
    let scope = Scope::operation("ec2:DescribeFlowLogs");
    let now = Timestamp::now();
    let hanging = Faults::default().with(Rule::new(scope, Fault::Hang));
    let stopped = serve(scenario::clean(now), hanging).unwrap();
    let healthy = serve(scenario::clean(now), Faults::default()).unwrap();
    let directory = TempDir::new().unwrap();
    let output = begun(&stopped, directory.path(), &["--timeout", "5s"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("--resume goes on with this scan"));
    for (args, what) in [
        (["--regions", "eu-west-1"], "regions"),
        (["--role-name", "Other"], "role"),
        (["--check", "s3-bucket-requires-tls"], "checks"),
        (["--policy", "ci-gate"], "policy"),
    ] {
        let mut refused = begun(&healthy, directory.path(), &args);
        let output = refused.arg("--resume").output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{what}: {said}");
        assert!(said.contains("belongs to another scan: ") && said.contains(what), "{said}");
        assert!(said.contains("help: scan without --resume"), "{said}");
    }
    let calls: u64 = healthy.calls().values().sum();
    assert_eq!(calls, 0, "refused before the first call");
    let output = begun(&healthy, directory.path(), &["--resume"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let fresh = scan(&healthy, directory.path(), &[]).output().unwrap();
    assert_eq!(judged(&output), judged(&fresh));
}

#[cfg(unix)]
#[test]
fn a_scan_that_a_runner_ends_reports_what_it_has() {
    let scope = Scope::operation("ec2:DescribeFlowLogs");
    let now = Timestamp::now();
    let hanging = Faults::default().with(Rule::new(scope, Fault::Hang));
    let server = serve(scenario::clean(now), hanging).unwrap();
    let directory = TempDir::new().unwrap();
    let journal = directory.path().join("journal/postura-journal.jsonl");
    let ended = reading(&mut begun(&server, directory.path(), &[]), &journal);
    let began = Instant::now();
    while server.calls().values().sum::<u64>() < 100 {
        assert!(began.elapsed() < Duration::from_secs(300), "nothing is read");
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").arg("-TERM").arg(ended.id().to_string()).status().unwrap();
    assert!(sent.success());
    let output = ended.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let results = results(&output);
    let gaps = results["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["kind"] == "interrupted"), "{gaps:?}");
    assert!(text(&output.stderr).contains("--resume goes on with this scan"));
}

#[test]
fn journals_that_cannot_be_kept_cost_no_scan() {
    let now = Timestamp::now();
    let server = serve(scenario::clean(now), Faults::default()).unwrap();
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    let named = scan(&server, directory.path(), &["--journal", "file/below"]).output().unwrap();
    let said = text(&named.stderr);
    assert_eq!(named.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: cannot keep a journal in `file/below`: "), "{said}");
    // The state directory is nobody's wish: the scan goes on without.
    let mut unnamed = scan(&server, directory.path(), &[]);
    let unnamed = unnamed.env("XDG_STATE_HOME", directory.path().join("file")).output().unwrap();
    let said = text(&unnamed.stderr);
    assert_eq!(unnamed.status.code(), Some(0), "{said}");
    assert!(said.contains("note: no journal is kept: cannot keep a journal in "), "{said}");
}

/// A disk that is full after four kilobytes, by the limit that shells can set.
#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_costs_no_scan() {
    let now = Timestamp::now();
    let server = serve(scenario::clean(now), Faults::default()).unwrap();
    let directory = TempDir::new().unwrap();
    let program = begun(&server, directory.path(), &[]);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""]);
    command.arg(program.get_program()).args(program.get_args());
    command.current_dir(directory.path()).env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(said.matches("warning: the journal ").count(), 1, "{said}");
    assert!(said.contains("File too large"), "{said}");
}
