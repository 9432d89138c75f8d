//! What a request is about: the resource, whose it is, and its own policy.

use std::sync::Arc;

use crate::diagnostic::did_you_mean;
use crate::iam::data;
use crate::iam::document::{Document, Effect, Kind};
use crate::iam::evaluate::PolicySet;
use crate::iam::exposure::ResourceKind;
use crate::iam::principal::is_account_id;
use crate::iam::s3::{BlockPublicAccess, public_status};
use crate::iam::truth::Truth;
use crate::inventory::{Entry, Inventory, Record, View};
use crate::resources::iam_role::Role;
use crate::resources::kleene::{elements, optional, required};
use crate::resources::kms::Key;
use crate::resources::s3::{Bucket, block_public_access};
use crate::resources::sns::Topic;
use crate::schema::RecordType;

/// Services whose resources have no policies of their own (IAM User Guide, AWS services that work
/// with IAM). For all that are not here, a policy that was not collected may exist.
const WITHOUT_POLICIES: [&str; 15] = [
    "iam",
    "ec2",
    "autoscaling",
    "application-autoscaling",
    "elasticloadbalancing",
    "rds",
    "cloudwatch",
    "cloudformation",
    "ecs",
    "eks",
    "states",
    "batch",
    "route53",
    "elasticache",
    "support",
];

/// What a request is about.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its ARN, or `*`.
    pub resource: String,
    /// The account that owns it, if that is known.
    pub account: Option<String>,
    /// Its own policy.
    pub policy: Option<PolicySet>,
    /// The same without its grants, where Block Public Access may restrict it to its account.
    pub restricted: Option<Restricted>,
    /// Why access control lists may let others in, if they may.
    pub lists: Option<String>,
    /// Whether Block Public Access takes the effect of lists that grant to everyone.
    pub ignores_public_lists: bool,
}

/// A policy that S3 calls public, as `RestrictPublicBuckets` leaves it for other accounts.
#[derive(Debug, Clone)]
pub struct Restricted {
    /// Whether it is restricted.
    pub holds: Truth,
    /// What is left of the policy: its denials.
    pub denials: PolicySet,
}

impl Target {
    /// The target of an action on a resource. `account` is its owner where the inventory does not
    /// know.
    pub fn of(inventory: &Inventory, action: &str, resource: &str, account: Option<&str>) -> Self {
        let mut target = Self {
            resource: resource.to_owned(),
            account: account.map(str::to_owned),
            policy: None,
            restricted: None,
            lists: None,
            ignores_public_lists: false,
        };
        let named = resource.split(':').nth(4).filter(|id| is_account_id(id));
        target.account = named.map(str::to_owned).or(target.account);
        let (service, _) = action.split_once(':').unwrap_or_default();
        let mut segments = resource.splitn(6, ':');
        let kind = segments.nth(2).unwrap_or_default();
        let name = segments.nth(2).unwrap_or_default();
        if data::wildcard_only(action) == Some(true) || resource == "*" {
            return target;
        }
        match kind {
            "s3" if resource.split(':').nth(4) == Some("") => target.bucket(inventory, name),
            "iam" if service.eq_ignore_ascii_case("sts") && name.starts_with("role/") => {
                let named = |view: &View<'_>| required(view.text("arn")).ok() == Some(resource);
                target.found(inventory, Role::record(), named, |view| {
                    let text = required(view.text("assume_role_policy_document"));
                    Some(policy(text.map_err(|it| it.to_string()), Kind::Trust))
                });
            }
            "sns" => {
                let named = |view: &View<'_>| required(view.text("arn")).ok() == Some(resource);
                target.found(inventory, Topic::record(), named, |view| {
                    document(view).map(|text| policy(text, Kind::Resource))
                });
            }
            "kms" if name.starts_with("key/") => {
                let named = |view: &View<'_>| required(view.text("arn")).ok() == Some(resource);
                target.found(inventory, Key::record(), named, |view| {
                    document(view).map(|text| policy(text, Kind::Resource))
                });
            }
            kind if WITHOUT_POLICIES.contains(&kind) => {}
            kind => {
                let why = format!("policies of `{kind}` resources are not in the snapshot");
                target.policy = Some(PolicySet::unknown(&why));
            }
        }
        target
    }

