//! Exceptions written into files.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::policy::edit::scalar;

const HEAD: &str = "id: p\ntitle: P # what for\nchecks: [\"*\"]\n";

fn words() -> Acceptance {
    Acceptance {
        reason: "Public site: static".into(),
        owner: "web".into(),
        ticket: Some("SEC-1".into()),
        expires: "2026-12-31".parse().unwrap(),
    }
}

fn scan() -> Scan {
    let mut scan = crate::finding::sample::scan();
    scan.accounts = accounts();
    scan.findings = findings();
    scan
}

/// Accepts the second finding, a public bucket, in a policy of that text.
fn accept_in(text: &str, acceptance: &Acceptance) -> Result<String, AcceptError> {
    let scan = scan();
    within(&[("p.yaml", text)], None, |context| {
        accept("p.yaml", context, &scan, &scan.findings[1], acceptance)
    })
}

fn refused(text: &str, acceptance: &Acceptance) -> String {
    match accept_in(&format!("{HEAD}{text}"), acceptance).unwrap_err() {
        AcceptError::Policy(PolicyError::Invalid(found)) => found[0].to_string(),
        other => other.to_string(),
    }
}

const ONE_MORE: &str = "- check: s3-bucket-not-public
    resource: \"arn:aws:s3:::logs\"
    account: \"111122223333\"
    region: eu-west-1
    reason: \"Public site: static\"
    owner: web
    ticket: SEC-1
    expires: 2026-12-31
";

#[test]
fn an_exception_is_added_and_nothing_else_changes() {
    let indented = format!("  {ONE_MORE}");
    let flat = ONE_MORE.replace("\n    ", "\n  ");
    let old =
        "check: sg-tidy\n    reason: |\n      # text, no comment\n\n      more\n    owner: o\n";
    let cases = [
        // No list yet, with and without a line break at the end.
        (String::new(), format!("exceptions:\n{indented}")),
        ("gate: {fail_on: low} # strict".into(), {
            format!("gate: {{fail_on: low}} # strict\nexceptions:\n{indented}")
        }),
        // An empty list keeps the comment behind it.
        (
            "exceptions: [] # none\ngate: {}\n".into(),
            format!("exceptions: # none\n{indented}gate: {{}}\n"),
        ),
        // Behind the last of a list, before what follows, comments where they were.
        (
            format!(
                "exceptions: # ours\n  # first\n  - {old}    # its end\n\n# the gate\ngate: {{}}\n"
            ),
            format!(
                "exceptions: # ours\n  # first\n  - {old}    # its end\n{indented}\n# the gate\ngate: {{}}\n"
            ),
        ),
        // A list that is not indented.
        (
            "exceptions:\n- {check: sg-tidy, reason: r, owner: o}\n# the gate\ngate: {}\n".into(),
            format!(
                "exceptions:\n- {{check: sg-tidy, reason: r, owner: o}}\n{flat}# the gate\ngate: {{}}\n"
            ),
        ),
    ];
    for (before, after) in cases {
        let changed = accept_in(&format!("{HEAD}{before}"), &words()).unwrap();
        assert_eq!(changed, format!("{HEAD}{after}"), "from {before}");
    }
}

#[test]
fn a_list_in_brackets_gets_one_more_element() {
    let text =
        "exceptions: [{check: sg-tidy, reason: \"a ] # b\", owner: o}, # why ]\n]\ngate: {}\n";
    let changed = accept_in(&format!("{HEAD}{text}"), &words()).unwrap();
    let element = ", expires: 2026-12-31}";
    assert!(changed.contains("owner: o}, # why ]") && changed.contains(element), "{changed}");
    assert!(changed.ends_with("}]\ngate: {}\n"));
    let text = "exceptions: [\n  {check: sg-tidy, reason: r, owner: o}\n]\n";
    let changed = accept_in(&format!("{HEAD}{text}"), &words()).unwrap();
    assert!(changed.contains("owner: o}, {check: ") && changed.ends_with("}\n]\n"), "{changed}");
}

