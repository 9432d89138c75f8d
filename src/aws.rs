//! The names of AWS without its SDK: accounts, regions, partitions, ARNs.
//!
//! A name is a type here: one fallible constructor, `Display`, and serde through the constructor.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A name that AWS would not accept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Not twelve digits.
    #[error("`{0}` is not an account id: it needs exactly 12 digits")]
    Account(String),
    /// Not of the form `eu-west-1`.
    #[error("`{0}` is not a region name such as `eu-west-1`")]
    Region(String),
    /// None of the partitions.
    #[error("`{0}` is not a partition: aws, aws-cn or aws-us-gov")]
    Partition(String),
    /// Not `arn:partition:service:region:account:resource`.
    #[error("`{0}` is not an ARN")]
    Arn(String),
}

macro_rules! string_name {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

/// A twelve-digit account id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

impl FromStr for AccountId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        valid.then(|| Self(text.into())).ok_or_else(|| NameError::Account(text.into()))
    }
}

string_name!(AccountId);

/// A region such as `eu-west-1`, `cn-north-1` or `us-gov-west-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

impl FromStr for Region {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let parts: Vec<&str> = text.split('-').collect();
        let words = parts.split_last().is_some_and(|(number, words)| {
            words.len() >= 2
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && words.iter().all(|word| {
                    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
                })
        });
        let valid = words && text.len() <= 32;
        valid.then(|| Self(text.into())).ok_or_else(|| NameError::Region(text.into()))
    }
}

string_name!(Region);

impl Region {
    /// The partition that the region's name tells.
    pub fn partition(&self) -> Partition {
        if self.0.starts_with("cn-") {
            Partition::AwsCn
        } else if self.0.starts_with("us-gov-") {
            Partition::AwsUsGov
        } else {
            Partition::Aws
        }
    }
}

/// A separate set of AWS regions with accounts and credentials of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(try_from = "String", into = "String")]
pub enum Partition {
    /// The commercial regions.
    #[default]
    Aws,
    /// China.
    AwsCn,
    /// GovCloud (US).
    AwsUsGov,
}

impl Partition {
    /// The name as ARNs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
        }
    }

    /// The region whose endpoints answer for the partition's global services.
    pub fn home_region(self) -> Region {
        let name = match self {
            Self::Aws => "us-east-1",
            Self::AwsCn => "cn-north-1",
            Self::AwsUsGov => "us-gov-west-1",
        };
        Region(name.into())
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "aws" => Ok(Self::Aws),
            "aws-cn" => Ok(Self::AwsCn),
            "aws-us-gov" => Ok(Self::AwsUsGov),
            _ => Err(NameError::Partition(text.into())),
        }
    }
}

impl TryFrom<String> for Partition {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> Self {
        partition.as_str().into()
    }
}

/// An Amazon Resource Name, taken apart: `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn(Box<str>);

impl FromStr for Arn {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut parts = text.splitn(6, ':');
        let valid = parts.next() == Some("arn")
            && parts.next().is_some_and(|part| !part.is_empty())
            && parts.next().is_some_and(|part| !part.is_empty())
            && parts.next().is_some()
            && parts.next().is_some()
            && parts.next().is_some_and(|part| !part.is_empty());
        valid.then(|| Self(text.into())).ok_or_else(|| NameError::Arn(text.into()))
    }
}

string_name!(Arn);

impl Arn {
    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }

    /// The partition, as text: `aws`, `aws-cn`, …
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The service, such as `s3`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region, empty for global resources.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account id, empty where the service leaves it out (S3 buckets).
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Everything after the fifth colon.
    pub fn resource(&self) -> &str {
        self.part(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_have_twelve_digits() {
        assert_eq!("111122223333".parse::<AccountId>().unwrap().to_string(), "111122223333");
        for bad in ["", "11112222333", "1111222233334", "11112222333a", "１11122223333"] {
            assert_eq!(bad.parse::<AccountId>(), Err(NameError::Account(bad.into())));
        }
    }

    #[test]
    fn regions_tell_their_partition() {
        let partition = |name: &str| name.parse::<Region>().unwrap().partition();
        assert_eq!(partition("eu-west-1"), Partition::Aws);
        assert_eq!(partition("cn-north-1"), Partition::AwsCn);
        assert_eq!(partition("us-gov-west-1"), Partition::AwsUsGov);
        for bad in ["", "eu", "eu-west", "EU-west-1", "eu-west-1a", "../eu-west-1"] {
            assert!(bad.parse::<Region>().is_err(), "{bad} is no region");
        }
    }

    #[test]
    fn arns_come_apart() {
        let arn: Arn = "arn:aws:iam::111122223333:role/a:b".parse().unwrap();
        assert_eq!(
            (arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()),
            ("aws", "iam", "", "111122223333", "role/a:b")
        );
        assert!("arn:aws:iam".parse::<Arn>().is_err());
        assert!("urn:aws:iam::1:x".parse::<Arn>().is_err());
    }
}
