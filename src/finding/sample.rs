//! One hand-built scan for the tests of all formats: four accounts, every verdict, exceptions in
//! force and expired, gaps, and names that attack each format.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use crate::aws::{AccountId, Partition, Region};
use crate::check::{CheckId, Evidence, Severity, Verdict};
use crate::finding::{
    CheckSummary, Details, Exception, Finding, Fingerprint, GateResult, Location, Resource, Rule,
    Scan, ScanStats, Site, Tags,
};
use crate::inventory::{Account, AccountStatus, Gap, Reason, ReasonKind};

pub(crate) const ONE: &str = "111122223333";
pub(crate) const TWO: &str = "444455556666";
pub(crate) const THREE: &str = "777788889999";
pub(crate) const FOUR: &str = "999900001111";

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub(crate) fn region(name: &str) -> Region {
    name.parse().unwrap()
}

/// A finding with sensible defaults, to be changed by struct update or in place.
pub(crate) fn finding(check: &CheckSummary, verdict: Verdict, at: &str, id: &str) -> Finding {
    let region = (check.resource != "AWS::::Account").then(|| region("eu-west-1"));
    let account = account(at);
    let fingerprint = Fingerprint::new(&check.id, Partition::Aws, &account, region.as_ref(), id);
    Finding {
        rule: Arc::new(Rule {
            check: check.id.clone(),
            title: check.title.clone(),
            severity: check.severity,
            params: BTreeMap::new(),
            controls: check.controls.clone(),
        }),
        site: Arc::new(Site {
            account,
            partition: Partition::Aws,
            region,
            resource: Resource {
                r#type: check.resource.clone(),
                id: id.into(),
                arn: None,
                name: None,
                tags: Tags::default(),
            },
        }),
        verdict,
        fingerprint,
        details: Details::default(),
    }
}

/// A failure with these messages.
fn failure(check: &CheckSummary, at: &str, id: &str, messages: &[&str]) -> Finding {
    let mut finding = finding(check, Verdict::Fail, at, id);
    finding.details.messages = messages.iter().map(|text| (*text).to_owned()).collect();
    finding
}

pub(crate) fn check(id: &str, title: &str, severity: Severity, resource: &str) -> CheckSummary {
    CheckSummary {
        id: id.parse::<CheckId>().unwrap(),
        title: title.into(),
        severity,
        resource: resource.into(),
        description: format!("Looks at {resource}."),
        risk: "Somebody who should not may get in.".into(),
        remediation: vec![
            ("text".into(), "Close it.".into()),
            ("cli".into(), "aws ec2 revoke-security-group-ingress --group-id <ID>".into()),
        ],
        controls: vec!["cis-aws-7.0/6.2".into()],
        links: vec!["https://docs.aws.amazon.com/vpc/".into()],
        iac: vec!["aws_security_group".into()],
        implied_by: Vec::new(),
        digest: "39fa2ee980eb94b0".into(),
    }
}

fn checks() -> [CheckSummary; 4] {
    [
        check(
            "iam-root-no-access-keys",
            "Root user has no access keys",
            Severity::Critical,
            "AWS::::Account",
        ),
        check(
            "s3-bucket-not-public",
            "Buckets are not readable or writable by everyone",
            Severity::Critical,
            "AWS::S3::Bucket",
        ),
        check(
            "sg-no-ssh-open",
            "Security groups do not open SSH to the internet",
            Severity::High,
            "AWS::EC2::SecurityGroup",
        ),
        check(
            "vpc-flow-logs-enabled",
            "VPCs record their traffic in flow logs",
            Severity::Medium,
            "AWS::EC2::VPC",
        ),
    ]
}

fn denied(action: &str, at: &str) -> Reason {
    Reason {
        account: Some(account(at)),
        region: Some(region("eu-west-1")),
        ..Reason::new(ReasonKind::Denied, action, "AccessDenied")
    }
}

fn accounts() -> Vec<Account> {
    let account_of = |id: &str, name: &str, status| Account {
        id: account(id),
        name: Some(name.into()),
        partition: Partition::Aws,
        organizational_units: vec!["ou-acme-prod".into()],
        status,
        regions: vec![region("eu-west-1"), region("us-east-1")],
        excluded_regions: Vec::new(),
    };
    let refused = Reason::new(ReasonKind::NotAssumed, "sts:AssumeRole", "AccessDenied");
    vec![
        account_of(ONE, "acme-prod", AccountStatus::Scanned),
        account_of(TWO, "acme-dev", AccountStatus::Scanned),
        Account {
            regions: Vec::new(),
            ..account_of(THREE, "acme-old", AccountStatus::Skipped("suspended".into()))
        },
        Account {
            regions: Vec::new(),
            ..account_of(FOUR, "acme-lab", AccountStatus::Failed(refused))
        },
    ]
}

