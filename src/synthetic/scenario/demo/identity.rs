//! Faults of IAM.

use serde_json::{Value, json};

use crate::synthetic::scenario::baseline::{assumed_by_account, assumed_by_service};
use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    AccessKey, Group, Identity, InlinePolicy, LastUse, ManagedPolicy, Mfa, MfaKind, Password, Role,
    ServerCertificate, User,
};

/// An account outside the organization that nobody vouches for.
const STRANGER: &str = "999988887777";

/// No password policy at all.
pub fn without_policy(identity: &mut Identity) {
    identity.password_policy = None;
}

/// Somebody who still signs in with a password of the account, well protected.
pub fn everywhere(site: &Site<'_>, identity: &mut Identity) {
    let alice = User {
        name: "alice".to_owned(),
        created: site.days_ago(700),
        password: Some(Password {
            changed: site.days_ago(20),
            last_used: Some(site.hours_ago(26)),
        }),
        mfa: vec![Mfa {
            kind: MfaKind::Hardware,
            name: "u2f-alice-1".to_owned(),
            enabled: site.days_ago(690),
        }],
        groups: vec!["auditors".to_owned()],
        tags: site.tags("security"),
        ..User::default()
    };
    identity.users.insert(0, alice);
}

/// Root with a virtual device, used three days ago. A user is named so that a search for "root" in
/// device ARNs finds it (a trap).
pub fn management(site: &Site<'_>, identity: &mut Identity) {
    let root = &mut identity.root;
    root.mfa = vec![Mfa {
        name: "root-account-mfa-device".to_owned(),
        enabled: site.days_ago(400),
        ..Mfa::default()
    }];
    root.password =
        Some(Password { changed: site.days_ago(400), last_used: Some(site.days_ago(3)) });
    identity.users.push(User {
        password: password(site, 30, Some(2)),
        mfa: vec![Mfa { name: "root-admin".to_owned(), ..Mfa::default() }],
        groups: vec!["auditors".to_owned()],
        ..user(site, "root-admin", 200)
    });
}

pub fn production(site: &Site<'_>, identity: &mut Identity) {
    if let Some(policy) = &mut identity.password_policy {
        policy.minimum_length = 8;
        policy.symbols = false;
        policy.reuse_prevention = Some(5);
        policy.max_age = None;
    }
    identity.users.extend([
        // Signs in without MFA.
        User {
            password: password(site, 10, Some(1)),
            groups: auditors(),
            ..user(site, "bob", 400)
        },
        // Never signed in, long ago created: unused although there is no date (a trap).
        User {
            password: password(site, 300, None),
            mfa: device(site, "carol"),
            groups: auditors(),
            ..user(site, "carol", 300)
        },
        // An old key in daily use, and one that was never used.
        User {
            keys: vec![key(site, 420, Some(0)), key(site, 200, None)],
            inline: vec![inline("ship-logs", &[allow(&json!("logs:PutLogEvents"), &json!("*"))])],
            ..user(site, "legacy-shipper", 420)
        },
        // An inactive key, however old, is no finding (a trap).
        User {
            keys: vec![AccessKey { active: false, ..key(site, 800, Some(700)) }],
            groups: auditors(),
            ..user(site, "retired-bot", 800)
        },
    ]);
    identity.policies.extend([
        managed(site, "platform-operations", vec![allow(&json!(["*"]), &json!(["*"]))]),
        // Allows everything, but is only ever a boundary (a trap).
        managed(
            site,
            "everything-but-identity",
            vec![
                allow(&json!("*"), &json!("*")),
                json!({"Effect": "Deny", "Action": ["iam:*", "sts:*"], "Resource": "*"}),
            ],
        ),
    ]);
    identity.roles.extend([
        // Administration by content, under a name that does not say so (a trap).
        Role {
            attached: vec![site.own_policy("platform-operations")],
            max_session: 43_200,
            ..role(site, "platform-operator", assumed_by_account(site, site.account, None))
        },
        // A partner from outside without an external id.
        Role {
            attached: vec![site.aws_policy("AmazonS3ReadOnlyAccess")],
            ..role(site, "partner-reader", assumed_by_account(site, STRANGER, None))
        },
        // The same with an external id.
        Role {
            attached: vec![site.aws_policy("SecurityAudit")],
            boundary: Some(site.own_policy("everything-but-identity")),
            ..role(
                site,
                "monitoring-vendor",
                assumed_by_account(
                    site,
                    STRANGER,
                    Some(json!({"StringEquals": {"sts:ExternalId": "acme-7f3a"}})),
                ),
            )
        },
        escalating_role(site),
        // Attaches any policy to any role, itself included: an administrator in one step.
        Role {
            inline: vec![inline(
                "attach-policies",
                &[allow(&json!(["iam:AttachRolePolicy", "iam:DetachRolePolicy"]), &json!("*"))],
            )],
            ..role(site, "release-automation", assumed_by_service("codebuild.amazonaws.com"))
        },
        // Writes policies into any role, itself included, which the organization forbids (a trap).
        Role {
            inline: vec![inline(
                "write-policies",
                &[allow(&json!("iam:PutRolePolicy"), &json!("*"))],
            )],
            ..role(site, "role-editor", assumed_by_account(site, site.account, None))
        },
    ]);
    identity.certificates.push(ServerCertificate {
        name: "old-www".to_owned(),
        uploaded: site.days_ago(500),
        expires: site.days_ago(12),
    });
}

