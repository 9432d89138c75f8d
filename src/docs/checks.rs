//! One page a check, and an index by service and framework.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markdown::{fenced, table, text};
use super::{logic, yaml};
use crate::check::{Check, Library, case};
use crate::inventory::Model;
use crate::policy::Frameworks;
use crate::report::text::{count_of, counted};
use crate::schema::Catalog;
use crate::schema::needs::Needs;

/// The pages, by path.
pub fn pages(library: &Library, frameworks: &Frameworks, model: Model) -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> = library
        .checks()
        .iter()
        .map(|check| (format!("checks/{}.md", check.id), page(check, model)))
        .collect();
    pages.insert("checks/README.md".into(), index(library, frameworks, model.catalog));
    pages
}

fn page(check: &Check, model: Model) -> String {
    let mut page = format!("# {}\n\n`{}`\n\n", text(&check.title), check.id);
    let facts = [
        ("severity", check.severity.to_string()),
        ("resource", format!("[{}](../resources.md)", check.resource.name)),
        ("categories", check.categories.join(", ")),
        ("tags", check.tags.join(", ")),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    page.push_str(&table(&["", ""], facts.map(|(name, value)| vec![name.into(), value])));
    let _ = write!(page, "\n{}\n\n**Risk.** {}\n", text(&check.description), text(&check.risk));
    let _ = write!(page, "\n## Logic\n\n{}", fenced("text", &logic(check)));
    params(&mut page, check);
    remediation(&mut page, check);
    example(&mut page, check, model);
    needs(&mut page, check);
    references(&mut page, check);
    page
}

fn params(page: &mut String, check: &Check) {
    if check.params.is_empty() {
        return;
    }
    let rows = check.params.iter().map(|param| {
        let default = format!("`{}`", param.default.to_json());
        vec![
            format!("`{}`", param.name),
            param.ty.to_string(),
            text(&default),
            text(&param.bounds()),
            text(&param.about),
        ]
    });
    let rows = table(&["name", "type", "default", "allowed", "what for"], rows);
    let _ = write!(page, "\n## Parameters\n\n{rows}");
}

fn remediation(page: &mut String, check: &Check) {
    if check.remediation.is_empty() {
        return;
    }
    page.push_str("\n## Remediation\n");
    for remedy in &check.remediation {
        let _ = match remedy.kind.as_str() {
            "text" => writeln!(page, "\n{}", text(&remedy.text)),
            "console" => writeln!(page, "\nIn the console: {}", text(&remedy.text)),
            "cli" => write!(page, "\n{}", fenced("sh", &remedy.text)),
            "terraform" => write!(page, "\n{}", fenced("terraform", &remedy.text)),
            _ => write!(page, "\n{}", fenced("yaml", &remedy.text)),
        };
    }
}

fn example(page: &mut String, check: &Check, model: Model) {
    let Some((case, outcome)) = case::example(check, model) else { return };
    let _ = write!(page, "\n## Example\n\nThis fails ({}):\n\n", text(&case.name));
    page.push_str(&fenced("yaml", &yaml(&case.given)));
    for message in &outcome.messages {
        let _ = writeln!(page, "\n> {}", text(message));
    }
    if !outcome.evidence.is_empty() {
        page.push_str("\nThe evidence:\n\n");
        let line = |it: &crate::check::Evidence| format!("{} = {}\n", it.path, it.value);
        let lines: String = outcome.evidence.iter().map(line).collect();
        page.push_str(&fenced("text", &lines));
    }
}

fn needs(page: &mut String, check: &Check) {
    let mut needs = Needs::default();
    check.needs(&mut needs);
    let rows = needs.calls.iter().map(|call| {
        let actions: Vec<String> = call.actions.iter().map(|it| format!("`{it}`")).collect();
        vec![format!("`{call}`"), actions.join(", ")]
    });
    let rows = table(&["API call", "IAM actions"], rows);
    let _ = write!(page, "\n## What it reads\n\n{rows}");
}

fn references(page: &mut String, check: &Check) {
    let mut by_framework: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for control in &check.controls {
        if let Some((framework, requirement)) = control.split_once('/') {
            by_framework.entry(framework).or_default().push(requirement);
        }
    }
    if !by_framework.is_empty() {
        let row = |(framework, ids): (&str, Vec<&str>)| vec![framework.into(), ids.join(", ")];
        let rows = table(&["framework", "requirements"], by_framework.into_iter().map(row));
        let _ = write!(page, "\n## Controls\n\n{rows}");
    }
    if !check.same_as.is_empty() {
        let code = |ids: &Vec<String>| {
            ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
        };
        let rows = check.same_as.iter().map(|(peer, ids)| vec![peer.clone(), code(ids)]);
        let _ = write!(page, "\n## The same elsewhere\n\n{}", table(&["tool", "id"], rows));
    }
    if !check.links.is_empty() {
        page.push_str("\n## Links\n\n");
        check.links.iter().for_each(|link| {
            let _ = writeln!(page, "- <{link}>");
        });
    }
}

fn index(library: &Library, frameworks: &Frameworks, catalog: Catalog) -> String {
    let count = counted(count_of(library.checks().len()), "check");
    let mut page = format!("# Checks\n\n{count}, by service and by framework.\n");
    let mut by_service: BTreeMap<String, Vec<&Check>> = BTreeMap::new();
    for check in library.checks() {
        by_service.entry(check.service(catalog)).or_default().push(check);
    }
    for (service, mut checks) in by_service {
        checks.sort_by_key(|check| (std::cmp::Reverse(check.severity), &check.id));
        let row = |check: &&Check| {
            vec![
                format!("[{}]({}.md)", check.id, check.id),
                check.severity.to_string(),
                text(&check.title),
            ]
        };
        let rows = table(&["check", "severity", "wanted posture"], checks.iter().map(row));
        let _ = write!(page, "\n## {service}\n\n{rows}");
    }
    page.push_str("\n# By framework\n\nWhat each requirement is met by stands in ");
    page.push_str("[coverage.md](../coverage.md).\n");
    for framework in frameworks.iter() {
        let prefix = format!("{}/", framework.id);
        let speaks = |check: &&std::sync::Arc<Check>| {
            check.controls.iter().any(|control| control.starts_with(&prefix))
        };
        let of = library.checks().iter().filter(speaks);
        let links: Vec<String> =
            of.map(|check| format!("[{}]({}.md)", check.id, check.id)).collect();
        let _ = writeln!(
            page,
            "\n## {} {} (`{}`)\n\n{}: {}",
            text(&framework.title),
            text(&framework.version),
            framework.id,
            counted(count_of(links.len()), "check"),
            links.join(", ")
        );
    }
    page
}
