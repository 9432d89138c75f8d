//! How much may be looked at for one principal.

use std::cell::Cell;

use super::super::atoms::Budget;
use super::super::search::{Answer, Question, Steps, search};
use super::super::space::Axes;

/// Comparisons of regions for one request; for all requests of a principal; for one when those are
/// used up, and for how many requests those few are granted.
const STEPS: usize = 300_000;
const ALL_STEPS: usize = 3_000_000;
const FEW_STEPS: usize = 1_000;
const FEW_REQUESTS: usize = 2_000;

/// The effort that all requests of a principal may take together, so that hostile documents do not
/// take it once for each method and circumstance.
pub(super) struct Effort {
    pub(super) budget: Budget,
    pub(super) axes: Axes,
    steps: Cell<usize>,
    few: Cell<usize>,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            budget: Budget::default(),
            axes: Axes::default(),
            steps: Cell::new(ALL_STEPS),
            few: Cell::new(FEW_REQUESTS),
        }
    }
}

impl Effort {
    /// Whether nothing more can be looked at.
    pub(super) fn is_spent(&self) -> bool {
        self.few.get() == 0
    }

    /// Takes the effort of one more request in a space of this size, if there is any left.
    pub(super) fn request(&self, size: usize) -> bool {
        let left = self.steps.get().saturating_sub(1 + size / 4);
        self.steps.set(left);
        if left == 0 {
            self.few.set(self.few.get().saturating_sub(1));
        }
        self.few.get() > 0
    }

    pub(super) fn search(&self, question: &Question<'_>) -> Answer {
        let some = self.steps.get().clamp(FEW_STEPS, STEPS);
        let mut steps = Steps::new(some);
        let answer = search(question, &mut steps);
        self.steps.set(self.steps.get().saturating_sub(some - steps.left()));
        answer
    }
}
