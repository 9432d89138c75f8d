//! What counts as new, fixed and worse, and what is said to have changed it.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::check::{Evidence, Severity, Verdict};
use crate::finding::{Exception, sample};
use crate::inventory::{Gap, Reason, ReasonKind};

/// A scan with one failure on a group, and all that was asked for read.
fn scan() -> Scan {
    let mut scan = sample::scan();
    scan.gaps = Vec::new();
    scan.findings.retain(|it| it.resource().id == "sg-0abc");
    assert_eq!(scan.findings.len(), 1);
    scan
}

/// One word of a test: what to do with the scan.
fn with(change: impl FnOnce(&mut Finding)) -> Scan {
    let mut scan = scan();
    change(&mut scan.findings[0]);
    scan
}

fn verdict(verdict: Verdict) -> Scan {
    with(|it| it.verdict = verdict)
}

fn accepted() -> Scan {
    with(|it| {
        it.details.exception = Some(Box::new(Exception {
            reason: "r".into(),
            owner: "o".into(),
            ticket: None,
            expires: None,
            in_force: true,
            note: None,
        }));
    })
}

fn gone() -> Scan {
    let mut scan = scan();
    scan.findings.clear();
    scan
}

fn gone_and(change: impl FnOnce(&mut Scan)) -> Scan {
    let mut scan = gone();
    change(&mut scan);
    scan
}

fn of(old: &Scan, new: &Scan) -> Comparison {
    let side = |scan| Side { scan, inventory: None };
    compare(side(old), side(new), None)
}

/// `kind: was -> is (causes)`, with `!` where it is worse.
fn told(old: &Scan, new: &Scan) -> String {
    match of(old, new).findings.as_slice() {
        [] => "nothing".into(),
        [change] => {
            let worse = if change.worse { "! " } else { "" };
            format!("{worse}{}: {}", change.kind.as_str(), table::passage(change))
        }
        more => panic!("{more:?}"),
    }
}

#[test]
fn every_passage_has_its_kind_and_cause() {
    let open = scan();
    let (pass, unknown) = (verdict(Verdict::Pass), verdict(Verdict::Unknown));
    let not_applicable = verdict(Verdict::NotApplicable);
    let cases = [
        (&pass, &open, "! new: pass -> fail (setting)"),
        (&not_applicable, &open, "! new: not applicable -> fail (setting)"),
        (&gone(), &open, "! new: absent -> fail (resource)"),
        (&unknown, &open, "! new: unknown -> fail (visibility)"),
        (&pass, &accepted(), "new: pass -> accepted (setting)"),
        (&open, &pass, "fixed: fail -> pass (setting)"),
        (&open, &not_applicable, "fixed: fail -> not applicable (setting)"),
        (&open, &gone(), "fixed: fail -> absent (resource)"),
        (&accepted(), &gone(), "fixed: accepted -> absent (resource)"),
        (&open, &unknown, "! changed: fail -> unknown (visibility)"),
        (&pass, &unknown, "! changed: pass -> unknown (visibility)"),
        (&gone(), &unknown, "! changed: absent -> unknown (resource)"),
        (&unknown, &pass, "changed: unknown -> pass (visibility)"),
        (&open, &accepted(), "changed: fail -> accepted (exception)"),
        (&accepted(), &open, "! changed: accepted -> fail (exception)"),
        (&open, &open, "nothing"),
        (&pass, &pass, "nothing"),
        (&pass, &gone(), "nothing"),
        (&gone(), &pass, "nothing"),
        (&unknown, &unknown, "nothing"),
        (&unknown, &gone(), "nothing"),
        (&pass, &not_applicable, "nothing"),
    ];
    for (old, new, wanted) in cases {
        assert_eq!(told(old, new), wanted);
        assert_eq!(of(old, new).is_worse(), wanted.starts_with('!'), "{wanted}");
    }
}

#[test]
fn what_is_not_seen_any_more_is_not_fixed() {
    let gap = |account: &str, region: Option<&str>| Gap {
        reason: Reason {
            account: Some(account.parse().unwrap()),
            region: region.map(|it| it.parse().unwrap()),
            ..Reason::new(ReasonKind::Denied, "ec2:DescribeSecurityGroups", "AccessDenied")
        },
        count: 1,
        example: None,
    };
    let lost = "! changed: fail -> absent (visibility)";
    let one = sample::ONE;
    let cases = [
        (gone_and(|it| it.gaps.push(gap(one, Some("eu-west-1")))), lost),
        (gone_and(|it| it.gaps.push(gap(one, None))), lost),
        (
            gone_and(|it| it.gaps.push(gap(one, Some("us-east-1")))),
            "fixed: fail -> absent (resource)",
        ),
        (gone_and(|it| it.gaps.push(gap(sample::TWO, None))), "fixed: fail -> absent (resource)"),
        (gone_and(|it| it.accounts[0].regions.clear()), lost),
        (gone_and(|it| it.accounts[0].status = AccountStatus::Skipped("x".into())), lost),
        (gone_and(|it| it.accounts.clear()), "changed: fail -> absent (visibility)"),
        (gone_and(|it| it.checks.clear()), "changed: fail -> absent (check)"),
    ];
    for (new, wanted) in &cases {
        assert_eq!(&told(&scan(), new), wanted);
    }
}

