//! Checks: one YAML file tests one type of resource and says what its wanted posture is.
//!
//! `source` is the file as written, `compile` turns it into typed, resolved form or into all its
//! diagnostics, `judge` decides a verdict and proves it, `batch` decides those of many resources at
//! once. Checks know the schema and the inventory, and nothing of AWS, reports or policies.

pub mod assist;
mod batch;
mod bind;
pub mod case;
mod compile;
mod definition;
mod eval;
mod explain;
pub mod functions;
mod judge;
mod lexer;
mod library;
mod lint;
mod params;
mod passage;
mod plan;
mod remedy;
mod source;
mod syntax;
mod template;
mod typed;
mod types;
mod typing;
pub mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::inventory::Reason;

pub use batch::Scratch;
pub use bind::Bound;
pub use compile::{CASE_NOW, compile};
pub use definition::{AssertionText, Case, Check, Logic};
pub use explain::MAX_ELEMENTS;
pub use library::{Library, examine};
pub use lint::lint;
pub use params::{Param, ParamError, ParamType, Params};
pub use remedy::Remedy;
pub use source::{CATEGORIES, PEERS, REMEDIES, schema};
pub use types::{Const, PortRange};

/// How bad a failure is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Good hygiene.
    Low,
    /// Weakens a defence.
    Medium,
    /// Opens a way in.
    High,
    /// The account or its data is open.
    Critical,
}

impl Severity {
    /// From the worst to the mildest.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a check says of a resource.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was seen and is not as wanted.
    Fail,
    /// What was seen does not decide.
    Unknown,
    /// It was seen and is as wanted.
    Pass,
    /// The check does not speak about this resource.
    NotApplicable,
}

impl Verdict {
    /// The word in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
            Self::NotApplicable => "not_applicable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A check's name: lower-case words and numbers with hyphens, such as `s3-bucket-requires-tls`.
/// Never reused, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CheckId(Arc<str>);

/// A text that is no check id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a check id: lower-case letters, digits and single hyphens, 3 to 80 of them")]
pub struct CheckIdError(pub String);

impl CheckId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CheckId {
    type Err = CheckIdError;

    fn from_str(text: &str) -> Result<Self, CheckIdError> {
        let word = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let valid = (3..=80).contains(&text.len()) && text.split('-').all(word);
        valid.then(|| Self(text.into())).ok_or_else(|| CheckIdError(text.into()))
    }
}

impl TryFrom<String> for CheckId {
    type Error = CheckIdError;

    fn try_from(text: String) -> Result<Self, CheckIdError> {
        text.parse()
    }
}

impl From<CheckId> for String {
    fn from(id: CheckId) -> Self {
        id.0.as_ref().into()
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One value that decided a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The path from the resource, such as `ingress[0].source`.
    pub path: String,
    /// The value: a scalar, text for a record that is shown as one field, `null` for absent, the
    /// number of items for a list.
    pub value: serde_json::Value,
}

/// A verdict with its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// For a failure one message an element that failed; for *not applicable* the condition that
    /// does not hold.
    pub messages: Vec<String>,
    /// The values that decided, in the order of the check. Empty for a pass.
    pub evidence: Vec<Evidence>,
    /// For *unknown*: each reason once.
    pub unknown: Vec<Reason>,
    /// For a failure: the values that remediation speaks of, once for each element that failed.
    pub blanks: Vec<BTreeMap<String, Vec<String>>>,
    /// Whether all of that was told as it should be: not where it takes more steps or rows than one
    /// may take, or where an unknown has no reason but itself.
    pub whole: bool,
}

impl Outcome {
    /// A pass, of which there is nothing to tell.
    pub fn pass() -> Self {
        Self {
            verdict: Verdict::Pass,
            messages: Vec::new(),
            evidence: Vec::new(),
            unknown: Vec::new(),
            blanks: Vec::new(),
            whole: true,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
