//! Batch evaluation: one JSON object a line in, one out, for tests and other programs.
//!
//! In: `{id, identity_policies[], boundary, scps[[…]], rcps[[…]], resource_policy, session_policy,
//! endpoint_policies[], settings{management_account, wildcard_only_action}, request{principal, action,
//! resource, resource_account, context{}}}`. Policies are objects or their text; what is absent or null
//! does not take part. Levels of `scps` and `rcps` go from the root to the account, `rcps` without
//! `RCPFullAWSAccess`. `principal` is an ARN, `anonymous`, or the name of a service. Context values are
//! scalars or lists of them; null means that the key is not known; keys that are not listed are absent.
//! `management_account` is an account id, or whether the caller is in that account.
//!
//! Out: `{id, decision, why}` with `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied` or `Unknown`; or
//! `{id, error}` for a line that is no such object, as in all batches. A malformed policy is no error: it makes the
//! decision unknown where it matters.

mod fields;
mod reply;

use serde_json::Map;

use super::document::{Document, Kind, Malformed};
use super::evaluate::{self, Policies, PolicySet};
use super::json::{Node, Value};
use super::principal::Caller;
use super::request::{Context, ContextValue, Request};
use fields::{Fields, scalar};

pub use reply::{MAX_LINE, Reply};

/// How long the names in a request and the values of its context may be, in bytes.
const MAX_TEXT: usize = 16 << 10;
/// How many keys a context may have, and how many values a key.
const MAX_COUNT: usize = 1000;

/// Decides one case; the input is a line of JSON without its end.
#[must_use]
pub fn evaluate(line: &str) -> Reply {
    Reply::to(line, |node| {
        let (request, policies) = read(node)?;
        let verdict = evaluate::explain(&request, &policies);
        let decision = verdict.decision.name();
        Ok(Map::from_iter([
            ("decision".to_owned(), decision.into()),
            ("why".to_owned(), verdict.why.into()),
        ]))
    })
}

fn read(node: &Node) -> Result<(Request, Policies), String> {
    let fields = Fields::of(
        node,
        "the case",
        &[
            "id",
            "identity_policies",
            "boundary",
            "scps",
            "rcps",
            "resource_policy",
            "session_policy",
            "endpoint_policies",
            "settings",
            "request",
        ],
    )?;
    let request_node = fields.get("request").ok_or("`request` is missing")?;
    let mut request = request(request_node)?;
    let mut policies = Policies {
        identity: fields
            .get("identity_policies")
            .map_or(Ok(PolicySet::default()), |n| set(n, "identity_policies", Kind::Identity))?,
        boundary: fields.get("boundary").map(|n| single(n, Kind::Boundary)),
        scps: levels(&fields, "scps", Kind::Scp)?,
        rcps: levels(&fields, "rcps", Kind::Rcp)?,
        resource: fields.get("resource_policy").map(|n| single(n, resource_kind(&request))),
        session: fields.get("session_policy").map(|n| single(n, Kind::Session)),
        endpoint: match fields.get("endpoint_policies") {
            Some(node) if node.as_list().is_empty() => None,
            Some(node) => Some(set(node, "endpoint_policies", Kind::Endpoint)?),
            None => None,
        },
        ..Policies::default()
    };
    if let Some(node) = fields.get("settings") {
        request = settings(node, request, &mut policies)?;
    }
    Ok((request, policies))
}

/// The policy of a role is its trust policy.
fn resource_kind(request: &Request) -> Kind {
    let name = request.resource().splitn(6, ':').nth(5).unwrap_or_default();
    let role = request.resource().contains(":iam::") && name.starts_with("role/");
    if role { Kind::Trust } else { Kind::Resource }
}

fn settings(node: &Node, request: Request, policies: &mut Policies) -> Result<Request, String> {
    let fields = Fields::of(node, "`settings`", &["management_account", "wildcard_only_action"])?;
    policies.management_account = match fields.get("management_account").map(|n| &n.value) {
        None | Some(Value::Bool(false)) => None,
        Some(Value::Bool(true)) => {
            request.caller().account().or(request.resource_account()).map(Box::from)
        }
        Some(Value::String(account)) => Some(account.as_str().into()),
        Some(_) => return Err("`management_account` is neither an account nor a boolean".into()),
    };
    match fields.get("wildcard_only_action").map(|n| &n.value) {
        None => Ok(request),
        Some(Value::Bool(only)) => Ok(request.with_wildcard_only(*only)),
        Some(_) => Err("`wildcard_only_action` is not a boolean".into()),
    }
}

