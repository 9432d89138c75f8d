//! Config, GuardDuty, Access Analyzer, contacts and event rules, from the synthetic AWS to the verdict:
//! what the demo must show, and what stays open when something cannot be read.

use std::collections::BTreeSet;
use std::process::Command;

use postura::synthetic::faults::{Fault, Faults, Rule, Scope};
use postura::synthetic::scenario::{self, MANAGEMENT, PRODUCTION, SANDBOX};
use postura::synthetic::{Server, World, serve};
use serde_json::Value as Json;

const CHECKS: &[&str] = &[
    "config-recorder-enabled-all-regions",
    "config-recorder-records-everything",
    "config-recorder-uses-service-linked-role",
    "config-delivery-healthy",
    "config-organization-aggregator",
    "guardduty-enabled-all-regions",
    "guardduty-no-open-cryptomining-findings",
    "guardduty-no-open-high-findings",
    "guardduty-s3-protection-enabled",
    "guardduty-eks-audit-logs-enabled",
    "guardduty-malware-protection-ec2-enabled",
    "guardduty-rds-protection-enabled",
    "guardduty-lambda-protection-enabled",
    "guardduty-runtime-monitoring-enabled",
    "guardduty-centrally-managed",
    "guardduty-no-broad-suppression",
    "accessanalyzer-external-enabled-all-regions",
    "accessanalyzer-no-active-findings",
    "account-security-contact-registered",
    "detect-guardduty-findings-routed",
    "detect-cryptomining-covered",
    "detect-privilege-change",
    "detect-data-made-public",
];

fn now() -> jiff::Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

