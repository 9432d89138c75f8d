//! Who we are, which accounts and regions are to be read, and with which credentials.
//!
//! Credentials come from the ecosystem's chain; each target account's from a role that the caller
//! assumes, once an account. All clients share one HTTP client, and every call goes through
//! [`traffic`], which limits, repeats and counts. This module knows nothing of what is read, nor of
//! checks; and it never learns from an error which regions there are.

mod base;
mod clients;
mod complete;
mod credentials;
mod failure;
mod http;
mod latency;
mod limit;
mod lists;
mod organization;
mod pages;
mod progress;
mod quota;
pub mod regions;
mod role;
mod stop;
mod targets;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod traffic;

use thiserror::Error;

use crate::aws::NameError;

pub use base::{Base, Identity, Keys, Origin};
pub use clients::Clients;
pub use complete::Complete;
pub use credentials::Keeper;
pub use failure::{CallError, ErrorKind, Failure, Remedy, understand};
pub use latency::Latencies;
pub use limit::{Lane, Limiter};
pub use organization::{
    FailedCall, LIST_ACCOUNTS, LIST_ACCOUNTS_FOR_PARENT, LIST_ORGANIZATIONAL_UNITS_FOR_PARENT,
    LIST_ROOTS,
};
pub use pages::{Pages, Walk};
pub use progress::{Event, Progress, Silent};
pub use quota::{NoShare, Quota, Share, quota};
pub use regions::{RegionChoice, Regions};
pub use role::{ASSUME_ROLE, NotAssumed, Role};
pub use stop::{Stop, asked_to_end};
pub use targets::{Target, Targets, accounts_from_text};
pub use traffic::{CallCount, Caller, Patience, Traffic};

/// Why a scan cannot begin.
#[derive(Debug, Error)]
pub enum SessionError {
    /// No source of credentials has any.
    #[error("no AWS credentials were found; tried {}", tried.join(", "))]
    NoCredentials {
        /// The sources in the order in which they were tried.
        tried: Vec<String>,
    },
    /// A source of credentials is configured and does not work.
    #[error("AWS credentials could not be loaded: {why}")]
    BrokenCredentials {
        /// What its provider says.
        why: String,
    },
    /// AWS does not accept the credentials.
    #[error("AWS did not accept the credentials: sts:GetCallerIdentity {code}")]
    RefusedCredentials {
        /// The error code.
        code: String,
    },
    /// The answer of AWS makes no sense.
    #[error("AWS answered with something that is no caller identity: {0}")]
    Identity(#[from] NameError),
    /// The organization could not be listed.
    #[error("the accounts of the organization could not be listed: {action} {code}")]
    Organization {
        /// The IAM action that failed.
        action: String,
        /// The error code.
        code: String,
    },
    /// An organizational unit or account that was named is not in the organization.
    #[error("`{0}` is not part of the organization")]
    NotInOrganization(String),
    /// A region that was named does not exist.
    #[error("`{name}` is not a region of this partition")]
    UnknownRegion {
        /// The region.
        name: String,
        /// What may be meant.
        help: Option<String>,
    },
    /// No account is left to be read.
    #[error("no account is left to scan")]
    NoAccounts,
    /// No region is left to be read.
    #[error("no region is left to scan")]
    NoRegions,
    /// A line of a list of accounts is no account.
    #[error("line {line}: {source}")]
    AccountsFile {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: NameError,
    },
    /// The machine could not start what a scan needs.
    #[error("the runtime could not be started")]
    Runtime(#[source] std::io::Error),
    /// The scan was stopped before it began.
    #[error("stopped before anything was read")]
    Stopped,
}

impl SessionError {
    /// Advice, where there is some.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoCredentials { .. } => Some(
                "set AWS_PROFILE or sign in with `aws sso login`; `postura demo` works without"
                    .into(),
            ),
            Self::BrokenCredentials { .. } => {
                Some("`postura demo` works without credentials".into())
            }
            Self::RefusedCredentials { code } if code == "InvalidClientTokenId" => Some(
                "set AWS_REGION to a region of the partition that the credentials belong to".into(),
            ),
            Self::Organization { .. } => Some(
                "only the management account and delegated administrators may list it; \
                 name accounts with --accounts or --accounts-file"
                    .into(),
            ),
            Self::UnknownRegion { help, .. } => help.clone(),
            Self::RefusedCredentials { .. }
            | Self::Identity(_)
            | Self::NotInOrganization(_)
            | Self::NoAccounts
            | Self::NoRegions
            | Self::AccountsFile { .. }
            | Self::Runtime(_)
            | Self::Stopped => None,
        }
    }
}
