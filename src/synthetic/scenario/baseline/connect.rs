//! What connects a VPC with others, and the templates that machines are made of.

use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    ClientVpn, LaunchTemplate, Peering, Region, Route, RouteTarget, TemplateVersion,
    TransitGateway, VpnConnection,
};

use super::network::base;

/// A peering of the two busy regions, a VPN to the office, one for people, a transit gateway, a
/// launch template, and the subnet that may talk to the internet.
pub fn fill(site: &Site<'_>, region: &mut Region) {
    let name = region.name.clone();
    region.network.block.exclusions =
        vec![site.arn("ec2", &name, &format!("subnet/{}", site.id("subnet", &name, "public")))];
    region.network.vpns = vec![VpnConnection {
        id: site.id("vpn", &name, "office"),
        tunnels: vec![("198.51.100.11".to_owned(), true), ("198.51.100.12".to_owned(), true)],
        tags: site.named("office", "network"),
    }];
    region.network.client_vpns = vec![ClientVpn {
        id: site.id("cvpn-endpoint", &name, "people"),
        description: "people at home".to_owned(),
        logged: true,
        tags: site.named("people", "network"),
    }];
    region.network.transit_gateways = vec![TransitGateway {
        id: site.id("tgw", &name, "core"),
        owner: site.account.to_owned(),
        auto_accept: false,
        tags: site.named("core", "network"),
    }];
    region.launch_templates = vec![LaunchTemplate {
        id: site.id("lt", &name, "app"),
        name: "app".to_owned(),
        versions: vec![TemplateVersion { tokens_required: Some(true), public_ip: Some(false) }],
        default_version: 1,
        created: site.days_ago(60),
        tags: site.tags("platform"),
    }];
    peer(site, region);
}

/// One route of each side leads to the private subnet of the other, and to no more.
fn peer(site: &Site<'_>, region: &mut Region) {
    let [first, second, ..] = site.regions else { return };
    let other = if region.name == **first { second } else { first };
    let side = |region: &str| {
        let range = format!("{}.0.0/16", base(site, region));
        (site.account.to_owned(), site.id("vpc", region, "main"), vec![range])
    };
    let id = site.id("pcx", first, "regions");
    region.network.peerings.push(Peering {
        id: id.clone(),
        requester: side(first),
        accepter: side(second),
        requester_region: (*first).to_owned(),
        accepter_region: (*second).to_owned(),
        status: "active".to_owned(),
        tags: site.named("regions", "network"),
    });
    if let Some(private) = region.network.route_tables.last_mut() {
        private.routes.push(Route {
            destination: format!("{}.10.0/24", base(site, other)),
            target: RouteTarget::Peering(id),
            blackhole: false,
        });
    }
}
