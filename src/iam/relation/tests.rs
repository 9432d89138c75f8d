//! Each row is a pair of statement lists and whether each is within the other.

use super::*;
use crate::iam::document::Kind;
use crate::iam::truth::Truth::{False, True};

fn document(statements: &str, kind: Kind) -> Document {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Document::parse(&text, kind).expect("a policy")
}

fn compare(a: &str, b: &str, kind: Kind) -> (Truth, Truth) {
    let found = relation(&document(a, kind), &document(b, kind));
    for inclusion in [&found.a_within_b, &found.b_within_a] {
        assert_eq!(inclusion.answer.is_true(), inclusion.witness.is_none());
    }
    (found.a_within_b.answer, found.b_within_a.answer)
}

fn allow(action: &str, resource: &str, condition: &str) -> String {
    statement("Allow", action, resource, condition)
}

fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        condition => format!(r#","Condition":{{{condition}}}"#),
    };
    format!(r#"{{"Effect":"{effect}","Action":{action},"Resource":{resource}{condition}}}"#)
}

#[test]
fn actions_and_resources_are_compared_as_languages() {
    let any = "\"*\"";
    for (a, b, expected) in [
        ((r#""s3:Get*""#, any), (r#""s3:*""#, any), (True, False)),
        ((r#""*""#, any), (r#""*:*""#, any), (True, True)),
        ((r#""**""#, any), (r#""*""#, any), (True, True)),
        ((r#""S3:GETOBJECT""#, any), (r#""s3:GetObject""#, any), (True, True)),
        ((r#""s3:GetObject""#, any), (r#""s3:PutObject""#, any), (False, False)),
        ((r#"["s3:Get*","s3:Put*"]"#, any), (r#"["s3:Put*","s3:Get*"]"#, any), (True, True)),
        (
            (r#""s3:*""#, r#""arn:aws:s3:::a*""#),
            (r#""s3:*""#, r#""arn:aws:s3:::*""#),
            (True, False),
        ),
        (
            (r#""s3:*""#, r#""arn:aws:s3:::a?""#),
            (r#""s3:*""#, r#""arn:aws:s3:::a*""#),
            (True, False),
        ),
        (
            (r#""s3:*""#, r#""arn:aws:s3:::*a*b*""#),
            (r#""s3:*""#, r#""arn:aws:s3:::*b*""#),
            (True, False),
        ),
        ((r#""s3:*""#, any), (r#""s3:*""#, r#""arn:aws:s3:::*""#), (False, True)),
    ] {
        assert_eq!(
            compare(&allow(a.0, a.1, ""), &allow(b.0, b.1, ""), Kind::Identity),
            expected,
            "{a:?} {b:?}"
        );
    }
}

#[test]
fn denials_and_complements_count() {
    let all = allow(r#""*""#, r#""*""#, "");
    let not_iam = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
    let minus_iam = format!("{all},{}", statement("Deny", r#""iam:*""#, r#""*""#, ""));
    assert_eq!(compare(not_iam, &minus_iam, Kind::Identity), (True, True));
    assert_eq!(compare(&minus_iam, &all, Kind::Identity), (True, False));
    let nothing = format!("{all},{}", statement("Deny", r#""*""#, r#""*""#, ""));
    assert_eq!(compare(&nothing, not_iam, Kind::Identity), (True, False));
}

#[test]
fn conditions_narrow() {
    let with = |condition: &str| allow(r#""s3:*""#, r#""*""#, condition);
    for (a, b, expected) in [
        (
            r#""StringEquals":{"s3:prefix":"a"}"#,
            r#""StringLike":{"s3:prefix":"a*"}"#,
            (True, False),
        ),
        (r#""StringEquals":{"s3:prefix":"a"}"#, "", (True, False)),
        (
            r#""StringNotEquals":{"s3:prefix":"a"}"#,
            r#""StringNotLike":{"s3:prefix":"a*"}"#,
            (False, True),
        ),
        (
            r#""StringEquals":{"s3:prefix":"a"}"#,
            r#""StringEqualsIfExists":{"s3:prefix":"a"}"#,
            (True, False),
        ),
        (
            r#""StringEquals":{"s3:prefix":"A"}"#,
            r#""StringEqualsIgnoreCase":{"s3:prefix":"a"}"#,
            (True, False),
        ),
        (
            r#""NumericLessThan":{"s3:max-keys":"5"}"#,
            r#""NumericLessThanEquals":{"s3:max-keys":"5"}"#,
            (True, False),
        ),
        (
            r#""DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}"#,
            r#""DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}"#,
            (True, False),
        ),
        (
            r#""IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.128.0.0/9"]}"#,
            r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
            (True, True),
        ),
        (
            r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#,
            r#""ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#,
            (True, False),
        ),
        (
            r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}"#,
            r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#,
            (False, False),
        ),
        (
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::a*"}"#,
            r#""StringLike":{"aws:SourceArn":"arn:aws:s3:::*"}"#,
            (True, False),
        ),
        (
            r#""Bool":{"aws:SecureTransport":"true"}"#,
            r#""Bool":{"aws:SecureTransport":["true","false"]}"#,
            (True, False),
        ),
        (
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#,
            (True, False),
        ),
        (
            r#""StringEquals":{"s3:prefix":["a","b"]}"#,
            r#""StringEquals":{"s3:prefix":["b","a"]}"#,
            (True, True),
        ),
    ] {
        assert_eq!(compare(&with(a), &with(b), Kind::Identity), expected, "{a} {b}");
    }
}

#[test]
fn variables_are_compared() {
    let own = allow(r#""s3:*""#, r#""arn:aws:s3:::b/${aws:username}/*""#, "");
    let all = allow(r#""s3:*""#, r#""arn:aws:s3:::b/*""#, "");
    let other = allow(r#""s3:*""#, r#""arn:aws:s3:::b/${aws:userid}/*""#, "");
    assert_eq!(compare(&own, &own, Kind::Identity), (True, True));
    assert_eq!(compare(&own, &all, Kind::Identity), (True, False));
    assert_eq!(compare(&own, &other, Kind::Identity), (False, False));
}

#[test]
fn principals_are_compared() {
    let to = |principal: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}}"#
        )
    };
    for (a, b, expected) in [
        (r#"{"AWS":"111122223333"}"#, r#""*""#, (True, False)),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, r#"{"AWS":"111122223333"}"#, (True, True)),
        (
            r#"{"AWS":"arn:aws:iam::111122223333:role/App"}"#,
            r#"{"AWS":"111122223333"}"#,
            (True, False),
        ),
        (r#"{"AWS":"111122223333"}"#, r#"{"AWS":"444455556666"}"#, (False, False)),
        (
            r#"{"Service":"sns.amazonaws.com"}"#,
            r#"{"Service":["sns.amazonaws.com","s3.amazonaws.com"]}"#,
            (True, False),
        ),
    ] {
        assert_eq!(compare(&to(a), &to(b), Kind::Resource), expected, "{a} {b}");
    }
}

#[test]
fn access_that_is_not_granted_is_proved() {
    let policy = document(&allow(r#""s3:Get*""#, r#""*""#, ""), Kind::Identity);
    assert_eq!(check_access_not_granted(&policy, &["s3:PutObject"], &[]).answer, True);
    let found = check_access_not_granted(&policy, &["s3:GetObject"], &["arn:aws:s3:::b/*"]);
    assert_eq!(found.answer, False);
    assert_eq!(found.witness.map(|witness| witness.action).as_deref(), Some("s3:GetObject"));
    assert!(check_access_not_granted(&policy, &["nonsense"], &[]).answer.is_unknown());
    assert_eq!(check_no_new_access(&policy, &policy).answer, True);
}

#[test]
fn lines_are_answered_whatever_they_say() {
    let line = r#"{"id":1,"a":{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}},
        "b":"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"}"#;
    let out: serde_json::Value =
        serde_json::from_str(&relation_line(line).to_string()).expect("JSON");
    assert_eq!(out["id"], 1);
    assert_eq!(out["a_within_b"], true);
    assert_eq!(out["b_within_a"], false);
    let replayed = serde_json::json!({"id": 1, "request": out["witness"],
        "identity_policies": [{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}]});
    let replayed = crate::iam::batch::evaluate(&replayed.to_string()).to_string();
    assert!(replayed.contains("\"Allowed\""), "{replayed}");
    for bad in ["", "{", "[]", r#"{"id":"x","a":{}}"#, r#"{"id":"x","a":{},"a":{},"b":{}}"#] {
        assert!(relation_line(bad).error().is_some(), "{bad}");
    }
    let malformed = r#"{"id":"x","a":{"Statement":{"Effect":"allow"}},"b":{}}"#;
    let out: serde_json::Value =
        serde_json::from_str(&relation_line(malformed).to_string()).expect("JSON");
    assert_eq!(out["a_within_b"], serde_json::Value::Null);
    assert!(out["why"].as_str().is_some_and(|why| !why.is_empty()));
}
