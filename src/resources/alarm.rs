//! CloudWatch alarms.

mod derive;

use super::account::Account;
use super::kleene::answer;
use super::sns::Topic;
use crate::inventory::{Derivation, Items, Record};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The metric and composite alarms of a region.
    DESCRIBE_ALARMS: "cloudwatch" "DescribeAlarms" needs ["cloudwatch:DescribeAlarms"] absent [];
}

part! {
    /// A metric that an alarm watches.
    pub struct AlarmMetric("AlarmMetric", shown as metric_name) {
        /// The metric's name.
        metric_name: String,
        /// The metric's namespace.
        namespace: String,
        /// The dimensions it is watched by, each as `name=value`.
        dimensions: Items<String>,
    }
}

resource! {
    /// A CloudWatch alarm.
    pub struct Alarm("AWS::CloudWatch::Alarm", alarm, Region, name) from DESCRIBE_ALARMS {
        /// The alarm's name, unique in its account and region.
        name: String,
        /// The alarm's ARN.
        arn: String,
        /// Whether it watches other alarms instead of metrics.
        is_composite: bool,
        /// The rule of a composite alarm over other alarms; absent for metric alarms.
        alarm_rule: Option<String>,
        /// Whether its actions are carried out.
        actions_enabled: bool,
        /// The ARNs of what happens when it goes off: SNS topics, Lambda functions, and the like.
        alarm_actions: Items<String>,
        /// Its state.
        #[one_of("OK", "ALARM", "INSUFFICIENT_DATA")]
        state_value: String,
        /// The metrics it watches, those inside metric math included.
        metrics: Items<AlarmMetric>,
        /// The names of the metrics above, by which metric filters are found.
        metric_names: Items<String>,
        /// How value and threshold are compared, such as `GreaterThanOrEqualToThreshold`; absent for
        /// composite alarms.
        comparison_operator: Option<String>,
        /// The threshold as a decimal number; absent for composite and anomaly alarms.
        threshold: Option<String>,
        /// The length of a period in seconds; absent where each metric has its own.
        period: Option<i64>,
        /// The statistic, such as `Sum`; absent for composite alarms and metric math.
        statistic: Option<String>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The SNS topics that it notifies, of all scanned accounts.
        topics: many Topic where "alarm_actions" = "arn" within Everywhere;
        /// All alarms of the same account and region, itself included.
        neighbours: many Alarm within Region;
    }
    derived {
        /// Whether somebody hears of it: its actions are enabled, and one of them is an SNS topic
        /// with a confirmed subscription, a Lambda function, or an incident or operations item of
        /// Systems Manager.
        notifies_somebody: bool, from [
            "actions_enabled", "alarm_actions", "topics.arn", "topics.subscriptions_confirmed",
        ];
        /// Whether a composite alarm of the region, whose actions are enabled and not empty, goes by
        /// it.
        feeds_composite: bool, from [
            "name", "arn", "neighbours.alarm_rule", "neighbours.actions_enabled",
            "neighbours.alarm_actions",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(Alarm::record),
        field: "notifies_somebody",
        compute: |alarm, _| answer(derive::notifies_somebody(alarm)),
    },
    Derivation {
        record: RecordRef(Alarm::record),
        field: "feeds_composite",
        compute: |alarm, _| answer(derive::feeds_composite(alarm)),
    },
];
