//! `oscal`: assessment results of the Open Security Controls Assessment Language 1.2.1.
//!
//! Every verdict but *not applicable* is an observation on an inventory item; each requirement that
//! checks speak to is a finding over its observations. OSCAL knows two states, satisfied and not
//! satisfied: only what was seen to be met is satisfied, and what is unknown says so as its reason.
//! Identifiers are made from what they stand for, so that two scans of the same state have the same.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::text::{plain, time};
use super::{Options, TOOL, TOOL_VERSION, escape};
use crate::check::{CheckId, Verdict};
use crate::finding::{Finding, Scan};
use crate::inventory::Reason;

const VERSION: &str = "1.2.1";
const NAMESPACE: &str = env!("CARGO_PKG_REPOSITORY");

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let at = time(scan.scanned_at);
    let title = format!("{TOOL}: {}", text(&scan.gate.policy));
    let plan = uuid(&["plan", &scan.gate.policy]);
    let document = json!({
        "uuid": uuid(&["document", &at, &scan.gate.policy]),
        "metadata": {
            "title": title, "last-modified": at, "version": at, "oscal-version": VERSION,
            "props": [prop("tool-version", TOOL_VERSION)],
        },
        "import-ap": {"href": format!("#{plan}")},
    });
    let requirements = requirements(scan);
    let results = Results { scan, requirements: &requirements };
    let plan = json!({
        "uuid": plan, "title": title,
        "description": "The checks of the policy stand in for an assessment plan.",
    });
    let model = Model {
        results: Document {
            head: document,
            results: [results],
            back_matter: json!({"resources": [plan]}),
        },
    };
    escape::compact(&model, out)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Model<'a> {
    #[serde(rename = "assessment-results")]
    results: Document<'a>,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Json,
    results: [Results<'a>; 1],
    #[serde(rename = "back-matter")]
    back_matter: Json,
}

/// The one result of the document.
struct Results<'a> {
    scan: &'a Scan,
    requirements: &'a [Requirement<'a>],
}

/// A requirement of a framework with the checks that speak to it.
struct Requirement<'a> {
    id: String,
    checks: BTreeSet<&'a CheckId>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scan = self.scan;
        let at = time(scan.scanned_at);
        let mut map: Vec<(&str, Entry<'_>)> = vec![
            ("uuid", Entry::Value(json!(uuid(&["result", &at, &scan.gate.policy])))),
            ("title", Entry::Value(json!(format!("Policy {}", text(&scan.gate.policy))))),
            ("description", Entry::Value(json!(decision(scan)))),
            ("start", Entry::Value(json!(at))),
            ("end", Entry::Value(json!(at))),
            ("reviewed-controls", Entry::Value(self.reviewed())),
        ];
        // OSCAL has no empty lists.
        if scan.findings.iter().any(told) {
            map.insert(5, ("local-definitions", Entry::Items(scan)));
            map.push(("observations", Entry::Observations(scan)));
        }
        let findings: Vec<Json> =
            self.requirements.iter().filter_map(|it| finding(scan, it)).collect();
        if !findings.is_empty() {
            map.push(("findings", Entry::Value(Json::Array(findings))));
        }
        serializer.collect_map(map)
    }
}

impl Results<'_> {
    fn reviewed(&self) -> Json {
        let controls: Vec<Json> =
            self.requirements.iter().map(|it| json!({"control-id": token(&it.id)})).collect();
        if controls.is_empty() {
            let why = "No check of the policy speaks to a requirement of a framework.";
            return json!({"control-selections": [{"description": why}]});
        }
        json!({"control-selections": [{"include-controls": controls}]})
    }
}

/// A value, or a long list that is made one item at a time.
enum Entry<'a> {
    Value(Json),
    Items(&'a Scan),
    Observations(&'a Scan),
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Items(scan) => {
                let mut seen = BTreeSet::new();
                let found = scan.findings.iter().filter(|it| told(it)).filter_map(move |it| {
                    let id = subject(it);
                    let item = item(it, &id);
                    seen.insert(id).then_some(item)
                });
                let items: Vec<Json> = found.collect();
                serializer.collect_map([("inventory-items", items)])
            }
            Self::Observations(scan) => {
                let found = scan.findings.iter().filter(|it| told(it));
                serializer.collect_seq(found.map(|it| observation(scan, it)))
            }
        }
    }
}

fn told(finding: &Finding) -> bool {
    finding.verdict != Verdict::NotApplicable
}

fn decision(scan: &Scan) -> String {
    let gate = &scan.gate;
    let word = match (gate.passed, gate.incomplete) {
        (true, false) => "The gate passed.",
        (true, true) => "Nothing failed the gate, but the scan is incomplete.",
        (false, false) => "The gate failed.",
        (false, true) => "The gate failed, and the scan is incomplete.",
    };
    let reasons: Vec<String> = gate.reasons.iter().map(|it| text(it)).collect();
    format!("{word} {}", reasons.join("; ")).trim_end().to_owned()
}

/// The requirements that checks of the scan speak to, by framework and id.
fn requirements(scan: &Scan) -> Vec<Requirement<'_>> {
    let mut found: BTreeMap<&str, BTreeSet<&CheckId>> = BTreeMap::new();
    for check in &scan.checks {
        for control in &check.controls {
            found.entry(control).or_default().insert(&check.id);
        }
    }
    let one = |(id, checks): (&str, _)| Requirement { id: id.to_owned(), checks };
    found.into_iter().map(one).collect()
}

