//! Requests: who wants to do what to which resource, and the condition keys that come with it.
//!
//! A request is prepared once (names lowered, reference data looked up), so that deciding it many times
//! costs nothing of that. This module knows nothing about policies.

mod context;
mod derived;

pub use context::{Context, ContextValue, Unlisted};

use super::data::{self, AccessLevel};
use super::principal::{Caller, is_account_id};
use super::truth::Truth;

/// A request to be decided.
#[derive(Clone, Debug)]
pub struct Request {
    caller: Caller,
    action: Box<str>,
    prefix: usize,
    resource: Box<str>,
    resource_account: Option<Box<str>>,
    context: Context,
    wildcard_only: bool,
    rcp_service: bool,
    needs_resource_grant: bool,
    refused: Option<&'static str>,
    always_allowed: bool,
}

impl Request {
    /// A request of `caller` for `action` (`service:Name`, any case) on `resource` (an ARN, or `*` for
    /// actions without one). `resource_account` is the account that owns the resource; without it the
    /// ARN's is taken, or the caller's for `*`.
    #[must_use]
    pub fn new(
        caller: Caller,
        action: &str,
        resource: &str,
        resource_account: Option<&str>,
        context: Context,
    ) -> Self {
        let lower = action.to_ascii_lowercase();
        let known = data::action(&lower);
        let prefix = lower.split(':').next().unwrap_or_default();
        let owner = resource_account.or_else(|| owner(resource, &caller));
        Self {
            refused: refusal(&lower, known.map(|a| a.level), resource, &caller, &context),
            always_allowed: lower == "sts:getcalleridentity" && caller != Caller::Anonymous,
            rcp_service: data::supports_rcp(prefix) && lower != "kms:retiregrant",
            needs_resource_grant: needs_resource_grant(prefix, resource),
            wildcard_only: known.is_some_and(|a| a.wildcard_only),
            prefix: prefix.len(),
            resource_account: owner.map(Box::from),
            action: lower.into(),
            resource: resource.into(),
            caller,
            context,
        }
    }

    /// Says whether the action has no resource types, instead of what the reference data knows.
    #[must_use]
    pub fn with_wildcard_only(mut self, wildcard_only: bool) -> Self {
        self.wildcard_only = wildcard_only;
        self
    }

    /// Who asks.
    #[must_use]
    #[inline]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The action in lower case.
    #[must_use]
    #[inline]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The service prefix of the action, in lower case.
    #[must_use]
    #[inline]
    pub fn service(&self) -> &str {
        self.action.get(..self.prefix).unwrap_or_default()
    }

    /// The resource as it was given.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// What `Resource` patterns are compared with: `*` for actions without resource types, since only
    /// a pattern that covers `*` grants those.
    #[must_use]
    #[inline]
    pub fn matched_resource(&self) -> &str {
        if self.wildcard_only { "*" } else { &self.resource }
    }

    /// The account that owns the resource, if it is known.
    #[must_use]
    #[inline]
    pub fn resource_account(&self) -> Option<&str> {
        self.resource_account.as_deref()
    }

    /// The condition keys.
    #[must_use]
    #[inline]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Whether caller and resource are in one account. False for a caller without account; what AWS
    /// itself owns counts as everybody's own.
    #[must_use]
    pub fn same_account(&self) -> Truth {
        match (self.caller.account(), self.resource_account()) {
            (None, _) => Truth::False,
            (Some(_), None) => Truth::Unknown,
            (Some(_), Some("aws")) => Truth::True,
            (Some(caller), Some(owner)) => Truth::from(caller == owner),
        }
    }

    /// Whether resource control policies apply to the action at all.
    #[must_use]
    pub fn supports_rcp(&self) -> bool {
        self.rcp_service
    }

    /// Whether the resource's own policy must allow even within the account: roles and KMS keys.
    #[must_use]
    pub fn needs_resource_grant(&self) -> bool {
        self.needs_resource_grant
    }

    /// Why AWS refuses the request whatever the policies say, if it does.
    #[must_use]
    pub fn refused(&self) -> Option<&'static str> {
        self.refused
    }

    /// Whether the action needs no permission and cannot be denied: `sts:GetCallerIdentity`.
    #[must_use]
    pub fn always_allowed(&self) -> bool {
        self.always_allowed
    }
}

