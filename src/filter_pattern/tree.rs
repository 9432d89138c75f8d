//! The fields that a pattern and a family mention, as a tree, each with its finitely many cases.
//!
//! Two events whose fields fall into the same cases get the same answers from every condition, so
//! looking at one sample a case is looking at all events. A field below one that is no object does
//! not exist; an element of an array exists only if those before it do.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::classes::classes;
use super::interpret::{holds, languages, turning_point};
use super::language::Language;
use super::syntax::{JsonPattern, Segment, Selector, Test};
use super::wanted::{Constraint, Is, RECORD};

/// Fields in a tree.
const MAX_NODES: usize = 2_000;
/// Automaton positions visited for the string cases of all fields together.
const STRING_BUDGET: usize = 8_000_000;

/// A field, or the event itself.
#[derive(Debug)]
pub(super) struct Node {
    /// The node above; none for the event.
    pub(super) parent: Option<usize>,
    /// The last step to it.
    pub(super) segment: Segment,
    pub(super) children: Vec<usize>,
    constraints: Vec<&'static Is>,
    /// Conditions that look at it.
    conditions: Vec<usize>,
    /// Whether a constraint below needs it to be an object.
    object: bool,
    /// The cases: a sample each, `None` for a field that is not there.
    pub(super) cells: Vec<Option<Value>>,
}

/// The tree; node 0 is the event.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Per condition, the fields it looks at: one, or with a wildcard any number.
    pub(super) looks_at: Vec<Vec<usize>>,
    /// A field whose string cases were too many to list.
    pub(super) incomplete: Option<String>,
}

impl Tree {
    /// Lays out the fields and their cases; an error says why that cannot be done.
    pub(super) fn new(
        pattern: &JsonPattern,
        family: &'static [Constraint],
    ) -> Result<Self, String> {
        let event = Node::new(None, Segment::Name(String::new()));
        let mut tree = Self {
            nodes: vec![event],
            looks_at: vec![Vec::new(); pattern.conditions.len()],
            incomplete: None,
        };
        for constraint in RECORD.iter().chain(family) {
            tree.constrain(constraint)?;
        }
        tree.place_conditions(pattern)?;
        for (index, nodes) in tree.looks_at.iter().enumerate() {
            for node in nodes {
                if let Some(node) = tree.nodes.get_mut(*node) {
                    node.conditions.push(index);
                }
            }
        }
        tree.fill_cells(pattern);
        Ok(tree)
    }

    fn constrain(&mut self, constraint: &'static Constraint) -> Result<(), String> {
        let mut place = 0;
        for name in constraint.field {
            if constraint.is != Is::Absent
                && let Some(node) = self.nodes.get_mut(place)
            {
                node.object = true;
            }
            place = self.child(place, &Segment::Name((*name).to_owned()))?;
        }
        if let Some(node) = self.nodes.get_mut(place) {
            node.constraints.push(&constraint.is);
        }
        Ok(())
    }

    /// Finds the nodes of each condition. A wildcard looks at every field of the tree in its place:
    /// an event without any other field there is the hardest to match.
    fn place_conditions(&mut self, pattern: &JsonPattern) -> Result<(), String> {
        let mut wildcards = Vec::new();
        for (index, condition) in pattern.conditions.iter().enumerate() {
            let segments = &condition.selector.segments;
            match segments.iter().position(is_wildcard) {
                None => {
                    let node = self.descend(0, segments)?;
                    self.look(index, node);
                }
                Some(place) => {
                    refuse_wildcard(&condition.selector, &condition.test)?;
                    let (before, after) = segments.split_at(place);
                    let node = self.descend(0, before)?;
                    wildcards.push((place, index, node, after));
                }
            }
        }
        // The upper ones first: what they add is seen by those further down.
        wildcards.sort_by_key(|(place, index, ..)| (*place, *index));
        for (_, index, node, after) in wildcards {
            let Some((wildcard, suffix)) = after.split_first() else { continue };
            for child in self.nodes.get(node).map(|node| node.children.clone()).unwrap_or_default()
            {
                let fits = self.nodes.get(child).is_some_and(|child| match child.segment {
                    Segment::Name(_) => *wildcard == Segment::AnyName,
                    Segment::Index(_) => *wildcard == Segment::AnyIndex,
                    Segment::AnyName | Segment::AnyIndex => false,
                });
                if fits {
                    let place = self.descend(child, suffix)?;
                    self.look(index, place);
                }
            }
        }
        Ok(())
    }

    fn look(&mut self, condition: usize, node: usize) {
        if let Some(nodes) = self.looks_at.get_mut(condition) {
            nodes.push(node);
        }
    }

