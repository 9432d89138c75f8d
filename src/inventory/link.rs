//! The link pass: resolves relations to the resources they name.
//!
//! A target that is not found is *absent* only where its type was read whole in every place the
//! relation can reach; anything else is unknown, with the reason why that place was not read.

use std::collections::{BTreeSet, HashMap};

use super::build::slot_at;
use super::reason::{Reason, ReasonKind};
use super::store::{Store, Value};
use super::{AccountStatus, Coverage, DORMANT, Entry, Inventory};
use crate::aws::{AccountId, Arn, Region};
use crate::schema::{Origin, RecordType, Relation, Scope, Type, Within};

/// Resolves every pending relation of every resource and of the parts inside.
pub(super) fn link(inventory: &mut Inventory) {
    let mut linker = Linker { inventory, indexes: HashMap::new(), links: Vec::new() };
    for entry in linker.inventory.entries() {
        linker.record(entry, entry.record, entry.at);
    }
    let links = linker.links;
    for (slot, found) in links {
        let value = match found {
            Found::One(at) => Value::Record(at),
            Found::None => Value::Absent,
            Found::Unknown(reason) => Value::Unknown(inventory.store.intern_reason(reason)),
            Found::Many(targets, missing) => {
                let mut items: Vec<Value> = targets.into_iter().map(Value::Record).collect();
                for reason in missing {
                    items.push(Value::Unknown(inventory.store.intern_reason(reason)));
                }
                inventory.store.store_list(&items)
            }
        };
        inventory.store.set(slot, value);
    }
}

/// What a relation leads to.
enum Found {
    One(u32),
    None,
    Unknown(Reason),
    Many(Vec<u32>, Vec<Reason>),
}

/// The entries of a type by the text of one field.
#[derive(Default)]
struct Index<'a> {
    by_key: HashMap<&'a str, Vec<&'a Entry>>,
    /// Why the field is not known of some entries: in a region, in an account, anywhere.
    unknown: HashMap<Reach<'a>, BTreeSet<Reason>>,
}

#[derive(PartialEq, Eq, Hash)]
enum Reach<'a> {
    Region(&'a AccountId, Option<&'a Region>),
    Account(&'a AccountId),
    Everywhere,
}

impl<'a> Reach<'a> {
    fn of(within: Within, entry: &'a Entry) -> Self {
        match within {
            Within::Region => Self::Region(&entry.account, entry.region.as_ref()),
            Within::Account => Self::Account(&entry.account),
            Within::Everywhere => Self::Everywhere,
        }
    }
}

impl<'a> Index<'a> {
    fn note_unknown(&mut self, entry: &'a Entry, reason: &Reason) {
        for within in [Within::Region, Within::Account, Within::Everywhere] {
            let reasons = self.unknown.entry(Reach::of(within, entry)).or_default();
            if !reasons.contains(reason) {
                reasons.insert(reason.clone());
            }
        }
    }
}

/// The key on the owner's side, and why it may hold more.
struct Keys<'a> {
    texts: Vec<&'a str>,
    missing: Vec<Reason>,
}

struct Linker<'a> {
    inventory: &'a Inventory,
    indexes: HashMap<(&'static str, &'static str), Index<'a>>,
    links: Vec<(u32, Found)>,
}

impl<'a> Linker<'a> {
    fn record(&mut self, owner: &'a Entry, record: &'static RecordType, at: u32) {
        for (place, field) in record.fields.iter().enumerate() {
            let slot = slot_at(at, place);
            let value = self.inventory.store.slot(slot);
            match (&field.origin, value) {
                (Origin::Relation(relation), Value::Pending) => {
                    if let Some(found) = self.follow(owner, record, at, relation, field.optional) {
                        self.links.push((slot, found));
                    }
                }
                (_, Value::Record(_) | Value::List { .. }) => self.inside(owner, &field.ty, value),
                _ => {}
            }
        }
    }

    fn inside(&mut self, owner: &'a Entry, ty: &Type, value: Value) {
        match (ty, value) {
            (Type::Record(record), Value::Record(at)) => self.record(owner, record.get(), at),
            (Type::List(item), Value::List { at, len, .. }) if matches!(item, Type::Record(_)) => {
                for item_value in self.inventory.store.items(at, len) {
                    self.inside(owner, item, *item_value);
                }
            }
            _ => {}
        }
    }

