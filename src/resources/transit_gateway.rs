//! Transit gateways.

use super::account::Account;
use super::tag::Tag;
use crate::inventory::Items;
use crate::resource;

calls! {
    /// The transit gateways that a region shows, those that other accounts share included.
    DESCRIBE_TRANSIT_GATEWAYS: "ec2" "DescribeTransitGateways"
        needs ["ec2:DescribeTransitGateways"] absent [];
}

resource! {
    /// A transit gateway.
    pub struct TransitGateway("AWS::EC2::TransitGateway", gateway, Region, id)
        from DESCRIBE_TRANSIT_GATEWAYS
    {
        /// The gateway's id.
        id: String,
        /// The gateway's ARN.
        arn: String,
        /// The account that owns it.
        owner_id: String,
        /// Its state.
        #[one_of("pending", "available", "modifying", "deleting", "deleted")]
        state: String,
        /// Whether attachments of accounts that it is shared with are accepted without asking.
        #[one_of("enable", "disable")]
        auto_accept_shared_attachments: String,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}
