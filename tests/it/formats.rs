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
fn ocsf_asff_and_oscal_are_as_their_publishers_say() {
    let Some(python) = needed("POSTURA_PYTHON") else { return };
    let directory = tempfile::tempdir().unwrap();
    let good = results(directory.path());
    for results in [hostile(good.clone(), 300), good] {
        for format in ["ocsf", "asff", "oscal"] {
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
    for format in ["json", "html", "table", "sarif", "ocsf", "oscal"] {
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

/// The rules that Microsoft's multitool says a log breaks.
fn broken_rules(multitool: &Path, log: &Path, kinds: &str) -> Vec<String> {
    let report = log.with_extension("report");
    let mut command = Command::new(multitool);
    command.arg("validate").arg(log).arg("--config").arg(root().join("tests/sarif/multitool.xml"));
    command.args(["--rule-kind", kinds, "--level", "Error;Warning", "--quiet", "true"]);
    command.args(["--max-file-size-in-kb", "1000000", "--log", "ForceOverwrite", "--output"]);
    // Without it the program asks for libraries about languages.
    passes(command.arg(&report).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"));
    let report: Json = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    results.iter().map(|it| it["ruleId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn sarif_breaks_no_rule_of_the_multitool() {
    let Some(multitool) = needed("POSTURA_MULTITOOL") else { return };
    let directory = tempfile::tempdir().unwrap();
    let good = results(directory.path());
    for results in [good.clone(), hostile(good.clone(), 300)] {
        let path = report(directory.path(), &results, "sarif");
        assert_eq!(broken_rules(&multitool, &path, "Sarif;Ghas"), [""; 0]);
        // The task that uploads to Azure DevOps adds what names the pipeline.
        let azure = broken_rules(&multitool, &path, "Sarif;GHAzDO");
        assert!(azure.iter().all(|it| it == "GHAzDO1019" || it == "GHAzDO1020"), "{azure:?}");
    }
    let path = report(directory.path(), &good, "sarif");
    let log: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    type Spoil = fn(&mut Json);
    let spoils: [(&str, Spoil); 5] = [
        ("GH1001", |result| result["locations"] = json!([])),
        ("GH1003", |result| {
            result["locations"][0]["physicalLocation"].as_object_mut().unwrap().remove("region");
        }),
        ("GH1005", |result| {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] =
                json!("arn:aws:s3:::x");
        }),
        ("SARIF1002", |result| {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = json!("a b%");
        }),
        ("SARIF1009", |result| result["ruleIndex"] = json!(9_999)),
    ];
    for (rule, spoil) in spoils {
        let mut bad = log.clone();
        let run = bad["runs"].as_array_mut().unwrap().iter_mut();
        let mut results = run.flat_map(|run| run["results"].as_array_mut().unwrap());
        spoil(results.next().unwrap());
        let path = directory.path().join("bad.sarif");
        std::fs::write(&path, bad.to_string()).unwrap();
        let broken = broken_rules(&multitool, &path, "Sarif;Ghas");
        assert!(broken.iter().any(|it| it == rule), "{rule}: {broken:?}");
    }
}

/// The most memory that a report takes, in kilobytes, as the system counts it.
fn memory(python: &Path, input: &Path, output: &str) -> u64 {
    let script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); \
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let program = assert_cmd::cargo::cargo_bin("postura");
    let mut command = Command::new(python);
    command
        .args(["-c", script])
        .arg(program)
        .args(["report", "-q"])
        .arg(input)
        .args(["-o", output]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn twenty_five_thousand_results_of_sarif_take_little_memory() {
    let Some(python) = needed("POSTURA_PYTHON") else { return };
    let directory = tempfile::tempdir().unwrap();
    let mut results = results(directory.path());
    let open = |it: &&Json| {
        it["verdict"] == "fail" && it["exception"].is_null() && it["implied_by"] == json!([])
    };
    let found = results["findings"].as_array().unwrap().iter().filter(open);
    let template = found.max_by_key(|it| it.to_string().len()).unwrap().clone();
    let mut account = results["accounts"][0].clone();
    account["status"] = json!("scanned");
    account["excluded_regions"] = json!([]);
    let ids: Vec<String> = (0..5).map(|at| format!("{:012}", 111_122_223_333_u64 + at)).collect();
    let accounts = ids.iter().map(|id| {
        let mut account = account.clone();
        account["id"] = json!(id);
        account
    });
    results["accounts"] = accounts.collect();
    results["gaps"] = json!([]);
    let findings = (0..25_000_usize).map(|at| {
        let mut finding = template.clone();
        finding["account"] = json!(ids[at % 5]);
        finding["resource"]["id"] = json!(format!("resource-{at}"));
        finding["fingerprint"] = json!(format!("{at:032x}"));
        finding
    });
    results["findings"] = findings.collect();
    let input = directory.path().join("large.json");
    std::fs::write(&input, results.to_string()).unwrap();
    let path = directory.path().join("large.sarif");
    let sarif = memory(&python, &input, &format!("sarif={}", path.display()));
    let nothing = directory.path().join("large.csv");
    let beside = memory(&python, &input, &format!("csv={}", nothing.display()));
    let log: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let runs = log["runs"].as_array().unwrap();
    let written: usize = runs.iter().map(|run| run["results"].as_array().unwrap().len()).sum();
    assert_eq!(written, 25_000);
    let more = sarif.saturating_sub(beside);
    println!("25,000 results: {more} kB more than csv, which takes {beside} kB");
    assert!(more < 20 << 10, "{more} kB more than csv, which takes {beside} kB");
}

#[test]
fn advice_names_the_resource_itself() {
    let directory = tempfile::tempdir().unwrap();
    let results = results(directory.path());
    let findings = results["findings"].as_array().unwrap();
    let filled: Vec<&Json> = findings.iter().filter(|it| it["remediation"].is_object()).collect();
    assert!(filled.iter().all(|it| it["verdict"] == "fail"));
    let commands: Vec<(&str, &str)> = filled
        .iter()
        .filter_map(|it| Some((it["check"].as_str()?, it["remediation"]["cli"].as_str()?)))
        .collect();
    assert!(commands.len() > 100, "{}", commands.len());
    let blanks = ["{bucket.", "{group.", "{user.", "{role.", "{trail.", "{open.", "{account."];
    for (check, command) in &commands {
        assert!(!blanks.iter().any(|blank| command.contains(blank)), "{check}: {command}");
    }
    let ssh = filled.iter().find(|it| it["check"] == "sg-no-ssh-open").unwrap();
    let (id, command) = (&ssh["resource"]["id"], ssh["remediation"]["cli"].as_str().unwrap());
    assert!(command.contains(&format!("--group-id {}", id.as_str().unwrap())), "{command}");
    assert!(command.contains("--security-group-rule-ids sgr-"), "{command}");

    let text =
        |format: &str| std::fs::read_to_string(report(directory.path(), &results, format)).unwrap();
    for format in ["html", "markdown", "ocsf", "sarif"] {
        let line = command.lines().next().unwrap();
        assert!(text(format).contains(line), "{format} lacks {line}");
    }
}
