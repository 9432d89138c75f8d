//! VPC flow logs.

use super::account::Account;
use super::logs::LogGroup;
use super::s3::Bucket;
use super::tag::Tag;
use crate::inventory::Items;
use crate::resource;

calls! {
    /// The flow logs of a region.
    DESCRIBE_FLOW_LOGS: "ec2" "DescribeFlowLogs" needs ["ec2:DescribeFlowLogs"] absent [];
}

resource! {
    /// A flow log of a VPC, subnet or network interface.
    pub struct FlowLog("AWS::EC2::FlowLog", flow_log, Region, id) from DESCRIBE_FLOW_LOGS {
        /// The flow log's id.
        id: String,
        /// What it records: the id of a VPC, subnet, network interface or transit gateway.
        resource_id: String,
        /// Its status, such as `ACTIVE`.
        flow_log_status: String,
        /// Which traffic is recorded; absent for transit gateways, where it is all.
        #[one_of("ACCEPT", "REJECT", "ALL")]
        traffic_type: Option<String>,
        /// Where the records go.
        #[one_of("cloud-watch-logs", "s3", "kinesis-data-firehose")]
        log_destination_type: String,
        /// The log group's name; absent when the records go elsewhere.
        log_group_name: Option<String>,
        /// The ARN of the destination; absent where only a log group's name is given.
        log_destination: Option<String>,
        /// The name of the bucket within the destination's ARN; absent when the records go elsewhere.
        log_destination_bucket: Option<String>,
        /// Whether the last delivery worked; absent when there was none.
        #[one_of("SUCCESS", "FAILED")]
        deliver_logs_status: Option<String>,
        /// Why the last delivery failed; absent when it did not.
        deliver_logs_error_message: Option<String>,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The log group; absent when there is none of that name, or the records go elsewhere.
        log_group: maybe LogGroup where "log_group_name" = "name" within Region;
        /// The bucket. Unknown when it is none of a scanned account, or the records go elsewhere.
        bucket: one Bucket where "log_destination_bucket" = "name" within Everywhere;
    }
}
