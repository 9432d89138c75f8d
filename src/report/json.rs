//! `json`: one document with every verdict, for machines. Format version 1: fields are added, never
//! renamed or removed, without a new version.
//!
//! Every key of a finding is always there; what does not exist is `null` or empty. The document is
//! the same for the same scan: time and calls appear only where the scan carries them. [`read()`] makes
//! a scan of it again.

mod read;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::summary::{Summary, VerdictCounts};
use super::{Options, TOOL, TOOL_VERSION, escape, text};
use crate::aws::{AccountId, Partition, Region};
use crate::check::{CheckId, Evidence, Severity, Verdict};
use crate::finding::{
    Assessed, CheckSummary, Compliance, Exception, Finding, Fingerprint, GateResult, Location,
    Resource, Scan, Tags,
};
use crate::inventory::{Account, AccountStatus, Gap, Reason, ReasonKind};

pub use read::{ReadError, read};

/// The version of the format.
pub const VERSION: u32 = 1;

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    escape::pretty(&Document::new(scan), out)?;
    out.write_all(b"\n")
}

/// The whole report.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    #[serde(serialize_with = "findings")]
    findings: &'a [Finding],
}

impl<'a> Document<'a> {
    fn new(scan: &'a Scan) -> Self {
        Self { head: Head::new(scan), findings: &scan.findings }
    }
}

/// Everything but the findings.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    version: u32,
    tool: Tool,
    scanned_at: String,
    policy: PolicyV1<'a>,
    accounts: Vec<AccountV1<'a>>,
    summary: SummaryV1<'a>,
    checks: Vec<CheckV1<'a>>,
    gaps: Vec<GapV1<'a>>,
}

impl<'a> Head<'a> {
    pub(super) fn new(scan: &'a Scan) -> Self {
        Self {
            version: VERSION,
            tool: Tool { name: TOOL, version: TOOL_VERSION },
            scanned_at: text::time(scan.scanned_at),
            policy: PolicyV1::new(&scan.gate),
            accounts: scan.accounts.iter().map(AccountV1::new).collect(),
            summary: SummaryV1::new(scan),
            checks: scan.checks.iter().map(CheckV1::new).collect(),
            gaps: scan.gaps.iter().map(GapV1::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct PolicyV1<'a> {
    name: &'a str,
    passed: bool,
    incomplete: bool,
    reasons: &'a [String],
    warnings: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    compliance: Option<ComplianceV1<'a>>,
}

impl<'a> PolicyV1<'a> {
    fn new(gate: &'a GateResult) -> Self {
        Self {
            name: &gate.policy,
            passed: gate.passed,
            incomplete: gate.incomplete,
            reasons: &gate.reasons,
            warnings: &gate.warnings,
            compliance: gate.compliance.as_ref().map(ComplianceV1::new),
        }
    }
}

#[derive(Serialize)]
struct ComplianceV1<'a> {
    framework: &'a str,
    title: &'a str,
    requirements: Vec<RequirementV1<'a>>,
}

impl<'a> ComplianceV1<'a> {
    fn new(compliance: &'a Compliance) -> Self {
        let requirement = |it: &'a Assessed| RequirementV1 {
            id: &it.id,
            title: &it.title,
            state: it.state.as_str(),
            checks: &it.checks,
            failures: it.failures,
            unknown: it.unknown,
        };
        Self {
            framework: &compliance.framework,
            title: &compliance.title,
            requirements: compliance.requirements.iter().map(requirement).collect(),
        }
    }
}

#[derive(Serialize)]
struct RequirementV1<'a> {
    id: &'a str,
    title: &'a str,
    state: &'static str,
    checks: &'a [String],
    failures: u64,
    unknown: u64,
}

#[derive(Serialize)]
struct AccountV1<'a> {
    id: &'a AccountId,
    name: Option<&'a str>,
    partition: Partition,
    organizational_units: &'a [String],
    status: &'static str,
    why: Option<String>,
    reason: Option<ReasonV1<'a>>,
    regions: &'a [Region],
    excluded_regions: &'a [Region],
}

