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
        let budget = Budget::new(30_000_000, 2_000);
        list.iter().filter(|(_, _, open)| *open).all(|own| {
            let mut others = list.iter().filter(|other| !std::ptr::eq(**other, *own));
            others.all(|(_, other, open)| is_clear_of(&own.1, other, *open, &budget))
        })
    }
}

/// Whether the other pattern covers nothing of what a pattern matches, or all of it if that does not
/// depend on a variable.
fn is_clear_of(own: &Pattern, other: &Pattern, open: bool, budget: &Budget) -> bool {
    let everything = *other == Pattern::anything();
    if everything || !own.may_meet(other) {
        return !everything || !open;
    }
    if (open && other.matches(&own.shortest())) || budget.is_empty() {
        return false;
    }
    let within = Domain::any().meeting(own.clone());
    let found = atoms(std::slice::from_ref(other), &within, budget);
    let mut covered = found.atoms.iter().map(|atom| !atom.accepts.is_empty());
    found.complete && (covered.clone().all(|covered| !covered) || (!open && covered.all(|own| own)))
}
