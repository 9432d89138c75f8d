//! Facts of an account as a whole: its root user, password policy, and account-wide settings.

mod derive;

pub use derive::escalations_of;

use super::access_analyzer::Analyzer;
use super::alarm::Alarm;
use super::config::{Aggregator, DeliveryChannel, Recorder};
use super::contact::{AlternateContact, GET_ALTERNATE_CONTACT};
use super::delegation::{DelegatedAdministrator, LIST_DELEGATED_ADMINISTRATORS};
use super::event_rule::Rule;
use super::guardduty::Detector;
use super::iam_group::Group;
use super::iam_policy::ManagedPolicy;
use super::iam_role::Role;
use super::iam_user::{GENERATE_CREDENTIAL_REPORT, GET_CREDENTIAL_REPORT, User};
use super::logs::{LogGroup, MetricFilter};
use super::organization::{ControlPolicy, Organization as AwsOrganization};
use super::region::Region;
use super::s3::{Bucket, PublicAccessBlock};
use super::sns::Topic;
use super::trail::Trail;
use super::vpc::Vpc;
use crate::inventory::{Derivation, Items, Record, Slot, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// Says who we are. AWS lets everybody call it.
    GET_CALLER_IDENTITY: "sts" "GetCallerIdentity" needs ["sts:GetCallerIdentity"] absent [];
    /// Counts and flags of IAM, among them those of the root user.
    GET_ACCOUNT_SUMMARY: "iam" "GetAccountSummary" needs ["iam:GetAccountSummary"] absent [];
    /// The password policy for IAM users.
    GET_ACCOUNT_PASSWORD_POLICY: "iam" "GetAccountPasswordPolicy"
        needs ["iam:GetAccountPasswordPolicy"] absent ["NoSuchEntity"];
    /// Virtual MFA devices with the users that they are assigned to, the root user included.
    LIST_VIRTUAL_MFA_DEVICES: "iam" "ListVirtualMFADevices"
        needs ["iam:ListVirtualMFADevices"] absent [];
    /// SAML identity providers.
    LIST_SAML_PROVIDERS: "iam" "ListSAMLProviders" needs ["iam:ListSAMLProviders"] absent [];
    /// OpenID Connect identity providers.
    LIST_OPEN_ID_CONNECT_PROVIDERS: "iam" "ListOpenIDConnectProviders"
        needs ["iam:ListOpenIDConnectProviders"] absent [];
    /// Block Public Access of the whole account.
    GET_ACCOUNT_PUBLIC_ACCESS_BLOCK: "s3control" "GetPublicAccessBlock"
        needs ["s3:GetAccountPublicAccessBlock"] absent ["NoSuchPublicAccessBlockConfiguration"];
    /// The organization that the account is in. Every member may ask.
    DESCRIBE_ORGANIZATION: "organizations" "DescribeOrganization"
        needs ["organizations:DescribeOrganization"] absent ["AWSOrganizationsNotInUseException"];
}

part! {
    /// What IAM's account summary says, as far as checks ask for it. The API's zeros and ones are
    /// given as booleans. An entry that a reply leaves out is unknown.
    pub struct AccountSummary("AccountSummary") {
        /// Whether the root user signs in with an MFA device (`AccountMFAEnabled`).
        account_mfa_enabled: bool,
        /// Whether the root user has access keys (`AccountAccessKeysPresent`).
        account_access_keys_present: bool,
        /// Whether the root user has a password (`AccountPasswordPresent`). Member accounts whose
        /// root credentials are managed centrally have none.
        account_password_present: bool,
        /// Whether the root user has X.509 signing certificates
        /// (`AccountSigningCertificatesPresent`).
        account_signing_certificates_present: bool,
        /// The number of IAM users.
        users: i64,
    }
}

