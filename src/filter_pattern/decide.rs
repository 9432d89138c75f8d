//! Whether a pattern matches every event of a family: a search for one that it misses.
//!
//! Fields are given their cases one after another, the formula is evaluated over what is known, and
//! a branch ends as soon as the pattern surely matches. If no branch is left, every event of the
//! family matches. An event that is found is built and replayed before it is believed.

use serde_json::Value;

use super::interpret::{Reading, holds, matches};
use super::syntax::{JsonPattern, Segment};
use super::tree::Tree;
use super::wanted::{Constraint, in_family};

/// Conditions evaluated in one search.
const SEARCH_BUDGET: usize = 4_000_000;

/// The answer for one family.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decision {
    Yes,
    No(Value),
    Undecided(String),
}

/// Decides for one family.
pub(super) fn decide(pattern: &JsonPattern, family: &'static [Constraint]) -> Decision {
    let tree = match Tree::new(pattern, family) {
        Ok(tree) => tree,
        Err(why) => return Decision::Undecided(why),
    };
    match Search::new(pattern, &tree, Reading::Narrow).run() {
        Outcome::None => match &tree.incomplete {
            None => Decision::Yes,
            Some(field) => Decision::Undecided(format!(
                "the patterns for `{field}` overlap in too many ways to look at all"
            )),
        },
        Outcome::Exhausted => Decision::Undecided("the pattern has too many cases".to_owned()),
        Outcome::Missed(event) if is_witness(pattern, family, &event) => Decision::No(event),
        Outcome::Missed(_) => match Search::new(pattern, &tree, Reading::Wide).run() {
            Outcome::Missed(event) if is_witness(pattern, family, &event) => Decision::No(event),
            _ => Decision::Undecided(
                "it depends on how CloudWatch Logs compares values of different types or `*` \
                 inside a term, which AWS does not document"
                    .to_owned(),
            ),
        },
    }
}

/// Whether the event belongs to the family and the pattern surely misses it.
fn is_witness(pattern: &JsonPattern, family: &[Constraint], event: &Value) -> bool {
    in_family(family, event) && !matches(pattern, event, Reading::Wide)
}

enum Outcome {
    /// No event is missed, among the cases listed.
    None,
    Missed(Value),
    /// The budget was spent first.
    Exhausted,
}

enum Step {
    None,
    Missed,
    Exhausted,
}

struct Search<'a> {
    pattern: &'a JsonPattern,
    tree: &'a Tree,
    /// Per condition, per node it looks at, per cell of that node: whether it holds.
    holds: Vec<Vec<(usize, Vec<bool>)>>,
    /// The nodes to choose for, parents first.
    order: Vec<usize>,
    chosen: Vec<Option<usize>>,
    budget: usize,
}

impl<'a> Search<'a> {
    fn new(pattern: &'a JsonPattern, tree: &'a Tree, reading: Reading) -> Self {
        let mut relevant = vec![false; tree.nodes.len()];
        let mut tables = Vec::new();
        for (condition, nodes) in pattern.conditions.iter().zip(&tree.looks_at) {
            let mut uses = Vec::new();
            for index in nodes {
                let cells = tree.nodes.get(*index).map(|node| node.cells.as_slice()).unwrap_or(&[]);
                let row = cells
                    .iter()
                    .map(|cell| holds(&condition.test, cell.as_ref()).under(reading))
                    .collect();
                uses.push((*index, row));
                let mut up = Some(*index);
                while let Some(place) = up {
                    if let Some(flag) = relevant.get_mut(place) {
                        *flag = true;
                    }
                    up = tree.nodes.get(place).and_then(|node| node.parent);
                }
            }
            tables.push(uses);
        }
        let mut order = tree.in_order();
        order.retain(|index| relevant.get(*index).copied().unwrap_or(false));
        let chosen = vec![None; tree.nodes.len()];
        Self { pattern, tree, holds: tables, order, chosen, budget: SEARCH_BUDGET }
    }

