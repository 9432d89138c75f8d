//! Findings: verdicts with their context, and the finished scan that reports are written from.

mod compliance;
mod details;
mod fingerprint;
pub mod merge;
pub mod roots;
mod tags;
pub mod trend;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::aws::{AccountId, Partition, Region};
use crate::check::{CheckId, Severity, Verdict};
use crate::inventory::{Account, Gap};

pub use compliance::{Assessed, Compliance, State};
pub use details::{Detail, Details};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use tags::Tags;

/// What a check says of one resource of one account. There may be tens of millions of them, so what
/// many have in common is shared, and what few have is set apart: a pass takes 48 bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The check with what is in force for it: shared by all findings of both.
    pub rule: Arc<Rule>,
    /// What it is about: shared by all findings on the resource.
    pub site: Arc<Site>,
    /// The verdict.
    pub verdict: Verdict,
    /// What stays the same from scan to scan.
    pub fingerprint: Fingerprint,
    /// What else is to be said; nothing for a plain pass.
    pub details: Details,
}

/// A check with the severity and the parameters in force for a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The check.
    pub check: CheckId,
    /// Its title.
    pub title: String,
    /// The severity in force.
    pub severity: Severity,
    /// The parameters in force.
    pub params: BTreeMap<String, Json>,
    /// The framework requirements that the check speaks to, as `framework/requirement`.
    pub controls: Vec<String>,
}

/// A resource and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Site {
    /// The account of the resource.
    pub account: AccountId,
    /// The partition of the account.
    pub partition: Partition,
    /// The region; `None` for global resources.
    pub region: Option<Region>,
    /// The resource.
    pub resource: Resource,
}

impl Finding {
    /// The check.
    pub fn check(&self) -> &CheckId {
        &self.rule.check
    }

    /// The check's title.
    pub fn title(&self) -> &str {
        &self.rule.title
    }

    /// The severity in force for the resource.
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }

    /// The parameters in force.
    pub fn params(&self) -> &BTreeMap<String, Json> {
        &self.rule.params
    }

    /// The framework requirements that the check speaks to, as `framework/requirement`.
    pub fn controls(&self) -> &[String] {
        &self.rule.controls
    }

    /// The account of the resource.
    pub fn account(&self) -> &AccountId {
        &self.site.account
    }

    /// The partition of the account.
    pub fn partition(&self) -> Partition {
        self.site.partition
    }

    /// The region; `None` for global resources.
    pub fn region(&self) -> Option<&Region> {
        self.site.region.as_ref()
    }

    /// The name of the region, or `global`.
    pub fn region_or_global(&self) -> &str {
        self.region().map_or("global", Region::as_str)
    }

    /// The resource.
    pub fn resource(&self) -> &Resource {
        &self.site.resource
    }

    /// Whether it is a failure of its own that nothing excuses: what tables list and gates count.
    pub fn is_open_failure(&self) -> bool {
        self.is_unexcused_failure() && self.details.implied_by.is_empty()
    }

    /// Whether it is a failure that nothing excuses, be it that it follows from another.
    pub fn is_unexcused_failure(&self) -> bool {
        self.verdict == Verdict::Fail
            && self.details.exception.as_ref().is_none_or(|it| !it.in_force)
    }
}

/// The resource of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Resource {
    /// CloudFormation's name of its type.
    pub r#type: String,
    /// Its id within type, account and region.
    pub id: String,
    /// Its ARN, where AWS gives one.
    pub arn: Option<String>,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// An exception of a policy that matched a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Why the finding is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The ticket, if one is named.
    pub ticket: Option<String>,
    /// The last day it holds, `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Whether it still holds at the time of the scan.
    pub in_force: bool,
    /// Why it does not hold, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The path from the root of the checkout, with `/`.
    pub path: String,
    /// The line of the declaring block's header, from 1.
    pub line: usize,
    /// What declares it, independent of files, lines and instances: `tf:` with the directory of the
    /// state, a `|`, and the address without indexes, or `cfn:` with stack and logical id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_as: Option<String>,
    /// The rolling hash of the line as CodeQL computes it, where the file could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_hash: Option<String>,
    /// The module blocks that lead to the declaring block, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub called_from: Vec<Location>,
}

impl Location {
    /// A line of a file.
    pub fn new(path: impl Into<String>, line: usize) -> Self {
        let path = path.into();
        Self { path, line, declared_as: None, line_hash: None, called_from: Vec::new() }
    }
}

/// A check as reports describe it.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckSummary {
    /// Its id.
    pub id: CheckId,
    /// The wanted posture.
    pub title: String,
    /// The check's own severity.
    pub severity: Severity,
    /// The resource type it tests.
    pub resource: String,
    /// What is looked at.
    pub description: String,
    /// What may happen, in one sentence.
    pub risk: String,
    /// What to do: kind (`text`, `cli`, `terraform`, `cloudformation`, `console`) and text.
    pub remediation: Vec<(String, String)>,
    /// The framework requirements it speaks to.
    pub controls: Vec<String>,
    /// Links to documentation.
    pub links: Vec<String>,
    /// Terraform or CloudFormation types that declare what fails, most specific first.
    pub iac: Vec<String>,
    /// The checks whose failure makes it fail too.
    pub implied_by: Vec<CheckId>,
    /// What its logic is told apart by: 16 hexadecimal digits, the same for the same logic.
    pub digest: String,
}

/// What the gate decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateResult {
    /// The policy's name.
    pub policy: String,
    /// Whether nothing failed the gate.
    pub passed: bool,
    /// Whether gaps go beyond what the policy tolerates.
    pub incomplete: bool,
    /// Why it failed or is incomplete, one sentence each; empty when it passed and is complete.
    pub reasons: Vec<String>,
    /// What the reader should know though it fails nothing: expired or unused exceptions.
    pub warnings: Vec<String>,
    /// Where the policy is a framework: its requirements.
    pub compliance: Option<Compliance>,
}

/// Numbers of a scan that are about the scan, not about the accounts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScanStats {
    /// API calls by `service:Operation`, retries included; empty when a snapshot was evaluated.
    pub calls: BTreeMap<String, u64>,
    /// Wall time in milliseconds; `None` where the output must be the same every time.
    pub elapsed_ms: Option<u64>,
}

/// A finished scan: all that a report is written from.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// When the inventory was read, seconds since 1970-01-01T00:00:00Z.
    pub scanned_at: i64,
    /// The accounts, sorted by id.
    pub accounts: Vec<Account>,
    /// The number of resources by type.
    pub resources: BTreeMap<String, u64>,
    /// The checks that were evaluated, sorted by id.
    pub checks: Vec<CheckSummary>,
    /// Every verdict: severity from the worst, then check, account, region, resource.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// The gate's decision.
    pub gate: GateResult,
    /// About the scan itself.
    pub stats: ScanStats,
    /// Earlier scans and this one, the oldest first; empty where no history is kept.
    pub trend: Vec<trend::Point>,
}

#[cfg(test)]
pub(crate) mod sample;

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand accounts have 25 million findings, nearly all of them passes.
    #[test]
    fn a_pass_takes_no_more_than_48_bytes() {
        assert!(size_of::<Finding>() <= 48, "{}", size_of::<Finding>());
    }
}
