//! How answers are printed: lines for people, JSON for programs.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::super::{Exit, Failure};
use crate::access::escalate::{Standing, is_certain};
use crate::access::{Answer, Escalation, Exposed, Outside, Question};
use crate::iam::escalation::{Finding, Path, Verdict};
use crate::iam::evaluate::Decision;
use crate::iam::exposure::Witness;
use crate::iam::relation::{Inclusion, Relation};
use crate::iam::truth::Truth;
use crate::report::text::plain;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines for people.
    Table,
    /// One JSON document.
    Json,
}

/// Lines that are printed as they are written, made safe for terminals.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, line: impl AsRef<str>) {
        self.0.push(plain(line.as_ref()).into_owned());
    }

    fn print(self) -> Result<Exit, Failure> {
        let mut out = io::stdout().lock();
        self.0.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        Ok(Exit::Passed)
    }
}

fn print_json(value: &Json) -> Result<Exit, Failure> {
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(value).unwrap_or_default())?;
    Ok(Exit::Passed)
}

/// The answer to `can`.
pub fn can(answer: &Answer, question: &Question, format: Format) -> Result<Exit, Failure> {
    if format == Format::Json {
        let mut value = answer_json(answer);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("action".into(), question.action.as_str().into());
            fields.insert("resource".into(), question.target.resource.as_str().into());
        }
        return print_json(&value);
    }
    let mut lines = Lines::default();
    lines.add(match answer.decision {
        Decision::Allow if answer.why.starts_with("allowed") => answer.why.clone(),
        Decision::Allow => format!("allowed: {}", answer.why),
        Decision::ImplicitDeny => format!("denied: {}", answer.why),
        Decision::ExplicitDeny => answer.why.clone(),
        Decision::Unknown => format!("not known: {}", answer.why),
    });
    details(answer, &mut lines);
    notes(answer.notes.iter(), &mut lines);
    lines.print()
}

/// The answer to `who-can`.
pub fn who_can(
    answers: &[Answer],
    asked: usize,
    (outside, missing): (Option<&Outside>, &[String]),
    question: &Question,
    format: Format,
) -> Result<Exit, Failure> {
    let of = |decision| answers.iter().filter(move |answer| answer.decision == decision);
    let (can, may) = (of(Decision::Allow).count(), of(Decision::Unknown).count());
    if format == Format::Json {
        let list = |decision| of(decision).map(answer_json).collect::<Json>();
        return print_json(&json!({
            "action": question.action,
            "resource": question.target.resource,
            "allowed": list(Decision::Allow),
            "unknown": list(Decision::Unknown),
            "denied": asked - can - may,
            "outside": outside.map(|it| {
                json!({"public": truth(it.public), "external": truth(it.external), "why": it.why})
            }),
            "not_read": missing,
        }));
    }
    let mut lines = Lines::default();
    for (decision, head) in [(Decision::Allow, "can"), (Decision::Unknown, "not known")] {
        for answer in of(decision) {
            lines.add(format!("{head:<9}  {}", answer.principal));
            lines.add(format!("           {}", answer.why));
            details(answer, &mut lines);
        }
    }
    if let Some(outside) = outside {
        let head = match (outside.public, outside.external) {
            (Truth::True, _) => "everybody",
            (Truth::False, Truth::False) => "outside",
            (Truth::False | Truth::Unknown, _) => "others",
        };
        lines.add(format!("{head:<9}  {}", outside.why));
    }
    missing.iter().for_each(|what| lines.add(format!("not read   {what}")));
    notes(answers.iter().flat_map(|answer| &answer.notes), &mut lines);
    lines.add(format!(
        "{can} can, {may} not known, {} cannot, of {asked} users, roles and root users",
        asked - can - may
    ));
    lines.print()
}

fn details(answer: &Answer, lines: &mut Lines) {
    for it in &answer.statements {
        let effect = if it.allows { "allow" } else { "deny" };
        lines.add(format!("  {effect:<7}  {} of {}", it.statement, it.policy));
    }
    if !answer.depends_on.is_empty() {
        lines.add(format!("  depends  on {}", answer.depends_on.join(", ")));
    }
}

