//! Faults of load balancers.

use crate::synthetic::scenario::site::{Site, in_region};
use crate::synthetic::world::{
    AccessLog, Account, ClassicListener, DefaultAction, Listener, LoadBalancer, Region,
};

fn balancer<'r>(region: &'r mut Region, name: &str) -> Option<&'r mut LoadBalancer> {
    region.load_balancers.iter_mut().find(|one| one.name == name)
}

pub fn production(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    let vpc = site.id("vpc", &home, "main");
    let zones = vec![(format!("{home}a"), site.id("subnet", &home, "public"))];
    in_region(account, &home, |region| {
        // Forwards plain HTTP, faces the internet, accepts TLS 1.0.
        if let Some(api) = balancer(region, "api") {
            api.scheme = "internet-facing".to_owned();
            for listener in &mut api.listeners {
                if listener.protocol == "HTTP" {
                    listener.action = DefaultAction::Forward;
                } else {
                    listener.tls_policy = Some("ELBSecurityPolicy-2016-08".to_owned());
                }
            }
        }
        // Without a TLS listener there is nothing to log (a trap).
        region.load_balancers.push(LoadBalancer {
            name: "syslog".to_owned(),
            kind: "network".to_owned(),
            scheme: "internal".to_owned(),
            vpc: vpc.clone(),
            zones: zones.clone(),
            listeners: vec![Listener {
                protocol: "TCP".to_owned(),
                port: 514,
                ..Listener::default()
            }],
            created: site.days_ago(100),
            tags: site.tags("platform"),
            ..LoadBalancer::default()
        });
        // Appliances behind it; this kind has neither listeners for HTTP nor access logs.
        region.load_balancers.push(LoadBalancer {
            name: "inspection".to_owned(),
            kind: "gateway".to_owned(),
            vpc,
            zones,
            created: site.days_ago(100),
            ..LoadBalancer::default()
        });
    });
    // With a TLS listener and no logs.
    in_region(account, "us-east-1", |region| {
        if let Some(ingest) = balancer(region, "ingest") {
            ingest.access_log = None;
            ingest.deletion_protection = false;
        }
    });
}

pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    in_region(account, &home, |region| {
        if let Some(api) = balancer(region, "api") {
            // Logs go to a bucket that is not there.
            api.access_log =
                Some(AccessLog { bucket: "acme-old-elb-logs".to_owned(), prefix: String::new() });
            api.drop_invalid_headers = false;
            api.desync = "monitor".to_owned();
            // Answers plain HTTP with an error: as good as a redirect (a trap).
            for listener in &mut api.listeners {
                if listener.protocol == "HTTP" {
                    listener.action = DefaultAction::FixedResponse(403);
                }
            }
        }
        for classic in &mut region.classic_balancers {
            classic.scheme = "internet-facing".to_owned();
            classic.access_log = None;
            classic.desync = "monitor".to_owned();
            classic.listeners.push(ClassicListener {
                protocol: "HTTP".to_owned(),
                port: 80,
                instance_protocol: "HTTP".to_owned(),
                instance_port: 8080,
                ..ClassicListener::default()
            });
            for listener in &mut classic.listeners {
                if listener.policy.is_some() {
                    listener.policy = Some("ELBSecurityPolicy-2015-05".to_owned());
                }
            }
        }
    });
}
