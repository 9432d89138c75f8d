//! The rules that take away, by their patterns.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::super::atoms::{Atom, Pattern};
use super::super::text::Line;
use super::Sought;

/// How removers treat a value: which of them match it, and whether they certainly do. Those that
/// are about every value treat all alike and are left out.
pub(super) type Treatment = BTreeSet<(usize, bool)>;

pub(super) struct Removers {
    /// For each pattern the rules that match its values, and whether they certainly do.
    of: HashMap<usize, Vec<(usize, bool)>>,
    /// The rules that take away what their patterns do not match.
    negated: BTreeSet<usize>,
}

impl Removers {
    pub(super) fn new(sought: &Sought<'_>) -> Self {
        let mut removers = Self { of: HashMap::new(), negated: BTreeSet::new() };
        let everything = |line: &Line| {
            let pattern = line.certain.and_then(|at| sought.pattern(at));
            pattern.is_some_and(|pattern| *pattern == Pattern::anything())
        };
        for (rule, (element, grants)) in sought.elements.iter().zip(sought.grants).enumerate() {
            let Some((negated, lines)) = element.as_ref().filter(|_| !grants) else { continue };
            // It takes all values away whatever its other lines are.
            if !negated && let Some(all) = lines.iter().find(|line| everything(line)) {
                removers.of.entry(all.certain.unwrap_or_default()).or_default();
                continue;
            }
            if *negated {
                removers.negated.insert(rule);
            }
            for line in lines {
                for pattern in line.patterns() {
                    let certain = line.certain == Some(pattern);
                    removers.of.entry(pattern).or_default().push((rule, certain));
                }
            }
        }
        removers
    }

    pub(super) fn patterns(&self) -> impl Iterator<Item = usize> {
        self.of.keys().copied()
    }

    pub(super) fn treatment(&self, value: &Atom) -> Treatment {
        value.accepts.iter().filter_map(|own| self.of.get(own)).flatten().copied().collect()
    }

    /// Whether none of them takes such a value away.
    pub(super) fn spare(&self, treatment: &Treatment) -> bool {
        treatment.iter().all(|(rule, _)| self.negated.contains(rule))
            && self.negated.iter().all(|rule| treatment.contains(&(*rule, true)))
    }

    /// Whether a pattern spares its values from some rule.
    pub(super) fn spares(&self, pattern: usize) -> bool {
        let mut rules = self.of.get(&pattern).into_iter().flatten();
        rules.any(|(rule, _)| self.negated.contains(rule))
    }

    /// Whether the rules that these patterns spare from certainly spare this value.
    pub(super) fn is_spared(&self, value: &Atom, near: &[usize]) -> bool {
        let treatment = self.treatment(value);
        let rules = near.iter().filter_map(|own| self.of.get(own)).flatten();
        let mut sparing = rules.filter(|(rule, _)| self.negated.contains(rule));
        sparing.all(|(rule, _)| treatment.contains(&(*rule, true)))
    }

    /// For each rule that takes this value away by matching it, and for each way of matching, the
    /// patterns by which it does.
    pub(super) fn matching(&self, value: &Atom) -> Vec<Vec<usize>> {
        let mut matching: BTreeMap<(usize, bool), Vec<usize>> = BTreeMap::new();
        for pattern in &value.accepts {
            for (rule, certain) in self.of.get(pattern).into_iter().flatten() {
                if !self.negated.contains(rule) {
                    matching.entry((*rule, *certain)).or_default().push(*pattern);
                }
            }
        }
        matching.into_values().collect()
    }
}
