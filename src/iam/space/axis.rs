//! One dimension at a time: its values, and for each test the values that pass.

use std::collections::HashMap;

use super::super::atoms::{self, AddressRange, Bits, Budget, Domain, atoms};
use super::super::condition::Condition;
use super::super::pattern::{Case, Pattern, Piece, Resolved, Variables};
use super::candidates::candidates;
use super::spell;
use super::value::{Fact, OneKey, Substitution, Value, literal};
use super::{Bounds, Frame, Rule, Terms};

/// Value sets of one test: certainly passed, possibly passed.
type Pair = (Bits, Bits);

/// Actions or resources.
pub(super) struct TextAxis {
    pub(super) values: Vec<Value>,
    pub(super) complete: bool,
    sides: Vec<Option<Pair>>,
}

impl TextAxis {
    pub(super) fn actions(rules: &[Rule<'_>], bounds: &Bounds) -> Self {
        let lines = rules.iter().map(|rule| {
            let Terms { negated, patterns } = rule.actions;
            let spelled = patterns
                .iter()
                .filter_map(|p| spell::pattern(p, Case::Sensitive, &Substitution::default()));
            Some(Line { negated, certain: spelled.collect(), possible: None })
        });
        let excluded = bounds.excluded.iter().map(|name| literal(name)).collect();
        Self::new(lines.collect(), &bounds.actions, bounds.budget, excluded)
    }

    pub(super) fn resources(rules: &[Rule<'_>], variables: &Substitution, bounds: &Bounds) -> Self {
        let lines = rules.iter().map(|rule| {
            let Terms { negated, patterns } = rule.resources?;
            let (mut certain, mut possible) = (Vec::new(), Vec::new());
            for resource in patterns {
                let spell = |pattern| spell::pattern(pattern, Case::Sensitive, variables);
                let own = spell(resource.pattern());
                possible.extend(resource.possible().and_then(spell).or_else(|| own.clone()));
                certain.extend(own.filter(|_| is_resolved(resource.pattern(), variables)));
            }
            let possible = (possible != certain).then_some(possible);
            Some(Line { negated, certain, possible })
        });
        Self::new(lines.collect(), &bounds.resources, bounds.budget, Vec::new())
    }

    fn new(
        lines: Vec<Option<Line>>,
        domain: &Domain,
        budget: Budget,
        excluded: Vec<atoms::Pattern>,
    ) -> Self {
        let mut tests = Vec::new();
        let mut enter = |patterns: Vec<atoms::Pattern>| {
            tests.push(patterns);
            tests.len() - 1
        };
        let sides: Vec<Option<(bool, usize, usize)>> = lines
            .into_iter()
            .map(|line| {
                let Line { negated, certain, possible } = line?;
                let certain = enter(certain);
                Some((negated, certain, possible.map_or(certain, &mut enter)))
            })
            .collect();
        let excluded = enter(excluded);
        let mut found = atoms(&tests, domain, budget);
        found.atoms.retain(|atom| !atom.accepts.contains(&excluded));
        let listed = found.atoms.len();
        let size = listed + usize::from(!found.complete);
        let mut passed = vec![Bits::empty(size); tests.len()];
        for (value, atom) in found.atoms.iter().enumerate() {
            for test in &atom.accepts {
                passed.get_mut(*test).into_iter().for_each(|set| set.insert(value));
            }
        }
        let side = |(negated, certain, possible): (bool, usize, usize)| {
            let set = |test: usize| passed.get(test).cloned().unwrap_or_else(|| Bits::empty(size));
            let (certain, mut possible) = (set(certain), set(possible));
            possible.add(&certain);
            if size > listed {
                possible.insert(listed);
            }
            if negated {
                (possible.complement(), certain.complement())
            } else {
                (certain, possible)
            }
        };
        let unlisted = (!found.complete).then_some(Value::Unlisted);
        let values = found.atoms.into_iter().map(|atom| Value::One(atom.witness));
        Self {
            sides: sides.into_iter().map(|line| line.map(side)).collect(),
            values: values.chain(unlisted).collect(),
            complete: found.complete,
        }
    }

    pub(super) fn sides(&self, rule: usize) -> Option<Pair> {
        self.sides.get(rule).cloned().flatten()
    }
}

/// The patterns of an element that certainly count, and those that possibly do, where these differ.
struct Line {
    negated: bool,
    certain: Vec<atoms::Pattern>,
    possible: Option<Vec<atoms::Pattern>>,
}

/// Whether every variable of a pattern has a value or is absent.
pub(super) fn is_resolved(pattern: &Pattern, variables: &Substitution) -> bool {
    pattern.pieces().iter().all(|piece| match piece {
        Piece::Variable(variable) => !matches!(variables.resolve(&variable.key), Resolved::Unknown),
        Piece::Literal(_) | Piece::One { .. } | Piece::Run { .. } => true,
    })
}

/// The most comparisons of a value with an operand that one key may cost.
const COMPARISONS: usize = 12_000_000;

/// A condition key.
pub(super) struct KeyAxis<'a> {
    pub(super) values: Vec<Value>,
    pub(super) complete: bool,
    pub(super) ranges: Vec<(usize, AddressRange)>,
    conditions: Distinct<'a>,
    sides: Vec<Pair>,
}

impl<'a> KeyAxis<'a> {
    pub(super) fn new(
        key: &str,
        conditions: &[(usize, &'a Condition)],
        frames: &[&dyn Frame],
        variables: &Substitution,
        budget: Budget,
    ) -> Self {
        let mut distinct = Distinct::default();
        for (_, condition) in conditions {
            distinct.add(condition);
        }
        let mut facts: Vec<Fact> = Vec::new();
        for frame in frames {
            let fact = frame.fact(key);
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        let facts: Vec<&Fact> = facts.iter().collect();
        let mut found = candidates(key, &distinct.list, &facts, variables, budget);
        let operands: usize = distinct.list.iter().map(|c| c.operands.len()).sum();
        let affordable = operands.saturating_mul(found.values.len()) <= COMPARISONS;
        let complete = found.complete && affordable;
        if !complete {
            found.values.push(Value::Unlisted);
        }
        let size = found.values.len();
        let side = |condition: &&Condition| {
            let mut pair = (Bits::empty(size), Bits::full(size));
            if !affordable {
                return pair;
            }
            pair.1 = Bits::empty(size);
            for (at, value) in found.values.iter().enumerate() {
                let request = OneKey { key, value: value.present(), variables };
                let holds = condition.satisfied(&request);
                if holds.is_true() {
                    pair.0.insert(at);
                }
                if !holds.is_false() {
                    pair.1.insert(at);
                }
            }
            pair
        };
        let sides = distinct.list.iter().map(side).collect();
        Self { sides, values: found.values, complete, ranges: found.ranges, conditions: distinct }
    }

    pub(super) fn sides(&self, condition: &Condition) -> Option<Pair> {
        self.conditions.find(condition).and_then(|at| self.sides.get(at)).cloned()
    }
}

/// Conditions on one key without repetitions.
#[derive(Default)]
struct Distinct<'a> {
    list: Vec<&'a Condition>,
    index: HashMap<String, Vec<usize>>,
}

impl<'a> Distinct<'a> {
    fn add(&mut self, condition: &'a Condition) {
        if self.find(condition).is_none() {
            self.index.entry(signature(condition)).or_default().push(self.list.len());
            self.list.push(condition);
        }
    }

    fn find(&self, condition: &Condition) -> Option<usize> {
        let alike = self.index.get(&signature(condition))?;
        alike
            .iter()
            .copied()
            .find(|at| self.list.get(*at).is_some_and(|own| own.operands == condition.operands))
    }
}

fn signature(condition: &Condition) -> String {
    let mut text = condition.operator.to_string();
    for operand in &condition.operands {
        text.push('\u{0}');
        text.push_str(&operand.text);
    }
    text
}
