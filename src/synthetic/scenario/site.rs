//! Where a scenario builds: the account, its organization, its regions, and the words to name
//! things there.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::synthetic::mix::ec2_id;
use crate::synthetic::world::{Account, Region, Tag};

/// An account under construction, in its surroundings.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The moment that all ages are relative to.
    pub now: Timestamp,
    /// The partition.
    pub partition: &'a str,
    /// What names of the organization begin with.
    pub prefix: &'a str,
    /// The id of the organization.
    pub organization: &'a str,
    /// The id of the management account.
    pub management: &'a str,
    /// The id of the account.
    pub account: &'a str,
    /// The name of the account.
    pub name: &'a str,
    /// Its enabled regions; the first is its home, the last stays empty where there are three.
    pub regions: &'a [&'a str],
    /// Regions that are not enabled.
    pub closed: &'a [&'a str],
}

impl Site<'_> {
    /// The region where most things are.
    pub fn home(&self) -> &str {
        self.regions.first().copied().unwrap_or("us-east-1")
    }

    /// Whether this is the management account.
    pub fn is_management(&self) -> bool {
        self.account == self.management
    }

    /// The region that answers for the global services of the partition.
    pub fn global(&self) -> &'static str {
        match self.partition {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => "us-east-1",
        }
    }

    /// Whether this account administers Config for the organization.
    pub fn is_config_administrator(&self) -> bool {
        matches!(self.role(), "production" | "workloads")
    }

    /// The last part of the account's name: `production`.
    pub fn role(&self) -> &str {
        self.name.rsplit('-').next().unwrap_or(self.name)
    }

    /// So many days before now.
    pub fn days_ago(&self, days: i64) -> Timestamp {
        self.hours_ago(24 * days)
    }

    /// So many hours before now.
    pub fn hours_ago(&self, hours: i64) -> Timestamp {
        self.now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(self.now)
    }

    /// An ARN in this account.
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", self.partition, self.account)
    }

    /// The ARN of an AWS managed policy.
    pub fn aws_policy(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/{name}", self.partition)
    }

    /// The ARN of a customer managed policy of this account.
    pub fn own_policy(&self, name: &str) -> String {
        self.arn("iam", "", &format!("policy/{name}"))
    }

    /// The ARN of a bucket, or with `/*` of its objects.
    pub fn bucket_arn(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition)
    }

    /// An identifier of EC2's kind.
    pub fn id(&self, prefix: &str, region: &str, name: &str) -> String {
        ec2_id(prefix, &[self.account, region, name])
    }

    /// The bucket for access logs of a region.
    pub fn log_bucket(&self, region: &str) -> String {
        format!("{}-{}-logs-{region}", self.prefix, self.role())
    }

    /// The bucket that trails of all accounts deliver to.
    pub fn trail_bucket(&self) -> String {
        format!("{}-cloudtrail-{}", self.prefix, self.management)
    }

    /// The KMS key of a region for logs and data.
    pub fn key(&self, region: &str) -> String {
        let id = crate::synthetic::mix::mix(11, &[self.account, region]);
        let uuid = format!("{:08x}-0000-4000-8000-{:012x}", id >> 32, id >> 16);
        self.arn("kms", region, &format!("key/{uuid}"))
    }

    /// The usual tags.
    pub fn tags(&self, team: &str) -> Vec<Tag> {
        vec![tag("Team", team), tag("Environment", self.role())]
    }

    /// The usual tags with a name in front.
    pub fn named(&self, name: &str, team: &str) -> Vec<Tag> {
        let mut tags = vec![tag("Name", name)];
        tags.extend(self.tags(team));
        tags
    }
}

/// A tag.
pub fn tag(key: &str, value: &str) -> Tag {
    (key.to_owned(), value.to_owned())
}

/// Changes a region of an account, where it has it.
pub fn in_region(account: &mut Account, name: &str, change: impl FnOnce(&mut Region)) {
    if let Some(region) = account.regions.iter_mut().find(|region| region.name == name) {
        change(Arc::make_mut(region));
    }
}
