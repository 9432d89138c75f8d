//! Escalation for batches: a JSON object in a line, a JSON object out.
//!
//! In: `{id, identity_policies[], boundary?, scps?: [[…]] by level, principal?}`, each policy as an
//! object or as a string that holds one; whatever a method needs is assumed to exist. Out: `{id,
//! escalates, methods[], details[], why}`: `escalates` is `null` where it cannot be decided,
//! `methods` are the ids of those that work, at least under circumstances that may come about, and
//! `details` say for each how sure it is and what it takes.

use serde_json::{Map, Value as Json, json};

use super::super::batch::Reply;
use super::super::document::{Document, Kind};
use super::super::exposure::read_document;
use super::super::json::{Node, Value};
use super::{Finding, Outcome, Subject, Surroundings, Verdict, escalations};

/// Answers one line. A policy that is malformed leaves the answer open.
#[must_use]
pub fn escalation_line(line: &str) -> Reply {
    Reply::to(line, |node| {
        if node.get("identity_policies").is_none() {
            return Err("`identity_policies` is missing".to_owned());
        }
        Ok(match outcome(node) {
            Ok(outcome) => fields(&outcome),
            Err(why) => undecided(why),
        })
    })
}

fn undecided(why: String) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("escalates".into(), Json::Null);
    out.insert("methods".into(), json!([]));
    out.insert("details".into(), json!([]));
    out.insert("why".into(), why.into());
    out
}

fn outcome(node: &Node) -> Result<Outcome, String> {
    let policies = documents(node, "identity_policies", Kind::Identity)?;
    let boundary = documents(node, "boundary", Kind::Boundary)?;
    let mut controls = Vec::new();
    for level in list(node, "scps") {
        let level = level.as_list().iter();
        controls.push(level.map(|node| document(node, Kind::Scp)).collect::<Result<Vec<_>, _>>()?);
    }
    let subject = Subject {
        arn: node.get("principal").and_then(Node::as_str),
        policies: policies.iter().collect(),
        boundary: boundary.first(),
        controls: controls.iter().map(|level| level.iter().collect()).collect(),
        ..Subject::default()
    };
    Ok(escalations(&subject, &Surroundings::default()))
}

/// The elements of a field that may be missing or `null`.
fn list<'n>(node: &'n Node, field: &str) -> &'n [Node] {
    match node.get(field) {
        Some(node) if node.value != Value::Null => node.as_list(),
        _ => &[],
    }
}

fn documents(node: &Node, field: &str, kind: Kind) -> Result<Vec<Document>, String> {
    list(node, field).iter().map(|node| document(node, kind)).collect()
}

fn document(node: &Node, kind: Kind) -> Result<Document, String> {
    read_document(node, kind).map_err(|error| format!("{} is malformed: {error}", kind.name()))
}

fn fields(outcome: &Outcome) -> Map<String, Json> {
    let works = |finding: &&Finding| finding.verdict > Verdict::Undecided;
    let methods: Vec<&str> =
        outcome.findings.iter().filter(works).map(|finding| finding.method.id).collect();
    let open = outcome.findings.iter().find(|finding| finding.verdict == Verdict::Undecided);
    let escalates = match (methods.is_empty(), open.is_some() || outcome.doubt.is_some()) {
        (false, _) => Some(true),
        (true, true) => None,
        (true, false) => Some(false),
    };
    let why = match (methods.first(), open) {
        (Some(first), _) => format!("{} of the known methods work, {first} first", methods.len()),
        (None, Some(open)) => format!("{} cannot be decided: {}", open.method.id, open.doubt),
        (None, None) => {
            outcome.doubt.clone().unwrap_or_else(|| "none of the known methods works".to_owned())
        }
    };
    let mut out = Map::new();
    out.insert("escalates".into(), escalates.into());
    out.insert("methods".into(), methods.into());
    out.insert("details".into(), outcome.findings.iter().map(detail).collect());
    out.insert("why".into(), why.into());
    out
}

fn detail(finding: &Finding) -> Json {
    let requests: Vec<Json> = finding
        .requests
        .iter()
        .map(|(action, resource)| json!({"action": action, "resource": resource}))
        .collect();
    let assuming: Map<String, Json> =
        finding.assuming.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
    json!({
        "method": finding.method.id,
        "verdict": match finding.verdict {
            Verdict::Certain => "certain",
            Verdict::Conditional => "conditional",
            Verdict::Undecided => "undecided",
        },
        "requests": requests,
        "passed_to": finding.method.passed_to,
        "needs": finding.method.needs,
        "assuming": assuming,
    })
}
