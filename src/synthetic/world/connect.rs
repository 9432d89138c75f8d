//! VPNs, transit gateways, and what stops the traffic of internet gateways.

use super::Tag;

/// A site-to-site VPN connection.
#[derive(Debug, Clone, Default)]
pub struct VpnConnection {
    /// `vpn-…`.
    pub id: String,
    /// The public address of each tunnel, and whether it is logged.
    pub tunnels: Vec<(String, bool)>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A client VPN endpoint.
#[derive(Debug, Clone, Default)]
pub struct ClientVpn {
    /// `cvpn-endpoint-…`.
    pub id: String,
    /// The description.
    pub description: String,
    /// Whether connections are logged.
    pub logged: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A transit gateway.
#[derive(Debug, Clone, Default)]
pub struct TransitGateway {
    /// `tgw-…`.
    pub id: String,
    /// The account that owns it.
    pub owner: String,
    /// Whether attachments of other accounts are accepted without asking.
    pub auto_accept: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// VPC Block Public Access of a region.
#[derive(Debug, Clone, Default)]
pub struct VpcBlock {
    /// `block-bidirectional`, `block-ingress`, or empty for `off`.
    pub mode: String,
    /// The ARNs of what is left out.
    pub exclusions: Vec<String>,
}
