//! Takes over the mutelist of Prowler: its entries become exceptions where a check says that it is
//! the same, and all that could not be carried over is reported with its place.
//!
//! A mutelist searches for its patterns anywhere in a name; exceptions match whole names, and so
//! accept less. A check that looks at more than the muted one is carried over with a warning.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::edit::scalar;
use super::read::{Located, Map, Reader};
use super::source::Day;
use crate::aws::{AccountId, Region};
use crate::check::CheckId;
use crate::check::yaml::{self, Entry};
use crate::diagnostic::{Diagnostic, SourceFile, Span};

/// The ids of another tool's checks, and the checks here that say they are the same.
#[derive(Debug, Clone, Default)]
pub struct Peers(BTreeMap<String, BTreeSet<CheckId>>);

impl Peers {
    /// From checks with the other tool's ids.
    pub fn new<'a>(checks: impl IntoIterator<Item = (&'a CheckId, &'a [String])>) -> Self {
        let mut peers = Self::default();
        for (id, names) in checks {
            for name in names {
                peers.0.entry(name.clone()).or_default().insert(id.clone());
            }
        }
        peers
    }

    /// The checks that are the same as those a pattern names.
    fn matching(&self, pattern: &str) -> BTreeSet<&CheckId> {
        let Some(glob) = glob(pattern) else { return BTreeSet::new() };
        let Ok(glob) = glob.parse::<super::Pattern>() else { return BTreeSet::new() };
        self.0.iter().filter(|(name, _)| glob.matches(name)).flat_map(|(_, ids)| ids).collect()
    }

    /// The other tool's checks that a check covers besides those of a pattern.
    fn others(&self, id: &CheckId, pattern: &str) -> Vec<&str> {
        let glob = glob(pattern).and_then(|glob| glob.parse::<super::Pattern>().ok());
        let covered = self.0.iter().filter(|(_, ids)| ids.contains(id)).map(|(name, _)| name);
        covered
            .filter(|name| !glob.as_ref().is_some_and(|glob| glob.matches(name)))
            .map(String::as_str)
            .collect()
    }
}

/// A mutelist taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The policy file.
    pub text: String,
    /// The number of exceptions in it.
    pub exceptions: usize,
    /// What could not be carried over, or means something else here.
    pub report: Vec<Diagnostic>,
    /// How many entries, or parts of entries, were left out.
    pub left_out: usize,
}

/// Takes over a mutelist. It has no owners and no expiry, so that both are given.
///
/// # Errors
/// Every place where the file is no mutelist.
pub fn import(
    file: &Arc<SourceFile>,
    peers: &Peers,
    id: &str,
    owner: &str,
    expires: Option<Day>,
) -> Result<Import, Vec<Diagnostic>> {
    let root = yaml::read(file)?;
    let mut reader = Reader::new(file);
    let mut importer = Importer { file, peers, lines: Vec::new(), report: Vec::new(), left_out: 0 };
    let list = reader.map(&root, &["Mutelist"]).and_then(|map| {
        let Some(node) = map.get("Mutelist") else {
            reader.fail(map.start(), "`Mutelist` is missing");
            return None;
        };
        let map = reader.map(node, &["Accounts"])?;
        let accounts = map.get("Accounts");
        if accounts.is_none() {
            reader.fail(node.span, "`Accounts` is missing");
        }
        accounts.map(|node| reader.free_map(node))
    });
    for account in list.unwrap_or_default() {
        importer.account(&mut reader, account);
    }
    if !reader.found.is_empty() {
        reader.found.sort_by_key(|it| it.span);
        return Err(reader.found);
    }
    Ok(importer.finish(id, owner, expires))
}

/// An exception without owner and expiry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Carried {
    check: CheckId,
    resource: Option<String>,
    account: Option<AccountId>,
    regions: Vec<String>,
    tags: Vec<(String, String)>,
    reason: String,
}

struct Importer<'a> {
    file: &'a Arc<SourceFile>,
    peers: &'a Peers,
    lines: Vec<Carried>,
    report: Vec<Diagnostic>,
    left_out: usize,
}

