//! The answers against brute force: random small policies, every combination of targets and
//! circumstances that they can tell apart, and the evaluator.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::super::super::document::{Document, Kind};
use super::super::super::evaluate::{Decision, Policies, PolicySet, decide};
use super::super::super::principal::Caller;
use super::super::super::request::{Context, ContextValue, Request, Unlisted};
use super::super::*;

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const USERS: [&str; 4] = ["bob", "team-x", "team-alice", "other"];
const ROLES: [&str; 3] = ["app-1", "admin", "other"];
const FUNCTIONS: [&str; 4] = ["a", "b", "a-b", "other"];

fn statement() -> impl Strategy<Value = Json> {
    let action = prop::sample::select(vec![
        "iam:PutUserPolicy",
        "iam:CreateAccessKey",
        "iam:*",
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
        "lambda:*",
        "*",
    ]);
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:user/team-*",
        "arn:aws:iam::*:user/*alice",
        "arn:aws:iam::111122223333:role/app-*",
        "arn:aws:iam::444455556666:role/*",
        "arn:aws:iam::*:role/admin",
        "arn:aws:lambda:*:*:function:a*",
        "arn:aws:lambda:*:111122223333:function:*b",
        "arn:aws:lambda:*:*:function:a",
    ]);
    let condition = prop::sample::select(vec![
        json!({}),
        json!({}),
        json!({}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
        json!({"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
        json!({"StringLike": {"aws:PrincipalTag/t": "a*"}}),
        json!({"StringNotEquals": {"aws:PrincipalTag/t": "b"}}),
        json!({"Null": {"aws:PrincipalTag/t": "true"}}),
    ]);
    let parts = (
        prop::collection::vec(action, 1..4),
        prop::collection::vec(resource, 1..4),
        condition,
        0..10_u8,
        0..8_u8,
    );
    parts.prop_map(|(actions, resources, condition, kind, form)| {
        let effect = if kind < 7 { "Allow" } else { "Deny" };
        let action = if form == 0 { "NotAction" } else { "Action" };
        let resource = if form == 1 { "NotResource" } else { "Resource" };
        json!({"Effect": effect, action: actions, resource: resources, "Condition": condition})
    })
}

/// Every combination of the keys that the policies can tell apart.
fn contexts(service: Option<&str>) -> Vec<Context> {
    let mut contexts = Vec::new();
    for mfa in [None, Some("true"), Some("false")] {
        for tag in [None, Some("ab"), Some("b"), Some("c")] {
            let mut context = Context::new(Unlisted::Absent);
            let mut set = |key: &str, value: Option<&str>| {
                if let Some(value) = value {
                    context.insert(key, ContextValue::One(value.into()));
                }
            };
            set("aws:username", Some("alice"));
            set("aws:multifactorauthpresent", mfa);
            set("aws:principaltag/t", tag);
            set("iam:passedtoservice", service);
            contexts.push(context);
        }
    }
    contexts
}

/// Of all circumstances, whether some and whether all allow an action on a resource.
fn tried(policies: &Policies, action: &str, resource: &str, service: Option<&str>) -> (bool, bool) {
    let caller = Caller::parse(ALICE).expect("a user");
    let answers = contexts(service).into_iter().map(|context| {
        let request = Request::new(caller.clone(), action, resource, None, context);
        decide(&request, policies) == Decision::Allow
    });
    let answers: Vec<bool> = answers.collect();
    (answers.contains(&true), !answers.contains(&false))
}

/// Some target on which some, and some target on which all circumstances allow every action.
fn on_one(
    policies: &Policies,
    actions: &[&str],
    targets: &[String],
    service: Option<&str>,
) -> (bool, bool) {
    let each = targets.iter().map(|target| {
        let all: Vec<(bool, bool)> =
            actions.iter().map(|action| tried(policies, action, target, service)).collect();
        (all.iter().all(|(some, _)| *some), all.iter().all(|(_, every)| *every))
    });
    each.fold((false, false), |sum, one| (sum.0 || one.0, sum.1 || one.1))
}

fn expected(policies: &Policies) -> [(&'static str, (bool, bool)); 3] {
    let users: Vec<String> =
        USERS.iter().map(|name| format!("arn:aws:iam::111122223333:user/{name}")).collect();
    let roles: Vec<String> =
        ROLES.iter().map(|name| format!("arn:aws:iam::111122223333:role/{name}")).collect();
    let functions: Vec<String> = FUNCTIONS
        .iter()
        .map(|name| format!("arn:aws:lambda:eu-central-1:111122223333:function:{name}"))
        .collect();
    let own = on_one(policies, &["iam:PutUserPolicy"], &[ALICE.to_owned()], None);
    let keys = on_one(policies, &["iam:CreateAccessKey"], &users, None);
    let pass = on_one(policies, &["iam:PassRole"], &roles, Some("lambda.amazonaws.com"));
    let run =
        on_one(policies, &["lambda:CreateFunction", "lambda:InvokeFunction"], &functions, None);
    [("iam-007", own), ("iam-002", keys), ("lambda-001", (pass.0 && run.0, pass.1 && run.1))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 150 } else { 3_000 }))]

    #[test]
    fn the_answers_are_those_of_brute_force(statements in prop::collection::vec(statement(), 1..6)) {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let document = Document::parse(&text, Kind::Identity).expect("generated policies parse");
        let subject =
            Subject { arn: Some(ALICE), policies: vec![&document], ..Subject::default() };
        let found = moves(&subject, &Surroundings::default());
        let policies = Policies {
            identity: PolicySet::new(vec![Arc::new(document.clone())]),
            ..Policies::default()
        };
        for (id, (some, every)) in expected(&policies) {
            let finding = found.findings.iter().find(|finding| finding.method.id == id);
            let verdict = finding.map(|finding| finding.verdict);
            prop_assert_eq!(verdict.is_some(), some, "{} of {}", id, text);
            prop_assert_ne!(verdict, Some(Verdict::Undecided), "{} of {}", id, text);
            if verdict == Some(Verdict::Certain) {
                prop_assert!(every, "{} is not certain for {}", id, text);
            }
        }
    }

    #[test]
    fn a_denial_only_takes_away(
        statements in prop::collection::vec(statement(), 1..5),
        mut denial in statement(),
    ) {
        denial["Effect"] = "Deny".into();
        let ids = |statements: &[Json]| {
            let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
            let document = Document::parse(&text, Kind::Identity).expect("parses");
            let subject = Subject { policies: vec![&document], ..Subject::default() };
            let found = moves(&subject, &Surroundings::default()).findings;
            found.into_iter().map(|finding| finding.method.id).collect::<Vec<_>>()
        };
        let before = ids(&statements);
        let mut more = statements.clone();
        more.push(denial);
        let after = ids(&more);
        prop_assert!(after.iter().all(|id| before.contains(id)), "{:?} {:?}", before, after);
        more.reverse();
        prop_assert_eq!(ids(&more), after);
    }
}