    /// Takes owner and policy from the resource of the inventory.
    fn found(
        &mut self,
        inventory: &Inventory,
        record: &'static RecordType,
        is_it: impl Fn(&View<'_>) -> bool,
        read: impl Fn(&View<'_>) -> Option<PolicySet>,
    ) {
        let entries = inventory.resources(record);
        match entries.iter().find(|entry| is_it(&inventory.view(entry))) {
            Some(entry) => {
                self.account = Some(entry.account.to_string());
                self.policy = read(&inventory.view(entry));
            }
            None => {
                let why = format!("`{}` is not in the snapshot", self.resource);
                self.policy = Some(PolicySet::unknown(&why));
            }
        }
    }

    fn bucket(&mut self, inventory: &Inventory, name: &str) {
        let (bucket, key) = name.split_once('/').unwrap_or((name, ""));
        let entries = inventory.resources(Bucket::record());
        let Some(entry) = entries.iter().find(|entry| entry.id == bucket) else {
            let near = did_you_mean(bucket, entries.iter().map(|entry| entry.id.as_str()));
            let near = near.map_or_else(String::new, |near| format!("; {near}"));
            let why = format!("the bucket `{bucket}` is not in the snapshot{near}");
            self.policy = Some(PolicySet::unknown(&why));
            return;
        };
        let view = inventory.view(entry);
        self.account = Some(entry.account.to_string());
        self.lists = lists(&view, !key.is_empty());
        self.ignores_public_lists = levels(&view)
            .iter()
            .any(|level| level.is_some_and(|level| level.ignore_public_acls.is_true()));
        let Some(text) = document(&view) else { return };
        let parsed = text.and_then(|text| parsed(text, Kind::Resource));
        if let Ok(document) = &parsed {
            self.restricted = restricted(&view, document);
        }
        self.policy = Some(set(parsed));
    }
}

/// The resource's policy as its text; nothing if it has none.
fn document<'a>(view: &View<'a>) -> Option<Result<&'a str, String>> {
    optional(view.text("policy")).map_err(|reason| reason.to_string()).transpose()
}

fn parsed(text: &str, kind: Kind) -> Result<Document, String> {
    Document::parse(text, kind).map_err(|error| error.to_string())
}

fn set(document: Result<Document, String>) -> PolicySet {
    match document {
        Ok(document) => PolicySet::new(vec![Arc::new(document)]),
        Err(why) => PolicySet::unknown(&why),
    }
}

fn policy(text: Result<&str, String>, kind: Kind) -> PolicySet {
    set(text.and_then(|text| parsed(text, kind)))
}

/// Block Public Access of bucket and account, where it is known.
fn levels(bucket: &View<'_>) -> [Option<BlockPublicAccess>; 2] {
    let account =
        required(bucket.part("account")).and_then(|account| block_public_access(&account));
    [block_public_access(bucket).ok(), account.ok()]
}

/// What `RestrictPublicBuckets` of bucket and account makes of a policy; nothing if nothing.
fn restricted(bucket: &View<'_>, document: &Document) -> Option<Restricted> {
    if !public_status(document, ResourceKind::Bucket).public {
        return None;
    }
    let holds = Truth::any(levels(bucket).into_iter().map(|level| match level {
        Some(level) => level.restrict_public_buckets,
        None => Truth::Unknown,
    }));
    let mut denials = document.clone();
    denials.statements =
        document.statements.iter().filter(|it| it.effect == Effect::Deny).cloned().collect();
    let denials = PolicySet::new(vec![Arc::new(denials)]);
    (!holds.is_false()).then_some(Restricted { holds, denials })
}

/// Why access control lists may let somebody in who is not of the bucket's account.
fn lists(bucket: &View<'_>, is_object: bool) -> Option<String> {
    match optional(bucket.text("object_ownership")) {
        Ok(Some("BucketOwnerEnforced")) => return None,
        Ok(_) => {}
        Err(reason) => return Some(format!("whether access control lists count: {reason}")),
    }
    if is_object {
        return Some("access control lists of objects count and are not in the snapshot".into());
    }
    let grants = elements(bucket.parts("acl_grants"));
    let owner = required(bucket.text("owner_id")).ok();
    let foreign = grants.known.iter().any(|grant| {
        let grantee = required(grant.text("grantee")).ok();
        grantee.is_none() || grantee != owner
    });
    let open = foreign || !grants.missing.is_empty();
    open.then(|| "the bucket's access control list grants to others and is not evaluated".into())
}

/// The types of the resources that have policies.
pub fn with_policies() -> [&'static RecordType; 4] {
    [Bucket::record(), Role::record(), Topic::record(), Key::record()]
}

/// The entry of a resource that has a policy, by its ARN or identifier.
pub fn entry<'a>(inventory: &'a Inventory, text: &str) -> Option<&'a Entry> {
    with_policies().into_iter().find_map(|record| {
        inventory.resources(record).iter().find(|entry| {
            entry.id == text || required(inventory.view(entry).text("arn")).ok() == Some(text)
        })
    })
}

/// The ARNs and identifiers of all resources that have policies.
pub fn names(inventory: &Inventory) -> Vec<String> {
    let mut names = Vec::new();
    for record in with_policies() {
        for entry in inventory.resources(record) {
            names.push(entry.id.clone());
            names.extend(required(inventory.view(entry).text("arn")).map(str::to_owned));
        }
    }
    names
}

/// The resource whose policy is about an action on an ARN: for an object of S3 its bucket.
pub fn owner<'a>(inventory: &'a Inventory, action: &str, arn: &str) -> Option<&'a Entry> {
    if arn.contains(":iam::") && !action.to_ascii_lowercase().starts_with("sts:") {
        return None;
    }
    let bucket = arn.split_once(":s3:::").and_then(|(_, name)| name.split('/').next());
    match bucket {
        Some(name) => inventory.resources(Bucket::record()).iter().find(|it| it.id == name),
        None => entry(inventory, arn),
    }
}