/// Can pass any role to a function that it writes: more than it seems.
fn escalating_role(site: &Site<'_>) -> Role {
    let actions = json!(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]);
    Role {
        inline: vec![inline("functions", &[allow(&actions, &json!("*"))])],
        ..role(site, "function-builder", assumed_by_service("codebuild.amazonaws.com"))
    }
}

pub fn sandbox(site: &Site<'_>, identity: &mut Identity) {
    without_policy(identity);
    let root = &mut identity.root;
    root.password = Some(Password { changed: site.days_ago(900), last_used: None });
    root.keys = vec![key(site, 900, Some(1))];
    root.signing_certificate = true;
    identity.users.extend([
        // Administrator without MFA, policies attached to the user itself.
        User {
            password: password(site, 500, Some(60)),
            attached: vec![site.aws_policy("AdministratorAccess")],
            ..user(site, "dave", 500)
        },
        // Two active keys; one was made together with the user and never used.
        User {
            password: password(site, 90, Some(4)),
            keys: vec![key(site, 90, None), key(site, 20, Some(1))],
            mfa: device(site, "erin"),
            groups: vec!["sandbox-admins".to_owned()],
            ..user(site, "erin", 90)
        },
        User {
            attached: vec![site.aws_policy("AWSCloudShellFullAccess")],
            mfa: device(site, "frank"),
            password: password(site, 5, Some(0)),
            ..user(site, "frank", 60)
        },
    ]);
    identity.groups.push(Group {
        name: "sandbox-admins".to_owned(),
        created: site.days_ago(600),
        // Administration by NotAction that leaves nearly all (a trap).
        inline: vec![inline(
            "nearly-everything",
            &[json!({"Effect": "Allow", "NotAction": "aws-portal:*", "Resource": "*"})],
        )],
        ..Group::default()
    });
    identity.policies.extend([
        managed(site, "trail-maintenance", vec![allow(&json!("cloudtrail:*"), &json!("*"))]),
        // Version 1 grants everything but version 2 is the default: no finding (a trap).
        ManagedPolicy {
            versions: vec![
                document(&[allow(&json!("*"), &json!("*"))]),
                document(&[allow(&json!("s3:ListAllMyBuckets"), &json!("*"))]),
            ],
            default_version: 2,
            ..managed(site, "tamed", Vec::new())
        },
    ]);
    identity.policies.extend([
        managed(site, "key-users", vec![allow(&json!("kms:*"), &json!("*"))]),
        managed(site, "role-switcher", vec![allow(&json!("sts:*"), &json!("*"))]),
        managed(
            site,
            "starters",
            vec![allow(&json!(["iam:PassRole", "ec2:RunInstances"]), &json!("*"))],
        ),
        managed(
            site,
            "all-but-identity",
            vec![json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})],
        ),
    ]);
    // A provider of services that may do nearly everything, and read the rest.
    identity.roles.push(Role {
        attached: vec![site.aws_policy("PowerUserAccess"), site.aws_policy("ReadOnlyAccess")],
        ..role(site, "service-provider", assumed_by_account(site, STRANGER, None))
    });
    identity.roles.retain(|role| role.name != "support-cases");
    identity.roles.extend([
        Role {
            attached: vec![site.own_policy("trail-maintenance"), site.own_policy("tamed")],
            ..role(site, "trail-keeper", assumed_by_service("lambda.amazonaws.com"))
        },
        // Anyone may assume it.
        Role {
            attached: vec![site.aws_policy("PowerUserAccess")],
            ..role(site, "open-door", open_trust(None))
        },
        // Anyone of the organization may: confined by a condition (a trap).
        Role {
            attached: vec![site.aws_policy("ReadOnlyAccess")],
            ..role(
                site,
                "organization-reader",
                open_trust(Some(json!({
                    "StringEquals": {"aws:PrincipalOrgID": site.organization},
                }))),
            )
        },
        // Any repository of anybody on GitHub may deploy.
        Role {
            attached: vec![site.aws_policy("AdministratorAccess")],
            ..role(site, "github-anything", github_wildcard(site))
        },
    ]);
}