fn answer_json(answer: &Answer) -> Json {
    let statement = |it: &crate::access::Deciding| {
        let effect = if it.allows { "Allow" } else { "Deny" };
        json!({"effect": effect, "statement": it.statement, "policy": it.policy})
    };
    json!({
        "principal": answer.principal,
        "decision": answer.decision.name(),
        "why": answer.why,
        "statements": answer.statements.iter().map(statement).collect::<Json>(),
        "depends_on": answer.depends_on,
        "notes": answer.notes,
    })
}

/// The answer to `public`; `looked_at` counts the resources of which only the open ones are shown.
pub fn public(
    list: &[&Exposed],
    looked_at: Option<usize>,
    format: Format,
) -> Result<Exit, Failure> {
    if format == Format::Json {
        let one = |it: &&Exposed| {
            json!({
                "resource": it.resource, "type": it.kind, "account": it.account,
                "public": truth(it.public), "external": truth(it.external),
                "s3_public_status": it.s3_public_status,
                "witness": it.witness.as_ref().map(|witness| witness_json(witness, &it.account)),
                "why": it.why,
            })
        };
        let resources: Json = list.iter().map(one).collect();
        return print_json(&json!({"resources": resources, "looked_at": looked_at}));
    }
    let mut lines = Lines::default();
    for it in list {
        let head = match (it.public, it.external) {
            (Truth::True, _) => "public",
            (Truth::Unknown, _) => "may be public",
            (Truth::False, Truth::True) => "external",
            (Truth::False, Truth::Unknown) => "may be external",
            (Truth::False, Truth::False) => "closed",
        };
        lines.add(format!("{head:<15}  {}", it.resource));
        lines.add(format!("                 {}", it.why));
    }
    if let Some(looked_at) = looked_at {
        lines.add(format!(
            "{} of {looked_at} buckets, roles and topics are or may be open",
            list.len()
        ));
    }
    lines.print()
}

/// The answer to `escalate` without a principal: those that are, can be or may be administrators.
pub fn escalate(all: &[Escalation], missing: &[String], format: Format) -> Result<Exit, Failure> {
    let open: Vec<&Escalation> = all.iter().filter(|it| it.outcome != Standing::Confined).collect();
    if format == Format::Json {
        let principals: Json = open.iter().map(|it| escalation_json(it)).collect();
        let (looked_at, not_read) = (all.len(), missing);
        return print_json(
            &json!({"principals": principals, "looked_at": looked_at, "not_read": not_read}),
        );
    }
    let mut lines = Lines::default();
    open.iter().for_each(|it| standing(it, &mut lines));
    missing.iter().for_each(|what| lines.add(format!("not read       {what}")));
    notes(open.iter().flat_map(|it| &it.notes), &mut lines);
    lines.add(format!(
        "{} of {} users and roles are shown, the rest are confined",
        open.len(),
        all.len()
    ));
    lines.print()
}

/// The answer to `escalate` about a principal.
pub fn escalate_one(found: &[Escalation], format: Format) -> Result<Exit, Failure> {
    if format == Format::Json {
        return print_json(&found.iter().map(escalation_json).next().unwrap_or_default());
    }
    let mut lines = Lines::default();
    found.iter().for_each(|it| standing(it, &mut lines));
    notes(found.iter().flat_map(|it| &it.notes), &mut lines);
    lines.print()
}

fn standing(it: &Escalation, lines: &mut Lines) {
    let head = match &it.outcome {
        Standing::Administrator => "administrator",
        Standing::Path(path) if is_certain(path) => "escalates",
        Standing::Path(_) => "may escalate",
        Standing::Confined => "confined",
        Standing::Unknown(_) => "not known",
    };
    lines.add(format!("{head:<13}  {}", it.principal));
    match &it.outcome {
        Standing::Path(path) => path.hops.iter().for_each(|hop| step(hop, lines)),
        Standing::Unknown(why) => lines.add(format!("               {why}")),
        Standing::Administrator | Standing::Confined => {}
    }
}

