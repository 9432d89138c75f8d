//! The resources of one field that policies and methods tell apart.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::document::Statement;
use super::super::pattern::ResourcePattern;
use super::super::search::Region;
use super::super::space::{Axis, Space, Substitution, Value};
use super::super::truth::Truth;
use super::around::Names;

/// Which resources stand for which: an account may have thousands of roles, but hardly a policy tells
/// more than some of them apart, so that one speaks for all that every statement treats alike.
#[derive(Default)]
pub(super) struct Likeness {
    names: Arc<Names>,
    /// The kind of each name; all are of the first if it is empty.
    kinds: Vec<usize>,
    /// One of each kind.
    speakers: Vec<usize>,
    /// Those that speak for themselves alone.
    alone: Vec<String>,
}

impl Likeness {
    /// Tells names apart by the statements that can matter.
    pub(super) fn new(
        names: Arc<Names>,
        alone: Vec<String>,
        statements: &[&Statement],
        variables: &Substitution,
    ) -> Self {
        let elements = statements.iter().filter_map(|statement| statement.resource.as_ref());
        let patterns: HashSet<&ResourcePattern> = elements
            .flat_map(|element| element.patterns.iter())
            .filter(|resource| !resource.pattern().is_everything())
            .collect();
        let apart: HashSet<usize> =
            alone.iter().filter_map(|name| names.places.get(name.as_str()).copied()).collect();
        let (mut kinds, mut speakers) = (Vec::new(), Vec::new());
        if patterns.is_empty() {
            speakers.extend((0..names.list.len()).find(|at| !apart.contains(at)));
            return Self { names, kinds, speakers, alone };
        }
        let mut first: HashMap<Vec<Truth>, usize> = HashMap::new();
        for (at, name) in names.list.iter().enumerate() {
            if apart.contains(&at) {
                // It is looked up by name before.
                kinds.push(usize::MAX);
                continue;
            }
            let treated = patterns.iter().map(|it| it.matches(name, variables)).collect();
            let kind = *first.entry(treated).or_insert(speakers.len());
            if kind == speakers.len() {
                speakers.push(at);
            }
            kinds.push(kind);
        }
        Self { names, kinds, speakers, alone }
    }

    /// The resources to be told apart from all others.
    pub(super) fn speakers(&self) -> impl Iterator<Item = &str> {
        let speakers = self.speakers.iter().filter_map(|at| self.names.list.get(*at));
        self.alone.iter().chain(speakers).map(String::as_str)
    }

    /// The resource that speaks for another; nothing for what is no resource of the field.
    pub(super) fn speaker<'s>(&'s self, name: &'s str) -> Option<&'s str> {
        if self.alone.iter().any(|own| own == name) {
            return Some(name);
        }
        let at = self.names.places.get(name)?;
        let speaker = self.speakers.get(self.kinds.get(*at).copied().unwrap_or_default())?;
        self.names.list.get(*speaker).map(String::as_str)
    }
}

/// The values of the resource axis of a space, found by name.
#[derive(Default)]
pub(super) struct Resources {
    /// Nothing for those that were too many to look at.
    names: Vec<Option<String>>,
    places: HashMap<String, usize>,
    /// The place of those.
    unlisted: Option<usize>,
    /// For each the first one that all rules treat alike.
    alike: Vec<usize>,
}

impl Resources {
    pub(super) fn new(space: &Space) -> Self {
        let Some((dimension, values)) = space.axis(&Axis::Resource) else { return Self::default() };
        let names: Vec<Option<String>> = values.iter().map(name).collect();
        let rules = space.rules().iter();
        let sides = rules.flat_map(|rule| [rule.inner.as_ref(), rule.outer.as_ref()]);
        let sides: Vec<Option<&Region>> = sides.collect();
        let mut first: HashMap<Vec<bool>, usize> = HashMap::new();
        let mut places = HashMap::new();
        let mut alike = Vec::new();
        let unlisted = names.iter().position(Option::is_none);
        for (at, name) in names.iter().enumerate() {
            let Some(name) = name else {
                alike.push(at);
                continue;
            };
            places.entry(name.clone()).or_insert(at);
            let takes = |region: &Option<&Region>| {
                region.is_some_and(|it| it.side(dimension).is_none_or(|side| side.contains(at)))
            };
            alike.push(*first.entry(sides.iter().map(takes).collect()).or_insert(at));
        }
        Self { names, places, unlisted, alike }
    }

    /// The places of all.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        0..self.names.len()
    }

    /// The place of an ARN of the field.
    pub(super) fn place(&self, arn: &str) -> Option<usize> {
        self.places.get(arn).copied().or(self.unlisted)
    }

    /// A resource by its place.
    pub(super) fn name(&self, at: usize) -> &str {
        self.names.get(at).and_then(Option::as_deref).unwrap_or("*")
    }

    /// The place that is decided in the stead of this one.
    pub(super) fn alike(&self, at: usize) -> usize {
        self.alike.get(at).copied().unwrap_or(at)
    }
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::One(arn) => Some(arn.clone()),
        Value::Absent | Value::Many(_) | Value::Unlisted => None,
    }
}
