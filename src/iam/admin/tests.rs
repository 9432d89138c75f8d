use super::*;
use crate::iam::truth::Truth::{False, True};

fn document(statements: &str, kind: Kind) -> Document {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Document::parse(&text, kind).expect("a policy")
}

fn found(statements: &str) -> Administrator {
    let identity = [document(statements, Kind::Identity)];
    administrator(&Policies { identity: &identity, ..Policies::default() })
}

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

#[test]
fn everything_is_recognized_in_every_spelling() {
    let split = ('a'..='z')
        .map(|letter| format!(r#"{{"Effect":"Allow","Action":"{letter}*:*","Resource":"*"}}"#))
        .chain(
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-']
                .map(|c| format!(r#"{{"Effect":"Allow","Action":"{c}*:*","Resource":"*"}}"#)),
        )
        .collect::<Vec<_>>()
        .join(",");
    for statements in [
        ALL,
        r#"{"Effect":"Allow","Action":"*:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"**","Resource":"**"}"#,
        r#"{"Effect":"Allow","Action":["s3:*","*"],"Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"arn:*"}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
        r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b"},{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}"#,
        &split,
    ] {
        let found = found(statements);
        assert_eq!(found.full.answer, True, "{statements}: {}", found.full.why);
    }
}

#[test]
fn all_of_iam_is_enough() {
    for statements in [
        r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"i*:*","Resource":"arn:aws:iam::*"},{"Effect":"Allow","Action":"IAM:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","NotAction":"aws-portal:*","Resource":"*"}"#,
    ] {
        let found = found(statements);
        assert_eq!(found.full.answer, False, "{statements}");
        assert!(found.full.counterexample.is_some());
        assert_eq!(found.is_equivalent(), True, "{statements}: {}", found.iam.why);
    }
}

#[test]
fn what_is_denied_or_left_out_makes_no_administrator() {
    let deny = |rest: &str| format!(r#"{ALL},{{"Effect":"Deny",{rest}}}"#);
    for statements in [
        deny(r#""Action":"*","Resource":"*""#),
        deny(r#""Action":"iam:*","Resource":"*""#),
        r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#.to_owned(),
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#.to_owned(),
        r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}"#.to_owned(),
        r#"{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}"#.to_owned(),
    ] {
        assert_eq!(found(&statements).is_equivalent(), False, "{statements}");
    }
    let conditional = deny(
        r#""Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
    );
    assert_eq!(found(&conditional).full.answer, True);
    assert_eq!(found(&deny(r#""Action":"s3:DeleteBucket","Resource":"*""#)).is_equivalent(), True);
}

#[test]
fn boundary_and_service_control_policies_take_part() {
    let identity = [document(ALL, Kind::Identity)];
    let boundary = document(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, Kind::Boundary);
    let policies = Policies { identity: &identity, ..Policies::default() };
    assert_eq!(administrator(&policies).is_equivalent(), True);
    let bounded = Policies { boundary: Some(&boundary), ..policies };
    assert_eq!(administrator(&bounded).is_equivalent(), False);
    let full = document(ALL, Kind::Scp);
    let no_iam = document(r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#, Kind::Scp);
    let levels = [vec![full.clone()], vec![full.clone(), no_iam]];
    assert_eq!(administrator(&Policies { controls: &levels, ..policies }).is_equivalent(), False);
    let levels = [vec![full.clone()], vec![full]];
    assert_eq!(administrator(&Policies { controls: &levels, ..policies }).full.answer, True);
    let levels = [vec![]];
    assert_eq!(administrator(&Policies { controls: &levels, ..policies }).is_equivalent(), False);
}

#[test]
fn mfa_is_enforced_only_if_no_request_gets_by_without() {
    let enforced = |statements: &str, exempt: &[&str]| {
        let identity = [document(statements, Kind::Identity)];
        mfa_enforced(&Policies { identity: &identity, ..Policies::default() }, exempt).answer
    };
    let with = |condition: &str| {
        format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#)
    };
    let deny = |rest: &str| format!(r#"{ALL},{{"Effect":"Deny",{rest}}}"#);
    for (statements, expected) in [
        (ALL.to_owned(), False),
        (with(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), True),
        (with(r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#), False),
        (with(r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#), True),
        (
            deny(
                r#""Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#,
            ),
            False,
        ),
        (
            deny(
                r#""Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
            ),
            True,
        ),
        (
            deny(
                r#""Action":"*","Resource":"*","Condition":{"Null":{"aws:MultiFactorAuthAge":"true"}}"#,
            ),
            True,
        ),
        (
            deny(
                r#""NotAction":"iam:EnableMFADevice","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
            ),
            False,
        ),
    ] {
        assert_eq!(enforced(&statements, &[]), expected, "{statements}");
    }
    let but_setup = deny(
        r#""NotAction":"iam:EnableMFADevice","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
    );
    assert_eq!(enforced(&but_setup, &["iam:*MFADevice"]), True);
}
