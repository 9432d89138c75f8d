//! Two scans side by side: which findings, settings, resources and accounts came, went or changed,
//! and why.
//!
//! What is gone counts as gone only where the new scan looked: a failure that can no longer be seen
//! is not fixed. Both scans are given; nothing is read or judged here.

mod fields;
mod findings;
mod json;
mod markdown;
mod settings;
mod sight;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::str::FromStr;

use crate::aws::{AccountId, Region};
use crate::finding::{Finding, Scan};
use crate::inventory::{Account, AccountStatus, Inventory};

pub use fields::FieldChange;
pub use findings::{Cause, Change, Kind, Standing};
pub use settings::{Place, ResourceChange, What};

/// A scan to compare.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The scan.
    pub scan: &'a Scan,
    /// What was read, where it is known: results do not hold it.
    pub inventory: Option<&'a Inventory>,
}

/// When and by what a side was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// When it was read, seconds since 1970-01-01T00:00:00Z.
    pub scanned_at: i64,
    /// The policy.
    pub policy: String,
}

/// What happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// The account.
    pub id: AccountId,
    /// Its name, where known.
    pub name: Option<String>,
    /// What was said of it before; `None` where it was not part of the scan.
    pub old: Option<String>,
    /// What is said of it now.
    pub new: Option<String>,
    /// Regions that are read now and were not.
    pub regions_came: Vec<Region>,
    /// Regions that were read and are not now.
    pub regions_went: Vec<Region>,
    /// Whether it could be read and cannot any more.
    pub worse: bool,
}

/// All that differs between two scans.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The old scan.
    pub old: Head,
    /// The new scan.
    pub new: Head,
    /// Findings: new ones, fixed ones, changed ones, each from the worst severity.
    pub findings: Vec<Change>,
    /// Resources, sorted by type, account, region and id.
    pub resources: Vec<ResourceChange>,
    /// Accounts, sorted by id.
    pub accounts: Vec<AccountChange>,
    /// What could not be compared, one sentence each.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Whether something got worse: a failure that nothing excuses is new, more severe or no longer
    /// excused, or what was seen is seen no more.
    pub fn is_worse(&self) -> bool {
        self.findings.iter().any(|it| it.worse) || self.accounts.iter().any(|it| it.worse)
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.resources.is_empty() && self.accounts.is_empty()
    }

    /// The findings of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Change> {
        self.findings.iter().filter(move |it| it.kind == kind)
    }

    /// The answer in one line.
    fn summary(&self) -> String {
        let findings = Kind::ALL
            .map(|kind| format!("{} {}", self.of_kind(kind).count(), kind.as_str()))
            .join(", ");
        let count =
            |wanted: fn(&What) -> bool| self.resources.iter().filter(|it| wanted(&it.what)).count();
        format!(
            "findings: {findings}; resources: {} came, {} went, {} changed; accounts: {} changed",
            count(|it| matches!(it, What::Came | What::Appeared)),
            count(|it| matches!(it, What::Went | What::Lost)),
            count(|it| matches!(it, What::Changed(_))),
            self.accounts.len()
        )
    }
}

/// Compares two scans. `aged` are the findings of the old inventory, judged at the time of the new
/// scan, where there are some: they tell what only time has changed.
pub fn compare(old: Side<'_>, new: Side<'_>, aged: Option<&[Finding]>) -> Comparison {
    let mut notes = Vec::new();
    let resources = match (old.inventory, new.inventory) {
        (Some(old), Some(new)) => settings::compare(old, new, &mut notes),
        _ => {
            notes.push("settings are compared between snapshots only: results hold none".into());
            settings::compare_seen(old, new)
        }
    };
    let changes = findings::compare(old, new, aged);
    Comparison {
        old: head(old.scan),
        new: head(new.scan),
        findings: changes,
        resources,
        accounts: accounts(&old.scan.accounts, &new.scan.accounts),
        notes,
    }
}

fn head(scan: &Scan) -> Head {
    Head { scanned_at: scan.scanned_at, policy: scan.gate.policy.clone() }
}

fn accounts(old: &[Account], new: &[Account]) -> Vec<AccountChange> {
    let mut all: BTreeMap<&AccountId, (Option<&Account>, Option<&Account>)> = BTreeMap::new();
    old.iter().for_each(|it| all.entry(&it.id).or_default().0 = Some(it));
    new.iter().for_each(|it| all.entry(&it.id).or_default().1 = Some(it));
    let change = |(id, (old, new)): (&AccountId, (Option<&Account>, Option<&Account>))| {
        let missing = |these: Option<&Account>, those: Option<&Account>| -> Vec<Region> {
            let (Some(these), Some(those)) = (these, those) else { return Vec::new() };
            these.regions.iter().filter(|it| !those.regions.contains(it)).cloned().collect()
        };
        let failed = |it: Option<&Account>| {
            it.is_some_and(|it| matches!(it.status, AccountStatus::Failed(_)))
        };
        let change = AccountChange {
            id: id.clone(),
            name: new.or(old).and_then(|it| it.name.clone()),
            old: old.map(|it| status(&it.status)),
            new: new.map(|it| status(&it.status)),
            regions_came: missing(new, old),
            regions_went: missing(old, new),
            worse: failed(new) && !failed(old),
        };
        let same = change.old == change.new;
        let regions = change.regions_came.len() + change.regions_went.len();
        (!same || regions > 0).then_some(change)
    };
    all.into_iter().filter_map(change).collect()
}

fn status(status: &AccountStatus) -> String {
    match status {
        AccountStatus::Scanned => "scanned".into(),
        AccountStatus::Skipped(why) => format!("skipped: {why}"),
        AccountStatus::Failed(reason) => format!("failed: {reason}"),
    }
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// For machines.
    Json,
    /// For a comment or a job summary, at most 1 MiB.
    Markdown,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "markdown" => Ok(Self::Markdown),
            _ => {
                let known = ["table", "json", "markdown"];
                let help = crate::diagnostic::did_you_mean(word, known)
                    .unwrap_or_else(|| format!("known are {}", known.join(", ")));
                Err(format!("unknown format `{}`; {help}", crate::report::text::plain(word)))
            }
        }
    }
}

/// Writes a comparison.
///
/// # Errors
/// When the writer fails.
pub fn write(format: Format, comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(comparison, out),
        Format::Json => json::write(comparison, out),
        Format::Markdown => markdown::write(comparison, out),
    }
}
