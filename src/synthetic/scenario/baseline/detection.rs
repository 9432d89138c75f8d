//! Config, GuardDuty, Access Analyzer, event rules and the security contact as they should be.

use serde_json::json;

use crate::synthetic::mix::mix;
use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    Aggregator, Analyzer, ConfigService, Contact, DeliveryChannel, Detector, EventRule, Recorder,
    Recording, Region,
};

/// The features that a detector has on.
const FEATURES: &[&str] = &[
    "CLOUD_TRAIL",
    "DNS_LOGS",
    "FLOW_LOGS",
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
    "EKS_ADDON_MANAGEMENT",
    "ECS_FARGATE_AGENT_MANAGEMENT",
    "EC2_AGENT_MANAGEMENT",
];

/// Whom AWS writes to.
pub fn contact(site: &Site<'_>) -> Contact {
    Contact { name: "Security team".to_owned(), email: format!("security@{}.example", site.prefix) }
}

/// What watches in every region, used or not. The management account administers GuardDuty for all,
/// has the analyzers of the organization, and hears of findings; members have none of their own.
pub fn fill(site: &Site<'_>, region: &mut Region) {
    region.config = config(site, &region.name);
    region.detector = Some(Detector {
        id: detector_id(site, &region.name),
        enabled: true,
        features: FEATURES.iter().map(|name| (*name).to_owned()).collect(),
        administrator: (!site.is_management()).then(|| site.management.to_owned()),
        enrols: site.is_management().then(|| "ALL".to_owned()),
        ..Detector::default()
    });
    if site.is_management() {
        region.analyzers.push(Analyzer {
            name: "organization".to_owned(),
            kind: "ORGANIZATION".to_owned(),
            status: "ACTIVE".to_owned(),
            created: site.days_ago(600),
            ..Analyzer::default()
        });
        region.event_rules.push(findings_rule(site, &region.name));
    }
    if region.name == site.global() {
        region.event_rules.push(privilege_rule(site, &region.name));
    }
    region.event_rules.push(EventRule {
        name: "nightly".to_owned(),
        enabled: true,
        pattern: None,
        targets: vec![site.arn("lambda", &region.name, "function:nightly")],
    });
}

/// An id of GuardDuty's kind.
pub fn detector_id(site: &Site<'_>, region: &str) -> String {
    format!("{:016x}{:016x}", mix(22, &[site.account, region]), mix(23, &[site.account, region]))
}

fn config(site: &Site<'_>, region: &str) -> ConfigService {
    let role = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    // The account next to the management account gathers what all others record.
    let gathers = site.is_config_administrator() && region == site.home();
    ConfigService {
        recorder: Some(Recorder {
            name: "default".to_owned(),
            role: site.arn("iam", "", role),
            recording: Recording::Everything,
            global_types: region == site.home(),
            running: true,
            error: None,
            started: site.days_ago(600),
        }),
        channel: Some(DeliveryChannel {
            name: "default".to_owned(),
            bucket: site.trail_bucket(),
            error: None,
        }),
        aggregators: if gathers {
            vec![Aggregator { name: "organization".to_owned(), regions: Vec::new() }]
        } else {
            Vec::new()
        },
    }
}

/// All findings of medium severity and more, to a topic in the home region and a queue elsewhere.
fn findings_rule(site: &Site<'_>, region: &str) -> EventRule {
    let target = if region == site.home() {
        site.arn("sns", region, "security-alerts")
    } else {
        site.arn("sqs", region, "security-findings")
    };
    let pattern = json!({
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": [">=", 4]}]},
    });
    EventRule {
        name: "guardduty-findings".to_owned(),
        enabled: true,
        pattern: Some(pattern.to_string()),
        targets: vec![target],
    }
}

/// Changes of privileges, where IAM's events arrive.
fn privilege_rule(site: &Site<'_>, region: &str) -> EventRule {
    let pattern = json!({
        "source": ["aws.iam"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventName": [
            {"prefix": "Attach"}, {"prefix": "Put"}, {"wildcard": "Update*Policy"},
            "CreatePolicyVersion", "SetDefaultPolicyVersion",
        ]},
    });
    EventRule {
        name: "privilege-changes".to_owned(),
        enabled: true,
        pattern: Some(pattern.to_string()),
        targets: vec![site.arn("lambda", region, "function:tickets")],
    }
}
