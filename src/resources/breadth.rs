//! How wide permissions are: what policies give on every resource.
//!
//! "Every resource" is asked by a resource that no policy can name. A condition does not make a grant
//! harmless, save where it limits the very thing that is asked about: then the grant does not count.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::iam::condition::Condition;
use crate::iam::data::{self, Action};
use crate::iam::document::{Document, Effect, Element, Kind, Polarity, Statement};
use crate::iam::evaluate::{Decision, Policies, PolicySet, decide};
use crate::iam::pattern::{Case, Pattern};
use crate::iam::principal::Caller;
use crate::iam::relation::within;
use crate::iam::request::{Context, Request, Unlisted};
use crate::inventory::{Items, Reason};
use crate::resources::kleene::Answer;
use crate::resources::policy::{known, parse};

/// How many actions or services are told at most: one is enough to be too many.
const TOLD: usize = 10;

/// How many services a policy is found to give wholly before the others are no longer asked about.
const SERVICES: usize = 40;

/// A name that no policy has reason to write.
const NOBODYS: &str = "e2f6b0a4-0000-4000-8000-that-nobody-names";

/// The permissions of a principal in its account.
pub struct Holder<'a> {
    /// The account's id.
    pub account: &'a str,
    /// Its own policies.
    pub identity: Vec<Document>,
    /// Its permissions boundary.
    pub boundary: Option<Document>,
}

impl Holder<'_> {
    /// The wanted actions that are granted on every resource, in alphabetical order, ten at most.
    ///
    /// # Errors
    /// When the question cannot be put.
    pub fn wide(&self, wanted: impl Fn(&Action) -> bool) -> Answer<Vec<String>> {
        let mut candidates: BTreeSet<&'static str> = BTreeSet::new();
        let statements = self.identity.iter().flat_map(|document| document.statements.iter());
        for statement in statements.filter(|statement| statement.effect == Effect::Allow) {
            candidates.extend(actions(&statement.action, &wanted));
        }
        let policies = self.policies()?;
        let mut granted = Vec::new();
        for name in candidates {
            if may(self.account, name, &policies) {
                granted.push(name.to_owned());
            }
            if granted.len() == TOLD {
                break;
            }
        }
        Ok(granted)
    }

    /// Whether all of these actions are granted on every resource.
    ///
    /// # Errors
    /// When the question cannot be put.
    pub fn has_all(&self, names: &[&str]) -> Answer<bool> {
        let policies = self.policies()?;
        Ok(names.iter().all(|name| may(self.account, name, &policies)))
    }

    fn policies(&self) -> Answer<Policies> {
        let set = |documents: &[Document]| {
            PolicySet::new(documents.iter().cloned().map(Arc::new).collect())
        };
        Ok(Policies {
            identity: set(&self.identity),
            boundary: self.boundary.as_ref().map(|document| set(std::slice::from_ref(document))),
            resource: Some(set(&[of_the_account(self.account)?])),
            ..Policies::default()
        })
    }
}

/// The actions of an element that are wanted.
fn actions(element: &Element<Pattern>, wanted: impl Fn(&Action) -> bool) -> BTreeSet<&'static str> {
    let named = |action: &Action| {
        let covers = |pattern: &Pattern| pattern.matches_plain(action.name, Case::Insensitive);
        element.patterns.iter().any(covers)
    };
    match element.polarity {
        Polarity::Only => element
            .patterns
            .iter()
            .flat_map(|pattern| data::expand(pattern.text()))
            .filter(|action| wanted(action))
            .map(|action| action.name)
            .collect(),
        Polarity::Except => data::actions()
            .filter(|action| wanted(action) && !named(action))
            .map(|action| action.name)
            .collect(),
    }
}

/// What keys and roles say that leave everything to the account's own policies.
fn of_the_account(account: &str) -> Answer<Document> {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "*",
        "Resource": "*", "Principal": {{"AWS": "{account}"}}}}]}}"#
    );
    parse(&text, Kind::Resource)
}

/// Whether an action is allowed on a resource that nothing names, under some circumstances at least.
fn may(account: &str, action: &str, policies: &Policies) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    let kind = match service {
        "kms" => "key/",
        "iam" | "sts" => "role/",
        _ => "",
    };
    let region = if matches!(service, "iam" | "sts") { "" } else { "us-east-1" };
    let owner = if service == "sts" { "iam" } else { service };
    let resource = format!("arn:aws:{owner}:{region}:{account}:{kind}{NOBODYS}");
    match asked(account, action, &resource, policies) {
        Decision::Allow | Decision::Unknown => true,
        Decision::ImplicitDeny | Decision::ExplicitDeny => false,
    }
}

fn asked(account: &str, action: &str, resource: &str, policies: &Policies) -> Decision {
    let arn = format!("arn:aws:iam::{account}:user/{NOBODYS}");
    let caller = Caller::User { account: account.into(), arn: arn.into() };
    let context = Context::new(Unlisted::Unknown);
    decide(&Request::new(caller, action, resource, Some(account), context), policies)
}

