//! What a policy that can be used should do better.

use super::exception::Accepted;
use super::scope::Scope;
use super::source::ExceptionRule;
use super::{Context, Policy, PolicyError, library};
use crate::diagnostic::Diagnostic;

/// Loads a policy by itself and with each of its environments, and returns advice.
///
/// # Errors
/// An unknown name, a file that cannot be read, or every mistake of the files involved.
pub fn lint(name: &str, context: &Context<'_>) -> Result<Vec<Diagnostic>, PolicyError> {
    let environments = library::environments(name, context)?;
    let mut found = Vec::new();
    let chosen = environments.iter().map(|name| Some(name.as_str()));
    for environment in std::iter::once(None).chain(chosen) {
        let policy = Policy::load(name, &Context { environment, ..*context })?;
        found.extend(advice(&policy, context));
    }
    found.sort_by(|a, b| {
        (&a.file.name, a.span, &a.message).cmp(&(&b.file.name, b.span, &b.message))
    });
    found.dedup();
    Ok(found)
}

fn advice(policy: &Policy, context: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, it) in policy.exceptions.iter().enumerate() {
        let rule = &it.rule;
        let mut warn = |message: String, help: &str| {
            found.push(Diagnostic::warning(&it.file, rule.span, message).help(help));
        };
        if let Some(day) = rule.expires.as_ref().filter(|day| day.value < context.today) {
            let message = format!("this exception expired on {}", day.value);
            warn(message, "its findings count again: take it out, or decide anew");
        }
        let mut checks =
            policy.checks.iter().filter(|it| rule.check.value.matches(it.id.as_str())).peekable();
        if checks.peek().is_none() {
            let message =
                format!("the policy selects no check that `{}` matches", rule.check.value);
            warn(message, "take the exception out, or select the check");
        }
        let earlier = policy.exceptions.iter().take(at);
        if let Some(first) =
            earlier.filter(|first| lasts(first, it)).find(|first| covers(&first.rule, rule))
        {
            let message = format!("the exception at {} accepts all of this", first.at);
            warn(message, "the first that holds wins: this one will never be used");
        }
    }
    found
}

/// Whether an exception holds at least as long as another.
fn lasts(first: &Accepted, other: &Accepted) -> bool {
    match (&first.rule.expires, &other.rule.expires) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(first), Some(other)) => first.value >= other.value,
    }
}

fn covers(wide: &ExceptionRule, narrow: &ExceptionRule) -> bool {
    let (a, b) = (&wide.check.value, &narrow.check.value);
    let check = a == b || (!b.is_glob() && a.matches(b.as_str()));
    let resource = match (&wide.resource, &narrow.resource) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(a), Some(b)) => {
            a.value == b.value || (!b.value.is_glob() && a.value.matches(b.value.as_str()))
        }
    };
    check && resource && covers_scope(&wide.scope, &narrow.scope)
}

fn covers_scope(wide: &Scope, narrow: &Scope) -> bool {
    fn all<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
        wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|it| wide.contains(it)))
    }
    all(&wide.accounts, &narrow.accounts)
        && all(&wide.organizational_units, &narrow.organizational_units)
        && all(&wide.regions, &narrow.regions)
        && wide.tags.iter().all(|tag| narrow.tags.contains(tag))
}

/// What `postura policies show` prints of the exceptions: where each stands and what it says.
pub(super) fn exceptions(policy: &Policy, context: &Context<'_>) -> Vec<String> {
    let sentence = |it: &Accepted| {
        let rule = &it.rule;
        let until = match &rule.expires {
            None => "without end".to_owned(),
            Some(day) if day.value < context.today => format!("EXPIRED on {}", day.value),
            Some(day) => format!("until {}", day.value),
        };
        let ticket = rule.ticket.as_ref().map_or_else(String::new, |it| format!(", {it}"));
        format!("{}, {until}: {} ({}{ticket})", it.describe(), rule.reason, rule.owner)
    };
    policy.exceptions.iter().map(sentence).collect()
}
