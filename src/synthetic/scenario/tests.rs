use std::collections::BTreeSet;

use jiff::Timestamp;

use super::*;
use crate::synthetic::world::{OptIn, Peer};

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().expect("a time")
}

#[test]
fn worlds_are_functions_of_the_time_alone() {
    let text = |world: World| format!("{world:?}");
    assert_eq!(text(demo(now())), text(demo(now())));
    assert_eq!(text(cn_gov(now())), text(cn_gov(now())));
}

#[test]
fn accounts_and_buckets_have_names_of_their_own() {
    for world in [demo(now()), clean(now()), cn_gov(now())] {
        let accounts: Vec<_> = world.organizations.iter().flat_map(|one| &one.accounts).collect();
        let ids: BTreeSet<_> = accounts.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), accounts.len());
        assert!(ids.iter().all(|id| id.len() == 12));
        let buckets: Vec<_> = accounts.iter().flat_map(|one| &one.buckets).collect();
        let names: BTreeSet<_> = buckets.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), buckets.len());
    }
}

#[test]
fn all_documents_are_json() {
    for world in [demo(now()), cn_gov(now())] {
        for account in world.organizations.iter().flat_map(|one| &one.accounts) {
            let identity = &account.identity;
            let inline = identity.users.iter().flat_map(|one| &one.inline);
            let inline = inline.chain(identity.roles.iter().flat_map(|one| &one.inline));
            let documents = inline
                .map(|one| &one.document)
                .chain(identity.policies.iter().flat_map(|one| &one.versions))
                .chain(identity.roles.iter().map(|one| &one.trust))
                .chain(account.buckets.iter().filter_map(|one| one.policy.as_ref()));
            for document in documents {
                serde_json::from_str::<serde_json::Value>(document).expect(document);
            }
        }
    }
}

/// What refers to something by its id or name finds it, unless the world says that it is gone.
#[test]
fn references_inside_a_region_lead_somewhere() {
    for world in [demo(now()), cn_gov(now())] {
        for account in world.organizations.iter().flat_map(|one| &one.accounts) {
            for region in account.regions.iter().filter(|one| one.opt_in != OptIn::NotOptedIn) {
                let network = &region.network;
                let mut ids: BTreeSet<&str> = BTreeSet::new();
                ids.extend(network.vpcs.iter().map(|one| one.id.as_str()));
                ids.extend(network.subnets.iter().map(|one| one.id.as_str()));
                ids.extend(network.security_groups.iter().map(|one| one.id.as_str()));
                ids.extend(network.prefix_lists.iter().map(|one| one.id.as_str()));
                let mut used: Vec<&str> = Vec::new();
                used.extend(network.subnets.iter().map(|one| one.vpc.as_str()));
                used.extend(network.acls.iter().flat_map(|one| &one.subnets).map(String::as_str));
                used.extend(network.flow_logs.iter().map(|one| one.resource.as_str()));
                for group in &network.security_groups {
                    used.push(&group.vpc);
                    used.extend(group.rules.iter().filter_map(|rule| match &rule.peer {
                        Peer::Group { id, .. } | Peer::PrefixList(id) => Some(id.as_str()),
                        Peer::Ipv4(_) | Peer::Ipv6(_) => None,
                    }));
                }
                for instance in &region.instances {
                    used.push(&instance.subnet);
                    used.extend(instance.groups.iter().map(String::as_str));
                }
                for id in used {
                    assert!(ids.contains(id), "{} {}: {id}", account.id, region.name);
                }
            }
        }
    }
}

#[test]
fn the_demo_differs_from_the_clean_organization_in_every_account() {
    let (demo, clean) = (demo(now()), clean(now()));
    for id in [MANAGEMENT, PRODUCTION, SANDBOX] {
        let text = |world: &World| format!("{:?}", world.account(id));
        assert_ne!(text(&demo), text(&clean), "{id}");
    }
}
