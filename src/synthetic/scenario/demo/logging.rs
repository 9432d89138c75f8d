//! Faults of trails, log groups and alarms.

use crate::synthetic::scenario::baseline::pattern;
use crate::synthetic::scenario::site::{Site, in_region};
use crate::synthetic::world::{
    Account, Alarm, AlarmMetric, EventSelector, FieldSelector, LogGroup, MetricFilter, Region,
    Selectors, Subscription, Topic, Trail, TrailStatus,
};

/// Filters of a region, by name.
fn filter<'r>(region: &'r mut Region, name: &str) -> Option<&'r mut MetricFilter> {
    region.log_groups.iter_mut().flat_map(|group| &mut group.filters).find(|one| one.name == name)
}

/// The alarm for a filter.
fn alarm<'r>(region: &'r mut Region, filter: &str) -> Option<&'r mut Alarm> {
    let name = format!("security-{filter}");
    region.alarms.iter_mut().find(|alarm| alarm.name == name)
}

/// Alarms that look right and never ring (traps): a pattern with "and" where "or" is meant, a
/// metric in another name space, disabled actions, a topic that nobody confirmed.
pub fn management(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    let billing = site.arn("sns", &home, "billing-alerts");
    in_region(account, &home, |region| {
        if let Some(filter) = filter(region, "iam-policy-changes") {
            filter.pattern = filter.pattern.replace("||", "&&");
        }
        if let Some(alarm) = alarm(region, "config-changes") {
            alarm.watches = AlarmMetric::Metric {
                namespace: "Sicherheit".to_owned(),
                name: "config-changes".to_owned(),
            };
        }
        if let Some(alarm) = alarm(region, "vpc-changes") {
            alarm.actions_enabled = false;
        }
        if let Some(alarm) = alarm(region, "network-acl-changes") {
            alarm.actions = vec![billing.clone()];
        }
        region.topics.push(Topic {
            name: "billing-alerts".to_owned(),
            policy: r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
            subscriptions: vec![Subscription {
                protocol: "email".to_owned(),
                endpoint: "finance@acme.example".to_owned(),
                confirmed: false,
            }],
            ..Topic::default()
        });
        different_but_right(site, region);
    });
}

/// Written otherwise, but matching the same events or more: right (traps).
fn different_but_right(site: &Site<'_>, region: &mut Region) {
    if let Some(filter) = filter(region, "kms-key-disable-or-deletion") {
        filter.pattern = "{($.eventSource=\"kms.amazonaws.com\")&&\
            (($.eventName=\"ScheduleKeyDeletion\")||($.eventName=\"DisableKey\"))}"
            .to_owned();
    }
    if let Some(filter) = filter(region, "route-table-changes") {
        filter.pattern = "{ $.eventSource = ec2.* && ($.eventName = \"*Route*\") }".to_owned();
    }
    // An alarm over an expression, and one that only feeds another.
    region.alarms.push(Alarm {
        name: "denied-share".to_owned(),
        watches: AlarmMetric::Math {
            expression: "100 * denied / calls".to_owned(),
            metrics: vec![
                ("denied".to_owned(), "Security".to_owned(), "unauthorized-api-calls".to_owned()),
                ("calls".to_owned(), "Security".to_owned(), "all-calls".to_owned()),
            ],
        },
        state: "INSUFFICIENT_DATA".to_owned(),
        actions_enabled: true,
        updated: site.days_ago(90),
        ..Alarm::default()
    });
    region.alarms.push(Alarm {
        name: "security-any".to_owned(),
        watches: AlarmMetric::Composite {
            rule: "ALARM(\"denied-share\") OR ALARM(\"security-root-usage\")".to_owned(),
        },
        actions_enabled: true,
        actions: vec![site.arn("sns", &region.name, "security-alerts")],
        state: "OK".to_owned(),
        updated: site.days_ago(90),
    });
}

