//! Managed prefix lists: named lists of address ranges.

use crate::inventory::{CidrText, Items};
use crate::{part, resource};

calls! {
    /// The prefix lists of a region, those of AWS included.
    DESCRIBE_MANAGED_PREFIX_LISTS: "ec2" "DescribeManagedPrefixLists"
        needs ["ec2:DescribeManagedPrefixLists"] absent [];
    /// The ranges of a prefix list.
    GET_MANAGED_PREFIX_LIST_ENTRIES: "ec2" "GetManagedPrefixListEntries"
        needs ["ec2:GetManagedPrefixListEntries"] absent [];
}

part! {
    /// A range of a prefix list.
    pub struct PrefixListEntry("PrefixListEntry", shown as cidr) {
        /// The range.
        cidr: CidrText,
        /// What somebody wrote about it; absent when nobody did.
        description: Option<String>,
    }
}

resource! {
    /// A managed prefix list.
    pub struct PrefixList("AWS::EC2::PrefixList", prefix_list, Region, id)
        from DESCRIBE_MANAGED_PREFIX_LISTS
    {
        /// The list's id, `pl-…`.
        id: String,
        /// The list's ARN.
        arn: String,
        /// The list's name.
        name: String,
        /// The account that owns it, or `AWS`.
        owner_id: String,
        /// The address family.
        #[one_of("IPv4", "IPv6")]
        address_family: String,
        /// The ranges.
        entries: Items<PrefixListEntry> => GET_MANAGED_PREFIX_LIST_ENTRIES,
    }
}
