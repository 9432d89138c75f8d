//! Network interfaces, and what connects a VPC with the outside.

use crate::synthetic::context::Context;
use crate::synthetic::mix::ec2_id;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{NetworkInterface, Region};
use crate::synthetic::xml::Xml;

use super::{SIZES, set, tag_set};

/// A list of security groups with their names.
pub fn group_set(xml: &mut Xml, region: &Region, ids: &[String]) {
    xml.list("groupSet", "item", ids, |xml, id| {
        let group = region.network.security_groups.iter().find(|one| one.id == *id);
        xml.leaf("groupId", id);
        xml.leaf("groupName", group.map_or("", |one| one.name.as_str()));
    });
}

/// The public address of an interface.
pub fn association(xml: &mut Xml, public_ip: Option<&String>) {
    if let Some(address) = public_ip {
        xml.node("association", |xml| {
            xml.leaf("publicIp", address);
            xml.leaf("ipOwnerId", "amazon");
        });
    }
}

pub fn interfaces(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.interfaces, SIZES)?;
    Ok(set(context, "networkInterfaceSet", page, |xml, one| {
        interface(xml, context, region, one);
    }))
}

fn interface(xml: &mut Xml, context: &Context<'_>, region: &Region, one: &NetworkInterface) {
    let subnet = region.network.subnets.iter().find(|subnet| subnet.id == one.subnet);
    xml.leaf("networkInterfaceId", &one.id);
    xml.leaf("subnetId", &one.subnet);
    xml.leaf("vpcId", &one.vpc);
    xml.maybe("availabilityZone", subnet.map(|subnet| &subnet.zone));
    xml.leaf("description", &one.description);
    xml.leaf("ownerId", &context.account.id);
    xml.maybe("requesterId", one.requester.as_ref());
    xml.leaf("requesterManaged", one.requester.is_some());
    xml.leaf("status", "in-use");
    xml.leaf("interfaceType", &one.kind);
    xml.leaf("privateIpAddress", &one.private_ip);
    xml.leaf("sourceDestCheck", true);
    group_set(xml, region, &one.groups);
    xml.node("attachment", |xml| {
        xml.leaf("attachmentId", ec2_id("eni-attach", &[&one.id]));
        xml.leaf("deviceIndex", 0);
        xml.leaf("status", "attached");
        xml.maybe("instanceId", one.instance.as_ref());
        xml.leaf("deleteOnTermination", true);
    });
    association(xml, one.public_ip.as_ref());
    xml.list("privateIpAddressesSet", "item", [()], |xml, ()| {
        xml.leaf("privateIpAddress", &one.private_ip);
        xml.leaf("primary", true);
        association(xml, one.public_ip.as_ref());
    });
    xml.list("ipv6AddressesSet", "item", &one.ipv6, |xml, address| {
        xml.leaf("ipv6Address", address);
    });
    tag_set(xml, &[]);
}

pub fn internet_gateways(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.internet_gateways, SIZES)?;
    Ok(set(context, "internetGatewaySet", page, |xml, one| {
        xml.leaf("internetGatewayId", &one.id);
        xml.leaf("ownerId", &context.account.id);
        xml.list("attachmentSet", "item", &one.vpc, |xml, vpc| {
            xml.leaf("vpcId", vpc);
            xml.leaf("state", "available");
        });
        tag_set(xml, &one.tags);
    }))
}

pub fn peerings(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.peerings, SIZES)?;
    Ok(set(context, "vpcPeeringConnectionSet", page, |xml, one| {
        xml.leaf("vpcPeeringConnectionId", &one.id);
        let sides = [
            ("requesterVpcInfo", &one.requester, &one.requester_region),
            ("accepterVpcInfo", &one.accepter, &one.accepter_region),
        ];
        for (name, (account, vpc, cidrs), of) in sides {
            xml.node(name, |xml| {
                xml.leaf("ownerId", account);
                xml.leaf("vpcId", vpc);
                xml.maybe("cidrBlock", cidrs.first());
                xml.list("cidrBlockSet", "item", cidrs, |xml, cidr| {
                    xml.leaf("cidrBlock", cidr);
                });
                xml.leaf("region", if of.is_empty() { &region.name } else { of });
            });
        }
        xml.node("status", |xml| xml.leaf("code", &one.status));
        tag_set(xml, &one.tags);
    }))
}

pub fn endpoints(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.endpoints, SIZES)?;
    Ok(set(context, "vpcEndpointSet", page, |xml, one| {
        xml.leaf("vpcEndpointId", &one.id);
        xml.leaf("vpcEndpointType", &one.kind);
        xml.leaf("vpcId", &one.vpc);
        xml.leaf("serviceName", &one.service);
        xml.leaf("state", "available");
        xml.leaf("policyDocument", &one.policy);
        xml.texts("routeTableIdSet", "item", &one.route_tables);
        xml.texts("subnetIdSet", "item", &one.subnets);
        group_set(xml, region, &one.groups);
        xml.leaf("privateDnsEnabled", one.kind == "Interface");
        xml.leaf("requesterManaged", false);
        xml.leaf("creationTimestamp", one.created);
        xml.leaf("ownerId", &context.account.id);
        tag_set(xml, &one.tags);
    }))
}
