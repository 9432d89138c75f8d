//! A check as a SARIF rule, with the help that code scanning shows beside an alert.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor,
};

use crate::check::Severity;
use crate::finding::CheckSummary;
use crate::report::text::{fence, head, plain, service};

/// GitHub shows ten tags of a rule, and refuses a file with more than twenty.
const MAX_TAGS: usize = 10;

/// The description of a rule.
pub(super) fn describe(check: &CheckSummary, severity: Severity) -> ReportingDescriptor {
    let title = plain(&check.title);
    let full = match (check.description.trim(), check.risk.trim()) {
        ("", "") => title.to_string(),
        (text, "") | ("", text) => plain(text).into_owned(),
        (description, risk) => format!("{} {}", plain(description), plain(risk)),
    };
    let help = MultiformatMessageString::builder()
        .text(help_text(check))
        .markdown(help_markdown(check))
        .build();
    ReportingDescriptor::builder()
        .id(check.id.as_str())
        .name(pascal_case(check.id.as_str()))
        .short_description(multiformat(&head(&title, 1024)))
        .full_description(multiformat(&head(&full, 1024)))
        .help(help)
        .default_configuration(
            ReportingConfiguration::builder().level(json!(level(severity))).build(),
        )
        .properties(properties(check, severity))
        .build()
}

/// SARIF's level of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number by which GitHub ranks alerts; none leaves an alert unranked.
fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

fn properties(check: &CheckSummary, severity: Severity) -> PropertyBag {
    let mut more: BTreeMap<String, Json> = BTreeMap::from([
        ("precision".into(), json!("very-high")),
        ("problem.severity".into(), json!(problem_severity(severity))),
    ]);
    if let Some(number) = security_severity(severity) {
        more.insert("security-severity".into(), json!(number));
    }
    let mut tags = vec!["security".to_owned(), "aws".to_owned(), service(&check.resource)];
    tags.extend(check.controls.iter().map(|control| plain(control).into_owned()));
    tags.truncate(MAX_TAGS);
    PropertyBag::builder().tags(tags).additional_properties(more).build()
}

fn multiformat(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

fn pascal_case(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut characters = word.chars();
            let first = characters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(characters)
        })
        .collect()
}

fn help_text(check: &CheckSummary) -> String {
    let mut parts = vec![check.title.trim(), check.description.trim(), check.risk.trim()];
    parts.extend(check.remediation.iter().map(|(_, how)| how.trim()));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// What the check is about, what may happen, what to do, which requirements it serves.
fn help_markdown(check: &CheckSummary) -> String {
    let mut text = format!("# {}\n", plain(check.title.trim()));
    for part in [check.description.trim(), check.risk.trim()] {
        if !part.is_empty() {
            text.push_str(&format!("\n{part}\n"));
        }
    }
    if !check.remediation.is_empty() {
        text.push_str("\n## Remediation\n");
    }
    for (kind, how) in &check.remediation {
        match language(kind) {
            None => text.push_str(&format!("\n{}\n", how.trim())),
            Some((name, language)) => {
                let fence = fence(how);
                text.push_str(&format!(
                    "\n{name}:\n\n{fence}{language}\n{}\n{fence}\n",
                    how.trim()
                ));
            }
        }
    }
    if !check.controls.is_empty() {
        let controls: Vec<String> =
            check.controls.iter().map(|control| format!("- {}\n", plain(control))).collect();
        text.push_str(&format!("\n## Requirements\n\n{}", controls.concat()));
    }
    let links = check.links.iter().filter(|link| link.starts_with("https://"));
    let links: Vec<String> = links.map(|link| format!("- <{}>\n", plain(link))).collect();
    if !links.is_empty() {
        text.push_str(&format!("\n## See also\n\n{}", links.concat()));
    }
    text
}

fn language(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        "cli" => Some(("AWS CLI", "sh")),
        "terraform" => Some(("Terraform", "hcl")),
        "cloudformation" => Some(("CloudFormation", "yaml")),
        "console" => Some(("Console", "text")),
        _ => None,
    }
}
