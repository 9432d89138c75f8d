//! EBS volumes.

use super::account::Account;
use super::tag::Tag;
use crate::inventory::Items;
use crate::resource;

calls! {
    /// The EBS volumes of a region.
    DESCRIBE_VOLUMES: "ec2" "DescribeVolumes" needs ["ec2:DescribeVolumes"] absent [];
}

resource! {
    /// An EBS volume.
    pub struct Volume("AWS::EC2::Volume", volume, Region, id) from DESCRIBE_VOLUMES {
        /// The volume's id.
        id: String,
        /// Whether it is encrypted.
        encrypted: bool,
        /// The ARN of the KMS key; absent when it is not encrypted.
        kms_key_id: Option<String>,
        /// Its size in GiB.
        size: i64,
        /// Its state.
        #[one_of("creating", "available", "in-use", "deleting", "deleted", "error")]
        state: String,
        /// The snapshot that it was made of; absent when it was made empty.
        snapshot_id: Option<String>,
        /// The ids of the instances that it is attached to.
        instance_ids: Items<String>,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}
