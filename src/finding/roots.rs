//! One root cause is one finding: failures that follow from another failure of the same resource.
//!
//! A check may declare that failures of other checks make it fail too (`implied_by`): a security
//! group that is open on all ports is open on port 22. Such a failure stays a failure, in every list
//! of verdicts and for every requirement, but it is no open failure of its own: tables, SARIF,
//! counts and gate show the root alone, which names what follows from it.

use std::collections::BTreeMap;

use super::{CheckSummary, Finding, Resource};
use crate::aws::{AccountId, Region};
use crate::check::{CheckId, MAX_ELEMENTS};

/// Marks the failures that follow from others. A failure follows when what it lists is also in the
/// lists of its causes: a rule of its own keeps it a failure of its own. A cause must be an open
/// failure of the same or a worse severity, so that nothing hides behind what a policy accepts or
/// takes lightly.
pub fn mark(findings: &mut [Finding], checks: &[CheckSummary]) {
    for finding in findings.iter_mut() {
        let details = &finding.details;
        if !details.implied_by.is_empty() || !details.implies.is_empty() {
            finding.details.implied_by.clear();
            finding.details.implies.clear();
        }
    }
    let causes_of: BTreeMap<&CheckId, &[CheckId]> = checks
        .iter()
        .filter(|check| !check.implied_by.is_empty())
        .map(|check| (&check.id, check.implied_by.as_slice()))
        .collect();
    if causes_of.is_empty() {
        return;
    }
    let implied = implied(findings, &causes_of);
    note(findings, &implied);
}

/// The failures that follow from others, each with those.
fn implied(
    findings: &[Finding],
    causes_of: &BTreeMap<&CheckId, &[CheckId]>,
) -> Vec<(usize, Vec<usize>)> {
    let mut failures: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate().filter(|(_, it)| it.is_unexcused_failure()) {
        failures.entry(place(finding)).or_default().push(at);
    }
    let mut implied = Vec::new();
    for group in failures.values().filter(|group| group.len() > 1) {
        for at in group {
            let causes = causes(findings, *at, group, causes_of);
            if !causes.is_empty() {
                implied.push((*at, causes));
            }
        }
    }
    implied
}

