//! When one value for a policy variable stands for all its values.
//!
//! A variable makes a pattern depend on another key of the request. If nothing else tells values of
//! that key apart, every value behaves like a fresh one: no condition tests the key itself, and each
//! other pattern beside a pattern with variables either covers all that the latter could match or
//! none of it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::atoms::{Budget, Domain, Pattern, atoms};
use super::super::condition::{Family, Test};
use super::super::pattern::{self, Case, Piece};
use super::value::Substitution;
use super::{Rule, spell};

/// The most patterns of one axis that are compared.
const PATTERNS: usize = 400;

/// Whether variables may be replaced by one fresh value (and by absence) in all these rules. Keys
/// whose values are `bound` by what is known about them are not compared with variables then.
pub(in crate::iam) fn fresh_values_suffice(
    rules: &[Rule<'_>],
    bound: &dyn Fn(&str) -> bool,
) -> bool {
    let mut axes: BTreeMap<&str, Axis> = BTreeMap::new();
    let mut tested: BTreeSet<&str> = BTreeSet::new();
    for rule in rules {
        for resource in rule.resources.iter().flat_map(|terms| terms.patterns) {
            let axis = axes.entry("").or_default();
            axis.add(resource.text(), resource.pattern(), Case::Sensitive);
        }
        for condition in rule.conditions {
            tested.insert(&condition.key);
            let axis = axes.entry(&condition.key).or_default();
            for operand in &condition.operands {
                match &operand.test {
                    Test::Text(pattern) => axis.add(
                        &operand.text,
                        pattern,
                        match condition.operator.family {
                            Family::StringEqualsIgnoreCase | Family::Bool => Case::Insensitive,
                            _ => Case::Sensitive,
                        },
                    ),
                    Test::Arn(pattern) => {
                        pattern.segments().iter().for_each(|segment| axis.variables(segment));
                        let open = pattern.segments().iter().any(pattern::Pattern::has_variable);
                        let spelled = spell::arn(pattern, &Substitution::default());
                        axis.list
                            .extend(spelled.map(|p| (format!("arn {}", operand.text), p, open)));
                    }
                    _ => {}
                }
            }
        }
    }
    axes.iter().all(|(key, axis)| {
        axis.keys.iter().all(|key| !tested.contains(&**key))
            && (axis.keys.is_empty() || !bound(key))
            && axis.is_clear()
    })
}

/// The patterns of an axis: text, language over all values of variables, whether it has any.
#[derive(Default)]
struct Axis {
    list: Vec<(String, Pattern, bool)>,
    keys: BTreeSet<Box<str>>,
}

impl Axis {
    fn add(&mut self, text: &str, pattern: &pattern::Pattern, case: Case) {
        self.variables(pattern);
        let spelled = spell::pattern(pattern, case, &Substitution::default());
        let name = format!("{case:?} {text}");
        self.list.extend(spelled.map(|spelled| (name, spelled, pattern.has_variable())));
    }

    fn variables(&mut self, pattern: &pattern::Pattern) {
        for piece in pattern.pieces() {
            if let Piece::Variable(variable) = piece {
                self.keys.insert(variable.key.clone());
            }
        }
    }

    /// Whether each pattern covers all or nothing of what a different one with variables can match.
    fn is_clear(&self) -> bool {
        let mut list: Vec<&(String, Pattern, bool)> = self.list.iter().collect();
        list.sort_by(|a, b| a.0.cmp(&b.0));
        list.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
        if !list.iter().any(|(_, _, open)| *open) {
            return true;
        }
        if list.len() > PATTERNS {
            return false;
        }
        let patterns: Vec<Pattern> = list.iter().map(|(_, pattern, _)| pattern.clone()).collect();
        let found = atoms(&patterns, &Domain::any(), &Budget::new(30_000_000, 2_000));
        found.complete
            && list.iter().enumerate().filter(|(_, (_, _, open))| *open).all(|(own, _)| {
                let inside: Vec<_> =
                    found.atoms.iter().filter(|atom| atom.accepts.contains(&own)).collect();
                list.iter().enumerate().filter(|(other, _)| *other != own).all(|(other, entry)| {
                    let hits = inside.iter().filter(|atom| atom.accepts.contains(&other)).count();
                    hits == 0 || (hits == inside.len() && !entry.2)
                })
            })
    }
}
