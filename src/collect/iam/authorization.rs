//! Users, groups, roles and policies out of the authorization details.

use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, Tag as IamTag, UserDetail,
};

use super::super::convert::{int, missing, texts, time};
use crate::inventory::{Items, Slot};
use crate::resources::iam_group::Group;
use crate::resources::iam_policy::{InlinePolicy, ManagedPolicy};
use crate::resources::iam_role::Role;
use crate::resources::iam_user::User;
use crate::resources::tag::Tag;

/// What the details say of a user.
pub(super) fn user(detail: UserDetail) -> User {
    User {
        name: detail.user_name.into(),
        arn: detail.arn.into(),
        id: detail.user_id.into(),
        path: detail.path.into(),
        create_date: time(detail.create_date),
        tags: tags(detail.tags),
        group_names: texts(detail.group_list),
        attached_policy_arns: attached(detail.attached_managed_policies),
        inline_policies: inline(detail.user_policy_list),
        permissions_boundary_arn: boundary(detail.permissions_boundary),
        ..User::default()
    }
}

/// What the details say of a group.
pub(super) fn group(detail: GroupDetail) -> Group {
    Group {
        name: detail.group_name.into(),
        arn: detail.arn.into(),
        id: detail.group_id.into(),
        path: detail.path.into(),
        create_date: time(detail.create_date),
        attached_policy_arns: attached(detail.attached_managed_policies),
        inline_policies: inline(detail.group_policy_list),
    }
}

/// What the details say of a role.
pub(super) fn role(detail: RoleDetail) -> Role {
    let profiles = detail.instance_profile_list.unwrap_or_default().into_iter();
    Role {
        name: detail.role_name.into(),
        arn: detail.arn.into(),
        id: detail.role_id.into(),
        path: detail.path.into(),
        create_date: time(detail.create_date),
        assume_role_policy_document: document(detail.assume_role_policy_document),
        tags: tags(detail.tags),
        attached_policy_arns: attached(detail.attached_managed_policies),
        inline_policies: inline(detail.role_policy_list),
        permissions_boundary_arn: boundary(detail.permissions_boundary),
        last_used_date: time(detail.role_last_used.and_then(|used| used.last_used_date)),
        instance_profile_arns: Slot::Known(profiles.map(|profile| profile.arn).collect()),
        ..Role::default()
    }
}

/// What the details say of a managed policy: the version in force and no other.
pub(super) fn policy(detail: ManagedPolicyDetail) -> ManagedPolicy {
    let versions = detail.policy_version_list.unwrap_or_default();
    let in_force = versions.into_iter().find(|version| {
        version.is_default_version
            || (version.version_id.is_some() && version.version_id == detail.default_version_id)
    });
    ManagedPolicy {
        arn: detail.arn.into(),
        name: detail.policy_name.into(),
        id: detail.policy_id.into(),
        path: detail.path.into(),
        attachment_count: int(detail.attachment_count),
        permissions_boundary_usage_count: int(detail.permissions_boundary_usage_count),
        is_attachable: detail.is_attachable.into(),
        default_version_id: detail.default_version_id.into(),
        document: document(in_force.and_then(|version| version.document)),
        create_date: time(detail.create_date),
        update_date: time(detail.update_date),
    }
}

fn attached(policies: Option<Vec<AttachedPolicy>>) -> Slot<Items<String>> {
    let policies = policies.unwrap_or_default();
    let missing: Vec<_> = policies
        .iter()
        .filter(|policy| policy.policy_arn.is_none())
        .map(|_| missing("an attached policy without ARN"))
        .collect();
    let items = policies.into_iter().filter_map(|policy| policy.policy_arn).collect();
    Slot::Known(Items { items, missing })
}

fn inline(policies: Option<Vec<PolicyDetail>>) -> Slot<Items<InlinePolicy>> {
    let policies = policies.unwrap_or_default().into_iter();
    let policies = policies.map(|policy| InlinePolicy {
        name: policy.policy_name.into(),
        document: document(policy.policy_document),
    });
    Slot::Known(policies.collect())
}

fn boundary(boundary: Option<AttachedPermissionsBoundary>) -> Slot<String> {
    boundary.map_or(Slot::Absent, |boundary| match boundary.permissions_boundary_arn {
        Some(arn) => Slot::Known(arn),
        None => Slot::Unknown(missing("a permissions boundary without ARN")),
    })
}

fn tags(tags: Option<Vec<IamTag>>) -> Slot<Items<Tag>> {
    let tags = tags.unwrap_or_default().into_iter();
    Slot::Known(tags.map(|tag| Tag { key: tag.key.into(), value: tag.value.into() }).collect())
}

/// A policy document, which IAM sends percent-encoded.
fn document(encoded: Option<String>) -> Slot<String> {
    let Some(encoded) = encoded else { return Slot::Absent };
    percent_decoded(&encoded)
        .map_or_else(|| Slot::Unknown(missing("a policy document in no encoding")), Slot::Known)
}

/// Text with `%XX` replaced by that byte; `None` where the bytes are no text.
fn percent_decoded(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten().and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)
        });
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded() {
        let decoded = percent_decoded("%7B%22a%22%3A%22%C3%A9%20+%22%7D").unwrap();
        assert_eq!(decoded, "{\"a\":\"é +\"}");
        assert_eq!(percent_decoded("100%").as_deref(), Some("100%"));
        assert_eq!(percent_decoded("%+1").as_deref(), Some("%+1"));
        assert_eq!(percent_decoded("%ff"), None);
    }

    #[test]
    fn a_policy_shows_the_version_in_force() {
        use aws_sdk_iam::types::PolicyVersion;
        let version = |id: &str, document: &str, in_force: bool| {
            PolicyVersion::builder()
                .version_id(id)
                .document(document)
                .is_default_version(in_force)
                .build()
        };
        let detail = ManagedPolicyDetail::builder()
            .default_version_id("v2")
            .policy_version_list(version("v3", "new", false))
            .policy_version_list(version("v2", "old", true))
            .build();
        assert_eq!(policy(detail).document, Slot::Known("old".to_owned()));
        assert_eq!(policy(ManagedPolicyDetail::builder().build()).document, Slot::Absent);
    }
}
