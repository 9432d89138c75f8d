//! Ports that a packet filter opens to the internet, whatever the rules are cut into.
//!
//! Rules are looked at together: for each port, protocol and address family the sources of all rules
//! that cover it are united, so that `0.0.0.0/1` with `128.0.0.0/1` counts like `0.0.0.0/0`.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::internet::{Family, reaches};
use crate::inventory::{Items, Slot};
use crate::part;

/// The highest port.
pub const MAX_PORT: i64 = 65_535;

part! {
    /// Ports of a protocol and an address family that everybody on the internet can reach.
    pub struct OpenPorts("OpenPorts", shown as traffic) {
        /// The protocol: a name, `-1` for all, or a number as text.
        protocol: String,
        /// The first port, 0 where the protocol has none.
        from_port: i64,
        /// The last port, 65535 where the protocol has none.
        to_port: i64,
        /// The address family.
        #[one_of("ipv4", "ipv6")]
        family: String,
        /// The sources that together are the internet, such as `0.0.0.0/1 and 128.0.0.0/1`.
        source: String,
        /// The ids of the rules that open them.
        rules: Items<String>,
        /// The same ids in one text, for messages and commands.
        rule_ids: String,
        /// The traffic in words, such as `tcp port 22`.
        traffic: String,
    }
}

/// A rule that allows something, as far as it matters here.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The rule's id.
    pub id: String,
    /// The protocol, lower case; `-1` for all.
    pub protocol: String,
    /// The first and the last port.
    pub ports: (i64, i64),
    /// The source as written.
    pub source: String,
    /// The ranges of the source.
    pub ranges: Vec<IpNet>,
}

/// The ports of a rule: absent and -1 mean all, and so does a range that cannot be.
pub fn port_span(protocol: &str, from: Option<i64>, to: Option<i64>) -> (i64, i64) {
    let has_ports = matches!(protocol, "tcp" | "udp");
    match (from, to.or(from)) {
        (Some(from), Some(to)) if has_ports && 0 <= from && from <= to && to <= MAX_PORT => {
            (from, to)
        }
        _ => (0, MAX_PORT),
    }
}

/// Traffic in words: `all traffic`, `tcp port 22`, `udp ports 20-25`, `all tcp ports`, `icmp`,
/// `protocol 50`.
pub fn traffic(protocol: &str, (from, to): (i64, i64)) -> String {
    match protocol {
        "-1" => "all traffic".into(),
        "tcp" | "udp" if from <= 1 && to >= MAX_PORT => format!("all {protocol} ports"),
        "tcp" | "udp" if from == to => format!("{protocol} port {from}"),
        "tcp" | "udp" => format!("{protocol} ports {from}-{to}"),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("protocol {number}")
        }
        name => name.into(),
    }
}

/// What the rules open together. All traffic stands for itself: where it is open, nothing else of
/// that family is listed.
pub fn open_ports(rules: &[Opening]) -> Vec<OpenPorts> {
    let mut open = Vec::new();
    let protocols: BTreeSet<&str> = rules.iter().map(|rule| rule.protocol.as_str()).collect();
    for family in Family::BOTH {
        let everything: Vec<&Opening> = rules.iter().filter(|rule| rule.protocol == "-1").collect();
        if let Some(culprits) = culprits(family, &everything) {
            open.push(describe(family, "-1", (0, MAX_PORT), &culprits));
            continue;
        }
        for protocol in protocols.iter().filter(|protocol| **protocol != "-1") {
            open.extend(open_of(family, protocol, rules));
        }
    }
    open
}

fn open_of(family: Family, protocol: &str, rules: &[Opening]) -> Vec<OpenPorts> {
    let relevant: Vec<&Opening> =
        rules.iter().filter(|rule| rule.protocol == protocol || rule.protocol == "-1").collect();
    let mut runs: Vec<((i64, i64), Vec<&Opening>)> = Vec::new();
    for (from, to) in segments(&relevant) {
        let covering: Vec<&Opening> = relevant
            .iter()
            .filter(|rule| rule.ports.0 <= from && to <= rule.ports.1)
            .copied()
            .collect();
        let Some(found) = culprits(family, &covering) else { continue };
        match runs.last_mut() {
            Some((span, culprits)) if span.1 + 1 == from => {
                span.1 = to;
                for rule in found {
                    if !culprits.iter().any(|known| known.id == rule.id) {
                        culprits.push(rule);
                    }
                }
            }
            _ => runs.push(((from, to), found)),
        }
    }
    runs.iter().map(|(span, culprits)| describe(family, protocol, *span, culprits)).collect()
}

/// Cuts the ports wherever a rule begins or ends.
fn segments(rules: &[&Opening]) -> Vec<(i64, i64)> {
    let starts: BTreeSet<i64> =
        rules.iter().flat_map(|rule| [rule.ports.0, rule.ports.1.saturating_add(1)]).collect();
    let starts: Vec<i64> = starts.into_iter().collect();
    starts.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()? - 1))).collect()
}

