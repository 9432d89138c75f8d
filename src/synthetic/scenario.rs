//! Worlds to serve: a believable organization with faults, one without, one that cannot be read
//! everywhere, and organizations in other partitions.
//!
//! All are built from the same [`baseline`] account, in which everything is right, so that each
//! fault is a visible line in one place. Nothing here knows how the world is served.

use std::sync::Arc;

use jiff::Timestamp;

use super::faults::{Fault, Faults, Rule, Scope};
use super::world::{Account, AccountStatus, Organization, Unit, World};

mod baseline;
mod controls;
mod demo;
pub(super) mod site;

pub(super) use baseline::{
    account as baseline_account, allow_all, allow_from, bucket as baseline_bucket, open,
};
pub(super) use controls::guard_rails;
use site::Site;

/// The management account of the `aws` worlds.
pub const MANAGEMENT: &str = "111122223333";
/// The production account of the `aws` worlds.
pub const PRODUCTION: &str = "444455556666";
/// The sandbox account of the `aws` worlds.
pub const SANDBOX: &str = "777788889999";
/// The suspended account of the `aws` worlds.
pub const SUSPENDED: &str = "123456789012";

const REGIONS: &[&str] = &["eu-west-1", "us-east-1", "ap-southeast-2"];
const CLOSED: &[&str] = &["af-south-1", "me-central-1"];

/// Three accounts where everything is right, and a suspended one.
pub fn clean(now: Timestamp) -> World {
    World { now, organizations: vec![organization(now, |_, _| {})], ..World::default() }
}

/// Three accounts with faults and traps of every kind, and a suspended one.
pub fn demo(now: Timestamp) -> World {
    let mut organization = organization(now, demo::spoil);
    let workloads = organization.units.first().map(|unit| unit.id.clone()).unwrap_or_default();
    organization.policies.push(controls::no_inline_policies(&workloads));
    World { now, organizations: vec![organization], ..World::default() }
}

/// The demo world as somebody sees it whose access has holes: some actions are denied, one region
/// by a service control policy, and the sandbox account lets nobody in.
pub fn denied(now: Timestamp) -> (World, Faults) {
    let in_region = |region: &str, operation: &str| Scope {
        region: Some(region.to_owned()),
        ..Scope::operation(operation)
    };
    let faults = Faults::default()
        .unassumable(SANDBOX)
        .deny("s3:GetBucketPolicy")
        .deny("iam:GetCredentialReport")
        .deny("ec2:DescribeSecurityGroupRules")
        .deny_in(PRODUCTION, "s3:GetAccountPublicAccessBlock")
        .deny_in(PRODUCTION, "cloudtrail:GetTrailStatus")
        .deny_in(MANAGEMENT, "sns:ListSubscriptionsByTopic")
        .with(Rule::new(in_region("us-east-1", "logs:*"), Fault::Deny))
        .with(Rule::new(in_region("ap-southeast-2", "ec2:*"), Fault::DenyByOrganization));
    (demo(now), faults)
}

/// One organization in China and one in GovCloud, two accounts each, with a few faults.
pub fn cn_gov(now: Timestamp) -> World {
    let china = small(now, "aws-cn", "cn", "222233334444", &["cn-north-1", "cn-northwest-1"]);
    let gov = small(now, "aws-us-gov", "gov", "333344445555", &["us-gov-west-1", "us-gov-east-1"]);
    World { now, organizations: vec![china, gov], ..World::default() }
}

fn organization(now: Timestamp, change: impl Fn(&Site<'_>, &mut Account)) -> Organization {
    let id = "o-exampleorgid";
    let unit = |name: &str, id: &str| Unit {
        id: format!("ou-acme-{id}"),
        name: name.to_owned(),
        parent: "r-acme".to_owned(),
    };
    let (workloads, suspended) = (unit("Workloads", "workload1"), unit("Suspended", "suspend1"));
    let accounts = [
        (MANAGEMENT, "acme-management", "r-acme"),
        (PRODUCTION, "acme-production", workloads.id.as_str()),
        (SANDBOX, "acme-sandbox", workloads.id.as_str()),
    ];
    let mut all: Vec<Arc<Account>> = accounts
        .iter()
        .map(|(account, name, parent)| {
            let site = Site {
                now,
                partition: "aws",
                prefix: "acme",
                organization: id,
                management: MANAGEMENT,
                account,
                name,
                regions: REGIONS,
                closed: CLOSED,
            };
            let mut built = baseline::account(&site);
            built.parent = (*parent).to_owned();
            change(&site, &mut built);
            Arc::new(built)
        })
        .collect();
    all.push(Arc::new(Account {
        id: SUSPENDED.to_owned(),
        name: "acme-legacy".to_owned(),
        email: "aws+legacy@acme.example".to_owned(),
        status: AccountStatus::Suspended,
        parent: suspended.id.clone(),
        joined: all.first().map_or(now, |first| first.joined),
        ..Account::default()
    }));
    let mut organization = Organization {
        id: id.to_owned(),
        partition: "aws".to_owned(),
        management: MANAGEMENT.to_owned(),
        root: "r-acme".to_owned(),
        delegated: vec![("config.amazonaws.com".to_owned(), PRODUCTION.to_owned())],
        units: vec![workloads, suspended],
        accounts: all,
        policies: Vec::new(),
        iam_features: ["RootCredentialsManagement", "RootSessions"].map(str::to_owned).to_vec(),
    };
    organization.policies = controls::guard_rails(&organization);
    organization
}

fn small(
    now: Timestamp,
    partition: &str,
    prefix: &str,
    management: &str,
    regions: &[&str],
) -> Organization {
    let id = format!("o-example{prefix}org");
    let root = format!("r-{prefix}00");
    // The member account differs in its last digit, which is never 9 in the ids used here.
    let member = format!("{}9", management.get(..11).unwrap_or_default());
    let accounts =
        [(management, "management"), (member.as_str(), "workloads")].map(|(account, name)| {
            let name = format!("{prefix}-{name}");
            let site = Site {
                now,
                partition,
                prefix,
                organization: &id,
                management,
                account,
                name: &name,
                regions,
                closed: &[],
            };
            let mut built = baseline::account(&site);
            built.parent.clone_from(&root);
            if account != management {
                demo::spoil_a_little(&site, &mut built);
            }
            Arc::new(built)
        });
    let mut organization = Organization {
        id: id.clone(),
        partition: partition.to_owned(),
        management: management.to_owned(),
        root,
        delegated: vec![("config.amazonaws.com".to_owned(), member.clone())],
        units: Vec::new(),
        accounts: accounts.to_vec(),
        policies: Vec::new(),
        iam_features: Vec::new(),
    };
    organization.policies = controls::guard_rails(&organization);
    organization
}

#[cfg(test)]
mod tests;
