//! VPCs, subnets, route tables, network ACLs, flow logs.

use crate::synthetic::context::Context;
use crate::synthetic::mix::ec2_id;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{AclEntry, Region, Route, RouteTable, RouteTarget};
use crate::synthetic::xml::Xml;

use super::{HUNDREDS, SIZES, set, tag_set};

pub fn vpcs(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.vpcs, SIZES)?;
    Ok(set(context, "vpcSet", page, |xml, vpc| {
        xml.leaf("vpcId", &vpc.id);
        xml.leaf("ownerId", &context.account.id);
        xml.leaf("state", "available");
        xml.leaf("cidrBlock", &vpc.cidr);
        let cidrs = [&vpc.cidr].into_iter().chain(&vpc.more_cidrs);
        xml.list("cidrBlockAssociationSet", "item", cidrs, |xml, cidr| {
            xml.leaf("cidrBlock", cidr);
            xml.leaf("associationId", ec2_id("vpc-cidr-assoc", &[&vpc.id, cidr]));
            xml.node("cidrBlockState", |xml| xml.leaf("state", "associated"));
        });
        ipv6(xml, &vpc.id, vpc.ipv6.as_deref());
        xml.leaf("instanceTenancy", "default");
        xml.leaf("isDefault", vpc.is_default);
        tag_set(xml, &vpc.tags);
    }))
}

fn ipv6(xml: &mut Xml, owner: &str, block: Option<&str>) {
    xml.list("ipv6CidrBlockAssociationSet", "item", block, |xml, cidr| {
        xml.leaf("ipv6CidrBlock", cidr);
        xml.leaf("associationId", ec2_id("cidr-assoc", &[owner, cidr]));
        xml.node("ipv6CidrBlockState", |xml| xml.leaf("state", "associated"));
    });
}

pub fn subnets(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.subnets, SIZES)?;
    Ok(set(context, "subnetSet", page, |xml, subnet| {
        let (partition, account) = (context.partition(), &context.account.id);
        let arn = format!("arn:{partition}:ec2:{}:{account}:subnet/{}", region.name, subnet.id);
        xml.leaf("subnetId", &subnet.id);
        xml.leaf("subnetArn", arn);
        xml.leaf("state", "available");
        xml.leaf("ownerId", account);
        xml.leaf("vpcId", &subnet.vpc);
        xml.leaf("cidrBlock", &subnet.cidr);
        ipv6(xml, &subnet.id, subnet.ipv6.as_deref());
        xml.leaf("availableIpAddressCount", 200);
        xml.leaf("availabilityZone", &subnet.zone);
        xml.leaf("defaultForAz", subnet.default_for_zone);
        xml.leaf("mapPublicIpOnLaunch", subnet.public_ip_on_launch);
        xml.leaf("assignIpv6AddressOnCreation", subnet.ipv6_on_creation);
        tag_set(xml, &subnet.tags);
    }))
}

pub fn route_tables(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.route_tables, HUNDREDS)?;
    Ok(set(context, "routeTableSet", page, |xml, table| {
        xml.leaf("routeTableId", &table.id);
        xml.leaf("vpcId", &table.vpc);
        xml.leaf("ownerId", &context.account.id);
        xml.list("routeSet", "item", &table.routes, route);
        associations(xml, table);
        xml.list("propagatingVgwSet", "item", None::<()>, |_, ()| {});
        tag_set(xml, &table.tags);
    }))
}

fn associations(xml: &mut Xml, table: &RouteTable) {
    let main = table.main.then_some(None);
    let all = main.into_iter().chain(table.subnets.iter().map(Some));
    xml.list("associationSet", "item", all, |xml, subnet| {
        let name = subnet.map_or("main", String::as_str);
        xml.leaf("routeTableAssociationId", ec2_id("rtbassoc", &[&table.id, name]));
        xml.leaf("routeTableId", &table.id);
        xml.maybe("subnetId", subnet);
        xml.leaf("main", subnet.is_none());
        xml.node("associationState", |xml| xml.leaf("state", "associated"));
    });
}

fn route(xml: &mut Xml, route: &Route) {
    let destination = match route.destination.as_str() {
        list if list.starts_with("pl-") => "destinationPrefixListId",
        range if range.contains(':') => "destinationIpv6CidrBlock",
        _ => "destinationCidrBlock",
    };
    xml.leaf(destination, &route.destination);
    let (name, id) = match &route.target {
        RouteTarget::Gateway(id) => ("gatewayId", id),
        RouteTarget::Nat(id) => ("natGatewayId", id),
        RouteTarget::Peering(id) => ("vpcPeeringConnectionId", id),
        RouteTarget::Transit(id) => ("transitGatewayId", id),
        RouteTarget::Interface(id) => ("networkInterfaceId", id),
    };
    xml.leaf(name, id);
    xml.leaf("state", if route.blackhole { "blackhole" } else { "active" });
    xml.leaf("origin", if id == "local" { "CreateRouteTable" } else { "CreateRoute" });
}

pub fn acls(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.acls, SIZES)?;
    Ok(set(context, "networkAclSet", page, |xml, acl| {
        xml.leaf("networkAclId", &acl.id);
        xml.leaf("vpcId", &acl.vpc);
        xml.leaf("ownerId", &context.account.id);
        xml.leaf("default", acl.is_default);
        xml.list("entrySet", "item", &acl.entries, acl_entry);
        xml.list("associationSet", "item", &acl.subnets, |xml, subnet| {
            xml.leaf("networkAclAssociationId", ec2_id("aclassoc", &[&acl.id, subnet]));
            xml.leaf("networkAclId", &acl.id);
            xml.leaf("subnetId", subnet);
        });
        tag_set(xml, &acl.tags);
    }))
}

fn acl_entry(xml: &mut Xml, entry: &AclEntry) {
    xml.leaf("ruleNumber", entry.number);
    xml.leaf("protocol", entry.protocol);
    xml.leaf("ruleAction", if entry.allow { "allow" } else { "deny" });
    xml.leaf("egress", entry.egress);
    let range = if entry.cidr.contains(':') { "ipv6CidrBlock" } else { "cidrBlock" };
    xml.leaf(range, &entry.cidr);
    if let Some((from, to)) = entry.ports {
        xml.node("portRange", |xml| {
            xml.leaf("from", from);
            xml.leaf("to", to);
        });
    }
}

pub fn flow_logs(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.flow_logs, SIZES)?;
    Ok(set(context, "flowLogSet", page, |xml, log| {
        xml.leaf("flowLogId", &log.id);
        xml.leaf("flowLogStatus", "ACTIVE");
        xml.leaf("resourceId", &log.resource);
        xml.leaf("trafficType", &log.traffic);
        xml.leaf("logDestinationType", &log.destination_type);
        if log.destination_type == "s3" {
            xml.leaf("logDestination", &log.destination);
        } else {
            let (partition, account) = (context.partition(), &context.account.id);
            let place = format!("{}:{account}", region.name);
            let name = &log.destination;
            xml.leaf("logGroupName", name);
            xml.leaf("logDestination", format!("arn:{partition}:logs:{place}:log-group:{name}"));
            let role = format!("arn:{partition}:iam::{account}:role/flow-logs");
            xml.leaf("deliverLogsPermissionArn", role);
        }
        xml.leaf("deliverLogsStatus", &log.delivery);
        xml.maybe("deliverLogsErrorMessage", log.delivery_error.as_ref());
        xml.leaf("creationTime", log.created);
        xml.leaf("maxAggregationInterval", 600);
        tag_set(xml, &log.tags);
    }))
}
