//! Vectors. Each row follows from the IAM User Guide (policy elements, condition keys) or the S3
//! User Guide (the meaning of public); rows that AWS's own rules decide differently by design say so.

use super::*;
use crate::iam::truth::Truth::{False, True, Unknown};

const OWNER: &str = "111122223333";

fn trust() -> Trust {
    Trust {
        accounts: vec!["444455556666".into()],
        orgs: vec!["o-ourorg1234".into()],
        org_units: vec!["o-partner123/r-ab12/ou-ab12-11111111".into()],
        vpcs: vec!["vpc-0a1b2c3d".into()],
        vpces: vec!["vpce-0a1b2c3d".into()],
        ips: vec!["203.0.113.0/24".into()],
    }
}

fn ask(kind: ResourceKind, statements: &str) -> Exposure {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let policy = Document::parse(&text, kind.document()).expect("a policy");
    exposure(&Inquiry {
        policy: &policy,
        controls: &[],
        kind,
        resource: None,
        owner: OWNER,
        trust: &trust(),
    })
}

fn allow(principal: &str, condition: &str) -> String {
    let condition = if condition.is_empty() {
        String::new()
    } else {
        format!(r#","Condition":{{{condition}}}"#)
    };
    format!(
        r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"{condition}}}"#
    )
}

fn bucket(statements: &str) -> (Truth, Truth) {
    let found = ask(ResourceKind::Bucket, statements);
    for finding in [&found.public, &found.external] {
        assert_eq!(
            finding.answer.is_false(),
            finding.witness.is_none() && !finding.why.contains("decided")
        );
    }
    (found.public.answer, found.external.answer)
}

#[test]
fn principals_decide_who_gets_in() {
    for (principal, expected) in [
        (r#""*""#, (True, True)),
        (r#"{"AWS":"*"}"#, (True, True)),
        (r#"{"AWS":"111122223333"}"#, (False, False)),
        (r#"{"AWS":"444455556666"}"#, (False, False)),
        (r#"{"AWS":"777788889999"}"#, (False, True)),
        (r#"{"AWS":"arn:aws:iam::777788889999:role/App"}"#, (False, True)),
        (
            r#"{"AWS":["arn:aws:iam::111122223333:role/App","arn:aws:iam::777788889999:user/Ann"]}"#,
            (False, True),
        ),
        (r#"{"AWS":"AROAEXAMPLEID1234567"}"#, (False, False)),
        (r#"{"Service":"cloudtrail.amazonaws.com"}"#, (False, False)),
        (r#"{"Federated":"graph.facebook.com"}"#, (True, True)),
        (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/Corp"}"#, (False, False)),
        (r#"{"Federated":"arn:aws:iam::777788889999:saml-provider/Corp"}"#, (False, True)),
        (
            r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
            (False, True),
        ),
    ] {
        assert_eq!(bucket(&allow(principal, "")), expected, "{principal}");
    }
}

#[test]
fn an_allowance_for_everybody_else_is_public() {
    let not = r#"{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}"#;
    assert_eq!(bucket(not), (True, True));
}

#[test]
fn conditions_that_strangers_cannot_meet_keep_them_out() {
    let mut wrong = Vec::new();
    for (condition, expected) in [
        // Who calls.
        (r#""StringEquals":{"aws:PrincipalOrgID":"o-ourorg1234"}"#, (False, False)),
        (r#""StringEquals":{"aws:PrincipalOrgID":"o-stranger12"}"#, (False, True)),
        (r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#, (True, True)),
        (
            r#""StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}"#,
            (False, False),
        ),
        (r#""StringEquals":{"aws:PrincipalAccount":"777788889999"}"#, (False, True)),
        (r#""StringLike":{"aws:PrincipalAccount":"1111*"}"#, (True, True)),
        (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}"#, (False, False)),
        (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::777788889999:role/*"}"#, (False, True)),
        (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"}"#, (True, True)),
        (r#""StringLike":{"aws:PrincipalArn":"*:role/Admin"}"#, (True, True)),
        (
            r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-ourorg1234/r-ab12/*"}"#,
            (False, False),
        ),
        (
            r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-partner123/r-ab12/ou-ab12-11111111/*"}"#,
            (False, False),
        ),
        (
            r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-partner123/r-ab12/ou-ab12-22222222/*"}"#,
            (False, True),
        ),
        // Vacuous for callers without an organization.
        (r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-ourorg1234/*"}"#, (True, True)),
        (r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-ourorg1234"}"#, (True, True)),
        (r#""StringNotEquals":{"aws:PrincipalOrgID":"o-stranger12"}"#, (True, True)),
        // Tags are the caller's own.
        (r#""StringEquals":{"aws:PrincipalTag/Team":"a"}"#, (True, True)),
        (r#""StringEquals":{"aws:PrincipalType":"Anonymous"}"#, (True, True)),
        // Where from.
        (r#""StringEquals":{"aws:SourceVpc":"vpc-0a1b2c3d"}"#, (False, False)),
        (r#""StringEquals":{"aws:SourceVpc":"vpc-91237329"}"#, (False, True)),
        (r#""StringLike":{"aws:SourceVpc":"vpc-*"}"#, (True, True)),
        (r#""StringLike":{"aws:SourceVpc":["vpc-0a1b2c3d","vpc-*"]}"#, (True, True)),
        (r#""StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d"}"#, (False, False)),
        (r#""StringNotEquals":{"aws:SourceVpce":"vpce-0a1b2c3d"}"#, (True, True)),
        (r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, (False, False)),
        (r#""IpAddress":{"aws:SourceIp":"203.0.113.0/23"}"#, (False, True)),
        (r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#, (False, False)),
        (r#""IpAddress":{"aws:SourceIp":"54.0.0.0/8"}"#, (False, True)),
        (r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#, (True, True)),
        (r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#, (True, True)),
        (r#""IpAddress":{"aws:SourceIp":"::/0"}"#, (True, True)),
        (r#""IpAddress":{"aws:SourceIp":"2600:1f00::/32"}"#, (False, True)),
        (r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, (True, True)),
        // On whose behalf.
        (r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#, (False, False)),
        (r#""StringEquals":{"aws:SourceAccount":"777788889999"}"#, (False, True)),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}"#, (False, False)),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:777788889999:topic"}"#, (False, True)),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:topic"}"#, (True, True)),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}"#, (True, True)),
        (r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket"}"#, (False, Unknown)),
        (
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket"},"StringEquals":{"aws:SourceAccount":"111122223333"}"#,
            (False, False),
        ),
        (r#""StringEquals":{"aws:SourceOwner":"111122223333"}"#, (False, False)),
        (r#""StringEquals":{"s3:DataAccessPointAccount":"111122223333"}"#, (False, False)),
        (r#""StringEquals":{"s3:DataAccessPointAccount":"777788889999"}"#, (False, True)),
        (
            r#""ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:111122223333:accesspoint/*"}"#,
            (False, False),
        ),
        (r#""StringLike":{"aws:userid":"AROAEXAMPLEID1234567:*"}"#, (False, Unknown)),
        (r#""StringLike":{"aws:userid":"*:admin"}"#, (True, True)),
        (r#""StringEquals":{"aws:PrincipalIsAWSService":"true"}"#, (True, True)),
        (r#""Bool":{"aws:PrincipalIsAWSService":"false"}"#, (True, True)),
        // Always true, or the caller's to choose.
        (r#""StringEquals":{"aws:ResourceAccount":"111122223333"}"#, (True, True)),
        (r#""StringEquals":{"aws:ResourceAccount":"777788889999"}"#, (False, False)),
        (r#""Bool":{"aws:SecureTransport":"true"}"#, (True, True)),
        (r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#, (True, True)),
        (r#""StringEquals":{"aws:Referer":"https://example.com/"}"#, (True, True)),
        (
            r#""StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"key"}"#,
            (True, True),
        ),
        (r#""Null":{"aws:PrincipalOrgID":"true"}"#, (True, True)),
        (r#""Null":{"aws:PrincipalOrgID":"false"}"#, (True, True)),
        // Contradictions let nobody in.
        (r#""StringEquals":{"s3:prefix":"a"},"StringNotEquals":{"s3:prefix":"a"}"#, (False, False)),
        (
            r#""NumericLessThan":{"s3:max-keys":"5"},"NumericGreaterThan":{"s3:max-keys":"5"}"#,
            (False, False),
        ),
        (
            r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"},"StringLike":{"aws:SourceVpce":"*"}"#,
            (False, False),
        ),
    ] {
        let found = bucket(&allow("\"*\"", condition));
        if found != expected {
            wrong.push(format!("{condition}: {found:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn denials_take_away_what_they_cover_and_no_more() {
    let open = allow("\"*\"", "");
    let deny = |rest: &str| format!(r#"{open},{{"Effect":"Deny",{rest}}}"#);
    for (rest, expected) in [
        (r#""Principal":"*","Action":"*","Resource":"*""#, (False, False)),
        (r#""Principal":"*","Action":"s3:Get*","Resource":"*""#, (False, False)),
        (r#""Principal":"*","Action":"s3:PutObject","Resource":"*""#, (True, True)),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/private/*""#,
            (True, True),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
            (True, True),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-ourorg1234"}}"#,
            (False, False),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-ourorg1234"}}"#,
            (False, False),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-0a1b2c3d"}}"#,
            (False, False),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:SourceVpce":"vpce-0a1b2c3d"}}"#,
            (False, False),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            (False, False),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            (False, False),
        ),
        (
            r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1","::/0"]}}"#,
            (True, True),
        ),
        (
            r#""NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/App"]},"Action":"s3:*","Resource":"*""#,
            (False, False),
        ),
        (r#""Principal":{"AWS":"777788889999"},"Action":"s3:*","Resource":"*""#, (True, True)),
    ] {
        assert_eq!(bucket(&deny(rest)), expected, "{rest}");
    }
}

#[test]
fn variables_are_exact_where_they_can_be() {
    let owned = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/${aws:username}/*"}"#;
    assert_eq!(bucket(owned), (True, True));
    for (condition, expected) in [
        (r#""StringEquals":{"aws:SourceVpc":"${aws:PrincipalTag/vpc}"}"#, (Unknown, True)),
        (r#""StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#, (False, False)),
        (r#""StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}"#, (False, False)),
        (r#""StringEquals":{"s3:prefix":"${aws:userid}"}"#, (True, True)),
    ] {
        let (public, external) = bucket(&allow("\"*\"", condition));
        assert_eq!(public, expected.0, "{condition}");
        if expected.1.is_false() {
            assert_eq!(external, False, "{condition}");
        }
    }
}

#[test]
fn services_named_without_source_are_confused_deputies() {
    let statement = |condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"*"{condition}}}"#
        )
    };
    for (condition, confused) in [
        ("", true),
        (r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, false),
        (r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}"#, false),
        (r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#, true),
        (r#","Condition":{"StringEquals":{"aws:SourceOrgID":"o-ourorg1234"}}"#, false),
        (r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#, true),
    ] {
        let found = ask(ResourceKind::Queue, &statement(condition));
        assert_eq!(found.external.answer, False, "{condition}");
        assert_eq!(found.confused_deputies.len(), usize::from(confused), "{condition}");
    }
}

#[test]
fn federation_is_open_unless_the_subject_is_pinned() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let trusts = |condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{condition}}}}}"#
        )
    };
    let aud = r#""StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com""#;
    for (condition, public) in [
        (format!("{aud}}}"), True),
        (
            format!(r#"{aud}}},"StringLike":{{"token.actions.githubusercontent.com:sub":"*"}}"#),
            True,
        ),
        (
            format!(
                r#"{aud}}},"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:*"}}"#
            ),
            True,
        ),
        (
            format!(
                r#"{aud}}},"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:acme*"}}"#
            ),
            True,
        ),
        (
            format!(
                r#"{aud}}},"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}"#
            ),
            False,
        ),
        (
            format!(
                r#"{aud},"token.actions.githubusercontent.com:sub":"repo:acme/app:ref:refs/heads/main"}}"#
            ),
            False,
        ),
        (
            format!(
                r#"{aud}}},"StringLikeIfExists":{{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}"#
            ),
            False,
        ),
        (
            format!(
                r#"{aud}}},"StringNotLike":{{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}"#
            ),
            True,
        ),
    ] {
        let found = ask(ResourceKind::Role, &trusts(&condition));
        assert_eq!(found.public.answer, public, "{condition}");
        assert_eq!(found.open_federation.len(), usize::from(public.is_true()), "{condition}");
    }
}

#[test]
fn trust_policies_name_who_may_assume_the_role() {
    let trusts = |principal: &str, condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"{condition}}}"#
        )
    };
    for (principal, condition, expected) in [
        (r#"{"AWS":"*"}"#, "", (True, True)),
        (r#"{"AWS":"777788889999"}"#, "", (False, True)),
        (
            r#"{"AWS":"777788889999"}"#,
            r#","Condition":{"StringEquals":{"sts:ExternalId":"secret"}}"#,
            (False, True),
        ),
        (
            r#"{"AWS":"*"}"#,
            r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-ourorg1234"}}"#,
            (False, False),
        ),
        (r#"{"Service":"ec2.amazonaws.com"}"#, "", (False, False)),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "", (False, False)),
    ] {
        let found = ask(ResourceKind::Role, &trusts(principal, condition));
        assert_eq!(
            (found.public.answer, found.external.answer),
            expected,
            "{principal}{condition}"
        );
    }
}

/// Actions without resources are granted by statements about `*` only, and denied by such only.
#[test]
fn actions_without_resources_are_asked_about_a_star() {
    let statement = |effect: &str, actions: &str, resource: &str| {
        format!(
            r#"{{"Effect":"{effect}","Principal":"*","Action":[{actions}],"Resource":"{resource}"}}"#
        )
    };
    let (list, run) = (r#""ec2:DescribeInstances""#, r#""ec2:RunInstances""#);
    let instances = "arn:aws:ec2:*:*:instance/*";
    let all = format!("{list},{run}");
    for (statements, expected) in [
        (vec![statement("Allow", list, instances)], False),
        (vec![statement("Allow", list, "*")], True),
        (vec![statement("Allow", &all, instances)], True),
        (vec![statement("Allow", list, instances), statement("Allow", run, instances)], True),
        (vec![statement("Allow", list, "*"), statement("Deny", list, "arn:aws:*:*:*:*")], True),
        (vec![statement("Allow", &all, instances), statement("Deny", run, "*")], False),
        (vec![statement("Allow", &all, "*"), statement("Deny", list, "*")], True),
        (vec![statement("Allow", list, "*"), statement("Deny", list, "*")], False),
    ] {
        let text = statements.join(",");
        assert_eq!(ask(ResourceKind::Other, &text).external.answer, expected, "{text}");
    }
}

#[test]
fn every_kind_of_resource_has_its_own_actions() {
    for (kind, action, other) in [
        (ResourceKind::Key, "kms:Decrypt", "s3:GetObject"),
        (ResourceKind::Topic, "sns:Publish", "sqs:SendMessage"),
        (ResourceKind::Queue, "SQS:SendMessage", "sns:Publish"),
        (ResourceKind::Function, "lambda:InvokeFunction", "s3:*"),
        (ResourceKind::Repository, "ecr:BatchGetImage", "s3:*"),
        (ResourceKind::Secret, "secretsmanager:GetSecretValue", "s3:*"),
        (ResourceKind::LogGroup, "logs:PutSubscriptionFilter", "s3:*"),
    ] {
        let statement = |action: &str| {
            format!(r#"{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":"*"}}"#)
        };
        let found = ask(kind, &statement(action));
        assert_eq!(found.public.answer, True, "{action}");
        let witness = found.public.witness.expect("a witness");
        assert_eq!(witness.action.to_lowercase(), action.to_lowercase());
        assert_eq!(ask(kind, &statement(other)).external.answer, False, "{other}");
    }
}

#[test]
fn an_organizations_accounts_are_within_it_but_not_outside() {
    let statement = allow("\"*\"", r#""StringEquals":{"aws:PrincipalOrgID":"o-ourorg1234"}"#);
    let found = ask(ResourceKind::Bucket, &statement);
    assert_eq!(found.within_organization.answer, True);
    let found = ask(ResourceKind::Bucket, &allow(r#"{"AWS":"111122223333"}"#, ""));
    assert_eq!(found.within_organization.answer, False);
    let found = ask(ResourceKind::Bucket, &allow(r#"{"AWS":"444455556666"}"#, ""));
    assert_eq!(found.within_organization.answer, True);
}

#[test]
fn resource_control_policies_take_away() {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, allow("\"*\"", ""));
    let policy = Document::parse(&policy, crate::iam::document::Kind::Resource).expect("a policy");
    let control = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*",
        "Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-ourorg1234"},
        "BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}}"#;
    let control = Document::parse(control, crate::iam::document::Kind::Rcp).expect("a policy");
    let inquiry = Inquiry {
        policy: &policy,
        controls: &[],
        kind: ResourceKind::Bucket,
        resource: Some("arn:aws:s3:::bucket"),
        owner: OWNER,
        trust: &trust(),
    };
    assert_eq!(exposure(&inquiry).public.answer, True);
    let controls = [control];
    let found = exposure(&Inquiry { controls: &controls, ..inquiry });
    // What is left is a service that anyone can make read: the control exempts services.
    let witness = found.public.witness.expect("services are exempt");
    assert!(witness.principal.ends_with("amazonaws.com"), "{}", witness.principal);
}

#[test]
fn the_resource_limits_what_can_be_asked_for() {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, allow("\"*\"", ""));
    let policy = Document::parse(&policy, crate::iam::document::Kind::Resource).expect("a policy");
    let about = |resource| {
        exposure(&Inquiry {
            policy: &policy,
            controls: &[],
            kind: ResourceKind::Bucket,
            resource: Some(resource),
            owner: OWNER,
            trust: &trust(),
        })
    };
    assert_eq!(about("arn:aws:s3:::bucket").public.answer, True);
    assert_eq!(about("arn:aws:s3:::another").public.answer, False);
}
