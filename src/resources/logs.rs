//! Log groups of CloudWatch Logs, and the metric filters that count their events.

mod access;
mod derive;

use super::account::Account;
use super::alarm::Alarm;
use super::flow_log::FlowLog;
use super::kleene::answer;
use super::outsiders::{Outsider, list};
use super::region::Region;
use super::trail::Trail;
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The log groups of a region.
    DESCRIBE_LOG_GROUPS: "logs" "DescribeLogGroups" needs ["logs:DescribeLogGroups"] absent [];
    /// The metric filters of all log groups of a region.
    DESCRIBE_METRIC_FILTERS: "logs" "DescribeMetricFilters"
        needs ["logs:DescribeMetricFilters"] absent [];
    /// The resource policies of a region, ten at most.
    DESCRIBE_RESOURCE_POLICIES: "logs" "DescribeResourcePolicies"
        needs ["logs:DescribeResourcePolicies"] absent [];
}

part! {
    /// A resource policy of CloudWatch Logs. It is about all log groups that it names.
    pub struct LogResourcePolicy("LogResourcePolicy", shown as name) {
        /// The policy's name.
        name: String,
        /// The policy as a JSON document.
        document: String,
    }
}

resource! {
    /// A log group.
    pub struct LogGroup("AWS::Logs::LogGroup", log_group, Region, name) from DESCRIBE_LOG_GROUPS {
        /// The log group's name, unique in its account and region.
        name: String,
        /// The log group's ARN, without the closing `:*`.
        arn: String,
        /// When it was made.
        creation_time: Time,
        /// How many days events are kept; absent when they are kept for ever.
        retention_in_days: Option<i64>,
        /// The KMS key that encrypts it; absent when CloudWatch Logs' own encryption does.
        kms_key_id: Option<String>,
        /// How many bytes it holds.
        stored_bytes: i64,
        /// Whether it cannot be deleted until the protection is taken off.
        deletion_protection_enabled: bool,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The trails that write to it, of all scanned accounts.
        trails: many Trail where "arn" = "cloud_watch_logs_log_group_arn" within Everywhere;
        /// The flow logs that write to it.
        flow_logs: many FlowLog where "name" = "log_group_name" within Region;
        /// Its metric filters.
        metric_filters: many MetricFilter where "name" = "log_group_name" within Region;
        /// The region, with the resource policies that hold there.
        region: one Region within Region;
    }
    derived {
        /// Whether the resource policies of the region let anybody in the world at it. One entry at
        /// most, with a request.
        public_access: Items<Outsider>, from ["arn", "region.log_resource_policies.document"];
    }
}

part! {
    /// A metric that a metric filter counts into.
    pub struct MetricTransformation("MetricTransformation", shown as metric_name) {
        /// The metric's name.
        metric_name: String,
        /// The metric's namespace.
        metric_namespace: String,
        /// What each event adds: a number or a field of the event.
        metric_value: String,
        /// The names of the dimensions it is counted by.
        dimensions: Items<String>,
    }
}

part! {
    /// What a filter pattern makes of a set of CloudTrail events.
    pub struct MatchedEvents("MatchedEvents", shown as id) {
        /// The set, such as `root_usage`.
        id: String,
        /// Whether every event of the set matches.
        all_match: bool,
        /// An event of the set that does not match, as JSON; absent when all match or it is not
        /// known.
        missed: Option<String>,
    }
}

resource! {
    /// A metric filter: events of a log group that match its pattern are counted.
    pub struct MetricFilter("AWS::Logs::MetricFilter", filter, Region, id)
        from DESCRIBE_METRIC_FILTERS
    {
        /// The log group's name, a colon, and the filter's name: unique in its account and region.
        id: String,
        /// The filter's name, unique within its log group.
        name: String,
        /// The log group's name.
        log_group_name: String,
        /// The log group's ARN, without the closing `:*`; the sweep puts it together from account,
        /// region and name.
        log_group_arn: String,
        /// The pattern that events must match; an empty one matches all.
        filter_pattern: String,
        /// What is counted.
        metric_transformations: Items<MetricTransformation>,
        /// The names of the metrics above, by which alarms are found.
        metric_names: Items<String>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The alarms of the region on metrics of these names. The namespace may still be another.
        alarms: many Alarm where "metric_names" = "metric_names" within Region;
    }
    derived {
        /// Whether an alarm of its region watches one of its metrics (name, namespace and dimensions
        /// agree) and notifies somebody.
        notifies_somebody: bool, from [
            "metric_transformations", "metric_transformations.metric_name",
            "metric_transformations.metric_namespace", "metric_transformations.dimensions",
            "alarms.metrics.metric_name", "alarms.metrics.namespace", "alarms.metrics.dimensions",
            "alarms.notifies_somebody",
        ];
        /// For each set of CloudTrail events that alarms are wanted for: whether the pattern matches
        /// every event of the set. The pattern is understood, not compared with a spelling.
        matched_events: Items<MatchedEvents>, from ["filter_pattern"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(LogGroup::record),
        field: "public_access",
        compute: |group, _| list(access::public_access(group)),
    },
    Derivation {
        record: RecordRef(MetricFilter::record),
        field: "notifies_somebody",
        compute: |filter, _| answer(derive::notifies_somebody(filter)),
    },
    Derivation {
        record: RecordRef(MetricFilter::record),
        field: "matched_events",
        compute: |filter, _| derive::matched_events(filter),
    },
];
