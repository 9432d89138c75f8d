//! EC2: regions, networks, security groups, machines.

use aws_sdk_ec2::Client;
use postura::synthetic::Faults;
use postura::synthetic::world::{OptIn, Peer, Region, SecurityGroup};

use super::{Aws, run, twice};

/// All pages of a paged operation, and of each page the items.
macro_rules! all {
    ($request:expr, $items:ident) => {{
        let pages = $request.into_paginator().send().try_collect().await.expect("pages");
        pages.into_iter().flat_map(|page| page.$items.unwrap_or_default()).collect::<Vec<_>>()
    }};
}

/// Runs a test in every region of every account.
fn everywhere(test: impl AsyncFn(&Client, &Region)) {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let client = Client::new(&aws.config(&account.id, &region.name));
                test(&client, region).await;
            }
        }
    });
}

#[test]
fn regions_tell_whether_they_are_open() {
    run(async {
        let aws = Aws::demo(Faults::default());
        let account = &aws.accounts()[0];
        let ec2 = Client::new(&aws.config(&account.id, "us-east-1"));
        let all = ec2.describe_regions().all_regions(true).send().await.expect("regions");
        assert_eq!(all.regions().len(), account.regions.len());
        for (read, own) in all.regions().iter().zip(&account.regions) {
            assert_eq!(read.region_name(), Some(own.name.as_str()));
            let closed = read.opt_in_status() == Some("not-opted-in");
            assert_eq!(closed, own.opt_in == OptIn::NotOptedIn);
        }
        let open = ec2.describe_regions().send().await.expect("regions");
        assert_eq!(open.regions().len(), Aws::regions(account).count());
    });
}

#[test]
fn security_groups_hold_the_same_rules_in_both_operations() {
    everywhere(async |ec2, region| {
        let own = &region.network.security_groups;
        let groups = all!(ec2.describe_security_groups(), security_groups);
        assert_eq!(groups.len(), own.len());
        for (read, own) in groups.iter().zip(own) {
            assert_eq!(read.group_id(), Some(own.id.as_str()));
            assert_eq!(read.group_name(), Some(own.name.as_str()));
            assert_eq!(read.vpc_id(), Some(own.vpc.as_str()));
            assert_eq!(read.tags().len(), own.tags.len());
            let mut inline = Vec::new();
            for (egress, permissions) in
                [(false, read.ip_permissions()), (true, read.ip_permissions_egress())]
            {
                inline.extend(permissions.iter().flat_map(|one| peers(one, egress)));
            }
            inline.sort();
            assert_eq!(inline, rules_of(own));
        }
        let rules = all!(ec2.describe_security_group_rules(), security_group_rules);
        assert_eq!(rules.len(), own.iter().map(|group| group.rules.len()).sum::<usize>());
        for group in own {
            let of_group = rules.iter().filter(|rule| rule.group_id() == Some(&group.id));
            let mut read: Vec<_> = of_group.map(rule_text).collect();
            read.sort();
            assert_eq!(read, rules_of(group));
        }
    });
}

/// A rule in words, so that all forms of it can be compared.
fn text(egress: bool, protocol: &str, ports: Option<(i32, i32)>, peer: &str, note: &str) -> String {
    format!("{egress} {protocol} {:?} {peer} {note}", ports.filter(|_| protocol != "-1"))
}

fn rules_of(group: &SecurityGroup) -> Vec<String> {
    let mut all: Vec<String> = group
        .rules
        .iter()
        .map(|rule| {
            let peer = match &rule.peer {
                Peer::Ipv4(range) | Peer::Ipv6(range) => range,
                Peer::PrefixList(id) | Peer::Group { id, .. } => id,
            };
            let note = rule.description.as_deref().unwrap_or_default();
            text(rule.egress, &rule.protocol, Some(rule.ports.unwrap_or((-1, -1))), peer, note)
        })
        .collect();
    all.sort();
    all
}

fn peers(permission: &aws_sdk_ec2::types::IpPermission, egress: bool) -> Vec<String> {
    let ports = (permission.from_port().unwrap_or(-1), permission.to_port().unwrap_or(-1));
    let protocol = permission.ip_protocol().expect("a protocol");
    let line = |peer: Option<&str>, note: Option<&str>| {
        text(egress, protocol, Some(ports), peer.expect("a peer"), note.unwrap_or_default())
    };
    let mut lines = Vec::new();
    lines.extend(permission.ip_ranges().iter().map(|one| line(one.cidr_ip(), one.description())));
    let ipv6 = permission.ipv6_ranges().iter();
    lines.extend(ipv6.map(|one| line(one.cidr_ipv6(), one.description())));
    let lists = permission.prefix_list_ids().iter();
    lines.extend(lists.map(|one| line(one.prefix_list_id(), one.description())));
    let groups = permission.user_id_group_pairs().iter();
    lines.extend(groups.map(|one| line(one.group_id(), one.description())));
    lines
}

