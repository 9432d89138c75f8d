//! Facts that hold for a region of an account: its defaults for storage, images and metadata.

use super::access_analyzer::Analyzer;
use super::account::Account;
use super::config::{DeliveryChannel, Recorder};
use super::event_rule::Rule;
use super::guardduty::Detector;
use super::instance::Instance;
use super::logs::{DESCRIBE_RESOURCE_POLICIES, LogResourcePolicy};
use super::vpc::Vpc;
use crate::inventory::Items;
use crate::{part, resource};

calls! {
    /// The regions of the account, with whether they are enabled.
    DESCRIBE_REGIONS: "ec2" "DescribeRegions" needs ["ec2:DescribeRegions"] absent [];
    /// Whether new EBS volumes are encrypted.
    GET_EBS_ENCRYPTION_BY_DEFAULT: "ec2" "GetEbsEncryptionByDefault"
        needs ["ec2:GetEbsEncryptionByDefault"] absent [];
    /// Whether EBS snapshots may be shared publicly.
    GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE: "ec2" "GetSnapshotBlockPublicAccessState"
        needs ["ec2:GetSnapshotBlockPublicAccessState"] absent [];
    /// Whether machine images may be shared publicly.
    GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE: "ec2" "GetImageBlockPublicAccessState"
        needs ["ec2:GetImageBlockPublicAccessState"] absent [];
    /// The instance metadata defaults of new instances.
    GET_INSTANCE_METADATA_DEFAULTS: "ec2" "GetInstanceMetadataDefaults"
        needs ["ec2:GetInstanceMetadataDefaults"] absent [];
    /// Whether instances can be reached by their serial console.
    GET_SERIAL_CONSOLE_ACCESS_STATUS: "ec2" "GetSerialConsoleAccessStatus"
        needs ["ec2:GetSerialConsoleAccessStatus"] absent [];
    /// VPC Block Public Access of the region.
    DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS: "ec2" "DescribeVpcBlockPublicAccessOptions"
        needs ["ec2:DescribeVpcBlockPublicAccessOptions"] absent [];
    /// The VPCs and subnets that VPC Block Public Access leaves out.
    DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS: "ec2" "DescribeVpcBlockPublicAccessExclusions"
        needs ["ec2:DescribeVpcBlockPublicAccessExclusions"] absent [];
    /// The account's own snapshots that everybody may restore: owner `self`, restorable by `all`.
    DESCRIBE_PUBLIC_SNAPSHOTS: "ec2" "DescribeSnapshots" needs ["ec2:DescribeSnapshots"] absent [];
}

part! {
    /// The instance metadata settings that new instances get when their launch names none.
    pub struct InstanceMetadataDefaults("InstanceMetadataDefaults") {
        /// Whether session tokens (IMDSv2) are required; absent when there is no preference.
        #[one_of("optional", "required")]
        http_tokens: Option<String>,
        /// Whether the metadata service is reachable; absent when there is no preference.
        #[one_of("enabled", "disabled")]
        http_endpoint: Option<String>,
        /// How many hops a reply may travel; absent when there is no preference.
        http_put_response_hop_limit: Option<i64>,
    }
}

resource! {
    /// An enabled region of an account. Its fields come from several sweeps, each of which
    /// contributes what it reads. A region that the account has not opted in to is not there at all.
    pub struct Region("AWS::::Region", region, Region, name) from DESCRIBE_REGIONS {
        /// The region's name, such as `eu-west-1`.
        name: String,
        /// Whether new EBS volumes are encrypted without asking.
        ebs_encryption_by_default: bool => GET_EBS_ENCRYPTION_BY_DEFAULT,
        /// Whether EBS snapshots can be shared with everybody. `block-new-sharing` leaves alone what
        /// is shared already.
        #[one_of("block-all-sharing", "block-new-sharing", "unblocked")]
        snapshot_block_public_access: String => GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
        /// Whether machine images can be shared with everybody.
        #[one_of("block-new-sharing", "unblocked")]
        image_block_public_access: String => GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
        /// The metadata defaults of new instances.
        instance_metadata_defaults: InstanceMetadataDefaults => GET_INSTANCE_METADATA_DEFAULTS,
        /// The ids of the account's own EBS snapshots that everybody may restore.
        public_snapshot_ids: Items<String> => DESCRIBE_PUBLIC_SNAPSHOTS,
        /// Whether instances can be reached by their serial console, past every network filter.
        serial_console_access_enabled: bool => GET_SERIAL_CONSOLE_ACCESS_STATUS,
        /// Which traffic of internet gateways VPC Block Public Access stops.
        #[one_of("off", "block-bidirectional", "block-ingress")]
        vpc_block_public_access_mode: String => DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
        /// The ARNs of the VPCs and subnets that VPC Block Public Access leaves out.
        vpc_block_public_access_exclusions: Items<String>
            => DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
        /// The policies that give others access to the log groups of the region.
        log_resource_policies: Items<LogResourcePolicy> => DESCRIBE_RESOURCE_POLICIES,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPCs of the region.
        vpcs: many Vpc within Region;
        /// The instances of the region, whatever their state.
        instances: many Instance within Region;
        /// The recorders of AWS Config: one at most.
        config_recorders: many Recorder within Region;
        /// The delivery channels of AWS Config: one at most.
        config_delivery_channels: many DeliveryChannel within Region;
        /// The GuardDuty detectors: one at most.
        detectors: many Detector within Region;
        /// The rules of the default event bus.
        event_rules: many Rule within Region;
        /// The analyzers of IAM Access Analyzer that the account made in the region.
        analyzers: many Analyzer within Region;
        /// The analyzers of external access in this region, in all scanned accounts, that look at a
        /// whole organization.
        organization_analyzers: many Analyzer
            where "name" = "organization_region" within Everywhere;
    }
    derived {
        /// Whether an active analyzer looks at the account in this region for access from outside:
        /// one of its own, or one of its organization.
        has_external_access_analyzer: bool, from [
            "name", "analyzers.analyzer_type", "analyzers.status", "organization_analyzers.status",
            "organization_analyzers.account.organization.id", "account.organization.id",
            "account.organization.management_account.delegated_administrators.service_principal",
            "account.organization.management_account.delegated_administrators.account.id",
        ];
    }
}
