//! The monitoring topics of the CIS AWS Foundations Benchmark, and what attackers do beside them.

use super::{
    CLOUDTRAIL, CONFIG, Constraint, EC2, IAM, Is, MANAGEMENT, ORGANIZATIONS, S3, WantedEvents,
    calls, field, names, source,
};

const SIGN_IN: Constraint = source("signin.amazonaws.com");
const CONSOLE_LOGIN: Constraint = names(&["ConsoleLogin"]);
const SIGN_IN_TYPE: Constraint = field(&["eventType"], Is::OneOf(&["AwsConsoleSignIn"]));

const NOT_LOG_DELIVERY: Constraint =
    field(&["sourceIPAddress"], Is::OtherThan(&["delivery.logs.amazonaws.com"]));
const NOT_HEAD_BUCKET: Constraint = field(&["eventName"], Is::OtherThan(&["HeadBucket"]));

pub(super) const UNAUTHORIZED_API_CALLS: WantedEvents = WantedEvents {
    id: "unauthorized_api_calls",
    doc: "Refused API calls, without those of log delivery and HeadBucket",
    families: &[
        &[
            field(
                &["errorCode"],
                Is::Like(&["*UnauthorizedOperation"], &["Client.UnauthorizedOperation"]),
            ),
            NOT_LOG_DELIVERY,
            NOT_HEAD_BUCKET,
        ],
        &[
            field(&["errorCode"], Is::Like(&["AccessDenied*"], &["AccessDenied"])),
            NOT_LOG_DELIVERY,
            NOT_HEAD_BUCKET,
        ],
    ],
};

pub(super) const CONSOLE_SIGN_IN_WITHOUT_MFA: WantedEvents = WantedEvents {
    id: "console_sign_in_without_mfa",
    doc: "Successful console sign-ins of IAM users without MFA",
    families: &[&[
        SIGN_IN,
        CONSOLE_LOGIN,
        SIGN_IN_TYPE,
        MANAGEMENT,
        field(&["userIdentity", "type"], Is::OneOf(&["IAMUser"])),
        field(&["responseElements", "ConsoleLogin"], Is::OneOf(&["Success"])),
        field(&["additionalEventData", "MFAUsed"], Is::OneOf(&["No"])),
    ]],
};

pub(super) const ROOT_USAGE: WantedEvents = WantedEvents {
    id: "root_usage",
    doc: "Actions of the root user, not those that a service takes on its behalf",
    families: &[&[
        field(&["userIdentity", "type"], Is::OneOf(&["Root"])),
        field(&["userIdentity", "invokedBy"], Is::Absent),
        field(&["eventType"], Is::OtherThan(&["AwsServiceEvent"])),
    ]],
};

pub(super) const IAM_POLICY_CHANGES: WantedEvents = WantedEvents {
    id: "iam_policy_changes",
    doc: "Creating, changing, deleting, attaching and detaching IAM policies",
    families: &[&calls(
        IAM,
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
    )],
};

pub(super) const CLOUDTRAIL_CHANGES: WantedEvents = WantedEvents {
    id: "cloudtrail_changes",
    doc: "Creating, changing, deleting, starting and stopping trails",
    families: &[&calls(
        CLOUDTRAIL,
        &["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"],
    )],
};

pub(super) const CONSOLE_AUTHENTICATION_FAILURES: WantedEvents = WantedEvents {
    id: "console_authentication_failures",
    doc: "Console sign-ins that failed",
    families: &[&[
        SIGN_IN,
        CONSOLE_LOGIN,
        SIGN_IN_TYPE,
        MANAGEMENT,
        field(&["errorMessage"], Is::OneOf(&["Failed authentication"])),
        field(&["responseElements", "ConsoleLogin"], Is::OneOf(&["Failure"])),
    ]],
};

pub(super) const KMS_KEY_DISABLE_OR_DELETION: WantedEvents = WantedEvents {
    id: "kms_key_disable_or_deletion",
    doc: "Disabling KMS keys and scheduling their deletion",
    families: &[&calls(source("kms.amazonaws.com"), &["DisableKey", "ScheduleKeyDeletion"])],
};

pub(super) const S3_BUCKET_POLICY_CHANGES: WantedEvents = WantedEvents {
    id: "s3_bucket_policy_changes",
    doc: "Changes of bucket policies, ACLs, CORS, lifecycle and replication",
    families: &[&calls(
        S3,
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
        ],
    )],
};