#[test]
fn check_parameter_severity_and_setting_are_told_apart() {
    let mut other_check = scan();
    other_check.checks.iter_mut().for_each(|it| it.digest = "0".into());
    assert_eq!(told(&other_check, &scan()), "nothing", "the same answer by another way");
    other_check.findings[0].verdict = Verdict::Pass;
    assert_eq!(told(&other_check, &scan()), "! new: pass -> fail (check)");
    let params = with(|it| {
        drop(Arc::make_mut(&mut it.rule).params.insert("ports".into(), json!([22, 3389])))
    });
    assert_eq!(told(&scan(), &params), "changed: fail -> fail (parameter)");
    let worse = with(|it| Arc::make_mut(&mut it.rule).severity = Severity::Critical);
    assert_eq!(told(&scan(), &worse), "! changed: fail -> fail, high -> critical (severity)");
    assert_eq!(told(&worse, &scan()), "changed: fail -> fail, critical -> high (severity)");
    let setting = with(|it| {
        it.details
            .evidence
            .push(Evidence { path: "ingress[1].source".into(), value: json!("::/0") });
    });
    assert_eq!(told(&scan(), &setting), "changed: fail -> fail (setting)");
}

#[test]
fn what_only_grew_old_is_told_from_what_changed() {
    let (old, new) = (verdict(Verdict::Pass), scan());
    let side = |scan| Side { scan, inventory: None };
    let aged = compare(side(&old), side(&new), Some(&new.findings));
    assert_eq!(aged.findings[0].causes, [Cause::Time]);
    let young = compare(side(&old), side(&new), Some(&old.findings));
    assert_eq!(young.findings[0].causes, [Cause::Setting]);
}

#[test]
fn a_scan_against_itself_differs_in_nothing() {
    let scan = sample::scan();
    let same = of(&scan, &scan);
    assert!(same.is_empty() && !same.is_worse());
}

#[test]
fn accounts_that_come_go_or_fail_are_reported() {
    let mut new = scan();
    let refused = Reason::new(ReasonKind::NotAssumed, "sts:AssumeRole", "AccessDenied");
    new.accounts[0].status = AccountStatus::Failed(refused);
    new.accounts[1].regions.pop();
    let came = Account { id: "555566667777".parse().unwrap(), ..new.accounts[1].clone() };
    new.accounts.push(came);
    new.accounts.remove(2);
    let changed = of(&scan(), &new);
    let lines: Vec<String> = changed.accounts.iter().map(table::account).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
        111122223333 (acme-prod): scanned -> failed: sts:AssumeRole AccessDenied
        444455556666 (acme-dev): scanned -us-east-1
        555566667777 (acme-dev): not part of the scan -> scanned
        777788889999 (acme-old): skipped: suspended -> not part of the scan
        "#);
    assert!(changed.accounts[0].worse && changed.is_worse());
    assert!(!changed.accounts[1].worse);
}

#[test]
fn hostile_names_stay_text_in_every_format() {
    let hostile = "x\u{1b}[31m<img src=x>|`a`\n::error::y";
    let new = with(|it| {
        Arc::make_mut(&mut it.site).resource.id = hostile.into();
        it.details.messages = vec![hostile.into()];
    });
    let mut comparison = of(&verdict(Verdict::Pass), &new);
    let place = comparison.resources.remove(0).place;
    let field =
        FieldChange { path: hostile.into(), old: Some(json!(hostile)), new: Some(json!(null)) };
    comparison.resources = vec![ResourceChange { place, what: What::Changed(vec![field]) }];
    for format in [Format::Table, Format::Markdown, Format::Json] {
        let mut out = Vec::new();
        write(format, &comparison, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains('\u{1b}') && !text.contains("\n::error"), "{text}");
        assert!(format != Format::Markdown || !text.contains("<img"), "{text}");
    }
}

#[test]
fn a_long_comparison_is_cut_and_counted() {
    let mut new = scan();
    let first = new.findings[0].clone();
    for number in 0..20_000 {
        let mut finding = first.clone();
        Arc::make_mut(&mut finding.site).resource.id = format!("sg-{number}");
        finding.fingerprint = format!("{number:032x}").parse().unwrap();
        new.findings.push(finding);
    }
    let mut out = Vec::new();
    write(Format::Markdown, &of(&scan(), &new), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.len() < 1 << 20, "{}", text.len());
    assert!(text.contains("more are left out"), "cut without a word");
    assert!(text.contains("findings: 20000 new"));
}

#[test]
fn a_misspelt_format_gets_a_suggestion() {
    let error = "markdwn".parse::<Format>().unwrap_err();
    assert_eq!(error, "unknown format `markdwn`; did you mean `markdown`?");
}
