//! The link pass: resolves relations to the resources they name.
//!
//! A target that is not found is *absent* only where its type was read whole in every place the
//! relation can reach; anything else is unknown, with the reason why that place was not read.
//!
//! The cost is that of the links made: no owner looks at resources that it cannot reach, and what is
//! the same for all owners in a place is found out and stored once.

mod index;

use std::collections::HashMap;

use super::reason::{Reason, ReasonKind};
use super::store::{Row, Store, Value};
use super::{AccountStatus, Coverage, DORMANT, Entry, Inventory, equal_range};
use crate::aws::{AccountId, Arn, Region};
use crate::schema::{Origin, RecordType, Relation, Scope, Type, Within};
use index::{Groups, Index, Reach};

/// Resolves every pending relation of every resource and of the parts inside.
pub(super) fn link(inventory: &mut Inventory) {
    let mut linker = Linker {
        inventory,
        indexes: HashMap::new(),
        groups: Groups::default(),
        unread: HashMap::new(),
        places: Vec::new(),
        place_numbers: HashMap::new(),
        links: Vec::new(),
    };
    for entry in linker.inventory.entries() {
        linker.record(entry, entry.record, entry.row);
    }
    let Linker { groups, places, links, .. } = linker;
    let mut lists = Lists { groups: groups.store(&mut inventory.store), empty: HashMap::new() };
    let store = &mut inventory.store;
    let places: Vec<Value> = places.iter().map(|many| lists.store(store, many)).collect();
    for (slot, found) in links {
        let value = match found {
            Found::One(row) => Value::Record(row),
            Found::None => Value::Absent,
            Found::Unknown(reason) => Value::Unknown(store.intern_reason(*reason)),
            Found::Many(many) => lists.store(store, &many),
            Found::Place(number) => places.get(number).copied().unwrap_or(Value::Pending),
        };
        store.set(slot, value);
    }
}

/// What a relation leads to: small, since all relations of an inventory are held before the first is stored.
enum Found {
    One(Row),
    None,
    Unknown(Box<Reason>),
    Many(Box<Many>),
    /// All resources of a place, by its number: each owner there shares the one list.
    Place(usize),
}

/// Targets, and the groups of reasons why there may be more.
struct Many {
    targets: Vec<Row>,
    missing: Vec<usize>,
}

/// Stores lists of targets. Those without a target are shared: each bucket of an organization that
/// left out a region of a thousand accounts has the same thousand reasons.
struct Lists {
    groups: Vec<Vec<Value>>,
    empty: HashMap<Vec<usize>, Value>,
}

impl Lists {
    fn store(&mut self, store: &mut Store, many: &Many) -> Value {
        if many.targets.is_empty()
            && let Some(list) = self.empty.get(&many.missing)
        {
            return *list;
        }
        let mut items: Vec<Value> = many.targets.iter().copied().map(Value::Record).collect();
        let groups = many.missing.iter().filter_map(|number| self.groups.get(*number));
        items.extend(groups.flatten());
        let list = store.store_list(&items);
        if many.targets.is_empty() {
            self.empty.insert(many.missing.clone(), list);
        }
        list
    }
}

/// The key on the owner's side, and why it may hold more.
struct Keys<'a> {
    texts: Vec<&'a str>,
    missing: Vec<Reason>,
}

struct Linker<'a> {
    inventory: &'a Inventory,
    indexes: HashMap<(&'static str, &'static str, Within), Index<'a>>,
    groups: Groups,
    /// Why resources of a type in a place may be missing.
    unread: HashMap<(&'static str, Reach<'a>), Option<usize>>,
    places: Vec<Many>,
    place_numbers: HashMap<(&'static str, Reach<'a>), usize>,
    links: Vec<(u32, Found)>,
}

