//! Methods on their own, traps that are none, and what known users, roles and paths change.

mod brute;
mod many;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::super::document::{Document, Kind};
use super::super::truth::Truth;
use super::*;

/// A line of a batch with these policies, answered.
fn ask(policies: Json) -> Json {
    let line = json!({"id": "case", "identity_policies": policies}).to_string();
    serde_json::from_str(&escalation_line(&line).to_string()).expect("an answer is JSON")
}

fn policy(statements: Json) -> Json {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(actions: &[&str], resource: &str) -> Json {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

/// The statements as one policy: whether they escalate, and by which methods.
fn one(statements: Json) -> (Json, Vec<String>) {
    let answer = ask(json!([policy(statements)]));
    let methods = answer["methods"].as_array().expect("a list");
    let methods = methods.iter().filter_map(Json::as_str).map(str::to_owned).collect();
    (answer["escalates"].clone(), methods)
}

fn escalates(statements: Json) -> Vec<String> {
    let (answer, methods) = one(statements.clone());
    assert_eq!(answer, json!(true), "{statements}");
    methods
}

fn harmless(statements: Json) {
    let (answer, methods) = one(statements.clone());
    assert_eq!(answer, json!(false), "{statements}: {methods:?}");
}

#[test]
fn every_method_works_with_its_own_actions_and_with_none_of_them_missing() {
    for method in METHODS.iter().filter(|method| method.retired.is_none()) {
        let mut actions: Vec<&str> = method.steps.iter().map(|step| step.action).collect();
        actions.dedup();
        let (answer, methods) = one(json!([allow(&actions, "*")]));
        assert_eq!(answer, json!(true), "{}", method.id);
        let smaller = METHODS.iter().any(|other| other.takes_less_than(method));
        assert!(smaller || methods.iter().any(|id| id == method.id), "{}: {methods:?}", method.id);
        for left_out in &actions {
            let rest: Vec<&str> = actions.iter().copied().filter(|a| a != left_out).collect();
            if !rest.is_empty() {
                let (_, methods) = one(json!([allow(&rest, "*")]));
                assert!(
                    !methods.iter().any(|id| id == method.id),
                    "{} without {left_out}",
                    method.id
                );
            }
        }
    }
}

#[test]
fn what_only_reads_or_uses_is_harmless() {
    harmless(json!([allow(
        &["s3:GetObject", "s3:ListBucket", "ec2:Describe*", "iam:Get*", "iam:List*"],
        "*"
    )]));
    harmless(json!([allow(&["iam:PassRole"], "*")]));
    harmless(json!([allow(&["lambda:CreateFunction", "lambda:InvokeFunction"], "*")]));
    harmless(json!([]));
}

#[test]
fn denials_count_exactly_where_they_apply() {
    let grant = || allow(&["iam:CreatePolicyVersion"], "*");
    let deny = |action: &str, resource: &str| json!({"Effect": "Deny", "Action": action, "Resource": resource});
    assert_eq!(escalates(json!([grant(), deny("s3:*", "*")])), ["iam-001"]);
    escalates(json!([grant(), deny("iam:*", "arn:aws:iam::*:policy/security-*")]));
    escalates(json!([grant(), deny("iam:*", "arn:aws:iam::*:role/*")]));
    harmless(json!([grant(), deny("iam:*", "*")]));
    harmless(json!([grant(), deny("*", "*")]));
    harmless(json!([grant(), deny("iam:Create*", "arn:aws:iam::*:policy/*")]));
    harmless(json!([deny("iam:*", "*")]));
    // A denial without multi-factor authentication leaves those who have it.
    let unless_mfa = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    escalates(json!([grant(), unless_mfa]));
    let always = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"StringLike": {"iam:PolicyARN": "*"}}});
    escalates(json!([grant(), always]));
    // Two policies make one set of permissions.
    let all = policy(json!([allow(&["*"], "*")]));
    let none = policy(json!([deny("*", "*")]));
    assert_eq!(ask(json!([all, none]))["escalates"], json!(false));
    let pass = policy(json!([allow(&["iam:PassRole"], "*")]));
    let run = policy(json!([allow(&["ec2:RunInstances"], "*")]));
    assert_eq!(ask(json!([pass, run]))["methods"], json!(["ec2-001"]));
}

