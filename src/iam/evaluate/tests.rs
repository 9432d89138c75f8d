use std::sync::Arc;

use super::*;
use crate::iam::document::{Document, Kind};
use crate::iam::principal::Caller;
use crate::iam::request::{Context, ContextValue};
use serde_json::{Value, json};

const OWN: &str = "111122223333";
const USER: &str = "arn:aws:iam::111122223333:user/Ann";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/App/one";

fn set(kind: Kind, documents: &[Value]) -> PolicySet {
    let parse = |d: &Value| Arc::new(Document::parse(&d.to_string(), kind).expect("valid"));
    PolicySet::new(documents.iter().map(parse).collect())
}

fn request(caller: &str, action: &str, resource: &str, account: &str) -> Request {
    let caller = Caller::parse(caller).expect("a caller");
    Request::new(caller, action, resource, Some(account), Context::default())
}

fn all(effect: &str) -> Value {
    json!({"Statement": {"Effect": effect, "Action": "*", "Resource": "*"}})
}

fn to(principal: Value) -> Value {
    json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}})
}

#[test]
fn unknown_inputs_matter_only_where_they_can_change_the_answer() {
    let get = request(USER, "s3:GetObject", "arn:aws:s3:::b/k", OWN);
    let mut policies =
        Policies { identity: set(Kind::Identity, &[all("Allow")]), ..Default::default() };
    assert_eq!(decide(&get, &policies), Decision::Allow);
    policies.boundary = Some(PolicySet::unknown("iam:GetPolicyVersion AccessDenied"));
    assert_eq!(decide(&get, &policies), Decision::Unknown);
    let verdict = explain(&get, &policies);
    assert!(verdict.why.contains("iam:GetPolicyVersion"), "{}", verdict.why);
    policies.identity = set(Kind::Identity, &[all("Deny")]);
    assert_eq!(decide(&get, &policies), Decision::ExplicitDeny);
    policies.identity = PolicySet::default();
    let verdict = explain(&get, &policies);
    assert_eq!((verdict.decision, verdict.allowed), (Decision::Unknown, Truth::False));
}

#[test]
fn an_unknown_owner_matters_only_if_both_readings_differ() {
    let caller = Caller::parse(USER).expect("a caller");
    let get = Request::new(caller, "s3:GetObject", "arn:aws:s3:::b/k", None, Context::default());
    let identity = set(Kind::Identity, &[all("Allow")]);
    let mut policies = Policies { identity, ..Default::default() };
    assert_eq!(decide(&get, &policies), Decision::Unknown);
    policies.resource = Some(set(Kind::Resource, &[to(json!("*"))]));
    assert_eq!(decide(&get, &policies), Decision::Allow);
}

#[test]
fn unknown_context_keys_make_their_statement_unknown() {
    let mut context = Context::default();
    context.insert("aws:SourceIp", ContextValue::Unknown);
    let caller = Caller::parse(USER).expect("a caller");
    let get = Request::new(caller, "s3:GetObject", "arn:aws:s3:::b/k", Some(OWN), context);
    let conditional = json!({"Statement": {"Sid": "Office", "Effect": "Allow", "Action": "*",
        "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}});
    let policies = Policies { identity: set(Kind::Identity, &[conditional]), ..Default::default() };
    let verdict = explain(&get, &policies);
    assert_eq!(verdict.decision, Decision::Unknown);
    assert!(verdict.why.contains("`Office`"), "{}", verdict.why);
}

#[test]
fn the_deciding_statements_are_named_in_order() {
    let get = request(USER, "s3:GetObject", "arn:aws:s3:::b/k", OWN);
    let policies = Policies {
        identity: set(Kind::Identity, &[all("Allow"), all("Deny")]),
        boundary: Some(set(Kind::Boundary, &[all("Deny")])),
        ..Default::default()
    };
    let verdict = explain(&get, &policies);
    assert_eq!(verdict.decision, Decision::ExplicitDeny);
    let layers: Vec<_> = verdict.statements.iter().map(|m| (m.layer, m.document)).collect();
    assert_eq!(layers, [(Layer::Identity, 1), (Layer::Boundary, 0)]);
}

#[test]
fn statements_are_found_whatever_the_spelling_of_their_service() {
    for action in ["S3:GetObject", "s3:*", "s?:GetObject", "*:GetObject", "*"] {
        let document = json!({"Statement": {"Effect": "Allow", "Action": ["ec2:RunInstances", action],
            "Resource": "*"}});
        let identity = set(Kind::Identity, &[document]);
        let policies = Policies { identity, ..Default::default() };
        let get = request(USER, "s3:getOBJECT", "arn:aws:s3:::b/k", OWN);
        assert_eq!(decide(&get, &policies), Decision::Allow, "{action}");
    }
}

#[test]
fn the_named_strength_decides_whether_boundaries_limit() {
    let get = request(SESSION, "s3:GetObject", "arn:aws:s3:::b/k", OWN);
    let decided = |principal: &str| {
        let policies = Policies {
            resource: Some(set(Kind::Resource, &[to(json!({"AWS": principal}))])),
            boundary: Some(set(Kind::Boundary, &[json!({"Statement": []})])),
            ..Default::default()
        };
        decide(&get, &policies)
    };
    assert_eq!(decided(SESSION), Decision::Allow);
    assert_eq!(decided("*"), Decision::Allow);
    assert_eq!(decided("arn:aws:iam::111122223333:role/App"), Decision::ImplicitDeny);
    assert_eq!(decided("arn:aws:iam::111122223333:root"), Decision::ImplicitDeny);
}