/// The account of an ARN; `*` belongs to the caller.
fn owner<'a>(resource: &'a str, caller: &'a Caller) -> Option<&'a str> {
    if resource == "*" {
        return caller.account();
    }
    let account = resource.split(':').nth(4)?;
    (is_account_id(account) || account == "aws").then_some(account)
}

/// A role's trust policy must allow whatever STS does to the role, a key's policy whatever KMS does to
/// the key; identity policies alone do not suffice (IAM User Guide, evaluation logic; KMS Developer
/// Guide, key policies).
fn needs_resource_grant(prefix: &str, resource: &str) -> bool {
    let name = resource.splitn(6, ':').nth(5).unwrap_or_default();
    match prefix {
        "sts" => name.starts_with("role/"),
        "kms" => name.starts_with("key/"),
        _ => false,
    }
}

/// What AWS refuses whatever the policies say: changing what it owns, and session names that STS does
/// not accept.
fn refusal(
    action: &str,
    level: Option<AccessLevel>,
    resource: &str,
    caller: &Caller,
    context: &Context,
) -> Option<&'static str> {
    let changes = match level {
        Some(AccessLevel::Write | AccessLevel::PermissionsManagement | AccessLevel::Tagging) => {
            true
        }
        Some(AccessLevel::List | AccessLevel::Read) | None => false,
    };
    if action.starts_with("iam:") && changes {
        if resource.contains(":iam::aws:policy/") {
            return Some("nobody can change a policy that AWS manages");
        }
        if resource.contains(":role/aws-reserved/") && !caller.is_service_linked() {
            return Some("only AWS itself can change roles below `aws-reserved/`");
        }
    }
    let alias = matches!(action, "kms:createalias" | "kms:updatealias" | "kms:deletealias");
    if alias && resource.contains(":alias/aws/") {
        return Some("aliases that begin with `alias/aws/` belong to AWS");
    }
    if action.starts_with("sts:")
        && let Some(ContextValue::One(name)) = context.value("sts:rolesessionname")
        && !is_session_name(name)
    {
        return Some("STS does not accept the name of the session");
    }
    None
}

fn is_session_name(name: &str) -> bool {
    let valid = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    (2..=64).contains(&name.len()) && name.bytes().all(valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(caller: &str, action: &str, resource: &str) -> Request {
        let caller = Caller::parse(caller).expect("a caller");
        Request::new(caller, action, resource, None, Context::default())
    }

    const USER: &str = "arn:aws:iam::111122223333:user/Ann";

    #[test]
    fn the_owner_comes_from_the_arn_or_the_caller() {
        let queue = request(USER, "sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:q");
        assert_eq!(queue.same_account(), Truth::False);
        assert_eq!(request(USER, "s3:ListAllMyBuckets", "*").same_account(), Truth::True);
        assert_eq!(
            request(USER, "s3:GetObject", "arn:aws:s3:::b/k").same_account(),
            Truth::Unknown
        );
        assert_eq!(request("anonymous", "s3:GetObject", "*").same_account(), Truth::False);
    }

    #[test]
    fn actions_without_resource_types_are_compared_with_a_star() {
        let list = request(USER, "s3:ListAllMyBuckets", "arn:aws:s3:::b");
        assert_eq!(list.matched_resource(), "*");
        assert_eq!(list.service(), "s3");
        assert_eq!(list.with_wildcard_only(false).matched_resource(), "arn:aws:s3:::b");
    }

    #[test]
    fn what_aws_owns_cannot_be_changed() {
        let managed = "arn:aws:iam::aws:policy/AdministratorAccess";
        assert!(request(USER, "iam:CreatePolicyVersion", managed).refused().is_some());
        assert!(request(USER, "iam:GetPolicy", managed).refused().is_none());
        let alias = "arn:aws:kms:us-east-1:111122223333:alias/aws/s3";
        assert!(request(USER, "kms:DeleteAlias", alias).refused().is_some());
        let reserved = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/R";
        assert!(request(USER, "iam:PutRolePolicy", reserved).refused().is_some());
    }

    #[test]
    fn session_names_are_limited() {
        let mut context = Context::default();
        context.insert("sts:RoleSessionName", ContextValue::One("a b".into()));
        let caller = Caller::parse(USER).expect("a caller");
        let role = "arn:aws:iam::111122223333:role/R";
        assert!(Request::new(caller, "sts:AssumeRole", role, None, context).refused().is_some());
    }
}
