//! `postura merge`: the parts of a scan, judged and reported as one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::earlier::{is_snapshot, unreadable};
use super::exit::shown;
use super::report::read as read_results;
use super::rules::{Reading, Rules};
use super::scan::{JudgeArgs, Prepared};
use super::{Exit, Failure};
use crate::evaluate;
use crate::finding::{CheckSummary, Scan, ScanStats, merge};
use crate::inventory::shard::{self, Overlap};
use crate::inventory::snapshot::{self, MergeError};
use crate::inventory::{Account, ReasonKind};
use crate::resources::MODEL;

/// Arguments of `postura merge`.
#[derive(Debug, clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct MergeArgs {
    /// What the parts wrote: snapshots, of which everything is judged anew, or results of -o json,
    /// whose verdicts stay and whose policy is applied to the whole.
    #[arg(value_name = "FILE", required = true)]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    judge: JudgeArgs,
}

/// Runs `postura merge`.
pub fn run(args: &MergeArgs) -> Result<Exit, Failure> {
    let prepared = args.judge.prepare()?;
    let mut snapshots = Vec::new();
    let mut results = Vec::new();
    for path in &args.parts {
        let kind = if is_snapshot(path)? { &mut snapshots } else { &mut results };
        kind.push(path);
    }
    match (snapshots.first(), results.first()) {
        (Some(one), Some(other)) => Err(Failure::with_help(
            format!("`{}` is a snapshot, `{}` is none", shown(one), shown(other)),
            Some("merge either snapshots or results".into()),
        )),
        (Some(_), None) => merge_snapshots(prepared, &snapshots),
        _ => merge_results(prepared, &results),
    }
}

fn merge_snapshots(prepared: Prepared, paths: &[&PathBuf]) -> Result<Exit, Failure> {
    let mut parts: Vec<Box<dyn Read>> = Vec::new();
    for path in paths {
        parts.push(Box::new(File::open(path).map_err(|error| unreadable(path, &error))?));
    }
    let merged = snapshot::merge(parts, MODEL, &prepared.rules.wanted());
    let inventory = merged.map_err(|error| match (&error, paths) {
        (MergeError::Overlap(overlap), _) => overlapping(overlap, paths),
        (MergeError::Part(place, why), paths) => match paths.get(*place) {
            Some(path) => unreadable(path, why),
            None => Failure::new(error.to_string()),
        },
    })?;
    warn(&inventory.accounts);
    prepared.finish(&inventory, ScanStats::default(), Reading::Finished)
}

fn merge_results(prepared: Prepared, paths: &[&PathBuf]) -> Result<Exit, Failure> {
    if prepared.saves_snapshot() {
        let help = "merge the snapshots that --save-snapshot of each part wrote";
        return Err(Failure::with_help("results hold no inventory to record", Some(help.into())));
    }
    let mut parts = Vec::new();
    for path in paths {
        let scan = read_results(path)?;
        same_rules(path, &scan, &prepared.rules)?;
        parts.push(scan);
    }
    let merged = merge::merge(parts).map_err(|overlap| overlapping(&overlap, paths))?;
    let mut scan = merged.ok_or_else(|| Failure::new("there is nothing to merge"))?;
    warn(&scan.accounts);
    scan.checks = prepared.rules.summaries();
    evaluate::sort(&mut scan.findings);
    let interrupted = scan.gaps.iter().any(|gap| gap.reason.kind == ReasonKind::Interrupted);
    prepared.judge_results(scan, interrupted)
}

/// The verdicts of a part stay as they are, so they must have been found by the same rules.
fn same_rules(path: &Path, scan: &Scan, rules: &Rules) -> Result<(), Failure> {
    let help = "name the policy and the checks of the parts here too, or merge their snapshots";
    let refuse = |why: String| {
        Err(Failure::with_help(format!("`{}` {why}", shown(path)), Some(help.to_owned())))
    };
    if scan.gate.policy != rules.policy.name {
        let (theirs, ours) = (&scan.gate.policy, &rules.policy.name);
        return refuse(format!("was judged by the policy `{theirs}`, not `{ours}`"));
    }
    let digests = |checks: &[CheckSummary]| -> BTreeMap<String, String> {
        checks.iter().map(|check| (check.id.to_string(), check.digest.clone())).collect()
    };
    let (theirs, ours) = (digests(&scan.checks), digests(&rules.summaries()));
    let differs = |(id, digest): &(&String, &String)| ours.get(*id) != Some(*digest);
    if let Some((id, _)) = theirs.iter().find(differs) {
        return refuse(format!("was judged by a check `{id}` that is not the one here"));
    }
    if let Some(id) = ours.keys().find(|id| !theirs.contains_key(*id)) {
        return refuse(format!("was not judged by the check `{id}`"));
    }
    Ok(())
}

fn overlapping(overlap: &Overlap, paths: &[&PathBuf]) -> Failure {
    let name = |place: usize| paths.get(place).map_or_else(String::new, |path| shown(path));
    let [first, second] = overlap.parts.map(name);
    Failure::with_help(
        format!("`{first}` and `{second}` have both read the account {}", overlap.account),
        Some("merge parts that share no account".into()),
    )
}

/// Tells which shards are not there, as each account of them will be a gap.
fn warn(accounts: &[Account]) {
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for reason in accounts.iter().filter_map(shard::missing) {
        *missing.entry(reason.error.clone()).or_default() += 1;
    }
    for (what, accounts) in missing {
        let s = if accounts == 1 { "" } else { "s" };
        let text = format!("warning: {what}: {accounts} account{s} not read");
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}
