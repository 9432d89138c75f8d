//! Control policies of an organization: full access everywhere, and guard rails at the root.

use serde_json::json;

use crate::synthetic::world::{ControlPolicy, Organization};

const SERVICE: &str = "SERVICE_CONTROL_POLICY";
const RESOURCE: &str = "RESOURCE_CONTROL_POLICY";

/// The root, the units and the accounts.
fn everywhere(organization: &Organization) -> Vec<String> {
    let units = organization.units.iter().map(|unit| unit.id.clone());
    let accounts = organization.accounts.iter().map(|account| account.id.clone());
    std::iter::once(organization.root.clone()).chain(units).chain(accounts).collect()
}

/// Full access at every level, members stay and keep their trails, and no resource is used without TLS.
pub fn guard_rails(organization: &Organization) -> Vec<ControlPolicy> {
    let full = |id: &str, kind: &str, statement: serde_json::Value| ControlPolicy {
        id: id.to_owned(),
        name: id.trim_start_matches("p-").to_owned(),
        kind: kind.to_owned(),
        aws_managed: true,
        document: json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(),
        targets: everywhere(organization),
    };
    let mut all = vec![
        full(
            "p-FullAWSAccess",
            SERVICE,
            json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        ),
        guard(
            "p-stay1234",
            "stay-and-keep-trails",
            SERVICE,
            &[json!({
                "Effect": "Deny",
                "Action": ["organizations:LeaveOrganization", "cloudtrail:StopLogging",
                    "cloudtrail:DeleteTrail"],
                "Resource": "*",
            })],
            &organization.root,
        ),
    ];
    // China has no resource control policies.
    if organization.partition != "aws-cn" {
        all.push(full(
            "p-RCPFullAWSAccess",
            RESOURCE,
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
        ));
        all.push(guard(
            "p-tls12345",
            "tls-only",
            RESOURCE,
            &[json!({
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:*", "sqs:*", "secretsmanager:*"],
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}},
            })],
            &organization.root,
        ));
    }
    all
}

/// Nobody below the unit writes inline policies: the right to do so leads nowhere.
pub fn no_inline_policies(unit: &str) -> ControlPolicy {
    guard(
        "p-inline12",
        "no-inline-policies",
        SERVICE,
        &[json!({
            "Effect": "Deny",
            "Action": ["iam:PutRolePolicy", "iam:PutUserPolicy", "iam:PutGroupPolicy"],
            "Resource": "*",
        })],
        unit,
    )
}

fn guard(
    id: &str,
    name: &str,
    kind: &str,
    statements: &[serde_json::Value],
    target: &str,
) -> ControlPolicy {
    ControlPolicy {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        aws_managed: false,
        document: json!({"Version": "2012-10-17", "Statement": statements}).to_string(),
        targets: vec![target.to_owned()],
    }
}
