//! Whether one statement is about a request: action, resource, conditions, and whom it names.

use super::super::condition;
use super::super::document::{Effect, Polarity, Statement};
use super::super::pattern::Case;
use super::super::principal::{Caller, PrincipalPattern, Strength};
use super::super::request::Request;
use super::super::truth::Truth;

/// Whether a statement's action, resource and conditions fit a request; its principal aside.
#[must_use]
#[inline]
pub fn applies(statement: &Statement, request: &Request) -> Truth {
    if !action(statement, request.action()) {
        return Truth::False;
    }
    let resource = resource(statement, request);
    if resource.is_false() {
        return Truth::False;
    }
    let mut result = resource;
    for condition in &statement.conditions {
        result = result.and(condition.satisfied(request.context()));
        if result.is_false() {
            break;
        }
    }
    result
}
#[inline]
fn action(statement: &Statement, action: &str) -> bool {
    let element = &statement.action;
    let covered = element.patterns.iter().any(|p| p.matches_plain(action, Case::Sensitive));
    covered == (element.polarity == Polarity::Only)
}

/// A variable without value matches no resource, neither in `Resource` nor in `NotResource`.
#[inline]
fn resource(statement: &Statement, request: &Request) -> Truth {
    let Some(element) = &statement.resource else { return Truth::True };
    let variables = condition::variables(request.context());
    let name = request.matched_resource();
    let covered = Truth::any(element.patterns.iter().map(|p| p.matches(name, &variables)));
    match element.polarity {
        Polarity::Only => covered,
        Polarity::Except => !covered,
    }
}

/// How a statement names a caller, by the strength of the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grants {
    /// By its account.
    pub account: Truth,
    /// By its role, or the user behind its session.
    pub limited: Truth,
    /// By itself, or as everyone.
    pub direct: Truth,
}

impl Grants {
    /// Does not name the caller.
    pub const NONE: Self =
        Self { account: Truth::False, limited: Truth::False, direct: Truth::False };
    /// It is not known how it names the caller.
    pub const UNKNOWN: Self =
        Self { account: Truth::Unknown, limited: Truth::Unknown, direct: Truth::Unknown };

    /// Names the caller in some way.
    #[must_use]
    #[inline]
    pub fn any(self) -> Truth {
        self.account.or(self.limited).or(self.direct)
    }

    /// Both hold: a condition on every strength.
    #[must_use]
    #[inline]
    pub fn and(self, truth: Truth) -> Self {
        Self {
            account: self.account.and(truth),
            limited: self.limited.and(truth),
            direct: self.direct.and(truth),
        }
    }

    /// One of two statements holds.
    #[must_use]
    #[inline]
    pub fn or(self, other: Self) -> Self {
        Self {
            account: self.account.or(other.account),
            limited: self.limited.or(other.limited),
            direct: self.direct.or(other.direct),
        }
    }
}

/// How a statement's principal element names a caller. `bounded`: whether the caller has a permissions
/// boundary, on which `NotPrincipal` with `Deny` depends. A statement without the element is about
/// whoever has the policy, hence direct.
#[must_use]
#[inline]
pub fn grants_to(statement: &Statement, caller: &Caller, bounded: Truth) -> Grants {
    let mut grants = Grants::NONE;
    let Some(element) = &statement.principal else {
        return Grants { direct: Truth::True, ..grants };
    };
    match (element.polarity, statement.effect) {
        (Polarity::Only, _) => {
            for pattern in &element.patterns {
                let (truth, strength) = pattern.matches(caller);
                let slot = match strength {
                    Strength::Account => &mut grants.account,
                    Strength::Limited => &mut grants.limited,
                    Strength::Direct => &mut grants.direct,
                };
                *slot = slot.or(truth);
            }
        }
        // Everybody else, anonymous callers among them.
        (Polarity::Except, Effect::Allow) => {
            grants.direct = !Truth::any(element.patterns.iter().map(|p| p.matches(caller).0));
        }
        (Polarity::Except, Effect::Deny) => {
            grants.direct = !exempt(&element.patterns, caller, bounded);
        }
    }
    grants
}

/// Whether `NotPrincipal` with `Deny` spares a caller (IAM User Guide,
/// reference_policies_elements_notprincipal): never one with a permissions boundary; a session only if
/// session, role and account are all listed. A user without its account "might" be denied, depending
/// on the service, which stays unknown.
fn exempt(patterns: &[PrincipalPattern], caller: &Caller, bounded: Truth) -> Truth {
    let listed = |wanted: &dyn Fn(&PrincipalPattern) -> bool| {
        Truth::any(patterns.iter().filter(|p| wanted(p)).map(|p| p.matches(caller).0))
    };
    let everyone = patterns.contains(&PrincipalPattern::Everyone);
    let account = listed(&|p| matches!(p, PrincipalPattern::Account(_)));
    let spared = match caller {
        _ if everyone => Truth::True,
        Caller::Anonymous | Caller::Service(_) | Caller::Federated(_) | Caller::Root(_) => {
            return listed(&|_| true);
        }
        Caller::User { .. } => {
            let user = listed(&|p| matches!(p, PrincipalPattern::User { .. }));
            user.and(account.or(Truth::Unknown))
        }
        Caller::FederatedUser { .. } => {
            let names = |p: &PrincipalPattern| {
                matches!(p, PrincipalPattern::FederatedUser { .. } | PrincipalPattern::User { .. })
            };
            listed(&names).and(account.or(Truth::Unknown))
        }
        Caller::Role { .. } | Caller::Session { .. } => {
            let role = listed(&|p| matches!(p, PrincipalPattern::Role { .. }));
            match caller {
                // Which session it is, and hence whether it is listed, is not known.
                Caller::Role { .. } => role.and(Truth::Unknown),
                _ => listed(&|p| matches!(p, PrincipalPattern::Session { .. }))
                    .and(role)
                    .and(account),
            }
        }
    };
    match caller {
        Caller::FederatedUser { .. } => spared,
        _ => spared.and(!bounded),
    }
}
