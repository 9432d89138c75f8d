//! CloudTrail trails: what they record, and whether it arrives.

mod derive;

use super::account::Account;
use super::kleene::answer;
use super::logs::{LogGroup, MetricFilter};
use super::s3::Bucket;
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};
use derive::{Access, Events, Question};

calls! {
    /// The trails of all regions, with their home regions.
    LIST_TRAILS: "cloudtrail" "ListTrails" needs ["cloudtrail:ListTrails"] absent [];
    /// The settings of trails.
    DESCRIBE_TRAILS: "cloudtrail" "DescribeTrails" needs ["cloudtrail:DescribeTrails"] absent [];
    /// Whether a trail is logging, and how its deliveries went.
    GET_TRAIL_STATUS: "cloudtrail" "GetTrailStatus"
        needs ["cloudtrail:GetTrailStatus"] absent [];
    /// Which events a trail records.
    GET_EVENT_SELECTORS: "cloudtrail" "GetEventSelectors"
        needs ["cloudtrail:GetEventSelectors"] absent [];
    /// Which unusual activity a trail reports.
    GET_INSIGHT_SELECTORS: "cloudtrail" "GetInsightSelectors"
        needs ["cloudtrail:GetInsightSelectors"] absent ["InsightNotEnabledException"];
}

part! {
    /// How a trail is doing.
    pub struct TrailStatus("TrailStatus") {
        /// Whether it records at all.
        is_logging: bool,
        /// When files last went to the bucket; absent when none ever did.
        latest_delivery_time: Option<Time>,
        /// The error code of S3 at the last delivery; absent when it worked.
        latest_delivery_error: Option<String>,
        /// When digest files last went to the bucket; absent when none ever did.
        latest_digest_delivery_time: Option<Time>,
        /// The error code of S3 at the last delivery of a digest; absent when it worked.
        latest_digest_delivery_error: Option<String>,
        /// When events last went to CloudWatch Logs; absent when none ever did.
        latest_cloud_watch_logs_delivery_time: Option<Time>,
        /// The error at the last delivery to CloudWatch Logs; absent when it worked.
        latest_cloud_watch_logs_delivery_error: Option<String>,
        /// The error of SNS at the last notification; absent when it worked.
        latest_notification_error: Option<String>,
    }
}

part! {
    /// Data resources of a classic event selector.
    pub struct DataResource("TrailDataResource", shown as type_name) {
        /// Their type, such as `AWS::S3::Object` (`Type`).
        type_name: String,
        /// ARNs or prefixes of ARNs. For S3, `arn:aws:s3` and `arn:aws:s3:::` mean all buckets, and
        /// a bucket's ARN with a closing slash all its objects.
        values: Items<String>,
    }
}

part! {
    /// A classic event selector.
    pub struct EventSelector("TrailEventSelector") {
        /// Whether reads, writes or both are recorded.
        #[one_of("ReadOnly", "WriteOnly", "All")]
        read_write_type: String,
        /// Whether management events are recorded.
        include_management_events: bool,
        /// The services whose management events are left out, such as `kms.amazonaws.com`.
        exclude_management_event_sources: Items<String>,
        /// The data events recorded besides.
        data_resources: Items<DataResource>,
    }
}

part! {
    /// A condition of an advanced event selector. All operators that are given must match; any of
    /// the values of an operator will do, and none of those of a negated one.
    pub struct FieldSelector("TrailFieldSelector", shown as field) {
        /// The field, such as `eventCategory`, `readOnly`, `eventSource`, `resources.type`,
        /// `resources.ARN`.
        field: String,
        /// Values it must equal.
        equals: Items<String>,
        /// Prefixes it must have.
        starts_with: Items<String>,
        /// Endings it must have.
        ends_with: Items<String>,
        /// Values it must not equal.
        not_equals: Items<String>,
        /// Prefixes it must not have.
        not_starts_with: Items<String>,
        /// Endings it must not have.
        not_ends_with: Items<String>,
    }
}

part! {
    /// An advanced event selector: events that meet all its conditions are recorded.
    pub struct AdvancedEventSelector("TrailAdvancedEventSelector") {
        /// Its name, which means nothing; absent when it has none.
        name: Option<String>,
        /// Its conditions.
        field_selectors: Items<FieldSelector>,
    }
}

