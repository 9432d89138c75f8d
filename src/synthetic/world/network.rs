//! VPCs and what belongs to them.

use jiff::Timestamp;

use super::Tag;
use super::connect::{ClientVpn, TransitGateway, VpcBlock, VpnConnection};

/// The network of one region.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// VPCs.
    pub vpcs: Vec<Vpc>,
    /// Subnets.
    pub subnets: Vec<Subnet>,
    /// Route tables.
    pub route_tables: Vec<RouteTable>,
    /// Network ACLs.
    pub acls: Vec<NetworkAcl>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Network interfaces.
    pub interfaces: Vec<NetworkInterface>,
    /// Flow logs.
    pub flow_logs: Vec<FlowLog>,
    /// Managed prefix lists of customers; those of AWS are not listed here.
    pub prefix_lists: Vec<PrefixList>,
    /// Internet gateways.
    pub internet_gateways: Vec<InternetGateway>,
    /// Peering connections.
    pub peerings: Vec<Peering>,
    /// VPC endpoints.
    pub endpoints: Vec<VpcEndpoint>,
    /// Site-to-site VPN connections.
    pub vpns: Vec<VpnConnection>,
    /// Client VPN endpoints.
    pub client_vpns: Vec<ClientVpn>,
    /// Transit gateways.
    pub transit_gateways: Vec<TransitGateway>,
    /// VPC Block Public Access.
    pub block: VpcBlock,
}

/// A VPC.
#[derive(Debug, Clone, Default)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// The primary IPv4 range.
    pub cidr: String,
    /// Further IPv4 ranges.
    pub more_cidrs: Vec<String>,
    /// The IPv6 range.
    pub ipv6: Option<String>,
    /// Whether it is the default VPC.
    pub is_default: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A subnet.
#[derive(Debug, Clone, Default)]
pub struct Subnet {
    /// `subnet-…`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Its IPv4 range.
    pub cidr: String,
    /// Its IPv6 range.
    pub ipv6: Option<String>,
    /// Its zone, `eu-west-1a`.
    pub zone: String,
    /// Whether instances get a public IPv4 address.
    pub public_ip_on_launch: bool,
    /// Whether interfaces get an IPv6 address.
    pub ipv6_on_creation: bool,
    /// Whether it is the default subnet of its zone.
    pub default_for_zone: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A route table.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    /// `rtb-…`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Whether it is the main table of the VPC.
    pub main: bool,
    /// The subnets that name it.
    pub subnets: Vec<String>,
    /// Its routes; the local route of the VPC is among them.
    pub routes: Vec<Route>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    /// An IPv4 or IPv6 range, or a prefix list.
    pub destination: String,
    /// Where it leads.
    pub target: RouteTarget,
    /// Whether the target is gone.
    pub blackhole: bool,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteTarget {
    /// `local`, an internet gateway, a virtual private gateway or a gateway endpoint.
    Gateway(String),
    /// A NAT gateway.
    Nat(String),
    /// A peering connection.
    Peering(String),
    /// A transit gateway.
    Transit(String),
    /// A network interface.
    Interface(String),
}

/// A network ACL.
#[derive(Debug, Clone, Default)]
pub struct NetworkAcl {
    /// `acl-…`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Whether it is the default of the VPC.
    pub is_default: bool,
    /// The subnets that use it.
    pub subnets: Vec<String>,
    /// Its entries, in any order; the final deny (rule 32767) is among them.
    pub entries: Vec<AclEntry>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, Default)]
pub struct AclEntry {
    /// The order.
    pub number: i32,
    /// Outbound, or else inbound.
    pub egress: bool,
    /// Allow, or else deny.
    pub allow: bool,
    /// The protocol, as a number; -1 for all.
    pub protocol: i32,
    /// First and last port.
    pub ports: Option<(u16, u16)>,
    /// IPv4 or IPv6 range.
    pub cidr: String,
}

/// A security group.
#[derive(Debug, Clone, Default)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub id: String,
    /// The name; `default` for the one of the VPC.
    pub name: String,
    /// The description.
    pub description: String,
    /// Its VPC.
    pub vpc: String,
    /// Its rules, one for each peer.
    pub rules: Vec<SecurityRule>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// One rule of a security group.
#[derive(Debug, Clone)]
pub struct SecurityRule {
    /// Outbound, or else inbound.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    /// First and last port, or ICMP type and code; `None` for all protocols.
    pub ports: Option<(i32, i32)>,
    /// Who is on the other side.
    pub peer: Peer,
    /// The description.
    pub description: Option<String>,
}

/// The other side of a security group rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// An IPv4 range.
    Ipv4(String),
    /// An IPv6 range.
    Ipv6(String),
    /// A prefix list.
    PrefixList(String),
    /// A security group, and the account that it belongs to.
    Group {
        /// `sg-…`.
        id: String,
        /// The owner.
        account: String,
    },
}

/// A network interface.
#[derive(Debug, Clone, Default)]
pub struct NetworkInterface {
    /// `eni-…`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Its subnet.
    pub subnet: String,
    /// The description.
    pub description: String,
    /// `interface`, `nat_gateway`, `lambda`, ….
    pub kind: String,
    /// Its private IPv4 address.
    pub private_ip: String,
    /// Its public IPv4 address.
    pub public_ip: Option<String>,
    /// Its IPv6 addresses.
    pub ipv6: Vec<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// The instance that it is attached to.
    pub instance: Option<String>,
    /// Who made it, where it was AWS.
    pub requester: Option<String>,
}

/// A flow log.
#[derive(Debug, Clone, Default)]
pub struct FlowLog {
    /// `fl-…`.
    pub id: String,
    /// The VPC, subnet or interface.
    pub resource: String,
    /// `ALL`, `ACCEPT` or `REJECT`.
    pub traffic: String,
    /// The name of the log group, or the ARN of the bucket.
    pub destination: String,
    /// `cloud-watch-logs` or `s3`.
    pub destination_type: String,
    /// `SUCCESS` or `FAILED`.
    pub delivery: String,
    /// Why delivery fails.
    pub delivery_error: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A managed prefix list.
#[derive(Debug, Clone, Default)]
pub struct PrefixList {
    /// `pl-…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// `IPv4` or `IPv6`.
    pub family: String,
    /// Range and description of each entry.
    pub entries: Vec<(String, String)>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An internet gateway.
#[derive(Debug, Clone, Default)]
pub struct InternetGateway {
    /// `igw-…`.
    pub id: String,
    /// The VPC that it is attached to.
    pub vpc: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A peering connection; it is listed in the accounts of both sides.
#[derive(Debug, Clone, Default)]
pub struct Peering {
    /// `pcx-…`.
    pub id: String,
    /// Account, VPC and ranges of the requester.
    pub requester: (String, String, Vec<String>),
    /// Account, VPC and ranges of the accepter.
    pub accepter: (String, String, Vec<String>),
    /// The region of the accepter; empty for the same region.
    pub accepter_region: String,
    /// The region of the requester; empty for the same region.
    pub requester_region: String,
    /// `active`, `pending-acceptance`, ….
    pub status: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A VPC endpoint.
#[derive(Debug, Clone, Default)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// `com.amazonaws.eu-west-1.s3`.
    pub service: String,
    /// `Gateway` or `Interface`.
    pub kind: String,
    /// The endpoint policy, as JSON.
    pub policy: String,
    /// The route tables of a gateway endpoint.
    pub route_tables: Vec<String>,
    /// The subnets of an interface endpoint.
    pub subnets: Vec<String>,
    /// The security groups of an interface endpoint.
    pub groups: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}
