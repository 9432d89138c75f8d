//! Faults of what connects VPCs with others, of launch templates and snapshots.

use crate::synthetic::scenario::site::{Site, in_region};
use crate::synthetic::world::{Account, Instance, LaunchTemplate, Peering, TemplateVersion};

/// An account that nobody knows.
const STRANGER: &str = "999988887777";

pub fn production(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    in_region(account, &home, |region| {
        // The newest version is right, but the default one is what everybody gets (a trap).
        region.launch_templates.push(LaunchTemplate {
            id: site.id("lt", &home, "batch"),
            name: "batch".to_owned(),
            versions: vec![
                TemplateVersion { tokens_required: Some(false), public_ip: Some(true) },
                TemplateVersion { tokens_required: Some(true), public_ip: None },
            ],
            default_version: 1,
            created: site.days_ago(300),
            tags: site.tags("data"),
        });
        // One tunnel of two is logged.
        for vpn in &mut region.network.vpns {
            if let Some((_, logged)) = vpn.tunnels.last_mut() {
                *logged = false;
            }
        }
    });
}

/// The log group of the second region's flow logs keeps little, and anybody may delete it.
pub fn forgetful(account: &mut Account) {
    in_region(account, "us-east-1", |region| {
        for group in region.log_groups.iter_mut().filter(|one| one.name == "/vpc/flow-logs") {
            group.retention = Some(30);
            group.protected = false;
        }
    });
}

pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    in_region(account, &home, |region| {
        region.ebs.serial_console = true;
        region.network.block.mode = String::new();
        for endpoint in &mut region.network.client_vpns {
            endpoint.logged = false;
        }
        for gateway in &mut region.network.transit_gateways {
            gateway.auto_accept = true;
        }
        for snapshot in &mut region.snapshots {
            snapshot.shared_with.push(STRANGER.to_owned());
        }
        region.network.peerings.push(Peering {
            id: site.id("pcx", &home, "workshop"),
            requester: (STRANGER.to_owned(), "vpc-0aaaabbbbccccdddd".to_owned(), Vec::new()),
            accepter: (site.account.to_owned(), site.id("vpc", &home, "main"), Vec::new()),
            status: "active".to_owned(),
            ..Peering::default()
        });
    });
    // A machine of a kind that miners like, which nobody has explained.
    in_region(account, "us-east-1", |region| {
        let Some(like) = region.instances.first().cloned() else { return };
        region.instances.push(Instance {
            id: site.id("i", "us-east-1", "crunch"),
            kind: "p4d.24xlarge".to_owned(),
            launched: site.days_ago(1),
            private_ip: "10.0.0.99".to_owned(),
            interfaces: Vec::new(),
            volumes: Vec::new(),
            tags: Vec::new(),
            ..like
        });
    });
}
