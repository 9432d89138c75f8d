//! Policies as whole files: what is refused, which rule wins, and what can never happen.

mod edit;
mod exceptions;
mod gating;
mod import;
mod lint;
mod load;
mod precedence;
mod properties;
mod schema;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde_json::Value as Json;

use super::*;
use crate::aws::{AccountId, Partition, Region};
use crate::check::{Severity, Verdict};
use crate::diagnostic::SourceFile;
use crate::finding::{Details, Fingerprint, Resource, Rule, Site, Tags};
use crate::inventory::{Account, AccountStatus, Gap, Reason, ReasonKind};

const ONE: &str = "111122223333";
const TWO: &str = "444455556666";

fn account_id(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn metas() -> Vec<CheckMeta> {
    let meta = |id: &str, severity, service: &str, controls: &[&str], params: &[&str]| CheckMeta {
        id: id.parse().unwrap(),
        severity,
        service: service.into(),
        controls: controls.iter().map(|it| (*it).to_owned()).collect(),
        tags: vec!["network".into()],
        tier: Some(1),
        params: params.iter().map(|it| (*it).to_owned()).collect(),
    };
    vec![
        meta("iam-root-mfa", Severity::Critical, "account", &["std/1"], &[]),
        meta("s3-bucket-not-public", Severity::High, "s3", &["std/2"], &[]),
        meta("sg-no-ssh-open", Severity::High, "ec2", &[], &["ports"]),
        meta("sg-tidy", Severity::Info, "ec2", &[], &[]),
    ]
}

fn frameworks() -> Frameworks {
    let text = "id: std\ntitle: Standard\nversion: \"1\"\nrequirements:\n\
                - {id: \"1\", title: Root has MFA, assessment: automated}\n\
                - {id: \"2\", title: No public buckets, assessment: automated}\n\
                - {id: \"3\", title: People are trained, assessment: manual}\n\
                - {id: \"4\", title: Nothing looks at it, assessment: automated}\n";
    let (frameworks, found) = Frameworks::load([SourceFile::new("std.yaml", text)]);
    assert!(found.is_empty(), "{found:?}");
    frameworks
}

fn load_in(
    files: &[(&str, &str)],
    name: &str,
    environment: Option<&str>,
) -> Result<Policy, PolicyError> {
    within(files, environment, |context| Policy::load(name, context))
}

/// Calls a function with files that can be read, on a fixed day.
fn within<T>(
    files: &[(&str, &str)],
    environment: Option<&str>,
    call: impl FnOnce(&Context<'_>) -> T,
) -> T {
    let files: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let read = move |path: &str| {
        files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    let test = |_: &CheckId, name: &str, value: &Json| match (name, value) {
        ("ports", Json::Array(_)) => Ok(()),
        _ => Err(("expected a list of ports".to_owned(), None)),
    };
    let (checks, frameworks) = (metas(), frameworks());
    call(&Context {
        checks: &checks,
        frameworks: &frameworks,
        read: &read,
        test_param: &test,
        environment,
        today: "2026-06-15".parse().unwrap(),
    })
}

/// A policy of that text behind its required first lines.
fn policy(text: &str) -> Result<Policy, PolicyError> {
    let head = "id: p\ntitle: P\nchecks: [\"*\"]\n";
    load_in(&[("p.yaml", &format!("{head}{text}"))], "p.yaml", None)
}

fn mistakes(text: &str) -> Vec<String> {
    match policy(text) {
        Err(PolicyError::Invalid(found)) => found
            .iter()
            .map(|it| match &it.help {
                Some(help) => format!("{it} ({help})"),
                None => it.to_string(),
            })
            .collect(),
        other => panic!("no mistakes in {text}: {other:?}"),
    }
}

fn finding(check: &str, at: &str, region: Option<&str>, id: &str) -> Finding {
    let check: CheckId = check.parse().unwrap();
    let account = account_id(at);
    let region: Option<Region> = region.map(|region| region.parse().unwrap());
    let severity = metas().iter().find(|meta| meta.id == check).unwrap().severity;
    Finding {
        fingerprint: Fingerprint::new(&check, Partition::Aws, &account, region.as_ref(), id),
        verdict: Verdict::Fail,
        rule: Arc::new(Rule {
            check,
            title: "t".into(),
            severity,
            params: BTreeMap::new(),
            controls: Vec::new(),
        }),
        site: Arc::new(Site {
            account,
            partition: Partition::Aws,
            region,
            resource: Resource {
                r#type: "AWS::S3::Bucket".into(),
                id: id.into(),
                arn: Some(format!("arn:aws:s3:::{id}")),
                name: None,
                tags: [("env", "prod")].into_iter().collect(),
            },
        }),
        details: Details::default(),
    }
}

fn accounts() -> Vec<Account> {
    [ONE, TWO]
        .into_iter()
        .map(|id| Account {
            id: account_id(id),
            name: None,
            partition: Partition::Aws,
            organizational_units: vec![
                "r-ab12".into(),
                "ou-ab12-workload".into(),
                format!("ou-ab12-{id}"),
            ],
            status: AccountStatus::Scanned,
            regions: vec!["eu-west-1".parse().unwrap(), "us-east-1".parse().unwrap()],
            excluded_regions: Vec::new(),
        })
        .collect()
}

fn findings() -> Vec<Finding> {
    vec![
        finding("iam-root-mfa", ONE, None, ONE),
        finding("s3-bucket-not-public", ONE, Some("eu-west-1"), "logs"),
        finding("s3-bucket-not-public", ONE, Some("eu-west-1"), "logs-2"),
        finding("s3-bucket-not-public", TWO, Some("us-east-1"), "logs"),
        finding("sg-no-ssh-open", TWO, Some("us-east-1"), "sg-1"),
    ]
}

fn except(policy: &Policy, today: &str) -> (Vec<Finding>, gate::Notes) {
    let mut findings = findings();
    let accounts = accounts();
    let sight = Sight { accounts: &accounts, left_out: &[], whole: true };
    let notes = policy.except(&mut findings, sight, today.parse().unwrap());
    (findings, notes)
}

fn accepted(policy: &Policy, today: &str) -> Vec<String> {
    let (findings, _) = except(policy, today);
    findings
        .iter()
        .filter(|finding| !finding.is_open_failure())
        .map(|finding| {
            format!("{} {} {}", finding.check(), finding.account(), finding.resource().id)
        })
        .collect()
}

fn exit(policy: &Policy, findings: &[Finding], gaps: &[Gap], baseline: Option<&Baseline>) -> Exit {
    let accounts = accounts();
    let subject = gate::Subject { findings, accounts: &accounts, gaps, interrupted: false };
    let notes = gate::Notes::default();
    Exit::from(&gate::decide(&policy.name, &policy.gate, subject, baseline, notes))
}

fn severity(policy: &Policy, at: &str, region: Option<&str>, tags: &[(&str, &str)]) -> Severity {
    let units = vec!["r-ab12".to_owned(), "ou-ab12-workload".to_owned(), format!("ou-ab12-{at}")];
    let tags = tags.iter().copied().collect();
    let region = region.map(|region| region.parse().unwrap());
    let account = account_id(at);
    let place = Place {
        account: &account,
        organizational_units: &units,
        region: region.as_ref(),
        tags: &tags,
    };
    policy.effective(&"sg-no-ssh-open".parse().unwrap(), &place).unwrap().severity
}
