//! Who gets at a bucket in effect: policy, access control list, ownership, access points, and Block
//! Public Access of the account, the bucket and the access points, all together.
//!
//! Sources: S3 User Guide, access-control-block-public-access (what the four settings do, the most
//! restrictive combination counts), about-object-ownership (with `BucketOwnerEnforced` lists have no
//! effect), access-points-policies (a request through an access point must be allowed by the bucket
//! policy, too). Every input may be unknown; an answer is then unknown only where it matters.

use super::super::truth::Truth;

/// The two settings of Block Public Access that act on what exists; the other two only refuse new
/// grants. Of several levels each setting holds if it is on at any level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockPublicAccess {
    /// `IgnorePublicAcls`: grants to everyone in lists have no effect.
    pub ignore_public_acls: Truth,
    /// `RestrictPublicBuckets`: a policy that S3 calls public lets in only AWS services and the
    /// owner's account.
    pub restrict_public_buckets: Truth,
}

impl BlockPublicAccess {
    /// Nothing is blocked: the level has no configuration.
    pub const OFF: Self =
        Self { ignore_public_acls: Truth::False, restrict_public_buckets: Truth::False };

    /// The settings of this level could not be read.
    pub const UNKNOWN: Self =
        Self { ignore_public_acls: Truth::Unknown, restrict_public_buckets: Truth::Unknown };

    /// What two levels block together.
    #[must_use]
    pub fn and_also(self, other: Self) -> Self {
        Self {
            ignore_public_acls: self.ignore_public_acls.or(other.ignore_public_acls),
            restrict_public_buckets: self.restrict_public_buckets.or(other.restrict_public_buckets),
        }
    }
}

/// The setting of object ownership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// `BucketOwnerEnforced`: access control lists have no effect.
    BucketOwnerEnforced,
    /// `BucketOwnerPreferred` or `ObjectWriter`, or not configured: lists count.
    ListsCount,
    /// It could not be read.
    Unknown,
}

/// To whom a list grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grantee {
    /// `AllUsers`: anyone.
    AllUsers,
    /// `AuthenticatedUsers`: anyone with an AWS account.
    AuthenticatedUsers,
    /// The group that delivers access logs.
    LogDelivery,
    /// The owner.
    Owner,
    /// Another account.
    OtherAccount,
}

/// A grant of an access control list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclGrant {
    /// To whom.
    pub grantee: Grantee,
    /// What: `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// The answers about one policy, from [`super::super::exposure`] and [`super::public_status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyAnswers {
    /// Anyone gets in.
    pub public: Truth,
    /// Somebody outside the zone of trust gets in.
    pub external: Truth,
    /// S3 calls the policy public.
    pub status: Truth,
}

impl PolicyAnswers {
    /// There is no policy.
    pub const NONE: Self =
        Self { public: Truth::False, external: Truth::False, status: Truth::False };

    /// The policy could not be read or decided.
    pub const UNKNOWN: Self =
        Self { public: Truth::Unknown, external: Truth::Unknown, status: Truth::Unknown };
}

/// An access point of the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPoint {
    /// Its name, for the reason.
    pub name: String,
    /// Its own policy.
    pub policy: PolicyAnswers,
    /// Its own settings.
    pub block: BlockPublicAccess,
    /// Whether it takes requests from one VPC only.
    pub vpc_only: Truth,
    /// Whether the bucket policy lets in what comes through access points of this one's account:
    /// without that its policy has no effect.
    pub delegated: Truth,
}

/// Everything that decides about a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The bucket policy.
    pub policy: PolicyAnswers,
    /// The access control list of the bucket; `None` if it could not be read.
    pub acl: Option<Vec<AclGrant>>,
    /// Object ownership.
    pub ownership: Ownership,
    /// The settings of the bucket.
    pub block: BlockPublicAccess,
    /// The settings of the account (with those of its organization).
    pub account_block: BlockPublicAccess,
    /// The access points; `None` if they could not be listed.
    pub access_points: Option<Vec<AccessPoint>>,
}

