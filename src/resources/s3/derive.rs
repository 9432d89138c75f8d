//! Who gets at a bucket.

use std::sync::OnceLock;

use super::{ForeignAccess, PublicAccess};
use crate::iam::data::{self, AccessLevel};
use crate::iam::document::{Document, Effect, Element, Kind, Polarity, Statement};
use crate::iam::exposure::ResourceKind;
use crate::iam::principal::PrincipalPattern;
use crate::iam::s3::{
    AccessPoint, AclGrant, BlockPublicAccess, Bucket, Grantee, Ownership, PolicyAnswers, WayKind,
    denies_insecure_transport as refuses, effective, public_status,
};
use crate::iam::truth::Truth;
use crate::inventory::{Draft, Elements, Inventory, Items, Reason, Slot, View};
use crate::resources::access_point::into_bucket;
use crate::resources::kleene::{Answer, elements, optional, required};
use crate::resources::policy::{Question, account_of, denying, known, parse};

/// The actions by which another account takes a bucket over, as far as S3 lets accounts share them.
const ADMINISTRATION: &str = r#""NotAction": ["s3:DeleteBucketPolicy", "s3:PutBucketAcl",
    "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutObjectAcl"], "Resource": "*""#;

/// A kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

impl Access {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Whether a permission of an ACL is of this kind. A list of grants is no list of objects, but who
    /// reads it learns who has access.
    fn has(self, permission: &str) -> bool {
        match permission {
            "READ" | "READ_ACP" => self == Self::Read,
            "WRITE" | "WRITE_ACP" => self == Self::Write,
            _ => true,
        }
    }

    /// A control that takes every request of another kind away.
    fn control(self) -> Answer<&'static Document> {
        static READ: OnceLock<Answer<Document>> = OnceLock::new();
        static WRITE: OnceLock<Answer<Document>> = OnceLock::new();
        let (cell, element) = match self {
            Self::Read => (&READ, "NotAction"),
            Self::Write => (&WRITE, "Action"),
        };
        cell.get_or_init(|| {
            let reads: Vec<&str> = data::actions()
                .filter(|action| matches!(action.level, AccessLevel::List | AccessLevel::Read))
                .map(|action| action.name)
                .filter(|name| name.starts_with("s3:"))
                .collect();
            denying(&format!("\"{element}\": {reads:?}, \"Resource\": \"*\""), Kind::Rcp)
        })
        .as_ref()
        .map_err(Clone::clone)
    }
}

/// What was read of a bucket, with the reasons for what was not.
struct Seen<'a> {
    policy: Answer<Option<Document>>,
    acl: Elements<(Grantee, String)>,
    ownership: Answer<Option<String>>,
    block: Answer<BlockPublicAccess>,
    account_block: Answer<BlockPublicAccess>,
    arn: Answer<String>,
    owner: Answer<String>,
    points: Elements<View<'a>>,
}

/// How the public gets in, everything considered.
pub(super) fn public_access(bucket: &View<'_>) -> Draft {
    let seen = Seen::of(bucket);
    let mut found = Items::default();
    for access in [Access::Read, Access::Write] {
        let one = seen.public(access);
        found.items.extend(one.items);
        found.missing.extend(one.missing);
    }
    found.missing.sort();
    found.missing.dedup();
    Slot::Known(found).into_draft::<Items<PublicAccess>>()
}

impl<'a> Seen<'a> {
    fn of(bucket: &View<'a>) -> Self {
        let account_block = required(bucket.part("account")).and_then(|account| block(&account));
        let grants = elements(bucket.parts("acl_grants"));
        let mut acl = Elements { known: Vec::new(), missing: grants.missing };
        for grant in grants.known {
            match acl_grant(&grant) {
                Ok(grant) => acl.known.push(grant),
                Err(reason) => acl.missing.push(reason),
            }
        }
        Self {
            policy: policy_of(bucket),
            acl,
            ownership: optional(bucket.text("object_ownership"))
                .map(|ownership| ownership.map(str::to_owned)),
            block: block(bucket),
            account_block,
            arn: required(bucket.text("arn")).map(str::to_owned),
            owner: account_of(bucket),
            points: access_points(bucket),
        }
        .without_idle_points()
    }

