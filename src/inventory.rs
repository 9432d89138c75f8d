//! Everything that was read of the accounts: resources in one arena, links, unknowns and gaps.
//!
//! Resources arrive as [`Draft`]s in any order and become 16-byte [`Value`]s at once. When all have
//! arrived, [`Builder::seal`] sorts them, resolves relations and computes derived fields; from then
//! on the inventory never changes and can be read by many threads. It knows types ([`schema`]) but
//! no check, and no SDK.
//!
//! [`schema`]: crate::schema

mod build;
mod derive;
mod draft;
mod json;
mod link;
mod reason;
mod record;
pub mod shard;
mod shared;
pub mod snapshot;
mod store;
#[cfg(test)]
pub(crate) mod toy;
mod view;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::{AccountId, Partition, Region};
use crate::schema::{Catalog, RecordType};

pub use build::{Builder, Place};
pub use derive::{Derivation, Wanted};
pub use draft::{CidrText, Draft, Items, Record, Slot, SlotType, Time};
pub use json::{JsonError, draft_from_json, time_text, value_to_json};
pub use reason::{Reason, ReasonKind};
pub use shard::Shard;
pub use store::{CidrFacts, ReasonId, Row, Slots, Store, SymbolId, Value};
pub use view::{Elements, View};

/// The types of an inventory and the functions that compute their derived fields.
#[derive(Clone, Copy)]
pub struct Model {
    /// The resource types.
    pub catalog: Catalog,
    /// One function for each derived field, in the order in which they may use each other.
    pub derivations: &'static [&'static [Derivation]],
}

/// How an account took part in the scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name in the organization, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its partition.
    pub partition: Partition,
    /// The ids of the organizational units above it, the root first, where known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organizational_units: Vec<String>,
    /// Whether it was read.
    pub status: AccountStatus,
    /// The regions that were read.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// The enabled regions that the user left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_regions: Vec<Region>,
}

impl Account {
    /// Whether it was read; gaps may remain.
    pub fn was_scanned(&self) -> bool {
        self.status == AccountStatus::Scanned
    }
}

/// Whether an account was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "why")]
pub enum AccountStatus {
    /// It was read; gaps may remain.
    Scanned,
    /// It was left out on purpose or cannot be read by nature: suspended, excluded.
    Skipped(String),
    /// It should have been read and could not be: its role was refused, credentials ended.
    Failed(Reason),
}

/// Why an account is skipped in which nothing runs, delivers or can be reached.
pub const DORMANT: [&str; 2] = ["suspended", "closed"];

/// What could not be read, once for each call, place and error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Why, with action, error, account and region.
    #[serde(flatten)]
    pub reason: Reason,
    /// How many reads ended so.
    pub count: u64,
    /// One of the resources concerned, where it was about one resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// How far a type was read in one account, or in one region of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All resources of the type are in the inventory.
    Whole,
    /// There may be more.
    Cut(Reason),
}

/// A resource of the inventory.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its type.
    pub record: &'static RecordType,
    /// Its account.
    pub account: AccountId,
    /// Its region; `None` for global resources.
    pub region: Option<Region>,
    /// The text of its identifying field.
    pub id: String,
    /// Where its fields are.
    pub row: Row,
}

/// A finished inventory.
pub struct Inventory {
    /// The values.
    pub store: Store,
    /// The accounts, sorted by id.
    pub accounts: Vec<Account>,
    /// The gaps, sorted.
    pub gaps: Vec<Gap>,
    /// When the scan took place, seconds since 1970-01-01T00:00:00Z: the `now` of all checks.
    pub scanned_at: i64,
    entries: Vec<Entry>,
    ranges: BTreeMap<&'static str, std::ops::Range<usize>>,
    coverage: BTreeMap<(&'static str, AccountId, Option<Region>), Coverage>,
    shared: shared::Shared,
}

impl Inventory {
    /// The resources of a type, sorted by account, region and id.
    pub fn resources(&self, record: &RecordType) -> &[Entry] {
        let range = self.ranges.get(record.name).cloned().unwrap_or_default();
        self.entries.get(range).unwrap_or_default()
    }

    /// The resources of a type in one account, sorted by region and id.
    pub fn resources_in(&self, record: &RecordType, account: &str) -> &[Entry] {
        equal_range(self.resources(record), |entry| entry.account.as_str().cmp(account))
    }

    /// Where the fields of each resource of a type are, in the order of [`Inventory::resources`].
    pub fn rows(&self, record: &RecordType) -> impl ExactSizeIterator<Item = Row> {
        self.resources(record).iter().map(|entry| entry.row)
    }

    /// All resources, sorted by type, account, region and id.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The slots of a resource, to be read by field name.
    pub fn view<'a>(&'a self, entry: &'a Entry) -> View<'a> {
        View::new(&self.store, entry.record, entry.row, Some(entry))
    }

    /// The fields of a resource that were read of AWS, as snapshots hold them.
    pub fn recorded(&self, entry: &Entry) -> serde_json::Map<String, serde_json::Value> {
        json::record_to_json(&self.store, entry.record, entry.row)
    }

    /// How far a type was read in an account (and region, for regional types).
    pub fn coverage(
        &self,
        record: &RecordType,
        account: &AccountId,
        region: Option<&Region>,
    ) -> Option<&Coverage> {
        self.coverage.get(&(record.name, account.clone(), region.cloned()))
    }

    /// The account of that id.
    pub fn account(&self, id: &str) -> Option<&Account> {
        let place = self.accounts.binary_search_by(|account| account.id.as_str().cmp(id)).ok()?;
        self.accounts.get(place)
    }
}

/// The entries that are equal to what is looked for, of those sorted by that order.
fn equal_range(entries: &[Entry], order: impl Fn(&Entry) -> Ordering) -> &[Entry] {
    let start = entries.partition_point(|entry| order(entry).is_lt());
    let rest = entries.get(start..).unwrap_or_default();
    let end = rest.partition_point(|entry| order(entry).is_eq());
    rest.get(..end).unwrap_or_default()
}