    fn descend(&mut self, from: usize, segments: &[Segment]) -> Result<usize, String> {
        segments.iter().try_fold(from, |place, segment| self.child(place, segment))
    }

    fn child(&mut self, parent: usize, segment: &Segment) -> Result<usize, String> {
        let children = self.nodes.get(parent).map(|node| node.children.as_slice()).unwrap_or(&[]);
        let there = children
            .iter()
            .copied()
            .find(|child| self.nodes.get(*child).is_some_and(|node| node.segment == *segment));
        if let Some(child) = there {
            return Ok(child);
        }
        let child = self.nodes.len();
        if child >= MAX_NODES {
            return Err("the pattern looks at too many fields".to_owned());
        }
        self.nodes.push(Node::new(Some(parent), segment.clone()));
        if let Some(node) = self.nodes.get_mut(parent) {
            node.children.push(child);
        }
        Ok(child)
    }

    fn fill_cells(&mut self, pattern: &JsonPattern) {
        let mut budget = STRING_BUDGET;
        let mut incomplete = None;
        for index in 0..self.nodes.len() {
            let Some(node) = self.nodes.get(index) else { continue };
            let tests: Vec<&Test> = node
                .conditions
                .iter()
                .filter_map(|condition| pattern.conditions.get(*condition))
                .map(|condition| &condition.test)
                .collect();
            let (cells, complete) = if index == 0 {
                (vec![Some(json!({}))], true)
            } else {
                node.list_cells(&tests, self.arrays_below(node), &mut budget)
            };
            if !complete && incomplete.is_none() {
                incomplete = Some(self.path(index).to_string());
            }
            if let Some(node) = self.nodes.get_mut(index) {
                node.cells = cells;
            }
        }
        self.incomplete = incomplete;
    }

    fn arrays_below(&self, node: &Node) -> bool {
        node.children
            .iter()
            .filter_map(|child| self.nodes.get(*child))
            .any(|child| matches!(child.segment, Segment::Index(_)))
    }

    fn path(&self, mut index: usize) -> Selector {
        let mut segments = Vec::new();
        while let Some(node) = self.nodes.get(index)
            && let Some(parent) = node.parent
        {
            segments.push(node.segment.clone());
            index = parent;
        }
        segments.reverse();
        Selector { segments }
    }

    /// The nodes with each parent before its children and array elements in their order.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut stack = vec![0];
        while let Some(index) = stack.pop() {
            order.push(index);
            let Some(node) = self.nodes.get(index) else { continue };
            let mut children = node.children.clone();
            children.sort_by_key(|child| self.nodes.get(*child).map(|node| &node.segment));
            stack.extend(children.into_iter().rev());
        }
        order
    }

    /// The event in which each node has the chosen cell.
    pub(super) fn event(&self, chosen: &[Option<usize>]) -> Value {
        self.value(0, chosen).unwrap_or_default()
    }

    fn value(&self, index: usize, chosen: &[Option<usize>]) -> Option<Value> {
        let node = self.nodes.get(index)?;
        let cell = node.cells.get((*chosen.get(index)?)?)?.clone()?;
        let below = || {
            node.children.iter().filter_map(|child| {
                Some((&self.nodes.get(*child)?.segment, self.value(*child, chosen)?))
            })
        };
        match cell {
            Value::Object(_) => {
                let mut object = Map::new();
                for (segment, value) in below() {
                    if let Segment::Name(name) = segment {
                        object.insert(name.clone(), value);
                    }
                }
                Some(Value::Object(object))
            }
            Value::Array(_) => {
                let mut array = Vec::new();
                for (segment, value) in below() {
                    if let Segment::Index(place) = segment {
                        if array.len() <= *place {
                            // Elements that no condition names stand as empty objects, which no
                            // comparison matches.
                            array.resize(*place + 1, json!({}));
                        }
                        if let Some(slot) = array.get_mut(*place) {
                            *slot = value;
                        }
                    }
                }
                Some(Value::Array(array))
            }
            other => Some(other),
        }
    }
}

impl Node {
    fn new(parent: Option<usize>, segment: Segment) -> Self {
        Self {
            parent,
            segment,
            children: Vec::new(),
            constraints: Vec::new(),
            conditions: Vec::new(),
            object: false,
            cells: Vec::new(),
        }
    }