impl<'a> Linker<'a> {
    fn record(&mut self, owner: &'a Entry, record: &'static RecordType, row: Row) {
        for (place, field) in record.fields.iter().enumerate() {
            let slot = row.field(place);
            let value = self.inventory.store.slot(slot);
            match (&field.origin, value) {
                (Origin::Relation(relation), Value::Pending) => {
                    if let Some(found) = self.follow(owner, record, row, relation, field.optional) {
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
            (Type::Record(record), Value::Record(row)) => self.record(owner, record.get(), row),
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
        row: Row,
        relation: &Relation,
        optional: bool,
    ) -> Option<Found> {
        if self.inventory.accounts.is_empty() {
            return None;
        }
        let (Some(local), Some(remote)) = (relation.local, relation.remote) else {
            return Some(self.around(owner, relation, optional));
        };
        let none = || Many { targets: Vec::new(), missing: Vec::new() };
        Some(match self.keys(record, row, local) {
            Ok(keys) => self.named(owner, relation, remote, keys, optional),
            Err(Some(reason)) if relation.many => {
                let missing = self.groups.add(vec![reason]).into_iter().collect();
                Found::Many(Box::new(Many { missing, ..none() }))
            }
            Err(Some(reason)) => Found::Unknown(Box::new(reason)),
            Err(None) if relation.many => Found::Many(Box::new(none())),
            Err(None) if optional => Found::None,
            Err(None) => missing(format!("no {} is named", relation.target.get().alias)),
        })
    }

    /// All resources of the target's type in reach.
    fn around(&mut self, owner: &'a Entry, relation: &Relation, optional: bool) -> Found {
        let target = relation.target.get();
        let reach = Reach::of(relation.within, owner);
        if !relation.many {
            let found = self.in_reach(target, reach).first();
            return match found {
                Some(entry) => Found::One(entry.row),
                None => {
                    let missing = self.unread(target, reach);
                    self.nothing(target, missing.as_slice(), optional)
                }
            };
        }
        if let Some(number) = self.place_numbers.get(&(target.name, reach)) {
            return Found::Place(*number);
        }
        let targets = self.in_reach(target, reach).iter().map(|entry| entry.row).collect();
        let missing = self.unread(target, reach).into_iter().collect();
        let number = self.places.len();
        self.places.push(Many { targets, missing });
        self.place_numbers.insert((target.name, reach), number);
        Found::Place(number)
    }

    /// The resources in reach that have one of the keys.
    fn named(
        &mut self,
        owner: &'a Entry,
        relation: &Relation,
        remote: &'static str,
        keys: Keys<'a>,
        optional: bool,
    ) -> Found {
        let target = relation.target.get();
        let reach = Reach::of(relation.within, owner);
        let found = self.targets(owner, relation, remote, &keys.texts);
        if !relation.many
            && let Some(entry) = found.first()
        {
            return Found::One(entry.row);
        }
        let targets = found.iter().map(|entry| entry.row).collect();
        let some = !keys.texts.is_empty();
        let mut missing = self.unnamed(target, reach, &keys.texts);
        missing.extend(self.groups.add(keys.missing));
        if some {
            missing.extend(self.index(relation, remote).unknown(reach));
        }
        match relation.many {
            true => Found::Many(Box::new(Many { targets, missing })),
            false => self.nothing(target, &missing, optional),
        }
    }

    /// No target was found, where there is one at most.
    fn nothing(&self, target: &RecordType, groups: &[usize], optional: bool) -> Found {
        match groups.first().and_then(|number| self.groups.first(*number)) {
            Some(reason) => Found::Unknown(Box::new(reason.clone())),
            None if optional => Found::None,
            None => missing(format!("the {} was not found", target.alias)),
        }
    }

    /// The texts of the local key. `Err(None)` says that AWS names none.
    fn keys(
        &self,
        record: &'static RecordType,
        row: Row,
        local: &str,
    ) -> Result<Keys<'a>, Option<Reason>> {
        let store = &self.inventory.store;
        let value =
            record.field(local).map_or(Value::Pending, |(place, _)| store.slot(row.field(place)));
        if let Some(reason) = store.why_unknown(value) {
            return Err(Some(reason));
        }
        match value {
            Value::List { at, len, .. } => Ok(Keys {
                texts: store.items(at, len).iter().filter_map(|item| store.text(*item)).collect(),
                missing: unknown_items(store, store.items(at, len)).collect(),
            }),
            Value::Absent => Err(None),
            value => {
                Ok(Keys { texts: store.text(value).into_iter().collect(), missing: Vec::new() })
            }
        }
    }

    /// The resources of a type in reach, sorted by account, region and id.
    fn in_reach(&self, target: &RecordType, reach: Reach<'_>) -> &'a [Entry] {
        let inventory = self.inventory;
        match reach {
            Reach::Everywhere => inventory.resources(target),
            Reach::Account(account) => inventory.resources_in(target, account.as_str()),
            Reach::Region(account, region) => {
                let resources = inventory.resources_in(target, account.as_str());
                equal_range(resources, |entry| entry.region.as_ref().cmp(&region))
            }
        }
    }

    fn targets(
        &mut self,
        owner: &'a Entry,
        relation: &Relation,
        remote: &'static str,
        keys: &[&'a str],
    ) -> Vec<&'a Entry> {
        let reach = Reach::of(relation.within, owner);
        let index = self.index(relation, remote);
        let matches = keys.iter().flat_map(|key| index.named(reach, key));
        let mut found: Vec<&Entry> = matches.copied().collect();
        // A key that several accounts use means the nearest one first; a target that several keys
        // name is one target.
        found.sort_by_key(|entry| {
            (entry.account != owner.account, &entry.account, &entry.region, &entry.id, entry.row)
        });
        found.dedup_by_key(|entry| entry.row);
        found
    }

    fn index(&mut self, relation: &Relation, remote: &'static str) -> &Index<'a> {
        let target = relation.target.get();
        let (inventory, groups, within) = (self.inventory, &mut self.groups, relation.within);
        let index = self.indexes.entry((target.name, remote, within));
        index.or_insert_with(|| Index::new(inventory, target, remote, within, groups))
    }

    /// Why targets in reach may be missing from the inventory. Keys that are ARNs name account and
    /// region themselves, so that no other place matters.
    fn unnamed(&mut self, target: &RecordType, reach: Reach<'a>, keys: &[&str]) -> Vec<usize> {
        if keys.is_empty() {
            return Vec::new();
        }
        let named = if reach == Reach::Everywhere { named_places(keys) } else { None };
        let group = match named {
            Some(places) => {
                let places = places.iter();
                let reasons = places
                    .flat_map(|(account, region)| self.unread_at(target, account, region.as_ref()));
                let reasons = reasons.collect();
                self.groups.add(reasons)
            }
            None => self.unread(target, reach),
        };
        group.into_iter().collect()
    }

    /// Why resources of a type in a place may be missing from the inventory: found out once.
    fn unread(&mut self, target: &RecordType, reach: Reach<'a>) -> Option<usize> {
        if let Some(group) = self.unread.get(&(target.name, reach)) {
            return *group;
        }
        let reasons = match reach {
            Reach::Everywhere => {
                let accounts = self.inventory.accounts.iter();
                accounts.flat_map(|account| self.unread_at(target, &account.id, None)).collect()
            }
            Reach::Account(account) => self.unread_at(target, account, None),
            Reach::Region(account, region) => self.unread_at(target, account, region),
        };
        let group = self.groups.add(reasons);
        self.unread.insert((target.name, reach), group);
        group
    }

    /// Why targets in an account may be missing: in one region of it, or in any.
    fn unread_at(
        &self,
        target: &RecordType,
        id: &AccountId,
        region: Option<&Region>,
    ) -> Vec<Reason> {
        let Some(account) = self.inventory.account(id.as_str()) else {
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

/// A target that must be there and is not.
fn missing(why: String) -> Found {
    Found::Unknown(Box::new(Reason::new(ReasonKind::Missing, "", why)))
}

fn unknown_items<'s>(store: &'s Store, items: &'s [Value]) -> impl Iterator<Item = Reason> + 's {
    items.iter().filter_map(|item| store.why_unknown(*item))
}
