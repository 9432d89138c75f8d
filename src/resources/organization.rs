//! The organization, as its management account sees it, and the control policies that limit accounts.

mod chain;

pub use chain::{ControlKind, chain, chain_above};

use super::account::{Account, DESCRIBE_ORGANIZATION};
use crate::inventory::Items;
use crate::resource;

calls! {
    /// The root of the organization, with the types of policies that are enabled.
    LIST_ROOTS: "organizations" "ListRoots" needs ["organizations:ListRoots"] absent [];
    /// The control policies of the organization, by type.
    LIST_POLICIES: "organizations" "ListPolicies" needs ["organizations:ListPolicies"] absent [];
    /// The content of a control policy.
    DESCRIBE_POLICY: "organizations" "DescribePolicy"
        needs ["organizations:DescribePolicy"] absent [];
    /// What a control policy is attached to.
    LIST_TARGETS_FOR_POLICY: "organizations" "ListTargetsForPolicy"
        needs ["organizations:ListTargetsForPolicy"] absent [];
    /// Which features of IAM the organization has turned on for its members.
    LIST_ORGANIZATIONS_FEATURES: "iam" "ListOrganizationsFeatures"
        needs ["iam:ListOrganizationsFeatures"] absent [];
}

resource! {
    /// An organization. It is there once, in its management account; scans without that account do not
    /// have it.
    pub struct Organization("AWS::Organizations::Organization", organization, Account, id)
        from DESCRIBE_ORGANIZATION
    {
        /// The organization's id.
        id: String,
        /// The organization's ARN.
        arn: String,
        /// The features that IAM has for it, such as `RootCredentialsManagement`; an empty list where
        /// IAM does not work with the organization at all.
        iam_features: Items<String> => LIST_ORGANIZATIONS_FEATURES,
    }
    relations {
        /// The management account.
        account: one Account within Account;
    }
}

resource! {
    /// A service or resource control policy. It is there once, in the management account. Policies of
    /// a type that is not enabled have no effect and are left out.
    pub struct ControlPolicy("AWS::Organizations::Policy", control_policy, Account, id)
        from DESCRIBE_ORGANIZATION | LIST_ROOTS | LIST_POLICIES
    {
        /// The policy's id, such as `p-FullAWSAccess`.
        id: String,
        /// The policy's ARN.
        arn: String,
        /// The policy's name.
        name: String,
        /// Whether it limits principals or resources.
        #[one_of("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")]
        policy_type: String,
        /// Whether it is one of AWS's own.
        aws_managed: bool,
        /// The policy as a JSON document.
        document: String => DESCRIBE_POLICY,
        /// The ids of the root, units and accounts that it is attached to.
        target_ids: Items<String> => LIST_TARGETS_FOR_POLICY,
    }
    relations {
        /// The management account.
        account: one Account within Account;
    }
}
