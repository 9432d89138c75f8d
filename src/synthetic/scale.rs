//! An organization of any size, made up when it is asked for.
//!
//! Everything is a function of the seed, the account, the region and an index: nothing is stored but
//! the names of accounts, and a few hundred places that were asked for last. Sizes are heavy-tailed,
//! as they are in real organizations: most accounts are small, a few hold most of everything.
//! Each account is the [`baseline`](super::scenario) of the other worlds with much more in it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::mix::{mix, unit};
use super::scenario;
use super::scenario::site::Site;
use super::world::{Account, OptIn, Organization, Region, Source, Unit, World};

mod dice;
mod identity;
mod network;
mod policies;
mod storage;

/// How large, and which one of that size.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// The number of accounts.
    pub accounts: u32,
    /// The number of regions of each, at most 17.
    pub regions: usize,
    /// The number of resources of an account on average, those of the baseline not counted.
    pub resources: u32,
    /// Chooses one organization of many.
    pub seed: u64,
}

/// The regions in the order in which they are taken.
const REGIONS: [&str; 17] = [
    "eu-west-1",
    "us-east-1",
    "eu-central-1",
    "us-west-2",
    "ap-southeast-2",
    "ap-northeast-1",
    "eu-west-2",
    "us-east-2",
    "ap-south-1",
    "ca-central-1",
    "sa-east-1",
    "eu-north-1",
    "eu-west-3",
    "ap-southeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "us-west-1",
];

/// The most regions that an account can have.
pub const MOST_REGIONS: usize = REGIONS.len();

const FIRST: u64 = 201_000_000_013;
const STEP: u64 = 10_007;
const PREFIX: &str = "large";
const ORGANIZATION: &str = "o-largeorgid";
const ROOT: &str = "r-larg";

/// How many accounts and regions are kept of those that were asked for last.
const KEPT: usize = 400;

/// The organization.
pub fn world(scale: Scale, now: Timestamp) -> World {
    let units: Vec<Unit> = ["production", "staging", "sandbox", "platform"]
        .iter()
        .map(|name| Unit {
            id: format!("ou-larg-{name:.8}"),
            name: (*name).to_owned(),
            parent: ROOT.to_owned(),
        })
        .collect();
    let regions: Vec<Arc<Region>> = REGIONS
        .iter()
        .take(scale.regions)
        .map(|name| Arc::new(Region { name: (*name).to_owned(), ..Region::default() }))
        .collect();
    let place = Place { scale, now };
    let accounts = (0..scale.accounts).map(|index| {
        let id = account_id(index);
        let unit = units.get(usize::try_from(mix(scale.seed, &[&id, "unit"]) % 5).unwrap_or(4));
        let name = format!("{PREFIX}-{index:05}");
        // Trails of the organization are looked for in the accounts as they are listed.
        let trails = if index == 0 { place.baseline(&id, &name).trails } else { Vec::new() };
        Arc::new(Account {
            email: format!("aws+{index:05}@large.example"),
            parent: unit.map_or(ROOT, |unit| unit.id.as_str()).to_owned(),
            joined: now,
            regions: regions.clone(),
            trails,
            name,
            id,
            ..Account::default()
        })
    });
    let mut organization = Organization {
        id: ORGANIZATION.to_owned(),
        partition: "aws".to_owned(),
        management: account_id(0),
        root: ROOT.to_owned(),
        accounts: accounts.collect(),
        units,
        ..Organization::default()
    };
    organization.policies = scenario::guard_rails(&organization);
    let source = Made { place, accounts: Mutex::default(), regions: Mutex::default() };
    World { now, organizations: vec![organization], source: Some(Arc::new(source)) }
}

fn account_id(index: u32) -> String {
    (FIRST + u64::from(index) * STEP).to_string()
}

/// How much heavier than the average a thing is: of Pareto's distribution with exponent 1.5, cut at
/// forty times the average. Half of all are below 0.53, one in a hundred is above 7.
fn weight(seed: u64, parts: &[&str]) -> f64 {
    let u = unit(mix(seed, parts)).min(0.999_95);
    ((1.0 - u).powf(-1.0 / 1.5) / 3.0).min(40.0)
}

/// Where and how things are made up.
#[derive(Debug, Clone, Copy)]
struct Place {
    scale: Scale,
    now: Timestamp,
}