fn open_findings(root: &CheckSummary, bucket: &CheckSummary, group: &CheckSummary) -> Vec<Finding> {
    let long = "acme-production-customer-invoices-archive-eu-west-1-111122223333";
    let hostile =
        "=cmd|'/c calc'!A1 \u{1b}[31m<img src=x onerror=alert(1)>\u{202e}|`a`](x)\n::error::x";
    let mut public = failure(
        bucket,
        ONE,
        long,
        &[
            "The bucket policy lets everyone read: statement `PublicRead` grants s3:GetObject to \
             principal *",
            "The ACL grants READ to AllUsers",
        ],
    );
    public.details.evidence = vec![
        Evidence { path: "policy.public_grants[0].actions".into(), value: json!(["s3:GetObject"]) },
        Evidence { path: "block_public_access".into(), value: json!(null) },
    ];
    let mut excepted = failure(group, ONE, "sg-excepted", &["Rule sgr-9 opens tcp 22 to ::/0"]);
    excepted.details.exception = Some(Box::new(exception(true, "2026-12-31")));
    let mut expired = failure(group, ONE, "sg-expired", &["Rule sgr-8 opens tcp 22 to ::/0"]);
    expired.details.exception = Some(Box::new(exception(false, "2025-12-31")));
    vec![
        failure(root, ONE, ONE, &["Root has 1 active access key"]),
        public,
        declared(group),
        failure(group, ONE, hostile, &[&format!("Rule opens tcp 22: {hostile}")]),
        excepted,
        expired,
    ]
}

/// A failure of which everything is known.
fn declared(group: &CheckSummary) -> Finding {
    let mut open = failure(group, ONE, "sg-0abc", &["Rule sgr-1 opens tcp 22 to 0.0.0.0/0"]);
    Arc::make_mut(&mut open.rule).params = BTreeMap::from([("ports".into(), json!([22]))]);
    Arc::make_mut(&mut open.site).resource = Resource {
        r#type: group.resource.clone(),
        id: "sg-0abc".into(),
        arn: Some("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0abc".into()),
        name: Some("bastion".into()),
        tags: [("team", "core")].into_iter().collect(),
    };
    open.details.remediation =
        vec![("cli".into(), "aws ec2 revoke-security-group-ingress --group-id sg-0abc".into())];
    open.details.location = Some(Box::new(Location {
        declared_as: Some("tf:infra|aws_security_group.bastion".into()),
        line_hash: Some("39fa2ee980eb94b0:1".into()),
        called_from: vec![Location::new("main.tf", 3)],
        ..Location::new("infra/sg.tf", 12)
    }));
    open
}

pub(crate) fn exception(in_force: bool, expires: &str) -> Exception {
    Exception {
        reason: "Bastion until the VPN is there".into(),
        owner: "core@example.com".into(),
        ticket: Some("SEC-12".into()),
        expires: Some(expires.into()),
        in_force,
        note: (!in_force).then(|| format!("it expired on {expires}")),
    }
}

/// The scan.
pub(crate) fn scan() -> Scan {
    let checks = checks();
    let [root, bucket, group, vpc] = &checks;
    let mut findings = open_findings(root, bucket, group);
    findings.push(finding(root, Verdict::Pass, TWO, TWO));
    findings.push(finding(group, Verdict::NotApplicable, ONE, "sg-default"));
    findings.push(finding(vpc, Verdict::Pass, ONE, "vpc-1"));
    let mut unread = finding(vpc, Verdict::Unknown, TWO, "vpc-2");
    unread.details.unknown = vec![denied("ec2:DescribeFlowLogs", TWO)];
    findings.push(unread);
    findings.sort_by(|a, b| {
        let key = |it: &Finding| (Reverse(it.severity()), it.check().clone(), it.account().clone());
        key(a).cmp(&key(b)).then_with(|| a.resource().id.cmp(&b.resource().id))
    });
    Scan {
        scanned_at: 1_767_323_045,
        accounts: accounts(),
        resources: BTreeMap::from([
            ("AWS::::Account".into(), 2),
            ("AWS::EC2::SecurityGroup".into(), 5),
            ("AWS::EC2::VPC".into(), 2),
            ("AWS::S3::Bucket".into(), 1),
        ]),
        checks: checks.into(),
        findings,
        gaps: vec![
            Gap { reason: denied("ec2:DescribeFlowLogs", TWO), count: 1, example: None },
            Gap {
                reason: Reason {
                    account: Some(account(FOUR)),
                    ..Reason::new(ReasonKind::NotAssumed, "sts:AssumeRole", "AccessDenied")
                },
                count: 1,
                example: None,
            },
        ],
        gate: GateResult {
            policy: "baseline".into(),
            passed: false,
            incomplete: true,
            reasons: vec![
                "2 critical failures, and the policy allows none".into(),
                "1 account could not be scanned".into(),
            ],
            warnings: vec![
                "the exception for `sg-no-ssh-open` on `sg-gone` matches nothing".into(),
            ],
            compliance: None,
        },
        stats: ScanStats {
            calls: BTreeMap::from([("ec2:DescribeVpcs".into(), 4), ("iam:GetUser".into(), 8)]),
            elapsed_ms: Some(4_230),
        },
        trend: Vec::new(),
    }
}
