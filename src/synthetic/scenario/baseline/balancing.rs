//! Load balancers as they should be.

use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    AccessLog, ClassicBalancer, ClassicListener, DefaultAction, Listener, LoadBalancer, Region,
};

/// An application, a network and a classic load balancer, all internal.
pub fn fill(site: &Site<'_>, region: &mut Region) {
    let name = region.name.clone();
    let vpc = site.id("vpc", &name, "main");
    let subnet = site.id("subnet", &name, "private");
    let groups = vec![site.id("sg", &name, "web")];
    let certificate =
        Some(site.arn("acm", &name, "certificate/11111111-2222-3333-4444-555555555555"));
    let log = |prefix: &str| {
        Some(AccessLog { bucket: site.log_bucket(&name), prefix: prefix.to_owned() })
    };
    let listener = |protocol: &str, port: i32| Listener {
        protocol: protocol.to_owned(),
        port,
        tls_policy: Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned()),
        certificate: certificate.clone(),
        action: DefaultAction::Forward,
    };
    let redirect = Listener {
        tls_policy: None,
        certificate: None,
        action: DefaultAction::RedirectToHttps,
        ..listener("HTTP", 80)
    };
    let balancer = |balancer: &str, kind: &str| LoadBalancer {
        name: balancer.to_owned(),
        kind: kind.to_owned(),
        scheme: "internal".to_owned(),
        vpc: vpc.clone(),
        zones: vec![(format!("{name}a"), subnet.clone())],
        access_log: log(balancer),
        deletion_protection: true,
        drop_invalid_headers: true,
        created: site.days_ago(200),
        tags: site.tags("platform"),
        ..LoadBalancer::default()
    };
    region.load_balancers = vec![
        LoadBalancer {
            groups: groups.clone(),
            listeners: vec![redirect, listener("HTTPS", 443)],
            ..balancer("api", "application")
        },
        LoadBalancer { listeners: vec![listener("TLS", 443)], ..balancer("ingest", "network") },
    ];
    region.classic_balancers = vec![ClassicBalancer {
        name: "intranet".to_owned(),
        scheme: "internal".to_owned(),
        vpc: vpc.clone(),
        subnets: vec![subnet.clone()],
        groups,
        listeners: vec![ClassicListener {
            protocol: "HTTPS".to_owned(),
            port: 443,
            instance_protocol: "HTTPS".to_owned(),
            instance_port: 8443,
            certificate: certificate.clone(),
            policy: Some("ELBSecurityPolicy-TLS-1-2-2017-01".to_owned()),
        }],
        access_log: log("intranet"),
        desync: "defensive".to_owned(),
        created: site.days_ago(800),
        tags: site.tags("platform"),
    }];
}
