//! Assuming the scanner's role in an account.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future::ProvideCredentials as Providing};
use aws_sdk_sts as sts;
use thiserror::Error;

use super::failure::{CallError, ErrorKind};
use super::traffic::Caller;
use crate::aws::{AccountId, Partition};
use crate::schema::Call;

/// Takes a role in an account.
pub const ASSUME_ROLE: Call =
    Call { service: "sts", operation: "AssumeRole", actions: &["sts:AssumeRole"], absent: &[] };

/// The role that is assumed in each account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name, with its path if it has one: `PosturaAudit`, `security/PosturaAudit`.
    pub name: String,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// The name of the session, which CloudTrail shows in the account.
    pub session_name: String,
    /// Whether the caller's own account is read through the role too, instead of directly.
    pub in_own_account: bool,
}

impl Default for Role {
    fn default() -> Self {
        Self {
            name: "PosturaAudit".into(),
            external_id: None,
            session_name: "postura".into(),
            in_own_account: false,
        }
    }
}

impl Role {
    /// The role's ARN in an account.
    pub fn arn(&self, partition: Partition, account: &AccountId) -> String {
        let name = self.name.trim_start_matches('/');
        format!("arn:{partition}:iam::{account}:role/{name}")
    }
}

/// Why a role could not be assumed; travels inside the SDK's error for credentials.
#[derive(Debug, Clone, Error)]
#[error("the role could not be assumed: {}", .0.code)]
pub struct NotAssumed(pub CallError);

/// Gives the credentials of the role in one account.
#[derive(Clone)]
pub(super) struct RoleProvider {
    pub client: sts::Client,
    pub caller: Caller,
    pub role: Role,
    pub arn: String,
}

impl std::fmt::Debug for RoleProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RoleProvider({})", self.arn)
    }
}

impl ProvideCredentials for RoleProvider {
    fn provide_credentials<'a>(&'a self) -> Providing<'a>
    where
        Self: 'a,
    {
        Providing::new(async {
            self.assume().await.map_err(|error| CredentialsError::provider_error(NotAssumed(error)))
        })
    }
}

impl RoleProvider {
    async fn assume(&self) -> Result<Credentials, CallError> {
        let request = self
            .client
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(&self.role.session_name)
            .set_external_id(self.role.external_id.clone());
        let answer = self.caller.call(&ASSUME_ROLE, || request.clone().send()).await;
        let answer = answer.map_err(|error| match error.kind {
            ErrorKind::Interrupted => error,
            _ => CallError { kind: ErrorKind::NotAssumed, ..error },
        })?;
        let given = answer.credentials.ok_or_else(|| CallError {
            kind: ErrorKind::NotAssumed,
            code: "NoCredentialsInReply".into(),
        })?;
        let expiry = SystemTime::try_from(given.expiration).map_err(|_| CallError {
            kind: ErrorKind::NotAssumed,
            code: "NoExpiryInReply".into(),
        })?;
        Ok(Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(expiry),
            "AssumeRole",
        ))
    }
}
