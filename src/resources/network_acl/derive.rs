//! A network ACL read in the order of its rules.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::inventory::{Draft, Items, Reason, Slot, View};
use crate::resources::internet::{Addresses, Family, reaches};
use crate::resources::kleene::{Answer, elements, optional, required};
use crate::resources::open_ports::{MAX_PORT, OpenPorts, port_span, traffic};

struct Entry {
    number: i64,
    allows: bool,
    protocol: String,
    ports: (i64, i64),
    range: IpNet,
}

/// The ports that the inbound rules open. Order matters, so a rule that is not known leaves all of
/// it unknown.
pub(super) fn open_to_internet(acl: &View<'_>) -> Draft {
    let open = inbound(acl).map(|entries| Items::from(open_ports(&entries)));
    Slot::from(open).into_draft::<Items<OpenPorts>>()
}

fn inbound(acl: &View<'_>) -> Answer<Vec<Entry>> {
    let list = elements(acl.parts("entries"));
    if let Some(reason) = list.missing.into_iter().next() {
        return Err(reason);
    }
    let mut entries = Vec::new();
    for entry in &list.known {
        if !required(entry.bool("egress"))? {
            entries.push(read(entry)?);
        }
    }
    entries.sort_by_key(|entry| entry.number);
    Ok(entries)
}

fn read(entry: &View<'_>) -> Answer<Entry> {
    let protocol = required(entry.text("protocol"))?.to_ascii_lowercase();
    let cidr = required(entry.text("cidr"))?;
    let ports =
        port_span(&protocol, optional(entry.int("from_port"))?, optional(entry.int("to_port"))?);
    Ok(Entry {
        number: required(entry.int("rule_number"))?,
        allows: required(entry.text("rule_action"))? == "allow",
        protocol,
        ports,
        range: cidr
            .parse()
            .map_err(|_| Reason::undecided(format!("`{cidr}` is no address range")))?,
    })
}

fn open_ports(entries: &[Entry]) -> Vec<OpenPorts> {
    let mut open = Vec::new();
    for family in Family::BOTH {
        let everything: Vec<&Entry> =
            entries.iter().filter(|entry| entry.protocol == "-1" || !entry.allows).collect();
        let all = everything.iter().any(|entry| entry.protocol == "-1" && entry.allows);
        let whole = blame(family, &everything).filter(|_| all && undenied(entries));
        if let Some(rules) = whole {
            open.push(describe(family, "-1", (0, MAX_PORT), &rules));
            continue;
        }
        let protocols: BTreeSet<&str> = entries
            .iter()
            .filter(|entry| entry.allows)
            .flat_map(|entry| match &*entry.protocol {
                "-1" => vec!["tcp", "udp"],
                protocol => vec![protocol],
            })
            .collect();
        for protocol in protocols {
            open.extend(open_of(family, protocol, entries));
        }
    }
    open
}

/// Whether nothing but all traffic at once is denied, so that all protocols fare alike.
fn undenied(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| entry.allows || entry.protocol == "-1")
}

fn open_of(family: Family, protocol: &str, entries: &[Entry]) -> Vec<OpenPorts> {
    let relevant: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.protocol == protocol || entry.protocol == "-1")
        .collect();
    let starts: BTreeSet<i64> =
        relevant.iter().flat_map(|entry| [entry.ports.0, entry.ports.1 + 1]).collect();
    let starts: Vec<i64> = starts.into_iter().collect();
    let mut runs: Vec<((i64, i64), BTreeSet<i64>)> = Vec::new();
    for pair in starts.windows(2) {
        let [from, next] = pair else { continue };
        let to = next - 1;
        let covering: Vec<&Entry> = relevant
            .iter()
            .filter(|entry| entry.ports.0 <= *from && to <= entry.ports.1)
            .copied()
            .collect();
        let Some(rules) = blame(family, &covering) else { continue };
        match runs.last_mut() {
            Some((span, known)) if span.1 + 1 == *from => {
                span.1 = to;
                known.extend(rules);
            }
            _ => runs.push(((*from, to), rules)),
        }
    }
    runs.iter().map(|(span, rules)| describe(family, protocol, *span, rules)).collect()
}

