//! Exposure against brute force: random small policies, random requests, the concrete evaluator.
//!
//! Every positive answer's witness must be allowed by the evaluator; after a negative answer no
//! request from outside may be. Requests are drawn by a model of callers of its own, with values
//! from the policies and beside them.

use std::sync::Arc;

use rayon::prelude::*;

use super::*;
use crate::iam::dice::Dice;
use crate::iam::document::Kind;
use crate::iam::evaluate::{Decision, Policies, PolicySet, decide};
use crate::iam::principal::Caller as Principal;
use crate::iam::request::{Context, ContextValue, Request};

const OWNER: &str = "111122223333";

fn trust() -> Trust {
    Trust {
        accounts: vec!["444455556666".into()],
        orgs: vec!["o-ourorg1234".into()],
        org_units: vec![],
        vpcs: vec!["vpc-0a1b2c3d".into()],
        vpces: vec![],
        ips: vec!["203.0.113.0/24".into()],
    }
}

const PRINCIPALS: &[&str] = &[
    r#""Principal":"*""#,
    r#""Principal":"*""#,
    r#""Principal":{"AWS":"*"}"#,
    r#""Principal":{"AWS":"111122223333"}"#,
    r#""Principal":{"AWS":"444455556666"}"#,
    r#""Principal":{"AWS":"777788889999"}"#,
    r#""Principal":{"AWS":"arn:aws:iam::777788889999:role/App"}"#,
    r#""Principal":{"AWS":["arn:aws:iam::777788889999:user/Ann","111122223333"]}"#,
    r#""Principal":{"Service":"sns.amazonaws.com"}"#,
    r#""NotPrincipal":{"AWS":["777788889999","arn:aws:iam::777788889999:user/Ann"]}"#,
    r#""NotPrincipal":{"AWS":"111122223333"}"#,
];

const ACTIONS: &[&str] = &[
    r#""Action":"s3:*""#,
    r#""Action":"*""#,
    r#""Action":"s3:Get*""#,
    r#""Action":["s3:GetObject","s3:PutObject"]"#,
    r#""NotAction":"s3:Get*""#,
    r#""NotAction":["s3:*Object","s3:List*"]"#,
    r#""Action":"s3:?etObject""#,
];

const RESOURCES: &[&str] = &[
    r#""Resource":"*""#,
    r#""Resource":"arn:aws:s3:::b/*""#,
    r#""Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#,
    r#""Resource":"arn:aws:s3:::b/private/*""#,
    r#""NotResource":"arn:aws:s3:::b/public/*""#,
    r#""Resource":"arn:aws:s3:::b/${aws:username}/*""#,
    r#""Resource":"arn:aws:s3:::b/*/x?""#,
];

