//! Taking in resources, and sealing the inventory when all have arrived.

use std::collections::BTreeMap;

use super::derive::{Wanted, derive};
use super::draft::{Draft, Record};
use super::link::link;
use super::reason::{Reason, ReasonKind};
use super::shared::Shared;
use super::store::{Row, Store, Value, index};
use super::{Account, Coverage, Entry, Gap, Inventory, Model};
use crate::aws::{AccountId, Region};
use crate::schema::{Kind, RecordType};

/// Where something was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The account.
    pub account: AccountId,
    /// The region; `None` for what is read once an account.
    pub region: Option<Region>,
}

/// Collects resources until [`Builder::seal`].
pub struct Builder {
    model: Model,
    store: Store,
    /// The slots of the resources in the order in which they came; an entry's row is one of these
    /// until the inventory is sealed.
    rows: Vec<Value>,
    entries: Vec<Entry>,
    assembled: BTreeMap<(&'static str, AccountId, Option<Region>, String), Assembly>,
    coverage: BTreeMap<(&'static str, AccountId, Option<Region>), Coverage>,
    accounts: BTreeMap<AccountId, Account>,
    gaps: BTreeMap<Reason, (u64, Option<String>)>,
}

/// A resource whose fields arrive from several sweeps.
struct Assembly {
    record: &'static RecordType,
    fields: Vec<Draft>,
}

impl Builder {
    /// An empty inventory of that model.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            store: Store::default(),
            rows: Vec::new(),
            entries: Vec::new(),
            assembled: BTreeMap::new(),
            coverage: BTreeMap::new(),
            accounts: BTreeMap::new(),
            gaps: BTreeMap::new(),
        }
    }

    /// The model this inventory is built for.
    pub fn model(&self) -> Model {
        self.model
    }

    /// Says how an account takes part in the scan; a second call for the same account replaces it.
    pub fn account(&mut self, account: Account) {
        if let super::AccountStatus::Failed(reason) = &account.status {
            let reason = Reason { account: Some(account.id.clone()), ..reason.clone() };
            self.gap(reason, None);
        }
        self.restore_account(account);
    }

    /// Restores an account of a snapshot, whose gaps the snapshot tells.
    pub(super) fn restore_account(&mut self, account: Account) {
        self.accounts.insert(account.id.clone(), account);
    }

    /// Adds a whole resource.
    pub fn add<R: Record>(&mut self, place: &Place, id: &str, resource: R) {
        self.add_draft(R::record(), place, id, R::draft(resource));
    }

    /// Adds what one sweep knows of a resource whose other fields come from other sweeps. Fields
    /// that are pending leave what is there.
    pub fn contribute<R: Record>(&mut self, place: &Place, id: &str, resource: R) {
        self.contribute_draft(R::record(), place, id, R::draft(resource));
    }

    /// [`Builder::add`] without the Rust type.
    pub fn add_draft(
        &mut self,
        record: &'static RecordType,
        place: &Place,
        id: &str,
        draft: Draft,
    ) {
        let Draft::Record(fields) = draft else { return };
        let at = index(self.rows.len());
        self.store.store_row(record, fields, &mut self.rows);
        self.entries.push(Entry {
            record,
            account: place.account.clone(),
            region: place.region.clone(),
            id: id.into(),
            row: Row { first: at, stride: 1 },
        });
    }

    /// [`Builder::contribute`] without the Rust type.
    pub fn contribute_draft(
        &mut self,
        record: &'static RecordType,
        place: &Place,
        id: &str,
        draft: Draft,
    ) {
        let Draft::Record(fields) = draft else { return };
        let key = (record.name, place.account.clone(), place.region.clone(), id.to_owned());
        let assembly = self.assembled.entry(key).or_insert_with(|| Assembly {
            record,
            fields: vec![Draft::Pending; record.fields.len()],
        });
        for (slot, draft) in assembly.fields.iter_mut().zip(fields) {
            if draft != Draft::Pending {
                *slot = draft;
            }
        }
    }

