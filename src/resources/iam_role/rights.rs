//! What a role may do on every resource, after its denials and its boundary. Service control policies
//! do not count: they limit the account, and may be lifted without a look at the role.

use crate::iam::data::{AccessLevel, Action};
use crate::inventory::{Items, View};
use crate::resources::breadth::Holder;
use crate::resources::iam_policy::derive::{boundary_of, identity_of};
use crate::resources::kleene::Answer;
use crate::resources::policy::account_of;

use super::ROLE_POLICIES;

/// What whoever reads all over an account can read.
const READING: [&str; 4] =
    ["ec2:DescribeInstances", "iam:GetRole", "logs:GetLogEvents", "s3:GetObject"];

/// What switches logging or detection off, or hides what they find.
const TAMPERING: [&str; 20] = [
    "access-analyzer:DeleteAnalyzer",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "guardduty:DeleteMembers",
    "guardduty:DisassociateMembers",
    "guardduty:StopMonitoringMembers",
    "guardduty:UpdateDetector",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "securityhub:BatchDisableStandards",
    "securityhub:DeleteMembers",
    "securityhub:DisableSecurityHub",
    "securityhub:DisassociateMembers",
];

/// Whether an action changes something.
pub(super) fn writes(action: &Action) -> bool {
    matches!(action.level, AccessLevel::Write | AccessLevel::PermissionsManagement)
}

/// Whether an action manages permissions.
pub(super) fn manages(action: &Action) -> bool {
    let of_identity = action.name.starts_with("iam:") || action.name.starts_with("organizations:");
    action.level == AccessLevel::PermissionsManagement || (of_identity && writes(action))
}

/// Whether an action switches logging or detection off.
pub(super) fn tampers(action: &Action) -> bool {
    TAMPERING.contains(&action.name)
}

/// The wanted actions that the role may use on every resource.
pub(super) fn wide(role: &View<'_>, wanted: impl Fn(&Action) -> bool) -> Answer<Items<String>> {
    let account = account_of(role)?;
    Ok(holder(role, &account)?.wide(wanted)?.into())
}

/// Whether the role reads all over the account.
pub(super) fn reads_account(role: &View<'_>) -> Answer<bool> {
    let account = account_of(role)?;
    holder(role, &account)?.has_all(&READING)
}

fn holder<'a>(role: &View<'_>, account: &'a str) -> Answer<Holder<'a>> {
    let identity = identity_of(role, &ROLE_POLICIES)?;
    Ok(Holder { account, identity, boundary: boundary_of(role)? })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Role;
    use super::*;
    use crate::iam::data;
    use crate::resources::tests::{assert_blinding, derived};

    fn role(action: &Json, boundary: &Json) -> Json {
        let document = |action: &Json| {
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": action, "Resource": "*"}]})
            .to_string()
        };
        let boundary = match boundary {
            Json::Null => json!(null),
            action => json!({"document": document(action)}),
        };
        json!({"attached_policies": [], "permissions_boundary": boundary,
            "inline_policies": [{"name": "p", "document": document(action)}]})
    }

    #[test]
    fn every_action_named_here_exists() {
        for action in TAMPERING.iter().chain(&READING) {
            assert!(data::action_exists(action), "{action}");
        }
    }

    #[test]
    fn rights_shrink_by_the_boundary() {
        let trails = json!(["cloudtrail:*", "s3:GetObject"]);
        let given = role(&trails, &json!(null));
        assert_blinding::<Role>(&given, "wide_log_tampering");
        let list = derived::<Role>(&given, "wide_log_tampering");
        assert!(list.as_array().unwrap().contains(&json!("cloudtrail:StopLogging")), "{list}");
        let bounded = role(&trails, &json!("s3:*"));
        assert_eq!(derived::<Role>(&bounded, "wide_log_tampering"), json!([]));
        assert_eq!(derived::<Role>(&given, "wide_management"), json!([]));
        let iam = role(&json!("iam:CreateUser"), &json!(null));
        assert_eq!(derived::<Role>(&iam, "wide_management"), json!(["iam:CreateUser"]));
    }

    #[test]
    fn reading_everywhere_is_more_than_reading_buckets() {
        let reads = |action: Json| derived::<Role>(&role(&action, &json!(null)), "reads_account");
        assert_eq!(reads(json!(["s3:Get*", "s3:List*"])), false);
        assert_eq!(reads(json!(["s3:Get*", "iam:Get*", "logs:Get*", "ec2:Describe*"])), true);
        assert_eq!(reads(json!("*")), true);
    }
}
