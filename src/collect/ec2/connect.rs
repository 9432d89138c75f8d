//! What connects VPCs with others: peering connections, VPNs and transit gateways.

use aws_sdk_ec2::types::{
    ClientVpnEndpoint as ListedEndpoint, TransitGateway as ListedGateway, TunnelOption,
    VpcPeeringConnection, VpcPeeringConnectionVpcInfo, VpnConnection as ListedVpn,
};

use super::super::convert::text;
use super::super::place::Cell;
use super::{tags, word};
use crate::inventory::{CidrText, Items, Slot};
use crate::resources::peering::{DESCRIBE_VPC_PEERING_CONNECTIONS, Peering, PeeringSide};
use crate::resources::transit_gateway::{DESCRIBE_TRANSIT_GATEWAYS, TransitGateway};
use crate::resources::vpn::{
    ClientVpnEndpoint, DESCRIBE_CLIENT_VPN_ENDPOINTS, DESCRIBE_VPN_CONNECTIONS, VpnConnection,
    VpnTunnel,
};
use crate::session::Walk;

/// The peering connections of the region, of either side.
pub(super) async fn peerings(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_VPC_PEERING_CONNECTIONS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_vpc_peering_connections().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, peering) in
            walk.named(page.vpc_peering_connections, |it| it.vpc_peering_connection_id.clone())
        {
            cell.add(&id, peering_facts(peering)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<Peering>(call, walk.end()).await;
}

fn peering_facts(peering: VpcPeeringConnection) -> Peering {
    let sides = [&peering.requester_vpc_info, &peering.accepter_vpc_info];
    let vpcs: Items<String> =
        sides.into_iter().filter_map(|side| side.as_ref()?.vpc_id.clone()).collect();
    Peering {
        id: peering.vpc_peering_connection_id.into(),
        status: word!(peering.status.and_then(|status| status.code)),
        requester: peering.requester_vpc_info.map(side).into(),
        accepter: peering.accepter_vpc_info.map(side).into(),
        vpc_ids: Slot::Known(vpcs),
        tags: tags(peering.tags),
    }
}

fn side(info: VpcPeeringConnectionVpcInfo) -> PeeringSide {
    let v4 = info.cidr_block_set.unwrap_or_default().into_iter().filter_map(|it| it.cidr_block);
    let v6 = info.ipv6_cidr_block_set.unwrap_or_default().into_iter();
    let mut blocks: Vec<String> = v4.chain(v6.filter_map(|it| it.ipv6_cidr_block)).collect();
    if let Some(first) = info.cidr_block.filter(|first| !blocks.contains(first)) {
        blocks.insert(0, first);
    }
    PeeringSide {
        account_id: info.owner_id.into(),
        vpc_id: info.vpc_id.into(),
        region: text(info.region),
        cidr_blocks: Slot::Known(blocks.into_iter().map(CidrText).collect()),
    }
}

/// The site-to-site VPN connections of the region; the API has no pages here.
pub(super) async fn vpn_connections(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_VPN_CONNECTIONS;
    let mut walk = Walk::default();
    while let Some(page) =
        walk.next(cell.caller(), call, |_| ec2.describe_vpn_connections().send()).await
    {
        for (id, vpn) in walk.named(page.vpn_connections, |it| it.vpn_connection_id.clone()) {
            cell.add(&id, vpn_facts(vpn)).await;
        }
    }
    cell.cover::<VpnConnection>(call, walk.end()).await;
}

fn vpn_facts(vpn: ListedVpn) -> VpnConnection {
    let tunnels = vpn.options.and_then(|options| options.tunnel_options);
    let tunnels = tunnels.map(|tunnels| tunnels.into_iter().map(tunnel).collect::<Items<_>>());
    VpnConnection {
        id: vpn.vpn_connection_id.into(),
        state: word!(vpn.state),
        tunnels: tunnels.into(),
        tags: tags(vpn.tags),
    }
}

fn tunnel(tunnel: TunnelOption) -> VpnTunnel {
    let log = tunnel.log_options.and_then(|options| options.cloud_watch_log_options);
    VpnTunnel {
        outside_ip_address: tunnel.outside_ip_address.into(),
        log_enabled: log.and_then(|log| log.log_enabled).into(),
    }
}

/// The client VPN endpoints of the region.
pub(super) async fn client_vpn_endpoints(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_CLIENT_VPN_ENDPOINTS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_client_vpn_endpoints().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, endpoint) in
            walk.named(page.client_vpn_endpoints, |it| it.client_vpn_endpoint_id.clone())
        {
            cell.add(&id, endpoint_facts(endpoint)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<ClientVpnEndpoint>(call, walk.end()).await;
}

fn endpoint_facts(endpoint: ListedEndpoint) -> ClientVpnEndpoint {
    let log = endpoint.connection_log_options;
    ClientVpnEndpoint {
        id: endpoint.client_vpn_endpoint_id.into(),
        description: text(endpoint.description),
        status: word!(endpoint.status.and_then(|status| status.code)),
        connection_log_enabled: log.and_then(|log| log.enabled).into(),
        tags: tags(endpoint.tags),
    }
}

/// The transit gateways that the region shows.
pub(super) async fn transit_gateways(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_TRANSIT_GATEWAYS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_transit_gateways().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, gateway) in walk.named(page.transit_gateways, |it| it.transit_gateway_id.clone()) {
            cell.add(&id, gateway_facts(gateway)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<TransitGateway>(call, walk.end()).await;
}

fn gateway_facts(gateway: ListedGateway) -> TransitGateway {
    let accepts = gateway.options.and_then(|options| options.auto_accept_shared_attachments);
    TransitGateway {
        id: gateway.transit_gateway_id.into(),
        arn: gateway.transit_gateway_arn.into(),
        owner_id: gateway.owner_id.into(),
        state: word!(gateway.state),
        auto_accept_shared_attachments: word!(accepts),
        tags: tags(gateway.tags),
    }
}