fn request(node: &Node) -> Result<Request, String> {
    let fields = Fields::of(
        node,
        "`request`",
        &["principal", "action", "resource", "resource_account", "context"],
    )?;
    let principal = fields.text("principal")?.ok_or("`principal` is missing")?;
    let caller = Caller::parse(principal)
        .ok_or("`principal` is not the ARN of a principal, `anonymous` or a service")?;
    let action = fields.text("action")?.ok_or("`action` is missing")?;
    if !action.contains(':') {
        return Err("`action` is not `service:Name`".into());
    }
    let resource = fields.text("resource")?.ok_or("`resource` is missing")?;
    let account = fields.text("resource_account")?;
    let mut context = Context::default();
    if let Some(node) = fields.get("context") {
        let Value::Object(entries) = &node.value else {
            return Err("`context` is not an object".into());
        };
        if entries.len() > MAX_COUNT {
            return Err(format!("the context has more than {MAX_COUNT} keys"));
        }
        for (key, value) in entries {
            if context.insert(key, value_of(key, value)?).is_some() {
                return Err(format!("the context has `{key}` more than once"));
            }
        }
    }
    Ok(Request::new(caller, action, resource, account, context))
}

fn value_of(key: &str, node: &Node) -> Result<ContextValue, String> {
    let wrong = || {
        format!(
            "the context value of `{key}` is not a scalar of at most {MAX_TEXT} bytes, nor a list of \
             at most {MAX_COUNT} of them"
        )
    };
    let scalar = |node| scalar(node).filter(|text| text.len() <= MAX_TEXT);
    match &node.value {
        Value::Null => Ok(ContextValue::Unknown),
        Value::Array(items) if items.len() > MAX_COUNT => Err(wrong()),
        Value::Array(items) => {
            let values = items.iter().map(|i| scalar(i).map(Box::from)).collect::<Option<_>>();
            values.map(ContextValue::Many).ok_or_else(wrong)
        }
        _ => scalar(node).map(|text| ContextValue::One(text.into())).ok_or_else(wrong),
    }
}

fn single(node: &Node, kind: Kind) -> PolicySet {
    PolicySet::from_parsed(vec![document(node, kind)])
}

fn set(node: &Node, name: &str, kind: Kind) -> Result<PolicySet, String> {
    match &node.value {
        Value::Array(items) => {
            Ok(PolicySet::from_parsed(items.iter().map(|n| document(n, kind)).collect()))
        }
        _ => Err(format!("`{name}` is not a list of policies")),
    }
}

fn levels(fields: &Fields<'_>, name: &str, kind: Kind) -> Result<Vec<PolicySet>, String> {
    match fields.get(name).map(|n| &n.value) {
        None => Ok(Vec::new()),
        Some(Value::Array(levels)) => levels.iter().map(|level| set(level, name, kind)).collect(),
        Some(_) => Err(format!("`{name}` is not a list of levels")),
    }
}

/// A policy as an object or as its text.
fn document(node: &Node, kind: Kind) -> Result<Document, Malformed> {
    match node.as_str() {
        Some(text) => Document::parse(text, kind),
        None => Document::from_json(node, kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(case: serde_json::Value) -> serde_json::Value {
        serde_json::from_str(&evaluate(&case.to_string()).to_string()).expect("JSON")
    }

    fn simple() -> serde_json::Value {
        json!({"id": "a", "identity_policies": [{"Statement":
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}],
            "request": {"principal": "arn:aws:iam::111122223333:user/Ann", "action": "s3:GetObject",
                "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333", "context": {}}})
    }

    #[test]
    fn a_case_is_decided_with_its_reason() {
        let out = run(simple());
        assert_eq!(
            out,
            json!({"id": "a", "decision": "Allowed",
                "why": "allowed by statement 1 of identity policies"})
        );
    }

    #[test]
    fn unknown_and_repeated_fields_are_errors() {
        let mut extra = simple();
        extra["extra"] = json!(1);
        assert_eq!(
            run(extra),
            json!({"id": "a", "error": "the case has an unknown field `extra`"})
        );
        let mut nested = simple();
        nested["request"]["contexts"] = json!({});
        assert!(run(nested)["error"].is_string());
        let twice = evaluate(r#"{"id": 7, "id": 8}"#);
        assert!(twice.error().is_some_and(|error| error.contains("more than once")));
        let nonsense = evaluate("nonsense").at_line(3).to_string();
        assert!(nonsense.starts_with(r#"{"id":null,"line":3,"error""#), "{nonsense}");
        let mut nobody = simple();
        nobody["request"]["principal"] = json!("arn:aws:s3:::b");
        assert!(run(nobody)["error"].is_string());
    }

    #[test]
    fn a_malformed_policy_makes_the_answer_unknown() {
        let mut case = simple();
        case["identity_policies"] = json!([{"Statement": [{"Effect": "Allow"}]}]);
        let out = run(case.clone());
        assert_eq!(out["decision"], "Unknown");
        assert!(out["why"].as_str().is_some_and(|w| w.contains("`Action` is missing")), "{out}");
        case["resource_policy"] = json!({"Statement": {"Effect": "Deny", "Principal": "*",
            "Action": "*", "Resource": "*"}});
        assert_eq!(run(case)["decision"], "ExplicitlyDenied");
    }

    #[test]
    fn policies_may_be_given_as_text() {
        let mut case = simple();
        case["identity_policies"][0] = json!(case["identity_policies"][0].to_string());
        assert_eq!(run(case)["decision"], "Allowed");
    }
}
