//! Severities and parameters that a policy overrides: the most specific override wins.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::read::Reader;
use super::scope::Place;
use super::select::{CheckMeta, known_check};
use super::source::{Layer, Override};
use crate::check::{CheckId, Severity};
use crate::diagnostic::did_you_mean;

/// What is in force for a check at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The severity.
    pub severity: Severity,
    /// The parameters that differ from the check's defaults.
    pub params: BTreeMap<String, Json>,
}

/// Decides whether a check takes a value for a parameter: what is wrong, and what may be meant.
pub type ParamTest<'a> = &'a dyn Fn(&CheckId, &str, &Json) -> Result<(), (String, Option<String>)>;

/// What is in force. Where two overrides are equally specific, that of the later layer wins; within
/// one file that was refused at load.
pub(super) fn effective(
    overrides: &[(usize, Override)],
    check: &CheckMeta,
    place: &Place<'_>,
) -> Effective {
    let matching = overrides
        .iter()
        .filter(|(_, it)| it.check.value.matches(check.id.as_str()) && it.scope.contains(place));
    let mut matching: Vec<&(usize, Override)> = matching.collect();
    matching.sort_by_key(|(layer, it)| (it.scope.rank(place), !it.check.value.is_glob(), *layer));
    let mut effective = Effective { severity: check.severity, params: BTreeMap::new() };
    for (_, it) in matching {
        effective.severity = it.severity.unwrap_or(effective.severity);
        for (name, value) in &it.params {
            effective.params.insert(name.value.clone(), value.value.clone());
        }
    }
    effective
}

/// Notes overrides of checks and parameters that do not exist, and ties within the layer.
pub(super) fn validate(
    reader: &mut Reader<'_>,
    layer: &Layer,
    checks: &[CheckMeta],
    test: ParamTest<'_>,
) {
    for (at, it) in layer.overrides.iter().enumerate() {
        known_check(reader, &it.check, checks);
        let matched = checks.iter().filter(|check| it.check.value.matches(check.id.as_str()));
        for check in matched.clone() {
            validate_params(reader, it, check, test);
        }
        for earlier in layer.overrides.iter().take(at) {
            let both = |check: &&CheckMeta| earlier.check.value.matches(check.id.as_str());
            if let Some(check) = matched.clone().find(both) {
                note_tie(reader, earlier, it, check);
            }
        }
    }
}

fn validate_params(reader: &mut Reader<'_>, it: &Override, check: &CheckMeta, test: ParamTest<'_>) {
    for (name, value) in &it.params {
        if !check.params.contains(&name.value) {
            let help = did_you_mean(&name.value, check.params.iter().map(String::as_str));
            let message = format!("`{}` has no parameter `{}`", check.id, name.value);
            reader.fail_help(name.span, message, help);
        } else if let Err((message, help)) = test(&check.id, &name.value, &value.value) {
            reader.fail_help(value.span, message, help);
        }
    }
}

fn note_tie(reader: &mut Reader<'_>, earlier: &Override, later: &Override, check: &CheckMeta) {
    let same_rank = earlier.check.value.is_glob() == later.check.value.is_glob();
    if !same_rank || !earlier.scope.ties(&later.scope) {
        return;
    }
    let severities = earlier.severity.zip(later.severity).is_some_and(|(a, b)| a != b);
    let param = later.params.iter().find(|(name, value)| {
        let other = earlier.params.iter().find(|(other, _)| other.value == name.value);
        other.is_some_and(|(_, other)| other.value != value.value)
    });
    let what = match param {
        Some((name, _)) => format!("the parameter `{}`", name.value),
        None if severities => "the severity".to_owned(),
        None => return,
    };
    let (line, _) = reader.file.position(earlier.span.start);
    let message = format!("this and the override on line {line} both set {what} of `{}`", check.id);
    let help = "neither is more specific: name an account, unit, region or tag in one of them";
    reader.fail_help(later.span, message, Some(help.into()));
}
