//! Who makes a request.

use std::fmt;

use super::{Identity, identify};

/// The principal of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Nobody: the request is not signed.
    Anonymous,
    /// An AWS service for itself, such as `cloudtrail.amazonaws.com`.
    Service(Box<str>),
    /// The root user of an account, by its id.
    Root(Box<str>),
    /// An IAM user.
    User {
        /// The id of its account.
        account: Box<str>,
        /// `arn:…:iam::A:user/path/Name`
        arn: Box<str>,
    },
    /// Some session of a role whose session name is not given.
    Role {
        /// The id of its account.
        account: Box<str>,
        /// The role's name without its path.
        name: Box<str>,
        /// `arn:…:iam::A:role/path/Name`
        arn: Box<str>,
    },
    /// A certain session of a role.
    Session {
        /// The id of its account.
        account: Box<str>,
        /// The role's name without its path.
        role: Box<str>,
        /// The session's name.
        session: Box<str>,
        /// `arn:…:sts::A:assumed-role/Role/Session`
        arn: Box<str>,
    },
    /// A session of `sts:GetFederationToken`.
    FederatedUser {
        /// The id of its account.
        account: Box<str>,
        /// `arn:…:sts::A:federated-user/Name`
        arn: Box<str>,
    },
    /// Somebody whom an identity provider vouches for, before a role is assumed.
    Federated(Box<str>),
}

/// Identity providers that are named by a domain and not by an ARN.
const WEB_IDENTITY: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

impl Caller {
    /// Parses `anonymous`, an ARN, or the name of a service. `None` for an ARN that is no principal's,
    /// and for a text that is none of the three.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "anonymous" || text == "*" {
            return Some(Self::Anonymous);
        }
        if WEB_IDENTITY.contains(&text) {
            return Some(Self::Federated(text.into()));
        }
        if !text.starts_with("arn:") {
            return text.contains('.').then(|| Self::Service(text.into()));
        }
        let (account, identity) = identify(text)?;
        let (account, arn) = (account.into(), text.into());
        Some(match identity {
            Identity::Root => Self::Root(account),
            Identity::User => Self::User { account, arn },
            Identity::Role(name) => Self::Role { account, name: name.into(), arn },
            Identity::Session(role, session) => {
                Self::Session { account, role: role.into(), session: session.into(), arn }
            }
            Identity::FederatedUser => Self::FederatedUser { account, arn },
            Identity::Provider => Self::Federated(arn),
        })
    }

    /// The account the caller belongs to; services, anonymous callers and the users of an identity
    /// provider belong to none.
    #[must_use]
    #[inline]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Anonymous | Self::Service(_) | Self::Federated(_) => None,
            Self::Root(account)
            | Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::Session { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
        }
    }

    /// Whether the caller is a service-linked role: its trust and permissions are fixed by AWS, and
    /// neither SCPs nor RCPs touch it. Such roles have the path `aws-service-role/`, and AWS reserves
    /// names that begin with `AWSServiceRoleFor` for them, which is all that a session shows.
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        match self {
            Self::Role { arn, .. } => arn.contains(":role/aws-service-role/"),
            Self::Session { role, .. } => role.starts_with("AWSServiceRoleFor"),
            Self::Anonymous
            | Self::Service(_)
            | Self::Root(_)
            | Self::User { .. }
            | Self::FederatedUser { .. }
            | Self::Federated(_) => false,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Service(name) | Self::Federated(name) => f.write_str(name),
            Self::Root(account) => write!(f, "the root user of {account}"),
            Self::User { arn, .. }
            | Self::Role { arn, .. }
            | Self::Session { arn, .. }
            | Self::FederatedUser { arn, .. } => f.write_str(arn),
        }
    }
}
