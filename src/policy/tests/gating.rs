//! What fails the gate, and frameworks as policies.

use super::*;

#[test]
fn the_gate_decides_by_severity_unknowns_gaps_and_accounts() {
    let gate = |text: &str| policy(&format!("gate: {text}\n")).unwrap();
    let all = findings();
    assert_eq!(exit(&gate("{fail_on: high}"), &all, &[], None), Exit::Failed);
    assert_eq!(exit(&gate("{fail_on: never}"), &all, &[], None), Exit::Passed);
    assert_eq!(exit(&gate("{fail_on: critical}"), &all[1..], &[], None), Exit::Passed);
    let gap = Gap { reason: Reason::new(ReasonKind::Denied, "s3:x", "e"), count: 1, example: None };
    assert_eq!(exit(&gate("{}"), &[], std::slice::from_ref(&gap), None), Exit::Incomplete);
    assert_eq!(exit(&gate("{}"), &all, std::slice::from_ref(&gap), None), Exit::Incomplete);
    assert_eq!(exit(&gate("{max_gaps: 1}"), &[], std::slice::from_ref(&gap), None), Exit::Passed);
    assert_eq!(exit(&gate("{max_gaps: any, fail_on: low}"), &all, &[gap], None), Exit::Failed);
    let mut unknown = all.clone();
    unknown.iter_mut().for_each(|finding| finding.verdict = Verdict::Unknown);
    assert_eq!(exit(&gate("{}"), &unknown, &[], None), Exit::Passed);
    assert_eq!(exit(&gate("{max_unknown: {critical: 0}}"), &unknown, &[], None), Exit::Failed);
    assert_eq!(exit(&gate("{max_unknown: {high: 4}}"), &unknown, &[], None), Exit::Passed);
    assert_eq!(exit(&gate("{min_decided: 1}"), &unknown, &[], None), Exit::Failed);
}

#[test]
fn accounts_that_could_not_be_scanned_make_the_scan_incomplete() {
    let decide = |policy: &Policy, accounts: &[Account], interrupted| {
        let subject = gate::Subject { findings: &[], accounts, gaps: &[], interrupted };
        gate::decide("p", &policy.gate, subject, None, gate::Notes::default())
    };
    let strict = policy("gate: {max_gaps: any}\n").unwrap();
    let half = policy("gate: {max_gaps: any, min_accounts: 50}\n").unwrap();
    let mut two = accounts();
    assert_eq!(Exit::from(&decide(&strict, &two, false)), Exit::Passed);
    assert_eq!(Exit::from(&decide(&strict, &two, true)), Exit::Incomplete);
    two[1].status =
        AccountStatus::Failed(Reason::new(ReasonKind::NotAssumed, "sts:AssumeRole", "x"));
    assert_eq!(Exit::from(&decide(&strict, &two, false)), Exit::Incomplete);
    assert_eq!(Exit::from(&decide(&half, &two, false)), Exit::Passed);
    two[1].status = AccountStatus::Skipped("suspended".into());
    assert_eq!(Exit::from(&decide(&strict, &two, false)), Exit::Passed);
    two[0].status = AccountStatus::Skipped("excluded".into());
    assert_eq!(Exit::from(&decide(&half, &two, false)), Exit::Incomplete, "nothing was scanned");
}

#[test]
fn only_what_the_baseline_lacks_is_new() {
    let policy = policy("gate: {only_new: true}\n").unwrap();
    let all = findings();
    assert_eq!(exit(&policy, &all, &[], Some(&Baseline::of(&all))), Exit::Passed);
    assert_eq!(exit(&policy, &all, &[], Some(&Baseline::of(&all[1..]))), Exit::Failed);
    assert_eq!(exit(&policy, &all, &[], None), Exit::Failed, "without a baseline all are new");
    let mut unseen = all.clone();
    unseen[0].verdict = Verdict::Unknown;
    assert_eq!(exit(&policy, &all, &[], Some(&Baseline::of(&unseen))), Exit::Failed);
}

