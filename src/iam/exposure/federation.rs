//! Identity providers: what their tokens vouch for, and who can get one.
//!
//! A provider that signs tokens for anyone who signs up (GitHub, Google, Facebook, …) vouches for
//! nothing but the subject and the audience; a trust policy that pins neither is open to the world.

use super::super::atoms::{Pattern, Token};
use super::super::space::{Fact, glob};
use super::facts::Naming;
use super::mentions::Mentions;

/// Providers of OpenID Connect that hand tokens to anyone who signs up.
const OPEN: &[&str] = &[
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "accounts.google.com",
    "app.terraform.io",
    "agent.buildkite.com",
    "oidc.circleci.com",
    "api.bitbucket.org",
    "oidc.vercel.com",
    "cognito-identity.amazonaws.com",
    "www.amazon.com",
    "graph.facebook.com",
    "appleid.apple.com",
];

/// The kinds of federated principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider<'a> {
    /// OpenID Connect or web identity, by the host that issues the tokens.
    Oidc(&'a str),
    /// A SAML provider of an account.
    Saml,
}

impl<'a> Provider<'a> {
    /// Reads the value of a `Federated` principal.
    pub fn parse(text: &'a str) -> Self {
        match text.split_once(":oidc-provider/") {
            Some((_, host)) => Self::Oidc(host),
            None if text.contains(":saml-provider/") => Self::Saml,
            None => Self::Oidc(text),
        }
    }

    /// Whether anyone in the world can get a token.
    pub fn is_open(self) -> bool {
        match self {
            Self::Oidc(host) => {
                OPEN.iter().any(|open| host == *open || host.starts_with(&format!("{open}/")))
            }
            Self::Saml => false,
        }
    }
}

/// What is known about a key when this provider vouches for the caller.
pub(in crate::iam) fn fact(provider: &str, key: &str, mentions: &Mentions, naming: Naming) -> Fact {
    if let Provider::Oidc(host) = Provider::parse(provider)
        && let Some(claim) = key.strip_prefix(&format!("{}:", host.to_ascii_lowercase()))
    {
        return claim_fact(claim, key, mentions, naming);
    }
    match key {
        "aws:principalisawsservice" => Fact::exactly(["false"]),
        "aws:federatedprovider" => Fact::exactly([provider]),
        "aws:principalaccount"
        | "aws:principalarn"
        | "aws:principalorgid"
        | "aws:username"
        | "aws:principalorgpaths"
        | "aws:sourcearn"
        | "aws:sourceaccount"
        | "aws:sourceorgid"
        | "aws:sourceorgpaths"
        | "aws:principalservicename"
        | "aws:principalservicenameslist"
        | "aws:sourceowner"
        | "kms:calleraccount" => Fact::absent(),
        key if key.starts_with("aws:principaltag/") => Fact::free(),
        _ => Fact::free(),
    }
}

/// In a fresh scenario a stranger has no claim that the policy spells out, and none under a name
/// that belongs to somebody: the part of a subject before the first wildcard, up to a separator.
fn claim_fact(claim: &str, key: &str, mentions: &Mentions, naming: Naming) -> Fact {
    if naming != Naming::Fresh || claim == "aud" && !is_client(key) {
        return if claim == "sub" || claim == "aud" { Fact::present() } else { Fact::free() };
    }
    let owned = mentions.values(key).iter().filter_map(namespace);
    let fact = Fact::present().except(mentions.fixed(key)).except(owned);
    if claim == "sub" || claim == "aud" || claim == "app_id" { fact } else { fact.or_absent() }
}

/// Whether the audience is the id of an application that somebody registered, rather than a text
/// that the one who asks for the token chooses.
fn is_client(key: &str) -> bool {
    [
        "cognito-identity.amazonaws.com",
        "www.amazon.com",
        "graph.facebook.com",
        "accounts.google.com",
        "appleid.apple.com",
    ]
    .iter()
    .any(|host| key.starts_with(host))
}

/// Everything below the name that a pattern of a subject fixes: of `repo:acme/*:ref:*` that is
/// `repo:acme/*`, of `repo:ac*` nothing.
fn namespace(pattern: &Pattern) -> Option<Pattern> {
    let fixed: Vec<Token> = pattern
        .tokens()
        .iter()
        .copied()
        .take_while(|token| matches!(token, Token::Char(_)))
        .collect();
    let text: String = fixed
        .iter()
        .filter_map(|token| match token {
            Token::Char(c) => Some(*c),
            _ => None,
        })
        .collect();
    let (label, rest) = text.split_once(':')?;
    let end = rest.find(['/', ':'])?;
    let owner = rest.get(..end)?;
    (!owner.is_empty()).then(|| {
        let separator = rest.get(end..=end).unwrap_or_default();
        glob(&format!("{label}:{owner}{separator}*"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_belongs_to_the_name_before_its_wildcard() {
        assert_eq!(namespace(&glob("repo:acme/app:*")), Some(glob("repo:acme/*")));
        assert_eq!(namespace(&glob("repo:acme/*")), Some(glob("repo:acme/*")));
        assert_eq!(
            namespace(&glob("organization:acme:project:*")),
            Some(glob("organization:acme:*"))
        );
        assert_eq!(namespace(&glob("repo:ac*")), None);
        assert_eq!(namespace(&glob("repo:*")), None);
        assert_eq!(namespace(&glob("*")), None);
    }

    #[test]
    fn providers_are_open_by_their_host() {
        let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        assert!(Provider::parse(github).is_open());
        let cluster =
            "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB";
        assert!(!Provider::parse(cluster).is_open());
        assert_eq!(Provider::parse("arn:aws:iam::111122223333:saml-provider/Corp"), Provider::Saml);
    }
}
