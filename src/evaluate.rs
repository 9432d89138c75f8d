//! From an inventory and checks to findings: in parallel, sorted, the same every time.
//!
//! Severity and parameters may differ from resource to resource (by account, region, tag);
//! [`Settings`] decides that, so that this module need not know policies.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::aws::{AccountId, Partition};
use crate::check::{Bound, Check, CheckId, Outcome, Params, Scratch, Severity, Verdict};
use crate::finding::{
    CheckSummary, Detail, Details, Finding, Fingerprint, Resource, Rule, Site, Tags,
};
use crate::inventory::{Account, Entry, Inventory, Row, Slot, View};

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

/// Evaluates checks over all resources of their types: check by check over a chunk of resources, so
/// that a check answers for many at once, and chunks in parallel. The findings are sorted by severity
/// from the worst, check, account, region and resource, whatever the number of threads.
pub fn evaluate(
    inventory: &Inventory,
    selected: &[Selected],
    settings: &dyn Settings,
) -> Vec<Finding> {
    let accounts: BTreeMap<&AccountId, &Account> =
        inventory.accounts.iter().map(|account| (&account.id, account)).collect();
    let mut ready: BTreeMap<&str, Vec<Ready<'_>>> = BTreeMap::new();
    for selected in selected.iter().filter(|it| !it.settings.is_empty()) {
        let checks = ready.entry(selected.check.resource.name).or_default();
        checks.push(Ready::new(selected, inventory));
    }
    let checks_of = |entry: &Entry| ready.get(entry.record.name).map_or(&[][..], Vec::as_slice);
    let judge = |chunk: &[Entry], bench: &mut Bench, found: &mut dyn FnMut(Finding)| {
        for same in chunk.chunk_by(|a, b| a.record.name == b.record.name) {
            let checks = same.first().map_or(&[][..], checks_of);
            if checks.is_empty() {
                continue;
            }
            let seats: Vec<Seat<'_>> = same
                .iter()
                .map(|entry| Seat::new(inventory, accounts.get(&entry.account).copied(), entry))
                .collect();
            checks.iter().for_each(|ready| ready.findings(&seats, settings, bench, found));
        }
    };
    let mut findings = filled(inventory.entries(), |entry| checks_of(entry).len(), judge);
    sort(&mut findings);
    findings
}

/// What is found of all entries. There is room for so many findings as `count` says before the first
/// is made, and threads write into it: to join lists of their own would take that room twice.
fn filled(
    entries: &[Entry],
    count: impl Fn(&Entry) -> usize + Sync,
    find: impl Fn(&[Entry], &mut Bench, &mut dyn FnMut(Finding)) + Sync,
) -> Vec<Finding> {
    let mut findings: Vec<Option<Finding>> = Vec::new();
    findings.resize_with(entries.iter().map(&count).sum(), || None);
    let mut rest = findings.as_mut_slice();
    let mut chunks = Vec::new();
    for chunk in entries.chunks(CHUNK) {
        let own = chunk.iter().map(&count).sum();
        let (room, others) = std::mem::take(&mut rest).split_at_mut(own);
        chunks.push((chunk, room));
        rest = others;
    }
    chunks.into_par_iter().for_each_init(Bench::default, |bench, (chunk, room)| {
        let (mut last, mut room) = (Last::default(), room.iter_mut());
        find(chunk, bench, &mut |finding| {
            if let Some(place) = room.next() {
                *place = Some(last.shared(finding));
            }
        });
    });
    #[expect(clippy::filter_map_identity, reason = "`flatten` moves everything to a second list")]
    findings.into_iter().filter_map(|it| it).collect()
}

/// What a thread works with, from one chunk to the next.
#[derive(Default)]
struct Bench {
    scratch: Scratch,
    rows: Vec<Row>,
    verdicts: Vec<Verdict>,
    /// The place of each resource's setting, and what the check says of it: nothing before it is asked.
    chosen: Vec<(usize, Verdict)>,
}

/// A resource of a chunk.
struct Seat<'a> {
    account: Option<&'a Account>,
    entry: &'a Entry,
    site: Arc<Site>,
}

impl<'a> Seat<'a> {
    fn new(inventory: &Inventory, account: Option<&'a Account>, entry: &'a Entry) -> Self {
        Self { account, entry, site: Arc::new(site_of(inventory, account, entry)) }
    }
}

/// Why checks did not apply to the last resource: mostly for the same reason as to the next one.
#[derive(Default)]
struct Last(BTreeMap<CheckId, Details>);

impl Last {
    /// The same finding, which shares its reasons with the one before it if they are alike.
    fn shared(&mut self, mut finding: Finding) -> Finding {
        if finding.verdict == Verdict::NotApplicable {
            match self.0.get_mut(finding.check()) {
                Some(last) if *last == finding.details => finding.details = last.clone(),
                Some(last) => *last = finding.details.clone(),
                None => {
                    self.0.insert(finding.check().clone(), finding.details.clone());
                }
            }
        }
        finding
    }
}

