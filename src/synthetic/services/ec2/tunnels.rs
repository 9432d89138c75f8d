//! VPNs, transit gateways, and VPC Block Public Access.

use crate::synthetic::context::Context;
use crate::synthetic::mix::ec2_id;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::Region;

use super::{SIZES, set, tag_set};

/// All at once: this list has no pages.
pub fn vpns(context: &Context<'_>, region: &Region) -> Answer {
    context.ec2(|xml| {
        xml.list("vpnConnectionSet", "item", &region.network.vpns, |xml, one| {
            xml.leaf("vpnConnectionId", &one.id);
            xml.leaf("state", "available");
            xml.leaf("type", "ipsec.1");
            xml.node("options", |xml| {
                xml.list("tunnelOptionSet", "item", &one.tunnels, |xml, (address, logged)| {
                    xml.leaf("outsideIpAddress", address);
                    xml.node("logOptions", |xml| {
                        xml.node("cloudWatchLogOptions", |xml| xml.leaf("logEnabled", logged));
                    });
                });
            });
            tag_set(xml, &one.tags);
        });
    })
}

pub fn client_vpns(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.client_vpns, SIZES)?;
    Ok(set(context, "clientVpnEndpoint", page, |xml, one| {
        xml.leaf("clientVpnEndpointId", &one.id);
        xml.leaf("description", &one.description);
        xml.node("status", |xml| xml.leaf("code", "available"));
        xml.node("connectionLogOptions", |xml| xml.leaf("Enabled", one.logged));
        tag_set(xml, &one.tags);
    }))
}

pub fn transit_gateways(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.transit_gateways, SIZES)?;
    Ok(set(context, "transitGatewaySet", page, |xml, one| {
        let (partition, id) = (context.partition(), &one.id);
        let arn = format!("arn:{partition}:ec2:{}:{}:transit-gateway/{id}", region.name, one.owner);
        xml.leaf("transitGatewayId", id);
        xml.leaf("transitGatewayArn", arn);
        xml.leaf("ownerId", &one.owner);
        xml.leaf("state", "available");
        xml.node("options", |xml| {
            let accepts = if one.auto_accept { "enable" } else { "disable" };
            xml.leaf("autoAcceptSharedAttachments", accepts);
        });
        tag_set(xml, &one.tags);
    }))
}

pub fn block(context: &Context<'_>, region: &Region) -> Answer {
    let mode = region.network.block.mode.as_str();
    context.ec2(|xml| {
        xml.node("vpcBlockPublicAccessOptions", |xml| {
            xml.leaf("awsAccountId", &context.account.id);
            xml.leaf("awsRegion", &region.name);
            xml.leaf("state", "update-complete");
            xml.leaf("internetGatewayBlockMode", if mode.is_empty() { "off" } else { mode });
            xml.leaf("managedBy", "account");
        });
    })
}

pub fn exclusions(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.block.exclusions, SIZES)?;
    Ok(set(context, "vpcBlockPublicAccessExclusionSet", page, |xml, arn| {
        xml.leaf("exclusionId", ec2_id("vpcbpa-exclude", &[arn]));
        xml.leaf("internetGatewayExclusionMode", "allow-bidirectional");
        xml.leaf("resourceArn", arn);
        xml.leaf("state", "create-complete");
    }))
}
