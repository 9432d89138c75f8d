//! S3's syntactic status of a policy, as `GetBucketPolicyStatus` reports it and as Block Public
//! Access uses it: *public* unless every grant is limited to fixed values of certain keys.
//!
//! Source: S3 User Guide, access-control-block-public-access, "The meaning of public". The rule
//! looks at each statement for itself; denials do not count, nor does what an action does. It is
//! therefore not the answer to "can anyone get in" (see [`super::super::exposure`]).

use super::super::atoms::{AddressRange, Family};
use super::super::condition::{Condition, Family as Comparison, Operand, Quantifier, Test};
use super::super::document::{Document, Effect, Polarity, Statement};
use super::super::exposure::ResourceKind;
use super::super::principal::PrincipalPattern;

/// Whether S3 calls a policy public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicStatus {
    /// The status.
    pub public: bool,
    /// The first statement that makes it public, by its place in the document.
    pub statement: Option<usize>,
    /// The reason, in a sentence without a full stop.
    pub why: String,
}

/// The status of a bucket policy, or of an access point's policy.
pub fn public_status(policy: &Document, kind: ResourceKind) -> PublicStatus {
    let public = policy.statements.iter().find(|statement| is_public(statement, kind));
    match public {
        Some(statement) => PublicStatus {
            public: true,
            statement: Some(statement.index),
            why: format!("{} is not limited to fixed values", statement.label()),
        },
        None => PublicStatus {
            public: false,
            statement: None,
            why: "every grant is limited to fixed principals, networks or sources".into(),
        },
    }
}

fn is_public(statement: &Statement, kind: ResourceKind) -> bool {
    statement.effect == Effect::Allow
        && !has_fixed_principals(statement)
        && !statement.conditions.iter().any(|condition| limits(condition, kind))
}

/// Whether every principal is one: an account, a user, a role, a service. What an identity provider
/// vouches for is not.
fn has_fixed_principals(statement: &Statement) -> bool {
    let Some(element) = &statement.principal else { return false };
    element.polarity == Polarity::Only
        && element.patterns.iter().all(|pattern| match pattern {
            PrincipalPattern::Everyone | PrincipalPattern::Federated(_) => false,
            PrincipalPattern::Service(name) => !name.contains('*'),
            PrincipalPattern::Account(_)
            | PrincipalPattern::User { .. }
            | PrincipalPattern::Role { .. }
            | PrincipalPattern::Session { .. }
            | PrincipalPattern::FederatedUser { .. }
            | PrincipalPattern::CanonicalUser(_)
            | PrincipalPattern::Deleted(_) => true,
        })
}

/// Keys that limit a grant if they are compared with fixed values only.
const LIMITING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether a condition limits a grant. Operators that also hold for absent keys do not, nor do
/// those that say what a value must not be.
fn limits(condition: &Condition, kind: ResourceKind) -> bool {
    let operator = condition.operator;
    if operator.negated
        || operator.if_exists
        || operator.quantifier == Quantifier::ForAllValues
        || condition.operands.is_empty()
    {
        return false;
    }
    let operands = &condition.operands;
    match (&*condition.key, operator.family) {
        (_, Comparison::Null) => false,
        ("aws:sourceip", Comparison::IpAddress) => operands.iter().all(is_narrow),
        ("aws:sourceip", _) => false,
        ("s3:dataaccesspointarn", _) => {
            kind != ResourceKind::AccessPoint && operands.iter().all(names_account)
        }
        ("aws:principalisawsservice", _) => {
            operands.iter().all(|operand| operand.text.eq_ignore_ascii_case("true"))
        }
        ("aws:userid", _) => {
            operands.iter().all(|operand| is_fixed(operand) || is_role_id(operand))
        }
        (key, _) => LIMITING.contains(&key) && operands.iter().all(is_fixed),
    }
}

/// Without wildcard and without policy variable, whatever the operator makes of a `*`.
fn is_fixed(operand: &Operand) -> bool {
    let wild = operand.text.contains(['*', '?']);
    !wild
        && match &operand.test {
            Test::Text(pattern) => !pattern.has_variable(),
            Test::Arn(pattern) => pattern.is_fixed(),
            Test::Bool(_)
            | Test::Number(_)
            | Test::Instant(_)
            | Test::Bytes(_)
            | Test::Range(_) => true,
            Test::Unusable => false,
        }
}

/// `AROA…:*`: all sessions of one role.
fn is_role_id(operand: &Operand) -> bool {
    operand.text.strip_suffix(":*").is_some_and(|id| {
        id.starts_with("AROA") && id.len() > 4 && id.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// The ARN of an access point whose account is fixed; its name need not be.
fn names_account(operand: &Operand) -> bool {
    let Test::Text(pattern) = &operand.test else {
        return match &operand.test {
            Test::Arn(pattern) => pattern
                .segments()
                .get(4)
                .and_then(|account| account.literal())
                .is_some_and(is_account),
            _ => false,
        };
    };
    !pattern.has_variable() && operand.text.split(':').nth(4).is_some_and(is_account)
}

fn is_account(text: &str) -> bool {
    super::super::principal::is_account_id(text)
}

/// No wider than a /8 (a /32 for the newer addresses), or private (RFC 1918).
fn is_narrow(operand: &Operand) -> bool {
    let Some(range) = AddressRange::parse(&operand.text) else { return false };
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    let widest: u128 = match range.family {
        Family::V4 => 1 << 24,
        Family::V6 => 1 << 96,
    };
    range.size() <= widest
        || private.iter().filter_map(|text| AddressRange::parse(text)).any(|own| own.covers(&range))
}

#[cfg(test)]
mod tests;
