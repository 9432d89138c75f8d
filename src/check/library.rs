//! A library: many checks, each from a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::CheckId;
use super::compile::compile;
use super::definition::Check;
use crate::diagnostic::{Diagnostic, Level, SourceFile, Span, did_you_mean};
use crate::schema::Catalog;

/// The most unknown names of a check for which it is said which known one is like them.
const MAX_HINTS: usize = 50;

/// A set of checks, each with an id of its own.
#[derive(Debug, Default)]
pub struct Library {
    checks: Vec<Arc<Check>>,
}

impl Library {
    /// Reads checks. With `controls`, the requirements of the frameworks that are known, every
    /// control that a check names must be among them. Checks with errors are left out of the
    /// library; the diagnostics are sorted by file and place.
    pub fn load(
        sources: impl Iterator<Item = Arc<SourceFile>>,
        catalog: Catalog,
        controls: Option<&BTreeSet<String>>,
    ) -> (Self, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let mut checks: BTreeMap<CheckId, Arc<Check>> = BTreeMap::new();
        // Files are compiled side by side and taken in their order.
        let sources: Vec<_> = sources.collect();
        let compiled: Vec<_> = sources.par_iter().map(|file| compile(file, catalog)).collect();
        for (check, found) in compiled {
            diagnostics.extend(found);
            let Some(check) = check else { continue };
            if let Some(controls) = controls {
                diagnostics.extend(unknown_controls(&check, controls));
            }
            match checks.get(&check.id) {
                Some(first) => {
                    let message = format!("the id `{}` is taken by {}", check.id, first.file.name);
                    diagnostics.push(Diagnostic::error(&check.file, check.id_span, message));
                }
                None => {
                    checks.insert(check.id.clone(), Arc::new(check));
                }
            }
        }
        let known = checks.keys().cloned().collect();
        for check in checks.values() {
            diagnostics.extend(unknown_checks(check, &known));
            diagnostics.extend(own_cause(check, &checks));
        }
        diagnostics.sort_by(|a, b| {
            (&a.file.name, a.span, &a.message).cmp(&(&b.file.name, b.span, &b.message))
        });
        let broken: BTreeSet<&str> = diagnostics
            .iter()
            .filter(|it| it.level == Level::Error)
            .map(|it| it.file.name.as_str())
            .collect();
        let checks =
            checks.into_values().filter(|it| !broken.contains(it.file.name.as_str())).collect();
        (Self { checks }, diagnostics)
    }

    /// The checks, sorted by id.
    pub fn checks(&self) -> &[Arc<Check>] {
        &self.checks
    }

    /// The check of that id.
    pub fn find(&self, id: &str) -> Option<&Arc<Check>> {
        let place = self.checks.binary_search_by(|check| check.id.as_str().cmp(id)).ok()?;
        self.checks.get(place)
    }

    /// Advice for an id that no check has.
    pub fn suggest(&self, id: &str) -> Option<String> {
        did_you_mean(id, self.checks.iter().map(|check| check.id.as_str()))
    }
}

/// Reads one check beside others, of which only the ids are known, so that a cause which leads back over
/// others is not seen.
pub fn examine(
    file: &Arc<SourceFile>,
    catalog: Catalog,
    controls: &BTreeSet<String>,
    others: &BTreeSet<CheckId>,
) -> (Option<Check>, Vec<Diagnostic>) {
    let (check, mut diagnostics) = compile(file, catalog);
    if let Some(check) = &check {
        diagnostics.extend(unknown_controls(check, controls));
        diagnostics.extend(unknown_checks(check, others));
        diagnostics.extend(own_cause(check, &BTreeMap::new()));
    }
    let broken = diagnostics.iter().any(|it| it.level == Level::Error);
    (check.filter(|_| !broken), diagnostics)
}

fn unknown_controls(check: &Check, controls: &BTreeSet<String>) -> Vec<Diagnostic> {
    let near = |control: &str| {
        let known = controls.iter().map(String::as_str);
        // A requirement is looked for within its framework first.
        let framework = control.split('/').next().unwrap_or_default();
        let near = known.clone().filter(|it| it.split('/').next() == Some(framework));
        did_you_mean(control, near).or_else(|| did_you_mean(control, known))
    };
    let named = check.controls.iter().map(String::as_str).zip(&check.control_spans);
    unknown(check, "control", named.filter(|(name, _)| !controls.contains(*name)), near)
}

fn unknown_checks(check: &Check, known: &BTreeSet<CheckId>) -> Vec<Diagnostic> {
    let near = |id: &str| did_you_mean(id, known.iter().map(CheckId::as_str));
    let named = check.implied_by.iter().zip(&check.cause_spans);
    let named = named.filter(|(id, _)| !known.contains(*id));
    unknown(check, "check", named.map(|(id, span)| (id.as_str(), span)), near)
}

/// Names that mean nothing. What each may have meant is a search through all that do.
fn unknown<'a>(
    check: &Check,
    what: &str,
    names: impl Iterator<Item = (&'a str, &'a Span)>,
    near: impl Fn(&str) -> Option<String>,
) -> Vec<Diagnostic> {
    let told = |(number, (name, span)): (usize, (&str, &Span))| {
        let help = if number < MAX_HINTS { near(name) } else { None };
        let message = format!("there is no {what} `{name}`");
        Diagnostic::error(&check.file, *span, message).maybe_help(help)
    };
    names.enumerate().map(told).collect()
}

/// A check whose causes lead back to itself: then no failure would be the root.
fn own_cause(check: &Check, checks: &BTreeMap<CheckId, Arc<Check>>) -> Option<Diagnostic> {
    let mut seen: BTreeSet<&CheckId> = BTreeSet::new();
    let mut todo: Vec<&CheckId> = check.implied_by.iter().collect();
    while let Some(cause) = todo.pop() {
        if *cause == check.id {
            let message = format!("`implied_by` of `{}` leads back to itself", check.id);
            return Some(Diagnostic::error(&check.file, check.id_span, message));
        }
        if seen.insert(cause) {
            todo.extend(checks.get(cause).iter().flat_map(|it| it.implied_by.iter()));
        }
    }
    None
}
