//! What AWS lets an account ask of each API, in requests at once and requests a second.
//!
//! AWS counts by the account whose credentials sign and by region. Where it publishes no figure, the
//! row is a careful guess; the limiter then learns from being throttled.

use std::str::FromStr;

use thiserror::Error;

use crate::schema::Call;

/// The rate of an API, as a bucket of requests that fills up again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// What fills up together: the operation by itself where `None`, or several of them.
    pub pool: Option<&'static str>,
    /// How many requests may be made at once.
    pub burst: f64,
    /// How many are added a second.
    pub rate: f64,
    /// Whether AWS publishes these figures.
    pub is_published: bool,
}

/// Beginning of the operation's name, burst, rate. The first row that fits counts.
type Row = (&'static str, f64, f64);

/// AWS: "Request throttling for the Amazon EC2 API". Each action has a bucket of its own. Lists
/// without page size and filter have half of it, so that collectors always name a page size.
const EC2: &[Row] = &[
    ("DescribeSecurityGroupReferences", 20.0, 5.0),
    ("DescribeStaleSecurityGroups", 20.0, 5.0),
    ("", 100.0, 20.0),
];

/// AWS: "Request throttling for the Elastic Load Balancing API": all Describe actions of both
/// versions together, and an account-wide bucket of the same size.
const ELB: &[Row] = &[("", 40.0, 10.0)];

/// AWS: "IAM and AWS STS quotas": 600 a second for an account and region, all operations together,
/// charged to the account that calls.
const STS: &[Row] = &[("", 600.0, 600.0)];

/// AWS: "Quotas for AWS Organizations": rate and burst of the management account.
const ORGANIZATIONS: &[Row] = &[
    ("ListAccountsForParent", 8.0, 5.0),
    ("ListAccounts", 12.0, 8.0),
    ("ListOrganizationalUnitsForParent", 8.0, 5.0),
    ("ListParents", 8.0, 5.0),
    ("ListChildren", 10.0, 6.0),
    ("ListRoots", 2.0, 1.0),
    ("DescribeOrganization", 2.0, 1.0),
    ("DescribeAccount", 30.0, 20.0),
    ("DescribePolicy", 2.0, 2.0),
    ("ListTagsForResource", 15.0, 10.0),
    ("", 8.0, 5.0),
];

/// AWS: "Quotas in AWS CloudTrail": ten Get, Describe and List requests a second. The page does not
/// say whether each of them has ten; they are counted together here.
const CLOUDTRAIL: &[Row] = &[("LookupEvents", 2.0, 2.0), ("", 10.0, 10.0)];

/// AWS: "CloudWatch Logs quotas".
const LOGS: &[Row] = &[
    ("DescribeMetricFilters", 5.0, 5.0),
    ("DescribeSubscriptionFilters", 5.0, 5.0),
    ("DescribeLogGroups", 10.0, 10.0),
    ("DescribeLogStreams", 25.0, 25.0),
    ("", 5.0, 5.0),
];

/// AWS: "CloudWatch service quotas".
const CLOUDWATCH: &[Row] = &[("ListMetrics", 25.0, 25.0), ("", 9.0, 9.0)];

/// AWS: "Request quotas" of KMS.
const KMS: &[Row] = &[
    ("DescribeKey", 2000.0, 2000.0),
    ("GetKeyPolicy", 1000.0, 1000.0),
    ("GetKeyRotationStatus", 1000.0, 1000.0),
    ("ListResourceTags", 2000.0, 2000.0),
    ("ListKeys", 500.0, 500.0),
    ("ListAliases", 500.0, 500.0),
    ("", 500.0, 500.0),
];

/// AWS: "Quotas for AWS Account Management".
const ACCOUNT: &[Row] =
    &[("GetAlternateContact", 15.0, 10.0), ("GetContactInformation", 15.0, 10.0), ("", 5.0, 5.0)];

/// Not published. Scanners that make many more calls report 15 a second as safe for the slowest of
/// IAM's reads.
const IAM: &[Row] = &[("", 30.0, 15.0)];

/// Not published; S3 answers `503 SlowDown` when it is too much.
const S3: &[Row] = &[("", 100.0, 100.0)];

/// Not published, or not looked up.
const OTHERS: &[Row] = &[("", 10.0, 10.0)];

/// The quota of a call.
pub fn quota(call: &Call) -> Quota {
    let is_lookup = call.operation == "LookupEvents";
    let (rows, pool, is_published) = match call.service {
        "ec2" => (EC2, None, true),
        "elasticloadbalancing" | "elasticloadbalancingv2" => {
            (ELB, Some("elasticloadbalancing"), true)
        }
        "sts" => (STS, Some("sts"), true),
        "organizations" => (ORGANIZATIONS, None, true),
        "cloudtrail" => (CLOUDTRAIL, (!is_lookup).then_some("cloudtrail"), true),
        "logs" => (LOGS, None, true),
        "cloudwatch" => (CLOUDWATCH, None, true),
        "kms" => (KMS, None, true),
        "account" => (ACCOUNT, None, true),
        "iam" => (IAM, None, false),
        "s3" => (S3, None, false),
        _ => (OTHERS, None, false),
    };
    let row = rows.iter().find(|(operation, ..)| call.operation.starts_with(operation));
    let (burst, rate) = row.map_or((10.0, 10.0), |(_, burst, rate)| (*burst, *rate));
    Quota { pool, burst, rate, is_published }
}

/// The part of AWS's quotas that a scan may use; the rest is for production.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

/// A text that is no share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a share: write a percentage from 1% to 100%")]
pub struct NoShare(String);

impl Share {
    /// No limit that would ever be felt: for an AWS that has no production beside it.
    pub const UNLIMITED: Self = Self(1e6);

    /// As a factor.
    pub fn factor(self) -> f64 {
        self.0
    }
}

/// Half of the quotas.
impl Default for Share {
    fn default() -> Self {
        Self(0.5)
    }
}

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Self, NoShare> {
        let number = text.trim().strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
        match number {
            Some(number) if (1.0..=100.0).contains(&number) => Ok(Self(number / 100.0)),
            Some(_) | None => Err(NoShare(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{elb, elbv2, logs, s3, vpc};
    use crate::session::{ASSUME_ROLE, LIST_ACCOUNTS, LIST_ACCOUNTS_FOR_PARENT};

    #[test]
    fn the_rows_that_fit_count() {
        let rates = |call: &Call| (quota(call).burst, quota(call).rate);
        assert_eq!(rates(&vpc::DESCRIBE_VPCS), (100.0, 20.0));
        assert_eq!(rates(&LIST_ACCOUNTS), (12.0, 8.0));
        assert_eq!(rates(&LIST_ACCOUNTS_FOR_PARENT), (8.0, 5.0));
        assert_eq!(rates(&ASSUME_ROLE), (600.0, 600.0));
        assert_eq!(rates(&logs::DESCRIBE_METRIC_FILTERS), (5.0, 5.0));
        let pools = [&elb::DESCRIBE_LOAD_BALANCERS, &elbv2::DESCRIBE_LOAD_BALANCERS];
        assert!(pools.iter().all(|call| quota(call).pool == Some("elasticloadbalancing")));
        assert!(!quota(&s3::LIST_BUCKETS).is_published);
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!("50%".parse(), Ok(Share::default()));
        assert_eq!("12.5%".parse(), Ok(Share(0.125)));
        for wrong in ["0%", "101%", "50", "-5%", "NaN%", "%", ""] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
