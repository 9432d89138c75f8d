//! Advice about policies that can be used.

use super::*;

fn advice(text: &str) -> String {
    let text = format!("id: p\ntitle: P\n{text}");
    let found =
        within(&[("p.yaml", &text)], None, |context| crate::policy::lint("p.yaml", context));
    found.unwrap().iter().map(|it| format!("{it}\n")).collect()
}

#[test]
fn exceptions_that_do_nothing_are_told() {
    let text = "checks: [sg-*]
exceptions:
  - {check: sg-tidy, reason: r, owner: o, expires: 2026-06-14}
  - {check: sg-tidy, reason: r, owner: o, expires: 2026-06-15}
  - {check: iam-root-mfa, reason: r, owner: o}
  - {check: \"sg-*\", account: [111122223333, 444455556666], reason: r, owner: o}
  - {check: sg-no-ssh-open, account: 111122223333, resource: x, reason: r, owner: o}
  - {check: sg-no-ssh-open, resource: x, reason: r, owner: o}
environments:
  dev:
    exceptions: [{check: sg-tidy, reason: r, owner: o, expires: 2025-01-01}]
";
    insta::assert_snapshot!(advice(text), @r#"
    p.yaml:5:6: this exception expired on 2026-06-14
    p.yaml:7:6: the policy selects no check that `iam-root-mfa` matches
    p.yaml:9:6: the exception at p.yaml:8 accepts all of this
    p.yaml:13:19: this exception expired on 2025-01-01
    "#);
}

#[test]
fn an_exception_that_lasts_longer_or_reaches_further_is_no_repetition() {
    let pairs = [
        ("expires: 2026-07-01", "expires: 2026-08-01"),
        ("expires: 2026-07-01", "ticket: T"),
        ("region: eu-west-1", "account: 111122223333"),
        ("resource: x", "resource: \"x*\""),
        ("tag: {a: b}", "ticket: T"),
    ];
    for (first, second) in pairs {
        let rule = |more: &str| format!("  - {{check: sg-tidy, reason: r, owner: o, {more}}}\n");
        let text = format!("checks: [sg-*]\nexceptions:\n{}{}", rule(first), rule(second));
        assert_eq!(advice(&text), "", "{first} / {second}");
    }
}

#[test]
fn embedded_policies_need_no_advice() {
    for name in embedded_names() {
        let found = within(&[], None, |context| crate::policy::lint(&name, context)).unwrap();
        assert!(found.is_empty(), "{found:?}");
    }
}
