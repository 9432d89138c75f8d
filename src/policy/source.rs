//! A policy file as written, with every mistake of its form.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil;
use serde_json::Value as Json;

use super::gate::{Limit, Rules, Threshold, Unused};
use super::glob::Pattern;
use super::read::{Located, Map, Reader};
use super::scope::{self, Scope};
use super::select::{SEVERITIES, Selector};
use crate::check::Severity;
use crate::check::yaml::{self, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span};

/// A day in UTC, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub civil::Date);

impl Day {
    /// The day of a point in time, seconds since 1970-01-01T00:00:00Z.
    pub fn of(seconds: i64) -> Self {
        let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self(jiff::tz::Offset::UTC.to_datetime(time).date())
    }

    /// The day so many days later.
    pub fn plus(self, days: u64) -> Self {
        let days = i64::try_from(days.min(100_000)).unwrap_or(100_000);
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let exact = text.len() == 10 && text.is_ascii();
        let day = text.parse::<civil::Date>().ok().filter(|_| exact);
        day.map(Self).ok_or_else(|| format!("`{text}` is no day such as `2027-01-31`"))
    }
}

/// A policy file.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// Its name.
    pub id: Located<String>,
    /// What it is for.
    pub title: String,
    /// The policies that it adds to, by name or path.
    pub extends: Vec<Located<String>>,
    /// What it says.
    pub layer: Layer,
    /// What it says besides for an environment.
    pub environments: Vec<(Located<String>, Layer)>,
}

/// What a policy file, or one environment of it, adds to the policies that it extends.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Checks to add.
    pub checks: Vec<Selector>,
    /// Checks to take away, after that.
    pub exclude: Vec<Selector>,
    /// Severities and parameters.
    pub overrides: Vec<Override>,
    /// The gate, as far as it is given.
    pub gate: Rules,
    /// What exceptions are allowed.
    pub limits: ExceptionLimits,
    /// The exceptions.
    pub exceptions: Vec<ExceptionRule>,
}

/// Another severity or other parameters for some checks in some places.
#[derive(Debug, Clone)]
pub struct Override {
    /// Where it stands.
    pub span: Span,
    /// The checks.
    pub check: Located<Pattern>,
    /// The places.
    pub scope: Scope,
    /// The severity.
    pub severity: Option<Severity>,
    /// Parameters by name.
    pub params: Vec<(Located<String>, Located<Json>)>,
}

/// An accepted finding, as written.
#[derive(Debug, Clone)]
pub struct ExceptionRule {
    /// Where it stands.
    pub span: Span,
    /// The checks.
    pub check: Located<Pattern>,
    /// The ARN, id or name of the resource; `None` for every resource of the scope.
    pub resource: Option<Located<Pattern>>,
    /// The places.
    pub scope: Scope,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// A ticket.
    pub ticket: Option<String>,
    /// The last day it holds.
    pub expires: Option<Located<Day>>,
}

/// What exceptions a policy allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionLimits {
    /// The most days that an exception may still hold.
    pub max_days: Option<u64>,
    /// The worst severity that may be excepted.
    pub max_severity: Option<Severity>,
    /// Whether a ticket is required.
    pub ticket_required: Option<bool>,
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.check.value)?;
        if !self.scope.is_everywhere() {
            write!(f, " ({})", self.scope)?;
        }
        f.write_str(":")?;
        self.severity.iter().try_for_each(|it| write!(f, " severity {it}"))?;
        self.params.iter().try_for_each(|(name, it)| write!(f, " {}={}", name.value, it.value))
    }
}

impl ExceptionLimits {
    /// The limits as sentences, for people.
    pub fn sentences(&self) -> Vec<String> {
        let days = self.max_days.map(|days| format!("exceptions hold {days} days at most"));
        let worst = self.max_severity;
        let worst = worst.map(|worst| format!("failures above {worst} cannot be excepted"));
        let ticket = self.ticket_required == Some(true);
        let ticket = ticket.then(|| "exceptions need a ticket".to_owned());
        days.into_iter().chain(worst).chain(ticket).collect()
    }
}

