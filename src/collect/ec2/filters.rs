//! Route tables and network ACLs.

use aws_sdk_ec2::types::{
    NetworkAcl as ListedAcl, NetworkAclEntry, Route as ListedRoute, RouteTable as ListedTable,
};

use super::super::convert::{int, missing};
use super::super::place::Cell;
use super::{tags, word};
use crate::inventory::{CidrText, Slot};
use crate::resources::network_acl::{AclEntry, DESCRIBE_NETWORK_ACLS, NetworkAcl};
use crate::resources::route_table::{DESCRIBE_ROUTE_TABLES, Route, RouteTable};
use crate::session::Walk;

/// The route tables of the region.
pub(super) async fn route_tables(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_ROUTE_TABLES;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_route_tables().max_results(100).set_next_token(token).send()
        })
        .await
    {
        for (id, table) in walk.named(page.route_tables, |it| it.route_table_id.clone()) {
            cell.add(&id, table_facts(table)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<RouteTable>(call, walk.end()).await;
}

fn table_facts(table: ListedTable) -> RouteTable {
    let associations = table.associations.unwrap_or_default();
    let is_main = associations.iter().any(|association| association.main == Some(true));
    let subnets = associations.into_iter().filter_map(|association| association.subnet_id);
    let routes = table.routes.unwrap_or_default().into_iter().map(route_facts);
    RouteTable {
        id: table.route_table_id.into(),
        vpc_id: table.vpc_id.into(),
        owner_id: table.owner_id.into(),
        is_main: is_main.into(),
        subnet_ids: Slot::Known(subnets.collect()),
        routes: Slot::Known(routes.collect()),
        tags: tags(table.tags),
    }
}

fn route_facts(route: ListedRoute) -> Route {
    let destination = route
        .destination_cidr_block
        .or(route.destination_ipv6_cidr_block)
        .or(route.destination_prefix_list_id);
    let target = route
        .gateway_id
        .or(route.nat_gateway_id)
        .or(route.egress_only_internet_gateway_id)
        .or(route.transit_gateway_id)
        .or(route.vpc_peering_connection_id)
        .or(route.instance_id)
        .or(route.network_interface_id)
        .or(route.local_gateway_id)
        .or(route.carrier_gateway_id)
        .or(route.core_network_arn)
        .or(route.odb_network_arn)
        .or(route.ip_address);
    Route { destination: destination.into(), target: target.into(), state: word!(route.state) }
}

/// The network ACLs of the region.
pub(super) async fn network_acls(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_NETWORK_ACLS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_network_acls().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, acl) in walk.named(page.network_acls, |it| it.network_acl_id.clone()) {
            cell.add(&id, acl_facts(acl)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<NetworkAcl>(call, walk.end()).await;
}

fn acl_facts(acl: ListedAcl) -> NetworkAcl {
    let subnets = acl.associations.unwrap_or_default().into_iter();
    let entries = acl.entries.unwrap_or_default().into_iter().map(entry_facts);
    NetworkAcl {
        id: acl.network_acl_id.into(),
        vpc_id: acl.vpc_id.into(),
        owner_id: acl.owner_id.into(),
        is_default: acl.is_default.into(),
        subnet_ids: Slot::Known(subnets.filter_map(|subnet| subnet.subnet_id).collect()),
        entries: Slot::Known(entries.collect()),
        tags: tags(acl.tags),
    }
}

fn entry_facts(entry: NetworkAclEntry) -> AclEntry {
    let cidr = match entry.cidr_block.or(entry.ipv6_cidr_block) {
        Some(cidr) => Slot::Known(CidrText(cidr)),
        None => Slot::Unknown(missing("the rule names no range that we know")),
    };
    let ports = entry.port_range;
    AclEntry {
        rule_number: int(entry.rule_number),
        egress: entry.egress.into(),
        rule_action: word!(entry.rule_action),
        protocol: entry.protocol.map(protocol).into(),
        from_port: int(ports.as_ref().and_then(|ports| ports.from)),
        to_port: int(ports.as_ref().and_then(|ports| ports.to)),
        cidr,
    }
}

/// The names of the protocols that have ports or types; EC2 gives numbers here.
fn protocol(number: String) -> String {
    match number.as_str() {
        "1" => "icmp".into(),
        "6" => "tcp".into(),
        "17" => "udp".into(),
        "58" => "icmpv6".into(),
        _ => number,
    }
}
