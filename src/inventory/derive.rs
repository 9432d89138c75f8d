//! The derive pass: computes derived fields, each at most once and only where it is wanted.
//!
//! A derived field is a Rust function where AWS semantics are needed. It must be Kleene-correct:
//! hide any input and its answer may only become unknown; blinding tests that.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::draft::Draft;
use super::store::{Row, Store, Value};
use super::view::View;
use super::{Entry, Inventory, Model};
use crate::schema::{Origin, RecordRef, RecordType, Type};

/// How one derived field is computed.
#[derive(Clone, Copy)]
pub struct Derivation {
    /// The type that has the field.
    pub record: RecordRef,
    /// The field.
    pub field: &'static str,
    /// Computes it for one record. The inventory's relations are resolved by then, and so are the
    /// derivations listed before.
    pub compute: fn(&View<'_>, &Inventory) -> Draft,
}

/// Which derived fields somebody will read.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// All of them.
    Everything,
    /// Those fields, by type and name.
    Fields(BTreeSet<(&'static str, &'static str)>),
}

impl Wanted {
    /// Whether a field is wanted.
    pub fn has(&self, record: &'static str, field: &'static str) -> bool {
        match self {
            Self::Everything => true,
            Self::Fields(fields) => fields.contains(&(record, field)),
        }
    }
}

/// A record that may have derived fields: where it is and the resource it is part of.
#[derive(Clone, Copy)]
struct Site {
    row: Row,
    owner: usize,
}

type Sites = BTreeMap<&'static str, Vec<Site>>;

/// Computes every wanted derived field that was not given.
pub(super) fn derive(inventory: &mut Inventory, model: Model, wanted: &Wanted) {
    let derived: BTreeSet<&str> = model
        .derivations
        .iter()
        .flat_map(|group| group.iter())
        .map(|derivation| derivation.record.get().name)
        .collect();
    let mut sites = Sites::new();
    // Relations of a fixture are given inside it; those of a scan lead to other resources.
    let linked = !inventory.accounts.is_empty();
    for (owner, entry) in inventory.entries().iter().enumerate() {
        let walk = Walk { store: &inventory.store, derived: &derived, owner, linked };
        walk.record(entry.record, entry.row, &mut sites);
    }
    for derivation in model.derivations.iter().flat_map(|group| group.iter()) {
        let record = derivation.record.get();
        let Some((place, field)) = record.field(derivation.field) else { continue };
        if !wanted.has(record.name, derivation.field) {
            continue;
        }
        let todo = sites.get(record.name).cloned().unwrap_or_default();
        let drafts = compute(inventory, derivation, record, place, &todo);
        for (site, draft) in drafts {
            let value = inventory.store.store_value(&field.ty, field.optional, draft);
            inventory.store.set(site.row.field(place), value);
            let owner = site.owner;
            let walk = Walk { store: &inventory.store, derived: &derived, owner, linked };
            walk.inside(&field.ty, value, &mut sites);
        }
    }
}

fn compute(
    inventory: &Inventory,
    derivation: &Derivation,
    record: &'static RecordType,
    place: usize,
    todo: &[Site],
) -> Vec<(Site, Draft)> {
    let one = |site: &Site| {
        if inventory.store.slot(site.row.field(place)) != Value::Pending {
            return None;
        }
        let owner: Option<&Entry> = inventory.entries().get(site.owner);
        let view = View::new(&inventory.store, record, site.row, owner);
        Some((*site, (derivation.compute)(&view, inventory)))
    };
    todo.par_iter().filter_map(one).collect()
}

/// Finds the records with derived fields inside a resource.
struct Walk<'a> {
    store: &'a Store,
    derived: &'a BTreeSet<&'static str>,
    owner: usize,
    linked: bool,
}

impl Walk<'_> {
    fn record(&self, record: &'static RecordType, row: Row, sites: &mut Sites) {
        if self.derived.contains(record.name) {
            sites.entry(record.name).or_default().push(Site { row, owner: self.owner });
        }
        for (place, field) in record.fields.iter().enumerate() {
            // A linked relation leads to another resource, which has a walk of its own.
            if !(self.linked && matches!(field.origin, Origin::Relation(_))) {
                self.inside(&field.ty, self.store.slot(row.field(place)), sites);
            }
        }
    }

    fn inside(&self, ty: &Type, value: Value, sites: &mut Sites) {
        match (ty, value) {
            (Type::Record(record), Value::Record(row)) => self.record(record.get(), row, sites),
            (Type::List(item), Value::List { at, len, .. }) if matches!(item, Type::Record(_)) => {
                for value in self.store.items(at, len) {
                    self.inside(item, *value, sites);
                }
            }
            _ => {}
        }
    }
}
