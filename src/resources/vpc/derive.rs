//! Where the route table of a subnet leads.

use ipnet::IpNet;

use crate::inventory::View;
use crate::resources::internet::Family;
use crate::resources::kleene::{Answer, all, elements, optional, required};

/// Whether the route table that holds for a subnet leads to an internet gateway.
pub(super) fn routes_to_internet(subnet: &View<'_>, family: Family) -> Answer<bool> {
    if let Some(own) = optional(subnet.part("own_route_table"))? {
        return leads_to_gateway(&own, family);
    }
    let vpc = required(subnet.part("vpc"))?;
    elements(vpc.parts("route_tables"))
        .any(|table| all([required(table.bool("is_main")), leads_to_gateway(table, family)]))
}

fn leads_to_gateway(table: &View<'_>, family: Family) -> Answer<bool> {
    elements(table.parts("routes")).any(|route| {
        let gateway = optional(route.text("target"))
            .map(|target| target.is_some_and(|target| target.starts_with("igw-")));
        let active = required(route.text("state")).map(|state| state == "active");
        // A prefix list may hold ranges of either family.
        let fits = required(route.text("destination")).map(|destination| {
            destination
                .parse::<IpNet>()
                .map_or_else(|_| destination.starts_with("pl-"), |net| Family::of(&net) == family)
        });
        all([gateway, active, fits])
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Subnet;
    use crate::resources::tests::{assert_blinding, derived};

    fn table(main: bool, destination: &str, target: &str, state: &str) -> Json {
        json!({"is_main": main, "routes": [
            {"destination": "10.0.0.0/16", "target": "local", "state": "active"},
            {"destination": destination, "target": target, "state": state},
        ]})
    }

    fn routes(given: &Json) -> [Json; 2] {
        ["routes_ipv4_to_internet", "routes_ipv6_to_internet"].map(|field| {
            assert_blinding::<Subnet>(given, field);
            derived::<Subnet>(given, field)
        })
    }

    #[test]
    fn a_gateway_counts_for_its_family() {
        let own =
            |destination| json!({"own_route_table": table(false, destination, "igw-1", "active")});
        assert_eq!(routes(&own("0.0.0.0/0")), [true, false]);
        assert_eq!(routes(&own("::/0")), [false, true]);
    }

    #[test]
    fn other_gateways_and_dead_routes_let_nobody_in() {
        for (target, state) in [("nat-1", "active"), ("eigw-1", "active"), ("igw-1", "blackhole")] {
            let given = json!({"own_route_table": table(false, "0.0.0.0/0", target, state)});
            assert_eq!(routes(&given), [false, false], "{target} {state}");
        }
    }

    #[test]
    fn the_main_table_holds_where_there_is_no_own_one() {
        let public = table(true, "0.0.0.0/0", "igw-1", "active");
        let other = table(false, "::/0", "igw-1", "active");
        let given = json!({"own_route_table": null, "vpc": {"route_tables": [public, other]}});
        assert_eq!(routes(&given), [true, false]);
        let own = table(false, "0.0.0.0/0", "nat-1", "active");
        let main = table(true, "0.0.0.0/0", "igw-1", "active");
        let given = json!({"own_route_table": own, "vpc": {"route_tables": [main]}});
        assert_eq!(routes(&given), [false, false]);
    }
}
