//! The numbers that every report starts with.

use std::collections::BTreeSet;

use crate::check::{Severity, Verdict};
use crate::finding::{Finding, Scan};
use crate::inventory::AccountStatus;

use super::text::count_of;

/// The numbers of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Accounts by how they took part.
    pub accounts: AccountCounts,
    /// Different regions that were read.
    pub regions: u64,
    /// Resources that were read.
    pub resources: u64,
    /// Resource types that were read.
    pub resource_types: u64,
    /// API calls; 0 when a snapshot was evaluated.
    pub calls: u64,
    /// Different gaps.
    pub gaps: u64,
    /// Verdicts by severity, the worst first.
    pub verdicts: Vec<(Severity, VerdictCounts)>,
    /// Verdicts of all severities.
    pub total: VerdictCounts,
}

/// Accounts by how they took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountCounts {
    /// Read, with or without gaps.
    pub scanned: u64,
    /// Left out on purpose.
    pub skipped: u64,
    /// Could not be read.
    pub failed: u64,
}

/// Verdicts of one severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerdictCounts {
    /// Failures that nothing excuses.
    pub fail: u64,
    /// Failures that follow from open ones.
    pub implied: u64,
    /// Failures that an exception in force accepts.
    pub excepted: u64,
    /// Undecided.
    pub unknown: u64,
    /// As wanted.
    pub pass: u64,
    /// Not spoken about.
    pub not_applicable: u64,
}

impl VerdictCounts {
    /// Counts one more finding.
    pub fn add(&mut self, finding: &Finding) {
        match finding.verdict {
            Verdict::Fail if finding.is_open_failure() => self.fail += 1,
            Verdict::Fail if finding.is_unexcused_failure() => self.implied += 1,
            Verdict::Fail => self.excepted += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Pass => self.pass += 1,
            Verdict::NotApplicable => self.not_applicable += 1,
        }
    }
}

impl Summary {
    /// Counts a scan.
    pub fn of(scan: &Scan) -> Self {
        let mut accounts = AccountCounts::default();
        let mut regions = BTreeSet::new();
        for account in &scan.accounts {
            match account.status {
                AccountStatus::Scanned => accounts.scanned += 1,
                AccountStatus::Skipped(_) => accounts.skipped += 1,
                AccountStatus::Failed(_) => accounts.failed += 1,
            }
            regions.extend(&account.regions);
        }
        let (verdicts, total) = count_verdicts(&scan.findings);
        Self {
            accounts,
            regions: count_of(regions.len()),
            resources: scan.resources.values().sum(),
            resource_types: count_of(scan.resources.len()),
            calls: scan.stats.calls.values().sum(),
            gaps: count_of(scan.gaps.len()),
            verdicts,
            total,
        }
    }
}

fn count_verdicts(findings: &[Finding]) -> (Vec<(Severity, VerdictCounts)>, VerdictCounts) {
    let mut verdicts = Severity::ALL.map(|severity| (severity, VerdictCounts::default()));
    let mut total = VerdictCounts::default();
    for finding in findings {
        total.add(finding);
        for (severity, counts) in &mut verdicts {
            if *severity == finding.severity() {
                counts.add(finding);
            }
        }
    }
    (verdicts.into(), total)
}
