//! Principals: how policy documents name them, who makes a request, and which of the two fit.
//!
//! Source: IAM User Guide, reference_policies_elements_principal. Knows nothing about statements.

mod caller;
mod named;

pub use caller::Caller;
pub use named::{PrincipalError, PrincipalPattern, Strength};

/// What an ARN of IAM or STS stands for when it is a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity<'a> {
    /// `arn:…:iam::A:root`: the account, or its root user as a caller.
    Root,
    /// `arn:…:iam::A:user/path/Name`
    User,
    /// `arn:…:iam::A:role/path/Name`: the name without its path.
    Role(&'a str),
    /// `arn:…:sts::A:assumed-role/Role/Session`
    Session(&'a str, &'a str),
    /// `arn:…:sts::A:federated-user/Name`
    FederatedUser,
    /// `arn:…:iam::A:oidc-provider/…` or `saml-provider/…`
    Provider,
}

/// Takes the ARN of a principal apart: its account and what it stands for.
pub(crate) fn identify(arn: &str) -> Option<(&str, Identity<'_>)> {
    let mut segments = arn.splitn(6, ':');
    let mut segment = || segments.next();
    if segment()? != "arn" || segment()?.is_empty() {
        return None;
    }
    let service = segment()?;
    let (region, account, name) = (segment()?, segment()?, segment()?);
    if !region.is_empty() || account.is_empty() {
        return None;
    }
    let (kind, rest) = name.split_once('/').unwrap_or((name, ""));
    let last = rest.rsplit('/').next().unwrap_or_default();
    let identity = match (service, kind) {
        ("iam", "root") if name == "root" => Identity::Root,
        ("iam", "user") if !last.is_empty() => Identity::User,
        ("iam", "role") if !last.is_empty() => Identity::Role(last),
        ("iam", "oidc-provider" | "saml-provider") if !rest.is_empty() => Identity::Provider,
        ("sts", "federated-user") if !rest.is_empty() => Identity::FederatedUser,
        ("sts", "assumed-role") => match rest.split_once('/') {
            Some((role, session)) if !role.is_empty() && !session.is_empty() => {
                Identity::Session(role, session)
            }
            _ => return None,
        },
        _ => return None,
    };
    Some((account, identity))
}

/// Whether a text is the id of an account: twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests;
