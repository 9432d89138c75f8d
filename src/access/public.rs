//! What is open: the policies (and for buckets lists and Block Public Access) of an inventory's
//! resources, and who gets in by them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::json;

use super::Membership;
use super::target::with_policies;
use crate::iam::document::{Document, Kind};
use crate::iam::exposure::{Exposure, Finding, Inquiry, ResourceKind, Trust, Witness, exposure};
use crate::iam::s3::{
    AclGrant, BlockPublicAccess, Bucket as Levels, Grantee, Ownership, PolicyAnswers, Way, WayKind,
    effective, public_status,
};
use crate::iam::truth::Truth;
use crate::inventory::{Entry, Inventory, Record, View};
use crate::resources::iam_role::Role;
use crate::resources::kleene::{elements, optional, required};
use crate::resources::kms::Key;
use crate::resources::organization::{ControlKind, chain};
use crate::resources::policy::denying;
use crate::resources::s3::{Bucket, acl_grant, block_public_access};
use crate::schema::RecordType;

/// Who gets at a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// Its ARN.
    pub resource: String,
    /// Its type, as CloudFormation calls it.
    pub kind: &'static str,
    /// Its account.
    pub account: String,
    /// Whether anyone in the world gets in.
    pub public: Truth,
    /// Whether somebody gets in who is neither of an account of the inventory nor of their
    /// organization.
    pub external: Truth,
    /// Whether S3 calls the bucket's policy public.
    pub s3_public_status: Option<bool>,
    /// A request that gets in, or may, by the policy.
    pub witness: Option<Witness>,
    /// The reason, in a sentence without a full stop.
    pub why: String,
}

/// Answers for one resource or for all that may have a policy, in the order of the inventory.
pub fn exposed(inventory: &Inventory, only: Option<&Entry>) -> Vec<Exposed> {
    let zone = Zone::of(inventory);
    let entries: Vec<&Entry> = match only {
        Some(entry) => vec![entry],
        None => {
            with_policies().into_iter().flat_map(|record| inventory.resources(record)).collect()
        }
    };
    entries.par_iter().map(|entry| zone.answer(&inventory.view(entry), entry)).collect()
}

/// Whether somebody outside gets in by the resource's policy with this action on this resource;
/// access control lists are not looked at.
pub fn outside(inventory: &Inventory, entry: &Entry, action: &str, resource: &str) -> Outside {
    let zone = Zone::of(inventory);
    let view = inventory.view(entry);
    let kind = kind(entry);
    let arn = required(view.text("arn")).unwrap_or(entry.id.as_str());
    let mut members = vec![format!("\"NotAction\": [{}], \"Resource\": \"*\"", json!(action))];
    if kind != ResourceKind::Role {
        members.push(format!("\"Action\": \"*\", \"NotResource\": [{}]", json!(resource)));
    }
    let controls: Result<Vec<Document>, _> =
        members.iter().map(|members| denying(members, Kind::Rcp)).collect();
    let by_policy = match controls {
        Ok(controls) => zone.by_policy(document(&view, kind).as_ref(), kind, arn, entry, &controls),
        Err(reason) => ByPolicy::unknown(format!("the question cannot be put: {reason}")),
    };
    let mut answers = by_policy.answers;
    if kind == ResourceKind::Bucket {
        let cut = answers.status.and(blocks(&view).restrict_public_buckets);
        answers.public = answers.public.and(!cut);
        answers.external = answers.external.and(!cut);
    }
    Outside { public: answers.public, external: answers.external, why: by_policy.why }
}

/// Who outside gets in with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Whether anyone in the world does.
    pub public: Truth,
    /// Whether somebody outside the accounts and organizations of the inventory does.
    pub external: Truth,
    /// The reason, in a sentence without a full stop.
    pub why: String,
}

/// Everything that belongs to whoever made the inventory.
struct Zone {
    trust: Trust,
    /// Whether it is known of every account which organization it is in.
    organizations_known: bool,
    /// Canonical user ids of buckets' owners.
    owners: BTreeSet<String>,
    /// The resource control policies of each account, as far as they are known.
    controls: BTreeMap<String, Vec<Document>>,
}

