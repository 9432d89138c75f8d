//! Where a rule of a policy holds: accounts, organizational units, regions, tags.

use std::fmt;
use std::str::FromStr;

use super::glob::Pattern;
use super::read::{Map, Reader};
use crate::aws::{AccountId, NameError, Region};
use crate::finding::Tags;

/// The keys of a scope in a policy file.
pub(super) const KEYS: [&str; 4] = ["account", "ou", "region", "tag"];

/// A place of a resource, as scopes look at it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The ids of the organizational units above the account, the root first.
    pub organizational_units: &'a [String],
    /// The region; `None` for global resources.
    pub region: Option<&'a Region>,
    /// The tags of the resource.
    pub tags: &'a Tags,
}

/// A region, or the place of global resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegionScope {
    /// `global`.
    Global,
    /// A region.
    Region(Region),
}

impl FromStr for RegionScope {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == "global" { Ok(Self::Global) } else { text.parse().map(Self::Region) }
    }
}

/// A place restricted by any of its parts; an empty list restricts nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// One of these accounts.
    pub accounts: Vec<AccountId>,
    /// Below one of these organizational units.
    pub organizational_units: Vec<String>,
    /// In one of these regions.
    pub regions: Vec<RegionScope>,
    /// With all of these tags.
    pub tags: Vec<(String, Pattern)>,
}

/// How specific a scope is; more is more specific. Tags of the resource say most, then its account,
/// then the organizational unit (a deeper one says more), then the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    tags: usize,
    account: bool,
    unit_depth: usize,
    region: bool,
}

impl Scope {
    /// Reads the keys of a scope.
    pub(super) fn read(reader: &mut Reader<'_>, map: &Map<'_>) -> Self {
        let values = |found: Vec<super::read::Located<String>>| {
            found.into_iter().map(|text| text.value).collect()
        };
        Self {
            accounts: map.get("account").map_or_else(Vec::new, |node| {
                reader.all_parsed(node).into_iter().map(|account| account.value).collect()
            }),
            organizational_units: map.get("ou").map_or_else(Vec::new, |node| {
                let units = reader.texts(node);
                for unit in &units {
                    if !(unit.value.starts_with("ou-") || unit.value.starts_with("r-")) {
                        let message =
                            format!("`{}` is no id such as `ou-ab12-cdefgh34`", unit.value);
                        reader.fail(unit.span, message);
                    }
                }
                values(units)
            }),
            regions: map.get("region").map_or_else(Vec::new, |node| {
                reader.all_parsed(node).into_iter().map(|region| region.value).collect()
            }),
            tags: map.get("tag").map_or_else(Vec::new, |node| read_tags(reader, node)),
        }
    }

    /// Whether it restricts nothing.
    pub fn is_everywhere(&self) -> bool {
        self.accounts.is_empty()
            && self.organizational_units.is_empty()
            && self.regions.is_empty()
            && self.tags.is_empty()
    }

    /// Whether a place is inside.
    pub fn contains(&self, place: &Place<'_>) -> bool {
        let region = |scope: &RegionScope| match (scope, place.region) {
            (RegionScope::Global, None) => true,
            (RegionScope::Region(wanted), Some(region)) => wanted == region,
            (RegionScope::Global, Some(_)) | (RegionScope::Region(_), None) => false,
        };
        let tag = |(key, value): &(String, Pattern)| {
            place.tags.get(key).is_some_and(|found| value.matches(found))
        };
        (self.accounts.is_empty() || self.accounts.contains(place.account))
            && (self.organizational_units.is_empty() || self.depth(place).is_some())
            && (self.regions.is_empty() || self.regions.iter().any(region))
            && self.tags.iter().all(tag)
    }

    /// The depth of the deepest unit of the scope that the account is below, from 1.
    fn depth(&self, place: &Place<'_>) -> Option<usize> {
        let units = place.organizational_units.iter();
        units
            .enumerate()
            .rev()
            .find(|(_, unit)| self.organizational_units.contains(unit))
            .map(|(depth, _)| depth + 1)
    }

    /// How specific it is at a place that it contains.
    pub fn rank(&self, place: &Place<'_>) -> Rank {
        Rank {
            tags: self.tags.len(),
            account: !self.accounts.is_empty(),
            unit_depth: self.depth(place).unwrap_or(0),
            region: !self.regions.is_empty(),
        }
    }

    /// Whether some resource may be inside both, with the same rank in both.
    pub(super) fn ties(&self, other: &Self) -> bool {
        let disjoint_tags = self.tags.iter().any(|(key, value)| {
            let differs = |(other_key, other_value): &(String, Pattern)| {
                key == other_key
                    && !value.is_glob()
                    && !other_value.is_glob()
                    && value != other_value
            };
            other.tags.iter().any(differs)
        });
        // Two units of which neither is in the other list are of different depths, or an account is
        // below only one of them.
        overlap(&self.accounts, &other.accounts)
            && overlap(&self.organizational_units, &other.organizational_units)
            && overlap(&self.regions, &other.regions)
            && self.tags.len() == other.tags.len()
            && !disjoint_tags
    }
}

/// Whether two lists have an item in common; two empty lists have, an empty one and another do not,
/// since then one is more specific.
fn overlap<T: PartialEq>(one: &[T], two: &[T]) -> bool {
    (one.is_empty() && two.is_empty()) || one.iter().any(|item| two.contains(item))
}

fn read_tags(reader: &mut Reader<'_>, node: &crate::check::yaml::Node) -> Vec<(String, Pattern)> {
    let entries = reader.free_map(node);
    if entries.is_empty() {
        reader.fail(node.span, "expected tags as `key: value`");
    }
    entries
        .iter()
        .filter_map(|entry| {
            let value = reader.parsed::<Pattern>(&entry.value)?;
            Some((entry.key.clone(), value.value))
        })
        .collect()
}

/// For messages: `account 1…, region eu-west-1`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.accounts.iter().map(|account| format!("account {account}")));
        parts.extend(self.organizational_units.iter().map(|unit| format!("unit {unit}")));
        parts.extend(self.regions.iter().map(|region| match region {
            RegionScope::Global => "region global".to_owned(),
            RegionScope::Region(region) => format!("region {region}"),
        }));
        parts.extend(self.tags.iter().map(|(key, value)| format!("tag {key}={value}")));
        f.write_str(&parts.join(", "))
    }
}
