//! Refuses replies of IAM Access Analyzer that lack the list they are for, and empty ones of
//! GuardDuty.
//!
//! The SDK fills in an empty list where a required one is missing, and an empty list is a false
//! all-clear. Other services declare their lists as optional, so that a missing one can be seen.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

use super::complete::Truncated;

/// The lists that replies are for; each holds one of them.
const LISTS: [&str; 2] = ["analyzers", "findings"];

/// The interceptor, with what the body of every reply that succeeds is.
#[derive(Debug, Clone, Copy)]
pub struct Answered(fn(&[u8]) -> bool);

/// Of a service whose replies each hold a list.
pub const LISTED: Answered = Answered(has_list);

/// Of a service that answers with JSON and has no empty replies.
pub const NOT_EMPTY: Answered = Answered(|body| !body.trim_ascii().is_empty());

#[dyn_dispatch_hint]
impl Intercept for Answered {
    fn name(&self) -> &'static str {
        "Answered"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        match response.body().bytes() {
            Some(body) if response.status().is_success() && !(self.0)(body) => {
                Err(Truncated.into())
            }
            _ => Ok(()),
        }
    }
}

fn has_list(body: &[u8]) -> bool {
    let reply: Option<Value> = serde_json::from_slice(body).ok();
    reply.is_some_and(|reply| LISTS.iter().any(|name| reply.get(name).is_some_and(Value::is_array)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_there_and_none_is_not() {
        assert!(has_list(br#"{"analyzers":[]}"#));
        assert!(has_list(br#"{"findings":[{"id":"1"}],"nextToken":"x"}"#));
        for without in ["", "{}", "null", r#"{"analyzers":null}"#, r#"{"analyzers":["#] {
            assert!(!has_list(without.as_bytes()), "{without}");
        }
    }
}