fn rule_text(rule: &aws_sdk_ec2::types::SecurityGroupRule) -> String {
    let group = rule.referenced_group_info().and_then(|group| group.group_id());
    let peer = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id()).or(group);
    let ports = rule.from_port().zip(rule.to_port());
    text(
        rule.is_egress().expect("a direction"),
        rule.ip_protocol().expect("a protocol"),
        ports,
        peer.expect("a peer"),
        rule.description().unwrap_or_default(),
    )
}

#[test]
fn vpcs_subnets_and_flow_logs_come_through() {
    everywhere(async |ec2, region| {
        let network = &region.network;
        let vpcs = all!(ec2.describe_vpcs(), vpcs);
        assert_eq!(vpcs.len(), network.vpcs.len());
        for (read, own) in vpcs.iter().zip(&network.vpcs) {
            assert_eq!(read.vpc_id(), Some(own.id.as_str()));
            assert_eq!(read.is_default(), Some(own.is_default));
            let ranges = read.cidr_block_association_set().len();
            assert_eq!(ranges, 1 + own.more_cidrs.len());
        }
        let subnets = all!(ec2.describe_subnets(), subnets);
        assert_eq!(subnets.len(), network.subnets.len());
        for (read, own) in subnets.iter().zip(&network.subnets) {
            assert_eq!(read.cidr_block(), Some(own.cidr.as_str()));
            assert_eq!(read.map_public_ip_on_launch(), Some(own.public_ip_on_launch));
        }
        let logs = all!(ec2.describe_flow_logs(), flow_logs);
        assert_eq!(logs.len(), network.flow_logs.len());
        for (read, own) in logs.iter().zip(&network.flow_logs) {
            assert_eq!(read.resource_id(), Some(own.resource.as_str()));
            let traffic = read.traffic_type().map(|kind| kind.as_str());
            assert_eq!(traffic, Some(own.traffic.as_str()));
            assert_eq!(read.deliver_logs_status(), Some(own.delivery.as_str()));
            assert_eq!(read.log_group_name(), Some(own.destination.as_str()));
        }
    });
}

#[test]
fn route_tables_and_acls_come_through() {
    everywhere(async |ec2, region| {
        let network = &region.network;
        let tables = all!(ec2.describe_route_tables(), route_tables);
        assert_eq!(tables.len(), network.route_tables.len());
        for (read, own) in tables.iter().zip(&network.route_tables) {
            assert_eq!(read.routes().len(), own.routes.len());
            assert_eq!(read.associations().len(), own.subnets.len() + usize::from(own.main));
            let main = read.associations().iter().any(|one| one.main() == Some(true));
            assert_eq!(main, own.main);
            for (read, own) in read.routes().iter().zip(&own.routes) {
                assert_eq!(read.destination_cidr_block(), Some(own.destination.as_str()));
            }
        }
        let acls = all!(ec2.describe_network_acls(), network_acls);
        assert_eq!(acls.len(), network.acls.len());
        for (read, own) in acls.iter().zip(&network.acls) {
            assert_eq!(read.is_default(), Some(own.is_default));
            assert_eq!(read.associations().len(), own.subnets.len());
            for (read, own) in read.entries().iter().zip(&own.entries) {
                assert_eq!(read.rule_number(), Some(own.number));
                assert_eq!(read.egress(), Some(own.egress));
                assert_eq!(read.protocol(), Some(own.protocol.to_string().as_str()));
                let allow = read.rule_action().map(|action| action.as_str()) == Some("allow");
                assert_eq!(allow, own.allow);
                let range = read.cidr_block().or(read.ipv6_cidr_block());
                assert_eq!(range, Some(own.cidr.as_str()));
                let ports = read.port_range().and_then(|ports| ports.from().zip(ports.to()));
                assert_eq!(ports, own.ports.map(|(from, to)| (from.into(), to.into())));
            }
        }
    });
}

