//! The resources of one field that policies and methods tell apart.

use std::collections::HashMap;

use super::super::search::Region;
use super::super::space::{Axis, Space, Value};

/// The values of the resource axis of a space. An account may have thousands of roles, each of which
/// is one of them, so they are found by name, and decided about together where no policy tells them
/// apart.
#[derive(Default)]
pub(super) struct Resources {
    /// Nothing for those that were too many to look at.
    names: Vec<Option<String>>,
    places: HashMap<String, usize>,
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
        Self { names, places, alike }
    }

    /// The places of all.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        0..self.names.len()
    }

    /// The places of those ARNs, in the order of the axis.
    pub(super) fn named(&self, arns: &[&str]) -> Vec<usize> {
        let mut found: Vec<usize> =
            arns.iter().filter_map(|arn| self.places.get(*arn).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
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