/// Puts findings in the order of [`evaluate`].
pub fn sort(findings: &mut [Finding]) {
    // No two are alike in what they are sorted by; a stable sort would take half as much memory again.
    findings.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
}

/// A check bound to the inventory, once with each of its settings.
struct Ready<'a> {
    check: &'a Check,
    settings: Vec<ReadySetting<'a>>,
}

struct ReadySetting<'a> {
    rule: Arc<Rule>,
    bound: Bound<'a>,
}

impl<'a> Ready<'a> {
    fn new(selected: &'a Selected, inventory: &'a Inventory) -> Self {
        let check = &*selected.check;
        let setting = |it: &'a Setting| ReadySetting {
            rule: Arc::new(rule_of(check, it)),
            bound: check.bind(inventory, &it.params),
        };
        Self { check, settings: selected.settings.iter().map(setting).collect() }
    }

    /// Finds what there is to say of resources, in their order.
    fn findings(
        &self,
        seats: &[Seat<'_>],
        settings: &dyn Settings,
        bench: &mut Bench,
        found: &mut dyn FnMut(Finding),
    ) {
        let choose = |seat: &Seat<'_>| {
            let Seat { account, entry, site } = seat;
            let context = Context { account: *account, entry, resource: &site.resource };
            let place = settings.choose(self.check, context);
            if place < self.settings.len() { place } else { 0 }
        };
        let Bench { scratch, rows, verdicts, chosen } = bench;
        chosen.clear();
        chosen.extend(seats.iter().map(|seat| (choose(seat), Verdict::Unknown)));
        for (place, setting) in self.settings.iter().enumerate() {
            rows.clear();
            let own = seats.iter().zip(&*chosen).filter(|(_, (its, _))| *its == place);
            rows.extend(own.map(|(seat, _)| seat.entry.row));
            setting.bound.verdicts(rows, scratch, verdicts);
            let own = chosen.iter_mut().filter(|(its, _)| *its == place);
            own.zip(&*verdicts).for_each(|((_, verdict), said)| *verdict = *said);
        }
        for (seat, (place, verdict)) in seats.iter().zip(&*chosen) {
            let Some(setting) = self.settings.get(*place) else { continue };
            // Only what is no pass is looked at by itself, to be explained.
            let outcome = setting.bound.explain(seat.entry.row, *verdict);
            found(self.finding(setting, outcome, &seat.site));
        }
    }

    fn finding(&self, setting: &ReadySetting<'_>, outcome: Outcome, site: &Arc<Site>) -> Finding {
        let Self { check, .. } = self;
        let remediation = check
            .remediation
            .iter()
            .filter_map(|remedy| Some((remedy.kind.clone(), remedy.fill(&outcome.blanks)?)));
        let detail = Detail {
            remediation: remediation.collect(),
            messages: outcome.messages,
            evidence: outcome.evidence,
            unknown: outcome.unknown,
            ..Detail::default()
        };
        let Site { account, partition, region, resource } = &**site;
        let key = resource.arn.as_deref().unwrap_or(&resource.id);
        Finding {
            rule: Arc::clone(&setting.rule),
            site: Arc::clone(site),
            verdict: outcome.verdict,
            fingerprint: Fingerprint::new(&check.id, *partition, account, region.as_ref(), key),
            details: detail.into(),
        }
    }
}

/// What findings are sorted by.
fn order(finding: &Finding) -> impl Ord {
    let (rule, site) = (&*finding.rule, &*finding.site);
    (Reverse(rule.severity), &rule.check, &site.account, &site.region, &site.resource.id)
}

/// A check with a setting, as findings name them.
fn rule_of(check: &Check, setting: &Setting) -> Rule {
    Rule {
        check: check.id.clone(),
        title: check.title.clone(),
        severity: setting.severity,
        params: setting.params.to_json(),
        controls: check.controls.clone(),
    }
}

/// A resource with its place, as findings name them.
fn site_of(inventory: &Inventory, account: Option<&Account>, entry: &Entry) -> Site {
    Site {
        account: entry.account.clone(),
        partition: account.map_or(Partition::default(), |account| account.partition),
        region: entry.region.clone(),
        resource: resource_of(inventory, entry),
    }
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
        tags: if has("tags") { tags(&view) } else { Tags::default() },
    }
}

fn tags(view: &View<'_>) -> Tags {
    let Slot::Known(tags) = view.parts("tags") else { return Tags::default() };
    let pairs = tags.known.iter().filter_map(|tag| match (tag.text("key"), tag.text("value")) {
        (Slot::Known(key), Slot::Known(value)) => Some((key, value)),
        _ => None,
    });
    pairs.collect()
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
