//! IAM users: their rights from the authorization details, their credentials from the credential
//! report.

use super::account::{Account, EscalationPath, LIST_VIRTUAL_MFA_DEVICES, escalations_of};
use super::iam_group::Group;
use super::iam_policy::derive::principal_is_admin;
use super::iam_policy::{GET_ACCOUNT_AUTHORIZATION_DETAILS, InlinePolicy, ManagedPolicy};
use super::kleene::answer;
use super::tag::Tag;
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// Asks AWS to make the credential report.
    GENERATE_CREDENTIAL_REPORT: "iam" "GenerateCredentialReport"
        needs ["iam:GenerateCredentialReport"] absent [];
    /// Reads the credential report. A report that is not there yet is unknown, never absent.
    GET_CREDENTIAL_REPORT: "iam" "GetCredentialReport"
        needs ["iam:GetCredentialReport"] absent [];
}

part! {
    /// An access key of a user, as the credential report shows it.
    pub struct AccessKey("AccessKey", shown as number) {
        /// The key's place in the report: 1 or 2. The report does not name key ids.
        number: i64,
        /// Whether the key works.
        active: bool,
        /// When the key was made or last changed; absent when there is no such key.
        last_rotated: Option<Time>,
        /// When the key was last used; absent when it never was.
        last_used_date: Option<Time>,
        /// The region of its last use; absent when it never was used or no region is on record.
        last_used_region: Option<String>,
        /// The service of its last use; absent when it never was used or none is on record.
        last_used_service: Option<String>,
    }
}

resource! {
    /// An IAM user. Rights and credentials come from several sweeps, each of which contributes what
    /// it reads. A user who is younger than the credential report has unknown credentials.
    pub struct User("AWS::IAM::User", user, Account, name) from GET_ACCOUNT_AUTHORIZATION_DETAILS {
        /// The user's name, unique in the account.
        name: String,
        /// The user's ARN.
        arn: String,
        /// The user's unique id, which is never used again.
        id: String,
        /// The path before the name, `/` by default.
        path: String,
        /// When the user was made.
        create_date: Time,
        /// The user's tags.
        tags: Items<Tag>,
        /// The names of the groups that the user is in.
        group_names: Items<String>,
        /// The ARNs of the managed policies attached to the user directly.
        attached_policy_arns: Items<String>,
        /// The policies written into the user.
        inline_policies: Items<InlinePolicy>,
        /// The ARN of the managed policy that limits the user's rights; absent when none does. A
        /// boundary never grants anything.
        permissions_boundary_arn: Option<String>,
        /// Whether the user has a console password.
        password_enabled: bool => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// When the user last signed in to the console; absent when the user never did
        /// (`no_information`, `N/A`).
        password_last_used: Option<Time> => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// When the password was last set; absent when there is none.
        password_last_changed: Option<Time> => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// Whether the user has an MFA device of any kind.
        mfa_active: bool => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// The user's access keys. Where the report says that there are more than it shows
        /// (`additional_credentials_info`), the list is known only in part.
        access_keys: Items<AccessKey> => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// The number of active X.509 signing certificates: 0 to 2.
        active_certificates: i64 => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// The serial numbers of the user's virtual MFA devices.
        virtual_mfa_devices: Items<String> => LIST_VIRTUAL_MFA_DEVICES,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The groups that the user is in.
        groups: many Group where "group_names" = "name" within Account;
        /// The managed policies attached to the user directly.
        attached_policies: many ManagedPolicy where "attached_policy_arns" = "arn" within Account;
        /// The managed policy that limits the user's rights.
        permissions_boundary: maybe ManagedPolicy
            where "permissions_boundary_arn" = "arn" within Account;
    }
    derived {
        /// The way by which the user can make itself an administrator or give itself permissions of its
        /// choice, within boundary and service control policies. One entry at most; none for who is an
        /// administrator already.
        escalations: Items<EscalationPath>, from ["arn", "account.standings"];
        /// Whether the user's policies together (attached, inline, by group) make an administrator: they
        /// grant every action, or all of IAM, with which it gives itself the rest; after their denials and
        /// the permissions boundary.
        is_admin: bool, from [
            "attached_policies.document", "inline_policies.document",
            "groups.attached_policies.document", "groups.inline_policies.document",
            "permissions_boundary.document",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(User::record),
        field: "escalations",
        compute: |user, _| escalations_of(user),
    },
    Derivation {
        record: RecordRef(User::record),
        field: "is_admin",
        compute: |user, _| answer(principal_is_admin(user, &USER_POLICIES)),
    },
];

/// Where the policies of a user stand.
const USER_POLICIES: [&[&str]; 4] = [
    &["attached_policies"],
    &["inline_policies"],
    &["groups", "attached_policies"],
    &["groups", "inline_policies"],
];
