//! The verdict of a check on a resource: verdict first, proof only where there is one to give.

use super::bind::{Bound, BoundAssertion, BoundSubject};
use super::eval::{Eval, Frame, MAX_STEPS};
use super::explain::Explainer;
use super::plan::Truth;
use super::source::Form;
use super::{Outcome, Verdict};
use crate::inventory::{Entry, Reason, Row};

impl<'a> Bound<'a> {
    /// What the check says of a resource. Allocates nothing for a pass.
    pub fn judge(&self, entry: &Entry) -> Outcome {
        self.judge_value(entry.row)
    }

    /// What the check says of the resource whose fields are there.
    pub fn judge_value(&self, row: Row) -> Outcome {
        let mut frame = Frame::new(row, MAX_STEPS);
        match self.decide(&mut frame) {
            Verdict::Unknown if frame.spent() => {
                let why = format!("the check takes more than {MAX_STEPS} steps here");
                let unknown = vec![Reason::undecided(why)];
                Outcome { verdict: Verdict::Unknown, unknown, whole: false, ..Outcome::pass() }
            }
            verdict => self.proven(row, verdict),
        }
    }

    /// The proof of a verdict that [`Bound::verdicts`] gave. Only one that is unknown is decided
    /// again, which may be so for want of steps.
    pub fn explain(&self, row: Row, verdict: Verdict) -> Outcome {
        debug_assert_eq!(verdict, self.verdict(row), "the verdict is that of another resource");
        match verdict {
            Verdict::Unknown => self.judge_value(row),
            Verdict::Pass | Verdict::Fail | Verdict::NotApplicable => self.proven(row, verdict),
        }
    }

    fn proven(&self, row: Row, verdict: Verdict) -> Outcome {
        match verdict {
            Verdict::Pass => Outcome::pass(),
            Verdict::Fail | Verdict::Unknown | Verdict::NotApplicable => {
                Explainer::new(self, row).outcome(verdict)
            }
        }
    }

    /// The verdict alone.
    pub fn verdict(&self, row: Row) -> Verdict {
        self.decide(&mut Frame::new(row, MAX_STEPS))
    }

    pub(super) fn decide(&self, frame: &mut Frame<'a>) -> Verdict {
        let eval = self.eval();
        match self.applies(eval, frame) {
            Truth::False => return Verdict::NotApplicable,
            Truth::Unknown => return Verdict::Unknown,
            Truth::True => {}
        }
        let mut verdict = Verdict::Pass;
        for assertion in &self.expect {
            match assertion.truth(eval, frame) {
                Truth::False => return Verdict::Fail,
                Truth::Unknown => verdict = Verdict::Unknown,
                Truth::True => {}
            }
        }
        verdict
    }

    /// Whether the check speaks about the resource: any condition that is false decides.
    pub(super) fn applies(&self, eval: Eval<'a>, frame: &mut Frame<'a>) -> Truth {
        let mut result = Truth::True;
        for condition in &self.applies_when {
            match eval.truth(condition, frame) {
                Truth::False => return Truth::False,
                truth => result = result.and(truth),
            }
        }
        result
    }

    pub(super) fn eval(&self) -> Eval<'a> {
        Eval { store: &self.inventory.store, now: self.inventory.scanned_at }
    }
}

impl<'a> BoundAssertion<'a> {
    /// Whether the assertion holds.
    pub(super) fn truth(&self, eval: Eval<'a>, frame: &mut Frame<'a>) -> Truth {
        let (counts, subject) = self.parts(eval, frame);
        implied(counts, subject)
    }

    /// Its `when`, and what it says, which is not asked where it does not count.
    pub(super) fn parts(&self, eval: Eval<'a>, frame: &mut Frame<'a>) -> (Truth, Truth) {
        match self.when.as_ref().map_or(Truth::True, |when| eval.truth(when, frame)) {
            Truth::False => (Truth::False, Truth::Unknown),
            counts => (counts, self.subject.truth(eval, frame)),
        }
    }
}

/// An assertion holds where its `when` is false.
pub(super) fn implied(counts: Truth, subject: Truth) -> Truth {
    counts.negate_if(true).or(subject)
}

impl<'a> BoundSubject<'a> {
    pub(super) fn truth(&self, eval: Eval<'a>, frame: &mut Frame<'a>) -> Truth {
        match self {
            Self::That(condition) => eval.truth(condition, frame),
            Self::Elements { form, list, slot, filter, .. } => match form {
                Form::None => eval.any(list, *slot, filter, false, frame).negate_if(true),
                Form::Every => eval.any(list, *slot, filter, true, frame).negate_if(true),
                Form::Some => eval.any(list, *slot, filter, false, frame),
                // `that` has no elements.
                Form::One | Form::That => eval.exactly_one(list, *slot, filter, frame),
            },
        }
    }
}