    /// `None` leaves the relation pending: nothing of the target's type was collected anywhere, as
    /// in the cases of checks.
    fn follow(
        &mut self,
        owner: &'a Entry,
        record: &'static RecordType,
        at: u32,
        relation: &Relation,
        optional: bool,
    ) -> Option<Found> {
        let target = relation.target.get();
        if self.inventory.accounts.is_empty() {
            return None;
        }
        let keys = match relation.local {
            None => None,
            Some(local) => match self.keys(record, at, local) {
                Ok(keys) => Some(keys),
                Err(Some(reason)) if relation.many => {
                    return Some(Found::Many(Vec::new(), vec![reason]));
                }
                Err(Some(reason)) => return Some(Found::Unknown(reason)),
                Err(None) if relation.many => return Some(Found::Many(Vec::new(), Vec::new())),
                Err(None) if optional => return Some(Found::None),
                Err(None) => {
                    let why = format!("no {} is named", target.alias);
                    return Some(Found::Unknown(Reason::new(ReasonKind::Missing, "", why)));
                }
            },
        };
        let keys = keys.as_ref();
        let texts = keys.map(|keys| keys.texts.as_slice());
        let found = self.targets(owner, relation, texts);
        let mut missing = self.unread(owner, target, relation.within, texts);
        missing.extend(keys.iter().flat_map(|keys| keys.missing.iter().cloned()));
        if texts.is_some_and(|texts| !texts.is_empty()) {
            missing.extend(self.keyless(owner, relation));
        }
        Some(match (relation.many, found.first()) {
            (true, _) => Found::Many(found.iter().map(|entry| entry.at).collect(), missing),
            (false, Some(entry)) => Found::One(entry.at),
            (false, None) => match missing.into_iter().next() {
                Some(reason) => Found::Unknown(reason),
                None if optional => Found::None,
                None => {
                    let why = format!("the {} was not found", target.alias);
                    Found::Unknown(Reason::new(ReasonKind::Missing, "", why))
                }
            },
        })
    }

    /// The texts of the local key. `Err(None)` says that AWS names none.
    fn keys(
        &self,
        record: &'static RecordType,
        at: u32,
        local: &str,
    ) -> Result<Keys<'a>, Option<Reason>> {
        let store = &self.inventory.store;
        let value =
            record.field(local).map_or(Value::Pending, |(place, _)| store.slot(slot_at(at, place)));
        if let Some(reason) = store.why_unknown(value) {
            return Err(Some(reason));
        }
        match value {
            Value::List { at, len, .. } => Ok(Keys {
                texts: store.items(at, len).iter().filter_map(|item| store.text(*item)).collect(),
                missing: unknown_items(store, at, len).collect(),
            }),
            Value::Absent => Err(None),
            value => {
                Ok(Keys { texts: store.text(value).into_iter().collect(), missing: Vec::new() })
            }
        }
    }

    fn targets(
        &mut self,
        owner: &Entry,
        relation: &Relation,
        keys: Option<&[&str]>,
    ) -> Vec<&'a Entry> {
        let within = |entry: &&Entry| is_within(relation.within, owner, entry);
        let (Some(keys), Some(_)) = (keys, relation.remote) else {
            let targets = self.inventory.resources(relation.target.get());
            return targets.iter().filter(within).collect();
        };
        let Some(index) = self.index(relation) else { return Vec::new() };
        let matches = keys.iter().filter_map(|key| index.by_key.get(key)).flatten();
        let mut found: Vec<&Entry> = matches.copied().filter(within).collect();
        // A key that several accounts use means the nearest one first; a target that several keys
        // name is one target.
        found.sort_by_key(|entry| {
            (entry.account != owner.account, &entry.account, &entry.region, &entry.id, entry.at)
        });
        found.dedup_by_key(|entry| entry.at);
        found
    }

    /// Why a resource in reach, whose key is not known, may be a target as well.
    fn keyless(&mut self, owner: &'a Entry, relation: &Relation) -> Vec<Reason> {
        let reach = Reach::of(relation.within, owner);
        let reasons = self.index(relation).and_then(|index| index.unknown.get(&reach));
        reasons.into_iter().flatten().cloned().collect()
    }

    fn index(&mut self, relation: &Relation) -> Option<&Index<'a>> {
        let target = relation.target.get();
        let remote = relation.remote?;
        let inventory = self.inventory;
        let index = self.indexes.entry((target.name, remote));
        Some(index.or_insert_with(|| index_by(inventory, target, remote)))
    }

    /// Why targets in reach of the owner may be missing from the inventory. Keys that are ARNs name
    /// account and region themselves, so that no other place matters.
    fn unread(
        &self,
        owner: &Entry,
        target: &RecordType,
        within: Within,
        keys: Option<&[&str]>,
    ) -> Vec<Reason> {
        match (within, keys) {
            (_, Some([])) => Vec::new(),
            (Within::Everywhere, Some(keys)) => match named_places(keys) {
                Some(places) => places
                    .iter()
                    .flat_map(|(account, region)| self.unread_at(target, account, region.as_ref()))
                    .collect(),
                None => self.unread_in_all(target),
            },
            (Within::Everywhere, None) => self.unread_in_all(target),
            (Within::Account, _) => self.unread_at(target, &owner.account, None),
            (Within::Region, _) => self.unread_at(target, &owner.account, owner.region.as_ref()),
        }
    }

    fn unread_in_all(&self, target: &RecordType) -> Vec<Reason> {
        let accounts = self.inventory.accounts.iter();
        accounts.flat_map(|account| self.unread_at(target, &account.id, None)).collect()
    }

    /// Why targets in an account may be missing: in one region of it, or in any.
    fn unread_at(
        &self,
        target: &RecordType,
        id: &AccountId,
        region: Option<&Region>,
    ) -> Vec<Reason> {
        let Some(account) = self.inventory.account(id) else {
            return vec![not_scanned(id, None, "the account is not part of the scan")];
        };
        match &account.status {
            AccountStatus::Scanned => {}
            AccountStatus::Failed(reason) => {
                return vec![Reason { account: Some(id.clone()), ..reason.clone() }];
            }
            // What a suspended account still holds does not deliver to anything.
            AccountStatus::Skipped(why) if DORMANT.contains(&why.as_str()) => return Vec::new(),
            AccountStatus::Skipped(why) => return vec![not_scanned(id, None, why)],
        }
        let scanned = |region: &Region| account.regions.contains(region);
        match (target.scope(), region) {
            (Some(Scope::Region), Some(region)) if scanned(region) => {
                self.cut(target, id, Some(region)).into_iter().collect()
            }
            (Some(Scope::Region), Some(region)) => {
                vec![not_scanned(id, Some(region), "the region is not part of the scan")]
            }
            (Some(Scope::Region), None) => {
                let read = account.regions.iter();
                let cut = read.filter_map(|region| self.cut(target, id, Some(region)));
                let left = account.excluded_regions.iter();
                let left = left.map(|region| not_scanned(id, Some(region), "region left out"));
                cut.chain(left).collect()
            }
            (Some(Scope::Account) | None, _) => self.cut(target, id, None).into_iter().collect(),
        }
    }

    fn cut(
        &self,
        target: &RecordType,
        account: &AccountId,
        region: Option<&Region>,
    ) -> Option<Reason> {
        match self.inventory.coverage(target, account, region) {
            Some(Coverage::Whole) => None,
            Some(Coverage::Cut(reason)) => Some(reason.clone()),
            None => Some(Reason {
                account: Some(account.clone()),
                region: region.cloned(),
                ..Reason::not_collected()
            }),
        }
    }
}

