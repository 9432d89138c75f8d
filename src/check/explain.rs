//! Evidence: a second walk of the same plan that keeps the values which decided.
//!
//! Both sides of a true `and`, the false side of a false one, the elements that witness a
//! quantifier. Only resources that fail, are unknown or are not spoken about pay for it. The truth
//! of every part is asked of [`Eval`] again, so evidence cannot disagree with the verdict.
//!
//! Evidence is enough: with every other value hidden, a failure stays one. The exception is for
//! readers: where a condition holds for no element of a list, [`NEAR_MISSES`] of them are shown, not
//! all. What would take more steps or rows than one may is cut, and [`Outcome::whole`] says so.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::bind::{Bound, BoundAssertion, BoundPart, BoundSubject};
use super::eval::{Eval, Frame, MAX_STEPS, Presence};
use super::judge::implied;
use super::plan::{Cond, Scalar, Truth, Val};
use super::remedy::Values;
use super::source::Form;
use super::typed::MAX_VARS;
use super::{Evidence, Outcome, Verdict};
use crate::inventory::{Reason, Row, Value};

mod blanks;
mod elements;
mod leaves;
mod origin;
mod words;

use origin::Origin;

/// The most elements that one assertion tells of.
pub const MAX_ELEMENTS: usize = 20;
/// The elements shown where none was as wanted, and of those within others.
const NEAR_MISSES: usize = 3;
/// The rows of evidence, without what a check asks to be shown.
const MAX_EVIDENCE: usize = 200;
/// The steps to tell of one assertion. To be told of, an element is looked at twice.
const TELLING_STEPS: u32 = 2 * MAX_STEPS;

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
    row: Row,
    frame: Frame<'a>,
    /// Where the value of each variable comes from.
    origins: [Origin<'b, 'a>; MAX_VARS],
    /// How many elements are being told of, one within the other.
    depth: usize,
    evidence: Vec<Evidence>,
    /// The rows of evidence that there is room for.
    room: usize,
    seen: BTreeSet<String>,
    reasons: Vec<Reason>,
    messages: Vec<String>,
    /// What remediation speaks of, by failing element.
    rows: Vec<Values>,
    /// Whether something was left out for want of steps or room.
    cut: bool,
}

impl<'b, 'a> Explainer<'b, 'a> {
    pub(super) fn new(bound: &'b Bound<'a>, row: Row) -> Self {
        let mut origins = [const { Origin::Nowhere }; MAX_VARS];
        origins[0] = Origin::At(String::new());
        Self {
            bound,
            eval: bound.eval(),
            row,
            frame: Frame::new(row, MAX_STEPS),
            origins,
            depth: 0,
            evidence: Vec::new(),
            room: MAX_EVIDENCE,
            seen: BTreeSet::new(),
            reasons: Vec::new(),
            messages: Vec::new(),
            rows: Vec::new(),
            cut: false,
        }
    }

    /// The proof of a verdict other than pass.
    pub(super) fn outcome(mut self, verdict: Verdict) -> Outcome {
        match verdict {
            Verdict::NotApplicable => self.conditions(Truth::False),
            Verdict::Fail => {
                self.assertions(Truth::False);
                // A failure needs that the check applies.
                self.conditions(Truth::True);
            }
            Verdict::Unknown => {
                if self.bound.applies(self.eval, &mut self.frame) == Truth::Unknown {
                    self.conditions(Truth::Unknown);
                } else {
                    self.assertions(Truth::Unknown);
                }
                if self.reasons.is_empty() {
                    self.cut = true;
                    self.reasons.push(Reason::undecided("what is known does not decide it"));
                }
            }
            Verdict::Pass => {}
        }
        let reasons = std::mem::take(&mut self.reasons);
        self.refill(MAX_STEPS);
        let blanks = if verdict == Verdict::Fail { self.rows() } else { Vec::new() };
        if matches!(verdict, Verdict::Fail | Verdict::Unknown) {
            self.show();
        }
        Outcome {
            verdict,
            messages: self.messages,
            evidence: self.evidence,
            unknown: if verdict == Verdict::Unknown { Reason::fold(reasons) } else { Vec::new() },
            blanks,
            whole: !self.cut,
        }
    }

