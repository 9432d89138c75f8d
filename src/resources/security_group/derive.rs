//! What the rules of a security group mean.

use ipnet::IpNet;

use crate::inventory::{CidrText, Draft, Elements, Items, Reason, Slot, View};
use crate::resources::internet::{Family, reaches};
use crate::resources::kleene::{Answer, elements, optional, required};
use crate::resources::open_ports::{OpenPorts, Opening, open_ports, port_span, traffic};

/// Whether a source is the whole internet of one family by itself.
pub(super) fn reaches_internet(source: &View<'_>) -> Draft {
    let (ranges, missing) = match ranges(source) {
        Ok(found) => (found.known, found.missing),
        Err(reason) => (Vec::new(), vec![reason]),
    };
    let reaches = Family::BOTH.into_iter().any(|family| reaches(family, &ranges));
    let answer = match missing.into_iter().next() {
        Some(reason) if !reaches => Err(reason),
        _ => Ok(reaches),
    };
    Slot::from(answer).into_draft::<bool>()
}

/// The address range of a source.
pub(super) fn cidr(source: &View<'_>) -> Draft {
    let range = required(source.text("text")).map(|text| {
        let named = text.starts_with("pl-") || is_group(text);
        (!named).then(|| CidrText(text.to_owned()))
    });
    Slot::from(range).into_draft::<Option<CidrText>>()
}

/// The security group of a source, without the account before it.
pub(super) fn group_id(source: &View<'_>) -> Draft {
    let group = required(source.text("text")).map(|text| {
        let id = text.rsplit('/').next().filter(|_| is_group(text));
        id.map(str::to_owned)
    });
    Slot::from(group).into_draft::<Option<String>>()
}

/// The traffic of a rule in words.
pub(super) fn rule_traffic(rule: &View<'_>) -> Draft {
    let words = protocol_and_ports(rule).map(|(protocol, span)| traffic(&protocol, span));
    Slot::from(words).into_draft::<String>()
}

/// The ports that the inbound rules open together. A rule that is not known in full may open
/// anything, so it leaves the list open.
pub(super) fn open_to_internet(group: &View<'_>) -> Draft {
    let rules = elements(group.parts("ingress"));
    let mut missing = rules.missing;
    let mut openings = Vec::new();
    for rule in &rules.known {
        match opening(rule) {
            Ok((opening, more)) => {
                openings.push(opening);
                missing.extend(more);
            }
            Err(reason) => missing.push(reason),
        }
    }
    let items = open_ports(&openings);
    missing.sort();
    missing.dedup();
    Slot::Known(Items { items, missing }).into_draft::<Items<OpenPorts>>()
}

/// A rule, and why its source may hold more than is known.
fn opening(rule: &View<'_>) -> Answer<(Opening, Vec<Reason>)> {
    let (protocol, ports) = protocol_and_ports(rule)?;
    let source = required(rule.part("source"))?;
    let found = ranges(&source)?;
    let opening = Opening {
        id: required(rule.text("id"))?.into(),
        protocol,
        ports,
        source: required(source.text("text"))?.into(),
        ranges: found.known,
    };
    Ok((opening, found.missing))
}

fn protocol_and_ports(rule: &View<'_>) -> Answer<(String, (i64, i64))> {
    let protocol = required(rule.text("protocol"))?.to_ascii_lowercase();
    let span = if matches!(&*protocol, "tcp" | "udp") {
        port_span(&protocol, optional(rule.int("from_port"))?, optional(rule.int("to_port"))?)
    } else {
        port_span(&protocol, None, None)
    };
    Ok((protocol, span))
}

/// The address ranges of a source: its own, those of its prefix list, none for another group.
fn ranges(source: &View<'_>) -> Answer<Elements<IpNet>> {
    let text = required(source.text("text"))?;
    if text.starts_with("pl-") {
        let list = optional(source.part("prefix_list"))?
            .ok_or_else(|| Reason::undecided(format!("prefix list {text} was not found")))?;
        return Ok(entries(&list));
    }
    if is_group(text) {
        return Ok(Elements { known: Vec::new(), missing: Vec::new() });
    }
    let range = text
        .parse()
        .map_err(|_| Reason::undecided(format!("`{text}` is no source that is known")))?;
    Ok(Elements { known: vec![range], missing: Vec::new() })
}

fn is_group(text: &str) -> bool {
    text.rsplit('/').next().is_some_and(|id| id.starts_with("sg-"))
}

