//! `sarif`: SARIF 2.1.0 for GitHub code scanning, Azure DevOps and GitLab.
//!
//! Code scanning closes an alert when a later analysis of its category leaves the alert out. So
//! there is one run, with a category of its own, for each account that was *wholly* scanned, also
//! when it has no results; and none for any other account. Only failures that nothing excuses are
//! results, since GitHub opens an alert for every result whatever its kind or suppression. Results
//! are made and written one by one.
//!
//! Limits of GitHub that shape this file: 20 runs a file, of which the rest goes to further files
//! of a directory; 5,000 results a run are kept, so that an account may be split by service; every result needs a relative, percent-encoded
//! path and a line; `security-severity` exists for rules only and is a number in a string.

pub mod line_hash;
mod part;
mod place;
mod result;
mod rule;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_sarif::sarif::{
    self, Invocation, Message, Notification, Run, RunAutomationDetails, Tool, ToolComponent,
};

pub use part::Split;

use super::text::{count_of, counted, plain};
use super::{Options, TOOL, TOOL_VERSION, escape};
use crate::check::{CheckId, Severity, Verdict};
use crate::finding::{CheckSummary, Finding, Scan};
use crate::inventory::{Account, AccountStatus, ReasonKind};

use part::{Part, parts};
use result::Group;

/// The most runs that GitHub takes in one file.
pub const MAX_RUNS: usize = 20;

/// The most results of a run that GitHub keeps.
pub const MAX_RESULTS: usize = 5_000;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A file of the report when it is written to a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// The name of the file.
    pub name: String,
    parts: Vec<Part>,
}

/// The files of at most [`MAX_RUNS`] runs that the report needs, at least one.
pub fn shards(scan: &Scan, split: Split) -> Vec<Shard> {
    let parts = parts(scan, split);
    let shard = |(at, parts): (usize, &[Part])| Shard {
        name: format!("{TOOL}-{:02}.sarif", at + 1),
        parts: parts.to_vec(),
    };
    let mut shards: Vec<Shard> = parts.chunks(MAX_RUNS).enumerate().map(shard).collect();
    if shards.is_empty() {
        shards.push(shard((0, &[])));
    }
    shards
}

/// Writes one file of [`shards`].
///
/// # Errors
/// When the writer fails.
pub fn write_shard(scan: &Scan, shard: &Shard, out: &mut dyn Write) -> io::Result<()> {
    let rules = Rules::new(scan);
    let runs = shard.parts.iter().map(|part| RunOut::new(scan, &rules, part));
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: Stream::new(runs) };
    escape::compact(&log, out)?;
    out.write_all(b"\n")
}

/// Writes all runs to one file, and returns what was left out or cut.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(
    scan: &Scan,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<Vec<String>> {
    let parts = parts(scan, options.sarif_split);
    let runs = parts.len();
    write_shard(scan, &Shard { name: String::new(), parts }, out)?;
    let mut notes = notes(scan, options.sarif_split);
    if runs > MAX_RUNS {
        notes.push(format!(
            "sarif: this file has {runs} runs, and GitHub refuses files of more than \
             {MAX_RUNS}: write `-o sarif=DIR/` and upload each file by itself"
        ));
    }
    Ok(notes)
}

/// What the reader of the SARIF files has to be told: accounts without a run, and why; results that
/// were cut.
pub fn notes(scan: &Scan, split: Split) -> Vec<String> {
    let mut notes = Vec::new();
    for account in &scan.accounts {
        match incomplete(scan, account) {
            Some(why) => notes.push(format!(
                "sarif: no run for account {}, so that its alerts stay as they are: {}",
                account.id,
                plain(&why)
            )),
            None => notes.extend(left_out_regions(account)),
        }
    }
    notes.extend(parts(scan, split).iter().filter_map(|part| cut(scan, part)));
    notes
}

fn left_out_regions(account: &Account) -> Option<String> {
    if account.excluded_regions.is_empty() {
        return None;
    }
    let regions: Vec<&str> =
        account.excluded_regions.iter().map(|region| region.as_str()).collect();
    Some(format!(
        "sarif: the run of account {} is without {}, which the scan left out: older alerts of these \
         regions will close",
        account.id,
        regions.join(", ")
    ))
}

/// What is said of a run with more results than GitHub keeps.
fn cut(scan: &Scan, part: &Part) -> Option<String> {
    let results = result::groups(scan, part).len();
    let help = match part.service {
        None => "; `--sarif-split service` writes a run for each service",
        Some(_) => "",
    };
    let category = part.category();
    (results > MAX_RESULTS).then(|| {
        format!(
            "sarif: `{category}` has {results} results; the {MAX_RESULTS} most severe are \
             written{help}"
        )
    })
}

/// The accounts that have a run, sorted by id.
fn whole_accounts(scan: &Scan) -> Vec<&Account> {
    scan.accounts.iter().filter(|account| incomplete(scan, account).is_none()).collect()
}

/// Why a result might be missing though its fault is still there; `None` for a whole account.
fn incomplete(scan: &Scan, account: &Account) -> Option<String> {
    match &account.status {
        AccountStatus::Skipped(why) => return Some(format!("it was skipped ({why})")),
        AccountStatus::Failed(reason) => return Some(format!("it was not scanned ({reason})")),
        AccountStatus::Scanned => {}
    }
    let own = |gap: &&crate::inventory::Gap| {
        gap.reason.account.as_ref().is_none_or(|place| *place == account.id)
    };
    let gaps: Vec<_> = scan.gaps.iter().filter(own).collect();
    if let Some(first) = gaps.first() {
        let count = counted(count_of(gaps.len()), "gap");
        return Some(format!("{count}, such as {}", first.reason));
    }
    scan.findings
        .iter()
        .filter(|finding| *finding.account() == account.id && finding.verdict == Verdict::Unknown)
        .flat_map(|finding| &finding.details.unknown)
        .find(|reason| may_pass(reason.kind))
        .map(|reason| format!("verdicts are unknown because of {reason}"))
}

