//! Network ACLs: the stateless packet filters of subnets.

mod derive;

use super::account::Account;
use super::open_ports::OpenPorts;
use super::tag::Tag;
use super::vpc::{Subnet, Vpc};
use crate::inventory::{CidrText, Derivation, Items, Record};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The network ACLs of a region.
    DESCRIBE_NETWORK_ACLS: "ec2" "DescribeNetworkAcls"
        needs ["ec2:DescribeNetworkAcls"] absent [];
}

part! {
    /// A numbered rule of a network ACL. The lowest number that matches decides.
    pub struct AclEntry("NetworkAclEntry", shown as rule_number) {
        /// The rule's number; 32767 is the closing rule that denies the rest.
        rule_number: i64,
        /// Whether the rule is for outbound traffic.
        egress: bool,
        /// What happens to the traffic.
        #[one_of("allow", "deny")]
        rule_action: String,
        /// The protocol: `tcp` (6), `udp` (17), `icmp` (1) and `icmpv6` (58) by name, `-1` for all,
        /// any other as its number.
        #[one_of("tcp", "udp", "icmp", "icmpv6", "-1")]
        protocol: String,
        /// The first port; absent where the rule covers all ports.
        from_port: Option<i64>,
        /// The last port; absent where the rule covers all ports.
        to_port: Option<i64>,
        /// The range on the other side, IPv4 or IPv6.
        cidr: CidrText,
    }
}

resource! {
    /// A network ACL.
    pub struct NetworkAcl("AWS::EC2::NetworkAcl", acl, Region, id) from DESCRIBE_NETWORK_ACLS {
        /// The ACL's id.
        id: String,
        /// The VPC's id.
        vpc_id: String,
        /// The account that owns it.
        owner_id: String,
        /// Whether it is the default one of its VPC.
        is_default: bool,
        /// The ids of the subnets it guards.
        subnet_ids: Items<String>,
        /// Its rules for both directions.
        entries: Items<AclEntry>,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPC.
        vpc: one Vpc where "vpc_id" = "id" within Region;
        /// The subnets it guards.
        subnets: many Subnet where "subnet_ids" = "id" within Region;
    }
    derived {
        /// The ports that the inbound rules open to the internet when they are read in order: the
        /// sources of allowing rules together are the whole internet, and no earlier denial takes
        /// all of it away.
        open_to_internet: Items<OpenPorts>, from [
            "entries.rule_number", "entries.egress", "entries.rule_action", "entries.protocol",
            "entries.from_port", "entries.to_port", "entries.cidr",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    record: RecordRef(NetworkAcl::record),
    field: "open_to_internet",
    compute: |acl, _| derive::open_to_internet(acl),
}];
