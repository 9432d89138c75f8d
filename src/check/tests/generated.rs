//! Generated conditions and resources for properties of the language.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// A condition on one rule, named `r`.
fn rule_condition(names: Names) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("r.protocol == \"tcp\"".to_owned()),
        Just("r.protocol != \"udp\"".to_owned()),
        Just("r.protocol in [\"udp\", \"-1\"]".to_owned()),
        Just("r.id in [\"r-0\", \"r-2\"]".to_owned()),
        Just("has(r.from_port) and r.from_port > 20".to_owned()),
        Just("not has(r.to_port) or r.to_port < 443".to_owned()),
        Just("r.id == group.name".to_owned()),
    ];
    let leaf = match names {
        Names::Cel => leaf.boxed(),
        Names::All => prop_oneof![
            leaf,
            Just("r.source.reaches_internet".to_owned()),
            Just("r.source.range.prefixLength() < 16".to_owned()),
            Just("r.source.range.contains(\"10.1.0.0/16\")".to_owned()),
            Just("r.covers(\"tcp\", [22, \"3000-3010\"])".to_owned()),
            Just("group.tags.exists(t, t.key == r.id)".to_owned()),
            Just("r.id.lower() == group.name.lower()".to_owned()),
        ]
        .boxed(),
    };
    joined(leaf, 2)
}

/// Which functions conditions may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Those that CEL has too.
    Cel,
    /// All.
    All,
}

/// A condition on a group.
pub fn condition(names: Names) -> BoxedStrategy<String> {
    let rule = || rule_condition(names);
    let leaf = prop_oneof![
        Just("group.name == \"web\"".to_owned()),
        Just("group.name.startsWith(\"w\")".to_owned()),
        Just("group.name.contains(\"e\") and group.name.endsWith(\"b\")".to_owned()),
        Just("group.name in [\"web\", \"default\"]".to_owned()),
        Just("has(group.vpc_id)".to_owned()),
        Just("has(group.vpc_id) and group.vpc_id == \"vpc-1\"".to_owned()),
        Just("not has(group.vpc) or group.vpc.is_default".to_owned()),
        Just("group.account.root_mfa".to_owned()),
        rule().prop_map(|rule| format!("group.ingress.exists(r, {rule})")),
        rule().prop_map(|rule| format!("group.ingress.all(r, {rule})")),
        rule().prop_map(|rule| format!("group.ingress.exists_one(r, {rule})")),
        (rule(), 0..4).prop_map(|(rule, n)| format!("size(group.ingress.filter(r, {rule})) > {n}")),
        (0..4).prop_map(|n| format!("size(group.ingress) == {n}")),
        (0..4).prop_map(|n| format!("size(group.ingress) + 1 <= {n}")),
        Just("\"r-1\" in group.ingress.map(r, r.id)".to_owned()),
    ];
    let leaf = match names {
        Names::Cel => leaf.boxed(),
        Names::All => prop_oneof![
            4 => leaf,
            1 => Just("group.is_default".to_owned()),
            1 => (0..90).prop_map(|days| format!("ageDays(group.created) > {days}")),
            1 => Just("now() - group.created < duration(\"45d\")".to_owned()),
            1 => Just("group.name.matches(\"^w.*b$\")".to_owned()),
            2 => computed(),
        ]
        .boxed(),
    };
    joined(leaf, 3)
}

/// A condition on what is computed of the elements of lists.
fn computed() -> BoxedStrategy<String> {
    let rule = || rule_condition(Names::All);
    prop_oneof![
        Just("\"r-1\" in group.ingress.map(r, r.id.lower())".to_owned()),
        Just("group.name in group.ingress.map(r, r.id)".to_owned()),
        Just("group.ingress.map(r, r.id.lower()).all(v, v != group.name)".to_owned()),
        Just("\"web\" in [group.name.lower(), \"x\"]".to_owned()),
        Just("[group.name, group.name.lower()].exists(v, v == \"web\")".to_owned()),
        Just(
            "group.ingress.exists(r, group.tags.map(t, t.key.lower()).all(v, v != r.id))"
                .to_owned()
        ),
        rule().prop_map(|rule| format!("group.ingress.map(r, {rule}).exists(v, v)")),
        rule().prop_map(|rule| format!("group.ingress.map(r, {rule}).map(v, not v).all(v, v)")),
        (rule(), rule()).prop_map(|(a, b)| format!("group.ingress.filter(r, {a}).exists(r, {b})")),
        (rule(), rule()).prop_map(|(a, b)| format!("group.ingress.filter(r, {a}).all(r, {b})")),
        (rule(), 0..4).prop_map(|(rule, n)| {
            format!("size(group.ingress.map(r, {rule}).filter(v, v)) <= {n}")
        }),
        (rule(), rule())
            .prop_map(|(a, b)| { format!("group.ingress.filter(r, {a}).exists_one(r, {b})") }),
    ]
    .boxed()
}

