//! Credentials without state: access keys name their account, session tokens carry who they stand
//! for and when they end.

use jiff::Timestamp;

use super::refusal::Refusal;
use super::request::{Request, Service};

/// Who signs a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The role session, where it is one: role name and session name.
    pub role: Option<(String, String)>,
}

/// An access key id for long-lived credentials of an account.
pub fn base_key(account: &str) -> String {
    format!("AKIA{account}BASE")
}

/// An access key id for a role session in an account.
pub fn session_key(account: &str) -> String {
    format!("ASIA{account}ROLE")
}

/// A session token that says what the session is and when it ends.
pub fn session_token(account: &str, role: &str, name: &str, ends: Timestamp) -> String {
    format!("synthetic/{account}/{role}/{name}/{}", ends.as_second())
}

/// Finds out who signs; refuses keys that are none of ours and sessions that have ended.
pub fn caller(request: &Request, now: Timestamp) -> Result<Caller, Refusal> {
    let service = request.service;
    let unknown = || Refusal::unknown_credentials(service);
    let key = request.access_key.as_str();
    let account = key.get(4..16).filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
    let account = account.ok_or_else(unknown)?.to_owned();
    let role = match (key.get(..4), request.session_token.as_deref()) {
        (Some("AKIA"), None) => None,
        (Some("ASIA"), Some(token)) => {
            Some(session(token, &account, service, now).ok_or_else(unknown)??)
        }
        _ => return Err(unknown()),
    };
    Ok(Caller { account, role })
}

/// `None` for a token that is not of this account.
fn session(
    token: &str,
    account: &str,
    service: Service,
    now: Timestamp,
) -> Option<Result<(String, String), Refusal>> {
    let mut parts = token.strip_prefix("synthetic/")?.splitn(4, '/');
    (parts.next()? == account).then_some(())?;
    let (role, name) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let ends: i64 = parts.next()?.parse().ok()?;
    let live = now.as_second() < ends;
    Some(if live { Ok((role, name)) } else { Err(Refusal::expired(service)) })
}

impl Caller {
    /// The ARN as GetCallerIdentity gives it.
    pub fn arn(&self, partition: &str) -> String {
        let account = &self.account;
        match &self.role {
            None => format!("arn:{partition}:iam::{account}:user/auditor"),
            Some((role, name)) => {
                format!("arn:{partition}:sts::{account}:assumed-role/{role}/{name}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::params::Params;

    fn request(key: String, token: Option<String>) -> Request {
        Request {
            access_key: key,
            session_token: token,
            region: "eu-west-1".into(),
            service: Service::Sts,
            operation: "GetCallerIdentity".into(),
            params: Params::default(),
        }
    }

    #[test]
    fn keys_name_their_account_and_sessions_end() {
        let now = Timestamp::from_second(1_000).expect("in range");
        let base = caller(&request(base_key("111122223333"), None), now).expect("known");
        assert_eq!(base.arn("aws"), "arn:aws:iam::111122223333:user/auditor");
        let ends = Timestamp::from_second(1_001).expect("in range");
        let token = session_token("444455556666", "Audit", "me", ends);
        let signed = request(session_key("444455556666"), Some(token.clone()));
        let role = caller(&signed, now).expect("live");
        assert_eq!(role.arn("aws"), "arn:aws:sts::444455556666:assumed-role/Audit/me");
        assert_eq!(caller(&signed, ends), Err(Refusal::expired(Service::Sts)));
        let foreign = request(session_key("111122223333"), Some(token));
        assert_eq!(caller(&foreign, now), Err(Refusal::unknown_credentials(Service::Sts)));
        assert!(caller(&request("AKIAEXAMPLE".into(), None), now).is_err());
    }
}
