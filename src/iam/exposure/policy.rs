//! A resource policy as the questions see it: what it mentions, and whom its statements are about.

use super::super::document::{Document, Polarity, Statement};
use super::super::evaluate::grants_to;
use super::super::principal::{self, PrincipalPattern};
use super::super::space::{Rule, Terms};
use super::super::truth::Truth;
use super::caller::{Caller, Identity, Individual, Names};
use super::mentions::Mentions;

/// The statement as the space of requests sees it.
pub(in crate::iam) fn rule(statement: &Statement) -> Rule<'_> {
    Rule {
        actions: Terms {
            negated: statement.action.polarity == Polarity::Except,
            patterns: &statement.action.patterns,
        },
        resources: statement.resource.as_ref().map(|element| Terms {
            negated: element.polarity == Polarity::Except,
            patterns: &element.patterns,
        }),
        conditions: &statement.conditions,
    }
}

/// What a document names in its principals.
pub(in crate::iam) fn names<'a>(documents: impl Iterator<Item = &'a Document>) -> Names {
    let mut names = Names::default();
    let statements = documents.flat_map(|document| document.statements.iter());
    for pattern in statements.filter_map(|s| s.principal.as_ref()).flat_map(|p| p.patterns.iter()) {
        match pattern {
            PrincipalPattern::Everyone | PrincipalPattern::Deleted(_) => {}
            PrincipalPattern::Account(id) => {
                names.accounts.insert(id.to_string());
            }
            PrincipalPattern::User { arn, .. }
            | PrincipalPattern::Role { arn, .. }
            | PrincipalPattern::Session { arn, .. }
            | PrincipalPattern::FederatedUser { arn, .. } => {
                names.arns.insert(arn.to_string());
            }
            PrincipalPattern::Service(name) => {
                names.services.insert(name.to_string());
            }
            PrincipalPattern::Federated(name) => {
                names.providers.insert(name.to_string());
            }
            PrincipalPattern::CanonicalUser(id) => {
                names.canonical.insert(id.to_string());
            }
        }
    }
    names
}

/// What documents mention in their conditions and variables, and the accounts of their principals.
pub(in crate::iam) fn mentions<'a>(
    documents: impl Iterator<Item = &'a Document>,
    names: &Names,
) -> Mentions {
    let mut mentions = Mentions::default();
    for statement in documents.flat_map(|document| document.statements.iter()) {
        for condition in &statement.conditions {
            mentions.condition(condition);
        }
        for resource in statement.resource.iter().flat_map(|element| element.patterns.iter()) {
            mentions.pattern(resource.pattern());
        }
    }
    mentions.accounts.extend(names.accounts.iter().cloned());
    mentions
}

/// How a statement's principals fit a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) struct Fit {
    pub(in crate::iam) truth: Truth,
    /// Whether the caller is a service that the statement names.
    pub(in crate::iam) service: bool,
}

/// Whether a statement is about a caller. A statement without principals is about everybody. A
/// canonical id is a caller of its own, which no other entry names.
pub(in crate::iam) fn fit(statement: &Statement, caller: &Caller, who: &principal::Caller) -> Fit {
    let Some(element) = &statement.principal else {
        return Fit { truth: Truth::True, service: false };
    };
    let canonical =
        element.patterns.iter().any(|p| matches!(p, PrincipalPattern::CanonicalUser(_)));
    let truth = match &caller.identity {
        Identity::Canonical { id } => {
            let named = element.patterns.iter().any(|pattern| match pattern {
                PrincipalPattern::Everyone => true,
                PrincipalPattern::CanonicalUser(own) => **own == **id,
                _ => false,
            });
            Truth::from(named == (element.polarity == Polarity::Only))
        }
        _ if canonical && element.polarity == Polarity::Only => {
            let others = element
                .patterns
                .iter()
                .filter(|p| !matches!(p, PrincipalPattern::CanonicalUser(_)));
            Truth::any(others.map(|pattern| pattern.matches(who).0))
        }
        _ => grants_to(statement, who, Truth::False).any(),
    };
    let service = element.polarity == Polarity::Only
        && element.patterns.iter().any(|pattern| {
            matches!(pattern, PrincipalPattern::Service(_)) && !pattern.matches(who).0.is_false()
        });
    Fit { truth, service }
}

/// The caller as the evaluator knows it.
pub(in crate::iam) fn principal(caller: &Caller) -> principal::Caller {
    let text = match &caller.identity {
        Identity::Anonymous | Identity::Canonical { .. } => "anonymous".to_owned(),
        Identity::Account { id, individual, .. } => match individual {
            Individual::Root => format!("arn:aws:iam::{id}:root"),
            Individual::User => format!("arn:aws:iam::{id}:user/{UNNAMED}"),
            Individual::Role => format!("arn:aws:sts::{id}:assumed-role/{UNNAMED}/session"),
            Individual::Named(arn) => session(arn).unwrap_or_else(|| arn.clone()),
        },
        Identity::Service { name, .. } => return principal::Caller::Service(name.as_str().into()),
        Identity::Federated { provider } => {
            return principal::Caller::Federated(provider.as_str().into());
        }
    };
    principal::Caller::parse(&text).unwrap_or(principal::Caller::Anonymous)
}

/// A session of a role, given by its ARN.
pub(in crate::iam) fn session(role: &str) -> Option<String> {
    match principal::Caller::parse(role)? {
        principal::Caller::Role { account, name, .. } => {
            let partition = role.split(':').nth(1)?;
            Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}/session"))
        }
        _ => None,
    }
}

/// The name of principals that nothing names.
pub(in crate::iam) const UNNAMED: &str = "somebody";
