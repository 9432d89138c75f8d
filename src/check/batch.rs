//! Many resources at once: one check over a block of them, condition by condition.
//!
//! A condition is looked at once for all resources instead of once for each, and what is read for
//! one does not wait for what is read for another. The lanes of a block share one purse of steps, as
//! large as a resource's own. An evaluation of one resource takes no step that its block does not
//! take: a block looks at every element, one resource only up to the first that decides. So a block
//! that ends with steps left says what each of its resources would say alone. One that does not is
//! judged in halves, and at last resource by resource.

mod guard;
mod lanes;
mod text;
mod truths;

use super::Verdict;
use super::bind::Bound;
use super::eval::{Eval, Frame, MAX_STEPS};
use super::plan::{Load, Truth};
use crate::inventory::Row;
use lanes::{Lanes, Scope, truth_of};

/// The resources that are judged at once: as many as stay near the processor with what they hold.
const BLOCK: usize = 256;

/// The most elements of lists that are looked at at once, which bounds the memory that they take.
const MAX_LANES: usize = 1 << 16;

/// Room for the work on a block, to be used for one after the other.
#[derive(Default)]
pub struct Scratch {
    lanes: Vec<Lanes>,
    /// Of lanes that were picked, and of places in the arena.
    numbers: Vec<Vec<u32>>,
    truths: Vec<Vec<Truth>>,
}

impl Scratch {
    fn lanes(&mut self, slot: usize) -> Lanes {
        let mut lanes = self.lanes.pop().unwrap_or_default();
        lanes.restart(slot);
        lanes
    }

    fn numbers(&mut self) -> Vec<u32> {
        let mut numbers = self.numbers.pop().unwrap_or_default();
        numbers.clear();
        numbers
    }

    /// So many truths, of which each is to be written before it is read.
    fn truths(&mut self, count: usize) -> Vec<Truth> {
        let mut truths = self.truths.pop().unwrap_or_default();
        truths.resize(count, Truth::Unknown);
        truths
    }
}

impl<'a> Bound<'a> {
    /// What [`Bound::verdict`] says of each resource whose fields are there, in their order.
    /// Once there is room it allocates nothing but the texts that `lower()` makes.
    pub fn verdicts(&self, rows: &[Row], scratch: &mut Scratch, verdicts: &mut Vec<Verdict>) {
        self.verdicts_within(MAX_STEPS, rows, scratch, verdicts);
    }

    /// The same where a resource may take so many steps.
    pub(super) fn verdicts_within(
        &self,
        steps: u32,
        rows: &[Row],
        scratch: &mut Scratch,
        verdicts: &mut Vec<Verdict>,
    ) {
        verdicts.clear();
        let alike = rows.chunk_by(|a, b| a.stride == b.stride);
        alike
            .flat_map(|rows| rows.chunks(BLOCK))
            .for_each(|block| self.block(steps, block, scratch, verdicts));
    }

    fn block(&self, steps: u32, rows: &[Row], scratch: &mut Scratch, verdicts: &mut Vec<Verdict>) {
        let Some(first) = rows.first() else { return };
        let start = verdicts.len();
        verdicts.resize(start + rows.len(), Verdict::Pass);
        let mut batch = Batch { eval: self.eval(), frame: Frame::new(*first, steps), scratch };
        batch.judge(self, rows, verdicts.get_mut(start..).unwrap_or_default());
        if !batch.frame.spent() {
            return;
        }
        verdicts.truncate(start);
        if let [only] = rows {
            verdicts.push(self.decide(&mut Frame::new(*only, steps)));
        } else {
            let (first, second) = rows.split_at(rows.len() / 2);
            self.block(steps, first, scratch, verdicts);
            self.block(steps, second, scratch, verdicts);
        }
    }
}

/// The evaluation of one check for a block of resources.
struct Batch<'s, 'a> {
    eval: Eval<'a>,
    /// The steps of the whole block, and the variables of what is asked lane by lane.
    frame: Frame<'a>,
    scratch: &'s mut Scratch,
}

impl<'a> Batch<'_, 'a> {
    /// Writes the verdict of each resource that is no pass. It holds where steps are left.
    fn judge(&mut self, bound: &Bound<'a>, rows: &[Row], verdicts: &mut [Verdict]) {
        let mut lanes = self.scratch.lanes(0);
        lanes.add_rows(rows);
        let scope = Scope { lanes: &lanes, around: None };
        let mut truths = self.scratch.truths(rows.len());
        let mut picked = self.scratch.numbers();
        if bound.applies_when.is_empty() {
            picked.extend_from_slice(lanes.all());
        } else {
            self.junction(&bound.applies_when, Truth::False, scope, lanes.all(), &mut truths);
            for (verdict, truth) in verdicts.iter_mut().zip(&truths) {
                match truth {
                    Truth::False => *verdict = Verdict::NotApplicable,
                    Truth::Unknown => *verdict = Verdict::Unknown,
                    Truth::True => {}
                }
            }
            picked.extend(lanes.all().iter().filter(|it| truth_of(&truths, **it) == Truth::True));
        }
        for (number, assertion) in bound.expect.iter().enumerate() {
            if number > 0 {
                picked.retain(|lane| truth_of(&truths, *lane) != Truth::False);
            }
            self.assertion(assertion, scope, &picked, &mut truths);
            settle(verdicts, &picked, &truths);
        }
        self.scratch.numbers.push(picked);
        self.scratch.truths.push(truths);
        self.scratch.lanes.push(lanes);
    }

    /// The places of the values at the end of a way, for each picked lane.
    fn gather(&mut self, load: &Load<'a>, scope: Scope<'_>, picked: &[u32]) -> Vec<u32> {
        let mut places = self.scratch.numbers();
        scope.gather(self.eval.store.slots(), load, picked, &mut places);
        places
    }
}

/// Writes what became of each picked resource for which an assertion does not hold.
fn settle(verdicts: &mut [Verdict], picked: &[u32], truths: &[Truth]) {
    let settle = |verdict: &mut Verdict, truth: Truth| {
        *verdict = match truth {
            Truth::True => *verdict,
            Truth::False => Verdict::Fail,
            Truth::Unknown => Verdict::Unknown,
        };
    };
    if picked.len() == truths.len() {
        verdicts.iter_mut().zip(truths).for_each(|(verdict, truth)| settle(verdict, *truth));
        return;
    }
    for lane in picked {
        if let Some(verdict) = verdicts.get_mut(*lane as usize) {
            settle(verdict, truth_of(truths, *lane));
        }
    }
}