#[test]
fn resources_must_be_ones_that_the_action_can_be_about() {
    escalates(json!([allow(&["iam:CreatePolicyVersion"], "arn:aws:iam::*:policy/team-*")]));
    escalates(json!([allow(
        &["iam:CreatePolicyVersion"],
        "arn:aws:iam::111122223333:policy/mine"
    )]));
    // Managed policies of AWS cannot be changed.
    harmless(json!([allow(&["iam:CreatePolicyVersion"], "arn:aws:iam::aws:policy/team-*")]));
    harmless(json!([allow(&["iam:CreatePolicyVersion"], "arn:aws:iam::*:user/*")]));
    harmless(json!([allow(&["iam:CreateAccessKey"], "arn:aws:s3:::bucket")]));
    // An action without resources is granted by `*` only.
    harmless(json!([
        allow(&["iam:PassRole"], "*"),
        allow(&["glue:CreateDevEndpoint"], "arn:aws:glue:*:*:devEndpoint/*")
    ]));
    // Running an instance takes an image and a subnet, too.
    harmless(json!([
        allow(&["iam:PassRole"], "*"),
        allow(&["ec2:RunInstances"], "arn:aws:ec2:*:*:instance/*")
    ]));
}

#[test]
fn targets_belong_together() {
    let both = |first: &str, second: &str| {
        json!([
            allow(&["iam:PassRole"], "*"),
            allow(&["lambda:CreateFunction"], &format!("arn:aws:lambda:*:*:function:{first}")),
            allow(&["lambda:InvokeFunction"], &format!("arn:aws:lambda:*:*:function:{second}"))
        ])
    };
    assert_eq!(escalates(both("a-*", "*-b")), ["lambda-001"]);
    harmless(both("a", "b"));
    let accounts = |first: &str, second: &str| {
        json!([
            allow(&["iam:PassRole"], &format!("arn:aws:iam::{first}:role/*")),
            allow(
                &["cloudformation:CreateStack"],
                &format!("arn:aws:cloudformation:*:{second}:stack/*")
            )
        ])
    };
    escalates(accounts("111122223333", "111122223333"));
    escalates(accounts("*", "111122223333"));
    harmless(accounts("111122223333", "444455556666"));
}

#[test]
fn roles_are_passed_to_the_service_that_runs_them() {
    let passed_to = |service: &str, operator: &str| {
        json!([
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
             "Condition": {operator: {"iam:PassedToService": service}}},
            allow(&["lambda:CreateFunction", "lambda:InvokeFunction"], "*")
        ])
    };
    assert_eq!(escalates(passed_to("lambda.amazonaws.com", "StringEquals")), ["lambda-001"]);
    escalates(passed_to("lambda.*", "StringLike"));
    escalates(passed_to("ec2.amazonaws.com", "StringNotEquals"));
    harmless(passed_to("ec2.amazonaws.com", "StringEquals"));
    harmless(passed_to("lambda.amazonaws.com", "StringNotEquals"));
}

#[test]
fn one_s_own_keys_are_no_gain_but_one_s_own_policy_is() {
    let own = "arn:aws:iam::*:user/${aws:username}";
    harmless(json!([allow(
        &["iam:CreateAccessKey", "iam:UpdateLoginProfile", "iam:DeleteAccessKey"],
        own
    )]));
    assert_eq!(escalates(json!([allow(&["iam:PutUserPolicy"], own)])), ["iam-007"]);
    assert_eq!(
        escalates(json!([allow(&["iam:CreateAccessKey"], "arn:aws:iam::*:user/*")])),
        ["iam-002"]
    );
    escalates(json!([allow(&["iam:CreateAccessKey"], "arn:aws:iam::*:user/${aws:username}*")]));
}