const FILE_KEYS: [&str; 11] = [
    "id",
    "title",
    "description",
    "extends",
    "environments",
    "checks",
    "exclude",
    "overrides",
    "gate",
    "exception_limits",
    "exceptions",
];

/// The keys that an environment may have.
const LAYER_KEYS: [&str; 6] =
    ["checks", "exclude", "overrides", "gate", "exception_limits", "exceptions"];

/// Reads a policy file.
///
/// # Errors
/// Every mistake of its form.
pub fn read(file: &Arc<SourceFile>) -> Result<PolicyFile, Vec<Diagnostic>> {
    let root = yaml::read(file)?;
    let mut reader = Reader::new(file);
    let policy = read_file(&mut reader, &root);
    match policy {
        Some(policy) if reader.found.is_empty() => Ok(policy),
        _ => {
            reader.found.sort_by_key(|it| it.span);
            Err(reader.found)
        }
    }
}

fn read_file(reader: &mut Reader<'_>, root: &Node) -> Option<PolicyFile> {
    let map = reader.map(root, &FILE_KEYS)?;
    let id = reader.required_text(&map, "id");
    let title = reader.required_text(&map, "title");
    let extends = map.get("extends").map_or_else(Vec::new, |node| reader.texts(node));
    if let Some(node) = map.get("description") {
        reader.text(node);
    }
    let layer = read_layer(reader, &map);
    let mut environments = Vec::new();
    if let Some(node) = map.get("environments") {
        for entry in reader.free_map(node) {
            let name = Located { value: entry.key.clone(), span: entry.key_span };
            if let Some(map) = reader.map(&entry.value, &LAYER_KEYS) {
                environments.push((name, read_layer(reader, &map)));
            }
        }
    }
    Some(PolicyFile { id: id?, title: title?.value, extends, layer, environments })
}

fn read_layer(reader: &mut Reader<'_>, map: &Map<'_>) -> Layer {
    let selectors = |reader: &mut Reader<'_>, key: &str| {
        map.get(key).map_or_else(Vec::new, |node| Selector::read_list(reader, node))
    };
    let (checks, exclude) = (selectors(reader, "checks"), selectors(reader, "exclude"));
    let overrides = map.get("overrides").map_or_else(Vec::new, |node| {
        let items = reader.list(node);
        items.iter().filter_map(|item| read_override(reader, item)).collect()
    });
    let gate = map.get("gate").map(|node| read_gate(reader, node)).unwrap_or_default();
    let limits = map.get("exception_limits").map(|node| read_limits(reader, node));
    let exceptions = map.get("exceptions").map_or_else(Vec::new, |node| {
        let items = reader.list(node);
        items.iter().filter_map(|item| read_exception(reader, item)).collect()
    });
    let file = Arc::clone(reader.file);
    let limits = limits.unwrap_or_default();
    Layer { file, checks, exclude, overrides, gate, limits, exceptions }
}

fn read_override(reader: &mut Reader<'_>, node: &Node) -> Option<Override> {
    let keys: Vec<&str> = ["check", "severity", "params"].into_iter().chain(scope::KEYS).collect();
    let map = reader.map(node, &keys)?;
    let scope = Scope::read(reader, &map);
    let severity = map.get("severity").map(|node| reader.word(node, &SEVERITIES));
    let mut params = Vec::new();
    if let Some(node) = map.get("params") {
        for entry in reader.free_map(node) {
            let name = Located { value: entry.key.clone(), span: entry.key_span };
            let value = Located { value: entry.value.to_json(), span: entry.value.span };
            params.push((name, value));
        }
    }
    if severity.is_none() && params.is_empty() {
        reader.fail(map.start(), "this overrides nothing: give `severity` or `params`");
    }
    let check = read_check(reader, &map)?;
    Some(Override { span: map.start(), check, scope, severity: severity.flatten(), params })
}

fn read_check(reader: &mut Reader<'_>, map: &Map<'_>) -> Option<Located<Pattern>> {
    let Some(node) = map.get("check") else {
        reader.fail(map.start(), "`check` is missing");
        return None;
    };
    reader.parsed(node)
}