#[test]
fn interfaces_gateways_peerings_endpoints_and_lists_come_through() {
    everywhere(async |ec2, region| {
        let network = &region.network;
        let interfaces = all!(ec2.describe_network_interfaces(), network_interfaces);
        assert_eq!(interfaces.len(), network.interfaces.len());
        for (read, own) in interfaces.iter().zip(&network.interfaces) {
            let groups: Vec<_> = read.groups().iter().filter_map(|one| one.group_id()).collect();
            assert_eq!(groups, own.groups);
            let public = read.association().and_then(|one| one.public_ip());
            assert_eq!(public, own.public_ip.as_deref());
            let instance = read.attachment().and_then(|one| one.instance_id());
            assert_eq!(instance, own.instance.as_deref());
            assert_eq!(read.requester_managed(), Some(own.requester.is_some()));
        }
        let gateways = all!(ec2.describe_internet_gateways(), internet_gateways);
        assert_eq!(gateways.len(), network.internet_gateways.len());
        for (read, own) in gateways.iter().zip(&network.internet_gateways) {
            let vpc = read.attachments().first().and_then(|one| one.vpc_id());
            assert_eq!(vpc, own.vpc.as_deref());
        }
        let peerings = all!(ec2.describe_vpc_peering_connections(), vpc_peering_connections);
        assert_eq!(peerings.len(), network.peerings.len());
        for (read, own) in peerings.iter().zip(&network.peerings) {
            let accepter = read.accepter_vpc_info().expect("an accepter");
            assert_eq!(accepter.owner_id(), Some(own.accepter.0.as_str()));
            assert_eq!(accepter.cidr_block_set().len(), own.accepter.2.len());
            let status = read.status().and_then(|one| one.code()).map(|code| code.as_str());
            assert_eq!(status, Some(own.status.as_str()));
        }
        let endpoints = all!(ec2.describe_vpc_endpoints(), vpc_endpoints);
        assert_eq!(endpoints.len(), network.endpoints.len());
        for (read, own) in endpoints.iter().zip(&network.endpoints) {
            assert_eq!(read.policy_document(), Some(own.policy.as_str()));
            assert_eq!(read.route_table_ids(), own.route_tables);
        }
        let lists = all!(ec2.describe_managed_prefix_lists(), prefix_lists);
        assert_eq!(lists.len(), network.prefix_lists.len());
        for own in &network.prefix_lists {
            let request = ec2.get_managed_prefix_list_entries().prefix_list_id(&own.id);
            let entries: Vec<_> = all!(request, entries)
                .into_iter()
                .map(|entry| {
                    (entry.cidr.unwrap_or_default(), entry.description.unwrap_or_default())
                })
                .collect();
            assert_eq!(entries, own.entries);
        }
    });
}

#[test]
fn instances_volumes_and_snapshots_come_through() {
    everywhere(async |ec2, region| {
        let reservations = all!(ec2.describe_instances(), reservations);
        let read: Vec<_> = reservations.iter().flat_map(|one| one.instances()).collect();
        assert_eq!(read.len(), region.instances.len());
        for (read, own) in read.iter().zip(&region.instances) {
            assert_eq!(read.instance_id(), Some(own.id.as_str()));
            assert_eq!(read.public_ip_address(), own.public_ip.as_deref());
            let tokens = read.metadata_options().and_then(|one| one.http_tokens());
            let required = tokens.map(|one| one.as_str()) == Some("required");
            assert_eq!(required, own.metadata.tokens_required);
            assert_eq!(read.network_interfaces().len(), own.interfaces.len());
            assert_eq!(read.block_device_mappings().len(), own.volumes.len());
            let profile = read.iam_instance_profile().and_then(|one| one.arn());
            assert_eq!(profile, own.profile.as_deref());
        }
        let volumes = all!(ec2.describe_volumes(), volumes);
        assert_eq!(volumes.len(), region.volumes.len());
        for (read, own) in volumes.iter().zip(&region.volumes) {
            assert_eq!(read.encrypted(), Some(own.encrypted));
        }
        let own = all!(ec2.describe_snapshots().owner_ids("self"), snapshots);
        assert_eq!(own.len(), region.snapshots.len());
        let request = ec2.describe_snapshots().owner_ids("self").restorable_by_user_ids("all");
        let public = all!(request, snapshots);
        assert_eq!(public.len(), region.snapshots.iter().filter(|one| one.public).count());
    });
}

#[test]
fn settings_of_a_region_come_through() {
    everywhere(async |ec2, region| {
        let own = &region.ebs;
        let read = ec2.get_ebs_encryption_by_default().send().await.expect("a setting");
        assert_eq!(read.ebs_encryption_by_default(), Some(own.encryption_by_default));
        let read = ec2.get_snapshot_block_public_access_state().send().await.expect("a state");
        let expected = Some(own.snapshot_block.as_str()).filter(|state| !state.is_empty());
        let state = read.state().map(|state| state.as_str());
        assert_eq!(state, expected.or(Some("unblocked")));
        let read = ec2.get_image_block_public_access_state().send().await.expect("a state");
        let blocked = read.image_block_public_access_state() == Some("block-new-sharing");
        assert_eq!(blocked, own.image_block);
        let read = ec2.get_instance_metadata_defaults().send().await.expect("defaults");
        let tokens = read.account_level().and_then(|one| one.http_tokens());
        let required = tokens.map(|one| one.as_str() == "required");
        assert_eq!(required, own.metadata_tokens_required);
    });
}