/// Where the resource of a finding is, so that findings of the same resource meet.
fn place(finding: &Finding) -> (&AccountId, Option<&Region>, &str, &str) {
    let Resource { r#type, id, .. } = finding.resource();
    (finding.account(), finding.region(), r#type, id)
}

/// The failures of the group that a failure follows from; none when it stands for itself.
fn causes(
    findings: &[Finding],
    at: usize,
    group: &[usize],
    causes_of: &BTreeMap<&CheckId, &[CheckId]>,
) -> Vec<usize> {
    let Some(finding) = findings.get(at) else { return Vec::new() };
    let Some(declared) = causes_of.get(finding.check()) else { return Vec::new() };
    let is_cause = |other: &&usize| {
        findings.get(**other).is_some_and(|other| {
            declared.contains(other.check()) && other.severity() >= finding.severity()
        })
    };
    let causes: Vec<usize> = group.iter().filter(is_cause).copied().collect();
    let blamed: Vec<&str> =
        causes.iter().filter_map(|at| findings.get(*at)).flat_map(elements).collect();
    let is_blamed = |element: &str| {
        blamed.iter().any(|known| {
            element.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    // A list that was cut may hold an element of its own.
    let whole = elements(finding).count() < MAX_ELEMENTS;
    if whole && elements(finding).all(is_blamed) { causes } else { Vec::new() }
}

/// The elements of lists that a finding shows: their paths up to the last index.
fn elements(finding: &Finding) -> impl Iterator<Item = &str> {
    finding.details.evidence.iter().filter_map(|it| it.path.get(..=it.path.rfind(']')?))
}

/// Writes down what follows from what. A cause that follows from another itself passes on what
/// follows from it, so that roots name everything. Causes never go in a circle: libraries that do
/// are refused.
fn note(findings: &mut [Finding], implied: &[(usize, Vec<usize>)]) {
    let causes_of: BTreeMap<usize, &[usize]> =
        implied.iter().map(|(at, causes)| (*at, causes.as_slice())).collect();
    for (at, causes) in implied {
        let Some(check) = findings.get(*at).map(|it| it.check().clone()) else { continue };
        let mut todo: Vec<usize> = causes.clone();
        let mut roots: Vec<usize> = Vec::new();
        while let Some(cause) = todo.pop() {
            match causes_of.get(&cause) {
                Some(more) => todo.extend(*more),
                None if !roots.contains(&cause) => roots.push(cause),
                None => {}
            }
        }
        let mut names = Vec::new();
        for root in roots {
            if let Some(root) = findings.get_mut(root) {
                root.details.implies.push(check.clone());
                names.push(root.check().clone());
            }
        }
        names.sort();
        if let Some(finding) = findings.get_mut(*at) {
            finding.details.implied_by = names;
        }
    }
    for finding in findings.iter_mut().filter(|it| !it.details.implies.is_empty()) {
        finding.details.implies.sort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::{Evidence, Severity, Verdict};
    use crate::finding::sample;

    fn summary(id: &str, severity: Severity, causes: &[&str]) -> CheckSummary {
        CheckSummary {
            implied_by: causes.iter().map(|id| id.parse().unwrap()).collect(),
            ..sample::check(id, id, severity, "AWS::EC2::SecurityGroup")
        }
    }

    fn checks() -> [CheckSummary; 3] {
        [
            summary("sg-all", Severity::Critical, &[]),
            summary("sg-ssh", Severity::High, &["sg-all"]),
            summary("sg-admin", Severity::High, &["sg-ssh"]),
        ]
    }

    fn failure(check: &CheckSummary, group: &str, paths: &[&str]) -> Finding {
        let evidence = |path: &&str| Evidence { path: (*path).into(), value: serde_json::json!(1) };
        let mut finding = sample::finding(check, Verdict::Fail, sample::ONE, group);
        finding.details.evidence = paths.iter().map(evidence).collect();
        finding
    }

    fn open(findings: &[Finding]) -> Vec<&str> {
        findings.iter().filter(|it| it.is_open_failure()).map(|it| it.check().as_str()).collect()
    }

    #[test]
    fn what_follows_is_folded_into_its_root_through_all_steps() {
        let [all, ssh, admin] = checks();
        let mut findings = vec![
            failure(&all, "sg-1", &["open[0]"]),
            failure(&ssh, "sg-1", &["open[0].traffic"]),
            failure(&admin, "sg-1", &["open[0]"]),
            failure(&ssh, "sg-2", &["open[0]"]),
        ];
        mark(&mut findings, &checks());
        assert_eq!(open(&findings), ["sg-all", "sg-ssh"], "the other group is on its own");
        let names = |ids: &[CheckId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&findings[0].details.implies), ["sg-admin", "sg-ssh"]);
        assert_eq!(names(&findings[2].details.implied_by), ["sg-all"]);
        assert!(findings[2].is_unexcused_failure());
    }

    #[test]
    fn a_rule_of_its_own_keeps_a_failure_its_own() {
        let [all, ssh, _] = checks();
        let mut findings = vec![
            failure(&all, "sg-1", &["open[0]"]),
            failure(&ssh, "sg-1", &["open[0]", "open[1]"]),
        ];
        mark(&mut findings, &checks());
        assert_eq!(open(&findings), ["sg-all", "sg-ssh"]);
        findings[1].details.evidence.truncate(1);
        findings[1].details.evidence[0].path = "open[01]".into();
        mark(&mut findings, &checks());
        assert_eq!(open(&findings), ["sg-all", "sg-ssh"], "another element that begins alike");
    }

    #[test]
    fn nothing_hides_behind_what_is_accepted_or_taken_lightly() {
        let [all, ssh, _] = checks();
        let pair = || vec![failure(&all, "sg-1", &["o[0]"]), failure(&ssh, "sg-1", &["o[0]"])];
        let mut lighter = pair();
        Arc::make_mut(&mut lighter[0].rule).severity = Severity::Medium;
        mark(&mut lighter, &checks());
        assert_eq!(open(&lighter), ["sg-all", "sg-ssh"]);
        let mut accepted = pair();
        accepted[0].details.exception = Some(Box::new(sample::exception(true, "2026-12-31")));
        mark(&mut accepted, &checks());
        assert_eq!(open(&accepted), ["sg-ssh"]);
    }
}
