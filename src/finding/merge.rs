//! The results of the parts of a scan as one.

use std::collections::BTreeMap;

use super::{Scan, ScanStats};
use crate::aws::AccountId;
use crate::inventory::shard::{self, Joined, Overlap};
use crate::inventory::{Account, Gap, Reason};

/// Joins the results of the parts of a scan. What is told of an account comes from the part that
/// read it, and the time is that of the first part. Checks, gate and trend are those of the first
/// part: who merges judges again. `None` where there is no part.
///
/// # Errors
/// When two parts have read the same account.
pub fn merge(parts: Vec<Scan>) -> Result<Option<Scan>, Overlap> {
    let accounts: Vec<&[Account]> = parts.iter().map(|part| part.accounts.as_slice()).collect();
    let whole = shard::join(&accounts)?;
    let mut gaps: BTreeMap<Reason, Gap> = BTreeMap::new();
    let mut merged: Option<Scan> = None;
    for (place, mut part) in parts.into_iter().enumerate() {
        let keeps = |account: &AccountId| whole.get(account).is_none_or(|it| it.part == place);
        part.findings.retain(|it| keeps(it.account()));
        for gap in std::mem::take(&mut part.gaps) {
            if gap.reason.account.as_ref().is_none_or(keeps) {
                add(&mut gaps, gap);
            }
        }
        merged = Some(match merged {
            None => part,
            Some(first) => join(first, part),
        });
    }
    let Some(mut merged) = merged else { return Ok(None) };
    for Joined { account, .. } in whole.values() {
        if let Some(reason) = shard::missing(account) {
            let reason = Reason { account: Some(account.id.clone()), ..reason.clone() };
            add(&mut gaps, Gap { reason, count: 1, example: None });
        }
    }
    merged.accounts = whole.into_values().map(|joined| joined.account).collect();
    merged.gaps = gaps.into_values().collect();
    Ok(Some(merged))
}

fn add(gaps: &mut BTreeMap<Reason, Gap>, gap: Gap) {
    match gaps.get_mut(&gap.reason) {
        Some(known) => known.count += gap.count,
        None => {
            gaps.insert(gap.reason.clone(), gap);
        }
    }
}

/// Adds what needs no choice: findings, counts, time.
fn join(mut first: Scan, part: Scan) -> Scan {
    first.scanned_at = first.scanned_at.min(part.scanned_at);
    first.findings.extend(part.findings);
    for (name, count) in part.resources {
        *first.resources.entry(name).or_default() += count;
    }
    let ScanStats { calls, elapsed_ms } = part.stats;
    for (call, count) in calls {
        *first.stats.calls.entry(call).or_default() += count;
    }
    // The parts ran side by side.
    first.stats.elapsed_ms = first.stats.elapsed_ms.max(elapsed_ms);
    first
}