/// What a policy says by itself.
struct ByPolicy {
    answers: PolicyAnswers,
    finding: Option<Finding>,
    why: String,
}

impl ByPolicy {
    fn unknown(why: String) -> Self {
        Self { answers: PolicyAnswers::UNKNOWN, finding: None, why }
    }
}

/// What the entry is to the engine.
fn kind(entry: &Entry) -> ResourceKind {
    let is = |record: &'static RecordType| entry.record.name == record.name;
    if is(Bucket::record()) {
        ResourceKind::Bucket
    } else if is(Role::record()) {
        ResourceKind::Role
    } else if is(Key::record()) {
        ResourceKind::Key
    } else {
        ResourceKind::Topic
    }
}

/// The policy of a resource; nothing if it has none.
fn document(view: &View<'_>, kind: ResourceKind) -> Result<Option<Document>, String> {
    let field = if kind == ResourceKind::Role { "assume_role_policy_document" } else { "policy" };
    let text = optional(view.text(field)).map_err(|reason| reason.to_string())?;
    text.map(|text| Document::parse(text, kind.document()).map_err(|error| error.to_string()))
        .transpose()
}

/// The organizations that a policy names.
fn organizations(policy: &Document) -> Vec<String> {
    let conditions = policy.statements.iter().flat_map(|statement| statement.conditions.iter());
    let operands = conditions.flat_map(|condition| condition.operands.iter());
    operands
        .map(|operand| operand.text.split('/').next().unwrap_or_default())
        .filter(|text| text.starts_with("o-"))
        .map(str::to_owned)
        .collect()
}

/// Block Public Access of bucket and account together.
fn blocks(bucket: &View<'_>) -> BlockPublicAccess {
    let account = required(bucket.part("account")).and_then(|it| block_public_access(&it));
    let own = block_public_access(bucket).unwrap_or(BlockPublicAccess::UNKNOWN);
    own.and_also(account.unwrap_or(BlockPublicAccess::UNKNOWN))
}

impl Zone {
    fn of(inventory: &Inventory) -> Self {
        let accounts: Vec<String> = inventory.accounts.iter().map(|it| it.id.to_string()).collect();
        let memberships: Vec<Membership> =
            accounts.iter().map(|id| Membership::of(inventory, id)).collect();
        let organizations_known = !memberships.contains(&Membership::Unknown);
        let orgs: BTreeSet<String> = memberships
            .iter()
            .filter_map(|membership| membership.organization().map(str::to_owned))
            .collect();
        let buckets = inventory.resources(Bucket::record()).iter();
        let owners = buckets
            .filter_map(|entry| required(inventory.view(entry).text("owner_id")).ok())
            .map(str::to_owned)
            .collect();
        let controls = accounts
            .iter()
            .filter_map(|id| {
                let levels = chain(inventory, id, ControlKind::Resource).ok()?;
                Some((id.clone(), levels.into_iter().flatten().collect()))
            })
            .collect();
        let orgs = orgs.into_iter().collect();
        let trust = Trust { accounts, orgs, ..Trust::default() };
        Self { trust, organizations_known, owners, controls }
    }

    fn answer(&self, view: &View<'_>, entry: &Entry) -> Exposed {
        let kind = kind(entry);
        let arn = required(view.text("arn")).unwrap_or(entry.id.as_str());
        let document = document(view, kind);
        let by_policy = self.by_policy(document.as_ref(), kind, arn, entry, &[]);
        let (public, external, why) = if kind == ResourceKind::Bucket {
            self.bucket(view, &by_policy)
        } else {
            (by_policy.answers.public, by_policy.answers.external, by_policy.why.clone())
        };
        let status = match &document {
            Ok(Some(document)) => Some(public_status(document, kind).public),
            Ok(None) => Some(false),
            Err(_) => None,
        };
        let shown = !public.is_false() || !external.is_false();
        Exposed {
            resource: arn.to_owned(),
            kind: entry.record.name,
            account: entry.account.to_string(),
            public,
            external,
            s3_public_status: status.filter(|_| kind == ResourceKind::Bucket),
            witness: by_policy.finding.filter(|_| shown).and_then(|finding| finding.witness),
            why,
        }
    }

