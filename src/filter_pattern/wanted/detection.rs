//! Events that further detective controls want an alarm on.

use super::{
    CONFIG, Constraint, EC2, GUARDDUTY, IAM, Is, LOGS, S3, STS, WantedEvents, calls, calls_with,
    field, source,
};

/// At least four hours, the default of the control on long-lived temporary credentials.
const LONG: Constraint = field(&["requestParameters", "durationSeconds"], Is::AtLeast(14_400.0));

pub(super) const LONG_LIVED_TEMPORARY_CREDENTIALS: WantedEvents = WantedEvents {
    id: "long_lived_temporary_credentials",
    doc: "Temporary credentials issued for four hours and more, asked for or by default",
    families: &[
        &calls_with(
            STS,
            &[
                "AssumeRole",
                "AssumeRoleWithSAML",
                "AssumeRoleWithWebIdentity",
                "GetSessionToken",
                "GetFederationToken",
            ],
            LONG,
        ),
        &calls_with(
            STS,
            &["GetSessionToken", "GetFederationToken"],
            field(&["requestParameters", "durationSeconds"], Is::Absent),
        ),
    ],
};

pub(super) const IDENTITY_CREATION: WantedEvents = WantedEvents {
    id: "identity_creation",
    doc: "Creating users, access keys, passwords and service-specific credentials",
    families: &[&calls(
        IAM,
        &[
            "CreateUser",
            "CreateAccessKey",
            "CreateLoginProfile",
            "UpdateLoginProfile",
            "CreateServiceSpecificCredential",
            "AddUserToGroup",
        ],
    )],
};

pub(super) const IDENTITY_DELETION: WantedEvents = WantedEvents {
    id: "identity_deletion",
    doc: "Deleting users, roles, credentials and MFA devices",
    families: &[&calls(
        IAM,
        &[
            "DeleteUser",
            "DeleteLoginProfile",
            "DeleteAccessKey",
            "DeactivateMFADevice",
            "DeleteVirtualMFADevice",
            "RemoveUserFromGroup",
            "DeleteRole",
        ],
    )],
};

pub(super) const INSTANCE_LAUNCHES: WantedEvents = WantedEvents {
    id: "instance_launches",
    doc: "Starting instances, one by one, by fleet or by spot request",
    families: &[&calls(
        EC2,
        &[
            "RunInstances",
            "StartInstances",
            "RequestSpotFleet",
            "RequestSpotInstances",
            "CreateFleet",
        ],
    )],
};

pub(super) const INSTANCE_START_STOP: WantedEvents = WantedEvents {
    id: "instance_start_stop",
    doc: "Starting, stopping, rebooting and terminating instances",
    families: &[&calls(
        EC2,
        &["StartInstances", "StopInstances", "RebootInstances", "TerminateInstances"],
    )],
};

pub(super) const LOG_STORAGE_DELETION: WantedEvents = WantedEvents {
    id: "log_storage_deletion",
    doc: "Deleting, shortening or silencing stored logs; object deletions are data events of \
              buckets that only the reader knows and are not in the set",
    families: &[
        &calls(S3, &["DeleteBucket", "PutBucketLifecycle", "PutBucketLogging"]),
        &calls(
            LOGS,
            &["DeleteLogGroup", "DeleteLogStream", "PutRetentionPolicy", "DeleteMetricFilter"],
        ),
        &calls(EC2, &["DeleteFlowLogs"]),
        &calls(source("elasticloadbalancing.amazonaws.com"), &["ModifyLoadBalancerAttributes"]),
        &calls(source("monitoring.amazonaws.com"), &["DeleteAlarms", "DisableAlarmActions"]),
    ],
};

pub(super) const SECURITY_SERVICE_DISABLING: WantedEvents = WantedEvents {
    id: "security_service_disabling",
    doc: "Switching off or muting GuardDuty, Security Hub, Config or Access Analyzer",
    families: &[
        &calls(
            GUARDDUTY,
            &[
                "DeleteDetector",
                "UpdateDetector",
                "DisassociateFromAdministratorAccount",
                "DeleteMembers",
                "DisassociateMembers",
                "StopMonitoringMembers",
            ],
        ),
        &calls_with(
            GUARDDUTY,
            &["CreateFilter"],
            field(&["requestParameters", "action"], Is::OneOf(&["ARCHIVE"])),
        ),
        &calls(
            source("securityhub.amazonaws.com"),
            &["DisableSecurityHub", "BatchDisableStandards"],
        ),
        &calls(
            CONFIG,
            &[
                "DeleteConfigRule",
                "StopConfigurationRecorder",
                "DeleteConfigurationRecorder",
                "DeleteDeliveryChannel",
            ],
        ),
        &calls(source("access-analyzer.amazonaws.com"), &["DeleteAnalyzer"]),
    ],
};

pub(super) const PRIVILEGE_CHANGES: WantedEvents = WantedEvents {
    id: "privilege_changes",
    doc: "Granting administrator rights and rewriting inline, trust and default policies",
    families: &[
        &calls_with(
            IAM,
            &["AttachUserPolicy", "AttachRolePolicy", "AttachGroupPolicy"],
            field(
                &["requestParameters", "policyArn"],
                Is::Like(
                    &["arn:aws*:iam::aws:policy/AdministratorAccess"],
                    &["arn:aws:iam::aws:policy/AdministratorAccess"],
                ),
            ),
        ),
        &calls(
            IAM,
            &[
                "PutUserPolicy",
                "PutRolePolicy",
                "PutGroupPolicy",
                "UpdateAssumeRolePolicy",
                "SetDefaultPolicyVersion",
            ],
        ),
        &calls_with(
            IAM,
            &["CreatePolicyVersion"],
            field(&["requestParameters", "setAsDefault"], Is::True),
        ),
    ],
};

pub(super) const DATA_MADE_PUBLIC: WantedEvents = WantedEvents {
    id: "data_made_public",
    doc: "Calls that can open buckets, snapshots, images and functions to the world",
    families: &[
        &calls(
            S3,
            &[
                "DeleteAccountPublicAccessBlock",
                "DeleteBucketPublicAccessBlock",
                "PutAccountPublicAccessBlock",
                "PutBucketPublicAccessBlock",
                "PutBucketPolicy",
                "PutBucketAcl",
            ],
        ),
        &calls(EC2, &["ModifySnapshotAttribute", "ModifyImageAttribute"]),
        &calls(
            source("rds.amazonaws.com"),
            &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"],
        ),
        // CloudTrail appends the version of Lambda's API to the name of the call.
        &calls(source("lambda.amazonaws.com"), &["AddPermission20150331v2"]),
    ],
};
