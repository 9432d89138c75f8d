//! Witnesses: the request that an answer rests on, readable and ready to be replayed.

use std::collections::BTreeMap;

use super::super::data;
use super::super::document::{Polarity, Statement};
use super::super::pattern::Case as LetterCase;
use super::super::space::{Axis, Value};
use super::ask::Entry;
use super::caller::{Caller, Identity, Individual};
use super::policy::{UNNAMED, session};

/// A concrete request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Witness {
    /// Who makes it: an ARN, `anonymous`, or the name of a service or identity provider.
    pub principal: String,
    /// The action, spelled as AWS spells it if it is a known one.
    pub action: String,
    /// The ARN of the resource.
    pub resource: String,
    /// The condition keys that the policy looks at, as far as they are present. Keys are in lower
    /// case.
    pub context: BTreeMap<String, Vec<String>>,
    /// The keys of `context` that hold a list.
    pub lists: Vec<String>,
    /// The keys that the policy looks at and the request does not have.
    pub absent: Vec<String>,
    /// Whether the principal is an identity provider, which vouches for the caller.
    pub is_provider: bool,
    /// Whether the principal is a canonical user id of S3.
    pub is_canonical: bool,
}

/// Makes the witness of an entry.
pub(in crate::iam) fn witness(
    entry: &Entry,
    caller: &Caller,
    statements: &[&Statement],
) -> Witness {
    witness_of(&entry.values, Some(caller), statements)
}

/// Makes the witness of these values; without a caller it is a principal that holds the policy.
pub(in crate::iam) fn witness_of(
    values: &BTreeMap<Axis, Value>,
    caller: Option<&Caller>,
    statements: &[&Statement],
) -> Witness {
    let mut witness = Witness {
        principal: String::new(),
        action: String::new(),
        resource: String::new(),
        context: BTreeMap::new(),
        lists: Vec::new(),
        absent: Vec::new(),
        is_provider: matches!(caller.map(|c| &c.identity), Some(Identity::Federated { .. })),
        is_canonical: matches!(caller.map(|c| &c.identity), Some(Identity::Canonical { .. })),
    };
    for (axis, value) in values {
        match (axis, value) {
            (Axis::Action, Value::One(action)) => witness.action = familiar(action, statements),
            (Axis::Resource, Value::One(resource)) => witness.resource.clone_from(resource),
            (Axis::Key(key), Value::One(value)) => {
                witness.context.insert(key.to_string(), vec![value.clone()]);
            }
            (Axis::Key(key), Value::Many(values)) => {
                witness.lists.push(key.to_string());
                let values = values.iter().map(ToString::to_string).collect();
                witness.context.insert(key.to_string(), values);
            }
            (Axis::Key(key), Value::Absent) => witness.absent.push(key.to_string()),
            (_, Value::Unlisted)
            | (Axis::Action | Axis::Resource, Value::Absent | Value::Many(_)) => {}
        }
    }
    witness.principal = match caller {
        Some(caller) => principal(caller, &witness.context),
        None => HOLDER.into(),
    };
    witness
}

/// A principal that a policy without principals may be attached to.
const HOLDER: &str = "arn:aws:iam::111122223333:role/holder";

/// The most comparisons spent on finding a familiar action.
const COMPARISONS: usize = 200_000;

/// A known action that all statements treat like this one, or else the action itself.
fn familiar(action: &str, statements: &[&Statement]) -> String {
    if let Some(known) = data::action(action) {
        return known.name.to_owned();
    }
    let Some((service, _)) = action.split_once(':') else { return action.to_owned() };
    let patterns: usize = statements.iter().map(|s| s.action.patterns.len()).sum();
    let matched = |name: &str, statement: &Statement| {
        let any = statement.action.patterns.iter();
        let any = any.clone().any(|p| p.matches_plain(name, LetterCase::Sensitive));
        any != (statement.action.polarity == Polarity::Except)
    };
    let wanted: Vec<bool> = statements.iter().map(|s| matched(action, s)).collect();
    let alike = |name: &str| {
        let lower = name.to_ascii_lowercase();
        statements
            .iter()
            .zip(&wanted)
            .all(|(statement, wanted)| matched(&lower, statement) == *wanted)
    };
    let service =
        if data::service_prefixes().any(|prefix| prefix == service) { service } else { "s3" };
    data::expand(&format!("{service}:*"))
        .take(COMPARISONS / patterns.max(1))
        .filter(|known| !known.wildcard_only)
        .find(|known| alike(known.name))
        .map_or_else(|| action.to_owned(), |known| known.name.to_owned())
}

/// The principal of the request; a role calls by a session.
fn principal(caller: &Caller, context: &BTreeMap<String, Vec<String>>) -> String {
    let value = |key: &str| context.get(key).and_then(|values| values.first());
    let arn = value("aws:principalarn");
    match &caller.identity {
        Identity::Anonymous => "anonymous".into(),
        Identity::Service { name, .. } => name.clone(),
        Identity::Federated { provider } => provider.clone(),
        Identity::Canonical { id } => id.clone(),
        Identity::Account { id, individual, .. } => match (individual, arn) {
            (Individual::Named(named), _) => session(named).unwrap_or_else(|| named.clone()),
            (Individual::Root, Some(arn)) => arn.clone(),
            (Individual::Root, None) => format!("arn:aws:iam::{id}:root"),
            (Individual::User, Some(arn)) => arn.clone(),
            (Individual::User, None) => {
                let name = value("aws:username").map_or(UNNAMED, String::as_str);
                format!("arn:aws:iam::{id}:user/{name}")
            }
            (Individual::Role, arn) => arn
                .and_then(|arn| session(arn))
                .unwrap_or_else(|| format!("arn:aws:sts::{id}:assumed-role/{UNNAMED}/session")),
        },
    }
}