fn joined(leaf: BoxedStrategy<String>, depth: u32) -> BoxedStrategy<String> {
    leaf.prop_recursive(depth, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
    .boxed()
}

/// How much of a resource is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nothing is.
    All,
    /// Some is.
    Some,
}

fn maybe(seen: Seen, value: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    match seen {
        Seen::All => value,
        Seen::Some => {
            prop_oneof![9 => value, 1 => Just(json!({"$unknown": "ec2:X AccessDenied"}))].boxed()
        }
    }
}

fn one_of(values: &'static [&'static str]) -> BoxedStrategy<Json> {
    prop::sample::select(values).prop_map(|text| json!(text)).boxed()
}

fn port() -> BoxedStrategy<Json> {
    prop_oneof![Just(Json::Null), prop::sample::select(&[22, 80, 443, 3005]).prop_map(|p| json!(p))]
        .boxed()
}

fn rule(seen: Seen) -> BoxedStrategy<Json> {
    let sources = &["0.0.0.0/0", "10.0.0.0/8", "10.1.2.0/24", "::/0"];
    (
        maybe(seen, one_of(&["r-0", "r-1", "r-2", "web"])),
        maybe(seen, one_of(&["tcp", "udp", "-1", "sctp"])),
        maybe(seen, port()),
        maybe(seen, port()),
        maybe(seen, one_of(sources)),
    )
        .prop_map(|(id, protocol, from_port, to_port, source)| {
            json!({"id": id, "protocol": protocol, "from_port": from_port, "to_port": to_port,
                "source": source, "description": null})
        })
        .boxed()
}

fn list(seen: Seen, item: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    let items = prop::collection::vec(item, 0..=3);
    let list = (items, any::<prop::sample::Index>()).prop_map(move |(mut items, cut)| {
        if seen == Seen::Some && cut.index(4) == 0 {
            items.push(json!({"$unknown": "ec2:X Throttled"}));
        }
        json!(items)
    });
    maybe(seen, list.boxed())
}

/// A group with everything that conditions speak of.
pub fn group(seen: Seen) -> BoxedStrategy<Json> {
    let tag = maybe(seen, one_of(&["r-0", "web", "env"]))
        .prop_map(|key| json!({"key": key, "value": "x"}))
        .boxed();
    let yes_or_no = || maybe(seen, any::<bool>().prop_map(|value| json!(value)).boxed());
    let vpc = prop_oneof![
        Just(Json::Null),
        yes_or_no().prop_map(|is_default| json!({"id": "vpc-1", "is_default": is_default})),
    ];
    let created = (0..90_i64).prop_map(|days| {
        json!(crate::inventory::time_text(crate::check::CASE_NOW - days * 86_400 - 5))
    });
    let vpc_id = prop_oneof![Just(Json::Null), one_of(&["vpc-1", "vpc-2"])];
    (
        maybe(seen, one_of(&["web", "default", "Web", "db"])),
        maybe(seen, vpc_id.boxed()),
        list(seen, rule(seen)),
        maybe(seen, created.boxed()),
        list(seen, tag),
        maybe(seen, vpc.boxed()),
        yes_or_no(),
    )
        .prop_map(|(name, vpc_id, ingress, created, tags, vpc, root_mfa)| {
            json!({"id": "sg-1", "name": name, "vpc_id": vpc_id, "ingress": ingress,
                "created": created, "tags": tags, "vpc": vpc,
                "account": {"id": "111122223333", "root_mfa": root_mfa, "alias": null}})
        })
        .boxed()
}

/// The same with a reason of its own for everything unknown, and these reasons.
pub fn with_own_reasons(mut given: Json) -> (Json, Vec<String>) {
    fn number(json: &mut Json, reasons: &mut Vec<String>) {
        match json {
            Json::Object(object) if object.contains_key("$unknown") => {
                let reason = format!("ec2:X{} AccessDenied", reasons.len());
                object.insert("$unknown".to_owned(), json!(reason));
                reasons.push(reason);
            }
            Json::Object(object) => object.values_mut().for_each(|it| number(it, reasons)),
            Json::Array(items) => items.iter_mut().for_each(|it| number(it, reasons)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    let mut reasons = Vec::new();
    number(&mut given, &mut reasons);
    (given, reasons)
}