/// The rules to blame, if the sources are the internet: those that are it alone, else all that have
/// a range of the family.
fn culprits<'a>(family: Family, rules: &[&'a Opening]) -> Option<Vec<&'a Opening>> {
    if !reaches(family, rules.iter().flat_map(|rule| &rule.ranges)) {
        return None;
    }
    let alone: Vec<&Opening> =
        rules.iter().copied().filter(|rule| reaches(family, &rule.ranges)).collect();
    if !alone.is_empty() {
        return Some(alone);
    }
    let of_family = |rule: &&Opening| rule.ranges.iter().any(|range| Family::of(range) == family);
    Some(rules.iter().copied().filter(of_family).collect())
}

fn describe(family: Family, protocol: &str, span: (i64, i64), culprits: &[&Opening]) -> OpenPorts {
    let ids: Vec<String> = culprits.iter().map(|rule| rule.id.clone()).collect();
    let sources: BTreeSet<&str> = culprits.iter().map(|rule| rule.source.as_str()).collect();
    let sources: Vec<&str> = sources.into_iter().collect();
    OpenPorts {
        protocol: protocol.into(),
        from_port: span.0.into(),
        to_port: span.1.into(),
        family: family.as_str().into(),
        source: Slot::Known(sources.join(" and ")),
        rule_ids: Slot::Known(ids.join(" ")),
        rules: Slot::Known(Items::from(ids)),
        traffic: Slot::Known(traffic(protocol, span)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, protocol: &str, ports: (i64, i64), source: &str) -> Opening {
        Opening {
            id: id.into(),
            protocol: protocol.into(),
            ports,
            source: source.into(),
            ranges: vec![source.parse().unwrap()],
        }
    }

    fn words(rules: &[Opening]) -> Vec<String> {
        let open = open_ports(rules);
        open.iter()
            .map(|open| {
                let text = |slot: &Slot<String>| slot.known().cloned().unwrap();
                format!(
                    "{} {} by {}",
                    text(&open.family),
                    text(&open.traffic),
                    text(&open.rule_ids)
                )
            })
            .collect()
    }

    #[test]
    fn halves_of_the_internet_add_up_on_the_ports_they_share() {
        let halves =
            [rule("a", "tcp", (20, 30), "0.0.0.0/1"), rule("b", "tcp", (22, 40), "128.0.0.0/1")];
        assert_eq!(words(&halves), ["ipv4 tcp ports 22-30 by a b"]);
        assert!(words(&halves[..1]).is_empty());
    }

    #[test]
    fn a_half_for_all_protocols_completes_a_half_for_one() {
        let halves = [
            rule("a", "-1", (0, MAX_PORT), "0.0.0.0/1"),
            rule("b", "tcp", (22, 22), "128.0.0.0/1"),
        ];
        assert_eq!(words(&halves), ["ipv4 tcp port 22 by a b"]);
    }

    #[test]
    fn the_rule_that_suffices_alone_is_the_one_named() {
        let rules =
            [rule("a", "tcp", (22, 22), "10.0.0.0/8"), rule("b", "tcp", (22, 22), "0.0.0.0/0")];
        assert_eq!(words(&rules), ["ipv4 tcp port 22 by b"]);
    }

    #[test]
    fn neighbouring_ports_are_one_range() {
        let rules = [
            rule("a", "tcp", (0, 100), "0.0.0.0/0"),
            rule("b", "tcp", (101, MAX_PORT), "0.0.0.0/0"),
        ];
        assert_eq!(words(&rules), ["ipv4 all tcp ports by a b"]);
    }

    #[test]
    fn all_traffic_is_one_finding_and_families_stay_apart() {
        let rules = [
            rule("a", "-1", (0, MAX_PORT), "0.0.0.0/0"),
            rule("b", "tcp", (22, 22), "0.0.0.0/0"),
            rule("c", "tcp", (22, 22), "::/0"),
        ];
        assert_eq!(words(&rules), ["ipv4 all traffic by a", "ipv6 tcp port 22 by c"]);
    }

    #[test]
    fn ports_that_are_left_out_or_cannot_be_are_all_ports() {
        assert_eq!(port_span("tcp", Some(443), Some(80)), (0, MAX_PORT));
        assert_eq!(port_span("udp", Some(70_000), Some(70_001)), (0, MAX_PORT));
        assert_eq!(port_span("tcp", None, None), (0, MAX_PORT));
        assert_eq!(port_span("-1", Some(-1), Some(-1)), (0, MAX_PORT));
        assert_eq!(port_span("tcp", Some(22), Some(25)), (22, 25));
        assert_eq!(traffic("50", (0, MAX_PORT)), "protocol 50");
        assert_eq!(traffic("tcp", (1, MAX_PORT)), "all tcp ports");
    }
}
