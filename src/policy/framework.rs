//! Frameworks: the requirements of a standard, as data, and how far a scan shows them met.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::read::{Located, Reader};
use crate::check::Verdict;
use crate::check::yaml;
use crate::diagnostic::{Diagnostic, SourceFile, Span};
use crate::finding::{Assessed, Compliance, Scan, State};
use crate::inventory::AccountStatus;

/// A standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Its id: the file's name, and the first part of control ids.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Its page.
    pub url: Option<String>,
    /// Its requirements in the order of the standard.
    pub requirements: Vec<Requirement>,
}

/// A requirement of a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its id in the standard.
    pub id: String,
    /// What it asks for, in our words.
    pub title: String,
    /// How it is assessed.
    pub assessment: Assessment,
}

/// How a requirement is assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assessment {
    /// By looking at settings.
    Automated,
    /// By people: settings may show that it is not met, never that it is.
    Manual,
}

/// The frameworks that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frameworks(BTreeMap<String, Framework>);

impl Frameworks {
    /// Reads framework files. Files with mistakes are left out.
    pub fn load(files: impl IntoIterator<Item = Arc<SourceFile>>) -> (Self, Vec<Diagnostic>) {
        let mut frameworks = BTreeMap::new();
        let mut found = Vec::new();
        for file in files {
            match read(&file) {
                Ok(framework) => {
                    frameworks.insert(framework.id.clone(), framework);
                }
                Err(diagnostics) => found.extend(diagnostics),
            }
        }
        (Self(frameworks), found)
    }

    /// The framework of that id.
    pub fn get(&self, id: &str) -> Option<&Framework> {
        self.0.get(id)
    }

    /// All frameworks, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Framework> {
        self.0.values()
    }

    /// Every requirement as `framework/requirement`: the control ids that checks may name.
    pub fn controls(&self) -> BTreeSet<String> {
        self.iter()
            .flat_map(|framework| {
                framework.requirements.iter().map(|it| format!("{}/{}", framework.id, it.id))
            })
            .collect()
    }
}

fn read(file: &Arc<SourceFile>) -> Result<Framework, Vec<Diagnostic>> {
    let root = yaml::read(file)?;
    let mut reader = Reader::new(file);
    let framework = read_framework(&mut reader, &root);
    match framework {
        Some(framework) if reader.found.is_empty() => Ok(framework),
        _ => Err(reader.found),
    }
}

fn read_framework(reader: &mut Reader<'_>, root: &yaml::Node) -> Option<Framework> {
    let map = reader.map(root, &["id", "title", "version", "url", "requirements"])?;
    let id = reader.required_text(&map, "id");
    if let Some(id) = &id {
        check_name(reader, id);
    }
    let title = reader.required_text(&map, "title");
    let version = reader.required_text(&map, "version");
    let url = map.get("url").and_then(|node| reader.text(node)).map(|text| text.value);
    let Some(list) = map.get("requirements") else {
        reader.fail(map.start(), "`requirements` is missing");
        return None;
    };
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut requirements = Vec::new();
    for node in reader.list(list) {
        let Some(map) = reader.map(node, &["id", "title", "assessment", "level"]) else { continue };
        let id = reader.required_text(&map, "id");
        let title = reader.required_text(&map, "title");
        let words = [("automated", Assessment::Automated), ("manual", Assessment::Manual)];
        let Some(node) = map.get("assessment") else {
            reader.fail(map.start(), "`assessment` is missing");
            continue;
        };
        let assessment = reader.word(node, &words);
        let (Some(id), Some(title), Some(assessment)) = (id, title, assessment) else { continue };
        if seen.insert(id.value.clone(), id.span).is_some() {
            reader.fail(id.span, format!("the requirement `{}` is given twice", id.value));
        }
        requirements.push(Requirement { id: id.value, title: title.value, assessment });
    }
    Some(Framework {
        id: id?.value,
        title: title?.value,
        version: version?.value,
        url,
        requirements,
    })
}

/// The id must be the file's name without `.yaml`.
pub(super) fn check_name(reader: &mut Reader<'_>, id: &Located<String>) {
    let name = reader.file.name.rsplit('/').next().unwrap_or_default();
    if name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) != Some(&id.value) {
        reader.fail(id.span, format!("the id `{}` is not the name of the file", id.value));
    }
}

/// A framework with what a scan shows of its requirements.
pub fn assess(framework: &Framework, scan: &Scan) -> Compliance {
    let unseen = !scan.gaps.is_empty()
        || scan.accounts.iter().any(|account| matches!(account.status, AccountStatus::Failed(_)));
    let account_failed =
        scan.accounts.iter().any(|account| matches!(account.status, AccountStatus::Failed(_)));
    let requirements = framework
        .requirements
        .iter()
        .map(|requirement| {
            let control = format!("{}/{}", framework.id, requirement.id);
            let speaks = |controls: &[String]| controls.contains(&control);
            let checks = scan.checks.iter().filter(|check| speaks(&check.controls));
            let checks: Vec<String> = checks.map(|check| check.id.to_string()).collect();
            let findings = || scan.findings.iter().filter(|finding| speaks(finding.controls()));
            let count = |holds: &dyn Fn(&crate::finding::Finding) -> bool| {
                u64::try_from(findings().filter(|finding| holds(finding)).count())
                    .unwrap_or(u64::MAX)
            };
            let failures = count(&|finding| finding.is_unexcused_failure());
            let unknown = count(&|finding| finding.verdict == Verdict::Unknown);
            let decided =
                count(&|finding| matches!(finding.verdict, Verdict::Pass | Verdict::Fail));
            let manual = requirement.assessment == Assessment::Manual;
            let state = if failures > 0 {
                State::NotMet
            } else if manual {
                State::Manual
            } else if checks.is_empty() {
                State::NotCovered
            } else if unknown > 0 || account_failed || (decided == 0 && unseen) {
                State::Unknown
            } else if decided == 0 {
                State::NotApplicable
            } else {
                State::Met
            };
            let (id, title) = (requirement.id.clone(), requirement.title.clone());
            Assessed { id, title, state, checks, failures, unknown }
        })
        .collect();
    let title = format!("{} {}", framework.title, framework.version);
    Compliance { framework: framework.id.clone(), title, requirements }
}