#[test]
fn line_breaks_of_windows_are_kept() {
    let text = format!("{HEAD}exceptions:\n  - {{check: sg-tidy, reason: r, owner: o}}\n");
    let changed = accept_in(&text.replace('\n', "\r\n"), &words()).unwrap();
    assert_eq!(changed.matches('\n').count(), changed.matches("\r\n").count());
    assert_eq!(changed.replace("\r\n", "\n"), format!("{text}  {ONE_MORE}"));
}

#[test]
fn what_cannot_be_accepted_is_refused_in_one_sentence() {
    let past = Acceptance { expires: "2026-06-14".parse().unwrap(), ..words() };
    assert_eq!(refused("", &past), "2026-06-14 is over: an exception has to hold today");
    let today = Acceptance { expires: "2026-06-15".parse().unwrap(), ..words() };
    assert!(accept_in(HEAD, &today).is_ok(), "the day itself is included");
    let nobody = Acceptance { owner: " ".into(), ..words() };
    assert_eq!(refused("", &nobody), "the owner is empty or has control characters");
    let lines = Acceptance { reason: "a\nb: c".into(), ..words() };
    assert_eq!(refused("", &lines), "the reason is empty or has control characters");
    let known = "exceptions: [{check: s3-bucket-not-public, reason: site, owner: web}]\n";
    let already = refused(known, &words());
    assert_eq!(already, "the policy accepts this finding already: site (web)");
    let limits = "exception_limits: {max_severity: medium}\n";
    assert!(refused(limits, &words()).contains("allows no exceptions above medium"));
    let limits = "exception_limits: {max_days: 30}\n";
    assert!(refused(limits, &words()).contains("until 2026-07-15 at most"));
    let limits = "exception_limits: {ticket_required: true}\n";
    let bare = Acceptance { ticket: None, ..words() };
    assert!(refused(limits, &bare).contains("asks for a `ticket`"));
    assert!(refused("gat: {}\n", &words()).contains("unknown key `gat`"));
}

#[test]
fn only_failures_are_accepted_and_no_other_finding_with_them() {
    let mut scan = scan();
    let call = |scan: &Scan| {
        within(&[("p.yaml", HEAD)], None, |context| {
            accept("p.yaml", context, scan, &scan.findings[1], &words())
        })
    };
    scan.findings[1].verdict = Verdict::Unknown;
    assert!(matches!(call(&scan), Err(AcceptError::NoFailure(Verdict::Unknown))));
    scan.findings[1].verdict = Verdict::Fail;
    // A name with a star is a glob, and would accept the other bucket too.
    Arc::make_mut(&mut scan.findings[1].site).resource.arn = Some("arn:aws:s3:::logs*".into());
    match call(&scan) {
        Err(AcceptError::Broader(1, other)) => assert_eq!(other, "logs-2"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_form_without_a_place_is_refused_and_not_spoilt() {
    let flow = "{id: p, title: P, checks: [\"*\"]}\n";
    assert!(matches!(accept_in(flow, &words()), Err(AcceptError::Form(_))));
    let ended = format!("{HEAD}...\n");
    assert!(matches!(accept_in(&ended, &words()), Err(AcceptError::Form(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_words_come_back_as_they_were(text in "[ -~äß日🦀]{1,40}") {
        let acceptance = Acceptance { reason: text.clone(), ..words() };
        let Ok(changed) = accept_in(HEAD, &acceptance) else {
            prop_assert!(text.trim().is_empty());
            return Ok(());
        };
        let policy = load_in(&[("p.yaml", &changed)], "p.yaml", None).unwrap();
        let (findings, _) = except(&policy, "2026-06-15");
        let accepted = findings[1].details.exception.as_ref().unwrap();
        prop_assert_eq!(accepted.reason.as_str(), text.trim());
    }

    #[test]
    fn any_text_is_a_scalar(text in "\\PC{1,30}") {
        let file = SourceFile::new("x.yaml", format!("a: {}\n", scalar(&text)));
        let node = crate::check::yaml::read(&file).unwrap();
        prop_assert_eq!(&node.to_json()["a"], &Json::from(text));
    }
}
