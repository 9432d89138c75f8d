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
const USERS: [&str; 5] = ["bob", "team-x", "team-alice", "malice", "other"];
const ROLES: [&str; 3] = ["app-1", "admin", "other"];
const FUNCTIONS: [&str; 5] = ["a", "b", "a-b", "a-c", "other"];

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

/// The tags that the policies can tell apart. A principal has one for all its requests.
const TAGS: [Option<&str>; 4] = [None, Some("ab"), Some("b"), Some("c")];

/// Every combination of the other keys that the policies can tell apart.
fn contexts(service: Option<&str>, tags: &[Option<&str>]) -> Vec<Context> {
    let mut contexts = Vec::new();
    for mfa in [None, Some("true"), Some("false")] {
        for tag in tags {
            let mut context = Context::new(Unlisted::Absent);
            let mut set = |key: &str, value: Option<&str>| {
                if let Some(value) = value {
                    context.insert(key, ContextValue::One(value.into()));
                }
            };
            set("aws:username", Some("alice"));
            set("aws:multifactorauthpresent", mfa);
            set("aws:principaltag/t", *tag);
            set("iam:passedtoservice", service);
            contexts.push(context);
        }
    }
    contexts
}

/// Of all circumstances, whether some and whether all allow an action on a resource.
fn tried(
    policies: &Policies,
    action: &str,
    resource: &str,
    service: Option<&str>,
    tags: &[Option<&str>],
) -> (bool, bool) {
    let caller = Caller::parse(ALICE).expect("a user");
    let answers = contexts(service, tags).into_iter().map(|context| {
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
    tags: &[Option<&str>],
) -> (bool, bool) {
    let each = targets.iter().map(|target| {
        let all: Vec<(bool, bool)> =
            actions.iter().map(|action| tried(policies, action, target, service, tags)).collect();
        (all.iter().all(|(some, _)| *some), all.iter().all(|(_, every)| *every))
    });
    each.fold((false, false), |sum, one| (sum.0 || one.0, sum.1 || one.1))
}

/// Whether a method works with some tag, and whether it does whatever the circumstances.
fn expected(policies: &Policies) -> Vec<(&'static str, (bool, bool))> {
    let arns = |kind: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{kind}{name}")).collect()
    };
    let users = arns("arn:aws:iam::111122223333:user/", &USERS);
    let roles = arns("arn:aws:iam::111122223333:role/", &ROLES);
    let functions = arns("arn:aws:lambda:eu-central-1:111122223333:function:", &FUNCTIONS);
    let own = vec![ALICE.to_owned()];
    let service = Some("lambda.amazonaws.com");
    let run: &[&str] = &["lambda:CreateFunction", "lambda:InvokeFunction"];
    type Step<'a> = (&'a [&'a str], &'a [String], Option<&'a str>);
    let methods: [(&str, Vec<Step<'_>>); 3] = [
        ("iam-007", vec![(&["iam:PutUserPolicy"], &own, None)]),
        ("iam-002", vec![(&["iam:CreateAccessKey"], &users, None)]),
        ("lambda-001", vec![(&["iam:PassRole"], &roles, service), (run, &functions, None)]),
    ];
    let works = |slots: &[(&[&str], &[String], Option<&str>)], tags: &[Option<&str>]| {
        let each: Vec<(bool, bool)> = slots
            .iter()
            .map(|(actions, targets, service)| on_one(policies, actions, targets, *service, tags))
            .collect();
        (each.iter().all(|(some, _)| *some), each.iter().all(|(_, every)| *every))
    };
    let answer = |slots: Vec<(&[&str], &[String], Option<&str>)>| {
        let some = TAGS.iter().any(|tag| works(&slots, &[*tag]).0);
        (some, works(&slots, &TAGS).1)
    };
    methods.into_iter().map(|(id, slots)| (id, answer(slots))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 60 } else { 3_000 }))]

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
