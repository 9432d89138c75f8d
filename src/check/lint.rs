//! Style: what makes a check that loads a check that people like to read.
//!
//! The loader refuses what is wrong; this asks for better. Whether cases show everything is told by
//! [`super::case::CaseReport`].

use super::definition::{Check, Subject};
use super::typed::{Node, Quantifier, Typed};
use crate::diagnostic::{Diagnostic, Span};

/// Words with which a title says what a program does instead of what is wanted.
const NOT_A_POSTURE: [&str; 7] =
    ["ensure", "check", "checks", "verify", "validate", "detect", "find"];

/// The longest title that fits a line of a report.
const MAX_TITLE: usize = 90;

/// What could be better about a check, as warnings in its file.
pub fn lint(check: &Check) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut warn = |span: Span, message: String, help: &str| {
        found.push(Diagnostic::warning(&check.file, span, message).help(help));
    };
    let first = check.title.split_whitespace().next().unwrap_or_default().to_lowercase();
    if NOT_A_POSTURE.contains(&first.as_str()) {
        let message = format!("the title begins with `{first}`");
        let help = "say the wanted posture, such as `Buckets require TLS`";
        warn(check.title_span, message, help);
    }
    if check.title.ends_with('.') {
        warn(check.title_span, "the title ends with a full stop".into(), "leave it out");
    }
    if check.title.chars().count() > MAX_TITLE {
        let message = format!("the title is longer than {MAX_TITLE} characters");
        warn(check.title_span, message, "move what is looked at into `description`");
    }
    for (text, key, help) in [
        (&check.description, "description", "say what is looked at"),
        (&check.risk, "risk", "say in a sentence what may happen"),
    ] {
        if text.is_empty() {
            warn(check.id_span, format!("there is no `{key}`"), help);
        }
    }
    if !check.remediation.iter().any(|remedy| remedy.kind == "text") {
        warn(check.id_span, "there is no `remediation: {text: …}`".into(), "say what to do");
    }
    if check.categories.is_empty() {
        warn(check.id_span, "there are no `categories`".into(), "name one at least");
    }
    for assertion in &check.program.expect {
        if let Subject::That(condition) = &assertion.subject
            && let Some(form) = quantifier_at_the_top(condition, true)
        {
            let message = "a question about elements stands under `that`".into();
            let help =
                format!("write it as `{form}: x in list` with `where`, which tells each element");
            warn(condition.span, message, &help);
        }
    }
    found
}

/// The form of assertion that says the same as a condition which is nothing but a quantifier.
fn quantifier_at_the_top(condition: &Typed, holds: bool) -> Option<&'static str> {
    match (&condition.node, holds) {
        (Node::Not(inner), holds) => quantifier_at_the_top(inner, !holds),
        (Node::Quantified(Quantifier::Exists, ..), true) => Some("some"),
        (Node::Quantified(Quantifier::Exists, ..), false) => Some("none"),
        (Node::Quantified(Quantifier::All, ..), true) => Some("every"),
        (Node::Quantified(Quantifier::ExistsOne, ..), true) => Some("one"),
        _ => None,
    }
}
