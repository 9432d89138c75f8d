//! Which override wins.

use serde_json::json;

use super::*;

#[test]
fn the_most_specific_override_wins_whatever_the_order() {
    let rules = [
        "{check: sg-*, severity: info}",
        "{check: sg-no-ssh-open, severity: low}",
        "{check: sg-no-ssh-open, region: us-east-1, severity: medium}",
        "{check: sg-no-ssh-open, ou: ou-ab12-workload, severity: high}",
        "{check: sg-no-ssh-open, ou: ou-ab12-444455556666, severity: medium}",
        "{check: sg-no-ssh-open, account: 444455556666, region: us-east-1, severity: low}",
        "{check: sg-no-ssh-open, tag: {env: prod}, severity: critical}",
    ];
    let forward: Vec<&str> = rules.to_vec();
    let backward: Vec<&str> = rules.iter().rev().copied().collect();
    for order in [forward, backward] {
        let text = format!("overrides:\n  - {}\n", order.join("\n  - "));
        let policy = policy(&text).unwrap();
        let cases = [
            (ONE, None, &[][..], Severity::High),
            (ONE, Some("us-east-1"), &[], Severity::High),
            (TWO, Some("eu-west-1"), &[], Severity::Medium),
            (TWO, Some("us-east-1"), &[], Severity::Low),
            (TWO, Some("us-east-1"), &[("env", "prod")], Severity::Critical),
            (ONE, None, &[("env", "dev")], Severity::High),
        ];
        for (at, region, tags, wanted) in cases {
            assert_eq!(severity(&policy, at, region, tags), wanted, "{at} {region:?} {tags:?}");
        }
    }
}

#[test]
fn a_tie_is_a_mistake_and_what_is_no_tie_is_none() {
    let two = |one: &str, two: &str| format!("overrides:\n  - {{{one}}}\n  - {{{two}}}\n");
    let ties = [
        ("check: sg-*, severity: low", "check: \"*-open\", severity: high"),
        (
            "check: sg-tidy, account: 111122223333, severity: low",
            "check: sg-tidy, account: [111122223333, 444455556666], severity: high",
        ),
        (
            "check: sg-tidy, tag: {a: x}, severity: low",
            "check: sg-tidy, tag: {b: y}, severity: high",
        ),
        (
            "check: sg-no-ssh-open, params: {ports: [1]}",
            "check: sg-no-ssh-open, params: {ports: [2]}",
        ),
    ];
    for (first, second) in ties {
        let found = mistakes(&two(first, second));
        assert!(found[0].contains("the override on line 5 both set"), "{found:?}");
    }
    let fine = [
        ("check: sg-*, severity: low", "check: sg-tidy, severity: high"),
        ("check: sg-tidy, severity: low", "check: sg-tidy, severity: low"),
        (
            "check: sg-tidy, account: 111122223333, severity: low",
            "check: sg-tidy, account: 444455556666, severity: high",
        ),
        (
            "check: sg-tidy, tag: {a: x}, severity: low",
            "check: sg-tidy, tag: {a: y}, severity: high",
        ),
        (
            "check: sg-tidy, region: eu-west-1, severity: low",
            "check: sg-tidy, region: global, severity: high",
        ),
        ("check: sg-no-ssh-open, severity: low", "check: sg-no-ssh-open, params: {ports: [2]}"),
    ];
    for (first, second) in fine {
        assert!(policy(&two(first, second)).is_ok(), "{first} / {second}");
    }
}

#[test]
fn parameters_are_overridden_one_by_one() {
    let text = "overrides:\n  - {check: sg-*, severity: low}\n  - {check: sg-no-ssh-open, params: {ports: [22, 3389]}}\n";
    let policy = policy(text).unwrap();
    let account = account_id(ONE);
    let tags = Tags::default();
    let place = Place { account: &account, organizational_units: &[], region: None, tags: &tags };
    let effective = policy.effective(&"sg-no-ssh-open".parse().unwrap(), &place).unwrap();
    assert_eq!(effective.severity, Severity::Low);
    assert_eq!(effective.params, BTreeMap::from([("ports".to_owned(), json!([22, 3389]))]));
    assert!(policy.effective(&"not-selected".parse().unwrap(), &place).is_none());
}