const CONDITIONS: &[&str] = &[
    r#""StringEquals":{"aws:PrincipalOrgID":"o-ourorg1234"}"#,
    r#""StringNotEquals":{"aws:PrincipalOrgID":"o-ourorg1234"}"#,
    r#""StringEquals":{"aws:PrincipalOrgID":["o-ourorg1234","o-stranger12"]}"#,
    r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-stranger12"}"#,
    r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#,
    r#""StringEquals":{"aws:PrincipalAccount":["111122223333","777788889999"]}"#,
    r#""StringNotLike":{"aws:PrincipalAccount":"7777*"}"#,
    r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/App"}"#,
    r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::777788889999:user/*"}"#,
    r#""StringLike":{"aws:PrincipalArn":"*:role/A*"}"#,
    r#""StringEquals":{"aws:SourceVpc":"vpc-0a1b2c3d"}"#,
    r#""StringNotEquals":{"aws:SourceVpc":["vpc-0a1b2c3d","vpc-91237329"]}"#,
    r#""StringLike":{"aws:SourceVpc":"vpc-9*"}"#,
    r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
    r#""NotIpAddress":{"aws:SourceIp":["203.0.113.0/25","198.51.0.0/16"]}"#,
    r#""IpAddressIfExists":{"aws:SourceIp":["0.0.0.0/1","203.0.113.0/24"]}"#,
    r#""Bool":{"aws:SecureTransport":"false"}"#,
    r#""Bool":{"aws:SecureTransport":"true"}"#,
    r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#,
    r#""Bool":{"aws:PrincipalIsAWSService":"false"}"#,
    r#""Null":{"aws:PrincipalTag/t":"true"}"#,
    r#""Null":{"aws:PrincipalTag/t":"false"}"#,
    r#""StringEquals":{"aws:PrincipalTag/t":"a"}"#,
    r#""StringNotLikeIfExists":{"aws:PrincipalTag/t":["a*","*b"]}"#,
    r#""StringEqualsIgnoreCase":{"aws:PrincipalTag/t":"A"}"#,
    r#""StringEquals":{"s3:prefix":"${aws:PrincipalTag/t}"}"#,
    r#""StringLike":{"s3:prefix":"${aws:username}/*"}"#,
    r#""NumericLessThan":{"s3:max-keys":"10"}"#,
    r#""NumericGreaterThanEqualsIfExists":{"s3:max-keys":"10"}"#,
    r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}"#,
    r#""ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#,
    r#""ForAllValues:StringNotEquals":{"aws:TagKeys":"a"}"#,
    r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":"a"}"#,
    r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#,
    r#""StringEquals":{"aws:SourceAccount":"777788889999"}"#,
    r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:777788889999:*"}"#,
    r#""StringEquals":{"aws:ResourceAccount":"111122223333"}"#,
    r#""StringEquals":{"aws:username":"ann"}"#,
    r#""StringNotEquals":{"aws:PrincipalType":"Anonymous"}"#,
];

fn policy(dice: &mut Dice) -> String {
    let statements: Vec<String> = (0..=dice.roll(4))
        .map(|number| {
            let effect = if number == 0 || dice.roll(2) == 0 { "Allow" } else { "Deny" };
            let mut blocks: std::collections::BTreeMap<&str, &str> = Default::default();
            for _ in 0..dice.roll(4) {
                let condition = dice.pick(CONDITIONS);
                blocks.insert(condition.split(':').next().unwrap_or_default(), condition);
            }
            // Operators with a prefix share the first part of their name with each other.
            let conditions: Vec<&str> = blocks.into_values().collect();
            let condition = match conditions.as_slice() {
                [] => String::new(),
                list => format!(r#","Condition":{{{}}}"#, list.join(",")),
            };
            format!(
                r#"{{"Effect":"{effect}",{},{},{}{condition}}}"#,
                dice.pick(PRINCIPALS),
                dice.pick(ACTIONS),
                dice.pick(RESOURCES),
            )
        })
        .collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// A random request from outside the zone of trust, by a model of who can have which keys. `world`
/// asks for one that nothing ties to a named place.
fn outsider(dice: &mut Dice, world: bool) -> Request {
    let mut context = Context::default();
    let mut one = |key: &str, value: &str| {
        context.insert(key, ContextValue::One(value.into()));
    };
    one("aws:SecureTransport", dice.pick(&["true", "false"]));
    one("aws:ResourceAccount", OWNER);
    let caller = match dice.roll(4) {
        0 => {
            one("aws:PrincipalType", "Anonymous");
            one("aws:PrincipalIsAWSService", "false");
            Principal::Anonymous
        }
        1 => {
            let account = match world {
                true => dice.pick(&["999900001111", "777700001111"]),
                false => dice.pick(&["999900001111", "777788889999", "777700001111"]),
            };
            one("aws:PrincipalIsAWSService", "true");
            one("aws:SourceAccount", account);
            one("aws:SourceArn", &format!("arn:aws:sns:us-east-1:{account}:topic"));
            Principal::Service("other.amazonaws.com".into())
        }
        _ => {
            let account = match world {
                true => dice.pick(&["999900001111", "777700001111"]),
                false => dice.pick(&["999900001111", "777788889999", "777700001111"]),
            };
            one("aws:PrincipalIsAWSService", "false");
            one("aws:PrincipalAccount", account);
            let organizations: &[&str] =
                if world { &["", "o-another123"] } else { &["", "o-another123", "o-stranger12"] };
            match dice.pick(organizations) {
                "" => {}
                id => one("aws:PrincipalOrgID", id),
            }
            if dice.roll(2) == 0 {
                one("aws:PrincipalTag/t", dice.pick(&["a", "A", "b", "ab", "ca", "x", ""]));
            }
            let name = dice.pick(&["App", "Ann", "Another", "x"]);
            if dice.roll(2) == 0 {
                one("aws:MultiFactorAuthPresent", dice.pick(&["true", "false"]));
            }
            match dice.roll(3) {
                0 => {
                    let arn = format!("arn:aws:iam::{account}:user/{name}");
                    one("aws:PrincipalArn", &arn);
                    one("aws:PrincipalType", "User");
                    one("aws:username", name);
                    Principal::parse(&arn).expect("a user")
                }
                1 => {
                    one("aws:PrincipalArn", &format!("arn:aws:iam::{account}:role/{name}"));
                    one("aws:PrincipalType", "AssumedRole");
                    let session = format!("arn:aws:sts::{account}:assumed-role/{name}/s");
                    Principal::parse(&session).expect("a session")
                }
                _ => {
                    let arn = format!("arn:aws:iam::{account}:root");
                    one("aws:PrincipalArn", &arn);
                    one("aws:PrincipalType", "Account");
                    Principal::parse(&arn).expect("a root user")
                }
            }
        }
    };
    if dice.roll(2) == 0 || matches!(caller, Principal::Service(_)) {
        let addresses = ["8.8.8.8", "198.51.7.7", "129.1.1.1", "2600:1f00::1", "203.0.112.9"];
        one("aws:SourceIp", dice.pick(&addresses));
    } else {
        let named = if world { &["vpc-77777777"][..] } else { &["vpc-91237329", "vpc-77777777"] };
        one("aws:SourceVpc", dice.pick(named));
    }
    if dice.roll(2) == 0 {
        one("s3:prefix", dice.pick(&["a", "App/x", "Ann/y", "x/", "ab"]));
    }
    if dice.roll(2) == 0 {
        one("s3:max-keys", dice.pick(&["1", "10", "11"]));
    }
    if dice.roll(2) == 0 {
        let mut keys: Vec<Box<str>> = vec![dice.pick(&["a", "b", "c"]).into()];
        if dice.roll(2) == 0 {
            keys.push(dice.pick(&["a", "b", "d"]).into());
        }
        context.insert("aws:TagKeys", ContextValue::Many(keys.into()));
    }
    let action = dice.pick(&[
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListBucket",
        "s3:DeleteObject",
        "s3:SetObject",
    ]);
    let resource = dice.pick(&[
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/a",
        "arn:aws:s3:::b/private/x1",
        "arn:aws:s3:::b/public/a",
        "arn:aws:s3:::b/Ann/x2",
        "arn:aws:s3:::b/App/y",
    ]);
    Request::new(caller, action, resource, Some(OWNER), context)
}

/// The policies of a request to a resource with this policy: what a foreign account allows its own
/// principals is theirs to decide, so it allows everything.
fn policies(policy: &Document) -> Policies {
    let all =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let all = Document::parse(all, Kind::Identity).expect("a policy");
    Policies {
        identity: PolicySet::new(vec![Arc::new(all)]),
        resource: Some(PolicySet::new(vec![Arc::new(policy.clone())])),
        ..Policies::default()
    }
}

fn inquiry<'a>(policy: &'a Document, trust: &'a Trust) -> Inquiry<'a> {
    Inquiry {
        policy,
        controls: &[],
        kind: ResourceKind::Bucket,
        resource: Some("arn:aws:s3:::b"),
        owner: OWNER,
        trust,
    }
}

fn compare(rounds: usize, requests: usize, seed: u64) {
    let mut dice = Dice(seed);
    let (mut yes, mut no, mut open) = (0, 0, 0);
    for _ in 0..rounds {
        let text = policy(&mut dice);
        let Ok(document) = Document::parse(&text, Kind::Resource) else { continue };
        let found = exposure(&inquiry(&document, &trust()));
        let policies = policies(&document);
        for finding in [&found.public, &found.external, &found.within_organization] {
            match (&finding.witness, finding.answer) {
                (Some(witness), Truth::True) => {
                    let request = witness.request(OWNER);
                    assert_eq!(decide(&request, &policies), Decision::Allow, "{text}\n{witness:?}");
                    yes += 1;
                }
                (_, answer) => assert!(!answer.is_true(), "{text}"),
            }
        }
        assert!(found.external.answer >= found.public.answer, "{text}");
        open += usize::from(found.external.answer.is_unknown());
        let counts_addresses = text.contains("aws:SourceIp");
        for number in 0..requests {
            let world = number % 2 == 0;
            let finding = if world { &found.public } else { &found.external };
            if !finding.answer.is_false() || (world && counts_addresses) {
                continue;
            }
            let request = outsider(&mut dice, world);
            // Services that the policy names are wanted; they are a question of their own.
            let decision = decide(&request, &policies);
            assert_ne!(decision, Decision::Allow, "{text}\n{request:?}\n{}", finding.why);
            no += 1;
        }
    }
    println!("{yes} let in, {no} kept out, {open} open");
    assert!(yes > rounds / 20 && no > rounds, "{yes} {no}");
    assert!(open * 10 < rounds, "{open} of {rounds} cases are undecided");
}

#[test]
fn answers_agree_with_brute_force() {
    compare(300, 60, 0x9e37_79b9_7f4a_7c15);
}

/// Requests are drawn once for all policies: drawing them takes longer than deciding them.
#[test]
fn whoever_is_kept_out_is_kept_out_of_a_hundred_thousand_requests() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let pool: Vec<(bool, Request)> = (0..2 * MANY)
        .map(|number| (number % 2 == 0, outsider(&mut dice, number % 2 == 0)))
        .collect();
    let texts: Vec<String> = (0..POLICIES).map(|_| policy(&mut dice)).collect();
    let survived: usize = texts
        .par_iter()
        .map(|text| {
            let document = Document::parse(text, Kind::Resource).expect("a policy");
            let found = exposure(&inquiry(&document, &trust()));
            let policies = policies(&document);
            let asked = [
                (true, !found.public.answer.is_false() || text.contains("aws:SourceIp")),
                (false, !found.external.answer.is_false()),
            ];
            let kept_out = asked.iter().filter(|(_, open)| !open);
            kept_out
                .map(|(asked, _)| {
                    let mut tried = 0;
                    for (_, request) in pool.iter().filter(|(world, _)| world == asked) {
                        let decision = decide(request, &policies);
                        assert_ne!(decision, Decision::Allow, "{text}\n{request:?}");
                        tried += 1;
                    }
                    assert_eq!(tried, MANY);
                    1
                })
                .sum::<usize>()
        })
        .sum();
    assert!(survived > POLICIES / 2, "only {survived} negative answers");
}

/// How many requests every negative answer survives, and of how many policies.
const MANY: usize = 100_000;
const POLICIES: usize = 30;

#[test]
fn denials_only_take_away_and_order_does_not_matter() {
    let mut dice = Dice(77);
    for _ in 0..150 {
        let text = policy(&mut dice);
        let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        let statements = json["Statement"].as_array().cloned().unwrap_or_default();
        let ask = |statements: &[serde_json::Value]| {
            let text = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
            let document = Document::parse(&text.to_string(), Kind::Resource).ok()?;
            let found = exposure(&inquiry(&document, &trust()));
            Some((found.public.answer, found.external.answer))
        };
        let Some(all) = ask(&statements) else { continue };
        let reversed: Vec<_> = statements.iter().rev().cloned().collect();
        assert_eq!(ask(&reversed), Some(all), "{text}");
        let twice: Vec<_> = statements.iter().chain(&statements).cloned().collect();
        assert_eq!(ask(&twice), Some(all), "{text}");
        let allowing: Vec<_> =
            statements.iter().filter(|s| s["Effect"] == "Allow").cloned().collect();
        let without = ask(&allowing).expect("fewer statements are a policy, too");
        assert!(without.0 >= all.0 && without.1 >= all.1, "{text}");
    }
}