/// Scans the organization with the checks of this file.
fn scan(server: &Server, more: &[&str]) -> Json {
    let directory = tempfile::tempdir().unwrap();
    let keys = server.credentials();
    let checks = CHECKS.iter().flat_map(|check| ["--check", check]);
    let output = Command::new(env!("CARGO_BIN_EXE_postura"))
        .current_dir(directory.path())
        .env_clear()
        .env("HOME", directory.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", server.endpoint())
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .env("AWS_REGION", "eu-west-1")
        .args(["scan", "--quiet", "-o", "json"])
        .args(checks)
        .args(more)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn whole(world: World, faults: Faults) -> (Server, Json) {
    let server = serve(world, faults).unwrap();
    let found = scan(&server, &["--organization"]);
    (server, found)
}

/// `check account region` of the findings with a verdict; facts of a whole account have no region.
fn with(found: &Json, verdict: &str) -> BTreeSet<String> {
    let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
    let findings = found["findings"].as_array().unwrap().iter();
    findings
        .filter(|it| it["verdict"] == verdict)
        .map(|it| {
            format!("{} {} {}", text(&it["check"]), text(&it["account"]), text(&it["region"]))
        })
        .collect()
}

fn verdicts(found: &Json, check: &str, account: &str) -> Vec<String> {
    let findings = found["findings"].as_array().unwrap().iter();
    let of = findings.filter(|it| it["check"] == check && it["account"] == account);
    of.map(|it| it["verdict"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_clean_organization_is_clean() {
    let (_, found) = whole(scenario::clean(now()), Faults::default());
    assert_eq!(with(&found, "fail"), BTreeSet::new());
    assert_eq!(with(&found, "unknown"), BTreeSet::new());
    let passed = with(&found, "pass");
    for check in CHECKS {
        assert!(passed.iter().any(|it| it.starts_with(&format!("{check} "))), "{check}");
    }
}

#[test]
fn the_demo_shows_every_fault_and_nothing_else() {
    let (_, found) = whole(scenario::demo(now()), Faults::default());
    assert_eq!(with(&found, "unknown"), BTreeSet::new());
    let (home, second, quiet) = ("eu-west-1", "us-east-1", "ap-southeast-2");
    let expected = [
        // A recorder called default that runs in other regions, and one that is missing.
        ("config-recorder-enabled-all-regions", PRODUCTION, "-"),
        ("config-recorder-enabled-all-regions", SANDBOX, "-"),
        ("config-recorder-records-everything", SANDBOX, "-"),
        ("config-recorder-uses-service-linked-role", SANDBOX, home),
        ("config-delivery-healthy", PRODUCTION, "-"),
        ("guardduty-enabled-all-regions", SANDBOX, "-"),
        ("guardduty-no-open-cryptomining-findings", PRODUCTION, home),
        ("guardduty-no-open-high-findings", PRODUCTION, home),
        ("guardduty-s3-protection-enabled", PRODUCTION, quiet),
        ("guardduty-s3-protection-enabled", SANDBOX, home),
        ("guardduty-eks-audit-logs-enabled", SANDBOX, home),
        ("guardduty-malware-protection-ec2-enabled", SANDBOX, home),
        ("guardduty-rds-protection-enabled", SANDBOX, home),
        ("guardduty-lambda-protection-enabled", SANDBOX, home),
        ("guardduty-runtime-monitoring-enabled", PRODUCTION, home),
        ("guardduty-runtime-monitoring-enabled", SANDBOX, home),
        ("guardduty-centrally-managed", SANDBOX, "-"),
        ("guardduty-no-broad-suppression", MANAGEMENT, home),
        // Production has an analyzer of its own there.
        ("accessanalyzer-external-enabled-all-regions", MANAGEMENT, "-"),
        ("accessanalyzer-external-enabled-all-regions", SANDBOX, "-"),
        ("accessanalyzer-no-active-findings", MANAGEMENT, home),
        ("account-security-contact-registered", SANDBOX, "-"),
        // The list of severities of the management account ends at 8.9.
        ("detect-guardduty-findings-routed", MANAGEMENT, "-"),
        ("detect-guardduty-findings-routed", PRODUCTION, "-"),
        ("detect-guardduty-findings-routed", SANDBOX, "-"),
        ("detect-cryptomining-covered", MANAGEMENT, "-"),
        ("detect-cryptomining-covered", PRODUCTION, "-"),
        ("detect-cryptomining-covered", SANDBOX, "-"),
        ("detect-privilege-change", PRODUCTION, "-"),
        ("detect-privilege-change", SANDBOX, "-"),
        // The filter of the organization's trail knows buckets only; production has one of its own.
        ("detect-data-made-public", MANAGEMENT, "-"),
        ("detect-data-made-public", SANDBOX, "-"),
    ];
    let expected: BTreeSet<String> =
        expected.iter().map(|(check, account, at)| format!("{check} {account} {at}")).collect();
    assert_eq!(with(&found, "fail"), expected);
    assert_eq!(verdicts(&found, "guardduty-enabled-all-regions", PRODUCTION), ["pass"]);
    let open = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["check"] == "guardduty-no-open-high-findings" && it["verdict"] == "fail");
    let messages = open.unwrap()["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "8.0 and 7.5, not what is archived or low: {messages:?}");
    assert!(with(&found, "fail").iter().all(|it| !it.ends_with(second)));
}

#[test]
fn a_service_that_does_not_answer_in_a_region_leaves_the_region_open() {
    let gone = |operation: &str| {
        let scope = Scope { region: Some("ap-southeast-2".into()), ..Scope::operation(operation) };
        Rule::new(scope, Fault::Disconnect)
    };
    let faults = Faults::default()
        .with(gone("config:*"))
        .with(gone("guardduty:*"))
        .with(gone("access-analyzer:*"));
    let (_, found) = whole(scenario::clean(now()), faults);
    assert_eq!(with(&found, "fail"), BTreeSet::new());
    for check in [
        "config-recorder-enabled-all-regions",
        "guardduty-enabled-all-regions",
        "accessanalyzer-external-enabled-all-regions",
        "detect-cryptomining-covered",
    ] {
        for account in [MANAGEMENT, PRODUCTION, SANDBOX] {
            assert_eq!(verdicts(&found, check, account), ["unknown"], "{check} {account}");
        }
    }
}

#[test]
fn a_reply_without_its_list_is_no_empty_list() {
    for operation in [
        "access-analyzer:ListAnalyzers",
        "access-analyzer:ListFindingsV2",
        "guardduty:ListDetectors",
        "guardduty:ListFindings",
        "config:DescribeConfigurationRecorders",
        "events:ListRules",
    ] {
        let rule = Rule::new(Scope::operation(operation), Fault::EmptyBody);
        let (_, found) = whole(scenario::clean(now()), Faults::default().with(rule));
        assert_eq!(with(&found, "fail"), BTreeSet::new(), "{operation}");
        assert!(!with(&found, "unknown").is_empty(), "{operation}");
    }
}

#[test]
fn regions_that_are_not_enabled_are_neither_asked_nor_judged() {
    let (server, found) = whole(scenario::clean(now()), Faults::default());
    let asked: BTreeSet<String> = server.calls().into_keys().map(|call| call.region).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    assert_eq!(asked, ["ap-southeast-2", "eu-west-1", "us-east-1"]);
    assert_eq!(verdicts(&found, "guardduty-enabled-all-regions", SANDBOX), ["pass"]);
}

#[test]
fn members_are_not_asked_what_only_the_administrator_may_say() {
    let (server, _) = whole(scenario::clean(now()), Faults::default());
    for operation in
        ["guardduty:DescribeOrganizationConfiguration", "organizations:ListDelegatedAdministrators"]
    {
        let accounts: BTreeSet<String> = server
            .calls()
            .into_keys()
            .filter(|call| call.operation == operation)
            .map(|call| call.account)
            .collect();
        assert_eq!(accounts.into_iter().collect::<Vec<_>>(), [MANAGEMENT], "{operation}");
    }
}

#[test]
fn a_member_scanned_alone_leaves_open_what_its_organization_may_do() {
    let server = serve(scenario::clean(now()), Faults::default()).unwrap();
    let found = scan(&server, &["--accounts", SANDBOX]);
    assert_eq!(with(&found, "fail"), BTreeSet::new());
    for check in [
        "accessanalyzer-external-enabled-all-regions",
        "guardduty-centrally-managed",
        "detect-guardduty-findings-routed",
        "detect-cryptomining-covered",
    ] {
        assert_eq!(verdicts(&found, check, SANDBOX), ["unknown"], "{check}");
    }
    assert_eq!(verdicts(&found, "guardduty-enabled-all-regions", SANDBOX), ["pass"]);
}

#[test]
fn only_no_contact_is_no_contact() {
    let denied = Faults::default().deny_in(PRODUCTION, "account:GetAlternateContact");
    let (_, found) = whole(scenario::demo(now()), denied);
    let check = "account-security-contact-registered";
    assert_eq!(verdicts(&found, check, MANAGEMENT), ["pass"]);
    assert_eq!(verdicts(&found, check, PRODUCTION), ["unknown"]);
    assert_eq!(verdicts(&found, check, SANDBOX), ["fail"]);
}
