//! Findings at the lines of a configuration, by a state that a real Terraform wrote.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

fn configuration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/terraform")
}

fn postura() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::cargo_bin("postura").unwrap();
    command.env_clear();
    command
}

/// Results with one open failure for each instance of the state, titled by its address.
fn results(directory: &Path) -> PathBuf {
    let text = std::fs::read_to_string(configuration().join("terraform.tfstate")).unwrap();
    let state: Json = serde_json::from_str(&text).unwrap();
    let mut findings = Vec::new();
    for resource in state["resources"].as_array().unwrap() {
        for instance in resource["instances"].as_array().unwrap() {
            let id = &instance["attributes"]["id"];
            let module = resource["module"].as_str().unwrap_or_default();
            let address = format!("{module} {} {}", resource["name"], instance["index_key"]);
            findings.push(finding(findings.len(), &address, id));
        }
    }
    let results = json!({
        "version": 1, "scanned_at": "2026-01-02T03:04:05Z", "gaps": [], "findings": findings,
        "policy": {"name": "p", "passed": true, "incomplete": false, "reasons": [], "warnings": []},
        "accounts": [{"id": "111122223333", "name": null, "partition": "aws",
            "organizational_units": [], "status": "scanned", "why": null,
            "regions": ["eu-west-1"], "excluded_regions": []}],
        "summary": {"resources_by_type": {}},
        "checks": [{"id": "a-check", "title": "T", "severity": "high", "resource": "AWS::EC2::VPC",
            "description": "", "risk": "", "remediation": {"text": "Do."}, "controls": [],
            "links": [], "iac": ["terraform_data"]}],
    });
    let path = directory.join("results.json");
    std::fs::write(&path, results.to_string()).unwrap();
    path
}

fn finding(number: usize, title: &str, id: &Json) -> Json {
    json!({
        "check": "a-check", "verdict": "fail", "severity": "high", "title": title,
        "account": "111122223333", "region": "eu-west-1",
        "resource": {"type": "AWS::EC2::VPC", "id": id, "arn": null, "name": null, "tags": {}},
        "messages": [], "evidence": [], "unknown": [], "params": {}, "controls": [],
        "fingerprint": format!("{number:032x}"), "exception": null, "location": null,
    })
}

#[test]
fn every_instance_of_a_real_state_is_at_its_block() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("placed.json");
    let output = format!("json={}", path.display());
    let state = configuration().join("terraform.tfstate");
    let command = postura()
        .arg("report")
        .arg(results(directory.path()))
        .arg("--iac-root")
        .arg(configuration())
        .arg("--iac-state")
        .arg(&state)
        .args(["-o", &output])
        .assert()
        .success();
    let told = String::from_utf8(command.get_output().stderr.clone()).unwrap();
    assert!(told.contains("8 of 8 open failures stand where they are declared"), "{told}");
    let placed: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let line = |it: &Json| format!("{}:{}", it["path"].as_str().unwrap(), it["line"]);
    let lines: Vec<String> = placed["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let location = &it["location"];
            let callers = location["called_from"].as_array().unwrap().iter().map(line);
            let callers = callers.collect::<Vec<_>>().join(" < ");
            format!("{} at {} < {callers}", it["title"].as_str().unwrap(), line(location))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
     "each" "a" at main.tf:6 < 
     "each" "b" at main.tf:6 < 
    module.net[0] "vpc" null at modules/net/main.tf:3 < main.tf:11
    module.net[0].module.sub["x"] "cnt" 0 at modules/net/sub/s.tf:1 < main.tf:11 < modules/net/main.tf:7
    module.net[0].module.sub["x"] "cnt" 1 at modules/net/sub/s.tf:1 < main.tf:11 < modules/net/main.tf:7
    module.net[1] "vpc" null at modules/net/main.tf:3 < main.tf:11
    module.net[1].module.sub["x"] "cnt" 0 at modules/net/sub/s.tf:1 < main.tf:11 < modules/net/main.tf:7
    module.net[1].module.sub["x"] "cnt" 1 at modules/net/sub/s.tf:1 < main.tf:11 < modules/net/main.tf:7
    "#);
}

#[test]
fn what_cannot_be_used_ends_the_program_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let input = results(directory.path());
    let path = directory.path().join("out.json");
    let secret = directory.path().join("secret.tfstate");
    std::fs::write(&secret, "{\"version\": 4, \"resources\": \"hunter2\"}").unwrap();
    let state = configuration().join("terraform.tfstate");
    let cases = [
        (format!("--iac-state=x={}", secret.display()), "1:37: not a Terraform state"),
        (
            format!("--iac-state=modules={}", state.display()),
            "no resource of the state is declared",
        ),
        ("--iac-state=no-such-file".to_owned(), "cannot read `no-such-file`"),
        (format!("--iac-state={}", secret.display()), "not"),
        (format!("--cfn-template={}", input.display()), "is not in the checkout"),
        (format!("--cfn-template={}", state.display()), "it has no `Resources`"),
    ];
    for (argument, expected) in cases {
        let output = format!("json={}", path.display());
        let command = postura()
            .arg("report")
            .arg(&input)
            .args([&argument, "-o", &output, "--iac-root"])
            .arg(configuration())
            .assert()
            .code(2);
        let told = String::from_utf8(command.get_output().stderr.clone()).unwrap();
        assert!(told.contains(expected), "{argument}: {told}");
        assert!(!told.contains("hunter2"), "{told}");
        assert!(!path.exists(), "{argument}");
    }
}
