//! Trails, log groups, filters, alarms and topics as they should be.

use serde_json::json;

use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    Alarm, AlarmMetric, DataResource, EventSelector, LogGroup, MetricFilter, Region, Selectors,
    Subscription, Topic, Trail, TrailStatus,
};

mod filters;

pub use filters::pattern;

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
        insights: ["ApiCallRateInsight", "ApiErrorRateInsight"].map(str::to_owned).to_vec(),
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
        protected: true,
        filters: Vec::new(),
    };
    if !region.network.vpcs.is_empty() {
        region.log_groups.push(group("/vpc/flow-logs"));
        region.log_groups.push(group("/app/api"));
    }
    if name != site.home() {
        return;
    }
    let names = filters::names();
    let names: Vec<&str> =
        names.filter(|name| site.is_management() || *name != "organizations-changes").collect();
    let mut trail_group = group(TRAIL_GROUP);
    trail_group.filters = names
        .iter()
        .map(|name| MetricFilter {
            name: (*name).to_owned(),
            pattern: filters::pattern(site, name),
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
