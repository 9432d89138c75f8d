//! S3 buckets and Block Public Access.

mod derive;

pub use derive::{acl_grant, block as block_public_access};

use super::access_point::AccessPoint;
use super::account::Account;
use super::elb;
use super::elbv2;
use super::flow_log::FlowLog;
use super::kleene::answer;
use super::tag::Tag;
use super::trail::Trail;
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

use elb::LoadBalancer as ClassicLoadBalancer;
use elbv2::LoadBalancer;

calls! {
    /// The account's buckets with their regions.
    LIST_BUCKETS: "s3" "ListBuckets" needs ["s3:ListAllMyBuckets"] absent [];
    /// A bucket's policy.
    GET_BUCKET_POLICY: "s3" "GetBucketPolicy"
        needs ["s3:GetBucketPolicy"] absent ["NoSuchBucketPolicy"];
    /// Whether S3 itself holds a bucket's policy for public.
    GET_BUCKET_POLICY_STATUS: "s3" "GetBucketPolicyStatus"
        needs ["s3:GetBucketPolicyStatus"] absent ["NoSuchBucketPolicy"];
    /// A bucket's access control list.
    GET_BUCKET_ACL: "s3" "GetBucketAcl" needs ["s3:GetBucketAcl"] absent [];
    /// A bucket's own Block Public Access.
    GET_PUBLIC_ACCESS_BLOCK: "s3" "GetPublicAccessBlock"
        needs ["s3:GetBucketPublicAccessBlock"] absent ["NoSuchPublicAccessBlockConfiguration"];
    /// Who owns the objects of a bucket.
    GET_BUCKET_OWNERSHIP_CONTROLS: "s3" "GetBucketOwnershipControls"
        needs ["s3:GetBucketOwnershipControls"] absent ["OwnershipControlsNotFoundError"];
    /// A bucket's default encryption.
    GET_BUCKET_ENCRYPTION: "s3" "GetBucketEncryption"
        needs ["s3:GetEncryptionConfiguration"]
        absent ["ServerSideEncryptionConfigurationNotFoundError"];
    /// Versioning and MFA delete of a bucket.
    GET_BUCKET_VERSIONING: "s3" "GetBucketVersioning" needs ["s3:GetBucketVersioning"] absent [];
    /// Where a bucket's access logs go.
    GET_BUCKET_LOGGING: "s3" "GetBucketLogging" needs ["s3:GetBucketLogging"] absent [];
    /// A bucket's lifecycle rules.
    GET_BUCKET_LIFECYCLE_CONFIGURATION: "s3" "GetBucketLifecycleConfiguration"
        needs ["s3:GetLifecycleConfiguration"] absent ["NoSuchLifecycleConfiguration"];
    /// A bucket's Object Lock.
    GET_OBJECT_LOCK_CONFIGURATION: "s3" "GetObjectLockConfiguration"
        needs ["s3:GetBucketObjectLockConfiguration"]
        absent ["ObjectLockConfigurationNotFoundError"];
    /// A bucket's static website.
    GET_BUCKET_WEBSITE: "s3" "GetBucketWebsite"
        needs ["s3:GetBucketWebsite"] absent ["NoSuchWebsiteConfiguration"];
    /// A bucket's tags.
    GET_BUCKET_TAGGING: "s3" "GetBucketTagging"
        needs ["s3:GetBucketTagging"] absent ["NoSuchTagSet"];
}

part! {
    /// Block Public Access of a bucket or of an account.
    pub struct PublicAccessBlock("PublicAccessBlock") {
        /// Whether new public ACLs are refused.
        block_public_acls: bool,
        /// Whether public ACLs have no effect.
        ignore_public_acls: bool,
        /// Whether new public policies are refused.
        block_public_policy: bool,
        /// Whether a public policy lets in nobody but AWS services and the bucket's own account.
        restrict_public_buckets: bool,
    }
}

part! {
    /// A grant of an access control list.
    pub struct AclGrant("AclGrant", shown as grantee) {
        /// Who gets it: the URI of a predefined group such as
        /// `http://acs.amazonaws.com/groups/global/AllUsers`, a canonical user id, or an e-mail
        /// address.
        grantee: String,
        /// The kind of grantee.
        #[one_of("CanonicalUser", "AmazonCustomerByEmail", "Group")]
        grantee_type: String,
        /// What it allows.
        #[one_of("FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP")]
        permission: String,
    }
}

