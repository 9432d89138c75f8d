//! Security groups and their rules.

use super::account::Account;
use super::network_interface::NetworkInterface;
use super::prefix_list::PrefixList;
use super::tag::Tag;
use super::vpc::Vpc;
use crate::inventory::Items;
use crate::{part, resource};

calls! {
    /// The security groups of a region.
    DESCRIBE_SECURITY_GROUPS: "ec2" "DescribeSecurityGroups"
        needs ["ec2:DescribeSecurityGroups"] absent [];
    /// The rules of all security groups of a region, one source a rule, with their ids.
    DESCRIBE_SECURITY_GROUP_RULES: "ec2" "DescribeSecurityGroupRules"
        needs ["ec2:DescribeSecurityGroupRules"] absent [];
}

part! {
    /// Where the traffic of a rule comes from or goes to.
    pub struct RuleSource("RuleSource", shown as text) {
        /// An IPv4 or IPv6 range, a prefix list id (`pl-…`), or a security group id (`sg-…`, after
        /// the account id and a slash when the group is of another account).
        text: String,
    }
    relations {
        /// The prefix list, when the source is one.
        prefix_list: maybe PrefixList where "text" = "id" within Region;
    }
}

part! {
    /// A rule of a security group. It has exactly one source.
    pub struct Rule("SecurityGroupRule") {
        /// The rule's id, `sgr-…`.
        id: String,
        /// The protocol: a name, `-1` for all, or a protocol number as text.
        #[one_of("tcp", "udp", "icmp", "icmpv6", "-1")]
        protocol: String,
        /// The first port, or for ICMP the type; absent or -1 means all.
        from_port: Option<i64>,
        /// The last port, or for ICMP the code; absent or -1 means all.
        to_port: Option<i64>,
        /// Where inbound traffic comes from, or outbound traffic goes to.
        source: RuleSource,
        /// What somebody wrote about the rule; absent when nobody did.
        description: Option<String>,
    }
}

resource! {
    /// A security group: a stateful packet filter in front of network interfaces.
    pub struct SecurityGroup("AWS::EC2::SecurityGroup", group, Region, id)
        from DESCRIBE_SECURITY_GROUPS
    {
        /// The group's id.
        id: String,
        /// The group's ARN.
        arn: String,
        /// The group's name, unique in its VPC. Each VPC has one that is called `default` and
        /// cannot be deleted.
        name: String,
        /// What somebody wrote about it.
        description: String,
        /// The VPC's id; absent for the groups of the time before VPCs.
        vpc_id: Option<String>,
        /// The account that owns it.
        owner_id: String,
        /// The group's tags.
        tags: Items<Tag>,
        /// The inbound rules.
        ingress: Items<Rule> => DESCRIBE_SECURITY_GROUP_RULES,
        /// The outbound rules.
        egress: Items<Rule> => DESCRIBE_SECURITY_GROUP_RULES,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPC.
        vpc: maybe Vpc where "vpc_id" = "id" within Region;
        /// The network interfaces that the group protects.
        network_interfaces: many NetworkInterface where "id" = "group_ids" within Region;
    }
}
