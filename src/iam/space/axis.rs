//! Condition keys, one dimension at a time: its values, and for each condition those that pass.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::super::atoms::{AddressRange, Bits, Budget};
use super::super::condition::Condition;
use super::Frame;
use super::candidates::{candidates, comparison};
use super::value::{Fact, OneKey, Substitution, Value};

/// Value sets of one test: certainly passed, possibly passed.
pub(super) type Pair = (Bits, Bits);

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
