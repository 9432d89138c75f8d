//! Documents that somebody made to hurt: large, deep, full of wildcards. They are answered or refused,
//! and either within a time that even an unoptimized build keeps.

mod text;

use std::sync::Arc;
use std::time::{Duration, Instant};

use postura::iam::document::{Document, Kind, MAX_BYTES};
use postura::iam::evaluate::{Decision, Policies, PolicySet, decide};
use postura::iam::exposure::exposure_line;
use postura::iam::principal::Caller;
use postura::iam::request::{Context, ContextValue, Request};
use serde_json::{Value, json};

fn within(limit: Duration, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    let spent = start.elapsed();
    assert!(spent < limit, "took {spent:?}");
}

fn decision(statements: &Value, context: Context) -> Decision {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = Document::parse(&text, Kind::Identity).expect("valid");
    let identity = PolicySet::new(vec![Arc::new(document)]);
    let caller = Caller::parse("arn:aws:iam::111122223333:user/ann").expect("a caller");
    let resource = format!("arn:aws:s3:::b/{}", "ab".repeat(500));
    let request = Request::new(caller, "s3:GetObject", &resource, Some("111122223333"), context);
    decide(&request, &Policies { identity, ..Policies::default() })
}

#[test]
fn two_thousand_statements_are_decided() {
    let statement = |n| {
        json!({"Sid": format!("S{n}"), "Effect": "Allow", "Action": ["s3:Get*", "s3:Put*"],
            "Resource": format!("arn:aws:s3:::bucket-{n}/*")})
    };
    let statements: Vec<_> = (0..2000).map(statement).collect();
    within(Duration::from_secs(5), || {
        assert_eq!(decision(&json!(statements), Context::default()), Decision::ImplicitDeny);
    });
}

#[test]
fn five_hundred_patterns_on_one_key_are_decided() {
    let patterns: Vec<_> = (0..500).map(|n| format!("*{n}*a*b*{n}*x")).collect();
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringLike": {"aws:UserAgent": patterns}}});
    let mut context = Context::default();
    context.insert("aws:UserAgent", ContextValue::One("1a2b3".repeat(2000).into()));
    within(Duration::from_secs(20), || {
        assert_eq!(decision(&json!([statement]), context), Decision::ImplicitDeny);
    });
}

#[test]
fn wildcards_that_stop_at_colons_stay_polynomial() {
    let pattern = format!("arn:aws:{}:::b/x", "*a".repeat(300));
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": pattern});
    within(Duration::from_secs(5), || {
        assert_eq!(decision(&json!([statement]), Context::default()), Decision::ImplicitDeny);
    });
}

#[test]
fn deep_and_large_texts_are_refused_at_once() {
    let variables = format!("{}aws:username{}", "${".repeat(10_000), "}".repeat(10_000));
    let nested = format!("{}1{}", "{\"Statement\":".repeat(50_000), "}".repeat(50_000));
    let statement = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource":
        format!("arn:aws:s3:::{variables}")}});
    let modern = json!({"Version": "2012-10-17", "Statement": statement["Statement"]}).to_string();
    within(Duration::from_secs(5), || {
        assert!(Document::parse(&modern, Kind::Identity).is_err());
        assert!(Document::parse(&nested, Kind::Identity).is_err());
        assert!(Document::parse(&"x".repeat(MAX_BYTES + 1), Kind::Identity).is_err());
    });
}

#[test]
fn problems_are_counted_out() {
    let bad = vec![json!({"Effect": "Maybe", "Bogus": 1}); 9000];
    let text = json!({"Statement": bad}).to_string();
    let malformed = Document::parse(&text, Kind::Identity).expect_err("malformed");
    assert_eq!(malformed.problems.len(), 100);
    assert!(malformed.to_string().len() < 300);
}

/// Larger ones of these kinds took minutes before callers, sets of values and keys shared one budget.
#[test]
fn documents_that_multiply_what_they_name_are_answered() {
    let accounts: Vec<_> = (1..60)
        .map(|n| {
            json!({"Effect": if n % 2 == 0 { "Allow" } else { "Deny" }, "Principal": "*", "Action": "*",
                "Resource": "*", "Condition": {"StringEquals": {
                "aws:PrincipalAccount": format!("{n:012}"), "aws:PrincipalOrgID": format!("o-{n:010}")}}})
        })
        .collect();
    let sets: Vec<_> = (0..12)
        .map(|n| {
            let keys = (0..8).map(|k| (format!("acme:k{k}"), json!(format!("*{}*{n}*", k % 7))));
            let keys: serde_json::Map<String, Value> = keys.collect();
            json!({"Effect": if n % 3 == 0 { "Deny" } else { "Allow" }, "Principal": "*", "Action": "*",
                "Resource": "*", "Condition": {"ForAllValues:StringLike": keys}})
        })
        .collect();
    let services: Vec<_> = (0..10)
        .map(|n| {
            let names: Vec<_> = (0..20).map(|k| format!("s{n}-{k}.amazonaws.com")).collect();
            json!({"Effect": "Allow", "Principal": {"Service": names}, "Action": "*", "Resource": "*",
                "Condition": {"StringLike": {"aws:SourceAccount": format!("{n:04}*")}}})
        })
        .collect();
    for (statements, open) in [(accounts, true), (sets, true), (services, false)] {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        within(Duration::from_secs(90), || {
            let line = json!({"id": 1, "resource_type": "s3", "account_id": "111122223333",
                "policy": policy});
            let answer: Value =
                serde_json::from_str(&exposure_line(&line.to_string()).to_string()).expect("JSON");
            // What was not looked at is open, never closed; services are no outsiders.
            assert!(answer["why"].is_string(), "{answer}");
            assert!(!open || answer["external"] != json!(false), "{answer}");
        });
    }
}
