//! `ocsf`: Compliance Findings (class 2003) of the Open Cybersecurity Schema Framework 1.5.0 with the
//! cloud profile, one a line, for security lakes.
//!
//! Every verdict but *not applicable* is an event: a pass closes what an earlier failure opened. What a
//! reader cannot see is written out in texts, since they end up in consoles.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::text::plain;
use super::{Options, TOOL, TOOL_VERSION, escape, put, remedies};
use crate::aws::AccountId;
use crate::check::{CheckId, Severity, Verdict};
use crate::finding::{CheckSummary, Finding, Scan};
use crate::inventory::{Account, Reason};

/// The version of the schema.
const VERSION: &str = "1.5.0";

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let known = Known::new(scan);
    for finding in &scan.findings {
        if finding.verdict == Verdict::NotApplicable {
            continue;
        }
        escape::compact(&Event::new(&known, finding), out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// What the scan tells of the checks and accounts of findings.
struct Known<'a> {
    milliseconds: i64,
    checks: BTreeMap<&'a CheckId, &'a CheckSummary>,
    accounts: BTreeMap<&'a AccountId, &'a Account>,
}

impl<'a> Known<'a> {
    fn new(scan: &'a Scan) -> Self {
        Self {
            milliseconds: scan.scanned_at.saturating_mul(1_000),
            checks: scan.checks.iter().map(|check| (&check.id, check)).collect(),
            accounts: scan.accounts.iter().map(|account| (&account.id, account)).collect(),
        }
    }
}

#[derive(Serialize)]
struct Event {
    activity_id: u8,
    activity_name: &'static str,
    category_uid: u8,
    category_name: &'static str,
    class_uid: u16,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    time: i64,
    severity_id: u8,
    severity: &'static str,
    status_id: u8,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    message: String,
    metadata: Json,
    cloud: Json,
    compliance: Json,
    finding_info: Json,
    resources: [Json; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Json>,
    unmapped: Json,
}

impl Event {
    fn new(known: &Known<'_>, finding: &Finding) -> Self {
        let check = known.checks.get(finding.check()).copied();
        let account = known.accounts.get(finding.account()).copied();
        let milliseconds = known.milliseconds;
        let (severity_id, severity) = severity(finding.severity());
        let accepted = finding.details.exception.as_ref().filter(|it| it.in_force);
        let (status_id, status) = match (finding.verdict, accepted) {
            (Verdict::Pass, _) => (4, "Resolved"),
            (_, Some(_)) => (3, "Suppressed"),
            (_, None) => (1, "New"),
        };
        let comment = accepted
            .map(|it| plain(&format!("accepted by {}: {}", it.owner, it.reason)).into_owned());
        Self {
            activity_id: 1,
            activity_name: "Create",
            category_uid: 2,
            category_name: "Findings",
            class_uid: 2003,
            class_name: "Compliance Finding",
            type_uid: 200_301,
            type_name: "Compliance Finding: Create",
            time: milliseconds,
            severity_id,
            severity,
            status_id,
            status,
            comment,
            message: message(finding),
            metadata: metadata(milliseconds),
            cloud: cloud(account, finding),
            compliance: compliance(finding),
            finding_info: info(finding, check, milliseconds),
            resources: [resource(finding)],
            remediation: remediation(check, finding),
            unmapped: json!({
                "fingerprint": finding.fingerprint,
                "params": finding.params(),
                "evidence": finding.details.evidence,
            }),
        }
    }
}

fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn message(finding: &Finding) -> String {
    let reasons = finding.details.unknown.iter().map(Reason::to_string);
    let mut texts: Vec<String> = finding.details.messages.iter().cloned().chain(reasons).collect();
    if texts.is_empty() {
        texts.push(finding.title().to_string());
    }
    plain(&texts.join("; ")).into_owned()
}

fn metadata(milliseconds: i64) -> Json {
    json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {"name": TOOL, "vendor_name": TOOL, "version": TOOL_VERSION},
        "processed_time": milliseconds,
    })
}

fn cloud(account: Option<&Account>, finding: &Finding) -> Json {
    let mut told = json!({"uid": finding.account(), "type": "AWS Account", "type_id": 10});
    if let Some(name) = account.and_then(|account| account.name.as_deref()) {
        put(&mut told, "name", json!(plain(name)));
    }
    json!({
        "provider": "AWS",
        "region": finding.region_or_global(),
        "cloud_partition": finding.partition(),
        "account": told,
    })
}

fn compliance(finding: &Finding) -> Json {
    let (status_id, status) = match finding.verdict {
        Verdict::Pass => (1, "Pass"),
        Verdict::Fail => (3, "Fail"),
        // An unknown verdict must not read as a pass, nor as a failure that was seen.
        Verdict::Unknown | Verdict::NotApplicable => (0, "Unknown"),
    };
    let split: Vec<(&str, &str)> =
        finding.controls().iter().filter_map(|control| control.split_once('/')).collect();
    let mut standards: Vec<&str> = split.iter().map(|(framework, _)| *framework).collect();
    standards.sort_unstable();
    standards.dedup();
    json!({
        "control": finding.check(),
        "requirements": finding.controls(),
        "standards": standards,
        "status": status,
        "status_id": status_id,
        "status_details": finding.details.unknown.iter().map(Reason::to_string).collect::<Vec<_>>(),
    })
}

fn info(finding: &Finding, check: Option<&CheckSummary>, milliseconds: i64) -> Json {
    let mut told = json!({
        "uid": finding.fingerprint,
        "title": plain(finding.title()),
        "types": ["Software and Configuration Checks"],
        "created_time": milliseconds,
        "analytic": {
            "name": finding.check(), "uid": finding.check(), "type": "Rule", "type_id": 1,
        },
    });
    if let Some(check) = check {
        let text = format!("{} {}", check.description.trim(), check.risk.trim());
        put(&mut told, "desc", json!(plain(text.trim())));
        let links = check.links.iter().find(|link| link.starts_with("https://"));
        links.iter().for_each(|link| put(&mut told, "src_url", json!(link)));
    }
    told
}

fn resource(finding: &Finding) -> Json {
    let resource = finding.resource();
    let labels: Vec<String> = resource
        .tags
        .iter()
        .map(|(key, value)| plain(&format!("{key}={value}")).into_owned())
        .collect();
    let mut told = json!({
        "uid": plain(resource.arn.as_deref().unwrap_or(&resource.id)),
        "name": plain(resource.name.as_deref().unwrap_or(&resource.id)),
        "type": resource.r#type,
        "owner": {"account": {"uid": finding.account(), "type": "AWS Account", "type_id": 10}},
        "cloud_partition": finding.partition(),
        "region": finding.region_or_global(),
    });
    if !labels.is_empty() {
        put(&mut told, "labels", json!(labels));
    }
    told
}

fn remediation(check: Option<&CheckSummary>, finding: &Finding) -> Option<Json> {
    let texts: Vec<&str> = remedies(check, finding).iter().map(|(_, how)| *how).collect();
    let links = check.map(|check| check.links.as_slice()).unwrap_or_default();
    let links: Vec<&String> = links.iter().filter(|link| link.starts_with("https://")).collect();
    (!texts.is_empty()).then(|| json!({"desc": texts.join("\n\n"), "references": links}))
}