fn not_scanned(account: &AccountId, region: Option<&Region>, why: &str) -> Reason {
    Reason {
        account: Some(account.clone()),
        region: region.cloned(),
        ..Reason::new(ReasonKind::NotScanned, "", why)
    }
}

/// The accounts and regions that ARNs name. `None` when a key is no ARN or leaves the account out,
/// as those of buckets do. An ARN whose account is a word (`aws`, `ec2`) names no account.
fn named_places(keys: &[&str]) -> Option<Vec<(AccountId, Option<Region>)>> {
    let mut places = Vec::new();
    for key in keys {
        let arn: Arn = key.parse().ok()?;
        if arn.account().is_empty() {
            return None;
        }
        let Ok(account) = arn.account().parse() else { continue };
        places.push((account, arn.region().parse().ok()));
    }
    places.sort();
    places.dedup();
    Some(places)
}

fn is_within(within: Within, owner: &Entry, entry: &Entry) -> bool {
    match within {
        Within::Region => entry.account == owner.account && entry.region == owner.region,
        Within::Account => entry.account == owner.account,
        Within::Everywhere => true,
    }
}

fn unknown_items(store: &Store, at: u32, len: u32) -> impl Iterator<Item = Reason> {
    store.items(at, len).iter().filter_map(|item| store.why_unknown(*item))
}

fn index_by<'a>(
    inventory: &'a Inventory,
    target: &'static RecordType,
    remote: &'static str,
) -> Index<'a> {
    let mut index = Index::default();
    let Some((place, _)) = target.field(remote) else { return index };
    let store = &inventory.store;
    for entry in inventory.resources(target) {
        let value = store.slot(slot_at(entry.at, place));
        if let Some(reason) = store.why_unknown(value) {
            index.note_unknown(entry, &reason);
            continue;
        }
        match value {
            Value::List { at, len, .. } => {
                for text in store.items(at, len).iter().filter_map(|item| store.text(*item)) {
                    index.by_key.entry(text).or_default().push(entry);
                }
                for reason in unknown_items(store, at, len) {
                    index.note_unknown(entry, &reason);
                }
            }
            value => {
                if let Some(text) = store.text(value) {
                    index.by_key.entry(text).or_default().push(entry);
                }
            }
        }
    }
    index
}
