//! `asff`: the AWS Security Finding Format, for Security Hub's `BatchImportFindings`.
//!
//! Each line is one call: a JSON object whose `Findings` are at most 100, all of one account, since
//! Security Hub takes findings of the account that calls (or of members, by their own product ARN)
//! and of one region. Lines go to `aws securityhub batch-import-findings --cli-input-json`. Every
//! verdict but *not applicable* is a finding: a pass resolves what an earlier failure opened.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::text::{head, plain, time};
use super::{Options, TOOL, escape, put, remedies};
use crate::aws::{AccountId, Region};
use crate::check::{Severity, Verdict};
use crate::finding::{CheckSummary, Finding, Scan};

/// The most findings of a call.
const MAX_BATCH: usize = 100;

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut places: BTreeMap<(&AccountId, Region), Vec<&Finding>> = BTreeMap::new();
    for finding in scan.findings.iter().filter(|it| it.verdict != Verdict::NotApplicable) {
        places.entry((finding.account(), region(finding))).or_default().push(finding);
    }
    for findings in places.values() {
        for batch in findings.chunks(MAX_BATCH) {
            let batch: Vec<Json> = batch.iter().map(|finding| asff(scan, finding)).collect();
            escape::compact(&json!({ "Findings": batch }), out)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// The region whose Security Hub takes the finding: for a global resource the partition's home.
fn region(finding: &Finding) -> Region {
    finding.region().cloned().unwrap_or_else(|| finding.partition().home_region())
}

fn asff(scan: &Scan, finding: &Finding) -> Json {
    let (partition, account, region) = (finding.partition(), finding.account(), region(finding));
    let at = time(scan.scanned_at);
    let check = scan.checks.iter().find(|check| check.id == *finding.check());
    let mut told = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("{TOOL}/{account}/{region}/{}", finding.fingerprint),
        "ProductArn": format!(
            "arn:{partition}:securityhub:{region}:{account}:product/{account}/default"
        ),
        "ProductName": "Default",
        "CompanyName": "Personal",
        "GeneratorId": format!("{TOOL}/{}", finding.check()),
        "AwsAccountId": account,
        "Region": region,
        "Types": ["Software and Configuration Checks"],
        "CreatedAt": at,
        "UpdatedAt": at,
        "Severity": {"Label": label(finding.severity()), "Original": finding.severity()},
        "Title": text(finding.title(), 256),
        "Description": text(&description(finding), 1_024),
        "Resources": [resource(finding, &region)],
        "Compliance": compliance(finding),
        "Workflow": {"Status": workflow(finding)},
        "RecordState": "ACTIVE",
        "ProductFields": {"postura/fingerprint": finding.fingerprint, "postura/check": finding.check()},
    });
    if let Some(remedy) = check.and_then(|check| remediation(check, finding)) {
        put(&mut told, "Remediation", remedy);
    }
    told
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "INFORMATIONAL",
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

fn workflow(finding: &Finding) -> &'static str {
    let accepted = finding.details.exception.as_ref().is_some_and(|it| it.in_force);
    match finding.verdict {
        Verdict::Pass => "RESOLVED",
        Verdict::Fail if accepted => "SUPPRESSED",
        Verdict::Fail | Verdict::Unknown | Verdict::NotApplicable => "NEW",
    }
}

fn description(finding: &Finding) -> String {
    let reasons: Vec<String> =
        finding.details.unknown.iter().map(|it| format!("not known: {it}")).collect();
    let mut texts: Vec<&str> =
        finding.details.messages.iter().chain(&reasons).map(String::as_str).collect();
    if texts.is_empty() {
        texts.push(finding.title());
    }
    texts.join("; ")
}

fn compliance(finding: &Finding) -> Json {
    let status = match finding.verdict {
        Verdict::Pass => "PASSED",
        Verdict::Fail => "FAILED",
        Verdict::Unknown => "NOT_AVAILABLE",
        Verdict::NotApplicable => "NOT_AVAILABLE",
    };
    // Security Hub takes 32 related requirements.
    let related: Vec<String> =
        finding.controls().iter().take(32).map(|control| text(control, 64)).collect();
    let mut told = json!({"Status": status, "RelatedRequirements": related});
    if !finding.details.unknown.is_empty() {
        let why = json!({
            "ReasonCode": "POSTURA_UNKNOWN",
            "Description": text(&description(finding), 1_024),
        });
        put(&mut told, "StatusReasons", json!([why]));
    }
    told
}

fn resource(finding: &Finding, region: &Region) -> Json {
    let resource = finding.resource();
    let id = resource.arn.as_deref().unwrap_or(&resource.id);
    let mut told = Map::new();
    told.insert("Type".into(), json!(kind(&resource.r#type)));
    told.insert("Id".into(), json!(text(id, 512)));
    told.insert("Partition".into(), json!(finding.partition()));
    told.insert("Region".into(), json!(region));
    let tags: BTreeMap<String, String> = resource
        .tags
        .iter()
        .filter(|(key, value)| !key.trim().is_empty() && !value.trim().is_empty())
        .take(50)
        .map(|(key, value)| (text(key, 128), text(value, 256)))
        .collect();
    if !tags.is_empty() {
        told.insert("Tags".into(), json!(tags));
    }
    Json::Object(told)
}

/// Security Hub's name of a type: `AwsEc2SecurityGroup` of `AWS::EC2::SecurityGroup`.
fn kind(resource_type: &str) -> String {
    let mut parts = resource_type.split("::");
    let (_, service, name) = (parts.next(), parts.next(), parts.next());
    match (service.unwrap_or_default(), name.unwrap_or_default()) {
        ("", "Account") => "AwsAccount".to_owned(),
        ("EC2", "VPC") => "AwsEc2Vpc".to_owned(),
        ("IAM", "ManagedPolicy") => "AwsIamPolicy".to_owned(),
        ("ElasticLoadBalancing", "LoadBalancer") => "AwsElbLoadBalancer".to_owned(),
        ("ElasticLoadBalancingV2", "LoadBalancer") => "AwsElbv2LoadBalancer".to_owned(),
        (
            service @ ("S3" | "EC2" | "IAM" | "SNS" | "CloudTrail" | "CloudWatch"),
            name @ ("Bucket" | "SecurityGroup" | "NetworkAcl" | "NetworkInterface" | "Subnet"
            | "RouteTable" | "Instance" | "Role" | "User" | "Group" | "Topic" | "Trail"
            | "Alarm"),
        ) => format!("Aws{}{name}", capitalised(service)),
        // Security Hub refuses types that it does not know.
        _ => "Other".to_owned(),
    }
}

/// `Ec2` of `EC2`; names in mixed case stay.
fn capitalised(service: &str) -> String {
    if service.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return service.to_owned();
    }
    let lower = service.to_ascii_lowercase();
    let mut characters = lower.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn remediation(check: &CheckSummary, finding: &Finding) -> Option<Json> {
    let all = remedies(Some(check), finding);
    let (_, how) = all.iter().find(|(kind, _)| *kind == "text")?;
    let mut told = json!({"Text": text(how, 512)});
    if let Some(link) = check.links.iter().find(|link| link.starts_with("https://")) {
        put(&mut told, "Url", json!(text(link, 2_048)));
    }
    Some(json!({ "Recommendation": told }))
}

/// Text without what cannot be seen, of at most so many characters, never empty: Security Hub asks
/// for a character that is no blank.
fn text(text: &str, limit: usize) -> String {
    let text = plain(text.trim());
    if text.is_empty() { "-".to_owned() } else { head(&text, limit).into_owned() }
}