    /// Tells of the conditions under `applies_when` that are so.
    fn conditions(&mut self, wanted: Truth) {
        let bound = self.bound;
        for (condition, text) in bound.applies_when.iter().zip(&bound.check.logic.applies_when) {
            self.refill(MAX_STEPS);
            if self.eval.truth(condition, &mut self.frame) != wanted {
                continue;
            }
            if wanted == Truth::False {
                self.messages.push(text.clone());
            }
            self.refill(TELLING_STEPS);
            self.cond(condition, wanted);
            self.cut |= self.full();
        }
    }

    /// Tells of the assertions that are so.
    fn assertions(&mut self, wanted: Truth) {
        for assertion in &self.bound.expect {
            // Each has the steps to itself: one that takes many must not hide the next.
            self.refill(MAX_STEPS);
            let (counts, subject) = assertion.parts(self.eval, &mut self.frame);
            self.cut |= self.frame.spent();
            if implied(counts, subject) != wanted {
                continue;
            }
            self.refill(TELLING_STEPS);
            if let Some(when) = &assertion.when
                // A failure needs its `when`; what is unknown may be so for it.
                && (counts == Truth::Unknown || wanted == Truth::False)
            {
                self.cond(when, counts);
            }
            if subject == wanted {
                self.subject(assertion, wanted);
            }
            self.cut |= self.full();
        }
    }

    fn subject(&mut self, assertion: &'b BoundAssertion<'a>, truth: Truth) {
        let fails = truth == Truth::False;
        match &assertion.subject {
            BoundSubject::Elements { form: Form::None | Form::Every, .. } => {
                self.culprits(assertion, truth.negate_if(true));
                return;
            }
            // Said first: the evidence may take all steps.
            _ if fails => self.say(&assertion.otherwise),
            _ => {}
        }
        match &assertion.subject {
            BoundSubject::That(condition) => self.cond(condition, truth),
            BoundSubject::Elements { form: Form::Some, list, slot, filter, .. } => {
                self.any(list, *slot, filter, false, truth);
            }
            BoundSubject::Elements { list, slot, filter, .. } => {
                self.exactly_one(list, *slot, filter, truth);
            }
        }
    }

    /// The elements for which `none` or `every` fails, each with its message, or those that keep it
    /// from being decided.
    fn culprits(&mut self, assertion: &'b BoundAssertion<'a>, wanted: Truth) {
        let BoundSubject::Elements { form, list, slot, filter, whole } = &assertion.subject else {
            return;
        };
        let fails = wanted == Truth::True;
        let mut found = Vec::new();
        let mut more = 0_usize;
        for element in self.elements(list) {
            self.enter(*slot, &element);
            let truth = self.eval.truth(filter, &mut self.frame);
            if element.presence.and(truth.negate_if(*form == Form::Every)) != wanted {
                continue;
            }
            if found.len() == MAX_ELEMENTS {
                more += 1;
                continue;
            }
            if fails {
                self.say(&assertion.otherwise);
                self.blame(assertion, &element);
            }
            found.push((element, truth));
        }
        if fails && self.frame.spent() {
            let title = &self.bound.check.title;
            self.messages.push(match (found.len(), more) {
                (0, _) => format!("{title} (too large to tell why)"),
                (_, 0) => "and perhaps more".to_owned(),
                (_, more) => format!("and at least {more} more"),
            });
        } else if fails && more > 0 {
            self.messages.push(format!("and {more} more"));
        }
        for (element, truth) in found {
            if self.full() {
                break;
            }
            self.present(&element);
            self.enter(*slot, &element);
            if *whole && fails {
                self.value_of(&element, Telling::Values);
            }
            self.cond(filter, truth);
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
        self.refill(MAX_STEPS);
        self.room = usize::MAX;
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

    /// Whether nothing more can be told.
    fn full(&self) -> bool {
        self.evidence.len() >= self.room || self.frame.spent()
    }

    fn add(&mut self, path: String, value: Json) {
        if path.is_empty() || self.seen.contains(&path) {
            return;
        }
        if self.evidence.len() >= self.room {
            self.cut = true;
            return;
        }
        self.seen.insert(path.clone());
        self.evidence.push(Evidence { path, value });
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