/// The allowing rules to blame: their sources together are the internet, and some of it is not
/// denied before.
fn blame(family: Family, entries: &[&Entry]) -> Option<BTreeSet<i64>> {
    let allowing = || entries.iter().filter(|entry| entry.allows);
    if !reaches(family, allowing().map(|entry| &entry.range)) {
        return None;
    }
    let mut undecided = family.internet();
    let mut rules = BTreeSet::new();
    for entry in entries {
        let range = Addresses::of(family, [&entry.range]);
        if entry.allows && !undecided.and(&range).is_empty() {
            rules.insert(entry.number);
        }
        undecided = undecided.minus(&range);
    }
    (!rules.is_empty()).then_some(rules)
}

fn describe(family: Family, protocol: &str, span: (i64, i64), rules: &BTreeSet<i64>) -> OpenPorts {
    let numbers: Vec<String> = rules.iter().map(ToString::to_string).collect();
    OpenPorts {
        protocol: protocol.into(),
        from_port: span.0.into(),
        to_port: span.1.into(),
        family: family.as_str().into(),
        source: "the internet".into(),
        rule_ids: Slot::Known(numbers.join(" ")),
        rules: Slot::Known(Items::from(numbers)),
        traffic: Slot::Known(traffic(protocol, span)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::NetworkAcl;
    use crate::resources::tests::{assert_blinding, derived};

    fn rule(
        number: i64,
        action: &str,
        protocol: &str,
        ports: Option<(i64, i64)>,
        cidr: &str,
    ) -> Json {
        json!({
            "rule_number": number, "egress": false, "rule_action": action, "protocol": protocol,
            "from_port": ports.map(|ports| ports.0), "to_port": ports.map(|ports| ports.1),
            "cidr": cidr,
        })
    }

    fn open(rules: &[Json]) -> Vec<String> {
        let given = json!({"entries": rules});
        assert_blinding::<NetworkAcl>(&given, "open_to_internet");
        let list = derived::<NetworkAcl>(&given, "open_to_internet");
        let words = |item: &Json| {
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            format!("{} {} by {}", text("family"), text("traffic"), text("rule_ids"))
        };
        list.as_array().unwrap().iter().map(words).collect()
    }

    const ALL: Option<(i64, i64)> = None;

    #[test]
    fn the_rule_with_the_lower_number_wins() {
        let allow = rule(100, "allow", "-1", ALL, "0.0.0.0/0");
        let ssh = |number| rule(number, "deny", "tcp", Some((22, 22)), "0.0.0.0/0");
        assert_eq!(
            open(&[allow.clone(), ssh(90)]),
            [
                "ipv4 tcp ports 0-21 by 100",
                "ipv4 tcp ports 23-65535 by 100",
                "ipv4 all udp ports by 100"
            ]
        );
        assert_eq!(
            open(&[allow, ssh(110)]),
            ["ipv4 all tcp ports by 100", "ipv4 all udp ports by 100"]
        );
    }

    #[test]
    fn all_traffic_is_one_entry() {
        let closing = rule(32_767, "deny", "-1", ALL, "0.0.0.0/0");
        let allow = rule(100, "allow", "-1", ALL, "0.0.0.0/0");
        assert_eq!(open(&[closing, allow]), ["ipv4 all traffic by 100"]);
    }

    #[test]
    fn all_tcp_ports_without_protocol_all_are_seen() {
        let allow = rule(100, "allow", "tcp", Some((0, 65_535)), "::/0");
        assert_eq!(open(&[allow]), ["ipv6 all tcp ports by 100"]);
    }

    #[test]
    fn a_denial_of_a_few_does_not_close_and_of_all_does() {
        let allow = rule(100, "allow", "tcp", Some((22, 22)), "0.0.0.0/0");
        let few = rule(50, "deny", "tcp", Some((22, 22)), "8.8.8.0/24");
        assert_eq!(open(&[allow.clone(), few]), ["ipv4 tcp port 22 by 100"]);
        let low = rule(50, "deny", "-1", ALL, "0.0.0.0/1");
        let high = rule(60, "deny", "-1", ALL, "128.0.0.0/1");
        assert!(open(&[allow, low, high]).is_empty());
    }

    #[test]
    fn private_sources_and_outbound_rules_do_not_count() {
        let mut outbound = rule(100, "allow", "-1", ALL, "0.0.0.0/0");
        outbound["egress"] = json!(true);
        let private = rule(100, "allow", "-1", ALL, "10.0.0.0/8");
        assert!(open(&[outbound, private]).is_empty());
    }
}
