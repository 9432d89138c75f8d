//! Principals as the `Principal` and `NotPrincipal` elements name them.

use std::fmt;

use super::super::truth::Truth;
use super::{Caller, Identity, identify, is_account_id};

/// One entry of a `Principal` element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalPattern {
    /// `"*"` or `{"AWS": "*"}`: everyone, also anonymous.
    Everyone,
    /// An account by id or by `:root`: all its principals, as far as its own policies let them.
    Account(Box<str>),
    /// An IAM user.
    User {
        /// Its account; `cloudfront` for an origin access identity.
        account: Box<str>,
        /// Its ARN.
        arn: Box<str>,
    },
    /// A role, which means all its sessions.
    Role {
        /// Its account.
        account: Box<str>,
        /// Its name without path.
        name: Box<str>,
        /// Its ARN.
        arn: Box<str>,
    },
    /// One session of a role.
    Session {
        /// Its account.
        account: Box<str>,
        /// The role's name without path.
        role: Box<str>,
        /// The session's name.
        session: Box<str>,
        /// Its ARN.
        arn: Box<str>,
    },
    /// A session of `sts:GetFederationToken`.
    FederatedUser {
        /// Its account.
        account: Box<str>,
        /// Its ARN.
        arn: Box<str>,
    },
    /// An AWS service.
    Service(Box<str>),
    /// An identity provider, by ARN or domain.
    Federated(Box<str>),
    /// An account by its canonical user id of S3. Which account that is cannot be told from the id.
    CanonicalUser(Box<str>),
    /// The unique id that AWS shows in place of a user or role that was deleted: nobody any more.
    Deleted(Box<str>),
}

/// How directly an entry names a caller, which decides what else limits the grant in its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Only the caller's account: its own policies must allow too.
    Account,
    /// The role behind the session (or the user behind the federated session): boundaries and session
    /// policies still limit.
    Limited,
    /// The caller itself, or everyone.
    Direct,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalError {
    /// A wildcard in a part of a name, which IAM does not accept.
    Wildcard,
    /// Neither an account, nor an ARN of a principal, nor a unique id.
    NotAPrincipal,
    /// A kind of principal that IAM does not know.
    UnknownKind,
}

impl fmt::Display for PrincipalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wildcard => "a wildcard cannot stand for a part of a principal's name",
            Self::NotAPrincipal => "neither an account nor the ARN of a principal",
            Self::UnknownKind => "not `AWS`, `Service`, `Federated` or `CanonicalUser`",
        })
    }
}

impl PrincipalPattern {
    /// Parses one value below one key of a principal map.
    ///
    /// # Errors
    /// A kind that does not exist, or a value that names no principal.
    pub fn parse(kind: &str, value: &str) -> Result<Self, PrincipalError> {
        match kind {
            "AWS" => Self::aws(value),
            _ if value.is_empty() => Err(PrincipalError::NotAPrincipal),
            "Service" => Ok(Self::Service(value.into())),
            "Federated" => Ok(Self::Federated(value.into())),
            "CanonicalUser" => Ok(Self::CanonicalUser(value.into())),
            _ => Err(PrincipalError::UnknownKind),
        }
    }

    fn aws(value: &str) -> Result<Self, PrincipalError> {
        if value == "*" {
            return Ok(Self::Everyone);
        }
        if value.contains(['*', '?']) {
            return Err(PrincipalError::Wildcard);
        }
        if is_account_id(value) {
            return Ok(Self::Account(value.into()));
        }
        let unique = value.len() >= 16 && value.bytes().all(|b| b.is_ascii_alphanumeric());
        if unique && ["AIDA", "AROA", "AKIA", "ASIA", "AGPA"].iter().any(|p| value.starts_with(p)) {
            return Ok(Self::Deleted(value.into()));
        }
        let (account, identity) = identify(value).ok_or(PrincipalError::NotAPrincipal)?;
        let origin_access = account == "cloudfront" && identity == Identity::User;
        if !is_account_id(account) && !origin_access {
            return Err(PrincipalError::NotAPrincipal);
        }
        let (account, arn) = (account.into(), value.into());
        Ok(match identity {
            Identity::Root => Self::Account(account),
            Identity::User => Self::User { account, arn },
            Identity::Role(name) => Self::Role { account, name: name.into(), arn },
            Identity::Session(role, session) => {
                Self::Session { account, role: role.into(), session: session.into(), arn }
            }
            Identity::FederatedUser => Self::FederatedUser { account, arn },
            Identity::Provider => return Err(PrincipalError::NotAPrincipal),
        })
    }

    /// Whether the entry fits a caller, and how directly. Unknown where the caller is not known well
    /// enough: a role without its session's name, the user behind a federated session, a canonical id.
    #[must_use]
    pub fn matches(&self, caller: &Caller) -> (Truth, Strength) {
        let direct = |fits: bool| (Truth::from(fits), Strength::Direct);
        match self {
            Self::Everyone => direct(true),
            Self::Account(id) => match caller {
                Caller::Root(account) => direct(account == id),
                other => (Truth::from(other.account() == Some(id)), Strength::Account),
            },
            Self::User { account, arn } => match caller {
                Caller::User { arn: own, .. } => direct(own == arn),
                Caller::FederatedUser { account: own, .. } if own == account => {
                    (Truth::Unknown, Strength::Limited)
                }
                _ => direct(false),
            },
            Self::Role { account, name, arn } => (
                Truth::from(match caller {
                    Caller::Role { arn: own, .. } => own == arn,
                    Caller::Session { account: own, role, .. } => own == account && role == name,
                    _ => false,
                }),
                Strength::Limited,
            ),
            Self::Session { account, role, arn, .. } => match caller {
                Caller::Session { arn: own, .. } => direct(own == arn),
                Caller::Role { account: own, name, .. } if own == account && name == role => {
                    (Truth::Unknown, Strength::Direct)
                }
                _ => direct(false),
            },
            Self::FederatedUser { arn, .. } => {
                direct(matches!(caller, Caller::FederatedUser { arn: own, .. } if own == arn))
            }
            Self::Service(name) => match caller {
                Caller::Service(_) if name.contains('*') => (Truth::Unknown, Strength::Direct),
                Caller::Service(own) => direct(own == name),
                _ => direct(false),
            },
            Self::Federated(name) => match caller {
                Caller::Federated(_) if name.contains('*') => (Truth::Unknown, Strength::Direct),
                Caller::Federated(own) => direct(own == name),
                _ => direct(false),
            },
            Self::CanonicalUser(_) => {
                (Truth::from(caller.account().is_some()).and(Truth::Unknown), Strength::Account)
            }
            Self::Deleted(_) => direct(false),
        }
    }

    /// The account that the entry belongs to, if it names one.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(account)
            | Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::Session { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Everyone
            | Self::Service(_)
            | Self::Federated(_)
            | Self::CanonicalUser(_)
            | Self::Deleted(_) => None,
        }
    }
}

impl fmt::Display for PrincipalPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Account(text)
            | Self::User { arn: text, .. }
            | Self::Role { arn: text, .. }
            | Self::Session { arn: text, .. }
            | Self::FederatedUser { arn: text, .. }
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text)
            | Self::Deleted(text) => f.write_str(text),
        }
    }
}
