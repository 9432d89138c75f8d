//! Evidence: a second walk of the same plan that keeps the values which decided.
//!
//! Both sides of a true `and`, the false side of a false one, the elements that witness a
//! quantifier. Only resources that fail, are unknown or are not spoken about pay for it. The truth
//! of every part is asked of [`Eval`] again, so evidence cannot disagree with the verdict.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::bind::{Bound, BoundAssertion, BoundPart, BoundSubject};
use super::eval::{Eval, Frame, MAX_STEPS, Presence};
use super::plan::{Cond, Scalar, Truth, Val};
use super::remedy::Values;
use super::source::Form;
use super::typed::MAX_VARS;
use super::{Evidence, Outcome, Verdict};
use crate::inventory::{Reason, Row, Value};

mod blanks;
mod elements;
mod leaves;
mod words;

/// The most elements that one assertion tells of.
pub const MAX_ELEMENTS: usize = 20;
/// The elements shown where none was as wanted.
const NEAR_MISSES: usize = 3;

/// What is kept of the values met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// All of them: they decided.
    Values,
    /// Those that are not known: they kept it from being decided.
    Unknowns,
}

impl Telling {
    fn of(truth: Truth) -> Self {
        match truth {
            Truth::Unknown => Self::Unknowns,
            Truth::True | Truth::False => Self::Values,
        }
    }
}

/// Walks the plan of one check for one resource.
pub(super) struct Explainer<'b, 'a> {
    bound: &'b Bound<'a>,
    eval: Eval<'a>,
    frame: Frame<'a>,
    /// The path of each variable from the resource; `None` for values that no path leads to.
    paths: [Option<String>; MAX_VARS],
    evidence: Vec<Evidence>,
    seen: BTreeSet<String>,
    reasons: Vec<Reason>,
    messages: Vec<String>,
    /// What remediation speaks of, by failing element.
    rows: Vec<Values>,
}

