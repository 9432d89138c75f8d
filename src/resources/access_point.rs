//! S3 access points: further doors to a bucket, each with a policy and settings of its own.

mod derive;

pub use derive::into_bucket;

use super::account::Account;
use super::outsiders::{Outsider, list};
use super::s3::{Bucket, PublicAccessBlock};
use crate::inventory::{Derivation, Items, Record};
use crate::resource;
use crate::schema::RecordRef;

calls! {
    /// The access points of a region.
    LIST_ACCESS_POINTS: "s3control" "ListAccessPoints" needs ["s3:ListAccessPoints"] absent [];
    /// The settings of an access point.
    GET_ACCESS_POINT: "s3control" "GetAccessPoint" needs ["s3:GetAccessPoint"] absent [];
    /// The policy of an access point.
    GET_ACCESS_POINT_POLICY: "s3control" "GetAccessPointPolicy"
        needs ["s3:GetAccessPointPolicy"] absent ["NoSuchAccessPointPolicy"];
    /// Whether S3 itself holds an access point's policy for public.
    GET_ACCESS_POINT_POLICY_STATUS: "s3control" "GetAccessPointPolicyStatus"
        needs ["s3:GetAccessPointPolicyStatus"] absent ["NoSuchAccessPointPolicy"];
}

resource! {
    /// An access point of a bucket.
    pub struct AccessPoint("AWS::S3::AccessPoint", access_point, Region, name)
        from LIST_ACCESS_POINTS
    {
        /// The access point's name, unique in its account and region.
        name: String,
        /// The access point's ARN.
        arn: String,
        /// The name of its bucket.
        bucket_name: String,
        /// The account of its bucket; absent where AWS does not say, as for older access points of the
        /// own account.
        bucket_account_id: Option<String>,
        /// Whether requests come from the internet or from one VPC.
        #[one_of("Internet", "VPC")]
        network_origin: String,
        /// The VPC that requests come from; absent for access points of the internet.
        vpc_id: Option<String>,
        /// Block Public Access of the access point, fixed when it was made.
        public_access_block: PublicAccessBlock => GET_ACCESS_POINT,
        /// The policy as a JSON document; absent when there is none.
        policy: Option<String> => GET_ACCESS_POINT_POLICY,
        /// Whether S3 holds the policy for public; absent when there is no policy.
        policy_is_public: Option<bool> => GET_ACCESS_POINT_POLICY_STATUS,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The bucket, if it is of a scanned account.
        bucket: maybe Bucket where "bucket_name" = "name" within Everywhere;
    }
    derived {
        /// Whether the policy by itself lets anybody in the world in, whatever the bucket and Block
        /// Public Access make of it. One entry at most, with a request.
        public_grants: Items<Outsider>, from ["arn", "policy"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    record: RecordRef(AccessPoint::record),
    field: "public_grants",
    compute: |point, _| list(derive::public_grants(point)),
}];