    /// Forgets access points where none lets in somebody whom the bucket itself keeps out: without a
    /// grant to everybody in the bucket's own policy, where that policy does not tell access points
    /// apart, and where all that is public is restricted.
    fn without_idle_points(mut self) -> Self {
        let restricted = [&self.block, &self.account_block]
            .iter()
            .any(|block| block.as_ref().is_ok_and(|block| block.restrict_public_buckets.is_true()));
        let closed = match &self.policy {
            Ok(None) => true,
            Ok(Some(policy)) => {
                let statements = || policy.statements.iter();
                !statements().any(may_be_everybodys) || !statements().any(tells_access_points_apart)
            }
            // Then the policy is a way that is open already, and more than that cannot be said.
            Err(_) => true,
        };
        if restricted || closed {
            self.points = Elements { known: Vec::new(), missing: Vec::new() };
        }
        self
    }

    fn public(&self, access: Access) -> Items<PublicAccess> {
        let (policy, action, why) = self.through_policy(access);
        let points = self.through_points(access);
        let grants: Vec<AclGrant> = self
            .acl
            .known
            .iter()
            .filter(|(_, permission)| access.has(permission))
            .map(|(grantee, permission)| AclGrant {
                grantee: *grantee,
                permission: permission.clone(),
            })
            .collect();
        let is_open = grants
            .iter()
            .any(|grant| matches!(grant.grantee, Grantee::AllUsers | Grantee::AuthenticatedUsers));
        let whole = is_open || self.acl.missing.is_empty();
        let ways = effective(&Bucket {
            policy,
            acl: whole.then_some(grants),
            ownership: match &self.ownership {
                Ok(Some(text)) if text == "BucketOwnerEnforced" => Ownership::BucketOwnerEnforced,
                Ok(_) => Ownership::ListsCount,
                Err(_) => Ownership::Unknown,
            },
            block: self.block.as_ref().map_or(BlockPublicAccess::UNKNOWN, |block| *block),
            account_block: self
                .account_block
                .as_ref()
                .map_or(BlockPublicAccess::UNKNOWN, |block| *block),
            access_points: Some(points.iter().map(|(point, ..)| point.clone()).collect()),
        });
        let mut found = Items { items: Vec::new(), missing: self.points.missing.clone() };
        for way in ways {
            let (via, action, why) = match &way.kind {
                WayKind::Policy => ("policy", action.clone(), why.clone()),
                WayKind::List => ("acl", None, way.why.clone()),
                WayKind::AccessPoint(name) => {
                    let point = points.iter().find(|(point, ..)| point.name == *name);
                    (
                        "access_point",
                        point.and_then(|(_, action, _)| action.clone()),
                        way.why.clone(),
                    )
                }
            };
            match way.public {
                Truth::False => {}
                Truth::Unknown => match &way.kind {
                    WayKind::AccessPoint(name) => {
                        let these = points.iter().filter(|(point, ..)| point.name == *name);
                        found.missing.extend(these.flat_map(|(.., reasons)| reasons.clone()));
                        found.missing.extend(self.blocking());
                    }
                    kind => found.missing.extend(self.reasons(*kind == WayKind::Policy, &why)),
                },
                Truth::True => found.items.push(PublicAccess {
                    via: via.into(),
                    access: Slot::Known(access.as_str().to_owned()),
                    action: Slot::from(action),
                    why: Slot::Known(why),
                }),
            }
        }
        found
    }

    /// The access points as ways in, with an action that gets in and the reasons for what is open.
    fn through_points(&self, access: Access) -> Vec<(AccessPoint, Option<String>, Vec<Reason>)> {
        let Ok(control) = access.control() else { return Vec::new() };
        let points = self.points.known.iter();
        points.map(|point| into_bucket(point, &self.arn, &self.policy, control)).collect()
    }

    /// Why Block Public Access is not known.
    fn blocking(&self) -> impl Iterator<Item = Reason> {
        let levels = [&self.block, &self.account_block];
        levels.into_iter().filter_map(|block| block.as_ref().err().cloned())
    }