fn entries(list: &View<'_>) -> Elements<IpNet> {
    let entries = elements(list.parts("entries"));
    let mut found = Elements { known: Vec::new(), missing: entries.missing };
    for entry in entries.known {
        let range = required(entry.text("cidr")).and_then(|text| {
            text.parse().map_err(|_| Reason::undecided(format!("`{text}` is no address range")))
        });
        match range {
            Ok(range) => found.known.push(range),
            Err(reason) => found.missing.push(reason),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::{RuleSource, SecurityGroup};
    use crate::resources::tests::{assert_blinding, derived};

    fn rule(id: &str, source: &Json) -> Json {
        json!({"id": id, "protocol": "tcp", "from_port": 22, "to_port": 22, "source": source})
    }

    fn traffic(rules: Json) -> Json {
        let open = derived::<SecurityGroup>(&json!({"ingress": rules}), "open_to_internet");
        let words = |item: &Json| match item.get("traffic") {
            Some(traffic) => traffic.clone(),
            None => json!("?"),
        };
        open.as_array().map(|items| items.iter().map(words).collect()).unwrap()
    }

    #[test]
    fn only_sources_that_are_the_internet_open_a_port() {
        assert_eq!(traffic(json!([rule("a", &json!("0.0.0.0/0"))])), json!(["tcp port 22"]));
        assert_eq!(traffic(json!([rule("a", &json!("10.0.0.0/8"))])), json!([]));
        assert_eq!(traffic(json!([rule("a", &json!("sg-1"))])), json!([]));
        assert_eq!(traffic(json!([rule("a", &json!("444455556666/sg-1"))])), json!([]));
    }

    #[test]
    fn halves_in_two_rules_open_a_port() {
        let halves = json!([rule("a", &json!("0.0.0.0/1")), rule("b", &json!("128.0.0.0/1"))]);
        assert_eq!(traffic(halves), json!(["tcp port 22"]));
    }

    #[test]
    fn prefix_lists_are_expanded_and_unreadable_ones_stay_open() {
        let list = |entries: Json| {
            json!([rule("a", &json!({"text": "pl-1", "prefix_list": {"entries": entries}}))])
        };
        assert_eq!(traffic(list(json!(["0.0.0.0/1", "128.0.0.0/1"]))), json!(["tcp port 22"]));
        assert_eq!(traffic(list(json!(["10.0.0.0/8"]))), json!([]));
        assert_eq!(traffic(list(json!({"$unknown": "denied"}))), json!(["?"]));
        assert_eq!(traffic(json!([rule("a", &json!("pl-1"))])), json!(["?"]));
        let unknown = json!({"text": "pl-1", "prefix_list": null});
        assert_eq!(traffic(json!([rule("a", &unknown)])), json!(["?"]));
    }

    #[test]
    fn a_source_is_a_range_or_a_group_or_neither() {
        let source = |text: &str, field: &str| derived::<RuleSource>(&json!({"text": text}), field);
        assert_eq!(source("10.0.0.0/8", "cidr"), "10.0.0.0/8");
        assert_eq!(source("sg-1", "cidr"), Json::Null);
        assert_eq!(source("pl-1", "cidr"), Json::Null);
        assert!(source("everyone", "cidr").get("$unknown").is_some());
        assert_eq!(source("444455556666/sg-1", "group_id"), "sg-1");
        assert_eq!(source("10.0.0.0/8", "group_id"), Json::Null);
    }

    #[test]
    fn a_source_that_makes_no_sense_is_not_harmless() {
        assert_eq!(traffic(json!([rule("a", &json!("everyone"))])), json!(["?"]));
    }

    #[test]
    fn hiding_a_rule_never_closes_a_port_for_certain() {
        let halves = json!([rule("a", &json!("0.0.0.0/1")), rule("b", &json!("128.0.0.0/1"))]);
        let given = json!({"name": "default", "ingress": halves});
        assert_blinding::<SecurityGroup>(&given, "open_to_internet");
        assert_blinding::<SecurityGroup>(&given, "is_default");
    }

    #[test]
    fn the_default_group_is_known_by_its_name() {
        assert_eq!(derived::<SecurityGroup>(&json!({"name": "default"}), "is_default"), true);
        assert_eq!(derived::<SecurityGroup>(&json!({"name": "Default"}), "is_default"), false);
    }
}
