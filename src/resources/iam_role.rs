//! IAM roles: who may assume them and what they may do.

use super::account::Account;
use super::iam_policy::{GET_ACCOUNT_AUTHORIZATION_DETAILS, InlinePolicy, ManagedPolicy};
use super::instance::Instance;
use super::tag::Tag;
use crate::inventory::{Items, Time};
use crate::resource;

calls! {
    /// The roles with their longest session, which the authorization details lack.
    LIST_ROLES: "iam" "ListRoles" needs ["iam:ListRoles"] absent [];
}

resource! {
    /// An IAM role. The authorization details and the list of roles each contribute what they say.
    pub struct Role("AWS::IAM::Role", role, Account, name) from GET_ACCOUNT_AUTHORIZATION_DETAILS {
        /// The role's name, unique in the account.
        name: String,
        /// The role's ARN.
        arn: String,
        /// The role's unique id.
        id: String,
        /// The path before the name. Roles that services made for themselves have one that begins
        /// with `/aws-service-role/`.
        path: String,
        /// When the role was made.
        create_date: Time,
        /// The trust policy: who may assume the role, as a JSON document.
        assume_role_policy_document: String,
        /// The role's tags.
        tags: Items<Tag>,
        /// The ARNs of the managed policies attached to the role.
        attached_policy_arns: Items<String>,
        /// The policies written into the role.
        inline_policies: Items<InlinePolicy>,
        /// The ARN of the managed policy that limits the role's rights; absent when none does.
        permissions_boundary_arn: Option<String>,
        /// When the role was last used, within the 400 days that AWS remembers; absent when it was
        /// not.
        last_used_date: Option<Time>,
        /// The ARNs of the instance profiles that hold the role.
        instance_profile_arns: Items<String>,
        /// The longest session, in seconds: 3,600 to 43,200.
        max_session_duration: i64 => LIST_ROLES,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The managed policies attached to the role.
        attached_policies: many ManagedPolicy where "attached_policy_arns" = "arn" within Account;
        /// The managed policy that limits the role's rights.
        permissions_boundary: maybe ManagedPolicy
            where "permissions_boundary_arn" = "arn" within Account;
        /// The instances that run with the role.
        instances: many Instance
            where "instance_profile_arns" = "iam_instance_profile_arn" within Account;
    }
}
