//! S3 buckets.

use jiff::Timestamp;

use super::Tag;

/// A bucket.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    /// The name, unique in the partition.
    pub name: String,
    /// Its region.
    pub region: String,
    /// When it was made.
    pub created: Timestamp,
    /// The bucket policy, as JSON.
    pub policy: Option<String>,
    /// Whether S3 itself calls the policy public (its documented rules, not reachability).
    pub policy_is_public: bool,
    /// The grants of the access list; the owner's own full control is added to them.
    pub grants: Vec<Grant>,
    /// Block Public Access of the bucket.
    pub public_access_block: Option<PublicAccessBlock>,
    /// Default encryption; `None` gives the error of buckets that were made before 2023.
    pub encryption: Option<Encryption>,
    /// Versioning; `None` where it was never set.
    pub versioning: Option<Versioning>,
    /// Server access logging.
    pub logging: Option<BucketLogging>,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`; `None` where never set.
    pub ownership: Option<String>,
    /// Lifecycle rules; empty where there is no configuration.
    pub lifecycle: Vec<LifecycleRule>,
    /// Object Lock.
    pub object_lock: Option<ObjectLock>,
    /// The index document of its static website; `None` where it is no website.
    pub website: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// The four flags of Block Public Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PublicAccessBlock {
    /// New public access lists are refused.
    pub block_public_acls: bool,
    /// Public access lists have no effect.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// Buckets with a public policy are closed to other accounts.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four on.
    pub const ALL: Self = PublicAccessBlock {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// A grant in an access list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub grantee: Grantee,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// Who is granted something in an access list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// A canonical user id.
    Canonical(String),
    /// A predefined group, by its URI.
    Group(String),
}

/// Default encryption of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The KMS key.
    pub key: Option<String>,
    /// Whether bucket keys are used.
    pub bucket_key: bool,
}

/// Versioning of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Versioning {
    /// Enabled, or else suspended.
    pub enabled: bool,
    /// Whether deleting versions needs MFA.
    pub mfa_delete: bool,
}

/// Server access logging of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BucketLogging {
    /// Where logs go.
    pub target: String,
    /// Before their names.
    pub prefix: String,
}

/// A lifecycle rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleRule {
    /// The id.
    pub id: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The prefix that it covers; empty for all.
    pub prefix: String,
    /// After how many days objects expire.
    pub expire_days: Option<u32>,
    /// After how many days they move, and to which storage class.
    pub transition: Option<(u32, String)>,
    /// After how many days old versions expire.
    pub noncurrent_days: Option<u32>,
}

/// Object Lock of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`; `None` without a default retention.
    pub mode: Option<String>,
    /// The default retention.
    pub days: u32,
}
