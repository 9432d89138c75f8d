//! Comparison against brute force: random small identity policies, random requests, the concrete
//! evaluator.

use std::sync::Arc;

use super::*;
use crate::iam::dice::Dice;
use crate::iam::document::Kind;
use crate::iam::evaluate::{Decision, Policies, PolicySet, decide};
use crate::iam::principal::Caller;
use crate::iam::request::{Context, ContextValue, Request};

const ELEMENTS: &[&str] = &[
    r#""Action":"s3:*","Resource":"*""#,
    r#""Action":"s3:Get*","Resource":"arn:aws:s3:::b/*""#,
    r#""Action":["s3:Get*","s3:Put*"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::c/*"]"#,
    r#""NotAction":"s3:Get*","Resource":"arn:aws:s3:::*""#,
    r#""Action":"*","NotResource":"arn:aws:s3:::b/*""#,
    r#""Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*""#,
    r#""Action":"s3:*","Resource":"arn:aws:s3:::b/a*""#,
];

const CONDITIONS: &[&str] = &[
    "",
    "",
    r#""StringEquals":{"s3:prefix":"a"}"#,
    r#""StringLike":{"s3:prefix":["a*","*b"]}"#,
    r#""StringNotLike":{"s3:prefix":"a*"}"#,
    r#""StringEqualsIfExists":{"s3:prefix":["a","ab"]}"#,
    r#""StringEquals":{"s3:prefix":"${aws:username}"}"#,
    r#""StringEquals":{"aws:username":"ann"}"#,
    r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
    r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#,
    r#""ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#,
    r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}"#,
    r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}"#,
    r#""NumericLessThan":{"s3:max-keys":"10"}"#,
    r#""NumericLessThanEquals":{"s3:max-keys":"10"}"#,
    r#""IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.128.0.0/10"]}"#,
    r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
    r#""Null":{"s3:prefix":"true"}"#,
];

fn policy(dice: &mut Dice) -> String {
    let statements: Vec<String> = (0..=dice.roll(3))
        .map(|number| {
            let effect = if number == 0 || dice.roll(3) > 0 { "Allow" } else { "Deny" };
            let condition = match dice.pick(CONDITIONS) {
                "" => String::new(),
                condition => format!(r#","Condition":{{{condition}}}"#),
            };
            format!(r#"{{"Effect":"{effect}",{}{condition}}}"#, dice.pick(ELEMENTS))
        })
        .collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn inner(policy: &str) -> &str {
    let start = policy.find('[').expect("a list") + 1;
    &policy[start..policy.len() - 2]
}

fn request(dice: &mut Dice) -> Request {
    let mut context = Context::default();
    for (key, values) in [
        ("s3:prefix", &["a", "ab", "b", "x", "ann"][..]),
        ("aws:MultiFactorAuthPresent", &["true", "false"]),
        ("s3:max-keys", &["1", "10", "11"]),
        ("aws:SourceIp", &["10.1.1.1", "10.130.0.1", "10.200.0.1", "8.8.8.8"]),
        ("aws:username", &["ann", "bob", "a"]),
    ] {
        if dice.roll(3) > 0 {
            context.insert(key, ContextValue::One(dice.pick(values).into()));
        }
    }
    if dice.roll(3) > 0 {
        let keys = (0..=dice.roll(2)).map(|_| Box::from(dice.pick(&["a", "b", "c"]))).collect();
        context.insert("aws:TagKeys", ContextValue::Many(keys));
    }
    let action =
        dice.pick(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "ec2:RunInstances"]);
    let resource = dice.pick(&[
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/a/x",
        "arn:aws:s3:::b/ann/x",
        "arn:aws:s3:::c/x",
        "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
    ]);
    let caller = Caller::parse("arn:aws:iam::111122223333:user/ann").expect("a user");
    Request::new(caller, action, resource, Some("111122223333"), context)
}

fn allows(document: &Document, request: &Request) -> bool {
    let policies = Policies {
        identity: PolicySet::new(vec![Arc::new(document.clone())]),
        ..Policies::default()
    };
    decide(request, &policies) == Decision::Allow
}

#[test]
fn comparisons_agree_with_brute_force() {
    let mut dice = Dice(0x5851_f42d_4c95_7f2d);
    let (mut within, mut beyond, mut open) = (0, 0, 0);
    for _ in 0..400 {
        let (a, mut b) = (policy(&mut dice), policy(&mut dice));
        if dice.roll(2) == 0 {
            // A policy with one more statement is often within the other or the other within it.
            b = b.replacen("\"Statement\":[", &format!("\"Statement\":[{},", inner(&a)), 1);
        }
        let read = |text: &str| Document::parse(text, Kind::Identity).expect("a policy");
        let (first, second) = (read(&a), read(&b));
        let found = super::within(&first, &second);
        match found.answer {
            Truth::False => {
                let witness = found.witness.expect("a request speaks against it");
                let request = witness.request("111122223333");
                assert!(allows(&first, &request), "{a}\n{b}\n{witness:?}");
                assert!(!allows(&second, &request), "{a}\n{b}\n{witness:?}");
                beyond += 1;
            }
            Truth::True => {
                for _ in 0..200 {
                    let request = request(&mut dice);
                    let escapes = allows(&first, &request) && !allows(&second, &request);
                    assert!(!escapes, "{a}\n{b}\n{request:?}");
                }
                within += 1;
            }
            Truth::Unknown => open += 1,
        }
        assert!(!super::within(&first, &first).answer.is_false(), "{a}");
    }
    assert!(within > 20 && beyond > 100 && open < 80, "{within} {beyond} {open}");
}