/// What was found of a requirement; nothing where its checks apply to nothing.
fn finding(scan: &Scan, requirement: &Requirement<'_>) -> Option<Json> {
    let own = |it: &&Finding| told(it) && requirement.checks.contains(it.check());
    let (mut failed, mut unknown) = (0_u64, 0_u64);
    let mut observations = Vec::new();
    for it in scan.findings.iter().filter(own) {
        failed += u64::from(it.is_open_failure());
        unknown += u64::from(it.verdict == Verdict::Unknown);
        observations.push(json!({"observation-uuid": identity(it)}));
    }
    if observations.is_empty() {
        return None;
    }
    let (state, reason) = match (failed, unknown) {
        (0, 0) => ("satisfied", "pass"),
        (0, _) => ("not-satisfied", "other"),
        _ => ("not-satisfied", "fail"),
    };
    let id = text(&requirement.id);
    let told = format!(
        "{} verdicts: {failed} open failures, {unknown} unknown. Failures that an exception in force \
         accepts count as satisfied.",
        observations.len()
    );
    let mut status = json!({"state": state, "reason": reason});
    if reason == "other" {
        super::put(&mut status, "remarks", json!("Not known: something could not be read."));
    }
    Some(json!({
        "uuid": uuid(&["finding", &requirement.id]),
        "title": id,
        "description": told,
        "target": {
            "type": "objective-id", "target-id": token(&requirement.id), "title": id,
            "status": status,
        },
        "related-observations": observations,
    }))
}

fn observation(scan: &Scan, finding: &Finding) -> Json {
    let mut props = vec![
        prop("check", finding.check().as_str()),
        prop("verdict", finding.verdict.as_str()),
        prop("severity", finding.severity().as_str()),
        prop("fingerprint", &finding.fingerprint.to_string()),
    ];
    if let Some(exception) = &finding.details.exception {
        let state = if exception.in_force { "in-force" } else { "expired" };
        props.push(prop("exception", state));
        props.push(prop("exception-owner", &exception.owner));
        props.push(prop("exception-reason", &exception.reason));
    }
    let reasons = finding.details.unknown.iter().map(Reason::to_string);
    let mut messages: Vec<String> =
        finding.details.messages.iter().cloned().chain(reasons).collect();
    if messages.is_empty() {
        messages.push(finding.title().to_string());
    }
    let evidence = finding
        .details
        .evidence
        .iter()
        .map(|it| prop("evidence", &format!("{}: {}", it.path, it.value)));
    let evidence: Vec<Json> = evidence.collect();
    let mut told = json!({
        "uuid": identity(finding),
        "title": text(finding.title()),
        "description": text(&messages.join("; ")),
        "props": props,
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": [{"subject-uuid": subject(finding), "type": "inventory-item"}],
        "collected": time(scan.scanned_at),
    });
    if !evidence.is_empty() {
        let list = json!([{"description": "The values that decided.", "props": evidence}]);
        super::put(&mut told, "relevant-evidence", list);
    }
    told
}

fn item(finding: &Finding, id: &str) -> Json {
    let resource = finding.resource();
    let region = finding.region_or_global();
    let mut props = vec![
        prop("resource-type", &resource.r#type),
        prop("resource-id", &resource.id),
        prop("account", finding.account().as_str()),
        prop("region", region),
    ];
    props.extend(resource.arn.as_deref().map(|arn| prop("arn", arn)));
    props.extend(resource.name.as_deref().map(|name| prop("resource-name", name)));
    json!({
        "uuid": id,
        "description": text(&format!("{} {}", resource.r#type, resource.id)),
        "props": props,
    })
}

fn prop(name: &str, value: &str) -> Json {
    json!({"name": name, "ns": NAMESPACE, "value": text(value)})
}

/// Text of one line that is not empty and has no white space around it, as OSCAL wants it.
fn text(text: &str) -> String {
    let text = plain(text.trim());
    if text.is_empty() { "-".to_owned() } else { text.into_owned() }
}

/// An id as OSCAL's tokens are: what they may not hold is written as `_`.
fn token(id: &str) -> String {
    let allowed = |it: char| it.is_ascii_alphanumeric() || "-._".contains(it);
    let token: String = id.chars().map(|it| if allowed(it) { it } else { '_' }).collect();
    if token.starts_with(|it: char| it.is_ascii_alphabetic()) { token } else { format!("_{token}") }
}

fn identity(finding: &Finding) -> String {
    uuid(&["observation", &finding.fingerprint.to_string()])
}

fn subject(finding: &Finding) -> String {
    let resource = finding.resource();
    let region = finding.region_or_global();
    let key = resource.arn.as_deref().unwrap_or(&resource.id);
    uuid(&["resource", finding.account().as_str(), region, &resource.r#type, key])
}

/// A UUID made from what it stands for, in the form of version 5.
fn uuid(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0").as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    let (a, b, c, d, e) = (part(0..8), part(8..12), part(13..16), part(17..20), part(20..32));
    format!("{a}-{b}-5{c}-8{d}-{e}")
}
