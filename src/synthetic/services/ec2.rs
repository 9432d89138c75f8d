//! EC2: regions, and the way to networks, security groups and machines.

use crate::synthetic::context::{Context, Page, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{OptIn, Region, Tag};
use crate::synthetic::xml::Xml;

mod compute;
mod connect;
mod groups;
mod network;
mod offers;
mod templates;
mod tunnels;

/// How EC2 pages: everything at once unless asked otherwise.
const SIZES: Sizes =
    Sizes { field: "MaxResults", default: usize::MAX, most: 1000, token: "NextToken" };

/// Some lists come in hundreds at most.
const HUNDREDS: Sizes = Sizes { field: "MaxResults", default: 100, most: 100, token: "NextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    if context.request.params.has_prefix("Filter.") {
        // Answering without the filter would be a wrong answer.
        let message = "The synthetic organization does not filter";
        return Err(Refusal::invalid(context.request.service, message));
    }
    let region = context.region()?;
    match context.request.operation.as_str() {
        "DescribeRegions" => Ok(regions(context)),
        "DescribeSecurityGroups" => groups::groups(context, &region),
        "DescribeSecurityGroupRules" => groups::rules(context, &region),
        "DescribeManagedPrefixLists" => groups::prefix_lists(context, &region),
        "GetManagedPrefixListEntries" => groups::prefix_list_entries(context, &region),
        "DescribeVpcs" => network::vpcs(context, &region),
        "DescribeSubnets" => network::subnets(context, &region),
        "DescribeRouteTables" => network::route_tables(context, &region),
        "DescribeNetworkAcls" => network::acls(context, &region),
        "DescribeFlowLogs" => network::flow_logs(context, &region),
        "DescribeNetworkInterfaces" => connect::interfaces(context, &region),
        "DescribeInternetGateways" => connect::internet_gateways(context, &region),
        "DescribeVpcPeeringConnections" => connect::peerings(context, &region),
        "DescribeVpcEndpoints" => connect::endpoints(context, &region),
        "DescribeVpcEndpointServiceConfigurations" => offers::services(context, &region),
        "DescribeVpcEndpointServicePermissions" => offers::permissions(context, &region),
        "DescribeInstances" => compute::instances(context, &region),
        "DescribeVolumes" => compute::volumes(context, &region),
        "DescribeSnapshots" => compute::snapshots(context, &region),
        "DescribeSnapshotAttribute" => compute::snapshot_attribute(context, &region),
        "DescribeLaunchTemplates" => templates::templates(context, &region),
        "DescribeLaunchTemplateVersions" => templates::versions(context, &region),
        "DescribeVpnConnections" => Ok(tunnels::vpns(context, &region)),
        "DescribeClientVpnEndpoints" => tunnels::client_vpns(context, &region),
        "DescribeTransitGateways" => tunnels::transit_gateways(context, &region),
        "DescribeVpcBlockPublicAccessOptions" => Ok(tunnels::block(context, &region)),
        "DescribeVpcBlockPublicAccessExclusions" => tunnels::exclusions(context, &region),
        "DescribeImages" => compute::images(context, &region),
        "GetEbsEncryptionByDefault" => Ok(compute::encryption_by_default(context, &region)),
        "GetSnapshotBlockPublicAccessState" => Ok(compute::snapshot_block(context, &region)),
        "GetImageBlockPublicAccessState" => Ok(compute::image_block(context, &region)),
        "GetSerialConsoleAccessStatus" => Ok(compute::serial_console(context, &region)),
        "GetInstanceMetadataDefaults" => Ok(compute::metadata_defaults(context, &region)),
        _ => Err(context.unknown_operation()),
    }
}

/// One page as EC2 writes it: a set of items, and the token where there is more.
fn set<T>(
    context: &Context<'_>,
    name: &str,
    page: Page<'_, T>,
    mut item: impl FnMut(&mut Xml, &T),
) -> Answer {
    context.ec2(|xml| {
        xml.list(name, "item", page.items, |xml, one| item(xml, one));
        xml.maybe("nextToken", page.next);
    })
}

/// Tags in EC2's form.
fn tag_set(xml: &mut Xml, tags: &[Tag]) {
    xml.list("tagSet", "item", tags, |xml, (key, value)| {
        xml.leaf("key", key);
        xml.leaf("value", value);
    });
}

/// Without `AllRegions` only the enabled ones come.
fn regions(context: &Context<'_>) -> Answer {
    let all = context.get("AllRegions") == Some("true");
    let named = context.request.params.list("RegionName");
    let wanted = |region: &&std::sync::Arc<Region>| {
        (all || region.opt_in != OptIn::NotOptedIn)
            && (named.is_empty() || named.contains(&region.name.as_str()))
    };
    let domain = context.organization.domain();
    context.ec2(|xml| {
        let found = context.account.regions.iter().filter(wanted);
        xml.list("regionInfo", "item", found, |xml, region| {
            xml.leaf("regionName", &region.name);
            xml.leaf("regionEndpoint", format!("ec2.{}.{domain}", region.name));
            let status = match region.opt_in {
                OptIn::NotRequired => "opt-in-not-required",
                OptIn::OptedIn => "opted-in",
                OptIn::NotOptedIn => "not-opted-in",
            };
            xml.leaf("optInStatus", status);
        });
    })
}
