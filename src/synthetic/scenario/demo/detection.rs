//! Faults of Config, GuardDuty, Access Analyzer and event rules.

use serde_json::json;

use crate::synthetic::mix::mix;
use crate::synthetic::scenario::site::{Site, in_region};
use crate::synthetic::world::{
    Account, Analyzer, AnalyzerFinding, EventRule, Filter, Finding, Recording,
};

/// The region that nobody uses.
fn quiet<'a>(site: &Site<'a>) -> &'a str {
    site.regions.last().copied().unwrap_or_default()
}

fn id(site: &Site<'_>, name: &str) -> String {
    format!("{:016x}{:016x}", mix(24, &[site.account, name]), mix(25, &[site.account, name]))
}

/// A list of severities that ends below the critical ones (a trap), a filter that hides every port
/// scan, a metric filter for buckets alone, and an analyzer of the organization that is missing where
/// nobody looks.
pub fn management(site: &Site<'_>, account: &mut Account) {
    let listed: Vec<f64> = (40..=89).map(|tenth| f64::from(tenth) / 10.0).collect();
    let pattern = json!({"source": ["aws.guardduty"], "detail": {"severity": listed}}).to_string();
    in_region(account, site.home(), |region| {
        for rule in &mut region.event_rules {
            if rule.name == "guardduty-findings" {
                rule.pattern = Some(pattern.clone());
            }
        }
        for filter in region.log_groups.iter_mut().flat_map(|group| &mut group.filters) {
            if filter.name == "data-made-public" {
                filter.pattern = "{ $.eventName = PutBucket* }".to_owned();
            }
        }
        if let Some(detector) = &mut region.detector {
            detector.filters = vec![
                Filter {
                    name: "port-scans".to_owned(),
                    archives: true,
                    criteria: vec![(
                        "type".to_owned(),
                        vec!["Recon:EC2/PortProbeUnprotectedPort".to_owned()],
                    )],
                },
                // Narrow: the scanner of the own team.
                Filter {
                    name: "own-scanner".to_owned(),
                    archives: true,
                    criteria: vec![
                        ("type".to_owned(), vec!["Recon:EC2/Portscan".to_owned()]),
                        (
                            "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
                                .to_owned(),
                            vec!["198.51.100.7".to_owned()],
                        ),
                    ],
                },
            ];
        }
        for analyzer in &mut region.analyzers {
            analyzer.findings = vec![AnalyzerFinding {
                id: "5d3f5f4c-0000-4000-8000-000000000001".to_owned(),
                resource: site.bucket_arn("acme-dropbox"),
                kind: "AWS::S3::Bucket".to_owned(),
                owner: super::super::SANDBOX.to_owned(),
                status: "ACTIVE".to_owned(),
            }];
        }
    });
    in_region(account, quiet(site), |region| region.analyzers.clear());
}

/// A recorder that stands still in one region, under the name that runs in the others (a trap); a
/// miner on a server; runtime monitoring without containers.
pub fn production(site: &Site<'_>, account: &mut Account) {
    in_region(account, quiet(site), |region| {
        if let Some(recorder) = &mut region.config.recorder {
            recorder.running = false;
        }
        region.analyzers.push(Analyzer {
            name: "own".to_owned(),
            kind: "ACCOUNT".to_owned(),
            status: "ACTIVE".to_owned(),
            created: site.days_ago(30),
            ..Analyzer::default()
        });
        if let Some(detector) = &mut region.detector {
            detector.features.retain(|name| name != "S3_DATA_EVENTS");
        }
    });
    in_region(account, "us-east-1", |region| {
        if let Some(channel) = &mut region.config.channel {
            channel.error = Some("AccessDenied".to_owned());
        }
        // It looks at one user alone (a trap).
        for rule in &mut region.event_rules {
            if rule.name == "privilege-changes" {
                rule.pattern = Some(
                    json!({"source": ["aws.iam"],
                        "detail": {"userIdentity": {"userName": ["ops"]}}})
                    .to_string(),
                );
            }
        }
    });
    in_region(account, site.home(), |region| {
        let instance = region.instances.first().map(|instance| instance.id.clone());
        let Some(detector) = &mut region.detector else { return };
        detector.features.retain(|name| name != "ECS_FARGATE_AGENT_MANAGEMENT");
        let finding = |name: &str, kind: &str, severity: f64, days: i64, archived: bool| Finding {
            id: id(site, name),
            kind: kind.to_owned(),
            severity,
            instance: instance.clone(),
            archived,
            updated: site.days_ago(days),
        };
        detector.findings = vec![
            finding("miner", "CryptoCurrency:EC2/BitcoinTool.B!DNS", 8.0, 2, false),
            // Between the whole numbers (a trap).
            finding("keys", "UnauthorizedAccess:EC2/MetadataDNSRebind", 7.5, 5, false),
            finding("scan", "Recon:EC2/PortProbeUnprotectedPort", 2.0, 1, false),
            finding("old", "Backdoor:EC2/C&CActivity.B", 8.0, 40, true),
        ];
    });
}

/// No detector where nobody looks and a suspended one, a recorder that leaves things out and reads
/// with a role of its own, no contact, an analyzer that looks for something else (a trap), and a
/// rule that only writes to a log group.
pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    account.security_contact = None;
    let logs = site.arn("logs", site.home(), "log-group:/aws/events/findings");
    in_region(account, site.home(), |region| {
        region.event_rules.push(EventRule {
            name: "findings-to-log".to_owned(),
            enabled: true,
            pattern: Some(r#"{"source":["aws.guardduty"]}"#.to_owned()),
            targets: vec![logs],
        });
        if let Some(recorder) = &mut region.config.recorder {
            recorder.role = site.arn("iam", "", "role/config-own");
            recorder.recording = Recording::Except(vec!["AWS::IAM::User".to_owned()]);
            recorder.global_types = false;
        }
        if let Some(detector) = &mut region.detector {
            detector.features.truncate(3);
            detector.administrator = None;
        }
    });
    in_region(account, "us-east-1", |region| {
        if let Some(detector) = &mut region.detector {
            detector.enabled = false;
        }
        region.event_rules.retain(|rule| rule.pattern.is_none());
    });
    in_region(account, quiet(site), |region| {
        region.detector = None;
        region.config.recorder = None;
        region.analyzers.push(Analyzer {
            name: "unused".to_owned(),
            kind: "ACCOUNT_UNUSED_ACCESS".to_owned(),
            status: "ACTIVE".to_owned(),
            created: site.days_ago(30),
            ..Analyzer::default()
        });
    });
}
