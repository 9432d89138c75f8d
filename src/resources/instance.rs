//! EC2 instances.

mod derive;

use super::account::Account;
use super::iam_role::Role;
use super::security_group::SecurityGroup;
use super::tag::Tag;
use super::vpc::{Subnet, Vpc};
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The instances of a region.
    DESCRIBE_INSTANCES: "ec2" "DescribeInstances" needs ["ec2:DescribeInstances"] absent [];
}

part! {
    /// Settings of an instance's metadata service.
    pub struct MetadataOptions("InstanceMetadataOptions") {
        /// Whether session tokens (IMDSv2) are required.
        #[one_of("optional", "required")]
        http_tokens: String,
        /// Whether the metadata service is reachable.
        #[one_of("enabled", "disabled")]
        http_endpoint: String,
        /// How many hops a reply may travel.
        http_put_response_hop_limit: i64,
    }
}

part! {
    /// Ports of an instance that the internet can reach.
    pub struct ExposedPorts("ExposedPorts", shown as traffic) {
        /// The protocol: a name, `-1` for all, or a number as text.
        protocol: String,
        /// The first port.
        from_port: i64,
        /// The last port.
        to_port: i64,
        /// The address family.
        #[one_of("ipv4", "ipv6")]
        family: String,
        /// The security group that opens them.
        group_id: String,
        /// The traffic in words, such as `tcp port 22`.
        traffic: String,
        /// The way in words: address, gateway, network ACL, security group and rules.
        way: String,
    }
}

resource! {
    /// An EC2 instance.
    pub struct Instance("AWS::EC2::Instance", instance, Region, id) from DESCRIBE_INSTANCES {
        /// The instance's id.
        id: String,
        /// The value of its tag `Name`; absent when it has none.
        name: Option<String>,
        /// The account that owns it.
        owner_id: String,
        /// Its state.
        #[one_of("pending", "running", "shutting-down", "terminated", "stopping", "stopped")]
        state: String,
        /// Its type, such as `t3.micro`.
        instance_type: String,
        /// The machine image it was started from.
        image_id: String,
        /// When it was last started.
        launch_time: Time,
        /// The VPC's id; absent for terminated instances.
        vpc_id: Option<String>,
        /// The subnet's id; absent for terminated instances.
        subnet_id: Option<String>,
        /// Its public IPv4 address; absent when it has none.
        public_ip_address: Option<String>,
        /// Its private IPv4 address; absent when it has none.
        private_ip_address: Option<String>,
        /// The IPv6 addresses of all its interfaces.
        ipv6_addresses: Items<String>,
        /// The ids of the security groups of all its interfaces.
        group_ids: Items<String>,
        /// The ARN of its instance profile; absent when it has none.
        iam_instance_profile_arn: Option<String>,
        /// The settings of its metadata service.
        metadata_options: MetadataOptions,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPC.
        vpc: maybe Vpc where "vpc_id" = "id" within Region;
        /// The subnet.
        subnet: maybe Subnet where "subnet_id" = "id" within Region;
        /// The security groups of all its interfaces.
        security_groups: many SecurityGroup where "group_ids" = "id" within Region;
        /// The role it runs with; absent when it has no instance profile or an empty one.
        role: maybe Role
            where "iam_instance_profile_arn" = "instance_profile_arns" within Account;
    }
    derived {
        /// The ports on which the internet can reach it: it has a public address, its subnet has a
        /// route to an internet gateway, and the network ACL of the subnet and a security group open
        /// the port. Ways over load balancers are not looked at.
        exposed_ports: Items<ExposedPorts>, from [
            "public_ip_address", "ipv6_addresses", "subnet.routes_ipv4_to_internet",
            "subnet.routes_ipv6_to_internet", "subnet.network_acl.id",
            "subnet.network_acl.open_to_internet", "security_groups.id",
            "security_groups.open_to_internet",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    record: RecordRef(Instance::record),
    field: "exposed_ports",
    compute: |instance, _| derive::exposed_ports(instance),
}];
