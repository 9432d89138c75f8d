//! Machine images that the account owns.

use super::account::Account;
use super::tag::Tag;
use crate::inventory::Items;
use crate::resource;

calls! {
    /// The machine images that the account itself owns.
    DESCRIBE_IMAGES: "ec2" "DescribeImages" needs ["ec2:DescribeImages"] absent [];
}

resource! {
    /// A machine image (AMI) that the account owns.
    pub struct Image("AWS::EC2::Image", image, Region, id) from DESCRIBE_IMAGES {
        /// The image's id.
        id: String,
        /// The image's name; absent for images that failed.
        name: Option<String>,
        /// Whether everybody may launch it.
        public: bool,
        /// Its state, such as `available`.
        state: String,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}
