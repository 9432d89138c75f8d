//! Which resources came, went or changed, and which of their settings.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::fields::{self, FieldChange};
use super::{Side, sight};
use crate::aws::{AccountId, Region};
use crate::inventory::{Entry, Inventory};

/// Where a resource is and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// CloudFormation's name of its type.
    pub r#type: String,
    /// Its account.
    pub account: AccountId,
    /// Its region; `None` for global resources.
    pub region: Option<Region>,
    /// Its id.
    pub id: String,
}

/// What happened to a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// It is new.
    Came,
    /// It is in the new scan, and the old one would not have seen it.
    Appeared,
    /// It is gone.
    Went,
    /// It was in the old scan, and the new one would not see it.
    Lost,
    /// Its settings changed.
    Changed(Vec<FieldChange>),
}

/// A resource that came, went or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceChange {
    /// The resource.
    pub place: Place,
    /// What happened to it.
    pub what: What,
}

impl What {
    /// The words in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Came => "came",
            Self::Appeared => "seen for the first time",
            Self::Went => "went",
            Self::Lost => "no longer seen",
            Self::Changed(fields) if fields.iter().all(FieldChange::is_visibility) => {
                "changed in what can be read"
            }
            Self::Changed(_) => "changed",
        }
    }
}

type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// Compares the resources of two inventories.
pub(super) fn compare(
    old: &Inventory,
    new: &Inventory,
    notes: &mut Vec<String>,
) -> Vec<ResourceChange> {
    let mut pairs: BTreeMap<Place, Pair<'_, Entry>> = BTreeMap::new();
    old.entries().iter().for_each(|it| pairs.entry(place(it)).or_default().0 = Some(it));
    new.entries().iter().for_each(|it| pairs.entry(place(it)).or_default().1 = Some(it));
    let mut one_sided = BTreeSet::new();
    let whole = |inventory: &Inventory, entry: &Entry| {
        sight::is_whole(inventory, entry.record, &entry.account, entry.region.as_ref())
    };
    let change = |(place, pair): (Place, Pair<'_, Entry>)| {
        let what = match pair {
            (Some(gone), None) if whole(new, gone) => What::Went,
            (Some(_), None) => What::Lost,
            (None, Some(fresh)) if whole(old, fresh) => What::Came,
            (None, Some(_)) => What::Appeared,
            (Some(a), Some(b)) => {
                let (a, b) = (old.recorded(a), new.recorded(b));
                let changes = record(&place, &a, &b, &mut one_sided);
                if changes.is_empty() {
                    return None;
                }
                What::Changed(changes)
            }
            (None, None) => return None,
        };
        Some(ResourceChange { place, what })
    };
    let changes = pairs.into_iter().filter_map(change).collect();
    notes.extend(one_sided.into_iter().map(|(r#type, field)| {
        format!("`{field}` of {type} was collected in one scan only, and is not compared")
    }));
    changes
}

fn place(entry: &Entry) -> Place {
    Place {
        r#type: entry.record.name.to_owned(),
        account: entry.account.clone(),
        region: entry.region.clone(),
        id: entry.id.clone(),
    }
}

/// A field that one scan did not ask for says nothing.
fn record(
    place: &Place,
    old: &Map<String, Json>,
    new: &Map<String, Json>,
    one_sided: &mut BTreeSet<(String, String)>,
) -> Vec<FieldChange> {
    let mut found = Vec::new();
    for (name, value) in old {
        match new.get(name) {
            Some(other) => fields::compare(name, value, other, &mut found),
            None => {
                one_sided.insert((place.r#type.clone(), name.clone()));
            }
        }
    }
    let added = new.keys().filter(|name| !old.contains_key(*name));
    one_sided.extend(added.map(|name| (place.r#type.clone(), name.clone())));
    found
}

/// Compares the resources that findings speak about, where the inventories are not at hand.
pub(super) fn compare_seen(old: Side<'_>, new: Side<'_>) -> Vec<ResourceChange> {
    let (before, after) = (seen(old), seen(new));
    let missing = |places: &BTreeSet<Place>, other: &BTreeSet<Place>, side: Side<'_>| {
        let checked =
            |place: &&Place| side.scan.checks.iter().any(|it| it.resource == place.r#type);
        let gone = places.difference(other).filter(checked);
        gone.map(|place| {
            let region = place.region.as_ref();
            (place.clone(), sight::sees(side, &place.r#type, &place.account, region))
        })
        .collect::<Vec<_>>()
    };
    let went = missing(&before, &after, new).into_iter().map(|(place, seen)| ResourceChange {
        place,
        what: if seen { What::Went } else { What::Lost },
    });
    let came = missing(&after, &before, old).into_iter().map(|(place, seen)| ResourceChange {
        place,
        what: if seen { What::Came } else { What::Appeared },
    });
    let mut changes: Vec<ResourceChange> = went.chain(came).collect();
    changes.sort_by(|a, b| a.place.cmp(&b.place));
    changes
}

fn seen(side: Side<'_>) -> BTreeSet<Place> {
    let place = |it: &crate::finding::Finding| Place {
        r#type: it.resource().r#type.clone(),
        account: it.account().clone(),
        region: it.region().cloned(),
        id: it.resource().id.clone(),
    };
    side.scan.findings.iter().map(place).collect()
}