/// Whether a verdict that is unknown for such a reason may be known by the next scan. Verdicts that
/// are unknown by nature, or because of what was asked for, hide no alert of an earlier scan.
fn may_pass(kind: ReasonKind) -> bool {
    match kind {
        ReasonKind::Denied
        | ReasonKind::Throttled
        | ReasonKind::Failed
        | ReasonKind::NotAssumed
        | ReasonKind::Missing
        | ReasonKind::Interrupted => true,
        ReasonKind::NotScanned | ReasonKind::NotCollected | ReasonKind::Undecided => false,
    }
}

/// The checks of a scan with the severity that their rules state.
struct Rules<'a> {
    scan: &'a Scan,
    severities: BTreeMap<&'a CheckId, Severity>,
}

impl<'a> Rules<'a> {
    /// A rule has one severity in all runs, so where a policy overrides it for some accounts or
    /// resources the worst in force counts.
    fn new(scan: &'a Scan) -> Self {
        let mut severities = BTreeMap::new();
        for finding in scan.findings.iter().filter(|finding| finding.is_open_failure()) {
            let worst = severities.entry(finding.check()).or_insert(finding.severity());
            *worst = (*worst).max(finding.severity());
        }
        Self { scan, severities }
    }

    fn severity(&self, check: &CheckId) -> Severity {
        self.severities.get(check).copied().unwrap_or(Severity::Info)
    }

    /// The descriptions of the checks that have results, sorted by id.
    fn used(&self, groups: &[Group<'_>]) -> Vec<CheckSummary> {
        let used: BTreeSet<&CheckId> = groups.iter().map(|group| group.check()).collect();
        let known = |id: &CheckId| self.scan.checks.iter().find(|check| check.id == *id);
        used.into_iter()
            .filter_map(|id| {
                let first = groups.iter().find(|group| group.check() == id)?.first();
                Some(known(id).cloned().unwrap_or_else(|| undescribed(first)))
            })
            .collect()
    }
}

/// A rule for a finding whose check the scan does not describe.
fn undescribed(finding: &Finding) -> CheckSummary {
    CheckSummary {
        id: finding.check().clone(),
        title: finding.title().to_string(),
        severity: finding.severity(),
        resource: finding.resource().r#type.clone(),
        description: finding.title().to_string(),
        risk: String::new(),
        remediation: Vec::new(),
        controls: finding.controls().to_vec(),
        links: Vec::new(),
        iac: Vec::new(),
        implied_by: Vec::new(),
        digest: String::new(),
    }
}

#[derive(Serialize)]
#[serde(bound = "R: Serialize, I: Iterator<Item = R>")]
struct Log<R, I> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Stream<R, I>,
}

#[derive(Serialize)]
struct RunOut<'a> {
    #[serde(flatten)]
    head: Box<Run>,
    #[serde(serialize_with = "one_by_one")]
    results: (Vec<Group<'a>>, Vec<CheckId>),
}

impl<'a> RunOut<'a> {
    fn new(scan: &'a Scan, rules: &Rules<'a>, part: &Part) -> Self {
        let mut groups = result::groups(scan, part);
        groups.sort_by_cached_key(|group| {
            let severity = rules.severity(group.check());
            (std::cmp::Reverse(severity), group.check().clone(), group.id().to_owned())
        });
        let all = groups.len();
        groups.truncate(MAX_RESULTS);
        let used = rules.used(&groups);
        let descriptors: Vec<_> =
            used.iter().map(|check| rule::describe(check, rules.severity(&check.id))).collect();
        let driver = ToolComponent::builder()
            .name(TOOL)
            .full_name("postura, a configuration posture scanner for AWS")
            .semantic_version(TOOL_VERSION)
            .information_uri(env!("CARGO_PKG_REPOSITORY"))
            .rules(descriptors)
            .build();
        let category = part.category();
        let mut head = Run::builder()
            .tool(Tool::builder().driver(driver).build())
            .automation_details(RunAutomationDetails::builder().id(category).build())
            .column_kind(serde_json::json!("unicodeCodePoints"))
            .build();
        head.invocations = (all > groups.len()).then(|| vec![told_of_cut(all)]);
        let ids = used.into_iter().map(|check| check.id).collect();
        Self { head: Box::new(head), results: (groups, ids) }
    }
}

/// An invocation that tells of results which were left out. It states no time, so that two scans of
/// the same state are the same.
fn told_of_cut(all: usize) -> Invocation {
    let text = format!("{all} results were found; the {MAX_RESULTS} most severe are here.");
    let notification = Notification::builder()
        .level(serde_json::json!("warning"))
        .message(Message::builder().text(text).build())
        .build();
    Invocation::builder()
        .execution_successful(true)
        .tool_execution_notifications(vec![notification])
        .build()
}

fn one_by_one<S: Serializer>(
    (groups, rules): &(Vec<Group<'_>>, Vec<CheckId>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(groups.iter().map(|group| {
        let index = rules.binary_search(group.check()).ok();
        let result: sarif::Result = group.to_result(index);
        result
    }))
}

/// An iterator that serializes as a list, once.
struct Stream<R, I>(RefCell<Option<I>>, std::marker::PhantomData<R>);

impl<R, I> Stream<R, I> {
    fn new(items: I) -> Self {
        Self(RefCell::new(Some(items)), std::marker::PhantomData)
    }
}

impl<R: Serialize, I: Iterator<Item = R>> Serialize for Stream<R, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = self.0.borrow_mut().take();
        serializer.collect_seq(items.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests;