/// What a way in goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayKind {
    /// The bucket policy.
    Policy,
    /// The access control list.
    List,
    /// An access point, by its name.
    AccessPoint(String),
}

/// A way in that is open, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What it goes through.
    pub kind: WayKind,
    /// Whether anyone gets in this way.
    pub public: Truth,
    /// Whether anyone outside the zone of trust does.
    pub external: Truth,
    /// The reason, in a sentence without a full stop.
    pub why: String,
}

/// The ways into a bucket from outside that are open or may be; none is a proof that there is none.
pub fn effective(bucket: &Bucket) -> Vec<Way> {
    let block = bucket.account_block.and_also(bucket.block);
    let mut ways = vec![through_policy(bucket.policy, block), through_list(bucket, block)];
    match &bucket.access_points {
        None => ways.push(Way {
            kind: WayKind::AccessPoint("*".into()),
            public: Truth::Unknown,
            external: Truth::Unknown,
            why: "the access points of the bucket could not be listed".into(),
        }),
        Some(points) => ways.extend(points.iter().map(|point| through_point(point, block))),
    }
    ways.retain(|way| !way.public.is_false() || !way.external.is_false());
    ways
}

/// What a policy lets in once `RestrictPublicBuckets` has cut it back.
fn through_policy(policy: PolicyAnswers, block: BlockPublicAccess) -> Way {
    let cut = policy.status.and(block.restrict_public_buckets);
    let why = match cut {
        Truth::False => "the bucket policy lets them in and is not restricted",
        Truth::True => "the bucket policy is restricted by Block Public Access",
        Truth::Unknown => {
            "the bucket policy lets them in unless Block Public Access restricts it, which is not known"
        }
    };
    Way {
        kind: WayKind::Policy,
        public: policy.public.and(!cut),
        external: policy.external.and(!cut),
        why: why.into(),
    }
}

fn through_list(bucket: &Bucket, block: BlockPublicAccess) -> Way {
    let counts = match bucket.ownership {
        Ownership::BucketOwnerEnforced => Truth::False,
        Ownership::ListsCount => Truth::True,
        Ownership::Unknown => Truth::Unknown,
    };
    let (everyone, others, grants) = match &bucket.acl {
        None => (Truth::Unknown, Truth::Unknown, "something that could not be read".to_owned()),
        Some(grants) => {
            let to = |wanted: &[Grantee]| {
                grants.iter().filter(|g| wanted.contains(&g.grantee)).collect::<Vec<_>>()
            };
            let everyone = to(&[Grantee::AllUsers, Grantee::AuthenticatedUsers]);
            let others = to(&[Grantee::OtherAccount]);
            let named: Vec<&str> =
                everyone.iter().chain(&others).map(|grant| grant.permission.as_str()).collect();
            (Truth::from(!everyone.is_empty()), Truth::from(!others.is_empty()), named.join(", "))
        }
    };
    let public = counts.and(everyone).and(!block.ignore_public_acls);
    Way {
        kind: WayKind::List,
        public,
        external: public.or(counts.and(others)),
        why: format!("the access control list grants {grants}"),
    }
}

