use std::collections::BTreeMap;

use super::*;
use crate::iam::pattern::Version;
use crate::iam::truth::Truth::{self, False, True, Unknown};

/// The keys of a request, for tests.
struct Map(BTreeMap<&'static str, Option<Vec<Box<str>>>>, bool);

impl Keys for Map {
    fn key(&self, key: &str) -> Present<'_> {
        match self.0.get(key) {
            None => Present::Absent,
            Some(None) => Present::Unknown,
            Some(Some(values)) if self.1 => Present::Many(values),
            Some(Some(values)) => match values.as_slice() {
                [one] => Present::One(one),
                many => Present::Many(many),
            },
        }
    }
}

fn condition(operator: &str, key: &str, operands: &[&str]) -> Condition {
    let operator = Operator::parse(operator).expect("an operator");
    Condition {
        operator,
        key: key.to_ascii_lowercase().into(),
        written_key: key.into(),
        cardinality: crate::iam::data::cardinality(key),
        operands: operands
            .iter()
            .map(|o| Operand::parse(o, operator.family, Version::V2012).expect("parses"))
            .collect(),
        span: Default::default(),
    }
}

fn holds(operator: &str, key: &'static str, operands: &[&str], values: Option<&[&str]>) -> Truth {
    let mut map = BTreeMap::new();
    if let Some(values) = values {
        map.insert(key, Some(values.iter().map(|v| Box::from(*v)).collect()));
    }
    condition(operator, key, operands).satisfied(&Map(map, false))
}

#[test]
fn absent_keys_fail_positive_operators_and_pass_negated_ones() {
    for name in Operator::base_names().filter(|n| *n != "Null") {
        let negated = Operator::parse(name).expect("valid").negated;
        assert_eq!(holds(name, "s3:prefix", &["1"], None), Truth::from(negated), "{name}");
        assert_eq!(holds(&format!("{name}IfExists"), "s3:prefix", &["1"], None), True, "{name}");
        assert_eq!(holds(&format!("ForAllValues:{name}"), "s3:prefix", &["1"], None), True);
        assert_eq!(holds(&format!("ForAnyValue:{name}"), "s3:prefix", &["1"], None), False);
    }
}

#[test]
fn single_values_are_compared_by_their_operator() {
    for (operator, operand, value, expected) in [
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "Ab", "ab", False),
        ("StringEqualsIgnoreCase", "ÄB", "äb", True),
        ("StringNotEqualsIgnoreCase", "AB", "ab", False),
        ("StringLike", "a?*", "ab", True),
        ("StringLike", "a?*", "a", False),
        ("StringNotLike", "a*", "b", True),
        ("stringlike", "a*", "ab", True),
        ("NumericEquals", "10", "10.0", True),
        ("NumericNotEquals", "10", "11", True),
        ("NumericLessThan", "10", "9.99", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "10", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericEquals", "10", "ten", False),
        ("NumericNotEquals", "10", "ten", True),
        ("NumericEquals", "ten", "10", Unknown),
        ("DateGreaterThan", "2026-01-01", "2026-01-01T00:00:01Z", True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "1767225599", True),
        ("DateEquals", "2026-01-01", "2025-12-31T19:00:00-05:00", True),
        ("Bool", "TRUE", "true", True),
        ("Bool", "false", "true", False),
        ("Bool", "false", "maybe", Unknown),
        ("BinaryEquals", "aGk=", "aGk", True),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "203.0.113.9", "203.0.113.8", False),
        ("IpAddress", "2001:db8::/32", "2001:DB8::1", True),
        ("IpAddress", "0.0.0.0/0", "::1", False),
        ("NotIpAddress", "0.0.0.0/0", "::1", True),
        ("IpAddress", "10.1.2.3/8", "10.200.0.1", True),
        ("IpAddress", "10/8", "10.200.0.1", Unknown),
        ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", True),
        ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", False),
        ("ArnLike", "arn:aws:s3:::b*", "bucket", False),
    ] {
        assert_eq!(
            holds(operator, "s3:prefix", &[operand], Some(&[value])),
            expected,
            "{operator}"
        );
    }
}

#[test]
fn several_operands_are_or_for_positive_and_nor_for_negated_operators() {
    assert_eq!(holds("StringEquals", "s3:prefix", &["a", "b"], Some(&["b"])), True);
    assert_eq!(holds("StringNotEquals", "s3:prefix", &["a", "b"], Some(&["b"])), False);
    assert_eq!(holds("StringNotEquals", "s3:prefix", &["a", "b"], Some(&["c"])), True);
    assert_eq!(holds("StringEquals", "s3:prefix", &[], Some(&["c"])), Unknown);
}

