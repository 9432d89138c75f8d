//! Evaluation: the truth of a condition for one resource, without allocation.
//!
//! Unknown is a value like the others. A list that is cut short ends in an element that may stand
//! for any number of elements; Kleene's tables then do the right thing by themselves.

use super::bind::ALL_PROTOCOLS;
use super::plan::{Cond, CoversPlan, Load, Scalar, Stream, Truth, Val};
use super::typed::{MAX_VARS, PortTest, Quantifier};
use super::types::Const;
use crate::inventory::{Store, Value};

mod values;

pub use values::spelled;
use values::{plain, same_text, search_steps};

/// The steps that one check may take on one resource.
pub const MAX_STEPS: u32 = 1_000_000;

/// The variables and the steps left of one evaluation.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    vars: [Val<'a>; MAX_VARS],
    steps: u32,
}

impl<'a> Frame<'a> {
    /// A frame for the resource whose slots begin there.
    pub fn new(at: u32, steps: u32) -> Self {
        let mut vars = [Val::UNKNOWN; MAX_VARS];
        vars[0] = Val::Stored(Value::Record(at));
        Self { vars, steps }
    }

    /// Makes the frame ready for another resource. Variables other than the resource are set before
    /// they are read.
    pub fn enter(&mut self, at: u32, steps: u32) {
        self.set(0, Val::Stored(Value::Record(at)));
        self.steps = steps;
    }

    /// The value of a variable.
    #[inline]
    pub fn var(&self, slot: usize) -> Val<'a> {
        self.vars.get(slot).copied().unwrap_or(Val::UNKNOWN)
    }

    /// Sets a variable.
    #[inline]
    pub fn set(&mut self, slot: usize, value: Val<'a>) {
        if let Some(var) = self.vars.get_mut(slot) {
            *var = value;
        }
    }

    /// Whether the steps are used up, which makes everything after unknown.
    pub fn spent(&self) -> bool {
        self.steps == 0
    }

    #[inline]
    fn spend(&mut self, steps: u32) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }
}

/// Whether an element is in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Sure,
    /// It may be.
    Maybe,
    /// It may be, and so may any number of others.
    Open,
}

impl Presence {
    /// Whether it is in the list and the condition holds for it.
    #[inline]
    pub fn and(self, truth: Truth) -> Truth {
        match (self, truth) {
            (Self::Sure, truth) => truth,
            (_, Truth::False) => Truth::False,
            (Self::Maybe | Self::Open, Truth::True | Truth::Unknown) => Truth::Unknown,
        }
    }
}

/// Evaluates plans over one store.
#[derive(Clone, Copy)]
pub struct Eval<'a> {
    /// The inventory's values.
    pub store: &'a Store,
    /// The time of the scan.
    pub now: i64,
}