part! {
    /// Default encryption of a bucket.
    pub struct BucketEncryption("BucketEncryption", shown as sse_algorithm) {
        /// How objects are encrypted.
        #[one_of("AES256", "aws:kms", "aws:kms:dsse")]
        sse_algorithm: String,
        /// The KMS key, as its id, ARN or alias; absent for AES256 and for AWS's own key.
        kms_master_key_id: Option<String>,
        /// Whether a bucket key saves calls to KMS.
        bucket_key_enabled: bool,
    }
}

part! {
    /// A lifecycle rule of a bucket.
    pub struct LifecycleRule("LifecycleRule", shown as id) {
        /// The rule's id; AWS makes one up when none is given.
        id: String,
        /// Whether the rule is in force.
        enabled: bool,
        /// The prefix of the keys it covers; absent when it covers all.
        prefix: Option<String>,
        /// Whether it covers only objects of some size or with some tags.
        has_other_filter: bool,
        /// After how many days current objects expire; absent when they do not by age.
        expiration_days: Option<i64>,
        /// On which day current objects expire; absent when no day is set.
        expiration_date: Option<Time>,
        /// After how many days old versions expire; absent when they do not.
        noncurrent_version_expiration_days: Option<i64>,
    }
}

part! {
    /// Object Lock of a bucket.
    pub struct ObjectLock("ObjectLock") {
        /// Whether Object Lock is on. It alone protects nothing: the objects need a retention.
        enabled: bool,
        /// The retention mode of new objects; absent when there is no default retention.
        #[one_of("GOVERNANCE", "COMPLIANCE")]
        default_retention_mode: Option<String>,
        /// The default retention in days, years counted as 365 days; absent when there is none.
        default_retention_days: Option<i64>,
    }
}

part! {
    /// A way in which the public gets at a bucket.
    pub struct PublicAccess("PublicAccess", shown as why) {
        /// What lets them in.
        #[one_of("policy", "acl", "access_point")]
        via: String,
        /// Whether they can read or list, or write, delete or change permissions; absent where it was
        /// not asked.
        #[one_of("read", "write")]
        access: Option<String>,
        /// The action of a request that gets in; absent for ACLs.
        action: Option<String>,
        /// The statement or grant that lets them in.
        why: String,
    }
}

part! {
    /// Somebody outside the account who gets at a bucket.
    pub struct ForeignAccess("ForeignAccess", shown as principal) {
        /// Who: an account id, a canonical user id, or the name of a service.
        principal: String,
        /// What kind of principal it is.
        #[one_of("account", "canonical_user", "service", "other")]
        kind: String,
        /// The other account; absent where it is none or not one.
        account_id: Option<String>,
        /// Whether that account is part of the scan.
        in_scan: bool,
        /// Whether it can change the bucket's policy, ACL or encryption, or the ACLs of objects.
        administers: bool,
        /// The statement and request that let them in.
        why: String,
    }
}

