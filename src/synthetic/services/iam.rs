//! IAM.

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::mix::iam_id;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Identity, Mfa, MfaKind, User};
use crate::synthetic::xml::Xml;

mod details;
mod managed;
mod report;

/// How IAM pages.
const SIZES: Sizes = Sizes { field: "MaxItems", default: 100, most: 1000, token: "Marker" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let identity = &context.account.identity;
    match context.request.operation.as_str() {
        "GetAccountAuthorizationDetails" => details::answer(context),
        "GenerateCredentialReport" => Ok(report::generate(context)),
        "GetCredentialReport" => Ok(report::get(context)),
        "GetAccountSummary" => Ok(summary(context, identity)),
        "GetAccountPasswordPolicy" => password_policy(context, identity),
        "ListVirtualMFADevices" => virtual_devices(context, identity),
        "ListMFADevices" => devices(context, identity),
        "ListAccessKeys" => access_keys(context, identity),
        "ListRoles" => details::roles(context),
        "ListSAMLProviders" => Ok(saml_providers(context, identity)),
        "ListOpenIDConnectProviders" => Ok(oidc_providers(context, identity)),
        "ListServerCertificates" => certificates(context, identity),
        "ListOrganizationsFeatures" => organization_features(context),
        "ListAccountAliases" => aliases(context, identity),
        _ => Err(context.unknown_operation()),
    }
}

/// The ARN of something in IAM; `path` begins and ends with a slash.
fn arn(context: &Context<'_>, kind: &str, path: &str, name: &str) -> String {
    format!("arn:{}:iam::{}:{kind}{path}{name}", context.partition(), context.account.id)
}

fn path_or_root(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// Closes a list as IAM does: whether there is more, and the marker.
fn paged(xml: &mut Xml, next: Option<String>) {
    xml.leaf("IsTruncated", next.is_some());
    xml.maybe("Marker", next);
}

fn no_such_entity(message: String) -> Refusal {
    Refusal::new(404, "NoSuchEntity", message)
}

/// Only the management account may ask, and only where IAM works with the organization.
fn organization_features(context: &Context<'_>) -> Result<Answer, Refusal> {
    let organization = context.organization;
    if context.caller.account != organization.management {
        let code = "AccountNotManagementOrDelegatedAdministratorException";
        return Err(Refusal::new(400, code, "The account may not ask"));
    }
    if organization.iam_features.is_empty() {
        let code = "ServiceAccessNotEnabledException";
        return Err(Refusal::new(400, code, "Trusted access is not enabled"));
    }
    Ok(context.query(|xml| {
        xml.leaf("OrganizationId", &organization.id);
        xml.texts("EnabledFeatures", "member", &organization.iam_features);
    }))
}

fn saml_providers(context: &Context<'_>, identity: &Identity) -> Answer {
    context.query(|xml| {
        xml.list("SAMLProviderList", "member", &identity.saml_providers, |xml, name| {
            xml.leaf("Arn", arn(context, "saml-provider", "/", name));
        });
    })
}

fn oidc_providers(context: &Context<'_>, identity: &Identity) -> Answer {
    context.query(|xml| {
        xml.list("OpenIDConnectProviderList", "member", &identity.oidc_providers, |xml, host| {
            xml.leaf("Arn", arn(context, "oidc-provider", "/", host));
        });
    })
}

fn summary(context: &Context<'_>, identity: &Identity) -> Answer {
    let root = &identity.root;
    let mfa_in_use: usize = identity.users.iter().map(|user| user.mfa.len()).sum();
    let flag = usize::from;
    let entries = [
        ("Users", identity.users.len()),
        ("Groups", identity.groups.len()),
        ("Roles", identity.roles.len()),
        ("Policies", identity.policies.len()),
        ("ServerCertificates", identity.certificates.len()),
        ("MFADevices", mfa_in_use + root.mfa.len()),
        ("MFADevicesInUse", mfa_in_use + root.mfa.len()),
        ("AccountMFAEnabled", flag(!root.mfa.is_empty())),
        ("AccountPasswordPresent", flag(root.password.is_some())),
        ("AccountAccessKeysPresent", flag(!root.keys.is_empty())),
        ("AccountSigningCertificatesPresent", flag(root.signing_certificate)),
        ("UsersQuota", 5000),
        ("GroupsQuota", 300),
        ("AccessKeysPerUserQuota", 2),
        ("PolicyVersionsInUseQuota", 10_000),
    ];
    context.query(|xml| {
        xml.list("SummaryMap", "entry", entries, |xml, (key, value)| {
            xml.leaf("key", key);
            xml.leaf("value", value);
        });
    })
}

fn password_policy(context: &Context<'_>, identity: &Identity) -> Result<Answer, Refusal> {
    let Some(policy) = &identity.password_policy else {
        let account = &context.account.id;
        let message = format!("The Password Policy with domain name {account} cannot be found.");
        return Err(no_such_entity(message));
    };
    Ok(context.query(|xml| {
        xml.node("PasswordPolicy", |xml| {
            xml.leaf("MinimumPasswordLength", policy.minimum_length);
            xml.leaf("RequireSymbols", policy.symbols);
            xml.leaf("RequireNumbers", policy.numbers);
            xml.leaf("RequireUppercaseCharacters", policy.uppercase);
            xml.leaf("RequireLowercaseCharacters", policy.lowercase);
            xml.leaf("AllowUsersToChangePassword", policy.self_service);
            xml.leaf("ExpirePasswords", policy.max_age.is_some());
            xml.maybe("MaxPasswordAge", policy.max_age);
            xml.maybe("PasswordReusePrevention", policy.reuse_prevention);
            xml.leaf("HardExpiry", policy.hard_expiry);
        });
    }))
}

/// Virtual devices are named by an ARN, others by their serial number.
fn serial(context: &Context<'_>, device: &Mfa) -> String {
    match device.kind {
        MfaKind::Virtual => arn(context, "mfa", "/", &device.name),
        MfaKind::Hardware => device.name.clone(),
    }
}

fn virtual_devices(context: &Context<'_>, identity: &Identity) -> Result<Answer, Refusal> {
    // All virtual devices of the world are assigned to somebody.
    let unassigned = context.get("AssignmentStatus") == Some("Unassigned");
    let of_root = identity.root.mfa.iter().map(|device| (device, None));
    let of_users =
        identity.users.iter().flat_map(|user| user.mfa.iter().map(move |mfa| (mfa, Some(user))));
    let devices: Vec<(&Mfa, Option<&User>)> = of_root
        .chain(of_users)
        .filter(|(device, _)| device.kind == MfaKind::Virtual && !unassigned)
        .collect();
    let page = context.page(&devices, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("VirtualMFADevices", "member", page.items, |xml, (device, user)| {
            xml.leaf("SerialNumber", serial(context, device));
            xml.leaf("EnableDate", device.enabled);
            xml.node("User", |xml| match user {
                Some(user) => user_fields(xml, context, user),
                None => {
                    let account = &context.account.id;
                    xml.leaf("UserId", account);
                    xml.leaf("Arn", format!("arn:{}:iam::{account}:root", context.partition()));
                    xml.leaf("CreateDate", identity.root.created);
                }
            });
        });
        paged(xml, page.next);
    }))
}

