//! IAM groups.

use super::account::Account;
use super::iam_policy::{GET_ACCOUNT_AUTHORIZATION_DETAILS, InlinePolicy, ManagedPolicy};
use super::iam_user::User;
use crate::inventory::{Items, Time};
use crate::resource;

resource! {
    /// An IAM group.
    pub struct Group("AWS::IAM::Group", iam_group, Account, name)
        from GET_ACCOUNT_AUTHORIZATION_DETAILS
    {
        /// The group's name, unique in the account.
        name: String,
        /// The group's ARN.
        arn: String,
        /// The group's unique id.
        id: String,
        /// The path before the name, `/` by default.
        path: String,
        /// When the group was made.
        create_date: Time,
        /// The ARNs of the managed policies attached to the group.
        attached_policy_arns: Items<String>,
        /// The policies written into the group.
        inline_policies: Items<InlinePolicy>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The users in the group.
        users: many User where "name" = "group_names" within Account;
        /// The managed policies attached to the group.
        attached_policies: many ManagedPolicy where "attached_policy_arns" = "arn" within Account;
    }
}
