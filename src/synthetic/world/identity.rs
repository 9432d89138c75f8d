//! IAM: the root user, users, groups, roles, policies, certificates.

use jiff::Timestamp;

use super::Tag;

/// IAM of one account.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The account alias.
    pub alias: Option<String>,
    /// The root user.
    pub root: RootUser,
    /// IAM users.
    pub users: Vec<User>,
    /// IAM groups.
    pub groups: Vec<Group>,
    /// IAM roles.
    pub roles: Vec<Role>,
    /// Customer managed policies; those of AWS are the same in all accounts.
    pub policies: Vec<ManagedPolicy>,
    /// The password policy; `None` where none was set.
    pub password_policy: Option<PasswordPolicy>,
    /// TLS certificates kept in IAM.
    pub certificates: Vec<ServerCertificate>,
    /// The names of SAML identity providers.
    pub saml_providers: Vec<String>,
    /// The hosts of OpenID Connect identity providers.
    pub oidc_providers: Vec<String>,
}

/// The root user of an account.
#[derive(Debug, Clone, Default)]
pub struct RootUser {
    /// When the account was made.
    pub created: Timestamp,
    /// Its password; `None` where root credentials are managed centrally.
    pub password: Option<Password>,
    /// Its access keys.
    pub keys: Vec<AccessKey>,
    /// Its MFA devices.
    pub mfa: Vec<Mfa>,
    /// Whether it has an active X.509 signing certificate.
    pub signing_certificate: bool,
}

/// A console password.
#[derive(Debug, Clone, Default)]
pub struct Password {
    /// When it was set.
    pub changed: Timestamp,
    /// When it was last used; `None` for never.
    pub last_used: Option<Timestamp>,
}

/// An access key of a user or of root.
#[derive(Debug, Clone, Default)]
pub struct AccessKey {
    /// Whether it works.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
    /// Its last use; `None` for never.
    pub last_used: Option<LastUse>,
}

/// The last use of an access key or a role.
#[derive(Debug, Clone, Default)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// In which region.
    pub region: String,
    /// For which service, such as `s3`.
    pub service: String,
}

/// What kind of MFA device it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MfaKind {
    /// An authenticator application: listed by ListVirtualMFADevices.
    #[default]
    Virtual,
    /// A hardware token or passkey.
    Hardware,
}

/// An MFA device.
#[derive(Debug, Clone, Default)]
pub struct Mfa {
    /// The kind.
    pub kind: MfaKind,
    /// The name of a virtual device, the serial of another.
    pub name: String,
    /// Since when it is active.
    pub enabled: Timestamp,
}

/// An IAM user.
#[derive(Debug, Clone, Default)]
pub struct User {
    /// The name.
    pub name: String,
    /// The path, `/` where empty.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its console password.
    pub password: Option<Password>,
    /// Its access keys; the credential report shows two.
    pub keys: Vec<AccessKey>,
    /// Its MFA devices.
    pub mfa: Vec<Mfa>,
    /// Whether it has an active X.509 signing certificate.
    pub signing_certificate: bool,
    /// The names of its groups.
    pub groups: Vec<String>,
    /// The ARNs of attached policies.
    pub attached: Vec<String>,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An IAM group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The ARNs of attached policies.
    pub attached: Vec<String>,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
}

/// An IAM role.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// The name.
    pub name: String,
    /// The path, `/` where empty.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// The trust policy, as JSON.
    pub trust: String,
    /// The longest session in seconds; 0 stands for AWS's default of 3600.
    pub max_session: u32,
    /// The ARNs of attached policies.
    pub attached: Vec<String>,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its last use; `None` for never.
    pub last_used: Option<LastUse>,
    /// Whether an instance profile of the same name holds it.
    pub instance_profile: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A policy inside a user, group or role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InlinePolicy {
    /// The name.
    pub name: String,
    /// The document, as JSON.
    pub document: String,
}

/// A customer managed policy.
#[derive(Debug, Clone, Default)]
pub struct ManagedPolicy {
    /// The name.
    pub name: String,
    /// The path, `/` where empty.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// All versions, the oldest first: version 1, 2, ….
    pub versions: Vec<String>,
    /// The number of the default version, from 1.
    pub default_version: usize,
    /// What it is for.
    pub description: String,
}

/// The password policy of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The shortest password.
    pub minimum_length: u32,
    /// Whether a symbol is required.
    pub symbols: bool,
    /// Whether a digit is required.
    pub numbers: bool,
    /// Whether an upper-case letter is required.
    pub uppercase: bool,
    /// Whether a lower-case letter is required.
    pub lowercase: bool,
    /// Whether users may change their own password.
    pub self_service: bool,
    /// After how many days passwords expire.
    pub max_age: Option<u32>,
    /// How many old passwords are refused.
    pub reuse_prevention: Option<u32>,
    /// Whether an expired password needs an administrator.
    pub hard_expiry: bool,
}

/// A TLS certificate kept in IAM.
#[derive(Debug, Clone, Default)]
pub struct ServerCertificate {
    /// The name.
    pub name: String,
    /// When it was uploaded.
    pub uploaded: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}