#[test]
fn not_action_and_not_resource_grant_what_they_do_not_name() {
    let (_, methods) = one(
        json!([{"Effect": "Allow", "NotAction": ["iam:Update*", "iam:Create*", "iam:Attach*"], "Resource": "*"}]),
    );
    assert!(methods.iter().any(|id| id == "ssm-001") && methods.iter().any(|id| id == "ec2-001"));
    assert!(!methods.iter().any(|id| id == "iam-002" || id == "iam-012"));
    harmless(
        json!([{"Effect": "Allow", "Action": "iam:PutUserPolicy", "NotResource": "arn:aws:iam::*:user/*"}]),
    );
    escalates(
        json!([{"Effect": "Allow", "Action": "iam:PutUserPolicy", "NotResource": "arn:aws:iam::*:user/admin"}]),
    );
    harmless(json!([
        allow(&["*"], "*"),
        {"Effect": "Deny", "NotAction": ["s3:*", "logs:*"], "Resource": "*"}
    ]));
}

#[test]
fn conditions_count_if_they_can_hold() {
    let when = |condition: Json| json!([{"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": "*", "Condition": condition}]);
    escalates(when(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})));
    escalates(when(json!({"StringEquals": {"aws:PrincipalTag/team": "security"}})));
    escalates(when(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})));
    escalates(when(json!({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}})));
    // Tokens do not live for years, and the year 2020 is over.
    harmless(when(json!({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}})));
    harmless(when(json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:01Z"}})));
    harmless(when(json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})));
    harmless(when(json!({"StringEquals": {"aws:PrincipalType": "Account"}})));
    harmless(when(
        json!({"StringEquals": {"aws:PrincipalTag/a": "x"}, "StringNotEquals": {"aws:PrincipalTag/a": "x"}}),
    ));
    let answer =
        ask(json!([policy(when(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})))]));
    let detail = &answer["details"][0];
    assert_eq!(detail["verdict"], "conditional");
    assert_eq!(detail["assuming"], json!({"aws:multifactorauthpresent": "true"}));
    let answer = ask(json!([policy(json!([allow(&["iam:CreatePolicyVersion"], "*")]))]));
    assert_eq!(answer["details"][0]["verdict"], "certain");
}

#[test]
fn attaching_counts_if_some_powerful_policy_can_be_attached() {
    let only = |arn: &str| {
        json!([{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*",
            "Condition": {"ArnEquals": {"iam:PolicyARN": arn}}}])
    };
    escalates(only("arn:aws:iam::aws:policy/AdministratorAccess"));
    escalates(only("arn:aws:iam::111122223333:policy/team"));
    escalates(only("arn:aws:iam::aws:policy/*"));
    harmless(only("arn:aws:iam::aws:policy/ReadOnlyAccess"));
}

#[test]
fn boundaries_and_service_control_policies_limit() {
    let line = |boundary: Json, scps: Json| {
        let line = json!({"id": 1, "identity_policies": [policy(json!([allow(&["iam:*"], "*")]))],
            "boundary": boundary, "scps": scps});
        let answer: Json =
            serde_json::from_str(&escalation_line(&line.to_string()).to_string()).expect("json");
        answer["escalates"].clone()
    };
    let all = || policy(json!([allow(&["*"], "*")]));
    assert_eq!(line(json!(null), json!([])), json!(true));
    assert_eq!(line(all(), json!([[all()]])), json!(true));
    assert_eq!(line(policy(json!([allow(&["s3:*"], "*")])), json!([])), json!(false));
    assert_eq!(
        line(json!(null), json!([[all()], [policy(json!([allow(&["s3:*"], "*")]))]])),
        json!(false)
    );
    let deny = json!([allow(&["*"], "*"), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]);
    assert_eq!(line(json!(null), json!([[policy(deny)]])), json!(false));
}

#[test]
fn what_cannot_be_read_is_not_decided() {
    for policies in [json!([{"Statement": [{"Effect": "Alow"}]}]), json!(["{"]), json!([17])] {
        let answer = ask(policies.clone());
        assert_eq!(answer["escalates"], json!(null), "{policies}");
        assert!(answer["why"].as_str().is_some_and(|why| !why.is_empty()));
    }
    for line in ["[]", "{", r#"{"id": 1, "identity_policy": []}"#] {
        assert!(escalation_line(line).error().is_some(), "{line}");
    }
}

#[test]
fn variables_with_unknown_values_are_given_one() {
    let team = "arn:aws:iam::*:user/${aws:PrincipalTag/team}/*";
    let answer = ask(json!([policy(json!([allow(&["iam:CreateAccessKey"], team)]))]));
    assert_eq!(answer["escalates"], json!(true));
    assert_eq!(answer["details"][0]["verdict"], "conditional");
}

