//! Site-to-site VPN connections and client VPN endpoints.

use super::account::Account;
use super::tag::Tag;
use crate::inventory::Items;
use crate::{part, resource};

calls! {
    /// The site-to-site VPN connections of a region.
    DESCRIBE_VPN_CONNECTIONS: "ec2" "DescribeVpnConnections"
        needs ["ec2:DescribeVpnConnections"] absent [];
    /// The client VPN endpoints of a region.
    DESCRIBE_CLIENT_VPN_ENDPOINTS: "ec2" "DescribeClientVpnEndpoints"
        needs ["ec2:DescribeClientVpnEndpoints"] absent [];
}

part! {
    /// A tunnel of a VPN connection.
    pub struct VpnTunnel("VpnTunnel", shown as outside_ip_address) {
        /// Its public address on the side of AWS.
        outside_ip_address: String,
        /// Whether its activity is logged to CloudWatch Logs.
        log_enabled: bool,
    }
}

resource! {
    /// A site-to-site VPN connection.
    pub struct VpnConnection("AWS::EC2::VPNConnection", vpn, Region, id)
        from DESCRIBE_VPN_CONNECTIONS
    {
        /// The connection's id.
        id: String,
        /// Its state.
        #[one_of("pending", "available", "deleting", "deleted")]
        state: String,
        /// Its tunnels, usually two.
        tunnels: Items<VpnTunnel>,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}

resource! {
    /// A client VPN endpoint, which people and machines dial in to.
    pub struct ClientVpnEndpoint("AWS::EC2::ClientVpnEndpoint", endpoint, Region, id)
        from DESCRIBE_CLIENT_VPN_ENDPOINTS
    {
        /// The endpoint's id.
        id: String,
        /// What somebody wrote about it; absent when nobody did.
        description: Option<String>,
        /// Its state, such as `available`, `pending-associate`.
        status: String,
        /// Whether connections are logged to CloudWatch Logs.
        connection_log_enabled: bool,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}