impl<'a> Eval<'a> {
    /// The value at the end of a way.
    #[inline]
    pub fn fetch(self, load: &Load<'a>, frame: &Frame<'a>) -> Val<'a> {
        let start = frame.var(load.slot);
        if load.steps.is_empty() { start } else { Val::Stored(self.walk(start, load)) }
    }

    #[inline]
    fn walk(self, start: Val<'a>, load: &Load<'a>) -> Value {
        let Val::Stored(mut value) = start else { return Value::Pending };
        for step in &load.steps {
            match value {
                Value::Record(at) => value = self.store.slot(at + step.place),
                Value::Unknown(_) => return value,
                _ => return Value::Pending,
            }
        }
        value
    }

    /// The truth of a condition. Those on one field are answered in line: most are.
    #[inline]
    pub fn truth(self, cond: &Cond<'a>, frame: &mut Frame<'a>) -> Truth {
        match cond {
            Cond::Const(truth) => *truth,
            Cond::Load { load, negate } => self.holds(load, frame).negate_if(*negate),
            Cond::Has { load, negate } => self.is_set(load, frame).negate_if(*negate),
            Cond::Word { load, words, negate } => match self.fetch(load, frame) {
                Val::Stored(Value::Symbol(id)) => Truth::of(words.contains(&id)).negate_if(*negate),
                _ => Truth::Unknown,
            },
            compound => self.compound(compound, frame),
        }
    }

    fn compound(self, cond: &Cond<'a>, frame: &mut Frame<'a>) -> Truth {
        match cond {
            Cond::All(items) => self.junction(items, Truth::False, frame),
            Cond::Any(items) => self.junction(items, Truth::True, frame),
            Cond::Not(inner) => self.truth(inner, frame).negate_if(true),
            Cond::Numbers(comparison, left, right) => {
                let left = self.number(left, frame);
                left.compare(*comparison, self.number(right, frame))
            }
            Cond::Same { left, right, negate } => {
                let (left, right) = (self.value(left, frame), self.value(right, frame));
                self.same(left, right).negate_if(*negate)
            }
            Cond::In(item, list) => self.membership(item, list, frame),
            Cond::Quantified(quantifier, list, slot, body) => {
                self.quantified(*quantifier, list, *slot, body, frame)
            }
            Cond::Covers(covers) => self.covers(covers, frame),
            Cond::TextIs { load, texts, negate } => match self.text_of(self.fetch(load, frame)) {
                Some(found) => {
                    let same = texts.iter().any(|text| same_text(found, plain(text)));
                    Truth::of(same).negate_if(*negate)
                }
                None => Truth::Unknown,
            },
            Cond::TextTest(test, text, arg) => self.text_test(*test, text, arg, frame),
            Cond::Matches(..) | Cond::IsInternet(_) | Cond::CidrContains(..) => {
                self.looked_into(cond, frame)
            }
            Cond::Const(_) | Cond::Load { .. } | Cond::Has { .. } | Cond::Word { .. } => {
                self.truth(cond, frame)
            }
        }
    }

    /// Whether a boolean is true.
    #[inline]
    fn holds(self, load: &Load<'a>, frame: &Frame<'a>) -> Truth {
        match self.fetch(load, frame) {
            Val::Stored(Value::Bool(value)) | Val::Const(&Const::Bool(value)) => Truth::of(value),
            Val::Truth(truth) => truth,
            _ => Truth::Unknown,
        }
    }

    /// Whether an optional field is set.
    #[inline]
    fn is_set(self, load: &Load<'a>, frame: &Frame<'a>) -> Truth {
        match self.fetch(load, frame) {
            Val::Stored(Value::Absent) => Truth::False,
            Val::Stored(Value::Unknown(_) | Value::Pending) => Truth::Unknown,
            _ => Truth::True,
        }
    }

    /// A condition on what is in a text or an address range.
    fn looked_into(self, cond: &Cond<'a>, frame: &mut Frame<'a>) -> Truth {
        let truth = match cond {
            Cond::Matches(text, regex) => self
                .text(text, frame)
                .filter(|text| frame.spend(search_steps(*text)))
                .map(|text| regex.is_match(&spelled(text))),
            Cond::IsInternet(cidr) => self.cidr(cidr, frame).map(|net| net.prefix_len() == 0),
            Cond::CidrContains(outer, inner) => {
                let (outer, inner) = (self.cidr(outer, frame), self.cidr(inner, frame));
                outer.zip(inner).map(|(outer, inner)| outer.contains(&inner))
            }
            _ => None,
        };
        truth.map_or(Truth::Unknown, Truth::of)
    }

    /// `and` and `or`: ends at the first item that decides.
    #[inline]
    fn junction(self, items: &[Cond<'a>], decides: Truth, frame: &mut Frame<'a>) -> Truth {
        let mut result = decides.negate_if(true);
        for item in items {
            match self.truth(item, frame) {
                truth if truth == decides => return decides,
                Truth::Unknown => result = Truth::Unknown,
                Truth::True | Truth::False => {}
            }
        }
        result
    }

    fn quantified(
        self,
        quantifier: Quantifier,
        list: &Stream<'a>,
        slot: usize,
        body: &Cond<'a>,
        frame: &mut Frame<'a>,
    ) -> Truth {
        match quantifier {
            Quantifier::Exists => self.any(list, slot, body, false, frame),
            Quantifier::All => self.any(list, slot, body, true, frame).negate_if(true),
            Quantifier::ExistsOne => self.exactly_one(list, slot, body, frame),
        }
    }

    /// Whether the condition, or its opposite, holds for an element at least.
    pub fn any(
        self,
        list: &Stream<'a>,
        slot: usize,
        body: &Cond<'a>,
        opposite: bool,
        frame: &mut Frame<'a>,
    ) -> Truth {
        let mut result = Truth::False;
        self.each(list, frame, |frame, value, presence| {
            frame.set(slot, value);
            let truth = self.truth(body, frame).negate_if(opposite);
            result = result.or(presence.and(truth));
            result != Truth::True
        });
        result
    }

    /// Whether the condition holds for exactly one element.
    pub fn exactly_one(
        self,
        list: &Stream<'a>,
        slot: usize,
        body: &Cond<'a>,
        frame: &mut Frame<'a>,
    ) -> Truth {
        let (mut sure, mut maybe) = (0_usize, false);
        self.each(list, frame, |frame, value, presence| {
            frame.set(slot, value);
            let truth = self.truth(body, frame);
            match presence.and(truth) {
                Truth::True => sure += 1,
                Truth::Unknown => maybe = true,
                Truth::False => {}
            }
            sure < 2
        });
        match (sure, maybe) {
            (2.., _) | (0, false) => Truth::False,
            (1, false) => Truth::True,
            (0 | 1, true) => Truth::Unknown,
        }
    }

    /// Goes through a list until `visit` says no.
    #[inline]
    pub fn each(
        self,
        list: &Stream<'a>,
        frame: &mut Frame<'a>,
        mut visit: impl FnMut(&mut Frame<'a>, Val<'a>, Presence) -> bool,
    ) {
        match list {
            Stream::Load(load) => self.each_stored(load, frame, visit),
            other => self.each_made(other, frame, &mut visit),
        }
    }

    #[inline]
    fn each_stored(
        self,
        load: &Load<'a>,
        frame: &mut Frame<'a>,
        mut visit: impl FnMut(&mut Frame<'a>, Val<'a>, Presence) -> bool,
    ) {
        let Val::Stored(Value::List { at, len, .. }) = self.fetch(load, frame) else {
            visit(frame, Val::UNKNOWN, Presence::Open);
            return;
        };
        for item in self.store.items(at, len) {
            if !frame.spend(1) {
                visit(frame, Val::UNKNOWN, Presence::Open);
                return;
            }
            let presence = match item {
                Value::Unknown(_) | Value::Pending => Presence::Open,
                _ => Presence::Sure,
            };
            if !visit(frame, Val::Stored(*item), presence) {
                return;
            }
        }
    }

    fn each_made(
        self,
        list: &Stream<'a>,
        frame: &mut Frame<'a>,
        visit: &mut dyn FnMut(&mut Frame<'a>, Val<'a>, Presence) -> bool,
    ) {
        match list {
            Stream::Load(load) => return self.each_stored(load, frame, visit),
            Stream::Consts(items) => {
                for item in *items {
                    if !(frame.spend(1) && visit(frame, Val::Const(item), Presence::Sure)) {
                        break;
                    }
                }
            }
            Stream::Items(items) => {
                for item in items {
                    let value = self.value(item, frame);
                    if !(frame.spend(1) && visit(frame, value, Presence::Sure)) {
                        break;
                    }
                }
            }
            Stream::Filter(inner, slot, body) => {
                self.each_made(inner, frame, &mut |frame, value, presence| {
                    frame.set(*slot, value);
                    match self.truth(body, frame) {
                        Truth::False => true,
                        Truth::True => visit(frame, value, presence),
                        Truth::Unknown if presence == Presence::Open => {
                            visit(frame, value, Presence::Open)
                        }
                        Truth::Unknown => visit(frame, value, Presence::Maybe),
                    }
                });
            }
            Stream::Map(inner, slot, body) => {
                self.each_made(inner, frame, &mut |frame, value, presence| {
                    frame.set(*slot, value);
                    let value = self.value(body, frame);
                    visit(frame, value, presence)
                });
            }
        }
        // Elements that were not looked at for want of steps may be anything.
        if frame.spent() {
            visit(frame, Val::UNKNOWN, Presence::Open);
        }
    }

    /// Whether a value is among those of a list.
    fn membership(self, item: &Scalar<'a>, list: &Stream<'a>, frame: &mut Frame<'a>) -> Truth {
        let item = self.value(item, frame);
        let mut result = Truth::False;
        self.each(list, frame, |_, value, presence| {
            result = result.or(presence.and(self.same(item, value)));
            result != Truth::True
        });
        result
    }

    fn covers(self, covers: &CoversPlan<'a>, frame: &Frame<'a>) -> Truth {
        if covers.ports.is_empty() {
            return Truth::False;
        }
        let protocol = match self.fetch(&covers.protocol, frame) {
            Val::Stored(Value::Symbol(id)) => {
                if covers.all == Some(id) {
                    return Truth::of(covers.test == PortTest::Covers);
                }
                Truth::of(covers.wanted_symbols.contains(&id))
            }
            value => match self.text_of(value) {
                Some(text) if text.text == ALL_PROTOCOLS => {
                    return Truth::of(covers.test == PortTest::Covers);
                }
                Some(text) => Truth::of(covers.wanted.contains(&text.text)),
                None => Truth::Unknown,
            },
        };
        // An unknown protocol may be the one that covers all ports.
        if protocol != Truth::True {
            return protocol;
        }
        let bound = |load: &Load<'a>, all: i64| match self.fetch(load, frame) {
            Val::Stored(Value::Absent | Value::Int(i64::MIN..0)) => Some(all),
            Val::Stored(Value::Int(port)) => Some(port),
            _ => None,
        };
        let from = bound(&covers.from_port, 0);
        let to = bound(&covers.to_port, i64::from(u16::MAX));
        // Whether the rule begins before and ends after a port.
        let begins = |port: u16| from.map_or(Truth::Unknown, |from| Truth::of(from <= port.into()));
        let ends = |port: u16| to.map_or(Truth::Unknown, |to| Truth::of(to >= port.into()));
        covers.ports.iter().fold(Truth::False, |any, ports| {
            any.or(match covers.test {
                PortTest::Covers => begins(ports.to).and(ends(ports.from)),
                PortTest::Within => {
                    // One end outside is enough to know, whatever the other is.
                    let inside = |port: Option<i64>| {
                        let range = i64::from(ports.from)..=i64::from(ports.to);
                        port.map_or(Truth::Unknown, |port| Truth::of(range.contains(&port)))
                    };
                    inside(from).and(inside(to))
                }
            })
        })
    }
}