    fn run(mut self) -> Outcome {
        match self.search(0) {
            Step::None => Outcome::None,
            Step::Exhausted => Outcome::Exhausted,
            Step::Missed => {
                self.complete();
                Outcome::Missed(self.tree.event(&self.chosen))
            }
        }
    }

    /// Tries the cells of the node at `position` and those after it.
    fn search(&mut self, position: usize) -> Step {
        let cost = self.pattern.conditions.len().max(1);
        if self.budget < cost {
            return Step::Exhausted;
        }
        self.budget -= cost;
        match self.pattern.formula.truth(&|condition| self.known(condition)) {
            Some(true) => return Step::None,
            Some(false) => return Step::Missed,
            None => {}
        }
        let Some(node) = self.order.get(position).copied() else { return Step::None };
        for cell in self.allowed(node) {
            self.choose(node, Some(cell));
            match self.search(position + 1) {
                Step::None => {}
                other => return other,
            }
        }
        self.choose(node, None);
        Step::None
    }

    fn choose(&mut self, node: usize, cell: Option<usize>) {
        if let Some(slot) = self.chosen.get_mut(node) {
            *slot = cell;
        }
    }

    /// What is known of a condition: a wildcard holds if it holds anywhere.
    fn known(&self, condition: usize) -> Option<bool> {
        let mut open = false;
        for (node, row) in self.holds.get(condition)? {
            match self.chosen.get(*node).copied().flatten() {
                Some(cell) if row.get(cell).copied().unwrap_or(false) => return Some(true),
                Some(_) => {}
                None => open = true,
            }
        }
        if open { None } else { Some(false) }
    }

    /// The cells that a node can have beside those chosen above it and before it.
    fn allowed(&self, index: usize) -> Vec<usize> {
        let Some(node) = self.tree.nodes.get(index) else { return Vec::new() };
        let may_exist = match node.parent.and_then(|parent| self.cell(parent)) {
            None => node.parent.is_none(),
            Some(Value::Object(_)) => matches!(node.segment, Segment::Name(_)),
            Some(Value::Array(_)) => {
                matches!(node.segment, Segment::Index(_)) && self.all_before_exist(index)
            }
            Some(_) => false,
        };
        let cells = node.cells.iter().enumerate();
        cells.filter(|(_, cell)| may_exist || cell.is_none()).map(|(place, _)| place).collect()
    }

    /// Whether no element before this one was chosen to be absent.
    fn all_before_exist(&self, index: usize) -> bool {
        let Some(node) = self.tree.nodes.get(index) else { return false };
        let Some(parent) = node.parent.and_then(|parent| self.tree.nodes.get(parent)) else {
            return false;
        };
        parent.children.iter().all(|sibling| {
            let earlier = self.tree.nodes.get(*sibling).is_some_and(|sibling| {
                matches!((&sibling.segment, &node.segment),
                    (Segment::Index(before), Segment::Index(here)) if before < here)
            });
            !earlier || self.cell(*sibling).is_some()
        })
    }

    /// The value chosen for a node; nothing if it is absent or not chosen.
    fn cell(&self, node: usize) -> Option<&Value> {
        let cell = (*self.chosen.get(node)?)?;
        self.tree.nodes.get(node)?.cells.get(cell)?.as_ref()
    }

    /// Chooses for all other nodes: leaves them out where that is allowed.
    fn complete(&mut self) {
        for index in self.tree.in_order() {
            if self.chosen.get(index).copied().flatten().is_some() {
                continue;
            }
            let allowed = self.allowed(index);
            let cells = self.tree.nodes.get(index).map(|node| node.cells.as_slice());
            let absent = allowed
                .iter()
                .copied()
                .find(|cell| cells.and_then(|cells| cells.get(*cell)).is_some_and(Option::is_none));
            self.choose(index, absent.or_else(|| allowed.first().copied()));
        }
    }
}
