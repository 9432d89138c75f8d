//! Which findings exceptions accept.

use super::*;

#[test]
fn exceptions_match_exactly_or_by_glob() {
    let cases = [
        ("check: s3-bucket-not-public, resource: logs", 2),
        ("check: s3-bucket-not-public, resource: \"logs*\"", 3),
        ("check: s3-bucket-not-public, resource: \"arn:aws:s3:::logs\"", 2),
        ("check: s3-bucket-not-public, resource: log", 0),
        ("check: \"s3-*\", account: 444455556666", 1),
        ("check: \"*-*\", region: global", 1),
        ("check: \"*-*\", region: us-east-1", 2),
        ("check: \"*-*\", ou: ou-ab12-111122223333", 3),
        ("check: \"*-*\", tag: {env: \"p*\"}", 5),
        ("check: \"*-*\", tag: {env: dev}", 0),
    ];
    for (rule, count) in cases {
        let policy = policy(&format!("exceptions: [{{{rule}, reason: r, owner: o}}]\n")).unwrap();
        assert_eq!(accepted(&policy, "2026-06-15").len(), count, "{rule}");
        let (_, notes) = except(&policy, "2026-06-15");
        assert_eq!(notes.unused.len(), usize::from(count == 0), "{rule}");
    }
}

#[test]
fn an_expired_exception_excuses_nothing_and_says_so() {
    let text = "exceptions: [{check: sg-no-ssh-open, reason: r, owner: o, expires: 2026-06-15}]\n";
    let policy = policy(text).unwrap();
    assert_eq!(accepted(&policy, "2026-06-15").len(), 1, "the day itself is included");
    let (findings, notes) = except(&policy, "2026-06-16");
    let marked = findings.iter().find_map(|finding| finding.details.exception.as_ref()).unwrap();
    assert!(!marked.in_force && marked.note.as_deref() == Some("it expired on 2026-06-15"));
    assert!(findings.iter().all(Finding::is_open_failure));
    insta::assert_snapshot!(notes.warnings.join("\n"), @r#"
        the exception for `sg-no-ssh-open` at p.yaml:4 no longer excuses: it expired on 2026-06-15
        "#);
}

#[test]
fn the_first_exception_that_holds_wins_and_both_are_shown() {
    let rule = |owner: &str, expires: &str| {
        format!("  - {{check: sg-no-ssh-open, reason: r, owner: {owner}, expires: {expires}}}\n")
    };
    let text = [
        "exceptions:\n",
        &rule("gone", "2026-01-01"),
        &rule("b", "2027-01-01"),
        &rule("c", "2028-01-01"),
    ]
    .concat();
    let (findings, notes) = except(&policy(&text).unwrap(), "2026-06-15");
    let marked = findings.iter().find_map(|finding| finding.details.exception.as_ref()).unwrap();
    assert_eq!((marked.owner.as_str(), marked.in_force), ("b", true));
    insta::assert_snapshot!(notes.warnings.join("\n"), @r#"
        the exception for `sg-no-ssh-open` at p.yaml:6 wins over the exception for `sg-no-ssh-open` at p.yaml:7
        "#);
}

#[test]
fn what_is_unknown_keeps_its_exception_in_use_and_stays_unknown() {
    let text = "exceptions: [{check: sg-no-ssh-open, reason: r, owner: o}]\n";
    let policy = policy(text).unwrap();
    let mut findings = findings();
    for finding in &mut findings {
        finding.verdict = Verdict::Unknown;
    }
    let accounts = accounts();
    let sight = Sight { accounts: &accounts, left_out: &[], whole: true };
    let notes = policy.except(&mut findings, sight, "2026-06-15".parse().unwrap());
    assert_eq!(notes, gate::Notes::default());
    assert!(findings.iter().all(|finding| finding.details.exception.is_none()));
}

#[test]
fn a_policy_limits_its_exceptions() {
    let limits = "exception_limits: {max_days: 30, max_severity: medium, ticket_required: true}\n";
    let rule = |more: &str| {
        format!("{limits}exceptions:\n  - {{check: sg-no-ssh-open, reason: r, owner: o{more}}}\n")
    };
    assert_eq!(mistakes(&rule("")).len(), 2);
    assert!(mistakes(&rule(", ticket: T-1, expires: 2026-07-16"))[0].contains("until 2026-07-15"));
    let policy = policy(&rule(", ticket: T-1, expires: 2026-07-15")).unwrap();
    let (findings, notes) = except(&policy, "2026-06-15");
    assert!(findings.iter().all(Finding::is_open_failure), "high failures are not accepted");
    assert!(notes.warnings[0].contains("no exceptions above medium"), "{notes:?}");
}

#[test]
fn an_exception_is_not_idle_where_nobody_looked() {
    let text = "exceptions: [{check: sg-tidy, account: 111122223333, reason: r, owner: o}]\n";
    let policy = policy(text).unwrap();
    let unused = |sight: Sight<'_>| {
        policy.except(&mut findings(), sight, "2026-06-15".parse().unwrap()).unused.len()
    };
    let all = accounts();
    let seen = Sight { accounts: &all, left_out: &[], whole: true };
    assert_eq!(unused(seen), 1);
    assert_eq!(unused(Sight { whole: false, ..seen }), 0, "there are gaps");
    assert_eq!(unused(Sight { accounts: &all[1..], ..seen }), 0, "another account");
    let check: [CheckId; 1] = ["sg-tidy".parse().unwrap()];
    assert_eq!(unused(Sight { left_out: &check, ..seen }), 0, "the check was not evaluated");
}
