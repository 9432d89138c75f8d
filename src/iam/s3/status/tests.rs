//! The documented rules, one row each. Source of all rows: S3 User Guide,
//! access-control-block-public-access, "The meaning of public".

use super::*;
use crate::iam::document::Kind;

fn status(principal: &str, condition: &str) -> bool {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
        "Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"{condition}}}]}}"#
    );
    let document = Document::parse(&text, Kind::Resource).expect("a policy");
    public_status(&document, ResourceKind::Bucket).public
}

fn limited_by(condition: &str) -> bool {
    !status("\"*\"", &format!(r#","Condition":{{{condition}}}"#))
}

#[test]
fn principals_must_be_fixed() {
    for (principal, public) in [
        (r#""*""#, true),
        (r#"{"AWS":"*"}"#, true),
        (r#"{"AWS":["arn:aws:iam::111122223333:root","*"]}"#, true),
        (r#"{"Federated":"graph.facebook.com"}"#, true),
        (r#"{"AWS":"111122223333"}"#, false),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/App"}"#, false),
        (r#"{"Service":"cloudtrail.amazonaws.com"}"#, false),
        (
            r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
            false,
        ),
    ] {
        assert_eq!(status(principal, ""), public, "{principal}");
    }
}

#[test]
fn an_allowance_for_everybody_but_somebody_is_public() {
    let text = r#"{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},
        "Action":"s3:*","Resource":"*"}}"#;
    let document = Document::parse(text, Kind::Resource).expect("a policy");
    assert!(public_status(&document, ResourceKind::Bucket).public);
}

#[test]
fn fixed_values_of_the_documented_keys_limit() {
    for condition in [
        r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
        r#""StringEquals":{"aws:SourceVpc":"vpc-91237329"}"#,
        r#""StringLike":{"aws:SourceVpc":"vpc-91237329"}"#,
        r#""StringEquals":{"aws:SourceVpce":["vpce-1a2b3c4d","vpce-2b3c4d5e"]}"#,
        r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#,
        r#""StringEquals":{"aws:SourceOwner":"111122223333"}"#,
        r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:topic"}"#,
        r#""ArnEquals":{"aws:SourceArn":"arn:aws:s3:::bucket"}"#,
        r#""StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:eu-west-1:111122223333:key/a"}"#,
        r#""StringLike":{"aws:userid":"AROAEXAMPLEID:*"}"#,
        r#""StringEquals":{"s3:DataAccessPointAccount":"111122223333"}"#,
        r#""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:eu-west-1:111122223333:accesspoint/*"}"#,
        r#""ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:111122223333:accesspoint/*"}"#,
        r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
        r#""IpAddress":{"aws:SourceIp":"54.0.0.0/8"}"#,
        r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
        r#""IpAddress":{"aws:SourceIp":"2001:db8::/32"}"#,
        r#""StringEquals":{"aws:PrincipalTag/Team":"a"},"StringEqualsIgnoreCase":{"aws:SourceVpc":"vpc-91237329"}"#,
    ] {
        assert!(limited_by(condition), "{condition}");
    }
}

#[test]
fn wildcards_variables_and_loose_operators_do_not_limit() {
    for condition in [
        r#""StringLike":{"aws:SourceVpc":"vpc-*"}"#,
        r#""StringLike":{"aws:SourceVpc":["vpc-91237329","vpc-*"]}"#,
        r#""StringEquals":{"aws:SourceVpc":"${aws:PrincipalTag/vpc}"}"#,
        r#""StringNotEquals":{"aws:SourceVpc":"vpc-91237329"}"#,
        r#""StringEqualsIfExists":{"aws:SourceVpc":"vpc-91237329"}"#,
        r#""ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/"}"#,
        r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}"#,
        r#""StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:eu-west-1:*:accesspoint/a"}"#,
        r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#,
        r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","54.0.0.0/7"]}"#,
        r#""IpAddress":{"aws:SourceIp":"2000::/3"}"#,
        r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
        r#""StringEquals":{"aws:PrincipalTag/Team":"a"}"#,
        r#""StringEquals":{"aws:Referer":"https://example.com/"}"#,
        r#""StringEquals":{"aws:ResourceAccount":"111122223333"}"#,
        r#""Bool":{"aws:SecureTransport":"true"}"#,
        r#""Null":{"aws:SourceVpc":"false"}"#,
    ] {
        assert!(!limited_by(condition), "{condition}");
    }
}

#[test]
fn in_an_access_points_policy_its_own_arn_does_not_limit() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*",
        "Action":"s3:GetObject","Resource":"*",
        "Condition":{"StringEquals":{"s3:DataAccessPointArn":"arn:aws:s3:eu-west-1:111122223333:accesspoint/a"}}}}"#;
    let document = Document::parse(text, Kind::Resource).expect("a policy");
    assert!(!public_status(&document, ResourceKind::Bucket).public);
    assert!(public_status(&document, ResourceKind::AccessPoint).public);
}

#[test]
fn one_public_statement_makes_the_policy_public_and_denials_do_not_count() {
    let text = r#"{"Statement":[
        {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"},
        {"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"},
        {"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let document = Document::parse(text, Kind::Resource).expect("a policy");
    let status = public_status(&document, ResourceKind::Bucket);
    assert!(status.public);
    assert_eq!(status.statement, Some(1));
    assert!(status.why.contains("Open"));
}