/// What all operations say about a user.
fn user_fields(xml: &mut Xml, context: &Context<'_>, user: &User) {
    let path = path_or_root(&user.path);
    xml.leaf("Path", path);
    xml.leaf("UserName", &user.name);
    xml.leaf("UserId", iam_id("AIDA", &[&context.account.id, &user.name]));
    xml.leaf("Arn", arn(context, "user", path, &user.name));
    xml.leaf("CreateDate", user.created);
}

/// The user that the request names.
fn user<'i>(context: &Context<'_>, identity: &'i Identity) -> Result<&'i User, Refusal> {
    let name = context.required("UserName")?;
    identity
        .users
        .iter()
        .find(|user| user.name == name)
        .ok_or_else(|| no_such_entity(format!("The user with name {name} cannot be found.")))
}

fn devices(context: &Context<'_>, identity: &Identity) -> Result<Answer, Refusal> {
    let user = user(context, identity)?;
    let page = context.page(&user.mfa, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("MFADevices", "member", page.items, |xml, device| {
            xml.leaf("UserName", &user.name);
            xml.leaf("SerialNumber", serial(context, device));
            xml.leaf("EnableDate", device.enabled);
        });
        paged(xml, page.next);
    }))
}

fn access_keys(context: &Context<'_>, identity: &Identity) -> Result<Answer, Refusal> {
    let user = user(context, identity)?;
    let keys: Vec<_> = user.keys.iter().enumerate().collect();
    let page = context.page(&keys, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("AccessKeyMetadata", "member", page.items, |xml, (index, key)| {
            let id = iam_id("AKIA", &[&context.account.id, &user.name, &index.to_string()]);
            xml.leaf("UserName", &user.name);
            xml.leaf("AccessKeyId", id.get(..20).unwrap_or(&id));
            xml.leaf("Status", if key.active { "Active" } else { "Inactive" });
            xml.leaf("CreateDate", key.created);
        });
        paged(xml, page.next);
    }))
}

fn certificates(context: &Context<'_>, identity: &Identity) -> Result<Answer, Refusal> {
    let page = context.page(&identity.certificates, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("ServerCertificateMetadataList", "member", page.items, |xml, one| {
            xml.leaf("Path", "/");
            xml.leaf("ServerCertificateName", &one.name);
            let id = iam_id("ASCA", &[&context.account.id, &one.name]);
            xml.leaf("ServerCertificateId", id);
            xml.leaf("Arn", arn(context, "server-certificate", "/", &one.name));
            xml.leaf("UploadDate", one.uploaded);
            xml.leaf("Expiration", one.expires);
        });
        paged(xml, page.next);
    }))
}

fn aliases(context: &Context<'_>, identity: &Identity) -> Result<Answer, Refusal> {
    let aliases: Vec<&String> = identity.alias.iter().collect();
    let page = context.page(&aliases, SIZES)?;
    Ok(context.query(|xml| {
        xml.texts("AccountAliases", "member", page.items);
        paged(xml, page.next);
    }))
}
