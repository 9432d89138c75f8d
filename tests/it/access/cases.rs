//! Case files: order, errors in place, streaming, and documents that somebody made to hurt.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{postura, run, text};

fn case(id: &str, action: &str) -> Value {
    json!({"id": id, "identity_policies": [{"Statement":
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}],
        "request": {"principal": "arn:aws:iam::111122223333:user/ann", "action": action,
            "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333"}})
}

fn answers(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn thousands_of_cases_are_answered_in_their_order() {
    let input: String = (0..3000)
        .map(|n| format!("{}\n", case(&n.to_string(), ["s3:GetObject", "s3:PutObject"][n % 2])))
        .collect();
    let output = run(&["evaluate", "--cases", "-"], &input);
    assert_eq!(output.status.code(), Some(0));
    let answers = answers(&text(&output.stdout));
    assert_eq!(answers.len(), 3000);
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], n.to_string());
        assert_eq!(answer["decision"], ["Allowed", "ImplicitlyDenied"][n % 2]);
    }
}

#[test]
fn a_line_that_is_no_case_is_answered_in_place_and_the_rest_goes_on() {
    for command in ["evaluate", "exposure", "relation", "escalation"] {
        let input = "nonsense\n\n{\"id\": \"x\"}\n[]\n{\"id\": 7, \"id\": 8}";
        let output = run(&[command, "--cases", "-"], input);
        assert_eq!(output.status.code(), Some(2), "{command}");
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("4 of 4 lines are no cases; the first is line 1: not JSON"),
            "{stderr}"
        );
        let answers = answers(&text(&output.stdout));
        let lines: Vec<&Value> = answers.iter().map(|answer| &answer["line"]).collect();
        assert_eq!(lines, [1, 3, 4, 5], "{command}");
        assert_eq!(answers[1]["id"], "x");
        assert!(answers.iter().all(|answer| answer["error"].is_string()), "{command}");
    }
    let mixed = format!("{}\n{{\n{}\n", case("a", "s3:GetObject"), case("b", "s3:GetObject"));
    let output = run(&["evaluate", "--cases", "-"], &mixed);
    assert_eq!(output.status.code(), Some(2));
    let answers = answers(&text(&output.stdout));
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[2]["decision"], "Allowed");
    assert!(text(&output.stderr).contains("1 of 3 lines are no cases; the first is line 2"));
}

#[test]
fn what_is_left_out_is_an_error_and_what_is_malformed_stays_open() {
    let ask = |command: &str, line: Value| {
        let output = run(&[command, "--cases", "-"], &line.to_string());
        answers(&text(&output.stdout)).remove(0)
    };
    let no_policy = json!({"id": 1, "resource_type": "s3", "account_id": "111122223333"});
    assert!(ask("exposure", no_policy.clone())["error"].is_string());
    let mut without = no_policy.clone();
    without["policy"] = json!(null);
    assert_eq!(ask("exposure", without)["public"], false);
    let mut malformed = no_policy;
    malformed["policy"] = json!({"Statement": [{"Effect": "Allow"}]});
    let answer = ask("exposure", malformed);
    assert_eq!(answer["public"], Value::Null);
    assert!(answer["why"].as_str().unwrap().contains("missing"), "{answer}");
    assert!(ask("escalation", json!({"id": 1, "policies": []}))["error"].is_string());
    let bad = json!({"id": 1, "identity_policies": ["{"]});
    assert_eq!(ask("escalation", bad)["escalates"], Value::Null);
}

#[test]
fn a_file_that_cannot_be_read_is_one_error() {
    let output = postura(&["evaluate", "--cases", "no/such/file"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: cannot read `no/such/file`: "));
    assert!(output.stdout.is_empty());
}

#[test]
fn another_program_can_ask_one_case_at_a_time() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_postura"))
        .args(["access", "evaluate", "--cases", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for id in ["one", "two"] {
        writeln!(stdin, "{}", case(id, "s3:GetObject")).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.contains(id) && line.contains("Allowed"), "{line}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// Documents as the issue names them; the limit leaves room for an unoptimized build on a busy machine.
#[test]
fn hostile_documents_are_answered() {
    let document = |statements: Value| json!({"Version": "2012-10-17", "Statement": statements});
    let many: Value = (0..2000)
        .map(|n| {
            json!({"Effect": "Allow", "Action": ["s3:Get*", "iam:Put*"],
            "Resource": format!("arn:aws:s3:::bucket-{n}/*")})
        })
        .collect();
    let patterns: Vec<String> = (0..500).map(|n| format!("*{n}*a*b*")).collect();
    let globs = json!([{"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringLike": {"aws:UserAgent": patterns}}}]);
    let keys: serde_json::Map<String, Value> =
        (0..50).map(|n| (format!("aws:RequestTag/k{n}"), json!(format!("*{n}*")))).collect();
    let crossing: Value = (0..40)
        .map(|n| {
            json!({"Effect": if n % 2 == 0 { "Allow" } else { "Deny" }, "Action": "*", "Resource": "*",
            "Condition": {"StringLike": keys}})
        })
        .collect();
    let variables: String = (0..200).map(|n| format!("${{aws:PrincipalTag/t{n}}}")).collect();
    let deep = json!([{"Effect": "Allow", "Action": "s3:*",
        "Resource": format!("arn:aws:s3:::b/{variables}")}]);
    for statements in [many, globs, crossing, deep] {
        let mut public = statements.clone();
        for statement in public.as_array_mut().unwrap() {
            statement["Principal"] = json!("*");
        }
        let policy = document(statements);
        for (command, line) in [
            (
                "exposure",
                json!({"id": 1, "resource_type": "s3", "account_id": "111122223333",
                "policy": document(public)}),
            ),
            ("relation", json!({"id": 1, "a": policy, "b": document(json!([]))})),
            ("escalation", json!({"id": 1, "identity_policies": [policy]})),
        ] {
            let start = Instant::now();
            let output = run(&[command, "--cases", "-"], &line.to_string());
            let spent = start.elapsed();
            assert_eq!(output.status.code(), Some(0), "{command}: {}", text(&output.stdout));
            assert!(spent < Duration::from_secs(40), "{command} took {spent:?}");
        }
    }
}
