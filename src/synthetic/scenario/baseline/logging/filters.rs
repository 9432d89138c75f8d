//! The metric filters of a trail's log group, by name.

use crate::synthetic::scenario::site::Site;

/// A metric filter by name; the source and the events that it must catch, or a pattern as it is.
type Filter = (&'static str, &'static str, &'static [&'static str]);

/// The metric filters that the CIS AWS Foundations Benchmark asks for, with the events that have
/// come since.
const FILTERS: &[Filter] = &[
    (
        "unauthorized-api-calls",
        r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
        &[],
    ),
    (
        "console-sign-in-without-mfa",
        r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
        &[],
    ),
    (
        "root-usage",
        r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
        &[],
    ),
    (
        "iam-policy-changes",
        "",
        &[
            "DeleteGroupPolicy",
            "DeleteRolePolicy",
            "DeleteUserPolicy",
            "PutGroupPolicy",
            "PutRolePolicy",
            "PutUserPolicy",
            "CreatePolicy",
            "DeletePolicy",
            "CreatePolicyVersion",
            "DeletePolicyVersion",
            "AttachRolePolicy",
            "DetachRolePolicy",
            "AttachUserPolicy",
            "DetachUserPolicy",
            "AttachGroupPolicy",
            "DetachGroupPolicy",
        ],
    ),
    (
        "cloudtrail-changes",
        "",
        &[
            "CreateTrail",
            "UpdateTrail",
            "DeleteTrail",
            "StartLogging",
            "StopLogging",
            "PutEventSelectors",
            "PutInsightSelectors",
            "DeleteEventDataStore",
        ],
    ),
    (
        "console-authentication-failures",
        r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#,
        &[],
    ),
    ("kms-key-disable-or-deletion", "kms", &["DisableKey", "ScheduleKeyDeletion"]),
    (
        "s3-bucket-policy-changes",
        "s3",
        &[
            "PutBucketAcl",
            "PutBucketPolicy",
            "PutBucketCors",
            "PutBucketLifecycle",
            "PutBucketReplication",
            "DeleteBucketPolicy",
            "DeleteBucketCors",
            "DeleteBucketLifecycle",
            "DeleteBucketReplication",
            "PutBucketPublicAccessBlock",
            "DeleteBucketPublicAccessBlock",
            "PutAccountPublicAccessBlock",
            "DeleteAccountPublicAccessBlock",
        ],
    ),
    (
        "config-changes",
        "config",
        &[
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
        ],
    ),
    (
        "security-group-changes",
        "",
        &[
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
            "ModifySecurityGroupRules",
        ],
    ),
    (
        "network-acl-changes",
        "",
        &[
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ],
    ),
    (
        "network-gateway-changes",
        "",
        &[
            "CreateCustomerGateway",
            "DeleteCustomerGateway",
            "AttachInternetGateway",
            "CreateInternetGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ],
    ),
    (
        "route-table-changes",
        "ec2",
        &[
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DeleteRouteTable",
            "DeleteRoute",
            "DisassociateRouteTable",
        ],
    ),
    (
        "vpc-changes",
        "",
        &[
            "CreateVpc",
            "DeleteVpc",
            "ModifyVpcAttribute",
            "AcceptVpcPeeringConnection",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
        ],
    ),
    (
        "organizations-changes",
        "organizations",
        &[
            "AcceptHandshake",
            "AttachPolicy",
            "CancelHandshake",
            "CreateAccount",
            "CreateOrganization",
            "CreateOrganizationalUnit",
            "CreatePolicy",
            "DeclineHandshake",
            "DeleteOrganization",
            "DeleteOrganizationalUnit",
            "DeletePolicy",
            "EnableAllFeatures",
            "EnablePolicyType",
            "InviteAccountToOrganization",
            "LeaveOrganization",
            "DetachPolicy",
            "DisablePolicyType",
            "MoveAccount",
            "RemoveAccountFromOrganization",
            "UpdateOrganizationalUnit",
            "UpdatePolicy",
        ],
    ),
    (
        "long-lived-temporary-credentials",
        "{ ($.eventSource = sts.amazonaws.com) && (($.requestParameters.durationSeconds >= 14400) || \
         (($.eventName = GetSessionToken || $.eventName = GetFederationToken) && \
         $.requestParameters.durationSeconds NOT EXISTS)) }",
        &[],
    ),
    (
        "identity-creation",
        "iam",
        &[
            "CreateUser",
            "CreateAccessKey",
            "CreateLoginProfile",
            "UpdateLoginProfile",
            "CreateServiceSpecificCredential",
            "AddUserToGroup",
        ],
    ),
    (
        "identity-deletion",
        "iam",
        &[
            "DeleteUser",
            "DeleteLoginProfile",
            "DeleteAccessKey",
            "DeactivateMFADevice",
            "DeleteVirtualMFADevice",
            "RemoveUserFromGroup",
            "DeleteRole",
        ],
    ),
    (
        "instance-launches",
        "",
        &[
            "RunInstances",
            "StartInstances",
            "RequestSpotFleet",
            "RequestSpotInstances",
            "CreateFleet",
        ],
    ),
    (
        "instance-start-stop",
        "",
        &["StartInstances", "StopInstances", "RebootInstances", "TerminateInstances"],
    ),
    (
        "log-storage-deletion",
        "",
        &[
            "DeleteBucket",
            "PutBucketLifecycle",
            "PutBucketLogging",
            "DeleteLogGroup",
            "DeleteLogStream",
            "PutRetentionPolicy",
            "DeleteMetricFilter",
            "DeleteFlowLogs",
            "ModifyLoadBalancerAttributes",
            "DeleteAlarms",
            "DisableAlarmActions",
        ],
    ),
    (
        "security-service-disabling",
        "",
        &[
            "DeleteDetector",
            "UpdateDetector",
            "DisassociateFromAdministratorAccount",
            "DeleteMembers",
            "DisassociateMembers",
            "StopMonitoringMembers",
            "CreateFilter",
            "DisableSecurityHub",
            "BatchDisableStandards",
            "DeleteConfigRule",
            "StopConfigurationRecorder",
            "DeleteConfigurationRecorder",
            "DeleteDeliveryChannel",
            "DeleteAnalyzer",
        ],
    ),
    (
        "data-made-public",
        "",
        &[
            "DeleteAccountPublicAccessBlock",
            "DeleteBucketPublicAccessBlock",
            "PutAccountPublicAccessBlock",
            "PutBucketPublicAccessBlock",
            "PutBucketPolicy",
            "PutBucketAcl",
            "ModifySnapshotAttribute",
            "ModifyImageAttribute",
            "ModifyDBSnapshotAttribute",
            "ModifyDBClusterSnapshotAttribute",
            "AddPermission20150331v2",
        ],
    ),
];

/// The names of the filters.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILTERS.iter().map(|(name, ..)| *name)
}

/// The pattern of a filter; nothing where there is none of that name.
pub fn pattern(site: &Site<'_>, name: &str) -> String {
    let Some((_, source, events)) = FILTERS.iter().find(|(filter, ..)| *filter == name) else {
        return String::new();
    };
    if events.is_empty() {
        return (*source).to_owned();
    }
    let events: Vec<String> =
        events.iter().map(|event| format!("($.eventName = {event})")).collect();
    let events = events.join(" || ");
    let domain = if site.partition == "aws-cn" && *source == "ec2" {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    match *source {
        "" => format!("{{ {events} }}"),
        service => format!("{{ ($.eventSource = {service}.{domain}) && ({events}) }}"),
    }
}
