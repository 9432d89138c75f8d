//! What an error of the SDK means: the one place where error codes are told apart.
//!
//! Which codes say *not configured* is each call's own affair ([`Call::absent`]). Nothing here
//! guesses that a region is switched off: the codes for that are also those of bad credentials.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::complete::is_truncation;
use crate::aws::{AccountId, Region};
use crate::inventory::{Reason, ReasonKind};
use crate::schema::Call;

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// What it means.
    pub kind: ErrorKind,
    /// The error code of AWS, or what happened in a word.
    pub code: String,
}

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// AWS says: not configured.
    Absent,
    /// AWS refused the call.
    Denied,
    /// AWS kept asking us to slow down.
    Throttled,
    /// Another failure.
    Failed,
    /// The account's role could not be assumed, or not again.
    NotAssumed,
    /// The scan was stopped.
    Interrupted,
}

impl CallError {
    /// The scan was stopped before the call was answered.
    pub fn interrupted() -> Self {
        Self { kind: ErrorKind::Interrupted, code: "the scan was stopped".into() }
    }

    /// A failure that is not AWS's word.
    pub fn failed(what: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Failed, code: what.into() }
    }

    /// Whether AWS says that it is not configured.
    pub fn is_absent(&self) -> bool {
        self.kind == ErrorKind::Absent
    }

    /// The reason that goes into slots, lists and gaps.
    pub fn reason(
        &self,
        call: &Call,
        account: Option<&AccountId>,
        region: Option<&Region>,
    ) -> Reason {
        let action = call.actions.first().copied().unwrap_or(call.operation);
        let (kind, action) = match self.kind {
            ErrorKind::Denied => (ReasonKind::Denied, action),
            ErrorKind::Throttled => (ReasonKind::Throttled, action),
            ErrorKind::Failed | ErrorKind::Absent => (ReasonKind::Failed, action),
            ErrorKind::NotAssumed => (ReasonKind::NotAssumed, "sts:AssumeRole"),
            ErrorKind::Interrupted => (ReasonKind::Interrupted, action),
        };
        Reason {
            account: account.cloned(),
            region: region.cloned(),
            ..Reason::new(kind, action, self.code.clone())
        }
    }
}

/// No answer came in time.
pub(super) const TIMEOUT: &str = "Timeout";

/// Nothing was sent: the last calls to the same service and region were not answered in time.
pub(super) const NOT_ASKED: &str = "NotAskedAfterTimeouts";

/// No connection could be made, or it broke.
pub(super) const CONNECTION_FAILED: &str = "ConnectionFailed";

/// What can be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Wait, with growing patience.
    SlowDown,
    /// Try again soon.
    TryAgain,
    /// Fetch new credentials and try again.
    Renew,
    /// Nothing.
    GiveUp,
}

/// An error, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What to report when it stays.
    pub error: CallError,
    /// What to do about it.
    pub remedy: Remedy,
}

/// What an error of a call means.
pub fn understand<E>(call: &Call, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    if is_truncation(error) {
        return failure(ErrorKind::Failed, "TruncatedReply", Remedy::TryAgain);
    }
    match (error, error.meta().code()) {
        (_, Some(code)) => by_code(call, code, status),
        (SdkError::ServiceError(_), None) => by_status(status),
        (SdkError::TimeoutError(_), None) => failure(ErrorKind::Failed, TIMEOUT, Remedy::TryAgain),
        (SdkError::DispatchFailure(dispatch), None) if dispatch.is_timeout() => {
            failure(ErrorKind::Failed, TIMEOUT, Remedy::TryAgain)
        }
        (SdkError::DispatchFailure(dispatch), None) if dispatch.is_user() => {
            failure(ErrorKind::Failed, "RequestNotSent", Remedy::GiveUp)
        }
        (SdkError::DispatchFailure(_), None) => {
            failure(ErrorKind::Failed, CONNECTION_FAILED, Remedy::TryAgain)
        }
        (SdkError::ResponseError(_), None) => {
            failure(ErrorKind::Failed, "UnreadableReply", Remedy::TryAgain)
        }
        (_, None) => failure(ErrorKind::Failed, "RequestNotSent", Remedy::GiveUp),
    }
}

fn failure(kind: ErrorKind, code: &str, remedy: Remedy) -> Failure {
    Failure { error: CallError { kind, code: code.into() }, remedy }
}

/// Codes by which AWS asks to slow down. `LimitExceeded` is IAM's for the credential report.
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Codes by which AWS refuses.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "NotAuthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
];

/// Codes of credentials that have ended.
const EXPIRED: &[&str] =
    &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];

/// Codes of failures that pass.
const TRANSIENT: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "RequestTimeTooSkewed",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Unavailable",
];

fn by_code(call: &Call, code: &str, status: Option<u16>) -> Failure {
    let has = |codes: &[&str]| codes.contains(&code);
    let server_side = status.is_some_and(|status| status >= 500);
    let (kind, remedy) = if call.absent.contains(&code) {
        (ErrorKind::Absent, Remedy::GiveUp)
    } else if has(THROTTLED) || status == Some(429) {
        (ErrorKind::Throttled, Remedy::SlowDown)
    } else if has(DENIED) {
        (ErrorKind::Denied, Remedy::GiveUp)
    } else if has(EXPIRED) {
        (ErrorKind::Failed, Remedy::Renew)
    } else if has(TRANSIENT) || server_side {
        (ErrorKind::Failed, Remedy::TryAgain)
    } else {
        (ErrorKind::Failed, Remedy::GiveUp)
    };
    failure(kind, &printable(code), remedy)
}

fn by_status(status: Option<u16>) -> Failure {
    match status {
        Some(status @ (429 | 503)) => {
            failure(ErrorKind::Throttled, &format!("HTTP {status}"), Remedy::SlowDown)
        }
        Some(status @ 403) => failure(ErrorKind::Denied, &format!("HTTP {status}"), Remedy::GiveUp),
        Some(status) if status >= 500 => {
            failure(ErrorKind::Failed, &format!("HTTP {status}"), Remedy::TryAgain)
        }
        Some(status) if status >= 300 => {
            failure(ErrorKind::Failed, &format!("HTTP {status}"), Remedy::GiveUp)
        }
        // A success whose body is nothing that the operation answers.
        Some(_) | None => failure(ErrorKind::Failed, "UnreadableReply", Remedy::GiveUp),
    }
}

/// A code as AWS spells codes; anything else that a server may send is cut down to that.
fn printable(code: &str) -> String {
    let keep = |letter: &char| letter.is_ascii_alphanumeric() || "._-:".contains(*letter);
    let code: String = code.chars().filter(keep).take(80).collect();
    if code.is_empty() { "NoCode".into() } else { code }
}