/// Whether a policy by itself grants an action on a resource of the account, whatever the conditions,
/// save for those on keys that limit the grant.
///
/// # Errors
/// When the question cannot be put.
pub fn grants(
    policy: &Document,
    account: &str,
    action: &str,
    resource: &str,
    limits: impl Fn(&str) -> bool,
) -> Answer<bool> {
    let counts = |condition: &Condition| limits(&condition.key.to_ascii_lowercase());
    let mut bare = policy.clone();
    bare.statements = policy
        .statements
        .iter()
        // A denial under conditions takes nothing away for good, unless it is such a limit itself.
        .filter(|it| it.effect == Effect::Allow || it.conditions.iter().all(counts))
        .cloned()
        .map(|mut statement: Statement| {
            statement.conditions =
                statement.conditions.iter().filter(|it| counts(it)).cloned().collect();
            statement
        })
        .collect();
    let policies = Policies {
        identity: PolicySet::new(vec![Arc::new(bare)]),
        resource: Some(PolicySet::new(vec![Arc::new(of_the_account(account)?)])),
        ..Policies::default()
    };
    Ok(asked(account, action, resource, &policies) == Decision::Allow)
}

/// Whether a policy lets decrypt with every KMS key of some account and region.
pub fn decrypts_with_every_key(policy: &Document, account: &str) -> Answer<bool> {
    let mut places: BTreeSet<(String, String)> =
        BTreeSet::from([("us-east-1".into(), account.into())]);
    let resources = policy.statements.iter().filter_map(|statement| statement.resource.as_ref());
    for pattern in resources.flat_map(|element| element.patterns.iter()) {
        let mut segments = pattern.text().split(':').skip(3);
        if let (Some(region), Some(owner)) = (segments.next(), segments.next()) {
            let literal = |text: &str, or: &str| {
                if text.contains(['*', '?', '$']) || text.is_empty() { or } else { text }.to_owned()
            };
            places.insert((literal(region, "us-east-1"), literal(owner, account)));
        }
    }
    for (region, owner) in places {
        let key = format!("arn:aws:kms:{region}:{owner}:key/{NOBODYS}");
        for action in ["kms:Decrypt", "kms:ReEncryptFrom"] {
            if grants(policy, &owner, action, &key, |_| false)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a policy lets assume every role of every account that trusts its holder.
pub fn assumes_every_role(policy: &Document) -> Answer<bool> {
    let elsewhere = "000000000000";
    let role = format!("arn:aws:iam::{elsewhere}:role/{NOBODYS}");
    grants(policy, elsewhere, "sts:AssumeRole", &role, is_about_the_resource)
}

/// Whether a policy lets pass every role of the account to every service.
pub fn passes_every_role(policy: &Document, account: &str) -> Answer<bool> {
    let role = format!("arn:aws:iam::{account}:role/{NOBODYS}");
    grants(policy, account, "iam:PassRole", &role, |key| {
        matches!(key, "iam:passedtoservice" | "iam:associatedresourcearn")
            || is_about_the_resource(key)
    })
}

fn is_about_the_resource(key: &str) -> bool {
    key.starts_with("aws:resource") || key.starts_with("iam:resourcetag/")
}

/// The services whose every action a policy grants on every resource, in alphabetical order.
pub fn whole_services(policy: &Document) -> Items<String> {
    let mut candidates: BTreeSet<&str> = BTreeSet::new();
    let allowing = policy.statements.iter().filter(|it| it.effect == Effect::Allow);
    for statement in allowing {
        let any = statement.action.polarity == Polarity::Except;
        for pattern in &statement.action.patterns {
            match pattern.text().split_once(':') {
                Some((prefix, rest)) if !any && !prefix.contains(['*', '?']) => {
                    if rest.contains('*') {
                        let is_it = |it: &&str| it.eq_ignore_ascii_case(prefix);
                        candidates.extend(data::service_prefixes().find(is_it));
                    }
                }
                _ => candidates.extend(data::service_prefixes()),
            }
        }
    }
    // Those that checks ask for by name come first, since not all may be asked for.
    let first = ["cloudtrail", "kms"].into_iter().filter(|it| candidates.contains(it));
    let order: Vec<&str> = first.chain(candidates.iter().copied()).collect();
    let mut found = BTreeSet::new();
    let mut missing: Vec<Reason> = Vec::new();
    for service in order {
        if found.len() >= SERVICES {
            break;
        }
        match grants_whole(policy, service) {
            Ok(true) => {
                found.insert(service.to_owned());
            }
            Ok(false) => {}
            Err(reason) => missing.push(reason),
        }
    }
    missing.sort();
    missing.dedup();
    Items { items: found.into_iter().collect(), missing }
}

fn grants_whole(policy: &Document, service: &str) -> Answer<bool> {
    let all = format!(
        r#"{{"Version": "2012-10-17", "Statement":
        [{{"Effect": "Allow", "Action": "{service}:*", "Resource": "*"}}]}}"#
    );
    let inclusion = within(&parse(&all, Kind::Identity)?, policy);
    known(inclusion.answer, &inclusion.why)
}

/// The statements that grant everything but what they name, on every resource.
pub fn exclusions(policy: &Document) -> Vec<String> {
    let everywhere = |statement: &Statement| match &statement.resource {
        None => true,
        Some(element) => {
            element.polarity == Polarity::Except
                || element.patterns.iter().any(|it| it.pattern().is_everything())
        }
    };
    policy
        .statements
        .iter()
        .filter(|it| it.effect == Effect::Allow && it.action.polarity == Polarity::Except)
        .filter(|it| everywhere(it))
        .map(Statement::label)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::data::AccessLevel;

    const ACCOUNT: &str = "111122223333";

    fn policy(statements: &str) -> Document {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        parse(&text, Kind::Identity).unwrap()
    }

    fn allow(action: &str, resource: &str, more: &str) -> Document {
        policy(&format!(
            r#"{{"Effect": "Allow", "Action": {action}, "Resource": "{resource}"{more}}}"#
        ))
    }

    #[test]
    fn grants_on_every_resource_are_told_apart_from_others() {
        let wide = |document: Document| {
            let holder = Holder { account: ACCOUNT, identity: vec![document], boundary: None };
            holder.wide(|action| action.level == AccessLevel::PermissionsManagement).unwrap()
        };
        assert_eq!(wide(allow(r#""s3:PutBucketPolicy""#, "*", "")), ["s3:PutBucketPolicy"]);
        assert!(wide(allow(r#""s3:PutBucketPolicy""#, "arn:aws:s3:::b", "")).is_empty());
        assert!(wide(allow(r#""s3:GetObject""#, "*", "")).is_empty());
        assert_eq!(wide(allow(r#""*""#, "*", "")).len(), TOLD);
        let key = wide(allow(r#""kms:PutKeyPolicy""#, "*", ""));
        assert_eq!(key, ["kms:PutKeyPolicy"], "keys leave it to the account");
        let denied = policy(
            r#"{"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
        );
        assert!(wide(denied).is_empty());
    }

    #[test]
    fn decryption_counts_by_key_and_not_by_condition() {
        let with = |resource: &str, more: &str| {
            decrypts_with_every_key(&allow(r#""kms:D*""#, resource, more), ACCOUNT).unwrap()
        };
        assert!(with("*", ""));
        assert!(with("arn:aws:kms:*:444455556666:key/*", ""), "every key of one account");
        assert!(with("arn:aws:kms:eu-west-1:*:key/*", ""));
        assert!(!with("arn:aws:kms:*:444455556666:key/1234", ""));
        assert!(!with("arn:aws:s3:::b/*", ""));
        let via =
            r#", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}"#;
        assert!(with("*", via), "a condition is no limit on keys");
    }

    #[test]
    fn roles_are_limited_by_resource_or_service() {
        let pass = |resource: &str, more: &str| {
            passes_every_role(&allow(r#""iam:*""#, resource, more), ACCOUNT).unwrap()
        };
        assert!(pass("*", ""));
        assert!(pass("arn:aws:iam::111122223333:role/*", ""));
        assert!(!pass("arn:aws:iam::111122223333:role/app-*", ""));
        let to = r#", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}"#;
        assert!(!pass("*", to));
        let mfa = r#", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#;
        assert!(pass("*", mfa), "who passes it does not limit what is passed");
        let assume = |resource: &str, more: &str| {
            assumes_every_role(&allow(r#""sts:*""#, resource, more)).unwrap()
        };
        assert!(assume("*", "") && assume("*", mfa) && assume("arn:aws:iam::*:role/*", ""));
        assert!(!assume("arn:aws:iam::*:role/Audit", ""));
        let own = r#", "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-abcdefghij"}}"#;
        assert!(!assume("*", own));
    }

    #[test]
    fn whole_services_are_found_however_they_are_written() {
        let services = |document: &Document| whole_services(document).items;
        assert_eq!(services(&allow(r#"["s3:*", "ec2:Describe*"]"#, "*", "")), ["s3"]);
        assert_eq!(services(&allow(r#""KMS:**""#, "*", "")), ["kms"]);
        assert!(services(&allow(r#""s3:*""#, "arn:aws:s3:::b/*", "")).is_empty());
        let but = policy(r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#);
        let found = services(&but);
        assert!(found.contains(&"kms".to_owned()) && !found.contains(&"iam".to_owned()));
        assert_eq!(exclusions(&but), ["statement 1"]);
        assert!(exclusions(&allow(r#""*""#, "*", "")).is_empty());
    }
}