fn read_exception(reader: &mut Reader<'_>, node: &Node) -> Option<ExceptionRule> {
    let keys: Vec<&str> = ["check", "resource", "reason", "owner", "ticket", "expires"]
        .into_iter()
        .chain(scope::KEYS)
        .collect();
    let map = reader.map(node, &keys)?;
    let check = read_check(reader, &map);
    let resource = map.get("resource").map(|node| reader.parsed::<Pattern>(node));
    let scope = Scope::read(reader, &map);
    let reason = reader.required_text(&map, "reason");
    let owner = reader.required_text(&map, "owner");
    let ticket = map.get("ticket").map(|node| reader.text(node));
    let expires = map.get("expires").map(|node| reader.parsed::<Day>(node));
    for pattern in check.iter().chain(resource.iter().flatten()) {
        if pattern.value.is_everything() {
            let message = format!("`{}` would accept everything", pattern.value);
            let help = "name the check, and leave `resource` out to accept all of a scope";
            reader.fail_help(pattern.span, message, Some(help.into()));
        }
    }
    // A key that is there and wrong has been noted; it must not read as a key that is not there.
    Some(ExceptionRule {
        span: map.start(),
        check: check?,
        resource: transpose(resource)?,
        scope,
        reason: reason?.value,
        owner: owner?.value,
        ticket: transpose(ticket)?.map(|text| text.value),
        expires: transpose(expires)?,
    })
}

/// `None` for a key that is there and wrong.
fn transpose<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
    }
}

fn read_limits(reader: &mut Reader<'_>, node: &Node) -> ExceptionLimits {
    let Some(map) = reader.map(node, &["max_days", "max_severity", "ticket_required"]) else {
        return ExceptionLimits::default();
    };
    ExceptionLimits {
        max_days: map.get("max_days").and_then(|node| reader.number(node, 3_650)),
        max_severity: map.get("max_severity").and_then(|node| reader.word(node, &SEVERITIES)),
        ticket_required: map.get("ticket_required").and_then(|node| reader.bool(node)),
    }
}

fn read_gate(reader: &mut Reader<'_>, node: &Node) -> Rules {
    let keys = [
        "fail_on",
        "max_unknown",
        "max_gaps",
        "min_accounts",
        "min_decided",
        "only_new",
        "unused_exceptions",
    ];
    let Some(map) = reader.map(node, &keys) else { return Rules::default() };
    let mut max_unknown = Vec::new();
    if let Some(node) = map.get("max_unknown") {
        let words = SEVERITIES.map(|(word, _)| word);
        if let Some(map) = reader.map(node, &words) {
            for entry in map.entries {
                let known = SEVERITIES.iter().find(|(word, _)| *word == entry.key);
                let limit = read_limit(reader, &entry.value);
                max_unknown
                    .extend(known.zip(limit).map(|((_, severity), limit)| (*severity, limit)));
            }
        }
    }
    let thresholds: Vec<(&str, Threshold)> = SEVERITIES
        .iter()
        .map(|(word, severity)| (*word, Threshold::From(*severity)))
        .chain([("never", Threshold::Never)])
        .collect();
    let unused = [("warn", Unused::Warn), ("fail", Unused::Fail)];
    Rules {
        fail_on: map.get("fail_on").and_then(|node| reader.word(node, &thresholds)),
        max_unknown,
        max_gaps: map.get("max_gaps").and_then(|node| read_limit(reader, node)),
        min_accounts: map.get("min_accounts").and_then(|node| reader.number(node, 100)),
        min_decided: map.get("min_decided").and_then(|node| reader.number(node, 100)),
        only_new: map.get("only_new").and_then(|node| reader.bool(node)),
        unused_exceptions: map.get("unused_exceptions").and_then(|node| reader.word(node, &unused)),
    }
}

/// A number, or `any`.
fn read_limit(reader: &mut Reader<'_>, node: &Node) -> Option<Limit> {
    match node.text(reader.file) {
        Some("any") => Some(Limit::Any),
        _ => reader.number(node, 1_000_000).map(Limit::AtMost),
    }
}
