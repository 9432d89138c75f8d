//! Exceptions applied to findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::gate::Notes;
use super::scope::{Place, RegionScope};
use super::source::{Day, ExceptionLimits, ExceptionRule, Layer};
use crate::aws::AccountId;
use crate::check::{CheckId, Verdict};
use crate::diagnostic::SourceFile;
use crate::finding::{Exception, Finding};
use crate::inventory::{Account, AccountStatus};

/// An exception with the limits of the policy it stands in.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub(super) rule: ExceptionRule,
    /// `file:line`, for messages.
    pub(super) at: String,
    /// The file it stands in.
    pub(super) file: Arc<SourceFile>,
}

impl Accepted {
    pub(super) fn of(layer: &Layer) -> impl Iterator<Item = Self> + '_ {
        layer.exceptions.iter().map(|rule| {
            let (line, _) = layer.file.position(rule.span.start);
            let file = Arc::clone(&layer.file);
            Self { rule: rule.clone(), at: format!("{}:{line}", file.name), file }
        })
    }

    /// Whether it speaks about a finding, whatever its verdict.
    fn matches(&self, finding: &Finding, units: &[String]) -> bool {
        let resource = finding.resource();
        let names = [Some(resource.id.as_str()), resource.arn.as_deref(), resource.name.as_deref()];
        let place = Place {
            account: finding.account(),
            organizational_units: units,
            region: finding.region(),
            tags: &resource.tags,
        };
        self.rule.check.value.matches(finding.check().as_str())
            && self.rule.resource.as_ref().is_none_or(|pattern| {
                names.into_iter().flatten().any(|name| pattern.value.matches(name))
            })
            && self.rule.scope.contains(&place)
    }

    /// Why it does not hold; `None` when it does.
    fn lapsed(&self, finding: &Finding, today: Day, limits: &ExceptionLimits) -> Option<String> {
        if let Some(worst) = limits.max_severity.filter(|worst| finding.severity() > *worst) {
            return Some(format!(
                "the policy allows no exceptions above {worst}, and this is {}",
                finding.severity()
            ));
        }
        let expires = self.rule.expires.as_ref().filter(|expires| expires.value < today)?;
        Some(format!("it expired on {}", expires.value))
    }

    pub(super) fn describe(&self) -> String {
        let on = self.rule.resource.as_ref().map(|it| format!(" on `{}`", it.value));
        let scope = self.rule.scope.to_string();
        let scope = if scope.is_empty() { scope } else { format!(" ({scope})") };
        let check = &self.rule.check.value;
        format!("the exception for `{check}`{}{scope} at {}", on.unwrap_or_default(), self.at)
    }
}

/// What a scan looked at: an exception is idle only where its finding would have been seen.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The accounts.
    pub accounts: &'a [Account],
    /// The checks of the policy that were not evaluated.
    pub left_out: &'a [CheckId],
    /// Whether all that was asked for was read.
    pub whole: bool,
}

impl Sight<'_> {
    fn covers(&self, rule: &ExceptionRule) -> bool {
        let scanned = |id: &AccountId| {
            self.accounts.iter().any(|it| it.id == *id && it.status == AccountStatus::Scanned)
        };
        let read = |region: &RegionScope| match region {
            RegionScope::Global => true,
            RegionScope::Region(region) => {
                self.accounts.iter().any(|it| it.regions.contains(region))
            }
        };
        self.whole
            && rule.scope.accounts.iter().all(scanned)
            && rule.scope.regions.iter().all(read)
            && !self.left_out.iter().any(|check| rule.check.value.matches(check.as_str()))
    }
}

/// Marks the failures that exceptions speak about. The first that holds accepts a failure; where
/// none holds, the first that has lapsed is shown on it and accepts nothing. No verdict changes.
pub(super) fn apply(
    exceptions: &[Accepted],
    limits: &ExceptionLimits,
    findings: &mut [Finding],
    sight: Sight<'_>,
    today: Day,
) -> Notes {
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut notes = Notes::default();
    let units_of: BTreeMap<&AccountId, &[String]> =
        sight.accounts.iter().map(|it| (&it.id, it.organizational_units.as_slice())).collect();
    for finding in findings {
        if finding.details.exception.is_some() {
            finding.details.exception = None;
        }
        // What is unknown today may fail tomorrow: its exception is not idle.
        if !matches!(finding.verdict, Verdict::Fail | Verdict::Unknown) {
            continue;
        }
        let units = units_of.get(finding.account()).copied().unwrap_or_default();
        let matching = exceptions.iter().enumerate().filter(|(_, it)| it.matches(finding, units));
        let matching: Vec<(usize, &Accepted)> = matching.collect();
        used.extend(matching.iter().map(|(at, _)| *at));
        if finding.verdict == Verdict::Fail {
            mark(finding, &matching, today, limits, &mut notes.warnings);
        }
    }
    let unused = exceptions.iter().enumerate();
    let unused = unused.filter(|(at, it)| !used.contains(at) && sight.covers(&it.rule));
    notes.unused = unused.map(|(_, it)| format!("{} matches no failure", it.describe())).collect();
    notes.warnings.sort();
    notes.warnings.dedup();
    notes
}

fn mark(
    finding: &mut Finding,
    matching: &[(usize, &Accepted)],
    today: Day,
    limits: &ExceptionLimits,
    warnings: &mut Vec<String>,
) {
    let lapsed = |it: &Accepted| it.lapsed(finding, today, limits);
    let holding: Vec<&Accepted> =
        matching.iter().map(|(_, it)| *it).filter(|it| lapsed(it).is_none()).collect();
    let chosen = holding.first().copied().or_else(|| matching.first().map(|(_, it)| *it));
    let Some(chosen) = chosen else { return };
    let note = lapsed(chosen);
    if let Some(why) = &note {
        warnings.push(format!("{} no longer excuses: {why}", chosen.describe()));
    }
    if let Some(second) = holding.get(1) {
        warnings.push(format!("{} wins over {}", chosen.describe(), second.describe()));
    }
    finding.details.exception = Some(Box::new(Exception {
        reason: chosen.rule.reason.clone(),
        owner: chosen.rule.owner.clone(),
        ticket: chosen.rule.ticket.clone(),
        expires: chosen.rule.expires.as_ref().map(|day| day.value.to_string()),
        in_force: note.is_none(),
        note,
    }));
}
