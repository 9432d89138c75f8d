//! From an inventory and checks to findings: in parallel, sorted, the same every time.
//!
//! Severity and parameters may differ from resource to resource (by account, region, tag);
//! [`Settings`] decides that, so that this module need not know policies.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value as Json;

use crate::aws::{AccountId, Partition};
use crate::check::{Bound, Check, Params, Severity, Verdict};
use crate::finding::{CheckSummary, Finding, Fingerprint, Resource};
use crate::inventory::{Account, Entry, Inventory, Slot, View};

/// A check's severity and parameters for some of its resources.
#[derive(Debug, Clone)]
pub struct Setting {
    /// How bad a failure is.
    pub severity: Severity,
    /// The parameters.
    pub params: Params,
}

/// A check to evaluate, with all the settings that resources may have.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The check.
    pub check: Arc<Check>,
    /// Its settings; the first is the one that holds where no other is chosen.
    pub settings: Vec<Setting>,
}

/// Where a resource is and what it is called: all that may decide on its setting.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The account, where the scan knows it.
    pub account: Option<&'a Account>,
    /// The resource's entry.
    pub entry: &'a Entry,
    /// The resource as findings name it.
    pub resource: &'a Resource,
}

/// Chooses the setting of a resource.
pub trait Settings: Sync {
    /// The place in [`Selected::settings`]. A place beyond the list means the first.
    fn choose(&self, check: &Check, context: Context<'_>) -> usize;
}

/// The first setting everywhere.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Settings for Plain {
    fn choose(&self, _: &Check, _: Context<'_>) -> usize {
        0
    }
}

/// The resources that one thread takes at a time.
const CHUNK: usize = 256;

/// Evaluates checks over all resources of their types: resource by resource, all checks of its type
/// while it is at hand, chunks of resources in parallel. The findings are sorted by severity from
/// the worst, check, account, region and resource, whatever the number of threads.
pub fn evaluate(
    inventory: &Inventory,
    selected: &[Selected],
    settings: &dyn Settings,
) -> Vec<Finding> {
    let accounts: BTreeMap<&AccountId, &Account> =
        inventory.accounts.iter().map(|account| (&account.id, account)).collect();
    let mut ready: BTreeMap<&str, Vec<Ready<'_>>> = BTreeMap::new();
    for selected in selected {
        let checks = ready.entry(selected.check.resource.name).or_default();
        checks.push(Ready::new(selected, inventory));
    }
    let judge = |entry: &Entry| -> Vec<Finding> {
        let Some(checks) = ready.get(entry.record.name) else { return Vec::new() };
        let resource = Arc::new(resource_of(inventory, entry));
        let account = accounts.get(&entry.account).copied();
        let context = Context { account, entry, resource: &resource };
        let one = |ready: &Ready<'_>| {
            let place = settings.choose(ready.check, context);
            let setting = ready.settings.get(place).or_else(|| ready.settings.first())?;
            Some(ready.finding(setting, context, &resource))
        };
        checks.iter().filter_map(one).collect()
    };
    let chunks = inventory.entries().par_chunks(CHUNK);
    let mut findings: Vec<Finding> =
        chunks.flat_map_iter(|chunk| chunk.iter().flat_map(judge)).collect();
    sort(&mut findings);
    findings
}

/// Puts findings in the order of [`evaluate`].
pub fn sort(findings: &mut [Finding]) {
    // No two are alike in what they are sorted by; a stable sort would take half as much memory again.
    findings.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
}

/// A check bound to the inventory, once with each of its settings, and what its findings share.
struct Ready<'a> {
    check: &'a Check,
    title: Arc<str>,
    controls: Arc<[String]>,
    settings: Vec<ReadySetting<'a>>,
}

struct ReadySetting<'a> {
    severity: Severity,
    params: Arc<BTreeMap<String, Json>>,
    bound: Bound<'a>,
}

