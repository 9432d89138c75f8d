//! AWS Config: what it records, where it delivers to, and who gathers it.

use super::account::Account;
use super::s3::Bucket;
use crate::inventory::{Items, Time};
use crate::{part, resource};

calls! {
    /// The configuration recorder of a region. Without a name AWS gives the customer's own.
    DESCRIBE_CONFIGURATION_RECORDERS: "config" "DescribeConfigurationRecorders"
        needs ["config:DescribeConfigurationRecorders"] absent [];
    /// Whether a recorder records, and how it last went.
    DESCRIBE_CONFIGURATION_RECORDER_STATUS: "config" "DescribeConfigurationRecorderStatus"
        needs ["config:DescribeConfigurationRecorderStatus"] absent [];
    /// Where Config delivers to.
    DESCRIBE_DELIVERY_CHANNELS: "config" "DescribeDeliveryChannels"
        needs ["config:DescribeDeliveryChannels"] absent [];
    /// How the last deliveries went.
    DESCRIBE_DELIVERY_CHANNEL_STATUS: "config" "DescribeDeliveryChannelStatus"
        needs ["config:DescribeDeliveryChannelStatus"] absent [];
    /// The aggregators of a region.
    DESCRIBE_CONFIGURATION_AGGREGATORS: "config" "DescribeConfigurationAggregators"
        needs ["config:DescribeConfigurationAggregators"] absent [];
}

part! {
    /// How a recorder is doing.
    pub struct RecorderStatus("ConfigRecorderStatus") {
        /// Whether it records.
        recording: bool,
        /// How the last recording went; absent before the first one.
        #[one_of("Pending", "Success", "Failure", "NotApplicable")]
        last_status: Option<String>,
        /// The error code of the last failure; absent when there is none.
        last_error_code: Option<String>,
        /// When it was last started; absent when it never was.
        last_start_time: Option<Time>,
        /// When it was last stopped; absent when it never was.
        last_stop_time: Option<Time>,
    }
}

resource! {
    /// A configuration recorder of AWS Config. A region has one at most, and most are called
    /// `default`: the name alone does not tell them apart.
    pub struct Recorder("AWS::Config::ConfigurationRecorder", recorder, Region, name)
        from DESCRIBE_CONFIGURATION_RECORDERS
    {
        /// The recorder's name.
        name: String,
        /// The recorder's ARN; absent for recorders from before they had one.
        arn: Option<String>,
        /// The role that it reads with.
        role_arn: String,
        /// Whether it records all resource types that Config knows, those to come included.
        all_supported: bool,
        /// Whether it records the resources of global services such as IAM.
        include_global_resource_types: bool,
        /// How it chooses resource types; absent for recorders from before there was a choice.
        #[one_of(
            "ALL_SUPPORTED_RESOURCE_TYPES", "INCLUSION_BY_RESOURCE_TYPES",
            "EXCLUSION_BY_RESOURCE_TYPES",
        )]
        recording_strategy: Option<String>,
        /// The types that it records when it does not record all.
        resource_types: Items<String>,
        /// The types that it leaves out.
        excluded_resource_types: Items<String>,
        /// How it is doing.
        status: RecorderStatus => DESCRIBE_CONFIGURATION_RECORDER_STATUS,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}

part! {
    /// How deliveries of one kind went.
    pub struct DeliveryInfo("ConfigDeliveryInfo", shown as last_status) {
        /// How the last one went; absent before the first one.
        #[one_of("Success", "Failure", "Not_Applicable")]
        last_status: Option<String>,
        /// The error code of the last failure; absent when there is none.
        last_error_code: Option<String>,
    }
}

part! {
    /// How the deliveries of a channel went. A kind that Config has not tried yet is absent.
    pub struct DeliveryStatus("ConfigDeliveryStatus") {
        /// Snapshots, into the bucket.
        config_snapshot: Option<DeliveryInfo>,
        /// Histories, into the bucket.
        config_history: Option<DeliveryInfo>,
        /// Notices of changes, to the topic.
        config_stream: Option<DeliveryInfo>,
    }
}

resource! {
    /// A delivery channel of AWS Config. A region has one at most.
    pub struct DeliveryChannel("AWS::Config::DeliveryChannel", channel, Region, name)
        from DESCRIBE_DELIVERY_CHANNELS
    {
        /// The channel's name.
        name: String,
        /// The bucket that it delivers to.
        s3_bucket_name: String,
        /// The prefix of its files; absent when it has none.
        s3_key_prefix: Option<String>,
        /// The topic that hears of changes; absent when none does.
        sns_topic_arn: Option<String>,
        /// How its deliveries went.
        status: DeliveryStatus => DESCRIBE_DELIVERY_CHANNEL_STATUS,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The bucket that it delivers to. Unknown when it is none of a scanned account.
        bucket: one Bucket where "s3_bucket_name" = "name" within Everywhere;
    }
}

resource! {
    /// An aggregator of AWS Config: it gathers what recorders of other accounts and regions saw.
    pub struct Aggregator("AWS::Config::ConfigurationAggregator", aggregator, Region, name)
        from DESCRIBE_CONFIGURATION_AGGREGATORS
    {
        /// The aggregator's name.
        name: String,
        /// The aggregator's ARN.
        arn: String,
        /// Whether it gathers from all accounts of the organization.
        covers_organization: bool,
        /// Whether it gathers from all regions of the organization, those to come included. False
        /// for aggregators over single accounts.
        organization_all_regions: bool,
        /// The regions of the organization that it gathers from when these are not all.
        organization_regions: Items<String>,
        /// The accounts that it gathers from by name.
        account_ids: Items<String>,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}