    /// Says how far a type was read in a place. A type that is never covered counts as not read.
    /// What is cut stays cut, whatever another sweep says.
    pub fn cover(&mut self, record: &'static RecordType, place: &Place, coverage: Coverage) {
        let key = (record.name, place.account.clone(), place.region.clone());
        match self.coverage.get(&key) {
            Some(Coverage::Cut(_)) => {}
            Some(Coverage::Whole) | None => {
                self.coverage.insert(key, coverage);
            }
        }
    }

    /// Notes what could not be read.
    pub fn gap(&mut self, reason: Reason, example: Option<String>) {
        if matches!(reason.kind, ReasonKind::NotCollected) {
            return;
        }
        let (count, first) = self.gaps.entry(reason).or_insert((0, None));
        *count += 1;
        if first.is_none() || example.as_ref().is_some_and(|new| Some(new) < first.as_ref()) {
            *first = example;
        }
    }

    /// Restores a gap of a snapshot with its count. Several snapshots may have the same.
    pub(super) fn restore_gap(&mut self, gap: Gap) {
        let (count, example) = self.gaps.entry(gap.reason).or_insert((0, None));
        *count += gap.count;
        if example.is_none() {
            *example = gap.example;
        }
    }

    /// Sorts, links and derives. The inventory depends on what was added, not on the order.
    pub fn seal(mut self, scanned_at: i64, wanted: &Wanted) -> Inventory {
        for ((_, account, region, id), assembly) in std::mem::take(&mut self.assembled) {
            let place = Place { account, region };
            self.add_draft(assembly.record, &place, &id, Draft::Record(assembly.fields));
        }
        let mut entries = self.entries;
        entries.sort_by(|a, b| {
            (a.record.name, &a.account, &a.region, &a.id).cmp(&(
                b.record.name,
                &b.account,
                &b.region,
                &b.id,
            ))
        });
        place_rows(&mut self.store, &std::mem::take(&mut self.rows), &mut entries);
        let mut ranges = BTreeMap::new();
        let mut start = 0;
        for same_type in entries.chunk_by(|a, b| a.record.name == b.record.name) {
            let end = start + same_type.len();
            if let Some(first) = same_type.first() {
                ranges.insert(first.record.name, start..end);
            }
            start = end;
        }
        let gaps = self.gaps.into_iter();
        let mut inventory = Inventory {
            store: self.store,
            accounts: self.accounts.into_values().collect(),
            gaps: gaps.map(|(reason, (count, example))| Gap { reason, count, example }).collect(),
            scanned_at,
            entries,
            ranges,
            coverage: self.coverage,
            shared: Shared::default(),
        };
        link(&mut inventory);
        derive(&mut inventory, self.model, wanted);
        inventory
    }

    /// Seals an inventory that holds one resource given inline, as the cases of checks do: relations
    /// and derived fields that are given stay as given, and nothing else was collected.
    pub fn fixture(
        model: Model,
        record: &'static RecordType,
        place: &Place,
        draft: Draft,
        now: i64,
    ) -> Inventory {
        let mut builder = Self::new(model);
        let id = fixture_id(record, &draft);
        builder.add_draft(record, place, &id, draft);
        builder.seal(now, &Wanted::Everything)
    }
}

/// Puts the slots of the sorted resources of each type side by side, column by column.
fn place_rows(store: &mut Store, rows: &[Value], entries: &mut [Entry]) {
    store.reserve(rows.len());
    let value = |row: Row, place| rows.get(row.field(place) as usize).copied();
    for same_type in entries.chunk_by_mut(|a, b| a.record.name == b.record.name) {
        let fields = same_type.first().map_or(0, |entry| entry.record.fields.len());
        let columns = (0..fields).flat_map(|place| {
            same_type.iter().map(move |entry| value(entry.row, place).unwrap_or(Value::Pending))
        });
        let (first, stride) = (store.append(columns), index(same_type.len()));
        for (number, entry) in same_type.iter_mut().enumerate() {
            entry.row = Row { first: first + index(number), stride };
        }
    }
}

/// The identifying text of a resource given inline, empty where it is not given.
fn fixture_id(record: &RecordType, draft: &Draft) -> String {
    let Kind::Resource { id, .. } = record.kind else { return String::new() };
    let place = record.field(id).map(|(place, _)| place);
    match (draft, place) {
        (Draft::Record(fields), Some(place)) => match fields.get(place) {
            Some(Draft::Text(text)) => text.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}