impl Place {
    /// The account as it would be without its size.
    fn baseline(&self, id: &str, name: &str) -> Account {
        let management = account_id(0);
        let regions = REGIONS.get(..self.scale.regions).unwrap_or(&REGIONS);
        scenario::baseline_account(&Site {
            now: self.now,
            partition: "aws",
            prefix: PREFIX,
            organization: ORGANIZATION,
            management: &management,
            account: id,
            name,
            regions,
            closed: &[],
        })
    }

    fn with_site<T>(&self, account: &Account, make: impl FnOnce(&Site<'_>) -> T) -> T {
        let management = account_id(0);
        make(&Site {
            now: self.now,
            partition: "aws",
            prefix: PREFIX,
            organization: ORGANIZATION,
            management: &management,
            account: &account.id,
            name: &account.name,
            regions: REGIONS.get(..self.scale.regions).unwrap_or(&REGIONS),
            closed: &[],
        })
    }

    /// How many resources an account has as a whole, or in a region.
    fn size(&self, account: &str, region: &str) -> u32 {
        let seed = self.scale.seed;
        let account_weight = weight(seed, &[account]);
        // A quarter is IAM and S3; the rest is spread over the regions, unevenly.
        let share = if region.is_empty() {
            0.25
        } else {
            let weights = REGIONS.iter().take(self.scale.regions);
            let all: f64 = weights.map(|name| weight(seed, &[account, name])).sum();
            0.75 * weight(seed, &[account, region]) / all.max(f64::MIN_POSITIVE)
        };
        let size = f64::from(self.scale.resources) * account_weight * share;
        // At most fifty million, which fits.
        size.round().min(5e7) as u32
    }
}

/// Makes up accounts and regions, and keeps the last ones.
#[derive(Debug)]
struct Made {
    place: Place,
    accounts: Mutex<Recent<String, Account>>,
    regions: Mutex<Recent<(String, String), Region>>,
}

impl Source for Made {
    fn account(&self, listed: &Account) -> Arc<Account> {
        recent(&self.accounts, &listed.id, || {
            let size = self.place.size(&listed.id, "");
            let seed = self.place.scale.seed;
            let mut account = self.place.baseline(&listed.id, &listed.name);
            self.place.with_site(listed, |site| {
                identity::fill(site, seed, size * 7 / 10, &mut account.identity);
                storage::fill(site, seed, size * 3 / 10, &mut account.buckets);
            });
            Account { regions: listed.regions.clone(), parent: listed.parent.clone(), ..account }
        })
    }

    fn region(&self, listed: &Account, name: &str) -> Option<Arc<Region>> {
        let open = listed.regions.iter().find(|region| region.name == name)?;
        if open.opt_in == OptIn::NotOptedIn {
            return None;
        }
        let key = (listed.id.clone(), name.to_owned());
        Some(recent(&self.regions, &key, || {
            let size = self.place.size(&listed.id, name);
            let baseline = self.place.baseline(&listed.id, &listed.name).regions;
            let found = baseline.into_iter().find(|region| region.name == name);
            let mut region = found.map(Arc::unwrap_or_clone).unwrap_or_default();
            let seed = self.place.scale.seed;
            self.place.with_site(listed, |site| network::fill(site, seed, size, &mut region));
            region
        }))
    }
}

/// What was asked for last, with the time of the last question.
#[derive(Debug)]
struct Recent<K, V> {
    kept: HashMap<K, (u64, Arc<V>)>,
    clock: u64,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { kept: HashMap::new(), clock: 0 }
    }
}

/// Finds a thing, or makes it without holding up those who look for others.
fn recent<K: Hash + Eq + Clone, V>(
    kept: &Mutex<Recent<K, V>>,
    key: &K,
    make: impl FnOnce() -> V,
) -> Arc<V> {
    {
        let mut recent = kept.lock().unwrap_or_else(PoisonError::into_inner);
        recent.clock += 1;
        let now = recent.clock;
        if let Some((used, value)) = recent.kept.get_mut(key) {
            *used = now;
            return Arc::clone(value);
        }
    }
    let value = Arc::new(make());
    let mut recent = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if recent.kept.len() >= KEPT {
        // The older half goes, so that this is done seldom.
        let mut times: Vec<u64> = recent.kept.values().map(|(used, _)| *used).collect();
        times.sort_unstable();
        let middle = times.get(times.len() / 2).copied().unwrap_or_default();
        recent.kept.retain(|_, (used, _)| *used > middle);
    }
    let now = recent.clock;
    recent.kept.insert(key.clone(), (now, Arc::clone(&value)));
    value
}

#[cfg(test)]
mod tests;
