//! GetAccountAuthorizationDetails: all of IAM in one list of pages.

use crate::synthetic::context::Context;
use crate::synthetic::mix::iam_id;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Group, Identity, InlinePolicy, ManagedPolicy, Role, Tag, User};
use crate::synthetic::xml::Xml;

use super::{SIZES, arn, managed, paged, path_or_root, user_fields};

/// What the pages are made of.
enum Entity<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Customer(&'a ManagedPolicy),
    /// By its ARN.
    Aws(&'a str),
}

impl Entity<'_> {
    fn filter(&self) -> &'static str {
        match self {
            Entity::User(_) => "User",
            Entity::Group(_) => "Group",
            Entity::Role(_) => "Role",
            Entity::Customer(_) => "LocalManagedPolicy",
            Entity::Aws(_) => "AWSManagedPolicy",
        }
    }
}

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let identity = &context.account.identity;
    let filters = context.request.params.list("Filter");
    let aws = aws_policies(identity);
    let users = identity.users.iter().map(Entity::User);
    let groups = identity.groups.iter().map(Entity::Group);
    let roles = identity.roles.iter().map(Entity::Role);
    let policies = identity.policies.iter().map(Entity::Customer);
    let entities: Vec<Entity<'_>> = users
        .chain(groups)
        .chain(roles)
        .chain(policies)
        .chain(aws.iter().map(|arn| Entity::Aws(arn)))
        .filter(|entity| filters.is_empty() || filters.contains(&entity.filter()))
        .collect();
    let page = context.page(&entities, SIZES)?;
    Ok(context.query(|xml| {
        section(xml, "UserDetailList", page.items, |xml, entity| {
            if let Entity::User(one) = entity {
                xml.node("member", |xml| user(xml, context, one));
            }
        });
        section(xml, "GroupDetailList", page.items, |xml, entity| {
            if let Entity::Group(one) = entity {
                xml.node("member", |xml| group(xml, context, one));
            }
        });
        section(xml, "RoleDetailList", page.items, |xml, entity| {
            if let Entity::Role(one) = entity {
                xml.node("member", |xml| role(xml, context, one));
            }
        });
        section(xml, "Policies", page.items, |xml, entity| match entity {
            Entity::Customer(one) => {
                xml.node("member", |xml| customer_policy(xml, context, one));
            }
            Entity::Aws(arn) => xml.node("member", |xml| aws_policy(xml, identity, arn)),
            Entity::User(_) | Entity::Group(_) | Entity::Role(_) => {}
        });
        paged(xml, page.next);
    }))
}

