//! How fast requests are decided: a typical role (5 policies, 20 statements), one core; who, of 10,000
//! principals, can do something; and how long it takes to decide who gets in through a policy.
//!
//! `cargo bench --no-default-features --bench iam` prints one line a measurement. The aims are a million
//! decisions a second, `who-can` over 10,000 principals within a second, and exposure within a millisecond
//! for the median policy and 50 for the worst (issue 4). With `-- FILE` exposure is measured for the policies
//! of a file, too, one a line.

#![allow(clippy::indexing_slicing, reason = "the JSON was made here and has what is asked for")]

#[path = "iam/corpus.rs"]
mod corpus;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use postura::access::{Principals, Question, Target, who_can};
use postura::iam::document::{Document, Kind};
use postura::iam::evaluate::{Decision, Policies, PolicySet, decide, explain};
use postura::iam::exposure::{Inquiry, ResourceKind, Trust, exposure};
use postura::iam::principal::Caller;
use postura::iam::request::{Context, ContextValue, Request, Unlisted};
use postura::inventory::{Inventory, Wanted, snapshot};
use postura::resources::MODEL;
use serde_json::{Value, json};

const POLICIES: [&str; 5] = [
    r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject"],"Resource":"arn:aws:s3:::app-data-*/*"},
        {"Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::app-data-*"},
        {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::shared/${aws:PrincipalTag/team}/*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["ec2:Describe*","autoscaling:Describe*","elasticloadbalancing:Describe*"],"Resource":"*"},
        {"Effect":"Allow","Action":["ec2:StartInstances","ec2:StopInstances"],"Resource":"arn:aws:ec2:*:111122223333:instance/*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}},
        {"Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*","support:*","route53:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]}}},
        {"Effect":"Allow","Action":"cloudwatch:*","Resource":"*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"arn:aws:kms:eu-central-1:111122223333:key/*","Condition":{"StringLike":{"kms:ViaService":"s3.*.amazonaws.com"}}},
        {"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:111122223333:log-group:/app/*"},
        {"Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage","sqs:DeleteMessage"],"Resource":"arn:aws:sqs:*:111122223333:app-*"},
        {"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:*:111122223333:app-*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query","dynamodb:PutItem","dynamodb:UpdateItem"],"Resource":"arn:aws:dynamodb:*:111122223333:table/app-*"},
        {"Effect":"Deny","Action":"dynamodb:DeleteTable","Resource":"*"},
        {"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:111122223333:secret:app/*"},
        {"Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParametersByPath"],"Resource":"arn:aws:ssm:*:111122223333:parameter/app/*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app-*","Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}},
        {"Effect":"Allow","Action":["ecs:RunTask","ecs:DescribeTasks"],"Resource":"*"},
        {"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::444455556666:role/app-reader"},
        {"Effect":"Deny","Action":["iam:CreateUser","iam:CreateAccessKey"],"Resource":"*"}]}"#,
];

const REQUESTS: [(&str, &str); 10] = [
    ("s3:GetObject", "arn:aws:s3:::app-data-1/reports/2026/01.csv"),
    ("s3:GetObject", "arn:aws:s3:::shared/red/x"),
    ("s3:DeleteObject", "arn:aws:s3:::app-data-1/reports/2026/01.csv"),
    ("ec2:StartInstances", "arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc"),
    ("ec2:DescribeInstances", "*"),
    ("kms:Decrypt", "arn:aws:kms:eu-central-1:111122223333:key/1234"),
    ("dynamodb:Query", "arn:aws:dynamodb:eu-central-1:111122223333:table/app-users"),
    ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-central-1:111122223333:table/app-users"),
    ("iam:PassRole", "arn:aws:iam::111122223333:role/app-worker"),
    ("lambda:InvokeFunction", "arn:aws:lambda:eu-central-1:111122223333:function:f"),
];

fn set(kind: Kind, texts: &[&str]) -> PolicySet {
    let parse = |t: &&str| Arc::new(Document::parse(t, kind).expect("valid"));
    PolicySet::new(texts.iter().map(parse).collect())
}

fn requests() -> Vec<Request> {
    let caller = "arn:aws:sts::111122223333:assumed-role/app/session";
    let mut context = Context::default();
    for (key, value) in [
        ("aws:SecureTransport", "true"),
        ("aws:PrincipalTag/team", "red"),
        ("aws:ResourceTag/team", "red"),
        ("aws:RequestedRegion", "eu-central-1"),
        ("kms:ViaService", "s3.eu-central-1.amazonaws.com"),
        ("iam:PassedToService", "ecs-tasks.amazonaws.com"),
        ("aws:SourceIp", "203.0.113.9"),
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/app"),
    ] {
        context.insert(key, ContextValue::One(value.into()));
    }
    let request = |(action, resource): &(&str, &str)| {
        let caller = Caller::parse(caller).expect("a caller");
        Request::new(caller, action, resource, Some("111122223333"), context.clone())
    };
    REQUESTS.iter().map(request).collect()
}

/// The best of many short runs, each well within a time slice of the scheduler.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn measure(name: &str, count: u32, mut run: impl FnMut()) {
    let mut best = f64::INFINITY;
    for _ in 0..300 {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64() / f64::from(count));
    }
    println!("{name}: {:.0} ns, {:.2} million a second", best * 1e9, 1e-6 / best);
}

/// An account with 10,000 roles: two of fifty managed policies each, and an inline policy of its own.
fn large_account() -> Inventory {
    let account = "111122223333";
    let types = ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::User", "AWS::S3::Bucket"];
    let coverage: Vec<_> = types
        .iter()
        .map(|name| json!({"type": name, "account": account, "coverage": "whole"}))
        .collect();
    let mut lines = vec![json!({"postura_snapshot": 1, "tool": "0",
        "scanned_at": "2026-01-01T00:00:00Z", "coverage": coverage, "gaps": [],
        "accounts": [{"id": account, "partition": "aws", "status": {"state": "scanned"}}]})];
    let policy = |n: usize| format!("arn:aws:iam::{account}:policy/p{n}");
    for (n, document) in POLICIES.iter().cycle().enumerate().take(50) {
        lines.push(json!({"type": "AWS::IAM::ManagedPolicy", "account": account, "id": policy(n),
            "fields": {"arn": policy(n), "name": format!("p{n}"), "document": document}}));
    }
    for n in 0..10_000 {
        let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": format!("arn:aws:s3:::team-{n}/*")}]});
        let name = format!("role-{n}");
        lines.push(json!({"type": "AWS::IAM::Role", "account": account, "id": name, "fields": {
            "name": name, "arn": format!("arn:aws:iam::{account}:role/{name}"), "tags": [],
            "attached_policy_arns": [policy(n % 50), policy((n + 7) % 50)],
            "permissions_boundary_arn": null,
            "inline_policies": [{"name": "own", "document": own.to_string()}]}}));
    }
    lines.push(json!({"resources": 10_050}));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let wanted = Wanted::Fields(std::collections::BTreeSet::new());
    snapshot::read(text.as_bytes(), MODEL, &wanted).expect("a snapshot")
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn who_can_of_many() {
    let inventory = large_account();
    let time = |name: &str, run: &dyn Fn() -> usize| {
        let mut best = f64::INFINITY;
        let mut count = 0;
        for _ in 0..10 {
            let start = Instant::now();
            count = black_box(run());
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{name}: {:.1} ms ({count})", best * 1e3);
    };
    time("who-can, policies of 10,000 roles", &|| Principals::of(&inventory).list.len());
    let principals = Principals::of(&inventory);
    for (action, resource) in [
        ("s3:GetObject", "arn:aws:s3:::team-77/x"),
        ("dynamodb:Query", "arn:aws:dynamodb:eu-central-1:111122223333:table/app-users"),
        ("ec2:StopInstances", "arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc"),
    ] {
        let question = Question {
            action: action.into(),
            target: Target::of(&inventory, action, resource, Some("111122223333")),
            context: Vec::new(),
            unlisted: Unlisted::Absent,
        };
        time(&format!("who-can, {action}"), &|| who_can(&inventory, &principals, &question).len());
    }
}

/// Who gets in through each of these policies: the time of each, the best of three runs.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn exposures(name: &str, kind: ResourceKind, texts: &[String]) {
    let trust = Trust { orgs: vec!["o-a1b2c3d4e5".into()], ..Trust::default() };
    let (mut times, mut undecided) = (Vec::new(), 0);
    for text in texts {
        let policy = Document::parse(text, kind.document()).expect("a policy");
        let inquiry = Inquiry {
            policy: &policy,
            controls: &[],
            kind,
            resource: None,
            owner: "111122223333",
            trust: &trust,
        };
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let start = Instant::now();
            let found = black_box(exposure(&inquiry));
            best = best.min(start.elapsed().as_secs_f64());
            undecided += usize::from(found.external.answer.is_unknown());
        }
        times.push(best * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get((times.len() - 1) * share / 100).copied().unwrap_or_default();
    println!(
        "exposure, {} {name}: median {:.3} ms, 95 of 100 within {:.2} ms, 99 within {:.2} ms, \
         worst {:.1} ms; {} undecided",
        times.len(),
        at(50),
        at(95),
        at(99),
        at(100),
        undecided / 3,
    );
}

/// An identity policy as the policy of a resource: for everybody, and for a stranger's account.
fn given_to(principal: &Value, texts: &[String]) -> Vec<String> {
    let give = |text: &String| {
        let mut policy: Value = serde_json::from_str(text).expect("JSON");
        if policy["Statement"].is_object() {
            policy["Statement"] = json!([policy["Statement"].clone()]);
        }
        for statement in policy["Statement"].as_array_mut().into_iter().flatten() {
            statement["Principal"] = principal.clone();
        }
        policy.to_string()
    };
    texts.iter().map(give).collect()
}

fn exposures_of_all() {
    exposures("bucket policies", ResourceKind::Bucket, &corpus::buckets(1000));
    let mut sources = vec![("managed policies of our making", corpus::managed(1600))];
    if let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) {
        let text = std::fs::read_to_string(path).expect("a file of policies");
        sources.push(("policies of the file", text.lines().map(str::to_owned).collect()));
    }
    for (name, texts) in sources {
        for (who, principal) in
            [("everybody", json!("*")), ("a stranger", json!({"AWS": "444455556666"}))]
        {
            exposures(
                &format!("{name}, given to {who}"),
                ResourceKind::Other,
                &given_to(&principal, &texts),
            );
        }
    }
}

fn main() {
    exposures_of_all();
    let requests = requests();
    let mut policies = Policies { identity: set(Kind::Identity, &POLICIES), ..Policies::default() };
    let rounds = 200;
    let count = rounds * u32::try_from(requests.len()).unwrap_or(1);
    let decide_all = |policies: &Policies| {
        let mut allowed = 0_u32;
        for _ in 0..rounds {
            for request in &requests {
                let decision = decide(black_box(request), black_box(policies));
                allowed += u32::from(decision == Decision::Allow);
            }
        }
        assert_eq!(allowed % rounds, 0);
        black_box(allowed);
    };
    measure("decide, identity policies", count, || decide_all(&policies));
    policies.boundary = Some(set(
        Kind::Boundary,
        &[r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}}}]}"#],
    ));
    let full =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    policies.scps = vec![set(Kind::Scp, &[full]), set(Kind::Scp, &[full]), set(Kind::Scp, &[full])];
    measure("decide, with boundary and three levels of SCPs", count, || decide_all(&policies));
    measure("explain, the same", count, || {
        for _ in 0..rounds {
            for request in &requests {
                black_box(explain(black_box(request), black_box(&policies)));
            }
        }
    });
    let parses = 20;
    measure("parse, a policy of four statements", parses * 5, || {
        for _ in 0..parses {
            for text in POLICIES {
                black_box(Document::parse(black_box(text), Kind::Identity).expect("valid"));
            }
        }
    });
    who_can_of_many();
}
