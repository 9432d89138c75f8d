//! The condition keys whose values follow from the caller and the resource.
//!
//! Source: IAM User Guide, reference_policies_condition-keys and reference_policies_variables
//! ("principal key values").

use super::super::principal::{Caller, is_account_id};
use super::{Context, ContextValue};

impl Context {
    /// Adds the keys that follow from the caller and the owner of the resource, where they are not
    /// listed yet; keys that a caller of this kind cannot have stay as they are. A role that is given
    /// without its session has its own ARN as `aws:PrincipalArn`, as every one of its sessions does; a
    /// session shows the name of its role but not its path, so that its `aws:PrincipalArn` is unknown.
    #[must_use]
    pub fn with_derived(mut self, caller: &Caller, resource_account: Option<&str>) -> Self {
        let one = |text: &str| ContextValue::One(text.into());
        let mut add = |key: &str, value: ContextValue| {
            if self.value(key).is_none() {
                self.insert(key, value);
            }
        };
        if let Some(account) = resource_account.filter(|account| is_account_id(account)) {
            add("aws:resourceaccount", one(account));
        }
        let service = matches!(caller, Caller::Service(_));
        add("aws:principalisawsservice", one(if service { "true" } else { "false" }));
        if let Some(account) = caller.account() {
            add("aws:principalaccount", one(account));
        }
        match caller {
            Caller::Anonymous => add("aws:principaltype", one("Anonymous")),
            Caller::Service(name) => add("aws:principalservicename", one(name)),
            Caller::Federated(provider) => add("aws:federatedprovider", one(provider)),
            Caller::Root(account) => {
                add("aws:principaltype", one("Account"));
                add("aws:userid", one(account));
                add("aws:principalarn", one(&format!("arn:aws:iam::{account}:root")));
            }
            Caller::User { arn, .. } => {
                add("aws:principaltype", one("User"));
                add("aws:principalarn", one(arn));
                add("aws:username", one(arn.rsplit('/').next().unwrap_or_default()));
            }
            Caller::Role { arn, .. } => {
                add("aws:principaltype", one("AssumedRole"));
                add("aws:principalarn", one(arn));
            }
            Caller::Session { .. } => {
                add("aws:principaltype", one("AssumedRole"));
                add("aws:principalarn", ContextValue::Unknown);
            }
            Caller::FederatedUser { arn, .. } => {
                add("aws:principaltype", one("FederatedUser"));
                add("aws:principalarn", one(arn));
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(caller: &str) -> Context {
        let caller = Caller::parse(caller).expect("a caller");
        Context::default().with_derived(&caller, Some("111122223333"))
    }

    fn one(text: &str) -> Option<ContextValue> {
        Some(ContextValue::One(text.into()))
    }

    #[test]
    fn keys_follow_from_the_kind_of_caller() {
        let user = derived("arn:aws:iam::111122223333:user/dev/Ann");
        assert_eq!(user.value("aws:username").cloned(), one("Ann"));
        assert_eq!(user.value("aws:principalaccount").cloned(), one("111122223333"));
        assert_eq!(user.value("aws:resourceaccount").cloned(), one("111122223333"));
        let session = derived("arn:aws:sts::111122223333:assumed-role/App/one");
        assert_eq!(session.value("aws:username"), None);
        assert_eq!(session.value("aws:principalarn"), Some(&ContextValue::Unknown));
        let service = derived("sns.amazonaws.com");
        assert_eq!(service.value("aws:principalisawsservice").cloned(), one("true"));
        assert_eq!(service.value("aws:principalaccount"), None);
    }

    #[test]
    fn listed_keys_are_kept() {
        let mut context = Context::default();
        context.insert("aws:PrincipalArn", ContextValue::One("arn:mine".into()));
        let caller = Caller::parse("arn:aws:iam::111122223333:role/App").expect("a caller");
        let context = context.with_derived(&caller, None);
        assert_eq!(context.value("aws:principalarn").cloned(), one("arn:mine"));
        assert_eq!(context.value("aws:resourceaccount"), None);
    }
}
