//! IAM groups.

use super::account::Account;
use super::iam_policy::derive::group_is_admin;
use super::iam_policy::{GET_ACCOUNT_AUTHORIZATION_DETAILS, InlinePolicy, ManagedPolicy};
use super::iam_user::User;
use super::kleene::answer;
use crate::inventory::{Derivation, Items, Record, Time};
use crate::resource;
use crate::schema::RecordRef;

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
    derived {
        /// Whether the group's policies together, after their denials, make an administrator: they grant
        /// every action, or all of IAM, with which a member gives itself the rest.
        is_admin: bool, from ["attached_policies.document", "inline_policies.document"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    record: RecordRef(Group::record),
    field: "is_admin",
    compute: |group, _| answer(group_is_admin(group)),
}];
