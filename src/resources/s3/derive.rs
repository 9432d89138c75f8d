//! Who gets at a bucket.

use std::sync::OnceLock;

use super::{ForeignAccess, PublicAccess};
use crate::iam::data::{self, AccessLevel};
use crate::iam::document::{Document, Kind};
use crate::iam::exposure::ResourceKind;
use crate::iam::s3::{
    AclGrant, BlockPublicAccess, Bucket, Grantee, Ownership, PolicyAnswers, WayKind,
    denies_insecure_transport as refuses, effective, public_status,
};
use crate::iam::truth::Truth;
use crate::inventory::{Draft, Elements, Inventory, Items, Reason, Slot, View};
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
struct Seen {
    policy: Answer<Option<Document>>,
    acl: Elements<(Grantee, String)>,
    ownership: Answer<Option<String>>,
    block: Answer<BlockPublicAccess>,
    account_block: Answer<BlockPublicAccess>,
    arn: Answer<String>,
    owner: Answer<String>,
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

impl Seen {
    fn of(bucket: &View<'_>) -> Self {
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
        }
    }

    fn public(&self, access: Access) -> Items<PublicAccess> {
        let (policy, action, why) = self.through_policy(access);
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
            access_points: Some(Vec::new()),
        });
        let mut found = Items::default();
        for way in ways {
            let is_policy = way.kind == WayKind::Policy;
            match way.public {
                Truth::False => {}
                Truth::Unknown => found.missing.extend(self.reasons(is_policy, &why)),
                Truth::True => found.items.push(PublicAccess {
                    via: if is_policy { "policy" } else { "acl" }.into(),
                    access: Slot::Known(access.as_str().to_owned()),
                    action: Slot::from(action.clone().filter(|_| is_policy)),
                    why: Slot::Known(if is_policy { why.clone() } else { way.why }),
                }),
            }
        }
        found
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
        let mut reasons: Vec<Reason> = [&self.block, &self.account_block]
            .iter()
            .filter_map(|block| block.as_ref().err().cloned())
            .collect();
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
        let in_scan = |id: &str| inventory.accounts.iter().any(|own| own.id.as_str() == id);
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
