//! Which requirements of each framework checks speak to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markdown::{table, text};
use crate::check::Library;
use crate::policy::{Assessment, Frameworks};

/// How a requirement is met here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Checks speak to it.
    Covered,
    /// People assess it, and no check helps them.
    Manual,
    /// Settings could show it, and no check does.
    NotCovered,
}

/// The page.
pub fn page(library: &Library, frameworks: &Frameworks) -> String {
    let mut checks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for check in library.checks() {
        for control in &check.controls {
            checks.entry(control).or_default().push(check.id.as_str());
        }
    }
    let (mut totals, mut body) = (Vec::new(), String::new());
    for framework in frameworks.iter() {
        let mut counts = [0_usize; 3];
        let mut rows = Vec::new();
        for requirement in &framework.requirements {
            let control = format!("{}/{}", framework.id, requirement.id);
            let by = checks.get(control.as_str()).map(Vec::as_slice).unwrap_or_default();
            let standing = match (by, requirement.assessment) {
                ([_, ..], _) => Standing::Covered,
                ([], Assessment::Manual) => Standing::Manual,
                ([], Assessment::Automated) => Standing::NotCovered,
            };
            let [covered, manual, open] = &mut counts;
            match standing {
                Standing::Covered => *covered += 1,
                Standing::Manual => *manual += 1,
                Standing::NotCovered => *open += 1,
            }
            let links = by.iter().map(|id| format!("[{id}](checks/{id}.md)"));
            let how = match (standing, requirement.assessment) {
                (Standing::Covered, Assessment::Manual) => {
                    format!("manual, helped by {}", links.collect::<Vec<_>>().join(", "))
                }
                (Standing::Covered, Assessment::Automated) => links.collect::<Vec<_>>().join(", "),
                (Standing::Manual, _) => "manual".into(),
                (Standing::NotCovered, _) => "not covered".into(),
            };
            rows.push(vec![text(&requirement.id), text(&requirement.title), how]);
        }
        let title = format!("{} {}", text(&framework.title), text(&framework.version));
        let rows = table(&["requirement", "asks for", "checks"], rows);
        let _ = write!(body, "\n## {title}\n\n`{}`\n\n{rows}", framework.id);
        let total = framework.requirements.len().to_string();
        let counts = counts.iter().map(ToString::to_string);
        totals.push([title, total].into_iter().chain(counts).collect());
    }
    let head = ["framework", "requirements", "covered by checks", "manual", "not covered"];
    format!(
        "# Coverage\n\nMade from the controls that checks name and from `policies/frameworks/`. A \
         requirement is *covered* when a check speaks to it, which need not show all of it; *manual* \
         when people assess it and no check helps; *not covered* when settings could show it and no \
         check does.\n\n{}{body}",
        table(&head, totals)
    )
}
