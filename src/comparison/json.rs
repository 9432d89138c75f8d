//! A comparison for machines. Format version 1: fields are added, never renamed or removed, without
//! a new version.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;

use super::{AccountChange, Change, Comparison, Head, ResourceChange, What};
use crate::finding::{Finding, Fingerprint};
use crate::report::text::time;

const VERSION: u32 = 1;

pub(super) fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        worse: comparison.is_worse(),
        old: HeadV1::new(&comparison.old),
        new: HeadV1::new(&comparison.new),
        findings: comparison.findings.iter().filter_map(ChangeV1::new).collect(),
        resources: comparison.resources.iter().map(ResourceV1::new).collect(),
        accounts: comparison.accounts.iter().map(AccountV1::new).collect(),
        not_compared: &comparison.notes,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    worse: bool,
    old: HeadV1<'a>,
    new: HeadV1<'a>,
    findings: Vec<ChangeV1<'a>>,
    resources: Vec<ResourceV1<'a>>,
    accounts: Vec<AccountV1<'a>>,
    not_compared: &'a [String],
}

#[derive(Serialize)]
struct HeadV1<'a> {
    scanned_at: String,
    policy: &'a str,
}

impl<'a> HeadV1<'a> {
    fn new(head: &'a Head) -> Self {
        Self { scanned_at: time(head.scanned_at), policy: &head.policy }
    }
}

#[derive(Serialize)]
struct ChangeV1<'a> {
    change: &'static str,
    causes: Vec<&'static str>,
    worse: bool,
    fingerprint: Fingerprint,
    check: &'a str,
    title: &'a str,
    account: &'a str,
    region: Option<&'a str>,
    resource_type: &'a str,
    resource: &'a str,
    arn: Option<&'a str>,
    old: StateV1<'a>,
    new: StateV1<'a>,
}

impl<'a> ChangeV1<'a> {
    fn new(change: &'a Change) -> Option<Self> {
        let finding = change.finding()?;
        Some(Self {
            change: change.kind.as_str(),
            causes: change.causes.iter().map(|it| it.as_str()).collect(),
            worse: change.worse,
            fingerprint: finding.fingerprint,
            check: finding.check().as_str(),
            title: finding.title(),
            account: finding.account().as_str(),
            region: finding.region().map(|region| region.as_str()),
            resource_type: &finding.resource().r#type,
            resource: &finding.resource().id,
            arn: finding.resource().arn.as_deref(),
            old: StateV1::new(change.was.as_str(), change.old.as_ref()),
            new: StateV1::new(change.is.as_str(), change.new.as_ref()),
        })
    }
}

#[derive(Serialize)]
struct StateV1<'a> {
    state: &'static str,
    severity: Option<&'static str>,
    messages: &'a [String],
}

impl<'a> StateV1<'a> {
    fn new(state: &'static str, finding: Option<&'a Finding>) -> Self {
        Self {
            state,
            severity: finding.map(|it| it.severity().as_str()),
            messages: finding.map_or(&[], |it| &it.details.messages),
        }
    }
}

#[derive(Serialize)]
struct ResourceV1<'a> {
    change: &'static str,
    r#type: &'a str,
    account: &'a str,
    region: Option<&'a str>,
    id: &'a str,
    settings: Vec<FieldV1<'a>>,
}

#[derive(Serialize)]
struct FieldV1<'a> {
    path: &'a str,
    old: Option<&'a Json>,
    new: Option<&'a Json>,
    visibility: bool,
}

impl<'a> ResourceV1<'a> {
    fn new(change: &'a ResourceChange) -> Self {
        let fields = match &change.what {
            What::Changed(fields) => fields.as_slice(),
            What::Came | What::Appeared | What::Went | What::Lost => &[],
        };
        Self {
            change: match &change.what {
                What::Came => "came",
                What::Appeared => "appeared",
                What::Went => "went",
                What::Lost => "lost",
                What::Changed(_) => "changed",
            },
            r#type: &change.place.r#type,
            account: change.place.account.as_str(),
            region: change.place.region.as_ref().map(|region| region.as_str()),
            id: &change.place.id,
            settings: fields
                .iter()
                .map(|it| FieldV1 {
                    path: &it.path,
                    old: it.old.as_ref(),
                    new: it.new.as_ref(),
                    visibility: it.is_visibility(),
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct AccountV1<'a> {
    id: &'a str,
    name: Option<&'a str>,
    old: Option<&'a str>,
    new: Option<&'a str>,
    regions_came: Vec<&'a str>,
    regions_went: Vec<&'a str>,
    worse: bool,
}

impl<'a> AccountV1<'a> {
    fn new(change: &'a AccountChange) -> Self {
        Self {
            id: change.id.as_str(),
            name: change.name.as_deref(),
            old: change.old.as_deref(),
            new: change.new.as_deref(),
            regions_came: change.regions_came.iter().map(|it| it.as_str()).collect(),
            regions_went: change.regions_went.iter().map(|it| it.as_str()).collect(),
            worse: change.worse,
        }
    }
}
