//! One dimension at a time: its values, and for each test the values that pass.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::super::atoms::{self, AddressRange, Bits, Budget, Domain, atoms};
use super::super::condition::Condition;
use super::super::pattern::{Case, Pattern, Piece, Resolved, Variables};
use super::candidates::{candidates, comparison};
use super::spell;
use super::value::{Fact, OneKey, Substitution, Value, literal};
use super::{Bounds, Frame, Rule, Terms};

/// Value sets of one test: certainly passed, possibly passed.
type Pair = (Bits, Bits);

/// Actions or resources.
#[derive(Debug)]
pub(super) struct TextAxis {
    pub(super) values: Vec<Value>,
    pub(super) complete: bool,
    sides: Vec<Option<Pair>>,
}

impl TextAxis {
    pub(super) fn actions(rules: &[Rule<'_>], bounds: &Bounds) -> Self {
        let mut terms = Vec::new();
        let mut book = Book::default();
        for rule in rules {
            let lines = rule.actions.patterns.iter().map(|pattern| {
                let spelled = spell::pattern(pattern, Case::Sensitive, &Substitution::default());
                let line = spelled.map(|pattern| book.number(pattern));
                Line { certain: line, possible: line }
            });
            terms.push(Some((rule.actions.negated, lines.collect())));
        }
        let excluded = bounds.excluded.iter().map(|name| book.number(literal(name))).collect();
        Self::new(&book, terms, &bounds.actions, &bounds.budget, &excluded)
    }

    pub(super) fn resources(rules: &[Rule<'_>], variables: &Substitution, bounds: &Bounds) -> Self {
        let mut terms = Vec::new();
        let mut book = Book::default();
        for rule in rules {
            terms.push(rule.resources.map(|Terms { negated, patterns }| {
                let lines = patterns.iter().map(|resource| {
                    let pattern = resource.pattern();
                    let spelled = spell::pattern(pattern, Case::Sensitive, variables);
                    let line = spelled.map(|pattern| book.number(pattern));
                    let padded = resource
                        .possible()
                        .and_then(|pattern| spell::pattern(pattern, Case::Sensitive, variables))
                        .map(|pattern| book.number(pattern));
                    let certain = line.filter(|_| is_resolved(pattern, variables));
                    Line { certain, possible: padded.or(line) }
                });
                (negated, lines.collect())
            }));
        }
        Self::new(&book, terms, &bounds.resources, &bounds.budget, &HashSet::new())
    }

    fn new(
        book: &Book,
        terms: Vec<Option<(bool, Vec<Line>)>>,
        domain: &Domain,
        budget: &Budget,
        excluded: &HashSet<usize>,
    ) -> Self {
        let mut found = atoms(&book.patterns, domain, budget);
        if !excluded.is_empty() {
            found.atoms.retain(|atom| !atom.accepts.iter().any(|own| excluded.contains(own)));
        }
        let listed = found.atoms.len();
        let size = listed + usize::from(!found.complete);
        let mut matched = vec![Bits::empty(size); book.patterns.len()];
        for (value, atom) in found.atoms.iter().enumerate() {
            for pattern in &atom.accepts {
                if let Some(set) = matched.get_mut(*pattern) {
                    set.insert(value);
                }
            }
        }
        let side = |(negated, lines): (bool, Vec<Line>)| {
            let (mut certain, mut possible) = (Bits::empty(size), Bits::empty(size));
            for line in &lines {
                let set = |at: Option<usize>| at.and_then(|at| matched.get(at));
                if let Some(set) = set(line.certain) {
                    certain.add(set);
                    possible.add(set);
                }
                if let Some(set) = set(line.possible) {
                    possible.add(set);
                }
            }
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
        let sides = terms.into_iter().map(|terms| terms.map(side)).collect();
        let values = found.atoms.into_iter().map(|atom| Value::One(atom.witness));
        Self { sides, values: values.chain(unlisted).collect(), complete: found.complete }
    }

    pub(super) fn sides(&self, rule: usize) -> Option<Pair> {
        self.sides.get(rule).cloned().flatten()
    }
}

/// The numbers of a pattern's certain and possible language; `None` matches nothing.
struct Line {
    certain: Option<usize>,
    possible: Option<usize>,
}

/// Distinct patterns, numbered.
#[derive(Default)]
struct Book {
    patterns: Vec<atoms::Pattern>,
    numbers: HashMap<atoms::Pattern, usize>,
}

impl Book {
    fn number(&mut self, pattern: atoms::Pattern) -> usize {
        let fresh = self.patterns.len();
        let number = *self.numbers.entry(pattern.clone()).or_insert(fresh);
        if number == fresh {
            self.patterns.push(pattern);
        }
        number
    }
}

fn is_resolved(pattern: &Pattern, variables: &Substitution) -> bool {
    pattern.pieces().iter().all(|piece| match piece {
        Piece::Variable(variable) => !matches!(variables.resolve(&variable.key), Resolved::Unknown),
        Piece::Literal(_) | Piece::One { .. } | Piece::Run { .. } => true,
    })
}

/// A condition key.
pub(super) struct KeyAxis<'a> {
    conditions: Distinct<'a>,
    found: Rc<Found>,
}

/// What there is to know about a condition key.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) values: Vec<Value>,
    pub(super) complete: bool,
    pub(super) ranges: Vec<(usize, AddressRange)>,
    /// One for each distinct condition, in their order.
    sides: Vec<Pair>,
}

/// Axes of condition keys that spaces share: those of one document, asked about again and again. To
/// be used only while the documents live.
#[derive(Debug, Clone, Default)]
pub struct Axes(Rc<RefCell<BTreeMap<Box<str>, Vec<Shared>>>>);

/// An axis, and what it depends on.
#[derive(Debug)]
struct Shared {
    /// Where the conditions stand in memory.
    conditions: Vec<usize>,
    facts: Vec<Fact>,
    /// What variables stand for, if the conditions have any.
    variables: Option<Substitution>,
    found: Rc<Found>,
}

impl<'a> KeyAxis<'a> {
    pub(super) fn new(
        key: &str,
        conditions: &[(usize, &'a Condition)],
        frames: &[&dyn Frame],
        variables: &Substitution,
        (budget, axes): (&Budget, Option<&Axes>),
    ) -> Self {
        let mut distinct = Distinct::default();
        for (_, condition) in conditions {
            distinct.add(condition);
        }
        let mut seen = HashSet::new();
        let all = frames.iter().map(|frame| frame.fact(key));
        let facts: Vec<Fact> = all.filter(|fact| seen.insert(fact.clone())).collect();
        let Some(axes) = axes else {
            let found = Rc::new(find(key, &distinct.list, &facts, variables, budget));
            return Self { conditions: distinct, found };
        };
        let places: Vec<usize> =
            distinct.list.iter().map(|condition| std::ptr::from_ref(*condition).addr()).collect();
        let varied = distinct.list.iter().any(|condition| has_variables(condition));
        let varied = varied.then(|| variables.clone());
        let mut axes = axes.0.borrow_mut();
        let known = axes.entry(key.into()).or_default();
        let same = known
            .iter()
            .find(|own| own.conditions == places && own.facts == facts && own.variables == varied);
        let found = same.map(|own| Rc::clone(&own.found)).unwrap_or_else(|| {
            let found = Rc::new(find(key, &distinct.list, &facts, variables, budget));
            let shared = Rc::clone(&found);
            known.push(Shared { conditions: places, facts, variables: varied, found: shared });
            found
        });
        Self { conditions: distinct, found }
    }

    pub(super) fn found(&self) -> &Found {
        &self.found
    }

    pub(super) fn sides(&self, condition: &Condition) -> Option<Pair> {
        self.conditions.find(condition).and_then(|at| self.found.sides.get(at)).cloned()
    }
}

fn has_variables(condition: &Condition) -> bool {
    condition.operands.iter().any(|operand| operand.text.contains("${"))
}

/// Lays out the values of a key, and compares them with all conditions.
fn find(
    key: &str,
    conditions: &[&Condition],
    facts: &[Fact],
    variables: &Substitution,
    budget: &Budget,
) -> Found {
    let facts: Vec<&Fact> = facts.iter().collect();
    let mut found = candidates(key, conditions, &facts, variables, budget);
    let one: usize = conditions.iter().map(|condition| comparison(condition)).sum();
    let affordable = budget.spend(one.saturating_mul(found.values.len()));
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
    let sides = conditions.iter().map(side).collect();
    Found { sides, values: found.values, complete, ranges: found.ranges }
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