part! {
    /// The row `<root_account>` of the credential report. AWS renews the report every four hours at
    /// most.
    pub struct RootUser("RootUser") {
        /// Whether the root user has a password. The report of an older account says
        /// `not_supported`, which is *absent*. Its spelling (`true`, `TRUE`) does not matter.
        password_enabled: Option<bool>,
        /// When somebody last signed in as root; absent when nobody ever did (`no_information`,
        /// `N/A`).
        password_last_used: Option<Time>,
        /// When the password was last set; absent where the report does not say.
        password_last_changed: Option<Time>,
        /// Whether the root user has an MFA device.
        mfa_active: bool,
        /// Whether the first access key is active.
        access_key_1_active: bool,
        /// When the first access key was last used; absent when it never was.
        access_key_1_last_used_date: Option<Time>,
        /// Whether the second access key is active.
        access_key_2_active: bool,
        /// When the second access key was last used; absent when it never was.
        access_key_2_last_used_date: Option<Time>,
        /// Whether the first signing certificate is active.
        cert_1_active: bool,
        /// Whether the second signing certificate is active.
        cert_2_active: bool,
    }
}

part! {
    /// The password policy for IAM users.
    pub struct PasswordPolicy("PasswordPolicy") {
        /// The shortest password allowed, in characters.
        minimum_password_length: i64,
        /// Whether a password needs one of the symbols that IAM lists.
        require_symbols: bool,
        /// Whether a password needs a digit.
        require_numbers: bool,
        /// Whether a password needs an upper-case Latin letter.
        require_uppercase_characters: bool,
        /// Whether a password needs a lower-case Latin letter.
        require_lowercase_characters: bool,
        /// Whether users may change their own password.
        allow_users_to_change_password: bool,
        /// Whether passwords expire.
        expire_passwords: bool,
        /// The number of days after which they expire; absent when they do not.
        max_password_age: Option<i64>,
        /// How many former passwords may not be used again (1 to 24); absent when all may.
        password_reuse_prevention: Option<i64>,
        /// Whether a user whose password expired needs an administrator; absent when not set.
        hard_expiry: Option<bool>,
    }
}

part! {
    /// A virtual MFA device (an authenticator app).
    pub struct VirtualMfaDevice("VirtualMfaDevice", shown as serial_number) {
        /// Its ARN. The device's name in it proves nothing about its user.
        serial_number: String,
        /// The ARN of the user it is assigned to, which for the root user ends with `:root`; absent
        /// when nobody has it.
        user_arn: Option<String>,
        /// When it was assigned; absent when it is not.
        enable_date: Option<Time>,
    }
}

part! {
    /// The organization that an account is in.
    pub struct Organization("Organization", shown as id) {
        /// Its id, `o-…`.
        id: String,
        /// The id of its management account.
        management_account_id: String,
    }
    relations {
        /// Its management account. Unknown when it was not scanned.
        management_account: one Account where "management_account_id" = "id" within Everywhere;
    }
}

part! {
    /// What a user or role of the account is and can become.
    pub struct PrincipalStanding("PrincipalStanding", shown as principal) {
        /// The ARN of the user or role.
        principal: String,
        /// Whether its policies, after their denials and its boundary, give it every permission or all
        /// of IAM.
        is_administrator: bool,
        /// Whether it is none, but can make itself one or give itself permissions of its choice, within
        /// the service control policies above the account.
        escalates: bool,
        /// The steps by which it can, or may; absent where no known way leads there.
        path: Option<String>,
    }
}

part! {
    /// A way by which a user or role becomes more than it is.
    pub struct EscalationPath("EscalationPath", shown as steps) {
        /// The steps: requests with examples of resources, and whom they lead to.
        steps: String,
    }
}

