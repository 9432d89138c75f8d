//! IAM as it should be.

use serde_json::{Value, json};

use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    AccessKey, Group, Identity, InlinePolicy, LastUse, ManagedPolicy, Mfa, MfaKind, Password,
    PasswordPolicy, Role, RootUser, ServerCertificate, User,
};

pub fn build(site: &Site<'_>) -> Identity {
    Identity {
        alias: Some(site.name.to_owned()),
        saml_providers: vec!["corporate".to_owned()],
        oidc_providers: vec!["token.actions.githubusercontent.com".to_owned()],
        root: root(site),
        users: users(site),
        groups: groups(site),
        roles: roles(site),
        policies: vec![deploy_policy(site), boundary_policy(site)],
        password_policy: Some(PasswordPolicy {
            minimum_length: 14,
            symbols: true,
            numbers: true,
            uppercase: true,
            lowercase: true,
            self_service: true,
            max_age: Some(90),
            reuse_prevention: Some(24),
            hard_expiry: false,
        }),
        certificates: vec![ServerCertificate {
            name: "internal-ca".to_owned(),
            uploaded: site.days_ago(60),
            expires: site.days_ago(-305),
        }],
    }
}

/// The management account has a root password behind a hardware device; root credentials of
/// members are managed centrally, so they have none.
fn root(site: &Site<'_>) -> RootUser {
    let created = site.days_ago(1200);
    if !site.is_management() {
        return RootUser { created, ..RootUser::default() };
    }
    let device = Mfa {
        kind: MfaKind::Hardware,
        name: "u2f-root-vault-1".to_owned(),
        enabled: site.days_ago(400),
    };
    RootUser {
        created,
        password: Some(Password {
            changed: site.days_ago(400),
            last_used: Some(site.days_ago(390)),
        }),
        mfa: vec![device],
        ..RootUser::default()
    }
}

/// People come through the identity provider; one machine outside AWS is still known as a user, although
/// it has a certificate now and its key is switched off.
fn users(site: &Site<'_>) -> Vec<User> {
    let deployer = User {
        name: "ci-deployer".to_owned(),
        path: "/machines/".to_owned(),
        created: site.days_ago(300),
        keys: vec![AccessKey {
            active: false,
            created: site.days_ago(30),
            last_used: Some(LastUse {
                at: site.days_ago(2),
                region: site.home().to_owned(),
                service: "s3".to_owned(),
            }),
        }],
        mfa: vec![Mfa {
            name: "ci-deployer".to_owned(),
            enabled: site.days_ago(290),
            ..Mfa::default()
        }],
        groups: vec!["deployers".to_owned()],
        tags: site.tags("platform"),
        ..User::default()
    };
    vec![deployer]
}

fn groups(site: &Site<'_>) -> Vec<Group> {
    let created = site.days_ago(900);
    let group = |name: &str, attached: String| Group {
        name: name.to_owned(),
        created,
        attached: vec![attached],
        ..Group::default()
    };
    vec![
        group("auditors", site.aws_policy("ReadOnlyAccess")),
        group("deployers", site.own_policy("deploy-artifacts")),
    ]
}

fn roles(site: &Site<'_>) -> Vec<Role> {
    let used = |hours: i64| {
        let region = site.home().to_owned();
        Some(LastUse { at: site.hours_ago(hours), region, service: String::new() })
    };
    let role = |name: &str, trust: String| Role {
        name: name.to_owned(),
        created: site.days_ago(600),
        trust,
        tags: site.tags("platform"),
        ..Role::default()
    };
    let management = site.management;
    vec![
        Role {
            attached: vec![site.aws_policy("SecurityAudit")],
            last_used: used(1),
            ..role("PosturaAudit", assumed_by_account(site, management, None))
        },
        Role {
            attached: vec![site.aws_policy("AWSSupportAccess")],
            last_used: used(24 * 20),
            ..role("support-cases", assumed_by_account(site, site.account, None))
        },
        Role {
            attached: vec![site.aws_policy("CloudWatchAgentServerPolicy")],
            inline: vec![InlinePolicy {
                name: "read-configuration".to_owned(),
                document: read_objects(site, &format!("{}-{}-data", site.prefix, site.role())),
            }],
            instance_profile: true,
            last_used: used(2),
            ..role("app-server", assumed_by_service("ec2.amazonaws.com"))
        },
        Role {
            attached: vec![site.own_policy("deploy-artifacts")],
            boundary: Some(site.own_policy("workload-boundary")),
            last_used: used(30),
            ..role("github-deploy", github_trust(site))
        },
        Role {
            path: "/aws-service-role/support.amazonaws.com/".to_owned(),
            tags: Vec::new(),
            ..role("AWSServiceRoleForSupport", assumed_by_service("support.amazonaws.com"))
        },
    ]
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A trust policy for an account, with a condition where one is given.
pub fn assumed_by_account(site: &Site<'_>, account: &str, condition: Option<Value>) -> String {
    let principal = format!("arn:{}:iam::{account}:root", site.partition);
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
    });
    if let (Some(condition), Some(map)) = (condition, statement.as_object_mut()) {
        map.insert("Condition".to_owned(), condition);
    }
    policy(&[statement])
}

/// A trust policy for a service.
pub fn assumed_by_service(service: &str) -> String {
    policy(&[json!({
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    })])
}

fn github_trust(site: &Site<'_>) -> String {
    let provider = "token.actions.githubusercontent.com";
    policy(&[json!({
        "Effect": "Allow",
        "Principal": {"Federated": site.arn("iam", "", &format!("oidc-provider/{provider}"))},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                format!("{provider}:aud"): "sts.amazonaws.com",
                format!("{provider}:sub"): "repo:acme/infrastructure:environment:production",
            },
        },
    })])
}

fn read_objects(site: &Site<'_>, bucket: &str) -> String {
    policy(&[json!({
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": format!("{}/config/*", site.bucket_arn(bucket)),
    })])
}

fn deploy_policy(site: &Site<'_>) -> ManagedPolicy {
    let bucket = site.bucket_arn(&format!("{}-{}-data", site.prefix, site.role()));
    let document = policy(&[
        json!({
            "Sid": "Artifacts",
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:GetObject"],
            "Resource": format!("{bucket}/artifacts/*"),
        }),
        json!({
            "Sid": "Find",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
        }),
    ]);
    ManagedPolicy {
        name: "deploy-artifacts".to_owned(),
        created: site.days_ago(500),
        versions: vec![document],
        default_version: 1,
        description: "Uploads build artifacts".to_owned(),
        ..ManagedPolicy::default()
    }
}

/// Only ever used as a boundary, so that it grants nothing by itself.
fn boundary_policy(site: &Site<'_>) -> ManagedPolicy {
    let document = policy(&[
        json!({
            "Effect": "Allow",
            "Action": ["s3:*", "logs:*", "cloudwatch:*", "sns:Publish"],
            "Resource": "*",
        }),
        json!({"Effect": "Deny", "Action": ["s3:DeleteBucket*"], "Resource": "*"}),
    ]);
    ManagedPolicy {
        name: "workload-boundary".to_owned(),
        created: site.days_ago(500),
        versions: vec![document],
        default_version: 1,
        description: "The most that workload roles may do".to_owned(),
        ..ManagedPolicy::default()
    }
}