resource! {
    /// A trail that an account sees: one of its own, once, in its home region, or one of its
    /// organization. The shadows of a trail in other regions are the same trail.
    pub struct Trail("AWS::CloudTrail::Trail", trail, Account, arn) from LIST_TRAILS | DESCRIBE_TRAILS {
        /// The trail's ARN.
        arn: String,
        /// The trail's name.
        name: String,
        /// The region it was made in.
        home_region: String,
        /// The account within its ARN. For the trail of an organization that is the management
        /// account.
        owner_account_id: String,
        /// Whether it records in all regions.
        is_multi_region_trail: bool => DESCRIBE_TRAILS,
        /// Whether it records events of global services such as IAM.
        include_global_service_events: bool => DESCRIBE_TRAILS,
        /// Whether it records in all accounts of the organization.
        is_organization_trail: bool => DESCRIBE_TRAILS,
        /// Whether digest files prove that its log files are untouched.
        log_file_validation_enabled: bool => DESCRIBE_TRAILS,
        /// The bucket it writes to.
        s3_bucket_name: String => DESCRIBE_TRAILS,
        /// The prefix of its files; absent when it has none.
        s3_key_prefix: Option<String> => DESCRIBE_TRAILS,
        /// The SNS topic that hears of each file; absent when none does.
        sns_topic_arn: Option<String> => DESCRIBE_TRAILS,
        /// The KMS key that encrypts its files; absent when S3's own encryption does.
        kms_key_id: Option<String> => DESCRIBE_TRAILS,
        /// The ARN of the log group that gets its events, without the closing `:*`; absent when none
        /// does.
        cloud_watch_logs_log_group_arn: Option<String> => DESCRIBE_TRAILS,
        /// How it is doing.
        status: TrailStatus => GET_TRAIL_STATUS,
        /// Its classic event selectors; empty when it has advanced ones.
        event_selectors: Items<EventSelector> => GET_EVENT_SELECTORS,
        /// Its advanced event selectors; empty when it has classic ones.
        advanced_event_selectors: Items<AdvancedEventSelector> => GET_EVENT_SELECTORS,
        /// The kinds of unusual activity that it reports, such as `ApiCallRateInsight`; empty when
        /// Insights is off. Members of an organization may not ask for those of its trail.
        insight_types: Items<String> => GET_INSIGHT_SELECTORS,
    }
    relations {
        /// The account that sees it.
        account: one Account within Account;
        /// The bucket it writes to. Unknown when it is none of a scanned account.
        bucket: one Bucket where "s3_bucket_name" = "name" within Everywhere;
        /// The log group that gets its events; absent when there is none.
        log_group: maybe LogGroup
            where "cloud_watch_logs_log_group_arn" = "arn" within Everywhere;
        /// The metric filters on that log group.
        metric_filters: many MetricFilter
            where "cloud_watch_logs_log_group_arn" = "log_group_arn" within Everywhere;
    }
    derived {
        /// Whether it records at all. A member account may not see that of its organization's trail;
        /// then what the trail's own account sees holds, if that account was scanned.
        is_logging: bool, from ["arn", "status.is_logging"];
        /// Whether it records all management events that change something, of all services. What
        /// decides is the selectors' content, classic or advanced, never their names.
        records_all_management_writes: bool, from [
            "arn", "event_selectors.read_write_type", "event_selectors.include_management_events",
            "event_selectors.exclude_management_event_sources",
            "advanced_event_selectors.field_selectors",
        ];
        /// Whether it records all management events that only read, of all services.
        records_all_management_reads: bool, from [
            "arn", "event_selectors.read_write_type", "event_selectors.include_management_events",
            "event_selectors.exclude_management_event_sources",
            "advanced_event_selectors.field_selectors",
        ];
        /// Whether it records all management events that change something, leaving aside those of KMS and
        /// of the RDS Data API, which a trail may leave out by name.
        records_management_writes: bool, from [
            "arn", "event_selectors.read_write_type", "event_selectors.include_management_events",
            "advanced_event_selectors.field_selectors",
        ];
        /// Whether it records all management events that only read, leaving aside those of KMS and of the
        /// RDS Data API, which a trail may leave out by name.
        records_management_reads: bool, from [
            "arn", "event_selectors.read_write_type", "event_selectors.include_management_events",
            "advanced_event_selectors.field_selectors",
        ];
        /// Whether it records writes to the objects of all buckets.
        records_all_s3_writes: bool, from [
            "arn", "event_selectors.read_write_type", "event_selectors.data_resources",
            "advanced_event_selectors.field_selectors",
        ];
        /// Whether it records reads of the objects of all buckets.
        records_all_s3_reads: bool, from [
            "arn", "event_selectors.read_write_type", "event_selectors.data_resources",
            "advanced_event_selectors.field_selectors",
        ];
        /// Whether CloudTrail Insights reports unusual numbers of calls.
        reports_call_rates: bool, from ["arn", "insight_types"];
        /// Whether CloudTrail Insights reports unusual numbers of errors.
        reports_error_rates: bool, from ["arn", "insight_types"];
    }
}

/// A field that is the answer to one question.
macro_rules! asked {
    ($field:literal, $question:expr) => {
        Derivation {
            record: RecordRef(Trail::record),
            field: $field,
            compute: |trail, inventory| answer(derive::answer(trail, inventory, $question)),
        }
    };
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    asked!("is_logging", Question::IsLogging),
    asked!("records_all_management_writes", Question::Records(Events::Management, Access::Write)),
    asked!("records_all_management_reads", Question::Records(Events::Management, Access::Read)),
    asked!("records_management_writes", Question::Records(Events::MostManagement, Access::Write)),
    asked!("records_management_reads", Question::Records(Events::MostManagement, Access::Read)),
    asked!("records_all_s3_writes", Question::Records(Events::S3Objects, Access::Write)),
    asked!("records_all_s3_reads", Question::Records(Events::S3Objects, Access::Read)),
    asked!("reports_call_rates", Question::ReportsCallRates),
    asked!("reports_error_rates", Question::ReportsErrorRates),
];
