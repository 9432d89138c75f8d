//! Trails, log groups, filters, alarms and topics as they should be.

use serde_json::json;

use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    Alarm, AlarmMetric, DataResource, EventSelector, LogGroup, MetricFilter, Region, Selectors,
    Subscription, Topic, Trail, TrailStatus,
};

/// The name space of the metrics that the alarms watch.
const NAMESPACE: &str = "Security";

/// The log group of the trail.
const TRAIL_GROUP: &str = "/cloudtrail/management-events";

/// Each account has a trail of its own; that of the management account covers the organization.
pub fn trails(site: &Site<'_>) -> Vec<Trail> {
    let home = site.home();
    let everything = EventSelector {
        data: vec![DataResource {
            kind: "AWS::S3::Object".to_owned(),
            values: vec![format!("arn:{}:s3", site.partition)],
        }],
        ..EventSelector::default()
    };
    let group = site.arn("logs", home, &format!("log-group:{TRAIL_GROUP}:*"));
    vec![Trail {
        name: if site.is_management() { "organization-trail" } else { "account-trail" }.to_owned(),
        home_region: home.to_owned(),
        bucket: site.trail_bucket(),
        prefix: None,
        global_events: true,
        multi_region: true,
        organization: site.is_management(),
        validation: true,
        log_group: Some(group),
        key: Some(site.key(home)),
        selectors: Selectors::Classic(vec![everything]),
        status: TrailStatus {
            logging: true,
            delivered: Some(site.hours_ago(1)),
            logs_delivered: Some(site.hours_ago(1)),
            digest_delivered: Some(site.hours_ago(1)),
            ..TrailStatus::default()
        },
    }]
}

/// Log groups in busy regions; filters, alarms and the topic in the home region.
pub fn fill(site: &Site<'_>, region: &mut Region) {
    let name = region.name.clone();
    let group = |group: &str| LogGroup {
        name: group.to_owned(),
        created: site.days_ago(500),
        retention: Some(400),
        key: Some(site.key(&name)),
        filters: Vec::new(),
    };
    if !region.network.vpcs.is_empty() {
        region.log_groups.push(group("/vpc/flow-logs"));
        region.log_groups.push(group("/app/api"));
    }
    if name != site.home() {
        return;
    }
    let names = FILTERS.iter().map(|(name, ..)| *name);
    let names: Vec<&str> =
        names.filter(|name| site.is_management() || *name != "organizations-changes").collect();
    let mut trail_group = group(TRAIL_GROUP);
    trail_group.filters = names
        .iter()
        .map(|name| MetricFilter {
            name: (*name).to_owned(),
            pattern: pattern(site, name),
            metric: (*name).to_owned(),
            namespace: NAMESPACE.to_owned(),
        })
        .collect();
    region.log_groups.push(trail_group);
    let topic = site.arn("sns", &name, "security-alerts");
    region.alarms = names
        .iter()
        .map(|filter| Alarm {
            name: format!("security-{filter}"),
            watches: AlarmMetric::Metric {
                namespace: NAMESPACE.to_owned(),
                name: (*filter).to_owned(),
            },
            actions_enabled: true,
            actions: vec![topic.clone()],
            state: "OK".to_owned(),
            updated: site.days_ago(400),
        })
        .collect();
    region.topics.push(Topic {
        name: "security-alerts".to_owned(),
        policy: topic_policy(site, &topic),
        key: Some(site.key(&name)),
        subscriptions: vec![Subscription {
            protocol: "email".to_owned(),
            endpoint: format!("security@{}.example", site.prefix),
            confirmed: true,
        }],
        tags: site.tags("security"),
    });
}

fn topic_policy(site: &Site<'_>, topic: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": site.account}},
        }],
    })
    .to_string()
}

/// A metric filter by name; the source and the events that it must catch, or a pattern as it is.
type Filter = (&'static str, &'static str, &'static [&'static str]);

/// The metric filters that the CIS AWS Foundations Benchmark asks for, with the events that have
/// come since.
const FILTERS: [Filter; 15] = [
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
];

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
