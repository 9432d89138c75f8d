//! Where routes over a peering connection lead.

use ipnet::IpNet;

use super::WideRoute;
use crate::inventory::{Draft, Elements, Inventory, Items, Reason, Slot, View};
use crate::resources::kleene::{Answer, elements, optional, required};

/// Whether the account of a side is part of the scan.
pub(super) fn in_scan(side: &View<'_>, inventory: &Inventory) -> Draft {
    let known = |id: &str| inventory.account(id).is_some();
    Slot::from(required(side.text("account_id")).map(known)).into_draft::<bool>()
}

/// The routes over a connection that hold a whole range of the other side, or everything.
pub(super) fn wide_routes(peering: &View<'_>) -> Draft {
    let tables = elements(peering.parts("route_tables"));
    let mut found = Items { items: Vec::new(), missing: tables.missing };
    let id = required(peering.text("id"));
    for table in &tables.known {
        let other = ranges_opposite(peering, table);
        let routes = elements(table.parts("routes"));
        found.missing.extend(routes.missing);
        for route in &routes.known {
            let wide = id.clone().and_then(|id| is_wide(route, id, &other));
            match wide.and_then(|wide| wide.then(|| described(table, route)).transpose()) {
                Ok(wide) => found.items.extend(wide),
                Err(reason) => found.missing.push(reason),
            }
        }
    }
    found.missing.sort();
    found.missing.dedup();
    Slot::Known(found).into_draft::<Items<WideRoute>>()
}

fn described(table: &View<'_>, route: &View<'_>) -> Answer<WideRoute> {
    Ok(WideRoute {
        route_table_id: required(table.text("id"))?.into(),
        destination: required(route.text("destination"))?.into(),
    })
}

/// Whether a route goes over the connection and holds one of these ranges.
fn is_wide(route: &View<'_>, peering: &str, other: &Elements<IpNet>) -> Answer<bool> {
    if optional(route.text("target"))? != Some(peering) {
        return Ok(false);
    }
    destinations(route)?.any(|destination| {
        if destination.prefix_len() == 0 {
            return Ok(true);
        }
        other.any(|range| Ok(destination.contains(range)))
    })
}

/// The ranges of the side that a route table does not belong to.
fn ranges_opposite(peering: &View<'_>, table: &View<'_>) -> Elements<IpNet> {
    let nothing = |reason| Elements { known: Vec::new(), missing: vec![reason] };
    let sides = ["requester", "accepter"].map(|side| required(peering.part(side)));
    let (requester, accepter) = match sides {
        [Ok(requester), Ok(accepter)] => (requester, accepter),
        [Err(reason), _] | [_, Err(reason)] => return nothing(reason),
    };
    let (own, first, second) = match (
        required(table.text("vpc_id")),
        required(requester.text("vpc_id")),
        required(accepter.text("vpc_id")),
    ) {
        (Ok(own), Ok(first), Ok(second)) => (own, first, second),
        (Err(reason), _, _) | (_, Err(reason), _) | (_, _, Err(reason)) => return nothing(reason),
    };
    if own == first {
        parsed(&accepter, "cidr_blocks")
    } else if own == second {
        parsed(&requester, "cidr_blocks")
    } else {
        Elements { known: Vec::new(), missing: Vec::new() }
    }
}

fn parsed(side: &View<'_>, field: &str) -> Elements<IpNet> {
    let texts = elements(side.texts(field));
    let mut found = Elements { known: Vec::new(), missing: texts.missing };
    for text in texts.known {
        match range(text) {
            Ok(range) => found.known.push(range),
            Err(reason) => found.missing.push(reason),
        }
    }
    found
}

fn range(text: &str) -> Answer<IpNet> {
    text.parse().map_err(|_| Reason::undecided(format!("`{text}` is no address range")))
}

/// The ranges that a route is for.
fn destinations(route: &View<'_>) -> Answer<Elements<IpNet>> {
    let text = required(route.text("destination"))?;
    if !text.starts_with("pl-") {
        return Ok(Elements { known: vec![range(text)?], missing: Vec::new() });
    }
    let list = optional(route.part("prefix_list"))?
        .ok_or_else(|| Reason::undecided(format!("prefix list {text} was not found")))?;
    let entries = elements(list.parts("entries"));
    let mut found = Elements { known: Vec::new(), missing: entries.missing };
    for entry in entries.known {
        match required(entry.text("cidr")).and_then(range) {
            Ok(range) => found.known.push(range),
            Err(reason) => found.missing.push(reason),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Peering;
    use crate::resources::tests::{assert_blinding, derived};

    fn peering(vpc: &str, destination: &str, target: &str, prefix_list: Json) -> Json {
        json!({
            "id": "pcx-1",
            "requester": {"vpc_id": "vpc-1", "cidr_blocks": ["10.1.0.0/16"]},
            "accepter": {"vpc_id": "vpc-2", "cidr_blocks": ["10.2.0.0/16", "2001:db8::/56"]},
            "route_tables": [{"id": "rtb-1", "vpc_id": vpc, "routes": [{
                "destination": destination, "target": target, "prefix_list": prefix_list,
            }]}],
        })
    }

    fn wide(given: &Json) -> usize {
        assert_blinding::<Peering>(given, "wide_routes");
        derived::<Peering>(given, "wide_routes").as_array().unwrap().len()
    }

    #[test]
    fn a_route_is_wide_when_it_holds_a_range_of_the_accepting_side_too() {
        let to = |vpc, destination| wide(&peering(vpc, destination, "pcx-1", json!(null)));
        assert_eq!(to("vpc-1", "10.2.0.0/16"), 1);
        assert_eq!(to("vpc-1", "10.0.0.0/8"), 1);
        assert_eq!(to("vpc-1", "2001:db8::/48"), 1);
        assert_eq!(to("vpc-1", "0.0.0.0/0"), 1);
        assert_eq!(to("vpc-1", "10.2.7.0/28"), 0);
        assert_eq!(to("vpc-2", "10.1.0.0/16"), 1);
        assert_eq!(to("vpc-2", "10.2.0.0/16"), 0, "the own range is no range of the other side");
    }

    #[test]
    fn other_ways_do_not_matter_and_prefix_lists_are_expanded() {
        assert_eq!(wide(&peering("vpc-1", "10.2.0.0/16", "pcx-2", json!(null))), 0);
        let list = |range: &str| json!({"id": "pl-1", "entries": [{"cidr": range}]});
        assert_eq!(wide(&peering("vpc-1", "pl-1", "pcx-1", list("10.2.0.0/16"))), 1);
        assert_eq!(wide(&peering("vpc-1", "pl-1", "pcx-1", list("10.2.3.0/24"))), 0);
    }
}