#[test]
fn set_operators_quantify_over_the_values_of_the_request() {
    let keys = "aws:tagkeys";
    for (operator, values, expected) in [
        ("ForAllValues:StringEquals", &["a", "b"][..], True),
        ("ForAllValues:StringEquals", &["a", "c"], False),
        ("ForAnyValue:StringEquals", &["a", "c"], True),
        ("ForAnyValue:StringEquals", &["c", "d"], False),
        ("ForAnyValue:StringNotEquals", &["a", "c"], True),
        ("ForAnyValue:StringNotEquals", &["a", "b"], False),
        ("ForAllValues:StringNotEquals", &["a", "c"], False),
        ("ForAllValues:StringNotEquals", &["c", "d"], True),
        ("ForAllValues:StringEquals", &[], True),
        ("ForAnyValue:StringEquals", &[], False),
        ("ForAllValues:StringEquals", &[""], True),
        ("StringEquals", &["a"], False),
        ("StringNotEquals", &["c"], False),
    ] {
        assert_eq!(
            holds(operator, keys, &["a", "b"], Some(values)),
            expected,
            "{operator} {values:?}"
        );
    }
    let single = Some(&["a"][..]);
    assert_eq!(holds("ForAnyValue:StringEquals", "aws:sourcevpc", &["a"], single), True);
    assert_eq!(holds("ForAllValues:StringEquals", "aws:sourcevpc", &["b"], single), False);
    let several = Some(&["a", "b"][..]);
    assert_eq!(holds("StringEquals", "acme:key", &["a"], several), False);
}

#[test]
fn null_asks_for_presence() {
    let present = Some(&["x"][..]);
    assert_eq!(holds("Null", "s3:prefix", &["true"], None), True);
    assert_eq!(holds("Null", "s3:prefix", &["false"], None), False);
    assert_eq!(holds("Null", "s3:prefix", &["true"], present), False);
    assert_eq!(holds("Null", "s3:prefix", &["false"], present), True);
    assert_eq!(holds("ForAllValues:Null", "s3:prefix", &["false"], None), Unknown);
    assert_eq!(holds("ForAnyValue:Null", "s3:prefix", &["true"], None), Unknown);
    assert_eq!(Operator::parse("NullIfExists"), None);
}

#[test]
fn variables_are_resolved_and_unresolved_ones_equal_nothing() {
    let owner = "${aws:PrincipalTag/owner}";
    let map = |value: Option<Option<&str>>| {
        let mut map = BTreeMap::from([("s3:prefix", Some(vec![Box::from("ann")]))]);
        if let Some(value) = value {
            map.insert("aws:principaltag/owner", value.map(|v| vec![Box::from(v)]));
        }
        Map(map, false)
    };
    let equals = condition("StringEquals", "s3:prefix", &[owner]);
    let not_equals = condition("StringNotEquals", "s3:prefix", &[owner]);
    assert_eq!(equals.satisfied(&map(Some(Some("ann")))), True);
    assert_eq!(equals.satisfied(&map(Some(Some("a*")))), False);
    assert_eq!(equals.satisfied(&map(None)), False);
    assert_eq!(not_equals.satisfied(&map(None)), True);
    assert_eq!(equals.satisfied(&map(Some(None))), Unknown);
    let mut listed = map(None);
    listed.0.insert("aws:principaltag/owner", Some(vec!["ann".into()]));
    listed.1 = true;
    assert_eq!(condition("StringEquals", "aws:tagkeys", &[owner]).satisfied(&listed), False);
}

#[test]
fn unknown_keys_give_unknown_answers() {
    let map = Map(BTreeMap::from([("s3:prefix", None)]), false);
    for operator in ["StringEquals", "StringNotEquals", "Null", "ForAllValues:StringLikeIfExists"] {
        assert_eq!(condition(operator, "s3:prefix", &["true"]).satisfied(&map), Unknown);
    }
}

#[test]
fn operators_are_taken_apart() {
    let operator = Operator::parse("forallvalues:StringNotLikeIFEXISTS").expect("valid");
    assert_eq!(operator.to_string(), "ForAllValues:StringNotLikeIfExists");
    for bad in ["", "IfExists", "StringEqual", "ForSomeValues:StringEquals", "ForAnyValue:"] {
        assert_eq!(Operator::parse(bad), None, "{bad}");
    }
}
