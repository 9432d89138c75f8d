//! Roles that nothing tells apart are tried together, and each is still judged for itself.

use super::*;

const ROLES: usize = 2_500;

fn arn(kind: &str, at: usize) -> String {
    format!("arn:aws:iam::111122223333:{kind}/r-{at}")
}

/// What a user can do to each of many roles: it may assume those that end in 7 and create versions of
/// one policy; the trust policy of every third role lets the account in, that of one only the user, and
/// that of the others a service.
#[test]
fn each_of_many_roles_is_judged_for_itself() {
    let account = Account::new(&[
        (
            "p",
            Kind::Identity,
            policy(json!([
                allow(&["sts:AssumeRole"], "arn:aws:iam::111122223333:role/r-*7"),
                allow(&["iam:CreatePolicyVersion"], "arn:aws:iam::111122223333:policy/r-27"),
                {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": arn("role", 57)},
            ])),
        ),
        ("account", Kind::Trust, trust(json!({"AWS": "111122223333"}))),
        ("alice", Kind::Trust, trust(json!({"AWS": ALICE}))),
        ("service", Kind::Trust, trust(json!({"Service": "ec2.amazonaws.com"}))),
    ]);
    let names: Vec<(String, String)> =
        (0..ROLES).map(|at| (arn("role", at), arn("policy", at))).collect();
    let trusted = |at: usize| match at {
        2_402 => "alice",
        _ if at.is_multiple_of(3) => "account",
        _ => "service",
    };
    let roles = names.iter().enumerate().map(|(at, (arn, policy))| Other {
        managed: Some(vec![policy.as_str()]),
        ..account.role(arn, trusted(at), true)
    });
    let around = Surroundings { users: Some(Vec::new()), roles: Some(roles.collect()) };
    let outcome = moves(&account.subject(ALICE, &["p"]), &around);
    let found = |method: &str| -> Vec<&str> {
        let own = outcome.findings.iter().filter(|it| it.method.id == method);
        own.map(|it| it.target.as_deref().expect("a role")).collect()
    };
    let assumable =
        |at: &usize| (at.is_multiple_of(3) && at % 10 == 7 && *at != 57) || *at == 2_402;
    let mut expected: Vec<String> =
        (0..ROLES).filter(assumable).map(|at| arn("role", at)).collect();
    expected.sort();
    assert_eq!(found("sts-001"), expected);
    assert_eq!(found("iam-016"), [arn("role", 27)]);
    for finding in &outcome.findings {
        let requests = finding.requests.iter();
        let mut assumed = requests.filter(|(action, _)| *action == "sts:AssumeRole");
        assert!(assumed.all(|(_, on)| Some(on) == finding.target.as_ref()));
    }
}