resource! {
    /// A general purpose S3 bucket.
    pub struct Bucket("AWS::S3::Bucket", bucket, Account, name) from LIST_BUCKETS {
        /// The bucket's name, unique in its partition.
        name: String,
        /// The bucket's ARN.
        arn: String,
        /// The bucket's region.
        region: String,
        /// When it was made.
        creation_date: Time,
        /// The bucket policy as a JSON document; absent when there is none.
        policy: Option<String> => GET_BUCKET_POLICY,
        /// Whether S3 holds the policy for public; absent when there is no policy.
        policy_is_public: Option<bool> => GET_BUCKET_POLICY_STATUS,
        /// The grants of the access control list, the owner's included.
        acl_grants: Items<AclGrant> => GET_BUCKET_ACL,
        /// The canonical user id of the owner.
        owner_id: String => GET_BUCKET_ACL,
        /// Block Public Access of the bucket itself; absent when it was never set, which is the same
        /// as four times no.
        public_access_block: Option<PublicAccessBlock> => GET_PUBLIC_ACCESS_BLOCK,
        /// Who owns the objects. `BucketOwnerEnforced` switches access control lists off; absent
        /// means the old way, the same as `ObjectWriter`.
        #[one_of("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")]
        object_ownership: Option<String> => GET_BUCKET_OWNERSHIP_CONTROLS,
        /// The default encryption; absent when AWS names none.
        encryption: Option<BucketEncryption> => GET_BUCKET_ENCRYPTION,
        /// Whether old versions are kept; absent when versioning was never on.
        #[one_of("Enabled", "Suspended")]
        versioning: Option<String> => GET_BUCKET_VERSIONING,
        /// Whether deleting a version needs MFA; absent when it was never set.
        #[one_of("Enabled", "Disabled")]
        mfa_delete: Option<String> => GET_BUCKET_VERSIONING,
        /// The bucket that gets the access logs; absent when logging is off.
        logging_target_bucket: Option<String> => GET_BUCKET_LOGGING,
        /// The prefix of the access logs; absent when logging is off.
        logging_target_prefix: Option<String> => GET_BUCKET_LOGGING,
        /// The lifecycle rules; a bucket without a lifecycle configuration has an empty list.
        lifecycle_rules: Items<LifecycleRule> => GET_BUCKET_LIFECYCLE_CONFIGURATION,
        /// Object Lock; absent when the bucket was made without it.
        object_lock: Option<ObjectLock> => GET_OBJECT_LOCK_CONFIGURATION,
        /// Where its static website begins: the index document, or the host that all requests are
        /// sent to; absent when it is no website.
        website: Option<String> => GET_BUCKET_WEBSITE,
        /// The bucket's tags; a bucket without a tag set has an empty list.
        tags: Items<Tag> => GET_BUCKET_TAGGING,
    }
    relations {
        /// The account that owns the bucket.
        account: one Account within Account;
        /// The bucket that gets the access logs. AWS delivers within the same account only; absent
        /// when the account has no such bucket or logging is off.
        log_bucket: maybe Bucket where "logging_target_bucket" = "name" within Account;
        /// The buckets whose access logs go to this bucket.
        logged_buckets: many Bucket where "name" = "logging_target_bucket" within Account;
        /// The trails that write to this bucket, of all scanned accounts.
        trails: many Trail where "name" = "s3_bucket_name" within Everywhere;
        /// The flow logs that write to this bucket, of all scanned accounts.
        flow_logs: many FlowLog where "name" = "log_destination_bucket" within Everywhere;
        /// The classic load balancers that write to this bucket, of all scanned accounts.
        classic_load_balancers: many ClassicLoadBalancer
            where "name" = "access_log_bucket" within Everywhere;
        /// The application and network load balancers that write to this bucket, of all scanned
        /// accounts.
        load_balancers: many LoadBalancer where "name" = "access_log_bucket" within Everywhere;
        /// The access points of the bucket in its own account.
        access_points: many AccessPoint where "name" = "bucket_name" within Account;
    }
    derived {
        /// How the public gets in, after Block Public Access of account, bucket and access point, object
        /// ownership, and denials: one entry for each way (policy, ACL, access point) and kind of
        /// access.
        public_access: Items<PublicAccess>, from [
            "arn", "policy", "acl_grants.grantee", "acl_grants.permission", "object_ownership",
            "public_access_block.ignore_public_acls",
            "public_access_block.restrict_public_buckets",
            "account.public_access_block.ignore_public_acls",
            "account.public_access_block.restrict_public_buckets", "region", "access_points.name",
            "access_points.arn", "access_points.policy", "access_points.network_origin",
            "access_points.public_access_block.ignore_public_acls",
            "access_points.public_access_block.restrict_public_buckets",
        ];
        /// Whether the policy by itself lets the public in, whatever Block Public Access makes of it.
        /// One entry at most, with a request that gets in.
        public_grants: Items<PublicAccess>, from ["arn", "policy"];
        /// Who outside the account gets in by the policy, one entry an account, canonical user or
        /// service; an entry without account stands for principals that are named by an organization
        /// or a network. The public is not listed here.
        foreign_access: Items<ForeignAccess>, from ["arn", "policy"];
        /// Whether the policy refuses every request without TLS, whoever makes it and whatever it is
        /// about. A bucket without a policy does not.
        denies_insecure_transport: bool, from ["arn", "policy"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(Bucket::record),
        field: "public_access",
        compute: |bucket, _| derive::public_access(bucket),
    },
    Derivation {
        record: RecordRef(Bucket::record),
        field: "public_grants",
        compute: |bucket, _| derive::public_grants(bucket),
    },
    Derivation {
        record: RecordRef(Bucket::record),
        field: "foreign_access",
        compute: derive::foreign_access,
    },
    Derivation {
        record: RecordRef(Bucket::record),
        field: "denies_insecure_transport",
        compute: |bucket, _| answer(derive::denies_insecure_transport(bucket)),
    },
];
