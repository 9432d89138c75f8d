//! Security groups and their rules.

mod derive;

use super::account::Account;
use super::network_interface::NetworkInterface;
use super::open_ports::OpenPorts;
use super::prefix_list::PrefixList;
use super::tag::Tag;
use super::vpc::Vpc;
use crate::inventory::{CidrText, Derivation, Items, Record};
use crate::schema::RecordRef;
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
    derived {
        /// Whether the whole internet of one address family is in the source: `0.0.0.0/0`, `::/0`,
        /// or a prefix list whose ranges add up to it. Sources that are the internet only together
        /// are seen by the group's `open_to_internet`.
        reaches_internet: bool, from ["text", "prefix_list.entries.cidr"];
        /// The address range; absent when the source is a prefix list or a security group.
        cidr: Option<CidrText>, from ["text"];
        /// The security group; absent when the source is something else.
        group_id: Option<String>, from ["text"];
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
    derived {
        /// The traffic in words, such as `tcp port 22`, `udp ports 20-25`, `all traffic`.
        traffic: String, from ["protocol", "from_port", "to_port"];
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
    derived {
        /// Whether it is the default group of its VPC.
        is_default: bool, from ["name"];
        /// The ports that the inbound rules together open to the whole internet. Sources are united
        /// over rules, and prefix lists are expanded.
        open_to_internet: Items<OpenPorts>, from [
            "ingress.id", "ingress.protocol", "ingress.from_port", "ingress.to_port",
            "ingress.source.text", "ingress.source.prefix_list.entries.cidr",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(RuleSource::record),
        field: "reaches_internet",
        compute: |source, _| derive::reaches_internet(source),
    },
    Derivation {
        record: RecordRef(RuleSource::record),
        field: "cidr",
        compute: |source, _| derive::cidr(source),
    },
    Derivation {
        record: RecordRef(RuleSource::record),
        field: "group_id",
        compute: |source, _| derive::group_id(source),
    },
    Derivation {
        record: RecordRef(Rule::record),
        field: "traffic",
        compute: |rule, _| derive::rule_traffic(rule),
    },
    Derivation {
        record: RecordRef(SecurityGroup::record),
        field: "is_default",
        compute: |group, _| group.text("name").map(|name| name == "default").into_draft::<bool>(),
    },
    Derivation {
        record: RecordRef(SecurityGroup::record),
        field: "open_to_internet",
        compute: |group, _| derive::open_to_internet(group),
    },
];