pub(super) const CONFIG_CHANGES: WantedEvents = WantedEvents {
    id: "config_changes",
    doc: "Stopping the configuration recorder and changing it or its delivery channel",
    families: &[&calls(
        CONFIG,
        &[
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
        ],
    )],
};

pub(super) const SECURITY_GROUP_CHANGES: WantedEvents = WantedEvents {
    id: "security_group_changes",
    doc: "Creating and deleting security groups and their rules",
    families: &[&calls(
        EC2,
        &[
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
        ],
    )],
};

pub(super) const NETWORK_ACL_CHANGES: WantedEvents = WantedEvents {
    id: "network_acl_changes",
    doc: "Changes of network ACLs, their entries and associations",
    families: &[&calls(
        EC2,
        &[
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ],
    )],
};

pub(super) const NETWORK_GATEWAY_CHANGES: WantedEvents = WantedEvents {
    id: "network_gateway_changes",
    doc: "Changes of customer gateways and internet gateways",
    families: &[&calls(
        EC2,
        &[
            "CreateCustomerGateway",
            "DeleteCustomerGateway",
            "AttachInternetGateway",
            "CreateInternetGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ],
    )],
};

pub(super) const ROUTE_TABLE_CHANGES: WantedEvents = WantedEvents {
    id: "route_table_changes",
    doc: "Changes of route tables, their routes and associations",
    families: &[&calls(
        EC2,
        &[
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DeleteRouteTable",
            "DeleteRoute",
            "DisassociateRouteTable",
        ],
    )],
};

pub(super) const VPC_CHANGES: WantedEvents = WantedEvents {
    id: "vpc_changes",
    doc: "Changes of VPCs and VPC peering; ClassicLink no longer exists and is not asked for",
    families: &[&calls(
        EC2,
        &[
            "CreateVpc",
            "DeleteVpc",
            "ModifyVpcAttribute",
            "AcceptVpcPeeringConnection",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
        ],
    )],
};

pub(super) const ORGANIZATIONS_CHANGES: WantedEvents = WantedEvents {
    id: "organizations_changes",
    doc: "Changes of an organization that the benchmark's own pattern names",
    families: &[&calls(
        ORGANIZATIONS,
        &[
            "AcceptHandshake",
            "AttachPolicy",
            "CreateAccount",
            "CreateOrganizationalUnit",
            "CreatePolicy",
            "DeclineHandshake",
            "DeleteOrganization",
            "DeleteOrganizationalUnit",
            "DeletePolicy",
            "DetachPolicy",
            "DisablePolicyType",
            "EnablePolicyType",
            "InviteAccountToOrganization",
            "LeaveOrganization",
            "MoveAccount",
            "RemoveAccountFromOrganization",
            "UpdatePolicy",
            "UpdateOrganizationalUnit",
        ],
    )],
};

pub(super) const ORGANIZATIONS_FURTHER_CHANGES: WantedEvents = WantedEvents {
    id: "organizations_further_changes",
    doc: "Changes of an organization that some editions of the benchmark leave out",
    families: &[&calls(
        ORGANIZATIONS,
        &["CancelHandshake", "CreateOrganization", "EnableAllFeatures"],
    )],
};

pub(super) const CLOUDTRAIL_SELECTOR_CHANGES: WantedEvents = WantedEvents {
    id: "cloudtrail_selector_changes",
    doc: "Narrowing what is recorded: event selectors, Insights, deleting event data stores",
    families: &[&calls(
        CLOUDTRAIL,
        &["PutEventSelectors", "PutInsightSelectors", "DeleteEventDataStore"],
    )],
};

pub(super) const S3_PUBLIC_ACCESS_BLOCK_CHANGES: WantedEvents = WantedEvents {
    id: "s3_public_access_block_changes",
    doc: "Changes of Block Public Access of a bucket or an account",
    families: &[&calls(
        S3,
        &[
            "PutBucketPublicAccessBlock",
            "DeleteBucketPublicAccessBlock",
            "PutAccountPublicAccessBlock",
            "DeleteAccountPublicAccessBlock",
        ],
    )],
};

pub(super) const SECURITY_GROUP_RULE_CHANGES: WantedEvents = WantedEvents {
    id: "security_group_rule_changes",
    doc: "Changing a security group rule in place",
    families: &[&calls(EC2, &["ModifySecurityGroupRules"])],
};
