//! Exposure for batches: a JSON object in a line, a JSON object out.
//!
//! In: `{id, resource_type, policy, account_id, resource?, trust?: {accounts, orgs, org_units, vpcs,
//! vpces, ips}}`, the policy as an object or as a string that holds one. Out: `{id,
//! s3_public_status, public, external, witness, why}`, and what else was found:
//! `within_organization`, `confused_deputies`, `open_federation`. Answers are `true`, `false`, or
//! `null` where they cannot be decided.

use serde_json::{Map, Value as Json, json};

use super::super::batch::Reply;
use super::super::document::{Document, Malformed};
use super::super::json::{Node, Value};
use super::super::s3::public_status;
use super::super::truth::Truth;
use super::{Exposure, Finding, Inquiry, ResourceKind, Trust, Witness, exposure};

/// Answers one line. A policy that is malformed leaves the answers open.
#[must_use]
pub fn exposure_line(line: &str) -> Reply {
    Reply::to(line, answer)
}

/// The document in a field: an object, or a string that holds one.
pub(in crate::iam) fn document(
    node: &Node,
    kind: super::super::document::Kind,
) -> Result<Document, Malformed> {
    match node.as_str() {
        Some(text) => Document::parse(text, kind),
        None => Document::from_json(node, kind),
    }
}

fn answer(node: &Node) -> Result<Map<String, Json>, String> {
    let kind = text(node, "resource_type")?.unwrap_or_default();
    let kind: ResourceKind = kind.parse().map_err(|_| "`resource_type` is missing".to_owned())?;
    let owner = text(node, "account_id")?.unwrap_or_default();
    let resource = text(node, "resource")?;
    let trust = trust(node.get("trust"))?;
    let policy = node.get("policy").ok_or("`policy` is missing; `null` stands for none")?;
    if policy.value == Value::Null {
        return Ok(no_policy());
    }
    let policy = match document(policy, kind.document()) {
        Ok(policy) => policy,
        Err(error) => return Ok(undecided(&error)),
    };
    let s3 = matches!(kind, ResourceKind::Bucket | ResourceKind::AccessPoint);
    let status = s3.then(|| public_status(&policy, kind));
    let inquiry = Inquiry {
        policy: &policy,
        controls: &[],
        kind,
        resource: resource.as_deref(),
        owner: &owner,
        trust: &trust,
    };
    Ok(fields(&exposure(&inquiry), status.map(|status| status.public), &owner))
}

fn no_policy() -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("s3_public_status".into(), false.into());
    out.insert("public".into(), false.into());
    out.insert("external".into(), false.into());
    out.insert("witness".into(), Json::Null);
    out.insert("why".into(), "there is no policy".into());
    out
}

fn undecided(error: &Malformed) -> Map<String, Json> {
    let mut out = Map::new();
    for field in ["s3_public_status", "public", "external", "witness"] {
        out.insert(field.into(), Json::Null);
    }
    out.insert("why".into(), error.to_string().into());
    out
}

fn fields(exposure: &Exposure, status: Option<bool>, owner: &str) -> Map<String, Json> {
    let deciding = match (exposure.public.answer, exposure.external.answer) {
        (Truth::True, _) => &exposure.public,
        (_, Truth::True) => &exposure.external,
        (Truth::Unknown, _) => &exposure.public,
        (Truth::False, _) => &exposure.external,
    };
    let list = |findings: &[Finding]| findings.iter().map(|f| finding(f, owner)).collect::<Json>();
    let mut out = Map::new();
    out.insert("s3_public_status".into(), status.map_or(Json::Null, Json::Bool));
    out.insert("public".into(), truth(exposure.public.answer));
    out.insert("external".into(), truth(exposure.external.answer));
    let witness = deciding.witness.as_ref().map(|witness| request(witness, owner));
    out.insert("witness".into(), witness.unwrap_or_default());
    out.insert("why".into(), deciding.why.clone().into());
    out.insert("within_organization".into(), truth(exposure.within_organization.answer));
    out.insert("confused_deputies".into(), list(&exposure.confused_deputies));
    out.insert("open_federation".into(), list(&exposure.open_federation));
    out
}

fn finding(finding: &Finding, owner: &str) -> Json {
    json!({
        "answer": truth(finding.answer),
        "statement": finding.statement,
        "witness": finding.witness.as_ref().map(|witness| request(witness, owner)),
        "why": finding.why,
    })
}

/// An answer in JSON.
pub(in crate::iam) fn truth(truth: Truth) -> Json {
    match truth {
        Truth::True => Json::Bool(true),
        Truth::False => Json::Bool(false),
        Truth::Unknown => Json::Null,
    }
}

/// A witness in the form in which the evaluator's batches take requests; `owner` is empty where
/// nobody knows whose the resource is. Null where it stands for requests that were not looked at.
pub fn request(witness: &Witness, owner: &str) -> Json {
    let context: Map<String, Json> = witness
        .context
        .iter()
        .map(|(key, values)| {
            let value = match values.as_slice() {
                [only] if !witness.lists.contains(key) => Json::from(only.as_str()),
                many => many.iter().map(String::as_str).collect(),
            };
            (key.clone(), value)
        })
        .collect();
    if witness.action.is_empty() || witness.resource.is_empty() {
        return Json::Null;
    }
    let mut out = Map::new();
    out.insert("principal".into(), witness.principal.as_str().into());
    out.insert("action".into(), witness.action.as_str().into());
    out.insert("resource".into(), witness.resource.as_str().into());
    if !owner.is_empty() {
        out.insert("resource_account".into(), owner.into());
    }
    out.insert("context".into(), context.into());
    Json::Object(out)
}

fn text(node: &Node, field: &str) -> Result<Option<String>, String> {
    match node.get(field).map(|node| &node.value) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text) | Value::Number(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{field}` is not a string")),
    }
}

fn trust(node: Option<&Node>) -> Result<Trust, String> {
    let mut trust = Trust::default();
    let Some(node) = node.filter(|node| node.value != Value::Null) else { return Ok(trust) };
    let Value::Object(entries) = &node.value else { return Err("`trust` is not an object".into()) };
    for (name, node) in entries {
        let list = match name.as_str() {
            "accounts" => &mut trust.accounts,
            "orgs" => &mut trust.orgs,
            "org_units" => &mut trust.org_units,
            "vpcs" => &mut trust.vpcs,
            "vpces" => &mut trust.vpces,
            "ips" => &mut trust.ips,
            other => return Err(format!("`trust.{other}` is not known")),
        };
        for item in node.as_list().iter().filter(|item| item.value != Value::Null) {
            match &item.value {
                Value::String(text) | Value::Number(text) => list.push(text.clone()),
                _ => return Err(format!("`trust.{name}` is not a list of strings")),
            }
        }
    }
    Ok(trust)
}