#[test]
fn what_all_steps_share_has_one_value() {
    let when = |key: &str, pass: &str, run: &str| {
        json!([
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
             "Condition": {"StringLike": {key: pass}}},
            {"Effect": "Allow", "Action": "cloudformation:CreateStack", "Resource": "*",
             "Condition": {"StringLike": {key: run}}}
        ])
    };
    escalates(when("aws:PrincipalTag/team", "a*", "*b"));
    harmless(when("aws:PrincipalTag/team", "a", "b"));
    // The address may change between two requests.
    escalates(when("aws:UserAgent", "a", "b"));
}

struct Account {
    documents: BTreeMap<&'static str, Document>,
}

impl Account {
    fn new(entries: &[(&'static str, Kind, Json)]) -> Self {
        let parse = |(name, kind, json): &(&'static str, Kind, Json)| {
            (*name, Document::parse(&json.to_string(), *kind).expect(name))
        };
        Self { documents: entries.iter().map(parse).collect() }
    }

    fn subject<'a>(&'a self, arn: &'a str, policies: &[&'a str]) -> Subject<'a> {
        Subject {
            arn: Some(arn),
            policies: policies.iter().map(|name| &self.documents[name]).collect(),
            groups: Some(vec!["arn:aws:iam::111122223333:group/developers"]),
            managed: Some(vec!["arn:aws:iam::111122223333:policy/developers"]),
            ..Subject::default()
        }
    }

    fn role<'a>(&'a self, arn: &'a str, trust: &str, privileged: bool) -> Other<'a> {
        Other {
            arn,
            trust: Some(&self.documents[trust]),
            managed: Some(Vec::new()),
            privileged: Truth::from(privileged),
        }
    }
}

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const DEPLOY: &str = "arn:aws:iam::111122223333:role/deploy";
const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";

fn trust(principal: Json) -> Json {
    policy(json!([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]))
}

fn ids(outcome: &Outcome) -> Vec<(&str, Option<&str>)> {
    outcome.findings.iter().map(|f| (f.method.id, f.target.as_deref())).collect()
}

#[test]
fn a_known_principal_gains_only_by_what_is_its_own() {
    let account = Account::new(&[(
        "p",
        Kind::Identity,
        policy(json!([
            allow(&["iam:CreatePolicyVersion"], "arn:aws:iam::111122223333:policy/other"),
            allow(&["iam:PutUserPolicy"], "arn:aws:iam::111122223333:user/bob"),
            allow(&["iam:PutGroupPolicy"], "arn:aws:iam::111122223333:group/operators"),
            allow(&["iam:PutRolePolicy"], "*"),
            allow(&["iam:AddUserToGroup"], "arn:aws:iam::111122223333:group/developers")
        ])),
    )]);
    let none = Surroundings { users: Some(Vec::new()), roles: Some(Vec::new()) };
    assert_eq!(ids(&escalations(&account.subject(ALICE, &["p"]), &none)), []);
    let mut subject = account.subject(ALICE, &["p"]);
    subject.managed = Some(vec!["arn:aws:iam::111122223333:policy/other"]);
    subject.groups = Some(vec!["arn:aws:iam::111122223333:group/operators"]);
    assert_eq!(
        ids(&escalations(&subject, &none)),
        [("iam-001", None), ("iam-011", None), ("iam-013", None)]
    );
    let role = account.subject(DEPLOY, &["p"]);
    assert_eq!(ids(&escalations(&role, &none)), [("iam-005", None)]);
}

