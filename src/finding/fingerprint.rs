//! What stays the same of a finding from scan to scan.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::aws::{AccountId, Partition, Region};
use crate::check::CheckId;

/// The identity of a finding over scans: 16 bytes, written as 32 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

/// The digits of a fingerprint.
const DIGITS: usize = 32;

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a fingerprint has {DIGITS} hexadecimal digits")]
pub struct FingerprintError;

impl Fingerprint {
    /// The fingerprint of a check's finding on a resource: the first 16 bytes of the SHA-256 of
    /// `postura/v1`, check, partition, account, region (or `global`) and resource key, joined by NUL.
    /// Nothing that changes without the resource changing goes in: no message, severity, title, tag
    /// or time.
    pub fn new(
        check: &CheckId,
        partition: Partition,
        account: &AccountId,
        region: Option<&Region>,
        key: &str,
    ) -> Self {
        let region = region.map_or("global", Region::as_str);
        let parts =
            ["postura/v1", check.as_str(), partition.as_str(), account.as_str(), region, key];
        let digest = Sha256::digest(parts.join("\0").as_bytes());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
        Self(bytes)
    }

    /// Whether its digits begin with these, in lower case.
    pub fn starts_with(self, digits: &str) -> bool {
        self.to_string().starts_with(digits)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        // The number alone may have a sign and fewer digits.
        let valid = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| valid);
        number.map(|it| Self(it.to_be_bytes())).ok_or(FingerprintError)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_and_keep_their_order() {
        let texts = ["00000000000000000000000000000001", "0a000000000000000000000000000000"];
        let [one, ten] = texts.map(|text| text.parse::<Fingerprint>().unwrap());
        assert_eq!([one.to_string(), ten.to_string()], texts);
        assert!(one < ten && ten.starts_with("0a00") && !one.starts_with("0a"));
        assert_eq!(serde_json::to_string(&ten).unwrap(), format!("\"{}\"", texts[1]));
        assert_eq!(serde_json::from_str::<Fingerprint>(&format!("\"{}\"", texts[1])).unwrap(), ten);
    }

    #[test]
    fn anything_but_32_digits_is_refused() {
        let signed = format!("+{:031x}", 1);
        let wide = format!("{:033x}", 1);
        for text in ["", "aa", &signed, &wide, "0000000000000000000000000000000g"] {
            assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError), "{text}");
        }
    }

    #[test]
    fn the_fingerprint_of_a_finding_is_the_same_for_ever() {
        let account: AccountId = "111122223333".parse().unwrap();
        let region: Region = "eu-west-1".parse().unwrap();
        let check: CheckId = "sg-no-ssh-open".parse().unwrap();
        let of = |region| Fingerprint::new(&check, Partition::Aws, &account, region, "sg-1");
        let digits = [of(None), of(Some(&region))].map(|it| it.to_string());
        assert_eq!(
            digits,
            ["e8cbe8e5dcdbeb75a468b22a5c2ca375", "32bd874fb06dcb1a6b5fbe526f50dcb0"]
        );
    }
}