/// Each note once, at the end.
fn notes<'a>(all: impl Iterator<Item = &'a String>, lines: &mut Lines) {
    let distinct: BTreeSet<&String> = all.collect();
    distinct.into_iter().for_each(|note| lines.add(format!("note: {note}")));
}

fn step(hop: &Finding, lines: &mut Lines) {
    let requests: Vec<String> =
        hop.requests.iter().map(|(action, resource)| format!("{action} on {resource}")).collect();
    let end = hop.target.as_ref().map_or_else(String::new, |target| format!(" -> {target}"));
    lines.add(format!("               {}: {}{end}", hop.method.id, requests.join(", ")));
    if !hop.assuming.is_empty() {
        let assumed: Vec<String> =
            hop.assuming.iter().map(|(key, value)| format!("{key} {value}")).collect();
        lines.add(format!("               if {}", assumed.join(", ")));
    }
    if let (Some(needs), None) = (hop.method.needs, &hop.target) {
        lines.add(format!("               needs {needs}"));
    }
}

fn escalation_json(it: &Escalation) -> Json {
    let (outcome, why, steps) = match &it.outcome {
        Standing::Administrator => ("administrator", None, Vec::new()),
        Standing::Path(path) if is_certain(path) => ("escalates", None, steps(path)),
        Standing::Path(path) => ("may_escalate", None, steps(path)),
        Standing::Confined => ("confined", None, Vec::new()),
        Standing::Unknown(why) => ("unknown", Some(why), Vec::new()),
    };
    json!({
        "principal": it.principal, "outcome": outcome, "why": why, "path": steps, "notes": it.notes,
    })
}

fn steps(path: &Path) -> Vec<Json> {
    let one = |hop: &Finding| {
        let request =
            |(action, resource): &(&str, String)| json!({"action": action, "resource": resource});
        let assuming = |(key, value): &(String, String)| json!({"key": key, "value": value});
        json!({
            "method": hop.method.id,
            "certain": hop.verdict == Verdict::Certain,
            "requests": hop.requests.iter().map(request).collect::<Json>(),
            "becomes": hop.target,
            "needs": hop.method.needs,
            "assuming": hop.assuming.iter().map(assuming).collect::<Json>(),
        })
    };
    path.hops.iter().map(one).collect()
}

/// The answer to `compare`: the first policy is the old one.
pub fn compare(relation: &Relation, format: Format) -> Result<Exit, Failure> {
    let (new, old) = (&relation.b_within_a, &relation.a_within_b);
    if format == Format::Json {
        let side = |it: &Inclusion| {
            json!({
                "answer": truth(!it.answer),
                "witness": it.witness.as_ref().map(|witness| witness_json(witness, "")),
                "why": it.why,
            })
        };
        return print_json(&json!({"new_access": side(new), "lost_access": side(old)}));
    }
    let mut lines = Lines::default();
    for (it, which, other) in [(new, "new", "old"), (old, "old", "new")] {
        lines.add(match it.answer {
            Truth::True => {
                format!("the {which} policy allows nothing that the {other} one does not")
            }
            Truth::False => format!("the {which} policy allows more: {}", it.why),
            Truth::Unknown => format!("the {which} policy may allow more: {}", it.why),
        });
        if let Some(witness) = &it.witness {
            lines.add(format!(
                "  {} does {} on {}",
                witness.principal, witness.action, witness.resource
            ));
            for (key, values) in &witness.context {
                lines.add(format!("  with {key} = {}", values.join(", ")));
            }
        }
    }
    lines.print()
}

fn truth(truth: Truth) -> Option<bool> {
    match truth {
        Truth::True => Some(true),
        Truth::False => Some(false),
        Truth::Unknown => None,
    }
}

/// A witness as the cases of `postura access evaluate` have requests.
fn witness_json(witness: &Witness, owner: &str) -> Json {
    crate::iam::exposure::request(witness, owner)
}
