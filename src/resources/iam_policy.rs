//! Managed and inline policies of IAM.

pub(super) mod derive;

use super::account::Account;
use super::iam_group::Group;
use super::iam_role::Role;
use super::iam_user::User;
use super::kleene::answer;
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// Users, groups, roles and policies with all their documents, in one paged call.
    GET_ACCOUNT_AUTHORIZATION_DETAILS: "iam" "GetAccountAuthorizationDetails"
        needs ["iam:GetAccountAuthorizationDetails"] absent [];
}

part! {
    /// A policy written into a user, group or role.
    pub struct InlinePolicy("InlinePolicy", shown as name) {
        /// The policy's name, unique within its user, group or role.
        name: String,
        /// The policy as a JSON document, percent-decoded.
        document: String,
    }
    derived {
        /// Whether it grants every action on every resource, by content and not by name: `*`, `*:*`,
        /// a `NotAction` that leaves out next to nothing; its own denials are taken away. A condition
        /// does not make it harmless.
        is_admin: bool, from ["document"];
    }
}

resource! {
    /// A managed policy: one of the account's own, or one of AWS's that is attached in the account.
    pub struct ManagedPolicy("AWS::IAM::ManagedPolicy", policy, Account, arn)
        from GET_ACCOUNT_AUTHORIZATION_DETAILS
    {
        /// The policy's ARN. Those of AWS have `aws` in place of an account id.
        arn: String,
        /// The policy's name.
        name: String,
        /// The policy's unique id.
        id: String,
        /// The path before the name, `/` by default.
        path: String,
        /// How many users, groups and roles it is attached to.
        attachment_count: i64,
        /// How many users and roles it limits as a permissions boundary.
        permissions_boundary_usage_count: i64,
        /// Whether it can be attached.
        is_attachable: bool,
        /// The version in force, such as `v3`.
        default_version_id: String,
        /// The version in force as a JSON document, percent-decoded.
        document: String,
        /// When the policy was made.
        create_date: Time,
        /// When its version in force was last changed.
        update_date: Time,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The users it is attached to directly.
        users: many User where "arn" = "attached_policy_arns" within Account;
        /// The groups it is attached to.
        groups: many Group where "arn" = "attached_policy_arns" within Account;
        /// The roles it is attached to.
        roles: many Role where "arn" = "attached_policy_arns" within Account;
    }
    derived {
        /// Whether it is one of AWS's own.
        is_aws_managed: bool, from ["arn"];
        /// Whether it grants every action on every resource, by content and not by name: `*`, `*:*`,
        /// a `NotAction` that leaves out next to nothing; its own denials are taken away. A condition
        /// does not make it harmless.
        is_admin: bool, from ["document"];
        /// Whether it grants every action of CloudTrail on every resource, and so to stop it.
        controls_cloudtrail: bool, from ["document"];
        /// The services of which it grants every action on every resource, however that is written.
        /// Of very many the list shows some, `cloudtrail` and `kms` always among them.
        whole_services: Items<String>, from ["document"];
        /// Whether it lets decrypt with every KMS key of some account and region. Only a denial
        /// without conditions takes that away.
        decrypts_with_every_key: bool, from ["document"];
        /// Whether it lets assume every role of every account, as far as those let it. A condition
        /// counts only where it is about the role.
        assumes_every_role: bool, from ["document"];
        /// Whether it lets pass every role of the account to every service. A condition counts only
        /// where it is about the role or the service.
        passes_every_role: bool, from ["document"];
        /// The statements that grant everything but what they name (`NotAction`), on every resource.
        exclusions: Items<String>, from ["document"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(InlinePolicy::record),
        field: "is_admin",
        compute: |policy, _| answer(derive::is_admin(policy)),
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "is_aws_managed",
        compute: |policy, _| {
            policy.text("arn").map(|arn| arn.contains(":iam::aws:")).into_draft::<bool>()
        },
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "is_admin",
        compute: |policy, _| answer(derive::is_admin(policy)),
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "controls_cloudtrail",
        compute: |policy, _| answer(derive::controls_cloudtrail(policy)),
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "whole_services",
        compute: |policy, _| derive::texts(derive::whole_services(policy)),
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "decrypts_with_every_key",
        compute: |policy, _| answer(derive::decrypts_with_every_key(policy)),
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "assumes_every_role",
        compute: |policy, _| answer(derive::assumes_every_role(policy)),
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "passes_every_role",
        compute: |policy, _| answer(derive::passes_every_role(policy)),
    },
    Derivation {
        record: RecordRef(ManagedPolicy::record),
        field: "exclusions",
        compute: |policy, _| derive::texts(derive::exclusions(policy)),
    },
];