impl Importer<'_> {
    fn leave_out(&mut self, span: Span, message: impl Into<String>) {
        self.left_out += 1;
        let message = format!("not carried over: {}", message.into());
        self.report.push(Diagnostic::warning(self.file, span, message));
    }

    fn account(&mut self, reader: &mut Reader<'_>, entry: &Entry) {
        let account = match entry.key.as_str() {
            "*" => None,
            id => match id.parse::<AccountId>() {
                Ok(id) => Some(id),
                Err(error) => {
                    reader.fail(entry.key_span, error.to_string());
                    return;
                }
            },
        };
        let Some(map) = reader.map(&entry.value, &["Checks"]) else { return };
        let Some(checks) = map.get("Checks") else {
            reader.fail(map.start(), "`Checks` is missing");
            return;
        };
        for check in reader.free_map(checks) {
            let keys = ["Regions", "Resources", "Tags", "Exceptions", "Description"];
            let Some(body) = reader.map(&check.value, &keys) else { continue };
            self.check(reader, account.as_ref(), check, &body);
        }
    }

    fn check(
        &mut self,
        reader: &mut Reader<'_>,
        account: Option<&AccountId>,
        check: &Entry,
        body: &Map<'_>,
    ) {
        let pattern = check.key.as_str();
        let mut texts = |key: &str| body.get(key).map_or_else(Vec::new, |node| reader.texts(node));
        let (regions, resources, tags) = (texts("Regions"), texts("Resources"), texts("Tags"));
        let description = body.get("Description").and_then(|node| reader.text(node));
        for key in ["Regions", "Resources"] {
            if body.get(key).is_none() {
                reader.fail(check.key_span, format!("`{key}` is missing"));
            }
        }
        if matches!(pattern, "*" | ".*") {
            return self.leave_out(check.key_span, "an exception for every check accepts anything");
        }
        if let Some(node) = body.get("Exceptions") {
            let message = "exceptions cannot leave places or resources out again";
            return self.leave_out(node.span, message);
        }
        let peers = self.peers;
        let ids = peers.matching(pattern);
        if ids.is_empty() {
            return self.leave_out(check.key_span, format!("no check here is `{pattern}`"));
        }
        let (Some(regions), Some(tags)) = (self.regions(&regions), self.tags(&tags)) else {
            return;
        };
        let resources = self.resources(&resources);
        let reason = description.map_or_else(
            || format!("Muted as {pattern} in {}", self.file.name),
            |text| text.value.split_whitespace().collect::<Vec<_>>().join(" "),
        );
        for id in ids {
            let others = peers.others(id, pattern);
            if !others.is_empty() {
                let message = format!("`{id}` looks at more: it is also {}", others.join(", "));
                self.report.push(Diagnostic::warning(self.file, check.key_span, message));
            }
            for resource in &resources {
                self.lines.push(Carried {
                    check: id.clone(),
                    resource: resource.clone(),
                    account: account.cloned(),
                    regions: regions.clone(),
                    tags: tags.clone(),
                    reason: reason.clone(),
                });
            }
        }
    }

    /// The regions; none for all, `None` where one cannot be carried over.
    fn regions(&mut self, found: &[Located<String>]) -> Option<Vec<String>> {
        if found.iter().any(|it| matches!(it.value.as_str(), "*" | ".*")) {
            return Some(Vec::new());
        }
        let bad = found.iter().find(|it| it.value.parse::<Region>().is_err());
        if let Some(bad) = bad {
            self.leave_out(bad.span, format!("`{}` is no region", bad.value));
            return None;
        }
        Some(found.iter().map(|it| it.value.clone()).collect())
    }

    fn tags(&mut self, found: &[Located<String>]) -> Option<Vec<(String, String)>> {
        let mut tags = Vec::new();
        for tag in found {
            let pair = tag.value.split_once('=').and_then(|(key, value)| {
                let plain = glob(key).filter(|key| !key.contains(['*', '?']));
                Some((plain?, glob(value)?))
            });
            match pair {
                Some(pair) => tags.push(pair),
                None => {
                    self.leave_out(tag.span, format!("`{}` is no plain tag", tag.value));
                    return None;
                }
            }
        }
        Some(tags)
    }

    /// The resources, `None` for all of them; those that cannot be carried over are left out.
    fn resources(&mut self, found: &[Located<String>]) -> Vec<Option<String>> {
        if found.iter().any(|it| matches!(it.value.as_str(), "*" | ".*")) {
            return vec![None];
        }
        let mut resources = Vec::new();
        for resource in found {
            match glob(&resource.value) {
                Some(glob) => resources.push(Some(glob)),
                None => {
                    let message = format!("`{}` is no name and no glob", resource.value);
                    self.leave_out(resource.span, message);
                }
            }
        }
        resources
    }

    fn finish(mut self, id: &str, owner: &str, expires: Option<Day>) -> Import {
        let mut seen = BTreeSet::new();
        self.lines.retain(|line| seen.insert(line.clone()));
        let id = scalar(id);
        let mut text = format!("id: {id}\ntitle: Exceptions taken over from a mutelist\n");
        text.push_str("extends: [baseline]\n");
        if !self.lines.is_empty() {
            text.push_str("exceptions:\n");
        }
        for line in &self.lines {
            line.write(owner, expires, &mut text);
        }
        self.report.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
        let exceptions = self.lines.len();
        Import { text, exceptions, report: self.report, left_out: self.left_out }
    }
}

impl Carried {
    fn write(&self, owner: &str, expires: Option<Day>, text: &mut String) {
        let _ = writeln!(text, "  - check: {}", scalar(self.check.as_str()));
        if let Some(resource) = &self.resource {
            let _ = writeln!(text, "    resource: {}", scalar(resource));
        }
        if let Some(account) = &self.account {
            let _ = writeln!(text, "    account: \"{account}\"");
        }
        if !self.regions.is_empty() {
            let _ = writeln!(text, "    region: [{}]", self.regions.join(", "));
        }
        if !self.tags.is_empty() {
            let tag = |(key, value): &(String, String)| {
                format!("{}: {}", serde_json::Value::from(key.as_str()), scalar(value))
            };
            let tags: Vec<String> = self.tags.iter().map(tag).collect();
            let _ = writeln!(text, "    tag: {{{}}}", tags.join(", "));
        }
        let _ = writeln!(text, "    reason: {}", scalar(&self.reason));
        let _ = writeln!(text, "    owner: {}", scalar(owner));
        if let Some(day) = expires {
            let _ = writeln!(text, "    expires: {day}");
        }
    }
}

/// A regular expression as a glob over whole names, where it is simple enough: text, `.*`, and a
/// star by itself, which mutelists use as globs do.
fn glob(pattern: &str) -> Option<String> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let mut glob = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '.' if rest.peek() == Some(&'*') => {}
            '\\' => match rest.next() {
                Some(escaped @ ('.' | '-' | '/' | ':' | '_')) => glob.push(escaped),
                _ => return None,
            },
            '[' | ']' | '(' | ')' | '{' | '}' | '|' | '+' | '?' | '^' | '$' => return None,
            _ => glob.push(character),
        }
    }
    (!glob.is_empty() && !glob.chars().all(|it| it == '*')).then_some(glob)
}