/// An own trail without validation or encryption that leaves out KMS events, and one with
/// advanced selectors that records writes to some objects only.
pub fn production(site: &Site<'_>, account: &mut Account) {
    for trail in &mut account.trails {
        trail.validation = false;
        trail.key = None;
        trail.selectors = Selectors::Classic(vec![EventSelector {
            excluded: vec!["kms.amazonaws.com".to_owned()],
            ..EventSelector::default()
        }]);
        trail.status.logs_delivered = Some(site.days_ago(9));
        trail.status.logs_error = Some("AccessDenied".to_owned());
    }
    account.trails.push(advanced_trail(site));
    let home = site.home().to_owned();
    in_region(account, &home, |region| {
        region.alarms.retain(|alarm| {
            !["root-usage", "security-group-changes"]
                .iter()
                .any(|name| alarm.name == format!("security-{name}"))
        });
        if let Some(alarm) = alarm(region, "vpc-changes") {
            alarm.actions.clear();
        }
        // Half of the events (a trap for those who look for one name).
        if let Some(filter) = filter(region, "cloudtrail-changes") {
            filter.pattern =
                "{ ($.eventName = CreateTrail) || ($.eventName = StopLogging) }".into();
        }
        region.log_groups.push(LogGroup {
            name: "/app/debug".to_owned(),
            created: site.days_ago(80),
            retention: Some(14),
            ..LogGroup::default()
        });
    });
}

fn advanced_trail(site: &Site<'_>) -> Trail {
    let equals = |field: &str, value: &str| FieldSelector {
        field: field.to_owned(),
        equals: vec![value.to_owned()],
        ..FieldSelector::default()
    };
    let objects = FieldSelector {
        field: "resources.ARN".to_owned(),
        starts_with: vec![format!("{}/", site.bucket_arn("acme-production-data"))],
        ..FieldSelector::default()
    };
    Trail {
        name: "data-events".to_owned(),
        home_region: "us-east-1".to_owned(),
        bucket: site.trail_bucket(),
        prefix: Some("data".to_owned()),
        validation: true,
        selectors: Selectors::Advanced(vec![
            (
                "Writes to data".to_owned(),
                vec![
                    equals("eventCategory", "Data"),
                    equals("resources.type", "AWS::S3::Object"),
                    equals("readOnly", "false"),
                    objects,
                ],
            ),
            ("Management".to_owned(), vec![equals("eventCategory", "Management")]),
        ]),
        status: TrailStatus {
            logging: true,
            delivered: Some(site.hours_ago(2)),
            ..TrailStatus::default()
        },
        ..Trail::default()
    }
}

/// A trail that was stopped, delivering to a bucket that is gone; another one into a bucket that
/// everybody can list; a topic without subscribers.
pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    for trail in &mut account.trails {
        trail.multi_region = false;
        trail.global_events = false;
        trail.validation = false;
        trail.key = None;
        trail.log_group = None;
        trail.bucket = "acme-sandbox-trail-gone".to_owned();
        trail.selectors = Selectors::Classic(vec![EventSelector {
            read_write: "WriteOnly".to_owned(),
            ..EventSelector::default()
        }]);
        trail.status = TrailStatus {
            logging: false,
            delivered: Some(site.days_ago(200)),
            delivery_error: Some("NoSuchBucket".to_owned()),
            ..TrailStatus::default()
        };
    }
    let home = site.home().to_owned();
    account.trails.push(Trail {
        name: "workshop".to_owned(),
        home_region: home.clone(),
        bucket: "acme-dropbox".to_owned(),
        status: TrailStatus {
            logging: true,
            delivered: Some(site.hours_ago(5)),
            ..TrailStatus::default()
        },
        ..Trail::default()
    });
    let root_usage = pattern(site, "root-usage");
    in_region(account, &home, |region| {
        region.alarms.retain(|alarm| alarm.name == "security-root-usage");
        for group in &mut region.log_groups {
            group.filters.retain(|filter| filter.pattern == root_usage);
            group.retention = group.retention.map(|_| 30);
            group.protected = false;
            group.key = None;
        }
        for topic in &mut region.topics {
            topic.subscriptions.clear();
        }
        // For ever: better than any number of days (a trap).
        region.log_groups.push(LogGroup {
            name: "/experiments".to_owned(),
            created: site.days_ago(80),
            ..LogGroup::default()
        });
    });
}