impl<'a> AccountV1<'a> {
    fn new(account: &'a Account) -> Self {
        let (status, why) = match &account.status {
            AccountStatus::Scanned => ("scanned", None),
            AccountStatus::Skipped(why) => ("skipped", Some(why.clone())),
            AccountStatus::Failed(reason) => ("failed", Some(reason.to_string())),
        };
        let reason = match &account.status {
            AccountStatus::Failed(reason) => Some(ReasonV1::new(reason)),
            AccountStatus::Scanned | AccountStatus::Skipped(_) => None,
        };
        Self {
            id: &account.id,
            name: account.name.as_deref(),
            partition: account.partition,
            organizational_units: &account.organizational_units,
            status,
            why,
            reason,
            regions: &account.regions,
            excluded_regions: &account.excluded_regions,
        }
    }
}

#[derive(Serialize)]
struct SummaryV1<'a> {
    accounts: AccountCountsV1,
    regions: u64,
    resources: u64,
    resources_by_type: &'a BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    calls: &'a BTreeMap<String, u64>,
    gaps: u64,
    verdicts: BTreeMap<&'static str, CountsV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_ms: Option<u64>,
}

#[derive(Serialize)]
struct AccountCountsV1 {
    scanned: u64,
    skipped: u64,
    failed: u64,
}

#[derive(Serialize)]
struct CountsV1 {
    fail: u64,
    implied: u64,
    excepted: u64,
    unknown: u64,
    pass: u64,
    not_applicable: u64,
}

impl From<&VerdictCounts> for CountsV1 {
    fn from(counts: &VerdictCounts) -> Self {
        Self {
            fail: counts.fail,
            implied: counts.implied,
            excepted: counts.excepted,
            unknown: counts.unknown,
            pass: counts.pass,
            not_applicable: counts.not_applicable,
        }
    }
}

impl<'a> SummaryV1<'a> {
    fn new(scan: &'a Scan) -> Self {
        let summary = Summary::of(scan);
        let by_severity =
            summary.verdicts.iter().map(|(severity, counts)| (severity.as_str(), counts));
        let all = std::iter::once(("all", &summary.total));
        Self {
            accounts: AccountCountsV1 {
                scanned: summary.accounts.scanned,
                skipped: summary.accounts.skipped,
                failed: summary.accounts.failed,
            },
            regions: summary.regions,
            resources: summary.resources,
            resources_by_type: &scan.resources,
            calls: &scan.stats.calls,
            gaps: summary.gaps,
            verdicts: by_severity.chain(all).map(|(name, counts)| (name, counts.into())).collect(),
            elapsed_ms: scan.stats.elapsed_ms,
        }
    }
}

#[derive(Serialize)]
struct CheckV1<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    resource: &'a str,
    description: &'a str,
    risk: &'a str,
    #[serde(serialize_with = "in_order")]
    remediation: &'a [(String, String)],
    controls: &'a [String],
    links: &'a [String],
    iac: &'a [String],
    digest: &'a str,
}

impl<'a> CheckV1<'a> {
    fn new(check: &'a CheckSummary) -> Self {
        Self {
            id: check.id.as_str(),
            title: &check.title,
            severity: check.severity,
            resource: &check.resource,
            description: &check.description,
            risk: &check.risk,
            remediation: &check.remediation,
            controls: &check.controls,
            links: &check.links,
            iac: &check.iac,
            digest: &check.digest,
        }
    }
}

#[derive(Serialize)]
struct GapV1<'a> {
    #[serde(flatten)]
    reason: ReasonV1<'a>,
    count: u64,
    example: Option<&'a str>,
}

