//! What is refused, and how layers are joined.

use super::*;

#[test]
fn every_embedded_policy_and_framework_has_no_mistakes() {
    for file in embedded_policies() {
        let found = source::read(&file);
        assert!(found.is_ok(), "{}: {found:?}", file.name);
    }
    let directory = library::embedded_framework_files();
    let (frameworks, found) = Frameworks::load(directory.clone());
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(frameworks.iter().count(), directory.len());
    for name in embedded_names() {
        let policy = load_in(&[], &name, None).unwrap();
        assert_eq!(policy.name, name);
        assert!(!policy.checks().is_empty());
    }
}

#[test]
fn the_default_leaves_out_what_only_informs() {
    let policy = load_in(&[], DEFAULT, None).unwrap();
    let ids: Vec<&str> = policy.checks().iter().map(|check| check.id.as_str()).collect();
    assert_eq!(ids, ["iam-root-mfa", "s3-bucket-not-public", "sg-no-ssh-open"]);
}

#[test]
fn unknown_names_get_suggestions() {
    match load_in(&[], "baselin", None) {
        Err(PolicyError::Unknown { help, .. }) => {
            assert_eq!(help.as_deref(), Some("did you mean `baseline`?"));
        }
        other => panic!("{other:?}"),
    }
    let text = "id: p\ntitle: P\nextends: baseline\nenvironments: {prod: {}}\n";
    match load_in(&[("p.yaml", text)], "p.yaml", Some("prd")) {
        Err(PolicyError::Environment { help, .. }) => {
            assert_eq!(help.as_deref(), Some("did you mean `prod`?"));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(load_in(&[], "./none.yaml", None), Err(PolicyError::Read { .. })));
}

#[test]
fn all_mistakes_of_a_file_are_shown_with_their_places() {
    let text = "gate: {fial_on: high, max_gaps: -1, max_unknown: {hihg: 1}}
exclude: [sg-tidi, {framework: sdt}, {service: s4}, {severity: [hgih]}]
overrides:
  - {check: sg-no-ssh-open, params: {port: [22]}}
  - {check: sg-no-ssh-open, params: {ports: 22}}
  - {check: sg-*}
exceptions:
  - {check: sg-no-ssh-opn, reason: r, owner: o}
  - {check: sg-tidy, reason: r}
  - {check: \"*\", reason: r, owner: o}
  - {check: sg-tidy, resource: \"*\", reason: r, owner: o}
  - {check: sg-tidy, account: 1111, region: eu, expires: 2026-13-01, reason: \"\", owner: o}
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @r#"
        p.yaml:4:8: unknown key `fial_on` (did you mean `fail_on`?)
        p.yaml:4:33: expected a number from 0 to 1000000
        p.yaml:4:51: unknown key `hihg` (did you mean `high`?)
        p.yaml:5:65: unknown word `hgih` (did you mean `high`?)
        p.yaml:9:6: this overrides nothing: give `severity` or `params`
        p.yaml:12:6: `owner` is missing
        p.yaml:13:13: `*` would accept everything (name the check, and leave `resource` out to accept all of a scope)
        p.yaml:14:32: `*` would accept everything (name the check, and leave `resource` out to accept all of a scope)
        p.yaml:15:31: `1111` is not an account id: it needs exactly 12 digits
        p.yaml:15:45: `eu` is not a region name such as `eu-west-1`
        p.yaml:15:58: `2026-13-01` is no day such as `2027-01-31`
        p.yaml:15:78: expected text, found none
        "#);
    // Names are looked up once the form is right.
    let text = "exclude: [sg-tidi, {framework: sdt}, {service: s4}, {severity: low}]
overrides:
  - {check: sg-no-ssh-open, params: {port: [22]}}
  - {check: sg-no-ssh-open, account: 111122223333, params: {ports: 22}}
exceptions:
  - {check: sg-no-ssh-opn, reason: r, owner: o}
  - {check: \"rds-*\", reason: r, owner: o}
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @r#"
        p.yaml:4:11: no check is called `sg-tidi` (did you mean `sg-tidy`?)
        p.yaml:4:32: no framework is called `sdt`
        p.yaml:4:48: no check is about the service `s4`
        p.yaml:4:54: no check has all of these properties
        p.yaml:6:38: `sg-no-ssh-open` has no parameter `port` (did you mean `ports`?)
        p.yaml:7:68: expected a list of ports
        p.yaml:9:13: no check is called `sg-no-ssh-opn` (did you mean `sg-no-ssh-open`?)
        p.yaml:10:13: no check matches `rds-*`
        "#);
}

#[test]
fn what_overrides_get_wrong_is_shown_with_help() {
    let text = "exclude: [{}, {tag: netwrk}]
overrides:
  - {severity: low}
  - {check: sg-no-ssh-open, account: [], severity: low}
  - {check: sg-no-ssh-open, ou: production, severity: low}
  - {check: sg-no-ssh-open, tag: {}, severity: low}
  - {check: sg-no-ssh-open, severity: lowest}
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @r#"
        p.yaml:4:11: this selects nothing
        p.yaml:6:6: `check` is missing
        p.yaml:7:38: an empty list says nothing: leave the key out
        p.yaml:8:33: `production` is no id such as `ou-ab12-cdefgh34`
        p.yaml:9:34: expected tags as `key: value`
        p.yaml:10:39: unknown word `lowest` (did you mean `low`?)
        "#);
    let text = "exclude: [{tag: netwrk}]
overrides:
  - {check: sg-no-ssh-open, account: 111122223333, severity: low}
  - {check: sg-no-ssh-open, account: [111122223333, 444455556666], severity: medium}
  - {check: sg-no-ssh-open, region: eu-west-1, params: {ports: [22]}}
  - {check: \"sg-no-*\", region: eu-west-1, params: {ports: [3389]}}
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @r#"
        p.yaml:4:17: no check has the tag `netwrk` (did you mean `network`?)
        p.yaml:7:6: this and the override on line 6 both set the severity of `sg-no-ssh-open` (neither is more specific: name an account, unit, region or tag in one of them)
        "#);
}

#[test]
fn a_broken_file_is_never_an_empty_policy() {
    for text in
        ["", "[]", "id: p", "id: p\ntitle: P\n", "id: p\ntitle: P\nchecks: []\n", "a: [", "~"]
    {
        let result = load_in(&[("p.yaml", text)], "p.yaml", None);
        assert!(matches!(result, Err(PolicyError::Invalid(_))), "{text:?}: {result:?}");
    }
}

#[test]
fn policies_add_to_those_they_extend() {
    let base = "id: base\ntitle: B\nchecks: [sg-*]\ngate: {fail_on: low, max_gaps: 3}\n\
                overrides: [{check: sg-no-ssh-open, severity: low}]\n";
    let own = "id: p\ntitle: P\nextends: base.yaml\nchecks: [{framework: std}]\nexclude: [sg-tidy]\n\
               gate: {fail_on: critical}\noverrides: [{check: sg-no-ssh-open, severity: medium}]\n";
    let files = [("a/base.yaml", base), ("a/p.yaml", own)];
    let policy = load_in(&files, "a/p.yaml", None).unwrap();
    let ids: Vec<&str> = policy.checks().iter().map(|check| check.id.as_str()).collect();
    assert_eq!(ids, ["iam-root-mfa", "s3-bucket-not-public", "sg-no-ssh-open"]);
    assert_eq!(policy.gate.fail_on, gate::Threshold::From(Severity::Critical));
    assert_eq!(policy.gate.max_gaps, gate::Limit::AtMost(3));
    assert_eq!(severity(&policy, ONE, None, &[]), Severity::Medium);
}

#[test]
fn a_policy_cannot_extend_itself() {
    let files = [
        ("p.yaml", "id: p\ntitle: P\nextends: q.yaml\n"),
        ("q.yaml", "id: q\ntitle: Q\nextends: p.yaml\n"),
    ];
    assert!(matches!(load_in(&files, "p.yaml", None), Err(PolicyError::Invalid(_))));
}

#[test]
fn an_environment_adds_to_its_policy() {
    let text =
        "id: p\ntitle: P\nextends: baseline\nenvironments:\n  dev: {gate: {fail_on: never}}\n";
    let files = [("p.yaml", text)];
    let policy = load_in(&files, "p.yaml", Some("dev")).unwrap();
    assert_eq!((policy.name.as_str(), policy.gate.fail_on), ("p (dev)", gate::Threshold::Never));
    let policy = load_in(&files, "p.yaml", None).unwrap();
    assert_eq!(policy.gate.fail_on, gate::Threshold::From(Severity::High));
}