#[test]
fn a_role_must_trust_the_service_and_be_worth_it() {
    let account = Account::new(&[
        (
            "p",
            Kind::Identity,
            policy(json!([allow(
                &[
                    "iam:PassRole",
                    "lambda:CreateFunction",
                    "lambda:InvokeFunction",
                    "ec2:RunInstances"
                ],
                "*"
            )])),
        ),
        ("lambda", Kind::Trust, trust(json!({"Service": "lambda.amazonaws.com"}))),
        ("ec2", Kind::Trust, trust(json!({"Service": "ec2.amazonaws.com"}))),
        ("nobody", Kind::Trust, trust(json!({"Service": "glue.amazonaws.com"}))),
    ]);
    let subject = account.subject(ALICE, &["p"]);
    let with = |roles: Vec<Other<'static>>| Surroundings { users: None, roles: Some(roles) };
    let account: &'static Account = Box::leak(Box::new(Account::new(&[
        ("lambda", Kind::Trust, trust(json!({"Service": "lambda.amazonaws.com"}))),
        ("nobody", Kind::Trust, trust(json!({"Service": "glue.amazonaws.com"}))),
    ])));
    let found = |roles| ids(&escalations(&subject, &with(roles))).len();
    assert_eq!(found(vec![account.role(ADMIN, "lambda", true)]), 1);
    assert_eq!(found(vec![account.role(ADMIN, "nobody", true)]), 0);
    assert_eq!(found(vec![account.role(ADMIN, "lambda", false)]), 0);
    let unread = Other { arn: ADMIN, trust: None, managed: None, privileged: Truth::Unknown };
    let outcome = escalations(&subject, &with(vec![unread]));
    assert!(outcome.findings.iter().all(|finding| finding.verdict == Verdict::Conditional));
    assert_eq!(outcome.findings.len(), 2);
}

#[test]
fn a_role_is_assumed_only_by_those_it_trusts() {
    let account = Account::new(&[
        ("assume", Kind::Identity, policy(json!([allow(&["sts:AssumeRole"], "*")]))),
        ("none", Kind::Identity, policy(json!([allow(&["s3:GetObject"], "*")]))),
        (
            "forbidden",
            Kind::Identity,
            policy(json!([{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}])),
        ),
        ("whole account", Kind::Trust, trust(json!({"AWS": "111122223333"}))),
        ("alice", Kind::Trust, trust(json!({"AWS": ALICE}))),
        ("bob", Kind::Trust, trust(json!({"AWS": "arn:aws:iam::111122223333:user/bob"}))),
    ]);
    for (policies, trust, expected) in [
        (vec!["assume"], "whole account", true),
        (vec!["none"], "whole account", false),
        (vec!["assume"], "alice", true),
        (vec!["none"], "alice", true),
        (vec!["none", "forbidden"], "alice", false),
        (vec!["assume"], "bob", false),
    ] {
        let roles = Some(vec![account.role(ADMIN, trust, true)]);
        let around = Surroundings { users: None, roles };
        let outcome = escalations(&account.subject(ALICE, &policies), &around);
        assert_eq!(!outcome.findings.is_empty(), expected, "{policies:?} {trust}");
    }
}

#[test]
fn paths_lead_over_several_principals() {
    let account = Account::new(&[
        ("alice", Kind::Identity, policy(json!([allow(&["sts:AssumeRole"], DEPLOY)]))),
        (
            "deploy",
            Kind::Identity,
            policy(json!([allow(&["iam:PassRole", "cloudformation:CreateStack"], "*")])),
        ),
        ("admin", Kind::Identity, policy(json!([allow(&["*"], "*")]))),
        ("account", Kind::Trust, trust(json!({"AWS": "111122223333"}))),
        ("cloudformation", Kind::Trust, trust(json!({"Service": "cloudformation.amazonaws.com"}))),
    ]);
    let around = Surroundings {
        users: Some(Vec::new()),
        roles: Some(vec![
            account.role(DEPLOY, "account", false),
            account.role(ADMIN, "cloudformation", true),
        ]),
    };
    let subjects = [account.subject(ALICE, &["alice"]), account.subject(DEPLOY, &["deploy"])];
    let found = paths(&subjects, &around);
    let alice = found.iter().find(|path| path.start == ALICE).expect("a path");
    let hops: Vec<_> =
        alice.hops.iter().map(|hop| (hop.method.id, hop.target.as_deref())).collect();
    assert_eq!(hops, [("sts-001", Some(DEPLOY)), ("cloudformation-001", Some(ADMIN))]);
    assert_eq!(alice.verdict, Verdict::Certain);
    assert_eq!(ids(&escalations(&subjects[0], &around)), []);
    let lone = paths(&subjects[..1], &around);
    assert_eq!(lone, []);
}