    /// The cases of this field, and whether they are all.
    fn list_cells(
        &self,
        tests: &[&Test],
        arrays_below: bool,
        budget: &mut usize,
    ) -> (Vec<Option<Value>>, bool) {
        if self.object {
            return (vec![Some(json!({}))], true);
        }
        let (strings, complete) = self.strings(tests, budget);
        let mut cells: Vec<Option<Value>> = Vec::new();
        if !self.children.is_empty() && !arrays_below {
            cells.push(Some(json!({})));
        }
        if arrays_below {
            cells.push(Some(json!([])));
        }
        cells.extend(strings.into_iter().map(|text| Some(Value::String(text))));
        cells.push(None);
        cells.extend(self.numbers(tests).into_iter().map(Some));
        cells.extend([json!(true), json!(false), json!(null), json!({}), json!([])].map(Some));
        cells.retain(|cell| self.constraints.iter().all(|is| is.admits(cell.as_ref())));
        (self.distinct(cells, tests), complete)
    }

    /// Leaves one cell of those that no condition tells apart.
    fn distinct(&self, cells: Vec<Option<Value>>, tests: &[&Test]) -> Vec<Option<Value>> {
        let kind = |cell: &Option<Value>| match cell {
            None => 1,
            Some(Value::Object(_)) if !self.children.is_empty() => 2,
            Some(Value::Array(_)) if !self.children.is_empty() => 3,
            Some(_) => 0,
        };
        let mut seen = BTreeSet::new();
        let mut kept = Vec::new();
        for cell in cells {
            let answers: Vec<_> = tests.iter().map(|test| holds(test, cell.as_ref())).collect();
            if seen.insert((kind(&cell), answers)) {
                kept.push(cell);
            }
        }
        kept
    }

    fn strings(&self, tests: &[&Test], budget: &mut usize) -> (Vec<String>, bool) {
        for is in &self.constraints {
            match is {
                Is::Exactly(value) => return (vec![(*value).to_owned()], true),
                Is::OneOf(values) => {
                    return (values.iter().map(|value| (*value).to_owned()).collect(), true);
                }
                Is::AtLeast(_) | Is::True | Is::Absent => return (Vec::new(), true),
                Is::Like(..) | Is::OtherThan(_) | Is::Text(_) => {}
            }
        }
        let mut all: Vec<Language> = Vec::new();
        let asked = tests.iter().flat_map(|test| languages(test));
        for language in asked.chain(self.constraints.iter().flat_map(|is| is.languages())) {
            if !all.contains(&language) {
                all.push(language);
            }
        }
        let samples = self.constraints.iter().rev().flat_map(|is| is.samples());
        let preferred: Vec<&str> = samples.copied().chain(["other", "someone-else"]).collect();
        let found = classes(&all.iter().collect::<Vec<_>>(), &preferred, budget);
        (found.samples, found.complete)
    }

    /// A number at, between and around the points at which an answer changes.
    fn numbers(&self, tests: &[&Test]) -> Vec<Value> {
        let bounds = self.constraints.iter().filter_map(|is| match is {
            Is::AtLeast(least) => Some(*least),
            _ => None,
        });
        let mut points: Vec<f64> =
            tests.iter().filter_map(|test| turning_point(test)).chain(bounds).collect();
        points.sort_by(f64::total_cmp);
        points.dedup();
        let mut numbers = Vec::new();
        match (points.first(), points.last()) {
            (Some(first), Some(last)) => {
                numbers.push(first - first.abs().max(1.0));
                for pair in points.windows(2) {
                    if let [low, high] = pair {
                        numbers.extend([*low, between(*low, *high)]);
                    }
                }
                numbers.extend([*last, last + last.abs().max(1.0)]);
            }
            _ => numbers.push(1.0),
        }
        numbers.into_iter().filter_map(number).collect()
    }
}

/// A number between two others, whole where there is one.
fn between(low: f64, high: f64) -> f64 {
    let whole = low.floor() + 1.0;
    if low < whole && whole < high { whole } else { low + (high - low) / 2.0 }
}

/// As JSON, whole numbers without a fraction; nothing for what JSON cannot hold.
fn number(value: f64) -> Option<Value> {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 53 bits")]
        let whole = value as i64;
        return Some(json!(whole));
    }
    serde_json::Number::from_f64(value).map(Value::Number)
}

fn is_wildcard(segment: &Segment) -> bool {
    matches!(segment, Segment::AnyName | Segment::AnyIndex)
}

/// Wildcards beyond what CloudWatch Logs documents are not decided.
fn refuse_wildcard(selector: &Selector, test: &Test) -> Result<(), String> {
    if selector.segments.iter().filter(|segment| is_wildcard(segment)).count() > 1 {
        return Err(format!("`{selector}` has more than one wildcard"));
    }
    if *test == Test::NotExists {
        return Err(format!("the meaning of NOT EXISTS with the wildcard of `{selector}` is open"));
    }
    Ok(())
}
