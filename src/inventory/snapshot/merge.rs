//! Several snapshots of one scan as one inventory.

use std::collections::BTreeMap;
use std::io::Read;

use thiserror::Error;

use super::{Header, Opened, SnapshotError, open, restore_header, restore_lines};
use crate::aws::AccountId;
use crate::inventory::shard::{self, Joined, Overlap};
use crate::inventory::{Account, Builder, Inventory, Model, Wanted};

/// Why snapshots cannot be merged.
#[derive(Debug, Error)]
pub enum MergeError {
    /// One of them, by its place in the list, cannot be read.
    #[error("{1}")]
    Part(usize, #[source] SnapshotError),
    /// Two have read the same account.
    #[error(transparent)]
    Overlap(#[from] Overlap),
}

/// Reads the snapshots of the parts of a scan. What is told of an account comes from the part that
/// read it, and the time is that of the first part. An account that every part leaves to a shard
/// that is not there is one that could not be read.
///
/// # Errors
/// When a part cannot be read, or two have read the same account.
pub fn merge<'a>(
    parts: impl IntoIterator<Item = Box<dyn Read + 'a>>,
    model: Model,
    wanted: &Wanted,
) -> Result<Inventory, MergeError> {
    let mut opened = Vec::new();
    for (place, part) in parts.into_iter().enumerate() {
        opened.push(open(part).map_err(|error| MergeError::Part(place, error))?);
    }
    let accounts: Vec<&[Account]> = opened.iter().map(|it| it.header.accounts.as_slice()).collect();
    let whole = shard::join(&accounts)?;
    let mut builder = Builder::new(model);
    let mut began = i64::MAX;
    for (place, part) in opened.into_iter().enumerate() {
        let time = restore_part(&mut builder, model, &whole, place, part)
            .map_err(|error| MergeError::Part(place, error))?;
        began = began.min(time);
    }
    for joined in whole.into_values() {
        if joined.is_missing() {
            builder.account(joined.account);
        } else {
            builder.restore_account(joined.account);
        }
    }
    Ok(builder.seal(began, wanted))
}

/// Restores what a part tells of its own accounts and of none; returns its time.
fn restore_part(
    builder: &mut Builder,
    model: Model,
    whole: &BTreeMap<AccountId, Joined>,
    place: usize,
    part: Opened<'_>,
) -> Result<i64, SnapshotError> {
    let keeps = |account: &AccountId| whole.get(account).is_none_or(|it| it.part == place);
    let Opened { mut header, lines } = part;
    header.coverage.retain(|it| keeps(&it.account));
    header.gaps.retain(|it| it.reason.account.as_ref().is_none_or(keeps));
    let header = Header { accounts: Vec::new(), ..header };
    let time = header.time()?;
    restore_header(builder, model, header)?;
    restore_lines(builder, model, lines, keeps)?;
    Ok(time)
}
