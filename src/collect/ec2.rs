//! EC2 and VPC: one list a sweep, a region at a time, always by pages. A list without page size
//! draws on a budget half as large.

mod filters;
mod groups;
mod instances;
mod networks;
mod region;

use aws_sdk_ec2::types::Tag as Ec2Tag;

use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot};
use crate::resources::flow_log::{self, FlowLog};
use crate::resources::image::{self, Image};
use crate::resources::instance::{self, Instance};
use crate::resources::network_acl::{self, NetworkAcl};
use crate::resources::network_interface::{self, NetworkInterface};
use crate::resources::prefix_list::{self, PrefixList};
use crate::resources::region as region_facts;
use crate::resources::route_table::{self, RouteTable};
use crate::resources::security_group::{self, SecurityGroup};
use crate::resources::tag::Tag;
use crate::resources::vpc::{self, Subnet, Vpc};

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
