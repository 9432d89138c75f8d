//! Which checks a policy holds.

use super::glob::Pattern;
use super::read::{Located, Map, Reader};
use crate::check::yaml::{Kind, Node};
use crate::check::{CheckId, Severity};
use crate::diagnostic::{Span, did_you_mean};

/// What policies know of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckMeta {
    /// Its id.
    pub id: CheckId,
    /// Its own severity.
    pub severity: Severity,
    /// The service that it is about in lower case: `s3`, `ec2`, `account`.
    pub service: String,
    /// The requirements it speaks to, as `framework/requirement`.
    pub controls: Vec<String>,
    /// Its tags and categories.
    pub tags: Vec<String>,
    /// Its tier, 1 for the checks that matter most, where it has one.
    pub tier: Option<u8>,
    /// The names of its parameters.
    pub params: Vec<String>,
}

/// Checks by their properties: each property that is given must hold, by one of its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    span: Span,
    ids: Vec<Located<Pattern>>,
    frameworks: Vec<Located<String>>,
    services: Vec<Located<String>>,
    severities: Vec<Severity>,
    tags: Vec<Located<String>>,
    tiers: Vec<u64>,
}

const KEYS: [&str; 6] = ["id", "framework", "service", "severity", "tag", "tier"];

/// The words of severities.
pub(super) const SEVERITIES: [(&str, Severity); 5] = [
    ("critical", Severity::Critical),
    ("high", Severity::High),
    ("medium", Severity::Medium),
    ("low", Severity::Low),
    ("info", Severity::Info),
];

impl Selector {
    /// Every check of a framework.
    pub(super) fn framework(id: &str) -> Self {
        let name = Located { value: id.to_owned(), span: Span::default() };
        Self { frameworks: vec![name], ..Self::empty(Span::default()) }
    }

    fn empty(span: Span) -> Self {
        Self {
            span,
            ids: Vec::new(),
            frameworks: Vec::new(),
            services: Vec::new(),
            severities: Vec::new(),
            tags: Vec::new(),
            tiers: Vec::new(),
        }
    }

    /// Reads a list of selectors: an id or glob as text, or a mapping of properties.
    pub(super) fn read_list(reader: &mut Reader<'_>, node: &Node) -> Vec<Self> {
        let items = reader.list(node);
        items.iter().filter_map(|item| Self::read(reader, item)).collect()
    }

    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        if !matches!(node.kind, Kind::Map(_)) {
            let ids = vec![reader.parsed(node)?];
            return Some(Self { ids, ..Self::empty(node.span) });
        }
        let map = reader.map(node, &KEYS)?;
        if map.entries.is_empty() {
            reader.fail(map.span, "this selects nothing");
        }
        let mut texts = |map: &Map<'_>, key: &str| {
            map.get(key).map_or_else(Vec::new, |node| reader.texts(node))
        };
        let (frameworks, services, tags) =
            (texts(&map, "framework"), texts(&map, "service"), texts(&map, "tag"));
        let ids = map.get("id").map_or_else(Vec::new, |node| reader.all_parsed(node));
        Some(Self {
            span: map.start(),
            ids,
            frameworks,
            services,
            severities: map.get("severity").map_or_else(Vec::new, |node| {
                items(node).iter().filter_map(|item| reader.word(item, &SEVERITIES)).collect()
            }),
            tags,
            tiers: map.get("tier").map_or_else(Vec::new, |node| {
                items(node).iter().filter_map(|item| reader.number(item, 9)).collect()
            }),
        })
    }

    /// Whether a check is selected.
    pub fn matches(&self, check: &CheckMeta) -> bool {
        let any = |words: &[Located<String>], holds: &dyn Fn(&str) -> bool| {
            words.is_empty() || words.iter().any(|word| holds(&word.value))
        };
        let of_framework = |framework: &str| {
            let requirement = |control: &String| {
                control.split_once('/').is_some_and(|(name, _)| name == framework)
            };
            check.controls.iter().any(requirement)
        };
        (self.ids.is_empty() || self.ids.iter().any(|id| id.value.matches(check.id.as_str())))
            && any(&self.frameworks, &of_framework)
            && any(&self.services, &|service| check.service == service)
            && (self.severities.is_empty() || self.severities.contains(&check.severity))
            && any(&self.tags, &|tag| check.tags.iter().any(|known| known == tag))
            && (self.tiers.is_empty()
                || check.tier.is_some_and(|tier| self.tiers.contains(&u64::from(tier))))
    }

    /// Notes names that no check or framework has, and a selector that selects nothing.
    pub(super) fn validate(
        &self,
        reader: &mut Reader<'_>,
        checks: &[CheckMeta],
        frameworks: &[&str],
    ) {
        let before = reader.found.len();
        for id in &self.ids {
            known_check(reader, id, checks);
        }
        for framework in &self.frameworks {
            if !frameworks.contains(&framework.value.as_str()) {
                let help = did_you_mean(&framework.value, frameworks.iter().copied());
                let message = format!("no framework is called `{}`", framework.value);
                reader.fail_help(framework.span, message, help);
            }
        }
        for service in &self.services {
            let services = || checks.iter().map(|check| check.service.as_str());
            if !services().any(|known| known == service.value) {
                let help = did_you_mean(&service.value, services());
                let message = format!("no check is about the service `{}`", service.value);
                reader.fail_help(service.span, message, help);
            }
        }
        for tag in &self.tags {
            let tags = || checks.iter().flat_map(|check| check.tags.iter().map(String::as_str));
            if !tags().any(|known| known == tag.value) {
                let message = format!("no check has the tag `{}`", tag.value);
                reader.fail_help(tag.span, message, did_you_mean(&tag.value, tags()));
            }
        }
        let selects_none = !checks.iter().any(|check| self.matches(check));
        if reader.found.len() == before && selects_none && !checks.is_empty() {
            reader.fail(self.span, "no check has all of these properties");
        }
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// Notes an id that no check has, or a glob that matches none.
pub(super) fn known_check(
    reader: &mut Reader<'_>,
    pattern: &Located<Pattern>,
    checks: &[CheckMeta],
) {
    if checks.iter().any(|check| pattern.value.matches(check.id.as_str())) {
        return;
    }
    let message = if pattern.value.is_glob() {
        format!("no check matches `{}`", pattern.value)
    } else {
        format!("no check is called `{}`", pattern.value)
    };
    let help = did_you_mean(pattern.value.as_str(), checks.iter().map(|check| check.id.as_str()));
    reader.fail_help(pattern.span, message, help);
}