    fn by_policy(
        &self,
        document: Result<&Option<Document>, &String>,
        kind: ResourceKind,
        arn: &str,
        entry: &Entry,
        controls: &[Document],
    ) -> ByPolicy {
        let policy = match document {
            Ok(Some(policy)) => policy,
            Ok(None) => {
                let why = "there is no policy".to_owned();
                return ByPolicy { answers: PolicyAnswers::NONE, finding: None, why };
            }
            Err(why) => return ByPolicy::unknown(format!("the policy is not known: {why}")),
        };
        let organization = self.controls.get(entry.account.as_str());
        let controls: Vec<Document> =
            controls.iter().chain(organization.into_iter().flatten()).cloned().collect();
        let inquiry = Inquiry {
            policy,
            controls: &controls,
            kind,
            resource: Some(arn),
            owner: entry.account.as_str(),
            trust: &self.trust,
        };
        let Exposure { public, mut external, .. } = exposure(&inquiry);
        if external.answer.is_true() && !self.organizations_known {
            let mut trust = self.trust.clone();
            trust.orgs.extend(organizations(policy));
            let own = exposure(&Inquiry { trust: &trust, ..inquiry }).external;
            if !own.answer.is_true() {
                external.answer = Truth::Unknown;
                external.why = format!(
                    "{}, unless that is of the account's own organization, which is not in the \
                     snapshot",
                    external.why
                );
            }
        }
        let answers = PolicyAnswers {
            public: public.answer,
            external: external.answer,
            status: Truth::from(public_status(policy, kind).public),
        };
        // The first of these that is not a plain no.
        let finding = if public.answer >= external.answer && !public.answer.is_false() {
            public
        } else {
            external
        };
        let why = finding.why.clone();
        ByPolicy { answers, finding: Some(finding), why }
    }

    /// Everything together: policy, list, ownership, both levels of Block Public Access.
    fn bucket(&self, view: &View<'_>, by_policy: &ByPolicy) -> (Truth, Truth, String) {
        let owner = required(view.text("owner_id")).ok();
        let grants = elements(view.parts("acl_grants"));
        let mut list = grants.missing.is_empty().then(Vec::new);
        for grant in &grants.known {
            let grantee = required(grant.text("grantee")).unwrap_or_default();
            let inside = Some(grantee) == owner || self.owners.contains(grantee);
            match (acl_grant(grant), &mut list) {
                (Ok((grantee, permission)), Some(list)) => {
                    let grantee = if inside { Grantee::Owner } else { grantee };
                    list.push(AclGrant { grantee, permission });
                }
                (Err(_), _) => list = None,
                (Ok(_), None) => {}
            }
        }
        let ways = effective(&Levels {
            policy: by_policy.answers,
            acl: list,
            ownership: match optional(view.text("object_ownership")) {
                Ok(Some("BucketOwnerEnforced")) => Ownership::BucketOwnerEnforced,
                Ok(_) => Ownership::ListsCount,
                Err(_) => Ownership::Unknown,
            },
            block: blocks(view),
            account_block: BlockPublicAccess::OFF,
            access_points: Some(Vec::new()),
        });
        let public = Truth::any(ways.iter().map(|way| way.public));
        let external = Truth::any(ways.iter().map(|way| way.external));
        let best = ways.iter().max_by_key(|way| (way.public, way.external));
        (public, external, reason(best, by_policy))
    }
}

fn reason(best: Option<&Way>, by_policy: &ByPolicy) -> String {
    let answers = by_policy.answers;
    match best {
        None if answers.public.is_false() && answers.external.is_false() => by_policy.why.clone(),
        None => "the policy lets others in, but Block Public Access restricts it".to_owned(),
        Some(Way { kind: WayKind::Policy, public, external, why }) => {
            let same = (*public, *external) == (answers.public, answers.external);
            if same { by_policy.why.clone() } else { format!("{}; {why}", by_policy.why) }
        }
        Some(way) => way.why.clone(),
    }
}
