//! IAM roles: who may assume them and what they may do.

mod derive;
mod rights;

use super::account::{Account, EscalationPath, escalations_of};
use super::iam_policy::derive::{principal_is_admin, texts};
use super::iam_policy::{GET_ACCOUNT_AUTHORIZATION_DETAILS, InlinePolicy, ManagedPolicy};
use super::instance::Instance;
use super::kleene::answer;
use super::tag::Tag;
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The roles with their longest session, which the authorization details lack.
    LIST_ROLES: "iam" "ListRoles" needs ["iam:ListRoles"] absent [];
}

part! {
    /// Somebody who can assume a role.
    pub struct Trusted("TrustedPrincipal", shown as principal) {
        /// Who: an account id, an ARN, `anonymous`, or the name of a service or identity provider.
        principal: String,
        /// The other account; absent where it is none or not one.
        account_id: Option<String>,
        /// Whether that account is part of the scan.
        in_scan: bool,
        /// Whether every way in needs an external id or MFA.
        is_protected: bool,
        /// The statement and request that let them in.
        why: String,
    }
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
    derived {
        /// The way by which the role can make itself an administrator or give itself permissions of its
        /// choice, within boundary and service control policies. One entry at most; none for who is an
        /// administrator already.
        escalations: Items<EscalationPath>, from ["arn", "account.standings"];
        /// Whether the role's policies together make an administrator: they grant every action, or all of
        /// IAM, with which it gives itself the rest; after their denials and the permissions boundary.
        is_admin: bool, from [
            "attached_policies.document", "inline_policies.document",
            "permissions_boundary.document",
        ];
        /// Whether anybody in the world can assume the role. One entry at most, with a request that
        /// gets in.
        public_trust: Items<Trusted>, from ["assume_role_policy_document"];
        /// The other accounts whose principals can assume the role, one entry an account; an entry
        /// without account stands for principals that are named by an organization or a network.
        foreign_trust: Items<Trusted>, from ["assume_role_policy_document"];
        /// The OpenID Connect providers whose tokens get in whatever their subject is.
        open_federation: Items<Trusted>, from ["assume_role_policy_document"];
        /// The services of AWS that can assume the role on behalf of anybody: the trust policy does
        /// not say for which account, organization or resource.
        confused_deputies: Items<Trusted>, from ["assume_role_policy_document"];
        /// Whether the role reads data and settings all over the account: objects, machines, roles and
        /// logs, whichever they are.
        reads_account: bool, from [
            "attached_policies.document", "inline_policies.document", "permissions_boundary.document",
        ];
        /// Actions that change something, or permissions, which the role may use on every resource:
        /// ten at most, in alphabetical order.
        wide_writes: Items<String>, from [
            "attached_policies.document", "inline_policies.document", "permissions_boundary.document",
        ];
        /// The same of actions that manage permissions: changes to IAM and to the organization, and
        /// to policies of resources.
        wide_management: Items<String>, from [
            "attached_policies.document", "inline_policies.document", "permissions_boundary.document",
        ];
        /// The same of actions that switch logging or detection off.
        wide_log_tampering: Items<String>, from [
            "attached_policies.document", "inline_policies.document", "permissions_boundary.document",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(Role::record),
        field: "escalations",
        compute: |role, _| escalations_of(role),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "is_admin",
        compute: |role, _| answer(principal_is_admin(role, &ROLE_POLICIES)),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "public_trust",
        compute: |role, _| derive::public_trust(role),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "foreign_trust",
        compute: derive::foreign_trust,
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "open_federation",
        compute: |role, _| derive::open_federation(role),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "confused_deputies",
        compute: |role, _| derive::confused_deputies(role),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "reads_account",
        compute: |role, _| answer(rights::reads_account(role)),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "wide_writes",
        compute: |role, _| texts(rights::wide(role, rights::writes)),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "wide_management",
        compute: |role, _| texts(rights::wide(role, rights::manages)),
    },
    Derivation {
        record: RecordRef(Role::record),
        field: "wide_log_tampering",
        compute: |role, _| texts(rights::wide(role, rights::tampers)),
    },
];

/// Where the policies of a role stand.
const ROLE_POLICIES: [&[&str]; 2] = [&["attached_policies"], &["inline_policies"]];
