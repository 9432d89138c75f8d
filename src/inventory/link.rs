//! The link pass: resolves relations to the resources they name.
//!
//! A target that is not found is *absent* only where its type was read whole in every place the
//! relation can reach; anything else is unknown, with the reason why that place was not read.

use std::collections::HashMap;

use super::build::slot_at;
use super::reason::{Reason, ReasonKind};
use super::store::Value;
use super::{AccountStatus, Coverage, Entry, Inventory};
use crate::aws::{AccountId, Region};
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
type Index<'a> = HashMap<&'a str, Vec<&'a Entry>>;

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
            (Type::List(item), Value::List { at, len }) if matches!(item, Type::Record(_)) => {
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
        let missing = self.unread(owner, target, relation.within);
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
        let found = self.targets(owner, relation, keys.as_deref());
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
    ) -> Result<Vec<&'a str>, Option<Reason>> {
        let store = &self.inventory.store;
        let value =
            record.field(local).map_or(Value::Pending, |(place, _)| store.slot(slot_at(at, place)));
        if let Some(reason) = store.why_unknown(value) {
            return Err(Some(reason));
        }
        match value {
            Value::List { at, len } => {
                Ok(store.items(at, len).iter().filter_map(|item| store.text(*item)).collect())
            }
            Value::Absent => Err(None),
            value => Ok(store.text(value).into_iter().collect()),
        }
    }

    fn targets(
        &mut self,
        owner: &Entry,
        relation: &Relation,
        keys: Option<&[&str]>,
    ) -> Vec<&'a Entry> {
        let inventory = self.inventory;
        let target = relation.target.get();
        let within = |entry: &&Entry| match relation.within {
            Within::Region => entry.account == owner.account && entry.region == owner.region,
            Within::Account => entry.account == owner.account,
            Within::Everywhere => true,
        };
        let (Some(keys), Some(remote)) = (keys, relation.remote) else {
            return inventory.resources(target).iter().filter(within).collect();
        };
        let index = self
            .indexes
            .entry((target.name, remote))
            .or_insert_with(|| index_by(inventory, target, remote));
        let matches = keys.iter().filter_map(|key| index.get(key)).flatten();
        let mut found: Vec<&Entry> = matches.copied().filter(within).collect();
        // A key that several accounts use means the nearest one first.
        found.sort_by_key(|entry| entry.account != owner.account);
        found
    }

    /// Why targets in reach of the owner may be missing from the inventory.
    fn unread(&self, owner: &Entry, target: &RecordType, within: Within) -> Vec<Reason> {
        let mut missing = Vec::new();
        for account in &self.inventory.accounts {
            let own = account.id == owner.account;
            if within != Within::Everywhere && !own {
                continue;
            }
            match &account.status {
                AccountStatus::Scanned => {}
                AccountStatus::Failed(reason) => {
                    missing.push(Reason { account: Some(account.id.clone()), ..reason.clone() });
                    continue;
                }
                AccountStatus::Skipped(why) => {
                    missing.push(not_scanned(&account.id, None, why));
                    continue;
                }
            }
            match (target.scope(), within, &owner.region) {
                (Some(Scope::Region), Within::Region, Some(region)) => {
                    missing.extend(self.cut(target, &account.id, Some(region)));
                }
                (Some(Scope::Region), _, _) => {
                    for region in &account.regions {
                        missing.extend(self.cut(target, &account.id, Some(region)));
                    }
                    for region in &account.excluded_regions {
                        missing.push(not_scanned(&account.id, Some(region), "region left out"));
                    }
                }
                (Some(Scope::Account) | None, _, _) => {
                    missing.extend(self.cut(target, &account.id, None));
                }
            }
        }
        missing
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

fn index_by<'a>(
    inventory: &'a Inventory,
    target: &'static RecordType,
    remote: &'static str,
) -> Index<'a> {
    let mut index: Index<'a> = HashMap::new();
    let place = target.field(remote).map(|(place, _)| place);
    for (entry, place) in inventory.resources(target).iter().zip(std::iter::repeat(place)) {
        let Some(place) = place else { continue };
        let store = &inventory.store;
        match store.slot(slot_at(entry.at, place)) {
            Value::List { at, len } => {
                for text in store.items(at, len).iter().filter_map(|item| store.text(*item)) {
                    index.entry(text).or_default().push(entry);
                }
            }
            value => {
                if let Some(text) = store.text(value) {
                    index.entry(text).or_default().push(entry);
                }
            }
        }
    }
    index
}