#[test]
fn unused_exceptions_fail_where_the_policy_says_so() {
    let text = "exceptions: [{check: sg-tidy, reason: r, owner: o}]\n";
    let mut scan = crate::finding::sample::scan();
    scan.findings = Vec::new();
    scan.gaps = Vec::new();
    scan.accounts = accounts();
    scan.checks = Vec::new();
    for meta in metas() {
        let id = meta.id.as_str();
        let check = crate::finding::sample::check(id, "t", meta.severity, "AWS::S3::Bucket");
        scan.checks.push(check);
    }
    let lenient = policy(text).unwrap();
    assert_eq!(lenient.judge(&mut scan, None, false), Exit::Passed);
    assert_eq!(scan.gate.warnings, ["the exception for `sg-tidy` at p.yaml:4 matches no failure"]);
    let strict = policy(&format!("{text}gate: {{unused_exceptions: fail}}\n")).unwrap();
    assert_eq!(strict.judge(&mut scan, None, false), Exit::Failed);
}

#[test]
fn exit_codes_are_what_the_documentation_says() {
    let codes = [Exit::Passed, Exit::Failed, Exit::CouldNotRun, Exit::Incomplete].map(Exit::code);
    assert_eq!(codes, [0, 1, 2, 3]);
}

#[test]
fn a_framework_is_a_policy_with_a_summary() {
    let policy = load_in(&[], "std", None).unwrap();
    let ids: Vec<&str> = policy.checks().iter().map(|check| check.id.as_str()).collect();
    assert_eq!(ids, ["iam-root-mfa", "s3-bucket-not-public"]);
    let mut scan = crate::finding::sample::scan();
    scan.accounts = accounts();
    scan.gaps = Vec::new();
    let summary = |id: &str, control: &str| crate::finding::CheckSummary {
        controls: vec![control.into()],
        ..crate::finding::sample::check(id, "t", Severity::High, "AWS::S3::Bucket")
    };
    scan.checks = vec![summary("iam-root-mfa", "std/1"), summary("s3-bucket-not-public", "std/2")];
    let with = |check: &str, control: &str, verdict| {
        let mut finding = finding(check, ONE, None, "x");
        Arc::make_mut(&mut finding.rule).controls = vec![control.into()];
        finding.verdict = verdict;
        finding
    };
    scan.findings = vec![
        with("iam-root-mfa", "std/1", Verdict::Pass),
        with("s3-bucket-not-public", "std/2", Verdict::Fail),
    ];
    let frameworks = frameworks();
    let states = |scan: &Scan| -> Vec<&str> {
        let assessed = framework::assess(frameworks.get("std").unwrap(), scan);
        assessed.requirements.iter().map(|it| it.state.as_str()).collect()
    };
    assert_eq!(states(&scan), ["met", "not met", "manual", "not covered"]);
    scan.findings[1].verdict = Verdict::Unknown;
    assert_eq!(states(&scan)[1], "unknown");
    scan.findings[1].verdict = Verdict::NotApplicable;
    assert_eq!(states(&scan)[1], "not applicable");
    let refused = Reason::new(ReasonKind::NotAssumed, "sts:AssumeRole", "x");
    scan.accounts[0].status = AccountStatus::Failed(refused);
    assert_eq!(states(&scan), ["unknown", "unknown", "manual", "not covered"], "never met unseen");
}

#[test]
fn what_passes_takes_no_room_when_it_is_judged() {
    let text = "exceptions: [{check: sg-no-ssh-open, reason: r, owner: o}]\n";
    let mut scan = crate::finding::sample::scan();
    scan.checks[2].implied_by = vec![scan.checks[1].id.clone()];
    let passes = scan.findings.iter().filter(|it| it.verdict == Verdict::Pass).count();
    assert!(passes > 0);
    policy(text).unwrap().judge(&mut scan, None, false);
    policy("").unwrap().judge(&mut scan, None, false);
    let mut plain = scan.findings.iter().filter(|it| it.verdict == Verdict::Pass);
    assert!(plain.all(|it| !it.details.take_room()));
}
