//! What a scan would do, and what AWS's limits make of it, without asking AWS anything.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use super::plan::Plan;
use crate::resources::account::GET_CALLER_IDENTITY;
use crate::resources::region::DESCRIBE_REGIONS;
use crate::schema::{Call, Kind, Origin, Scope};
use crate::session::{
    ASSUME_ROLE, LIST_ACCOUNTS, LIST_ACCOUNTS_FOR_PARENT, LIST_ORGANIZATIONAL_UNITS_FOR_PARENT,
    LIST_ROOTS, Quota, Targets, quota,
};

/// How often a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Times {
    /// Once, and once more for each further page of a list.
    Pages,
    /// Once.
    Once,
    /// For each resource, or for each page of such details.
    Resources,
}

/// A call that would be made.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The call.
    pub call: &'static Call,
    /// How often in its place.
    pub times: Times,
    /// What AWS allows.
    pub quota: Quota,
}

/// What a scan would do.
#[derive(Debug, Clone, Default)]
pub struct Explained {
    /// Once for the scan: who we are, which accounts there are.
    pub scan: Vec<Planned>,
    /// In each account.
    pub account: Vec<Planned>,
    /// In each region of each account.
    pub region: Vec<Planned>,
    /// The IAM actions in each account.
    pub actions: BTreeSet<&'static str>,
    /// The accounts, where they are known without asking.
    pub accounts: Option<usize>,
    /// The regions, where they are known without asking.
    pub regions: Option<usize>,
    /// The part of the quotas that may be used.
    pub share: f64,
}

/// Says what a scan with these options would do.
pub fn explain(options: &Options) -> Explained {
    let plan = Plan::of(&options.needs);
    let mut actions = options.needs.actions();
    actions.insert("ec2:DescribeRegions");
    let (accounts, mut scan) = match &options.targets {
        Targets::Own => (Some(1), Vec::new()),
        Targets::Accounts(accounts) => (
            Some(accounts.iter().collect::<BTreeSet<_>>().len()),
            vec![(&ASSUME_ROLE, Times::Once)],
        ),
        Targets::Organization { .. } => (
            None,
            vec![
                (&LIST_ACCOUNTS, Times::Pages),
                (&LIST_ROOTS, Times::Once),
                (&LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, Times::Resources),
                (&LIST_ACCOUNTS_FOR_PARENT, Times::Resources),
                (&ASSUME_ROLE, Times::Resources),
            ],
        ),
    };
    scan.insert(0, (&GET_CALLER_IDENTITY, Times::Once));
    let mut account = calls(&plan, Scope::Account);
    account.entry(&DESCRIBE_REGIONS).or_insert(Times::Once);
    let only = options.regions.only.iter().collect::<BTreeSet<_>>();
    Explained {
        scan: planned(scan),
        account: planned(account),
        region: planned(calls(&plan, Scope::Region)),
        actions,
        accounts,
        regions: (!only.is_empty()).then_some(only.len()),
        share: options.share.factor(),
    }
}

fn planned(calls: impl IntoIterator<Item = (&'static Call, Times)>) -> Vec<Planned> {
    calls.into_iter().map(|(call, times)| Planned { call, times, quota: quota(call) }).collect()
}

/// The calls of a scope, and how often each is made: what identifies a resource is listed, what only
/// adds to resources is asked for each of them, and everything else is a fact of the place.
fn calls(plan: &Plan, scope: Scope) -> BTreeMap<&'static Call, Times> {
    let mut found = BTreeMap::new();
    for sweep in plan.sweeps(scope) {
        let (mut lists, mut details) = (BTreeSet::<&Call>::new(), BTreeSet::<&Call>::new());
        for record in sweep.types.iter().map(|record| record()) {
            let Kind::Resource { id, .. } = record.kind else { continue };
            for field in record.fields {
                let Origin::Read(calls) = field.origin else { continue };
                if field.name == id { &mut lists } else { &mut details }.extend(calls);
            }
        }
        for call in sweep.calls.iter().copied().filter(|call| plan.calls(call)) {
            let times = match () {
                () if lists.contains(&call) => Times::Pages,
                () if details.contains(&call) => Times::Resources,
                () => Times::Once,
            };
            let known = found.entry(call).or_insert(times);
            *known = times.min(*known);
        }
    }
    found
}

impl Explained {
    /// The seconds that the limits cost a region, or an account as a whole, in which each call by
    /// resource is made so many times; and the calls that take longest.
    pub fn seconds(&self, calls: &[Planned], resources: u32) -> (f64, Option<&'static Call>) {
        // By the pool that calls share, or by the call that has its own.
        let mut pools = BTreeMap::new();
        for planned in calls {
            let alone = planned.quota.pool.is_none().then_some(planned.call);
            let pool = pools.entry((planned.quota.pool, alone)).or_insert((
                0.0,
                planned.quota,
                planned.call,
            ));
            pool.0 += match planned.times {
                Times::Once | Times::Pages => 1.0,
                Times::Resources => f64::from(resources),
            };
        }
        let mut longest = (0.0, None);
        for (count, quota, call) in pools.into_values() {
            let burst = (quota.burst * self.share).max(1.0);
            let seconds = (count - burst) / (quota.rate * self.share);
            if seconds > longest.0 {
                longest = (seconds, Some(call));
            }
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{MODEL, s3, vpc};
    use crate::schema::needs::Needs;

    fn of(types: &[(&str, &str)]) -> Explained {
        let mut needs = Needs::default();
        for (name, field) in types {
            let record = MODEL.catalog.find(name).unwrap();
            needs.resource(record);
            needs.field(record, field);
        }
        explain(&Options::new(needs))
    }

    #[test]
    fn lists_details_and_places_are_told_apart() {
        let explained = of(&[("AWS::S3::Bucket", "versioning"), ("AWS::EC2::VPC", "cidr_blocks")]);
        let times = |calls: &[Planned], call: &Call| {
            calls.iter().find(|planned| planned.call == call).map(|planned| planned.times)
        };
        assert_eq!(times(&explained.account, &s3::LIST_BUCKETS), Some(Times::Pages));
        assert_eq!(times(&explained.account, &s3::GET_BUCKET_VERSIONING), Some(Times::Resources));
        assert_eq!(times(&explained.account, &s3::GET_BUCKET_POLICY), None);
        assert_eq!(times(&explained.account, &DESCRIBE_REGIONS), Some(Times::Once));
        assert_eq!(times(&explained.region, &vpc::DESCRIBE_VPCS), Some(Times::Pages));
        assert!(explained.actions.contains("s3:ListAllMyBuckets"));
        assert_eq!((explained.accounts, explained.regions), (Some(1), None));
    }

    #[test]
    fn the_slowest_bucket_sets_the_time() {
        let explained = of(&[("AWS::S3::Bucket", "versioning")]);
        assert_eq!(explained.seconds(&explained.account, 50), (0.0, None));
        let (seconds, call) = explained.seconds(&explained.account, 1050);
        assert!((seconds - 20.0).abs() < 1e-9, "(1050 - 50) / 50 = {seconds}");
        assert_eq!(call, Some(&s3::GET_BUCKET_VERSIONING));
    }
}