    /// What the policy gives the public of that kind of access, a request, and the reason.
    fn through_policy(&self, access: Access) -> (PolicyAnswers, Option<String>, String) {
        // Whatever lets the public in is public to S3 too, so a restriction takes it all away, and
        // then it does not matter what cannot be read.
        let restricted = [&self.block, &self.account_block]
            .iter()
            .any(|block| block.as_ref().is_ok_and(|block| block.restrict_public_buckets.is_true()));
        let open = if restricted { PolicyAnswers::NONE } else { PolicyAnswers::UNKNOWN };
        let unknown = |why: &Reason| (open, None, why.to_string());
        let policy = match &self.policy {
            Ok(Some(policy)) => policy,
            Ok(None) => return (PolicyAnswers::NONE, None, String::new()),
            Err(reason) => return unknown(reason),
        };
        let (arn, owner, control) = match (&self.arn, &self.owner, access.control()) {
            (Ok(arn), Ok(owner), Ok(control)) => (arn, owner, control),
            (Err(reason), _, _) | (_, Err(reason), _) => return unknown(reason),
            (_, _, Err(reason)) => return unknown(&reason),
        };
        let question = Question { policy, kind: ResourceKind::Bucket, resource: Some(arn), owner };
        let finding = question.ask(&[], Some(control)).public;
        let status = public_status(policy, ResourceKind::Bucket).public;
        let answers = PolicyAnswers {
            public: finding.answer,
            external: finding.answer,
            status: Truth::from(status),
        };
        (answers, finding.witness.map(|witness| witness.action), finding.why)
    }

    /// Why it is open whether the public gets in.
    fn reasons(&self, is_policy: bool, why: &str) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.blocking().collect();
        if is_policy {
            reasons.extend(self.policy.as_ref().err().cloned());
            reasons.extend(
                [&self.arn, &self.owner].iter().filter_map(|it| it.as_ref().err().cloned()),
            );
        } else {
            reasons.extend(self.acl.missing.iter().cloned());
            reasons.extend(self.ownership.as_ref().err().cloned());
        }
        if reasons.is_empty() {
            reasons.push(Reason::undecided(why));
        }
        reasons
    }
}

/// Whether a statement allows something to everybody, its conditions aside.
fn may_be_everybodys(statement: &Statement) -> bool {
    let everybody = |principal: &Element<PrincipalPattern>| {
        principal.polarity == Polarity::Except
            || principal.patterns.iter().any(|it| matches!(it, PrincipalPattern::Everyone))
    };
    statement.effect == Effect::Allow && statement.principal.as_ref().is_none_or(everybody)
}

/// Whether a statement depends on the access point that a request comes through.
fn tells_access_points_apart(statement: &Statement) -> bool {
    let tells = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.starts_with("s3:dataaccesspoint") || key == "s3:accesspointnetworkorigin"
    };
    statement.conditions.iter().any(|condition| {
        // A variable may hold such a key as well.
        tells(&condition.key) || condition.operands.iter().any(|it| it.text.contains("${s3:"))
    })
}

/// The access points of the bucket, which are in its own region: that others were not read does not
/// matter.
fn access_points<'a>(bucket: &View<'a>) -> Elements<View<'a>> {
    let mut points = elements(bucket.parts("access_points"));
    if let Ok(region) = required(bucket.text("region")) {
        let elsewhere = |it: &crate::aws::Region| it.as_str() != region;
        points.missing.retain(|reason| !reason.region.as_ref().is_some_and(elsewhere));
    }
    points
}

fn policy_of(bucket: &View<'_>) -> Answer<Option<Document>> {
    let text = optional(bucket.text("policy"))?;
    text.map(|text| parse(text, Kind::Resource)).transpose()
}

/// A grant of an access control list: to whom, and the permission.
pub fn acl_grant(grant: &View<'_>) -> Answer<(Grantee, String)> {
    let permission = required(grant.text("permission"))?.to_owned();
    let grantee = required(grant.text("grantee"))?;
    let grantee = match grantee.rsplit('/').next() {
        Some("AllUsers") => Grantee::AllUsers,
        Some("AuthenticatedUsers") => Grantee::AuthenticatedUsers,
        Some("LogDelivery") => Grantee::LogDelivery,
        _ => Grantee::OtherAccount,
    };
    Ok((grantee, permission))
}

