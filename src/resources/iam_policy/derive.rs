//! What policies amount to.

use crate::iam::admin::{Policies, grants_everything, grants_iam};
use crate::iam::document::{Document, Kind};
use crate::iam::relation::within;
use crate::inventory::{Draft, Items, Slot, View};
use crate::resources::breadth;
use crate::resources::kleene::{Answer, optional, reach, required};
use crate::resources::policy::{account_of, known, parse};

/// Whether one policy grants everything.
pub(super) fn is_admin(policy: &View<'_>) -> Answer<bool> {
    let document = document(policy, Kind::Identity)?;
    let policies = Policies { identity: std::slice::from_ref(&document), ..Policies::default() };
    let full = grants_everything(&policies);
    known(full.answer, &full.why)
}

/// Whether one policy grants all of CloudTrail.
pub(super) fn controls_cloudtrail(policy: &View<'_>) -> Answer<bool> {
    let document = document(policy, Kind::Identity)?;
    let everything = r#"{"Version": "2012-10-17", "Statement":
        [{"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}]}"#;
    let inclusion = within(&parse(everything, Kind::Identity)?, &document);
    known(inclusion.answer, &inclusion.why)
}

/// The services that one policy grants wholly.
pub(super) fn whole_services(policy: &View<'_>) -> Answer<Items<String>> {
    Ok(breadth::whole_services(&document(policy, Kind::Identity)?))
}

/// Whether one policy lets decrypt with every key.
pub(super) fn decrypts_with_every_key(policy: &View<'_>) -> Answer<bool> {
    breadth::decrypts_with_every_key(&document(policy, Kind::Identity)?, &account_of(policy)?)
}

/// Whether one policy lets assume every role.
pub(super) fn assumes_every_role(policy: &View<'_>) -> Answer<bool> {
    breadth::assumes_every_role(&document(policy, Kind::Identity)?)
}

/// Whether one policy lets pass every role.
pub(super) fn passes_every_role(policy: &View<'_>) -> Answer<bool> {
    breadth::passes_every_role(&document(policy, Kind::Identity)?, &account_of(policy)?)
}

/// The statements of one policy that grant by exclusion.
pub(super) fn exclusions(policy: &View<'_>) -> Answer<Items<String>> {
    Ok(breadth::exclusions(&document(policy, Kind::Identity)?).into())
}

/// A list of texts as the value of a field.
pub(in crate::resources) fn texts(answer: Answer<Items<String>>) -> Draft {
    Slot::from(answer).into_draft::<Items<String>>()
}

/// The policies that a user, group or role holds, found at these paths. A policy that cannot be read
/// may grant or deny anything.
pub(in crate::resources) fn identity_of(
    principal: &View<'_>,
    paths: &[&[&str]],
) -> Answer<Vec<Document>> {
    let mut identity = Vec::new();
    for path in paths {
        let policies = reach(*principal, path);
        if let Some(reason) = policies.missing.into_iter().next() {
            return Err(reason);
        }
        for policy in &policies.known {
            identity.push(document(policy, Kind::Identity)?);
        }
    }
    Ok(identity)
}

/// The permissions boundary of a user or role.
pub(in crate::resources) fn boundary_of(principal: &View<'_>) -> Answer<Option<Document>> {
    let boundary = optional(principal.part("permissions_boundary"))?;
    boundary.map(|boundary| document(&boundary, Kind::Boundary)).transpose()
}

/// Whether the policies of a group make administrators of its members: by all of IAM, which is in everything.
pub(in crate::resources) fn group_is_admin(group: &View<'_>) -> Answer<bool> {
    let identity = identity_of(group, &[&["attached_policies"], &["inline_policies"]])?;
    let rights = grants_iam(&Policies { identity: &identity, ..Policies::default() });
    known(rights.answer, &rights.why)
}

/// Whether the policies that a user or role holds, found at these paths, make an administrator within the
/// permissions boundary.
pub(in crate::resources) fn principal_is_admin(
    principal: &View<'_>,
    paths: &[&[&str]],
) -> Answer<bool> {
    let identity = identity_of(principal, paths)?;
    let alone = grants_iam(&Policies { identity: &identity, ..Policies::default() });
    if alone.answer.is_false() {
        return Ok(false);
    }
    let rights = match boundary_of(principal)? {
        None => alone,
        Some(boundary) => {
            let policies =
                Policies { identity: &identity, boundary: Some(&boundary), ..Policies::default() };
            grants_iam(&policies)
        }
    };
    known(rights.answer, &rights.why)
}

fn document(policy: &View<'_>, kind: Kind) -> Answer<Document> {
    parse(required(policy.text("document"))?, kind)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::{InlinePolicy, ManagedPolicy};
    use crate::inventory::Record;
    use crate::resources::iam_role::Role;
    use crate::resources::iam_user::User;
    use crate::resources::tests::{assert_blinding, derived};

    const ALL: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*:*", "Resource": ["*"]}}"#;

    fn policy(statements: &Json) -> Json {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        json!({"name": "p", "document": document.to_string()})
    }

    fn allow(action: &str) -> Json {
        json!({"Effect": "Allow", "Action": action, "Resource": "*"})
    }

    fn deny(action: &str) -> Json {
        json!({"Effect": "Deny", "Action": action, "Resource": "*"})
    }

    fn is_admin<R: Record>(given: &Json) -> Json {
        assert_blinding::<R>(given, "is_admin");
        derived::<R>(given, "is_admin")
    }

    #[test]
    fn content_decides_and_not_the_name() {
        assert_eq!(is_admin::<ManagedPolicy>(&policy(&json!([allow("*")]))), true);
        assert_eq!(is_admin::<ManagedPolicy>(&json!({"document": ALL})), true);
        assert_eq!(is_admin::<ManagedPolicy>(&policy(&json!([allow("s3:*")]))), false);
        assert_eq!(is_admin::<ManagedPolicy>(&policy(&json!([allow("*"), deny("*")]))), false);
    }

    #[test]
    fn a_document_that_makes_no_sense_is_not_harmless() {
        for document in ["", "{", "{\"Statement\": [{\"Effect\": \"Allow\"}]}"] {
            let value = derived::<ManagedPolicy>(&json!({"document": document}), "is_admin");
            assert!(value.get("$unknown").is_some(), "{document}: {value}");
        }
    }

    #[test]
    fn all_of_cloudtrail_is_seen_in_wider_grants() {
        let controls = |statements: Json| {
            derived::<ManagedPolicy>(&policy(&statements), "controls_cloudtrail")
        };
        assert_eq!(controls(json!([allow("cloudtrail:*")])), true);
        assert_eq!(controls(json!([allow("*")])), true);
        assert_eq!(controls(json!([allow("cloudtrail:Get*")])), false);
        let kept = json!([allow("*"), deny("cloudtrail:StopLogging")]);
        assert_eq!(controls(kept), false);
    }

    fn user(attached: &[Json], by_group: &[Json], boundary: &Json) -> Json {
        json!({
            "attached_policies": attached, "inline_policies": [],
            "groups": [{"attached_policies": by_group, "inline_policies": []}],
            "permissions_boundary": boundary,
        })
    }

    #[test]
    fn rights_add_up_over_groups_and_shrink_by_denials_and_boundary() {
        let all = policy(&json!([allow("*")]));
        let none = policy(&json!([deny("*")]));
        let some = policy(&json!([allow("s3:*")]));
        assert_eq!(is_admin::<User>(&user(&[], std::slice::from_ref(&all), &json!(null))), true);
        assert_eq!(
            is_admin::<User>(&user(&[none], std::slice::from_ref(&all), &json!(null))),
            false
        );
        assert_eq!(is_admin::<User>(&user(std::slice::from_ref(&all), &[], &some)), false);
        assert_eq!(is_admin::<User>(&user(std::slice::from_ref(&all), &[], &all)), true);
    }

    #[test]
    fn who_has_all_of_iam_gives_itself_the_rest() {
        let iam = policy(&json!([allow("iam:*")]));
        let alone = |policy: &Json| user(std::slice::from_ref(policy), &[], &json!(null));
        assert_eq!(is_admin::<User>(&alone(&iam)), true);
        assert_eq!(is_admin::<User>(&alone(&policy(&json!([allow("iam:Get*")])))), false);
        let kept = policy(&json!([allow("iam:*"), deny("iam:AttachUserPolicy")]));
        assert_eq!(is_admin::<User>(&alone(&kept)), false);
        assert_eq!(is_admin::<ManagedPolicy>(&iam), false);
    }

    #[test]
    fn an_unreadable_policy_may_grant_or_deny_anything() {
        let all = policy(&json!([allow("*")]));
        let given = json!({
            "attached_policies": [all, {"$unknown": "denied"}], "inline_policies": [],
            "permissions_boundary": null,
        });
        assert!(derived::<Role>(&given, "is_admin").get("$unknown").is_some());
    }

    #[test]
    fn the_owner_of_a_policy_is_in_its_arn() {
        let managed = |arn: &str| derived::<ManagedPolicy>(&json!({"arn": arn}), "is_aws_managed");
        assert_eq!(managed("arn:aws:iam::aws:policy/AdministratorAccess"), true);
        assert_eq!(managed("arn:aws:iam::111122223333:policy/mine"), false);
        assert_eq!(is_admin::<InlinePolicy>(&policy(&json!([allow("*")]))), true);
    }
}
