//! Pages about checks, resources, the language and frameworks, made from what they describe.
//!
//! Pure functions to Markdown: `postura docs` writes the pages, a test holds those of the repository
//! to the code.

mod checks;
mod coverage;
mod language;
mod markdown;
mod resources;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::check::{Check, Library};
use crate::policy::Frameworks;
use crate::schema::Catalog;

/// Every page, by its path below the folder of documentation.
pub fn pages(
    library: &Library,
    frameworks: &Frameworks,
    model: crate::inventory::Model,
) -> BTreeMap<String, String> {
    let mut pages = checks::pages(library, frameworks, model);
    pages.insert("resources.md".into(), resources::page(model.catalog));
    pages.insert("language.md".into(), language::page());
    pages.insert("coverage.md".into(), coverage::page(library, frameworks));
    pages.insert("schema/check.json".into(), schema(model.catalog));
    pages
}

/// The JSON Schema of check files.
fn schema(catalog: Catalog) -> String {
    let schema = crate::check::schema(catalog);
    format!("{}\n", serde_json::to_string_pretty(&schema).unwrap_or_default())
}

/// The logic of a check as its file has it, for people: a line a condition.
pub fn logic(check: &Check) -> String {
    let logic = &check.logic;
    let mut lines = vec![format!("for each {} as {}", check.resource.name, check.resource.alias)];
    lines.extend(logic.applies_when.iter().map(|it| format!("applies when {it}")));
    lines.extend(logic.lets.iter().map(|(name, it)| format!("let {name} = {it}")));
    for assertion in &logic.expect {
        lines.push(format!("{} {}", assertion.form, assertion.subject));
        for (word, part) in [("where", &assertion.filter), ("when", &assertion.when)] {
            lines.extend(part.iter().map(|part| format!("  {word} {part}")));
        }
        lines.push(format!("  otherwise {}", assertion.otherwise));
    }
    lines.join("\n")
}

/// A document as YAML.
pub fn yaml(json: &Json) -> String {
    serde_saphyr::to_string(json).unwrap_or_else(|_| json.to_string())
}
