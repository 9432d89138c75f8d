//! Any operator, key and values, against any value of a request: read or refused, and answered by the
//! same rules. The input is one line each: operator, key, values of the policy, values of the request.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use postura::iam::document::{Document, Kind};
use postura::iam::evaluate::{Decision, Policies, PolicySet, decide};
use postura::iam::principal::Caller;
use postura::iam::relation::within;
use postura::iam::request::{Context, ContextValue, Request};
use serde_json::json;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (operator, key, values, given) = (line(), line(), line(), line());
    let values: Vec<&str> = values.split('|').collect();
    let statement = |effect: &str| {
        json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": {operator: {key: values}}})
    };
    let allow = json!({"Version": "2012-10-17", "Statement": [statement("Allow")]}).to_string();
    let Ok(allow) = Document::parse(&allow, Kind::Identity) else { return };
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = json!({"Version": "2012-10-17", "Statement": [everything, statement("Deny")]});
    let deny = Document::parse(&deny.to_string(), Kind::Identity).expect("the same condition");

    let mut context = Context::default();
    let list: Vec<Box<str>> = given.split('|').map(Box::from).collect();
    let value = match &*list {
        [one] if one.is_empty() => None,
        [one] => Some(ContextValue::One(one.clone())),
        _ => Some(ContextValue::Many(list.into())),
    };
    if let Some(value) = value {
        context.insert(key, value);
    }
    let caller = Caller::parse("arn:aws:iam::111122223333:user/ann").expect("a user");
    let (action, resource) = ("s3:GetObject", "arn:aws:s3:::b/k");
    let request = Request::new(caller, action, resource, Some("111122223333"), context);
    let decided = |document: &Document| {
        let identity = PolicySet::new(vec![Arc::new(document.clone())]);
        decide(&request, &Policies { identity, ..Policies::default() })
    };
    // A condition holds for both effects, or for neither.
    match (decided(&allow), decided(&deny)) {
        (Decision::Allow, Decision::ExplicitDeny)
        | (Decision::ImplicitDeny, Decision::Allow)
        | (Decision::Unknown, Decision::Unknown) => {}
        other => panic!("{other:?}"),
    }
    if text.len() < 1024 {
        let found = within(&allow, &allow);
        assert!(!found.answer.is_false(), "{}", found.why);
    }
});