fn through_point(point: &AccessPoint, block: BlockPublicAccess) -> Way {
    let cut = point.policy.status.and(block.and_also(point.block).restrict_public_buckets);
    let open = point.delegated.and(!point.vpc_only).and(!cut);
    Way {
        kind: WayKind::AccessPoint(point.name.clone()),
        public: point.policy.public.and(open),
        external: point.policy.external.and(open),
        why: format!("the policy of access point `{}` lets them in", point.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Truth::{False, True, Unknown};

    fn on() -> BlockPublicAccess {
        BlockPublicAccess { ignore_public_acls: True, restrict_public_buckets: True }
    }

    fn open() -> Bucket {
        Bucket {
            policy: PolicyAnswers { public: True, external: True, status: True },
            acl: Some(vec![AclGrant { grantee: Grantee::AllUsers, permission: "READ".into() }]),
            ownership: Ownership::ListsCount,
            block: BlockPublicAccess::OFF,
            account_block: BlockPublicAccess::OFF,
            access_points: Some(Vec::new()),
        }
    }

    fn public(bucket: &Bucket) -> Truth {
        Truth::any(effective(bucket).iter().map(|way| way.public))
    }

    #[test]
    fn either_level_of_block_public_access_closes_policy_and_list() {
        assert_eq!(effective(&open()).len(), 2);
        assert!(effective(&Bucket { block: on(), ..open() }).is_empty());
        assert!(effective(&Bucket { account_block: on(), ..open() }).is_empty());
    }

    #[test]
    fn one_setting_closes_one_way() {
        let lists = BlockPublicAccess { ignore_public_acls: True, ..BlockPublicAccess::OFF };
        let ways = effective(&Bucket { block: lists, ..open() });
        assert_eq!(ways.iter().map(|way| &way.kind).collect::<Vec<_>>(), [&WayKind::Policy]);
        let policies =
            BlockPublicAccess { restrict_public_buckets: True, ..BlockPublicAccess::OFF };
        let ways = effective(&Bucket { block: policies, ..open() });
        assert_eq!(ways.iter().map(|way| &way.kind).collect::<Vec<_>>(), [&WayKind::List]);
    }

    #[test]
    fn a_policy_that_s3_does_not_call_public_is_not_restricted() {
        let policy = PolicyAnswers { public: False, external: True, status: False };
        let bucket = Bucket { policy, acl: Some(Vec::new()), block: on(), ..open() };
        let ways = effective(&bucket);
        assert_eq!(ways.len(), 1);
        assert_eq!((ways[0].public, ways[0].external), (False, True));
    }

    #[test]
    fn enforced_ownership_disables_lists() {
        let bucket = Bucket {
            policy: PolicyAnswers::NONE,
            ownership: Ownership::BucketOwnerEnforced,
            ..open()
        };
        assert!(effective(&bucket).is_empty());
    }

    #[test]
    fn what_is_unknown_matters_only_where_it_decides() {
        assert_eq!(
            public(&Bucket { account_block: BlockPublicAccess::UNKNOWN, ..open() }),
            Unknown
        );
        let blocked = Bucket { block: on(), account_block: BlockPublicAccess::UNKNOWN, ..open() };
        assert_eq!(public(&blocked), False);
        let unread = Bucket { acl: None, policy: PolicyAnswers::NONE, ..open() };
        assert_eq!(public(&unread), Unknown);
        let enforced = Bucket { ownership: Ownership::BucketOwnerEnforced, ..unread };
        assert_eq!(public(&enforced), False);
    }

    #[test]
    fn an_access_point_is_open_only_if_the_bucket_delegates_and_no_vpc_closes_it() {
        let point = AccessPoint {
            name: "shared".into(),
            policy: PolicyAnswers { public: True, external: True, status: True },
            block: BlockPublicAccess::OFF,
            vpc_only: False,
            delegated: True,
        };
        let bucket = |point: AccessPoint| Bucket {
            policy: PolicyAnswers::NONE,
            acl: Some(Vec::new()),
            access_points: Some(vec![point]),
            ..open()
        };
        assert_eq!(public(&bucket(point.clone())), True);
        assert_eq!(public(&bucket(AccessPoint { vpc_only: True, ..point.clone() })), False);
        assert_eq!(public(&bucket(AccessPoint { delegated: False, ..point.clone() })), False);
        assert_eq!(public(&bucket(AccessPoint { block: on(), ..point.clone() })), False);
        assert_eq!(public(&Bucket { account_block: on(), ..bucket(point) }), False);
    }
}
