//! Why something is unknown.

use std::collections::{BTreeMap, BTreeSet};
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
    /// In how many other accounts the same happened, in the same region: see [`Reason::fold`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_accounts: u64,
}

/// The accounts that a list of reasons names for the same thing; more of them are counted.
const MAX_ACCOUNTS: usize = 3;

impl Reason {
    /// A reason without a place.
    pub fn new(kind: ReasonKind, action: impl Into<String>, error: impl Into<String>) -> Self {
        Self {
            kind,
            action: action.into(),
            error: error.into(),
            account: None,
            region: None,
            more_accounts: 0,
        }
    }

    /// The same reasons, except that of those which differ in nothing but the account the first one
    /// counts the others, where there are more than three. Each is a gap of its own in the inventory,
    /// so nothing is lost; a list that repeats them for each resource of each account grows with the
    /// square of the accounts. Regions stay apart: what reads the list may leave out other regions.
    pub fn fold(reasons: Vec<Self>) -> Vec<Self> {
        if reasons.len() <= MAX_ACCOUNTS {
            return reasons;
        }
        let mut accounts: BTreeMap<Self, BTreeSet<AccountId>> = BTreeMap::new();
        for reason in &reasons {
            if let Some(account) = &reason.account {
                accounts.entry(reason.anywhere()).or_default().insert(account.clone());
            }
        }
        accounts.retain(|_, named| named.len() > MAX_ACCOUNTS);
        let mut folded = Vec::new();
        for mut reason in reasons {
            let many = reason.account.as_ref().and_then(|_| accounts.get_mut(&reason.anywhere()));
            match many.map(std::mem::take) {
                None => folded.push(reason),
                Some(named) if named.is_empty() => {}
                Some(named) => {
                    reason.more_accounts = u64::try_from(named.len()).unwrap_or(u64::MAX) - 1;
                    folded.push(reason);
                }
            }
        }
        folded
    }

    /// The reason without its account.
    fn anywhere(&self) -> Self {
        Self { account: None, ..self.clone() }
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
        }?;
        match self.more_accounts {
            0 => Ok(()),
            more => write!(f, " in {} accounts", more.saturating_add(1)),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(account: u64, region: &str) -> Reason {
        Reason {
            account: Some(format!("{account:012}").parse().unwrap()),
            region: region.parse().ok(),
            ..Reason::new(ReasonKind::Denied, "ec2:DescribeVpcs", "UnauthorizedOperation")
        }
    }

    #[test]
    fn what_differs_in_the_account_alone_is_counted() {
        let other = Reason::undecided("by nature");
        let mut reasons = vec![other.clone()];
        for account in 1..=250 {
            reasons.extend(["eu-west-1", "us-east-1"].map(|region| denied(account, region)));
        }
        let first = |region| Reason { more_accounts: 249, ..denied(1, region) };
        let folded = Reason::fold(reasons);
        assert_eq!(folded, [other, first("eu-west-1"), first("us-east-1")]);
        assert_eq!(
            folded.get(1).map(ToString::to_string).as_deref(),
            Some("ec2:DescribeVpcs UnauthorizedOperation in 250 accounts")
        );
        assert_eq!(Reason::fold(folded.clone()), folded, "what is folded stays");
    }

    #[test]
    fn few_accounts_are_named() {
        let reasons: Vec<_> = (1..=3)
            .flat_map(|account| ["eu-west-1", "us-east-1"].map(|region| denied(account, region)))
            .collect();
        assert_eq!(Reason::fold(reasons.clone()), reasons);
    }

    #[test]
    fn a_count_outlives_a_file() {
        let reason = Reason { more_accounts: 7, ..denied(1, "eu-west-1") };
        let text = serde_json::to_string(&reason).unwrap();
        assert_eq!(serde_json::from_str::<Reason>(&text).unwrap(), reason);
        let plain = serde_json::to_string(&denied(1, "eu-west-1")).unwrap();
        assert!(!plain.contains("more_accounts"), "{plain}");
    }
}