fn user(site: &Site<'_>, name: &str, days: i64) -> User {
    User { name: name.to_owned(), created: site.days_ago(days), ..User::default() }
}

fn auditors() -> Vec<String> {
    vec!["auditors".to_owned()]
}

/// A password set so many days ago, last used so many days ago or never.
fn password(site: &Site<'_>, days: i64, used: Option<i64>) -> Option<Password> {
    let last_used = used.map(|days| site.days_ago(days));
    Some(Password { changed: site.days_ago(days), last_used })
}

fn device(site: &Site<'_>, name: &str) -> Vec<Mfa> {
    vec![Mfa { name: name.to_owned(), enabled: site.days_ago(50), ..Mfa::default() }]
}

/// An active key made so many days ago, last used so many days ago or never.
fn key(site: &Site<'_>, days: i64, used: Option<i64>) -> AccessKey {
    let last_used = used.map(|days| LastUse {
        at: site.days_ago(days),
        region: site.home().to_owned(),
        service: "s3".to_owned(),
    });
    AccessKey { active: true, created: site.days_ago(days), last_used }
}

fn role(site: &Site<'_>, name: &str, trust: String) -> Role {
    Role {
        name: name.to_owned(),
        created: site.days_ago(250),
        trust,
        tags: site.tags("unknown"),
        ..Role::default()
    }
}

fn managed(site: &Site<'_>, name: &str, statements: Vec<Value>) -> ManagedPolicy {
    ManagedPolicy {
        name: name.to_owned(),
        created: site.days_ago(250),
        versions: vec![document(&statements)],
        default_version: 1,
        ..ManagedPolicy::default()
    }
}

fn inline(name: &str, statements: &[Value]) -> InlinePolicy {
    InlinePolicy { name: name.to_owned(), document: document(statements) }
}

fn allow(action: &Value, resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn open_trust(condition: Option<Value>) -> String {
    let mut statement =
        json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
    if let (Some(condition), Some(map)) = (condition, statement.as_object_mut()) {
        map.insert("Condition".to_owned(), condition);
    }
    document(&[statement])
}

fn github_wildcard(site: &Site<'_>) -> String {
    let provider = "token.actions.githubusercontent.com";
    document(&[json!({
        "Effect": "Allow",
        "Principal": {"Federated": site.arn("iam", "", &format!("oidc-provider/{provider}"))},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {format!("{provider}:sub"): "repo:*"}},
    })])
}