impl<'b, 'a> Explainer<'b, 'a> {
    pub(super) fn new(bound: &'b Bound<'a>, row: Row) -> Self {
        let mut paths = [const { None }; MAX_VARS];
        paths[0] = Some(String::new());
        Self {
            bound,
            eval: bound.eval(),
            frame: Frame::new(row, MAX_STEPS),
            paths,
            evidence: Vec::new(),
            seen: BTreeSet::new(),
            reasons: Vec::new(),
            messages: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The proof of a verdict other than pass.
    pub(super) fn outcome(mut self, verdict: Verdict) -> Outcome {
        match verdict {
            Verdict::NotApplicable => self.not_applicable(),
            Verdict::Fail => self.assertions(Truth::False),
            Verdict::Unknown => {
                if self.bound.applies(self.eval, &mut self.frame) == Truth::Unknown {
                    self.conditions(Truth::Unknown);
                } else {
                    self.assertions(Truth::Unknown);
                }
                if self.reasons.is_empty() {
                    self.reasons.push(Reason::undecided("what is known does not decide it"));
                }
            }
            Verdict::Pass => {}
        }
        let reasons = std::mem::take(&mut self.reasons);
        if matches!(verdict, Verdict::Fail | Verdict::Unknown) {
            self.show();
        }
        if verdict == Verdict::Fail && self.messages.is_empty() {
            self.messages.push(format!("{} (too large to tell why)", self.bound.check.title));
        }
        let blanks = if verdict == Verdict::Fail { self.rows() } else { Vec::new() };
        Outcome {
            verdict,
            messages: self.messages,
            evidence: self.evidence,
            unknown: if verdict == Verdict::Unknown { Reason::fold(reasons) } else { Vec::new() },
            blanks,
        }
    }

    fn not_applicable(&mut self) {
        self.conditions(Truth::False);
        let bound = self.bound;
        for (condition, text) in bound.applies_when.iter().zip(&bound.check.logic.applies_when) {
            if self.eval.truth(condition, &mut self.frame) == Truth::False {
                self.messages.push(text.clone());
            }
        }
    }

    fn conditions(&mut self, wanted: Truth) {
        for condition in &self.bound.applies_when {
            if self.eval.truth(condition, &mut self.frame) == wanted {
                self.cond(condition, wanted);
            }
        }
    }

    fn assertions(&mut self, wanted: Truth) {
        for assertion in &self.bound.expect {
            if assertion.truth(self.eval, &mut self.frame) == wanted {
                self.assertion(assertion, wanted);
            }
        }
    }

    fn assertion(&mut self, assertion: &'b BoundAssertion<'a>, truth: Truth) {
        if let Some(when) = &assertion.when {
            let counts = self.eval.truth(when, &mut self.frame);
            // A failure needs its `when`; what is unknown may be so for it.
            if counts == Truth::Unknown || truth == Truth::False {
                self.cond(when, counts);
            }
        }
        let subject = assertion.subject.truth(self.eval, &mut self.frame);
        if subject != truth {
            return;
        }
        match &assertion.subject {
            BoundSubject::That(condition) => {
                self.cond(condition, truth);
                if truth == Truth::False {
                    self.say(&assertion.otherwise);
                }
            }
            BoundSubject::Elements { form, list, slot, filter, whole } => match form {
                Form::None | Form::Every => {
                    let opposite = *form == Form::Every;
                    let elements = self.elements(list);
                    let wanted = truth.negate_if(true);
                    self.culprits(&elements, *slot, filter, *whole, opposite, wanted, assertion);
                }
                Form::Some => {
                    self.any(list, *slot, filter, false, truth);
                    if truth == Truth::False {
                        self.say(&assertion.otherwise);
                    }
                }
                Form::One | Form::That => {
                    self.exactly_one(list, *slot, filter, truth);
                    if truth == Truth::False {
                        self.say(&assertion.otherwise);
                    }
                }
            },
        }
    }

    /// The elements for which an assertion fails, each with its message, or those that keep it from
    /// being decided.
    #[expect(clippy::too_many_arguments, reason = "they are one subject taken apart")]
    fn culprits(
        &mut self,
        elements: &[elements::Element<'b, 'a>],
        slot: usize,
        filter: &'b Cond<'a>,
        whole: bool,
        opposite: bool,
        wanted: Truth,
        assertion: &'b BoundAssertion<'a>,
    ) {
        let mut found = 0_usize;
        for element in elements {
            self.enter(slot, element);
            let truth = self.eval.truth(filter, &mut self.frame).negate_if(opposite);
            if element.presence.and(truth) != wanted {
                continue;
            }
            found += 1;
            if found > MAX_ELEMENTS {
                continue;
            }
            self.present(element);
            self.enter(slot, element);
            if whole {
                self.whole(element, Telling::of(wanted));
            }
            self.cond(filter, truth.negate_if(opposite));
            if wanted == Truth::True {
                self.say(&assertion.otherwise);
                self.blame(assertion, element);
            }
        }
        if wanted == Truth::True && found > MAX_ELEMENTS {
            self.messages.push(format!("and {} more", found - MAX_ELEMENTS));
        }
    }

    /// The values that make a condition what it is.
    fn cond(&mut self, cond: &'b Cond<'a>, truth: Truth) {
        let telling = Telling::of(truth);
        match cond {
            Cond::Const(_) => {}
            Cond::All(items) | Cond::Any(items) => {
                for item in items {
                    if self.eval.truth(item, &mut self.frame) == truth {
                        self.cond(item, truth);
                    }
                }
            }
            Cond::Not(inner) => self.cond(inner, truth.negate_if(true)),
            Cond::Load { load, .. }
            | Cond::Word { load, .. }
            | Cond::TextIs { load, .. }
            | Cond::Has { load, .. } => self.leaf(load, telling),
            Cond::Numbers(comparison, left, right) => {
                self.numbers(*comparison, left, right, truth);
            }
            Cond::Same { left, right, .. } => {
                self.scalar(left, telling);
                self.scalar(right, telling);
            }
            Cond::In(item, list) => {
                self.scalar(item, telling);
                self.membership(item, list, truth);
            }
            Cond::Quantified(quantifier, list, slot, body) => {
                self.quantified(*quantifier, list, *slot, body, truth);
            }
            Cond::TextTest(_, text, arg) => {
                self.text(text, telling);
                self.text(arg, telling);
            }
            Cond::Matches(text, _) => self.text(text, telling),
            Cond::IsInternet(cidr) => self.cidr(cidr, telling),
            Cond::CidrContains(outer, inner) => {
                self.cidr(outer, telling);
                self.cidr(inner, telling);
            }
            Cond::Covers(covers) => {
                self.leaf(&covers.protocol, telling);
                let all = covers.all.map(Value::Symbol);
                let protocol = self.eval.fetch(&covers.protocol, &self.frame);
                if !matches!(protocol, Val::Stored(value) if Some(value) == all) {
                    self.leaf(&covers.from_port, telling);
                    self.leaf(&covers.to_port, telling);
                }
            }
        }
    }

    /// Adds the message of a failure.
    fn say(&mut self, parts: &'b [BoundPart<'a>]) {
        let mut message = String::new();
        for part in parts {
            match part {
                BoundPart::Text(text) => message.push_str(text),
                BoundPart::Value(scalar) => message.push_str(&self.in_words(scalar)),
            }
        }
        self.messages.push(message.trim_end().to_owned());
    }

    /// Adds what the check asks to be shown.
    fn show(&mut self) {
        for (text, scalar) in &self.bound.show {
            match scalar {
                Scalar::Load(load) => self.leaf(load, Telling::Values),
                other => {
                    let value = self.in_words(other);
                    self.add((*text).to_owned(), Json::String(value));
                }
            }
        }
    }

    fn add(&mut self, path: String, value: Json) {
        if !path.is_empty() && self.seen.insert(path.clone()) {
            self.evidence.push(Evidence { path, value });
        }
    }

    fn add_unknown(&mut self, path: Option<String>, reason: Reason) {
        if let Some(path) = path {
            self.add(path, json!({"$unknown": reason.to_string()}));
        }
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}