impl<'a> GapV1<'a> {
    fn new(gap: &'a Gap) -> Self {
        Self {
            reason: ReasonV1::new(&gap.reason),
            count: gap.count,
            example: gap.example.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct ReasonV1<'a> {
    kind: ReasonKind,
    action: &'a str,
    error: &'a str,
    account: Option<&'a AccountId>,
    region: Option<&'a Region>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_accounts: Option<u64>,
}

impl<'a> ReasonV1<'a> {
    fn new(reason: &'a Reason) -> Self {
        Self {
            kind: reason.kind,
            action: &reason.action,
            error: &reason.error,
            account: reason.account.as_ref(),
            region: reason.region.as_ref(),
            more_accounts: Some(reason.more_accounts).filter(|more| *more > 0),
        }
    }
}

/// One verdict, as `json` and `jsonl` write it.
#[derive(Serialize)]
pub(super) struct FindingV1<'a> {
    check: &'a str,
    verdict: Verdict,
    severity: Severity,
    title: &'a str,
    account: &'a AccountId,
    region: Option<&'a Region>,
    resource: ResourceV1<'a>,
    messages: &'a [String],
    evidence: Vec<EvidenceV1<'a>>,
    unknown: Vec<ReasonV1<'a>>,
    params: &'a BTreeMap<String, Json>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "in_order")]
    remediation: &'a [(String, String)],
    controls: &'a [String],
    fingerprint: Fingerprint,
    exception: Option<ExceptionV1<'a>>,
    location: Option<LocationV1<'a>>,
    implied_by: &'a [CheckId],
    implies: &'a [CheckId],
}

impl<'a> FindingV1<'a> {
    pub(super) fn new(finding: &'a Finding) -> Self {
        let detail = &*finding.details;
        Self {
            check: finding.check().as_str(),
            verdict: finding.verdict,
            severity: finding.severity(),
            title: finding.title(),
            account: finding.account(),
            region: finding.region(),
            resource: ResourceV1::new(finding.resource()),
            messages: &detail.messages,
            evidence: detail.evidence.iter().map(EvidenceV1::new).collect(),
            unknown: detail.unknown.iter().map(ReasonV1::new).collect(),
            params: finding.params(),
            remediation: &detail.remediation,
            controls: finding.controls(),
            fingerprint: finding.fingerprint,
            exception: detail.exception.as_deref().map(ExceptionV1::new),
            location: detail.location.as_deref().map(LocationV1::new),
            implied_by: &detail.implied_by,
            implies: &detail.implies,
        }
    }
}

#[derive(Serialize)]
struct ResourceV1<'a> {
    r#type: &'a str,
    id: &'a str,
    arn: Option<&'a str>,
    name: Option<&'a str>,
    tags: &'a Tags,
}

impl<'a> ResourceV1<'a> {
    fn new(resource: &'a Resource) -> Self {
        Self {
            r#type: &resource.r#type,
            id: &resource.id,
            arn: resource.arn.as_deref(),
            name: resource.name.as_deref(),
            tags: &resource.tags,
        }
    }
}

#[derive(Serialize)]
struct EvidenceV1<'a> {
    path: &'a str,
    value: &'a Json,
}

impl<'a> EvidenceV1<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        Self { path: &evidence.path, value: &evidence.value }
    }
}

#[derive(Serialize)]
struct ExceptionV1<'a> {
    reason: &'a str,
    owner: &'a str,
    ticket: Option<&'a str>,
    expires: Option<&'a str>,
    in_force: bool,
    note: Option<&'a str>,
}

impl<'a> ExceptionV1<'a> {
    fn new(exception: &'a Exception) -> Self {
        Self {
            reason: &exception.reason,
            owner: &exception.owner,
            ticket: exception.ticket.as_deref(),
            expires: exception.expires.as_deref(),
            in_force: exception.in_force,
            note: exception.note.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct LocationV1<'a> {
    path: &'a str,
    line: usize,
    declared_as: Option<&'a str>,
    line_hash: Option<&'a str>,
    called_from: Vec<LocationV1<'a>>,
}

impl<'a> LocationV1<'a> {
    fn new(location: &'a Location) -> Self {
        Self {
            path: &location.path,
            line: location.line,
            declared_as: location.declared_as.as_deref(),
            line_hash: location.line_hash.as_deref(),
            called_from: location.called_from.iter().map(Self::new).collect(),
        }
    }
}

fn findings<S: Serializer>(findings: &[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(FindingV1::new))
}

/// Pairs as an object that keeps their order.
fn in_order<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
