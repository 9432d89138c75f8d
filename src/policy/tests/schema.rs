//! The schema for editors says what the reader takes.

use super::*;

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&crate::policy::schema()).unwrap()
}

fn json(text: &str) -> Json {
    crate::check::yaml::read(&SourceFile::new("p.yaml", text)).unwrap().to_json()
}

#[test]
fn the_schema_file_is_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/policy.json");
    let schema = serde_json::to_string_pretty(&crate::policy::schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert!(file == schema, "docs/schema/policy.json is old: UPDATE=1 cargo test rewrites it");
}

#[test]
fn embedded_policies_fit_it() {
    let validator = validator();
    for file in embedded_policies() {
        assert!(validator.is_valid(&json(&file.text)), "{}", file.name);
    }
}

#[test]
fn every_key_is_known_to_both() {
    let text = "id: p
title: P
description: d
extends: [baseline]
checks: [\"*\", {id: sg-tidy, framework: std, service: [ec2], severity: [info], tag: network, tier: 1}]
exclude: [{severity: info}]
overrides:
  - {check: sg-no-ssh-open, account: 111122223333, ou: [r-ab12], region: global, tag: {a: b},
     severity: low, params: {ports: [22]}}
gate: {fail_on: never, max_unknown: {high: any, low: 3}, max_gaps: any, min_accounts: 90,
       min_decided: 50, only_new: true, unused_exceptions: fail}
exception_limits: {max_days: 200, max_severity: high, ticket_required: true}
exceptions:
  - {check: sg-no-ssh-open, resource: x, account: [111122223333], ou: r-ab12, region: [eu-west-1],
     tag: {a: b}, reason: r, owner: o, ticket: t, expires: 2026-12-31}
environments:
  dev: {checks: [sg-tidy], exclude: [iam-root-mfa], gate: {max_gaps: 1}, exception_limits: {max_days: 9},
        overrides: [], exceptions: []}
";
    assert!(validator().is_valid(&json(text)));
    let found = load_in(&[("p.yaml", text)], "p.yaml", None);
    let Err(PolicyError::Invalid(found)) = found else { panic!("{found:?}") };
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["p.yaml:5:16: no check has all of these properties"]);
}

#[test]
fn what_the_reader_refuses_by_its_form_does_not_fit() {
    let validator = validator();
    let refused = [
        "gate: {fial_on: high}",
        "gate: {fail_on: worst}",
        "gate: {max_gaps: -1}",
        "gate: {max_unknown: {hihg: 1}}",
        "gate: {min_accounts: 101}",
        "checks: {}",
        "checks: [{severity: hgih}]",
        "overrides: [{severity: low}]",
        "exceptions: [{check: sg-tidy, reason: r}]",
        "exceptions: [{check: sg-tidy, reason: r, owner: o, expires: soon}]",
        "environments: {dev: {extends: baseline}}",
        "unknown: 1",
    ];
    for text in refused {
        let text = format!("id: p\ntitle: P\n{text}\n");
        assert!(!validator.is_valid(&json(&text)), "{text}");
        assert!(load_in(&[("p.yaml", &text)], "p.yaml", None).is_err(), "{text}");
    }
}
