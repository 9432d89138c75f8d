//! Which accounts are to be read.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::SessionError;
use super::base::{Base, Identity};
use super::organization::{FailedCall, Organization};
use super::traffic::{Caller, Traffic};
use crate::aws::AccountId;

/// The accounts that the user chose.
#[derive(Debug, Clone, Default)]
pub enum Targets {
    /// The caller's own account.
    #[default]
    Own,
    /// Those accounts.
    Accounts(Vec<AccountId>),
    /// All active accounts of the caller's organization.
    Organization {
        /// Only accounts below those organizational units or roots; empty for all.
        units: Vec<String>,
        /// All but those accounts.
        exclude: Vec<AccountId>,
    },
}

/// An account that the user chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The account.
    pub account: AccountId,
    /// Its name in the organization.
    pub name: Option<String>,
    /// The ids of root and organizational units above it, the root first.
    pub units: Vec<String>,
    /// Why it is not read: it is suspended, or was left out by name.
    pub skip: Option<String>,
}

impl Target {
    fn plain(account: AccountId) -> Self {
        Self { account, name: None, units: Vec::new(), skip: None }
    }
}

impl Targets {
    /// The accounts in the order of their ids, and the calls that could not tell where they are in
    /// the organization.
    ///
    /// # Errors
    /// When the organization cannot be listed, or no account is left.
    pub async fn resolve(
        &self,
        base: &Base,
        identity: &Identity,
        traffic: &Arc<Traffic>,
    ) -> Result<(Vec<Target>, Vec<FailedCall>), SessionError> {
        let (targets, failed) = match self {
            Self::Own => (vec![Target::plain(identity.account.clone())], Vec::new()),
            Self::Accounts(accounts) => {
                let accounts: BTreeSet<&AccountId> = accounts.iter().collect();
                (accounts.into_iter().cloned().map(Target::plain).collect(), Vec::new())
            }
            Self::Organization { units, exclude } => {
                let region = identity.partition.home_region();
                let client = base.clients(&region).organizations();
                let caller = Caller::new(Arc::clone(traffic), Arc::clone(base.keeper()))
                    .at(Some(identity.account.clone()), Some(region));
                Organization { client, caller }.targets(units, exclude).await?
            }
        };
        if targets.iter().all(|target| target.skip.is_some()) {
            return Err(SessionError::NoAccounts);
        }
        Ok((targets, failed))
    }
}

/// Reads a list of accounts: one id a line, or several with commas or spaces between; `#` begins a
/// comment.
///
/// # Errors
/// The first text that is no account id, with its line.
pub fn accounts_from_text(text: &str) -> Result<Vec<AccountId>, SessionError> {
    let mut accounts = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        for word in line.split([',', ' ', '\t', ';']).filter(|word| !word.is_empty()) {
            let account = word.trim_matches('"').parse();
            let account = account
                .map_err(|source| SessionError::AccountsFile { line: number + 1, source })?;
            accounts.push(account);
        }
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_accounts_are_read() {
        let text = "# ours\n111122223333, 444455556666 # two\r\n\n\"777788889999\"\n";
        let accounts = accounts_from_text(text).unwrap();
        let accounts: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
        assert_eq!(accounts, ["111122223333", "444455556666", "777788889999"]);
        let error = accounts_from_text("111122223333\n11112222333").unwrap_err();
        assert!(error.to_string().starts_with("line 2: `11112222333` is not"), "{error}");
    }
}
