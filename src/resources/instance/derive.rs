//! How the internet reaches an instance.

use std::net::IpAddr;

use super::ExposedPorts;
use crate::inventory::{Draft, Elements, Items, Reason, Slot, View};
use crate::resources::internet::{Family, is_public};
use crate::resources::kleene::{Answer, all, elements, optional, required};
use crate::resources::open_ports::traffic;

/// Ports that one filter opens.
struct Open {
    protocol: String,
    ports: (i64, i64),
    by: String,
}

/// The ports on which the internet reaches an instance directly.
pub(super) fn exposed_ports(instance: &View<'_>) -> Draft {
    let mut items = Vec::new();
    let mut missing = Vec::new();
    for family in Family::BOTH {
        match all([has_address(instance, family), has_route(instance, family)]) {
            Ok(false) => {}
            Ok(true) => {
                let (open, more) = through_filters(instance, family);
                items.extend(open);
                missing.extend(more);
            }
            // Without certainty of the way in nothing is exposed for certain, and nothing is not.
            Err(reason) => {
                let (open, more) = through_filters(instance, family);
                if !open.is_empty() || !more.is_empty() {
                    missing.push(reason);
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    Slot::Known(Items { items, missing }).into_draft::<Items<ExposedPorts>>()
}

fn has_address(instance: &View<'_>, family: Family) -> Answer<bool> {
    match family {
        Family::V4 => optional(instance.text("public_ip_address")).map(|address| address.is_some()),
        Family::V6 => elements(instance.texts("ipv6_addresses")).any(|address| {
            let parsed = address.parse::<IpAddr>();
            parsed
                .map(is_public)
                .map_err(|_| Reason::undecided(format!("`{address}` is no address")))
        }),
    }
}

fn has_route(instance: &View<'_>, family: Family) -> Answer<bool> {
    let Some(subnet) = optional(instance.part("subnet"))? else { return Ok(false) };
    required(subnet.bool(match family {
        Family::V4 => "routes_ipv4_to_internet",
        Family::V6 => "routes_ipv6_to_internet",
    }))
}

/// The ports that both the network ACL and a security group open.
fn through_filters(instance: &View<'_>, family: Family) -> (Vec<ExposedPorts>, Vec<Reason>) {
    let subnet = match optional(instance.part("subnet")) {
        Ok(Some(subnet)) => subnet,
        Ok(None) => return (Vec::new(), Vec::new()),
        Err(reason) => return (Vec::new(), vec![reason]),
    };
    let acl = required(subnet.part("network_acl"));
    let mut outer = match &acl {
        Ok(acl) => open_ports(acl, family),
        Err(reason) => Elements { known: Vec::new(), missing: vec![reason.clone()] },
    };
    let groups = elements(instance.parts("security_groups"));
    let mut missing = groups.missing;
    let mut exposed = Vec::new();
    for group in &groups.known {
        let inner = open_ports(group, family);
        for open in &inner.known {
            for gate in &outer.known {
                exposed.extend(meet(family, gate, open));
            }
        }
        missing.extend(inner.missing);
    }
    // What the network ACL closes for certain, no security group opens.
    if outer.known.is_empty() && outer.missing.is_empty() {
        return (Vec::new(), Vec::new());
    }
    if !exposed.is_empty() || !missing.is_empty() || any_open(&groups.known, family) {
        missing.append(&mut outer.missing);
    }
    (exposed, missing)
}

fn any_open(groups: &[View<'_>], family: Family) -> bool {
    groups.iter().any(|group| !open_ports(group, family).known.is_empty())
}

fn open_ports(filter: &View<'_>, family: Family) -> Elements<Open> {
    let list = elements(filter.parts("open_to_internet"));
    let mut found = Elements { known: Vec::new(), missing: list.missing };
    for open in &list.known {
        match read(filter, open, family) {
            Ok(open) => found.known.extend(open),
            Err(reason) => found.missing.push(reason),
        }
    }
    found
}

fn read(filter: &View<'_>, open: &View<'_>, family: Family) -> Answer<Option<Open>> {
    if required(open.text("family"))? != family.as_str() {
        return Ok(None);
    }
    let rules = required(open.text("rule_ids"))?;
    Ok(Some(Open {
        protocol: required(open.text("protocol"))?.into(),
        ports: (required(open.int("from_port"))?, required(open.int("to_port"))?),
        by: format!("{} ({rules})", required(filter.text("id"))?),
    }))
}

fn meet(family: Family, gate: &Open, open: &Open) -> Option<ExposedPorts> {
    let protocol = match (&*gate.protocol, &*open.protocol) {
        ("-1", other) | (other, "-1") => other,
        (one, other) if one == other => one,
        _ => return None,
    };
    let span = (gate.ports.0.max(open.ports.0), gate.ports.1.min(open.ports.1));
    if span.0 > span.1 {
        return None;
    }
    let group = open.by.split(' ').next().unwrap_or_default();
    let way = format!(
        "a public {} address, an internet gateway, network ACL {}, security group {}",
        family.as_str(),
        gate.by,
        open.by
    );
    Some(ExposedPorts {
        protocol: protocol.into(),
        from_port: span.0.into(),
        to_port: span.1.into(),
        family: family.as_str().into(),
        group_id: group.into(),
        traffic: Slot::Known(traffic(protocol, span)),
        way: Slot::Known(way),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Instance;
    use crate::resources::tests::{assert_blinding, derived};

    fn instance(address: Json, target: &str, acl_protocol: &str, source: &str) -> Json {
        let routes = json!([{"destination": "0.0.0.0/0", "target": target, "state": "active"}]);
        json!({
            "public_ip_address": address,
            "ipv6_addresses": [],
            "subnet": {
                "own_route_table": {"is_main": false, "routes": routes},
                "network_acl": {"id": "acl-1", "entries": [{
                    "rule_number": 100, "egress": false, "rule_action": "allow",
                    "protocol": acl_protocol, "from_port": null, "to_port": null,
                    "cidr": "0.0.0.0/0",
                }]},
            },
            "security_groups": [{"id": "sg-1", "ingress": [
                {"id": "sgr-1", "protocol": "tcp", "from_port": 22, "to_port": 22, "source": source},
            ]}],
        })
    }

    fn exposed(given: &Json) -> Vec<String> {
        assert_blinding::<Instance>(given, "exposed_ports");
        let list = derived::<Instance>(given, "exposed_ports");
        let words = |item: &Json| item["traffic"].as_str().map_or("?".into(), str::to_owned);
        list.as_array().unwrap().iter().map(words).collect()
    }

    #[test]
    fn every_link_of_the_way_must_hold() {
        let address = || json!("198.51.100.7");
        assert_eq!(exposed(&instance(address(), "igw-1", "-1", "0.0.0.0/0")), ["tcp port 22"]);
        assert!(exposed(&instance(json!(null), "igw-1", "-1", "0.0.0.0/0")).is_empty());
        assert!(exposed(&instance(address(), "nat-1", "-1", "0.0.0.0/0")).is_empty());
        assert!(exposed(&instance(address(), "igw-1", "udp", "0.0.0.0/0")).is_empty());
        assert!(exposed(&instance(address(), "igw-1", "-1", "10.0.0.0/8")).is_empty());
    }

    #[test]
    fn the_way_is_told() {
        let given = instance(json!("198.51.100.7"), "igw-1", "-1", "0.0.0.0/0");
        let list = derived::<Instance>(&given, "exposed_ports");
        assert_eq!(
            list[0]["way"],
            "a public ipv4 address, an internet gateway, network ACL acl-1 (100), \
             security group sg-1 (sgr-1)"
        );
        assert_eq!(list[0]["group_id"], "sg-1");
    }
}