/// The settings of one level; a level without configuration blocks nothing.
pub fn block(level: &View<'_>) -> Answer<BlockPublicAccess> {
    let Some(settings) = optional(level.part("public_access_block"))? else {
        return Ok(BlockPublicAccess::OFF);
    };
    let setting = |name: &str| match required(settings.bool(name)) {
        Ok(on) => Truth::from(on),
        Err(_) => Truth::Unknown,
    };
    Ok(BlockPublicAccess {
        ignore_public_acls: setting("ignore_public_acls"),
        restrict_public_buckets: setting("restrict_public_buckets"),
    })
}

/// What the policy by itself gives the public.
pub(super) fn public_grants(bucket: &View<'_>) -> Draft {
    let found = with_question(bucket, |question| {
        let finding = question.ask(&[], None).public;
        Ok(match known(finding.answer, &finding.why) {
            Ok(false) => Items::default(),
            Err(reason) => Items { items: Vec::new(), missing: vec![reason] },
            Ok(true) => Items::from(vec![PublicAccess {
                via: "policy".into(),
                access: Slot::Absent,
                action: Slot::from(finding.witness.map(|witness| witness.action)),
                why: Slot::Known(finding.why),
            }]),
        })
    });
    Slot::from(found).into_draft::<Items<PublicAccess>>()
}

/// Who outside gets in by the policy.
pub(super) fn foreign_access(bucket: &View<'_>, inventory: &Inventory) -> Draft {
    let found = with_question(bucket, |question| foreigners(question, inventory));
    Slot::from(found).into_draft::<Items<ForeignAccess>>()
}

fn foreigners(question: &Question<'_>, inventory: &Inventory) -> Answer<Items<ForeignAccess>> {
    let administration = denying(ADMINISTRATION, Kind::Rcp)?;
    let mut found = Items::default();
    for foreigner in question.foreigners() {
        let finding = &foreigner.finding;
        match known(finding.answer, &finding.why) {
            Ok(false) => continue,
            Err(reason) => {
                found.missing.push(reason);
                continue;
            }
            Ok(true) => {}
        }
        let administers = question.ask(&foreigner.others, Some(&administration)).external;
        let witness = finding.witness.as_ref().map(|witness| witness.principal.clone());
        let in_scan = |id: &str| inventory.account(id).is_some();
        let account = foreigner.account;
        let principal = account.clone().or(witness).unwrap_or_else(|| "somebody".into());
        let canonical = principal.len() == 64 && principal.bytes().all(|b| b.is_ascii_hexdigit());
        let kind = match (&account, canonical) {
            (Some(_), _) => "account",
            (None, true) => "canonical_user",
            (None, false) => "other",
        };
        found.items.push(ForeignAccess {
            principal: Slot::Known(principal),
            kind: kind.into(),
            in_scan: account.as_deref().is_some_and(in_scan).into(),
            account_id: account.into(),
            administers: known(administers.answer, &administers.why).into(),
            why: Slot::Known(finding.why.clone()),
        });
    }
    for deputy in question.ask(&[], None).confused_deputies {
        match known(deputy.answer, &deputy.why) {
            Ok(false) => {}
            Err(reason) => found.missing.push(reason),
            Ok(true) => found.items.push(ForeignAccess {
                principal: deputy
                    .witness
                    .map(|witness| witness.principal)
                    .ok_or_else(|| Reason::undecided("no request is at hand"))
                    .into(),
                kind: "service".into(),
                account_id: Slot::Absent,
                in_scan: false.into(),
                administers: false.into(),
                why: Slot::Known(deputy.why),
            }),
        }
    }
    Ok(found)
}

fn with_question<T: Default>(
    bucket: &View<'_>,
    ask: impl FnOnce(&Question<'_>) -> Answer<T>,
) -> Answer<T> {
    let Some(policy) = policy_of(bucket)? else { return Ok(T::default()) };
    let arn = required(bucket.text("arn"))?;
    let owner = account_of(bucket)?;
    let kind = ResourceKind::Bucket;
    ask(&Question { policy: &policy, kind, resource: Some(arn), owner: &owner })
}

/// Whether the policy refuses every request without TLS.
pub(super) fn denies_insecure_transport(bucket: &View<'_>) -> Answer<bool> {
    let Some(policy) = policy_of(bucket)? else { return Ok(false) };
    let transport = refuses(&policy, required(bucket.text("arn"))?);
    known(transport.refused, "whether requests without TLS are refused cannot be decided")
}

#[cfg(test)]
mod tests;
