//! Why something is unknown.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::aws::{AccountId, Region};

/// The kind of reason, which the gate and the reports tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// AWS refused the call.
    Denied,
    /// AWS kept asking us to slow down.
    Throttled,
    /// The call failed in another way.
    Failed,
    /// The account's role could not be assumed, so nothing of the account was read.
    NotAssumed,
    /// The account or region was not part of the scan.
    NotScanned,
    /// No selected check asked for it.
    NotCollected,
    /// The reply should have held it and did not.
    Missing,
    /// The scan was stopped before the call.
    Interrupted,
    /// The values are known, but what they mean cannot be decided.
    Undecided,
}

/// Why a value, the end of a list or a verdict is unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// The kind.
    pub kind: ReasonKind,
    /// The IAM action of the call, such as `s3:GetBucketPolicy`; empty where no call was involved.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// The error code of AWS, or what happened in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// The account it happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The region it happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

impl Reason {
    /// A reason without a place.
    pub fn new(kind: ReasonKind, action: impl Into<String>, error: impl Into<String>) -> Self {
        Self { kind, action: action.into(), error: error.into(), account: None, region: None }
    }

    /// The values are known, but what they mean cannot be decided.
    pub fn undecided(why: impl Into<String>) -> Self {
        Self::new(ReasonKind::Undecided, "", why)
    }

    /// No selected check asked for the value.
    pub fn not_collected() -> Self {
        Self::new(ReasonKind::NotCollected, "", "not collected")
    }

    /// The short form of fixtures: an action, then the error (`s3:GetBucketPolicy AccessDenied`),
    /// or any text.
    pub fn from_words(words: &str) -> Self {
        match words.split_once(' ') {
            Some((action, error)) if action.contains(':') => {
                let kind = if error.contains("Denied") || error.contains("Unauthorized") {
                    ReasonKind::Denied
                } else {
                    ReasonKind::Failed
                };
                Self::new(kind, action, error)
            }
            _ => Self::undecided(words),
        }
    }
}

/// One line without the place: `s3:GetBucketPolicy AccessDenied`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.action.is_empty(), self.error.is_empty()) {
            (false, false) => write!(f, "{} {}", self.action, self.error),
            (false, true) => f.write_str(&self.action),
            (true, _) => f.write_str(&self.error),
        }
    }
}
