//! Whether a scan would have seen a resource: only then does its absence say something.

use super::Side;
use crate::aws::{AccountId, Region};
use crate::inventory::{Account, AccountStatus, Coverage, Inventory};
use crate::resources::MODEL;
use crate::schema::{RecordType, Scope};

/// Whether all resources of a type at a place are in a scan.
pub(super) fn sees(
    side: Side<'_>,
    r#type: &str,
    account: &AccountId,
    region: Option<&Region>,
) -> bool {
    if !took_part(&side.scan.accounts, account, region) {
        return false;
    }
    match side.inventory.zip(MODEL.catalog.find(r#type)) {
        Some((inventory, record)) => is_whole(inventory, record, account, region),
        None => {
            side.scan.checks.iter().any(|check| check.resource == r#type)
                && has_no_gap(side, account, region)
        }
    }
}

/// Whether a type was read to its end at a place of an inventory.
pub(super) fn is_whole(
    inventory: &Inventory,
    record: &RecordType,
    account: &AccountId,
    region: Option<&Region>,
) -> bool {
    // What is listed once an account is covered by the account, wherever the resource lives.
    let at = match record.scope() {
        Some(Scope::Region) => region,
        Some(Scope::Account) | None => None,
    };
    took_part(&inventory.accounts, account, region)
        && inventory.coverage(record, account, at) == Some(&Coverage::Whole)
}

fn took_part(accounts: &[Account], id: &AccountId, region: Option<&Region>) -> bool {
    let Some(account) = accounts.iter().find(|it| it.id == *id) else { return false };
    account.status == AccountStatus::Scanned
        && region.is_none_or(|region| account.regions.contains(region))
}

/// Results do not say which gap hides what, so that any gap at the place may.
fn has_no_gap(side: Side<'_>, account: &AccountId, region: Option<&Region>) -> bool {
    !side.scan.gaps.iter().any(|gap| {
        gap.reason.account.as_ref().is_none_or(|it| it == account)
            && match (&gap.reason.region, region) {
                (Some(there), Some(here)) => there == here,
                (Some(_), None) => false,
                (None, _) => true,
            }
    })
}
