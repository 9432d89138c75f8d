//! Route tables.

use super::account::Account;
use super::prefix_list::PrefixList;
use super::tag::Tag;
use super::vpc::Vpc;
use crate::inventory::Items;
use crate::{part, resource};

calls! {
    /// The route tables of a region.
    DESCRIBE_ROUTE_TABLES: "ec2" "DescribeRouteTables"
        needs ["ec2:DescribeRouteTables"] absent [];
}

part! {
    /// A route.
    pub struct Route("Route", shown as destination) {
        /// Where the traffic wants to go: an IPv4 or IPv6 range, or a prefix list id.
        destination: String,
        /// Where it is sent: the id of a gateway, instance, interface, peering or endpoint, or
        /// `local`; absent for a route whose target is gone.
        target: Option<String>,
        /// Whether the target is there.
        #[one_of("active", "blackhole", "filtered")]
        state: String,
    }
    relations {
        /// The prefix list, when the destination is one.
        prefix_list: maybe PrefixList where "destination" = "id" within Region;
    }
}

resource! {
    /// A route table of a VPC.
    pub struct RouteTable("AWS::EC2::RouteTable", route_table, Region, id)
        from DESCRIBE_ROUTE_TABLES
    {
        /// The route table's id.
        id: String,
        /// The VPC's id.
        vpc_id: String,
        /// The account that owns it.
        owner_id: String,
        /// Whether it is the main one of its VPC, which holds for subnets without one of their own.
        is_main: bool,
        /// The ids of the subnets that are associated with it explicitly.
        subnet_ids: Items<String>,
        /// Its routes.
        routes: Items<Route>,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPC.
        vpc: one Vpc where "vpc_id" = "id" within Region;
    }
}
