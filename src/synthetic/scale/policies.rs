//! Policies in the shapes that real ones have.

use serde_json::{Value, json};

use super::dice::Dice;
use crate::synthetic::scenario::site::Site;

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// What a role or user may do.
pub(super) fn identity(site: &Site<'_>, dice: &mut Dice, name: &str) -> String {
    let bucket = site.bucket_arn(&format!("{name}-data"));
    let table = site.arn("dynamodb", site.home(), &format!("table/{name}"));
    let statement = match dice.below(12) {
        0 | 1 => json!({"Sid": "Objects", "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": [bucket, format!("{bucket}/*")]}),
        2 | 3 => json!({"Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": site.arn("logs", "*", &format!("log-group:/aws/lambda/{name}:*"))}),
        4 | 5 => json!({"Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"],
            "Resource": [table, format!("{table}/index/*")]}),
        6 => json!({"Effect": "Allow", "Action": ["ec2:Describe*", "cloudwatch:Get*", "tag:Get*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": [site.home(), "us-east-1"]}}}),
        7 => json!({"Effect": "Allow", "Action": "sts:AssumeRole",
            "Resource": format!("arn:{}:iam::*:role/{name}-reader", site.partition)}),
        8 => json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}),
        9 => json!({"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": site.key(site.home()),
            "Condition": {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}}),
        10 => json!({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"],
            "Resource": "*"}),
        _ => json!({"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"],
            "Resource": site.arn("secretsmanager", site.home(), &format!("secret:{name}/*"))}),
    };
    let guard = json!({"Sid": "OnlyFromTheOrganization", "Effect": "Deny", "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:ResourceOrgID": site.organization}}});
    match dice.below(50) {
        0 => document(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})]),
        1..10 => document(&[statement, guard]),
        _ => document(&[statement]),
    }
}

/// Who may take a role.
pub(super) fn trust(site: &Site<'_>, dice: &mut Dice, name: &str) -> String {
    let service = |service: &str| {
        json!({"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": format!("{service}.amazonaws.com")}})
    };
    let account = |account: &str, condition: Value| {
        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": condition,
            "Principal": {"AWS": format!("arn:{}:iam::{account}:root", site.partition)}})
    };
    let statement = match dice.below(16) {
        0..5 => service("lambda"),
        5..8 => service("ecs-tasks"),
        8..10 => service("ec2"),
        10 => service("states"),
        11 | 12 => account(
            site.management,
            json!({"StringEquals": {
            "aws:PrincipalOrgID": site.organization}}),
        ),
        13 => account(site.account, json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        14 => json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": site.arn("iam", "",
                "oidc-provider/token.actions.githubusercontent.com")},
            "Condition": {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub":
                    format!("repo:large/{name}:ref:refs/heads/*")}}}),
        // A vendor's account, now and then without the external id that it asked for.
        _ if dice.happens(0.2) => account("333344445555", json!({})),
        _ => account("333344445555", json!({"StringEquals": {"sts:ExternalId": name}})),
    };
    document(&[statement])
}

/// Who may do what with a bucket, beside the ban of plain HTTP.
pub(super) fn bucket(site: &Site<'_>, dice: &mut Dice, name: &str) -> Vec<Value> {
    let arn = site.bucket_arn(name);
    let objects = format!("{arn}/*");
    let statement = match dice.below(20) {
        0..10 => return Vec::new(),
        10..13 => json!({"Sid": "Organization", "Effect": "Allow", "Principal": "*",
            "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [arn, objects],
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": site.organization}}}),
        13..15 => json!({"Sid": "Distribution", "Effect": "Allow", "Action": "s3:GetObject",
            "Principal": {"Service": "cloudfront.amazonaws.com"}, "Resource": objects,
            "Condition": {"StringEquals": {"aws:SourceArn":
                site.arn("cloudfront", "", "distribution/E2EXAMPLE")}}}),
        15..17 => json!({"Sid": "Endpoint", "Effect": "Deny", "Principal": "*",
            "Action": "s3:PutObject", "Resource": objects,
            "Condition": {"StringNotEquals": {"aws:SourceVpce": [
                site.id("vpce", site.home(), "s3")]}}}),
        17 | 18 => json!({"Sid": "Partner", "Effect": "Allow", "Action": "s3:GetObject",
            "Principal": {"AWS": "arn:aws:iam::222233334444:root"}, "Resource": objects}),
        _ => json!({"Sid": "Office", "Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": objects,
            "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}}}),
    };
    vec![statement]
}
