//! What the link pass looks things up in: resources by key, and reasons by number.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::unknown_items;
use crate::aws::{AccountId, Region};
use crate::inventory::store::{Store, Value};
use crate::inventory::{Entry, Inventory, Reason};
use crate::schema::{RecordType, Within};

/// The place in which a relation finds its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Reach<'a> {
    Region(&'a AccountId, Option<&'a Region>),
    Account(&'a AccountId),
    Everywhere,
}

impl<'a> Reach<'a> {
    /// How far a relation of a resource reaches.
    pub(super) fn of(within: Within, entry: &'a Entry) -> Self {
        match within {
            Within::Region => Self::Region(&entry.account, entry.region.as_ref()),
            Within::Account => Self::Account(&entry.account),
            Within::Everywhere => Self::Everywhere,
        }
    }
}

/// Groups of reasons by number, so that owners can share them. No group is empty.
#[derive(Default)]
pub(super) struct Groups(Vec<Vec<Reason>>);

impl Groups {
    /// The number of a new group, in which accounts are counted; none for no reason at all.
    pub(super) fn add(&mut self, reasons: Vec<Reason>) -> Option<usize> {
        if reasons.is_empty() {
            return None;
        }
        self.0.push(Reason::fold(reasons));
        Some(self.0.len() - 1)
    }

    /// The first reason of a group.
    pub(super) fn first(&self, number: usize) -> Option<&Reason> {
        self.0.get(number)?.first()
    }

    /// The groups as items of lists.
    pub(super) fn store(self, store: &mut Store) -> Vec<Vec<Value>> {
        let mut unknown = |reason| Value::Unknown(store.intern_reason(reason));
        self.0.into_iter().map(|group| group.into_iter().map(&mut unknown).collect()).collect()
    }
}

/// The resources of a type by place and the text of one field.
pub(super) struct Index<'a> {
    by_key: HashMap<(Reach<'a>, &'a str), Vec<&'a Entry>>,
    /// The group of reasons why the field is not known of some resources in a place.
    unknown: BTreeMap<Reach<'a>, usize>,
}

impl<'a> Index<'a> {
    /// Goes through the resources of the type.
    pub(super) fn new(
        inventory: &'a Inventory,
        target: &'static RecordType,
        remote: &'static str,
        within: Within,
        groups: &mut Groups,
    ) -> Self {
        let mut index = Self { by_key: HashMap::new(), unknown: BTreeMap::new() };
        let Some((place, _)) = target.field(remote) else { return index };
        let store = &inventory.store;
        let mut unknown: BTreeMap<Reach<'a>, BTreeSet<Reason>> = BTreeMap::new();
        for entry in inventory.resources(target) {
            let reach = Reach::of(within, entry);
            let value = store.slot(entry.row.field(place));
            let items = match value {
                Value::List { at, len, .. } => store.items(at, len),
                _ => std::slice::from_ref(&value),
            };
            for text in items.iter().filter_map(|item| store.text(*item)) {
                index.by_key.entry((reach, text)).or_default().push(entry);
            }
            for reason in unknown_items(store, items) {
                unknown.entry(reach).or_default().insert(reason);
            }
        }
        for (reach, reasons) in unknown {
            let group = groups.add(reasons.into_iter().collect());
            index.unknown.extend(group.map(|number| (reach, number)));
        }
        index
    }

    /// The resources in a place that have the key.
    pub(super) fn named(&self, reach: Reach<'a>, key: &'a str) -> &[&'a Entry] {
        self.by_key.get(&(reach, key)).map_or(&[], Vec::as_slice)
    }

    /// Why a resource in the place, whose key is not known, may be a target as well.
    pub(super) fn unknown(&self, reach: Reach<'a>) -> Option<usize> {
        self.unknown.get(&reach).copied()
    }
}
