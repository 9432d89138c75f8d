//! Elastic network interfaces.

use super::account::Account;
use super::flow_log::FlowLog;
use super::security_group::SecurityGroup;
use super::vpc::{Subnet, Vpc};
use crate::inventory::Items;
use crate::resource;

calls! {
    /// The network interfaces of a region.
    DESCRIBE_NETWORK_INTERFACES: "ec2" "DescribeNetworkInterfaces"
        needs ["ec2:DescribeNetworkInterfaces"] absent [];
}

resource! {
    /// A network interface: of an instance, or of a service that lives in the VPC.
    pub struct NetworkInterface("AWS::EC2::NetworkInterface", interface, Region, id)
        from DESCRIBE_NETWORK_INTERFACES
    {
        /// The interface's id.
        id: String,
        /// The VPC's id.
        vpc_id: String,
        /// The subnet's id.
        subnet_id: String,
        /// The account that owns it.
        owner_id: String,
        /// What it is for, such as `interface`, `nat_gateway`, `network_load_balancer`, `lambda`.
        interface_type: String,
        /// Whether it is in use.
        #[one_of("associated", "attaching", "available", "detaching", "in-use")]
        status: String,
        /// What was written about it, often by the service that made it.
        description: String,
        /// Whether a service manages it.
        requester_managed: bool,
        /// Its first private IPv4 address; absent when it has IPv6 only.
        private_ip_address: Option<String>,
        /// Its public IPv4 address; absent when it has none.
        public_ip: Option<String>,
        /// Its IPv6 addresses.
        ipv6_addresses: Items<String>,
        /// The ids of its security groups.
        group_ids: Items<String>,
        /// The instance it is attached to; absent when it is attached to none.
        instance_id: Option<String>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPC.
        vpc: one Vpc where "vpc_id" = "id" within Region;
        /// The subnet.
        subnet: one Subnet where "subnet_id" = "id" within Region;
        /// Its security groups.
        security_groups: many SecurityGroup where "group_ids" = "id" within Region;
        /// The flow logs of the interface itself.
        flow_logs: many FlowLog where "id" = "resource_id" within Region;
    }
}
