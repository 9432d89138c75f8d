//! EC2 and VPC: one list a sweep, a region at a time, always by pages. A list without page size
//! draws on a budget half as large.

mod connect;
mod filters;
mod groups;
mod instances;
mod networks;
mod region;
mod storage;
mod templates;

use aws_sdk_ec2::types::Tag as Ec2Tag;

use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot};
use crate::resources::flow_log::{self, FlowLog};
use crate::resources::image::{self, Image};
use crate::resources::instance::{self, Instance};
use crate::resources::launch_template::{self, LaunchTemplate};
use crate::resources::network_acl::{self, NetworkAcl};
use crate::resources::network_interface::{self, NetworkInterface};
use crate::resources::peering::{self, Peering};
use crate::resources::prefix_list::{self, PrefixList};
use crate::resources::region as region_facts;
use crate::resources::route_table::{self, RouteTable};
use crate::resources::security_group::{self, SecurityGroup};
use crate::resources::snapshot::{self, Snapshot};
use crate::resources::tag::Tag;
use crate::resources::transit_gateway::{self, TransitGateway};
use crate::resources::volume::{self, Volume};
use crate::resources::vpc::{self, Subnet, Vpc};
use crate::resources::vpn::{self, ClientVpnEndpoint, VpnConnection};

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[
    sweep!(
        "ec2-security-groups",
        Region,
        [SecurityGroup],
        [security_group::DESCRIBE_SECURITY_GROUPS, security_group::DESCRIBE_SECURITY_GROUP_RULES],
        groups::security_groups
    ),
    sweep!(
        "ec2-prefix-lists",
        Region,
        [PrefixList],
        [prefix_list::DESCRIBE_MANAGED_PREFIX_LISTS, prefix_list::GET_MANAGED_PREFIX_LIST_ENTRIES],
        groups::prefix_lists
    ),
    sweep!(
        "ec2-network-interfaces",
        Region,
        [NetworkInterface],
        [network_interface::DESCRIBE_NETWORK_INTERFACES],
        instances::network_interfaces
    ),
    sweep!(
        "ec2-instances",
        Region,
        [Instance],
        [instance::DESCRIBE_INSTANCES],
        instances::instances
    ),
    sweep!("ec2-images", Region, [Image], [image::DESCRIBE_IMAGES], instances::images),
    sweep!("ec2-volumes", Region, [Volume], [volume::DESCRIBE_VOLUMES], storage::volumes),
    sweep!(
        "ec2-snapshots",
        Region,
        [Snapshot],
        [snapshot::DESCRIBE_SNAPSHOTS, snapshot::DESCRIBE_SNAPSHOT_ATTRIBUTE],
        storage::snapshots
    ),
    sweep!(
        "ec2-launch-templates",
        Region,
        [LaunchTemplate],
        [
            launch_template::DESCRIBE_LAUNCH_TEMPLATES,
            launch_template::DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
        ],
        templates::launch_templates
    ),
    sweep!(
        "ec2-peering-connections",
        Region,
        [Peering],
        [peering::DESCRIBE_VPC_PEERING_CONNECTIONS],
        connect::peerings
    ),
    sweep!(
        "ec2-vpn-connections",
        Region,
        [VpnConnection],
        [vpn::DESCRIBE_VPN_CONNECTIONS],
        connect::vpn_connections
    ),
    sweep!(
        "ec2-client-vpn-endpoints",
        Region,
        [ClientVpnEndpoint],
        [vpn::DESCRIBE_CLIENT_VPN_ENDPOINTS],
        connect::client_vpn_endpoints
    ),
    sweep!(
        "ec2-transit-gateways",
        Region,
        [TransitGateway],
        [transit_gateway::DESCRIBE_TRANSIT_GATEWAYS],
        connect::transit_gateways
    ),
    sweep!("ec2-vpcs", Region, [Vpc], [vpc::DESCRIBE_VPCS], networks::vpcs),
    sweep!("ec2-subnets", Region, [Subnet], [vpc::DESCRIBE_SUBNETS], networks::subnets),
    sweep!(
        "ec2-route-tables",
        Region,
        [RouteTable],
        [route_table::DESCRIBE_ROUTE_TABLES],
        filters::route_tables
    ),
    sweep!(
        "ec2-network-acls",
        Region,
        [NetworkAcl],
        [network_acl::DESCRIBE_NETWORK_ACLS],
        filters::network_acls
    ),
    sweep!("ec2-flow-logs", Region, [FlowLog], [flow_log::DESCRIBE_FLOW_LOGS], networks::flow_logs),
    sweep!(
        "ec2-region",
        Region,
        [],
        [
            region_facts::GET_EBS_ENCRYPTION_BY_DEFAULT,
            region_facts::GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
            region_facts::GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
            region_facts::GET_INSTANCE_METADATA_DEFAULTS,
            region_facts::DESCRIBE_PUBLIC_SNAPSHOTS,
            region_facts::GET_SERIAL_CONSOLE_ACCESS_STATUS,
            region_facts::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
            region_facts::DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
        ],
        region::facts
    ),
];

/// Tags as EC2 gives them.
fn tags(tags: Option<Vec<Ec2Tag>>) -> Slot<Items<Tag>> {
    let tags = tags.unwrap_or_default().into_iter();
    let tag =
        |tag: Ec2Tag| Tag { key: tag.key.into(), value: tag.value.unwrap_or_default().into() };
    Slot::Known(tags.map(tag).collect())
}

/// A word of one of the SDK's enumerations.
macro_rules! word {
    ($value:expr) => {
        $value.map(|value| value.as_str().to_owned()).into()
    };
}
use word;
