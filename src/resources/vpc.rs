//! VPCs and their subnets.

mod derive;

use super::account::Account;
use super::flow_log::FlowLog;
use super::internet::Family;
use super::kleene::answer;
use super::network_acl::NetworkAcl;
use super::network_interface::NetworkInterface;
use super::route_table::RouteTable;
use super::security_group::SecurityGroup;
use super::tag::Tag;
use crate::inventory::{CidrText, Derivation, Items, Record};
use crate::resource;
use crate::schema::RecordRef;

calls! {
    /// The VPCs of a region.
    DESCRIBE_VPCS: "ec2" "DescribeVpcs" needs ["ec2:DescribeVpcs"] absent [];
    /// The subnets of a region.
    DESCRIBE_SUBNETS: "ec2" "DescribeSubnets" needs ["ec2:DescribeSubnets"] absent [];
}

resource! {
    /// A virtual private cloud.
    pub struct Vpc("AWS::EC2::VPC", vpc, Region, id) from DESCRIBE_VPCS {
        /// The VPC's id.
        id: String,
        /// The account that owns it.
        owner_id: String,
        /// Whether it is the region's default VPC.
        is_default: bool,
        /// Its IPv4 and IPv6 ranges that are associated.
        cidr_blocks: Items<CidrText>,
        /// Its state.
        #[one_of("pending", "available")]
        state: String,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// Its subnets.
        subnets: many Subnet where "id" = "vpc_id" within Region;
        /// Its security groups.
        security_groups: many SecurityGroup where "id" = "vpc_id" within Region;
        /// Its route tables.
        route_tables: many RouteTable where "id" = "vpc_id" within Region;
        /// Its network ACLs.
        network_acls: many NetworkAcl where "id" = "vpc_id" within Region;
        /// Its network interfaces.
        network_interfaces: many NetworkInterface where "id" = "vpc_id" within Region;
        /// The flow logs of the VPC itself; those of its subnets and interfaces are theirs.
        flow_logs: many FlowLog where "id" = "resource_id" within Region;
    }
}

resource! {
    /// A subnet of a VPC.
    pub struct Subnet("AWS::EC2::Subnet", subnet, Region, id) from DESCRIBE_SUBNETS {
        /// The subnet's id.
        id: String,
        /// The subnet's ARN.
        arn: String,
        /// The VPC's id.
        vpc_id: String,
        /// The account that owns it.
        owner_id: String,
        /// Its availability zone.
        availability_zone: String,
        /// Its IPv4 range; absent when it has IPv6 only.
        cidr_block: Option<CidrText>,
        /// Its IPv6 ranges that are associated.
        ipv6_cidr_blocks: Items<CidrText>,
        /// Whether new network interfaces get a public IPv4 address.
        map_public_ip_on_launch: bool,
        /// Whether new network interfaces get an IPv6 address.
        assign_ipv6_address_on_creation: bool,
        /// Whether it is the default subnet of its zone.
        default_for_az: bool,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPC.
        vpc: one Vpc where "vpc_id" = "id" within Region;
        /// The route table that is associated with the subnet itself; absent when the main route
        /// table of its VPC holds.
        own_route_table: maybe RouteTable where "id" = "subnet_ids" within Region;
        /// The network ACL.
        network_acl: one NetworkAcl where "id" = "subnet_ids" within Region;
        /// The network interfaces in it.
        network_interfaces: many NetworkInterface where "id" = "subnet_id" within Region;
        /// The flow logs of the subnet itself.
        flow_logs: many FlowLog where "id" = "resource_id" within Region;
    }
    derived {
        /// Whether its route table leads IPv4 traffic to an internet gateway. The table is its own,
        /// or else the main one of its own VPC.
        routes_ipv4_to_internet: bool, from [
            "own_route_table.routes.destination", "own_route_table.routes.target",
            "own_route_table.routes.state", "vpc.route_tables.is_main",
            "vpc.route_tables.routes.destination", "vpc.route_tables.routes.target",
            "vpc.route_tables.routes.state",
        ];
        /// Whether its route table leads IPv6 traffic to an internet gateway. An egress-only gateway
        /// lets nobody in.
        routes_ipv6_to_internet: bool, from [
            "own_route_table.routes.destination", "own_route_table.routes.target",
            "own_route_table.routes.state", "vpc.route_tables.is_main",
            "vpc.route_tables.routes.destination", "vpc.route_tables.routes.target",
            "vpc.route_tables.routes.state",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(Subnet::record),
        field: "routes_ipv4_to_internet",
        compute: |subnet, _| answer(derive::routes_to_internet(subnet, Family::V4)),
    },
    Derivation {
        record: RecordRef(Subnet::record),
        field: "routes_ipv6_to_internet",
        compute: |subnet, _| answer(derive::routes_to_internet(subnet, Family::V6)),
    },
];