fn section(
    xml: &mut Xml,
    name: &str,
    entities: &[Entity<'_>],
    each: impl Fn(&mut Xml, &Entity<'_>),
) {
    xml.node(name, |xml| entities.iter().for_each(|entity| each(xml, entity)));
}

/// ARNs of all policies attached to or bounding somebody.
fn used_policies(identity: &Identity) -> impl Iterator<Item = &str> {
    let users = identity.users.iter().flat_map(|one| one.attached.iter().chain(&one.boundary));
    let groups = identity.groups.iter().flat_map(|one| &one.attached);
    let roles = identity.roles.iter().flat_map(|one| one.attached.iter().chain(&one.boundary));
    users.chain(groups).chain(roles).map(String::as_str)
}

/// Policies of AWS come along as far as they are in use.
fn aws_policies(identity: &Identity) -> Vec<&str> {
    let mut arns: Vec<&str> =
        used_policies(identity).filter(|arn| arn.contains(":iam::aws:policy/")).collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}

fn user(xml: &mut Xml, context: &Context<'_>, user: &User) {
    user_fields(xml, context, user);
    inline(xml, "UserPolicyList", &user.inline);
    xml.texts("GroupList", "member", &user.groups);
    attached(xml, &user.attached);
    boundary(xml, user.boundary.as_deref());
    tags(xml, &user.tags);
}

fn group(xml: &mut Xml, context: &Context<'_>, group: &Group) {
    xml.leaf("Path", "/");
    xml.leaf("GroupName", &group.name);
    xml.leaf("GroupId", iam_id("AGPA", &[&context.account.id, &group.name]));
    xml.leaf("Arn", arn(context, "group", "/", &group.name));
    xml.leaf("CreateDate", group.created);
    inline(xml, "GroupPolicyList", &group.inline);
    attached(xml, &group.attached);
}

fn role(xml: &mut Xml, context: &Context<'_>, role: &Role) {
    let path = path_or_root(&role.path);
    role_fields(xml, context, role);
    xml.list("InstanceProfileList", "member", role.instance_profile.then_some(()), |xml, ()| {
        xml.leaf("Path", path);
        xml.leaf("InstanceProfileName", &role.name);
        xml.leaf("InstanceProfileId", iam_id("AIPA", &[&context.account.id, &role.name]));
        xml.leaf("Arn", arn(context, "instance-profile", path, &role.name));
        xml.leaf("CreateDate", role.created);
        xml.list("Roles", "member", [()], |xml, ()| role_fields(xml, context, role));
    });
    inline(xml, "RolePolicyList", &role.inline);
    attached(xml, &role.attached);
    boundary(xml, role.boundary.as_deref());
    tags(xml, &role.tags);
    xml.node("RoleLastUsed", |xml| {
        if let Some(last) = &role.last_used {
            xml.leaf("LastUsedDate", last.at);
            xml.leaf("Region", &last.region);
        }
    });
}

/// ListRoles: the one call whose list of roles tells how long their sessions may last.
pub fn roles(context: &Context<'_>) -> Result<Answer, Refusal> {
    let page = context.page(&context.account.identity.roles, super::SIZES)?;
    Ok(context.query(|xml| {
        xml.list("Roles", "member", page.items, |xml, role| {
            role_fields(xml, context, role);
            let longest = if role.max_session == 0 { 3600 } else { role.max_session };
            xml.leaf("MaxSessionDuration", longest);
        });
        super::paged(xml, page.next);
    }))
}

fn role_fields(xml: &mut Xml, context: &Context<'_>, role: &Role) {
    let path = path_or_root(&role.path);
    xml.leaf("Path", path);
    xml.leaf("RoleName", &role.name);
    xml.leaf("RoleId", iam_id("AROA", &[&context.account.id, &role.name]));
    xml.leaf("Arn", arn(context, "role", path, &role.name));
    xml.leaf("CreateDate", role.created);
    xml.leaf("AssumeRolePolicyDocument", percent_encoded(&role.trust));
}

fn inline(xml: &mut Xml, name: &str, policies: &[InlinePolicy]) {
    xml.list(name, "member", policies, |xml, policy| {
        xml.leaf("PolicyName", &policy.name);
        xml.leaf("PolicyDocument", percent_encoded(&policy.document));
    });
}

fn attached(xml: &mut Xml, arns: &[String]) {
    xml.list("AttachedManagedPolicies", "member", arns, |xml, arn| {
        xml.leaf("PolicyName", name_of(arn));
        xml.leaf("PolicyArn", arn);
    });
}

fn boundary(xml: &mut Xml, arn: Option<&str>) {
    if let Some(arn) = arn {
        xml.node("PermissionsBoundary", |xml| {
            xml.leaf("PermissionsBoundaryType", "Policy");
            xml.leaf("PermissionsBoundaryArn", arn);
        });
    }
}

fn tags(xml: &mut Xml, tags: &[Tag]) {
    super::super::tags(xml, "Tags", tags);
}

fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn customer_policy(xml: &mut Xml, context: &Context<'_>, policy: &ManagedPolicy) {
    let path = path_or_root(&policy.path);
    let arn = arn(context, "policy", path, &policy.name);
    xml.leaf("PolicyName", &policy.name);
    xml.leaf("PolicyId", iam_id("ANPA", &[&context.account.id, &policy.name]));
    xml.leaf("Arn", &arn);
    xml.leaf("Path", path);
    counts(xml, &context.account.identity, &arn);
    xml.leaf("DefaultVersionId", format!("v{}", policy.default_version));
    xml.leaf("IsAttachable", true);
    xml.leaf("Description", &policy.description);
    xml.leaf("CreateDate", policy.created);
    xml.leaf("UpdateDate", policy.created);
    let versions = policy.versions.iter().enumerate().rev();
    xml.list("PolicyVersionList", "member", versions, |xml, (index, document)| {
        xml.leaf("Document", percent_encoded(document));
        xml.leaf("VersionId", format!("v{}", index + 1));
        xml.leaf("IsDefaultVersion", index + 1 == policy.default_version);
        xml.leaf("CreateDate", policy.created);
    });
}

fn aws_policy(xml: &mut Xml, identity: &Identity, arn: &str) {
    let name = name_of(arn);
    xml.leaf("PolicyName", name);
    xml.leaf("PolicyId", iam_id("ANPA", &["aws", name]));
    xml.leaf("Arn", arn);
    xml.leaf("Path", "/");
    counts(xml, identity, arn);
    xml.leaf("DefaultVersionId", "v1");
    xml.leaf("IsAttachable", true);
    xml.leaf("CreateDate", "2015-02-06T18:39:46Z");
    xml.leaf("UpdateDate", "2015-02-06T18:39:46Z");
    xml.list("PolicyVersionList", "member", [()], |xml, ()| {
        xml.leaf("Document", percent_encoded(managed::document(name)));
        xml.leaf("VersionId", "v1");
        xml.leaf("IsDefaultVersion", true);
        xml.leaf("CreateDate", "2015-02-06T18:39:46Z");
    });
}

/// How often the policy is attached, and how often it is a boundary.
fn counts(xml: &mut Xml, identity: &Identity, arn: &str) {
    let users = identity.users.iter().map(|one| (&one.attached, &one.boundary));
    let roles = identity.roles.iter().map(|one| (&one.attached, &one.boundary));
    let none = None;
    let groups = identity.groups.iter().map(|one| (&one.attached, &none));
    let (mut attachments, mut boundaries) = (0, 0);
    for (attached, boundary) in users.chain(roles).chain(groups) {
        attachments += usize::from(attached.iter().any(|one| one == arn));
        boundaries += usize::from(boundary.as_deref() == Some(arn));
    }
    xml.leaf("AttachmentCount", attachments);
    xml.leaf("PermissionsBoundaryUsageCount", boundaries);
}

/// IAM gives documents percent-encoded by RFC 3986: all but unreserved characters.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            other => {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::params::percent_decoded;

    #[test]
    fn documents_survive_percent_encoding() {
        let document = r#"{"a":"ü * + & %"}"#;
        let encoded = percent_encoded(document);
        assert!(!encoded.contains(['"', ' ', '+', '&']));
        assert_eq!(percent_decoded(&encoded), document);
    }
}