resource! {
    /// An AWS account. Its fields come from several sweeps, each of which contributes what it reads.
    pub struct Account("AWS::::Account", account, Account, id) from GET_CALLER_IDENTITY {
        /// The account's id, twelve digits.
        id: String,
        /// The account's partition.
        #[one_of("aws", "aws-cn", "aws-us-gov")]
        partition: String,
        /// Counts and flags of IAM.
        summary: AccountSummary => GET_ACCOUNT_SUMMARY,
        /// The root user in the credential report.
        root: RootUser => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// When AWS made the credential report that was read.
        credential_report_time: Time => GENERATE_CREDENTIAL_REPORT | GET_CREDENTIAL_REPORT,
        /// The password policy; absent when none was ever set, and then AWS's default holds: eight
        /// characters, no reuse or age limit.
        password_policy: Option<PasswordPolicy> => GET_ACCOUNT_PASSWORD_POLICY,
        /// The virtual MFA devices of all users and of root.
        virtual_mfa_devices: Items<VirtualMfaDevice> => LIST_VIRTUAL_MFA_DEVICES,
        /// The ARNs of the SAML identity providers.
        saml_provider_arns: Items<String> => LIST_SAML_PROVIDERS,
        /// The ARNs of the OpenID Connect identity providers.
        oidc_provider_arns: Items<String> => LIST_OPEN_ID_CONNECT_PROVIDERS,
        /// S3 Block Public Access for the whole account; absent when it was never set, which is the
        /// same as four times no.
        public_access_block: Option<PublicAccessBlock> => GET_ACCOUNT_PUBLIC_ACCESS_BLOCK,
        /// The organization; absent when the account is in none.
        organization: Option<Organization> => DESCRIBE_ORGANIZATION,
        /// The accounts that administer Config or Access Analyzer for the organization, as its
        /// management account says. Other accounts are not asked, and their list is empty.
        delegated_administrators: Items<DelegatedAdministrator>
            => DESCRIBE_ORGANIZATION | LIST_DELEGATED_ADMINISTRATORS,
        /// The contact for questions of security; absent when there is none.
        security_contact: Option<AlternateContact> => GET_ALTERNATE_CONTACT,
    }
    relations {
        /// The enabled regions of the account.
        regions: many Region within Account;
        /// The IAM users.
        users: many User within Account;
        /// The IAM groups.
        groups: many Group within Account;
        /// The IAM roles.
        roles: many Role within Account;
        /// The managed policies: the account's own, and those of AWS that are attached.
        policies: many ManagedPolicy within Account;
        /// The buckets.
        buckets: many Bucket within Account;
        /// The trails that the account sees, those of its organization included.
        trails: many Trail within Account;
        /// The log groups of all regions.
        log_groups: many LogGroup within Account;
        /// The metric filters of all regions.
        metric_filters: many MetricFilter within Account;
        /// The CloudWatch alarms of all regions.
        alarms: many Alarm within Account;
        /// The SNS topics that alarms name, of all regions.
        topics: many Topic within Account;
        /// The VPCs of all regions.
        vpcs: many Vpc within Account;
        /// The recorders of AWS Config of all regions.
        config_recorders: many Recorder within Account;
        /// The delivery channels of AWS Config of all regions.
        config_delivery_channels: many DeliveryChannel within Account;
        /// The aggregators of AWS Config of all regions.
        config_aggregators: many Aggregator within Account;
        /// The GuardDuty detectors of all regions.
        detectors: many Detector within Account;
        /// The analyzers of IAM Access Analyzer of all regions.
        analyzers: many Analyzer within Account;
        /// The rules of the default event buses of all regions.
        event_rules: many Rule within Account;
        /// The organizations whose management accounts are part of the scan.
        organizations: many AwsOrganization within Everywhere;
        /// The control policies of these organizations.
        control_policies: many ControlPolicy within Everywhere;
    }
    derived {
        /// What each user and role is and can become.
        standings: Items<PrincipalStanding>, from [
            "id", "users.arn", "users.tags", "users.attached_policies.arn",
            "users.attached_policies.name", "users.attached_policies.document",
            "users.inline_policies.name", "users.inline_policies.document", "users.groups.name",
            "users.groups.arn", "users.groups.attached_policies.arn",
            "users.groups.attached_policies.name", "users.groups.attached_policies.document",
            "users.groups.inline_policies.name", "users.groups.inline_policies.document",
            "users.permissions_boundary.document", "roles.arn", "roles.tags",
            "roles.assume_role_policy_document", "roles.attached_policies.arn",
            "roles.attached_policies.name", "roles.attached_policies.document",
            "roles.inline_policies.name", "roles.inline_policies.document",
            "roles.permissions_boundary.document", "organization.id",
            "organization.management_account_id", "control_policies.policy_type",
            "control_policies.document", "control_policies.target_ids",
        ];
        /// Whether the organization manages the root credentials of its members centrally; absent
        /// where the account is in no organization. Only its management account knows.
        root_credentials_managed_centrally: Option<bool>, from [
            "organization.id", "organizations.id", "organizations.iam_features",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(Account::record),
        field: "standings",
        compute: derive::standings,
    },
    Derivation {
        record: RecordRef(Account::record),
        field: "root_credentials_managed_centrally",
        compute: |account, _| {
            Slot::from(derive::root_managed_centrally(account)).into_draft::<Option<bool>>()
        },
    },
];
