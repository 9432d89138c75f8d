//! Trails, log groups, metric filters, alarms, topics.

use jiff::Timestamp;

use super::Tag;

/// A CloudTrail trail, kept in its home account.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// The name.
    pub name: String,
    /// The home region.
    pub home_region: String,
    /// Where it delivers to.
    pub bucket: String,
    /// Before the names of its objects.
    pub prefix: Option<String>,
    /// Whether it records global services.
    pub global_events: bool,
    /// Whether it records all regions.
    pub multi_region: bool,
    /// Whether it records all accounts of the organization; member accounts see it too.
    pub organization: bool,
    /// Whether log files are signed.
    pub validation: bool,
    /// The ARN of the log group.
    pub log_group: Option<String>,
    /// The KMS key.
    pub key: Option<String>,
    /// What it records.
    pub selectors: Selectors,
    /// The kinds of unusual activity that it reports.
    pub insights: Vec<String>,
    /// How it does.
    pub status: TrailStatus,
}

/// What a trail records: the one kind of selectors or the other.
#[derive(Debug, Clone)]
pub enum Selectors {
    /// Classic event selectors.
    Classic(Vec<EventSelector>),
    /// Advanced event selectors: name and fields of each.
    Advanced(Vec<(String, Vec<FieldSelector>)>),
}

impl Default for Selectors {
    /// All management events: what a new trail has.
    fn default() -> Self {
        Selectors::Classic(vec![EventSelector::default()])
    }
}

/// A classic event selector.
#[derive(Debug, Clone)]
pub struct EventSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write: String,
    /// Whether management events are recorded.
    pub management: bool,
    /// Whose management events are left out.
    pub excluded: Vec<String>,
    /// Which data events are recorded.
    pub data: Vec<DataResource>,
}

impl Default for EventSelector {
    fn default() -> Self {
        EventSelector {
            read_write: "All".to_owned(),
            management: true,
            excluded: Vec::new(),
            data: Vec::new(),
        }
    }
}

/// Resources whose data events are recorded.
#[derive(Debug, Clone, Default)]
pub struct DataResource {
    /// `AWS::S3::Object`.
    pub kind: String,
    /// The ARNs.
    pub values: Vec<String>,
}

/// One field of an advanced event selector.
#[derive(Debug, Clone, Default)]
pub struct FieldSelector {
    /// `eventCategory`, `readOnly`, `resources.type`, ….
    pub field: String,
    /// The values that it equals.
    pub equals: Vec<String>,
    /// The values that it does not equal.
    pub not_equals: Vec<String>,
    /// The prefixes that it begins with.
    pub starts_with: Vec<String>,
}

/// How a trail does.
#[derive(Debug, Clone, Default)]
pub struct TrailStatus {
    /// Whether it records.
    pub logging: bool,
    /// The last delivery to S3.
    pub delivered: Option<Timestamp>,
    /// Why delivery to S3 fails.
    pub delivery_error: Option<String>,
    /// The last delivery to CloudWatch Logs.
    pub logs_delivered: Option<Timestamp>,
    /// Why delivery to CloudWatch Logs fails.
    pub logs_error: Option<String>,
    /// The last delivery of digests.
    pub digest_delivered: Option<Timestamp>,
}

/// A log group.
#[derive(Debug, Clone, Default)]
pub struct LogGroup {
    /// The name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// For how many days events are kept; `None` for ever.
    pub retention: Option<i32>,
    /// The KMS key.
    pub key: Option<String>,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// Its metric filters.
    pub filters: Vec<MetricFilter>,
}

/// A metric filter.
#[derive(Debug, Clone, Default)]
pub struct MetricFilter {
    /// The name.
    pub name: String,
    /// The pattern.
    pub pattern: String,
    /// The metric that it counts into.
    pub metric: String,
    /// The name space of the metric.
    pub namespace: String,
}

/// An alarm.
#[derive(Debug, Clone, Default)]
pub struct Alarm {
    /// The name.
    pub name: String,
    /// What it watches.
    pub watches: AlarmMetric,
    /// Whether actions are carried out.
    pub actions_enabled: bool,
    /// The ARNs of its actions.
    pub actions: Vec<String>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// What an alarm watches.
#[derive(Debug, Clone)]
pub enum AlarmMetric {
    /// A metric: name space and name; the sum over five minutes, from one upwards.
    Metric {
        /// The name space.
        namespace: String,
        /// The name.
        name: String,
    },
    /// An expression over metrics: id, name space, name and period of each.
    Math {
        /// The expression.
        expression: String,
        /// Id, name space and name of its metrics.
        metrics: Vec<(String, String, String)>,
    },
    /// Other alarms.
    Composite {
        /// The rule.
        rule: String,
    },
}

impl Default for AlarmMetric {
    fn default() -> Self {
        AlarmMetric::Metric { namespace: String::new(), name: String::new() }
    }
}

/// An SNS topic.
#[derive(Debug, Clone, Default)]
pub struct Topic {
    /// The name.
    pub name: String,
    /// The topic policy, as JSON.
    pub policy: String,
    /// The KMS key.
    pub key: Option<String>,
    /// Its subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A subscription to a topic.
#[derive(Debug, Clone, Default)]
pub struct Subscription {
    /// `email`, `https`, `sqs`, `lambda`, ….
    pub protocol: String,
    /// Where notices go.
    pub endpoint: String,
    /// Whether it was confirmed.
    pub confirmed: bool,
}
