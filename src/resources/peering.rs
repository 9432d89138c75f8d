//! VPC peering connections, as the accounts of both sides see them.

mod derive;

use super::account::Account;
use super::route_table::RouteTable;
use super::tag::Tag;
use crate::inventory::{CidrText, Derivation, Items, Record};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The VPC peering connections of a region.
    DESCRIBE_VPC_PEERING_CONNECTIONS: "ec2" "DescribeVpcPeeringConnections"
        needs ["ec2:DescribeVpcPeeringConnections"] absent [];
}

part! {
    /// A side of a peering connection.
    pub struct PeeringSide("PeeringSide", shown as account_id) {
        /// The account.
        account_id: String,
        /// The VPC.
        vpc_id: String,
        /// The region; absent where AWS does not say.
        region: Option<String>,
        /// The IPv4 and IPv6 ranges of the VPC; empty until the connection is accepted.
        cidr_blocks: Items<CidrText>,
    }
    derived {
        /// Whether that account is part of the scan.
        in_scan: bool, from ["account_id"];
    }
}

part! {
    /// A route over a peering connection that reaches a whole range of the other side.
    pub struct WideRoute("WideRoute", shown as destination) {
        /// The route table.
        route_table_id: String,
        /// Where the route leads: a range, or a prefix list id.
        destination: String,
    }
}

resource! {
    /// A VPC peering connection. Each of its two accounts sees it.
    pub struct Peering("AWS::EC2::VPCPeeringConnection", peering, Region, id)
        from DESCRIBE_VPC_PEERING_CONNECTIONS
    {
        /// The connection's id.
        id: String,
        /// Its state.
        #[one_of(
            "initiating-request", "pending-acceptance", "active", "deleted", "rejected", "failed",
            "expired", "provisioning", "deleting"
        )]
        status: String,
        /// The side that asked for it.
        requester: PeeringSide,
        /// The side that accepted it, or may.
        accepter: PeeringSide,
        /// The VPCs of both sides, by which route tables are found.
        vpc_ids: Items<String>,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account that sees it.
        account: one Account within Account;
        /// The route tables of its VPCs in the region. Those of another account or region are found
        /// from there, where the connection is seen as well.
        route_tables: many RouteTable where "vpc_ids" = "vpc_id" within Region;
    }
    derived {
        /// The routes over the connection that lead to the internet as a whole or hold a whole range
        /// of the other side's VPC. Prefix lists are expanded.
        wide_routes: Items<WideRoute>, from [
            "id", "requester.vpc_id", "requester.cidr_blocks", "accepter.vpc_id",
            "accepter.cidr_blocks", "route_tables.id", "route_tables.vpc_id",
            "route_tables.routes.destination", "route_tables.routes.target",
            "route_tables.routes.prefix_list.entries.cidr",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(PeeringSide::record),
        field: "in_scan",
        compute: derive::in_scan,
    },
    Derivation {
        record: RecordRef(Peering::record),
        field: "wide_routes",
        compute: |peering, _| derive::wide_routes(peering),
    },
];