impl<'a> Ready<'a> {
    fn new(selected: &'a Selected, inventory: &'a Inventory) -> Self {
        let check = &*selected.check;
        let setting = |it: &'a Setting| ReadySetting {
            severity: it.severity,
            params: Arc::new(it.params.to_json()),
            bound: check.bind(inventory, &it.params),
        };
        Self {
            check,
            title: check.title.as_str().into(),
            controls: check.controls.as_slice().into(),
            settings: selected.settings.iter().map(setting).collect(),
        }
    }

    fn finding(
        &self,
        setting: &ReadySetting<'_>,
        context: Context<'_>,
        resource: &Arc<Resource>,
    ) -> Finding {
        let Self { check, .. } = self;
        let Context { account, entry, .. } = context;
        let partition = account.map_or(Partition::default(), |account| account.partition);
        let outcome = setting.bound.judge(entry);
        let remediation = check
            .remediation
            .iter()
            .filter_map(|remedy| Some((remedy.kind.clone(), remedy.fill(&outcome.blanks)?)));
        let key = resource.arn.as_deref().unwrap_or(&resource.id);
        let fingerprint =
            Fingerprint::new(&check.id, partition, &entry.account, entry.region.as_ref(), key);
        Finding {
            check: check.id.clone(),
            verdict: outcome.verdict,
            severity: setting.severity,
            title: Arc::clone(&self.title),
            account: entry.account.clone(),
            partition,
            region: entry.region.clone(),
            messages: outcome.messages,
            evidence: outcome.evidence,
            unknown: outcome.unknown,
            params: Arc::clone(&setting.params),
            remediation: remediation.collect(),
            controls: Arc::clone(&self.controls),
            resource: Arc::clone(resource),
            fingerprint,
            exception: None,
            location: None,
            implied_by: Vec::new(),
            implies: Vec::new(),
        }
    }
}

/// What findings are sorted by.
fn order(finding: &Finding) -> impl Ord {
    (
        Reverse(finding.severity),
        &finding.check,
        &finding.account,
        &finding.region,
        &finding.resource.id,
    )
}

/// A resource as findings name it: its id, and ARN, name and tags where its type has them.
pub fn resource_of(inventory: &Inventory, entry: &Entry) -> Resource {
    let view = inventory.view(entry);
    let has = |name: &str| entry.record.field(name).is_some();
    let text = |name: &str| match has(name).then(|| view.text(name)) {
        Some(Slot::Known(text)) if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    };
    Resource {
        r#type: entry.record.name.to_owned(),
        id: entry.id.clone(),
        arn: text("arn"),
        name: text("name"),
        tags: if has("tags") { tags(&view) } else { BTreeMap::new() },
    }
}

fn tags(view: &View<'_>) -> BTreeMap<String, String> {
    let Slot::Known(tags) = view.parts("tags") else { return BTreeMap::new() };
    let pair = |tag: &View<'_>| match (tag.text("key"), tag.text("value")) {
        (Slot::Known(key), Slot::Known(value)) => Some((key.to_owned(), value.to_owned())),
        _ => None,
    };
    tags.known.iter().filter_map(pair).collect()
}

/// A check as reports describe it.
pub fn summary(check: &Check) -> CheckSummary {
    let remediation =
        check.remediation.iter().map(|remedy| (remedy.kind.clone(), remedy.text.clone()));
    CheckSummary {
        id: check.id.clone(),
        title: check.title.clone(),
        severity: check.severity,
        resource: check.resource.name.to_owned(),
        description: check.description.clone(),
        risk: check.risk.clone(),
        remediation: remediation.collect(),
        controls: check.controls.clone(),
        links: check.links.clone(),
        iac: check.iac.clone(),
        implied_by: check.implied_by.clone(),
        digest: check.digest(),
    }
}

/// How many findings have each verdict.
pub fn count(findings: &[Finding]) -> BTreeMap<Verdict, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.verdict).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests;
