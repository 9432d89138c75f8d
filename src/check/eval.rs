//! Evaluation: the truth of a condition for one resource, without allocation.
//!
//! Unknown is a value like the others. A list that is cut short ends in an element that may stand
//! for any number of elements; Kleene's tables then do the right thing by themselves.

use std::borrow::Cow;

use ipnet::IpNet;

use super::bind::ALL_PROTOCOLS;
use super::plan::{
    CidrPlan, Cond, CoversPlan, Interval, Load, Num, Scalar, Stream, TextPlan, TextVal, Truth, Val,
};
use super::typed::{ArnPart, MAX_VARS, Quantifier, TextTest};
use super::types::Const;
use crate::aws::Arn;
use crate::inventory::{Store, Value};

/// The steps that one check may take on one resource.
pub const MAX_STEPS: u32 = 1_000_000;

/// The bytes of text that are searched in one step.
const BYTES_A_STEP: usize = 256;

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

/// What is compared by `==`.
enum Atom<'a> {
    Unknown,
    Truth(Truth),
    Number(Interval),
    Text(TextVal<'a>),
    Cidr(IpNet),
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

    /// The truth of a condition.
    pub fn truth(self, cond: &Cond<'a>, frame: &mut Frame<'a>) -> Truth {
        match cond {
            Cond::Const(truth) => *truth,
            Cond::All(items) => self.junction(items, Truth::False, frame),
            Cond::Any(items) => self.junction(items, Truth::True, frame),
            Cond::Not(inner) => self.truth(inner, frame).negate_if(true),
            Cond::Load(load) => match self.fetch(load, frame) {
                Val::Stored(Value::Bool(value)) => Truth::of(value),
                Val::Truth(truth) => truth,
                Val::Const(Const::Bool(value)) => Truth::of(*value),
                _ => Truth::Unknown,
            },
            Cond::Word { load, words, negate } => match self.fetch(load, frame) {
                Val::Stored(Value::Symbol(id)) => Truth::of(words.contains(&id)).negate_if(*negate),
                _ => Truth::Unknown,
            },
            Cond::TextIs { load, texts, negate } => match self.text_of(self.fetch(load, frame)) {
                Some(found) => {
                    let same = texts.iter().any(|text| same_text(found, plain(text)));
                    Truth::of(same).negate_if(*negate)
                }
                None => Truth::Unknown,
            },
            Cond::Numbers(comparison, left, right) => {
                let left = self.number(left, frame);
                left.compare(*comparison, self.number(right, frame))
            }
            Cond::Same { left, right, negate } => {
                let (left, right) = (self.value(left, frame), self.value(right, frame));
                self.same(left, right).negate_if(*negate)
            }
            Cond::In(item, list) => self.membership(item, list, frame),
            Cond::Has(load) => match self.fetch(load, frame) {
                Val::Stored(Value::Absent) => Truth::False,
                Val::Stored(Value::Unknown(_) | Value::Pending) => Truth::Unknown,
                _ => Truth::True,
            },
            Cond::Quantified(quantifier, list, slot, body) => {
                self.quantified(*quantifier, list, *slot, body, frame)
            }
            Cond::TextTest(test, text, arg) => self.text_test(*test, text, arg, frame),
            Cond::Matches(text, regex) => match self.text(text, frame) {
                Some(text) if frame.spend(search_steps(text)) => {
                    Truth::of(regex.is_match(&spelled(text)))
                }
                _ => Truth::Unknown,
            },
            Cond::IsInternet(cidr) => match self.cidr(cidr, frame) {
                Some(net) => Truth::of(net.prefix_len() == 0),
                None => Truth::Unknown,
            },
            Cond::CidrContains(outer, inner) => {
                match (self.cidr(outer, frame), self.cidr(inner, frame)) {
                    (Some(outer), Some(inner)) => Truth::of(outer.contains(&inner)),
                    _ => Truth::Unknown,
                }
            }
            Cond::Covers(covers) => self.covers(covers, frame),
        }
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
        let Val::Stored(Value::List { at, len }) = self.fetch(load, frame) else {
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

    /// A number.
    pub fn number(self, num: &Num<'a>, frame: &mut Frame<'a>) -> Interval {
        match num {
            Num::Const(value) => Interval::exactly(*value),
            Num::Load(load) => number_of(self.fetch(load, frame)),
            Num::Size(list) => self.size(list, frame),
            Num::AgeDays(time) => {
                let time = self.number(time, frame);
                Interval::exactly(self.now).plus(time.negative()).days()
            }
            Num::Add(left, right) => {
                let left = self.number(left, frame);
                left.plus(self.number(right, frame))
            }
            Num::Subtract(left, right) => {
                let left = self.number(left, frame);
                left.plus(self.number(right, frame).negative())
            }
            Num::Negative(inner) => self.number(inner, frame).negative(),
            Num::PrefixLength(cidr) => match self.cidr(cidr, frame) {
                Some(net) => Interval::exactly(i64::from(net.prefix_len())),
                None => Interval { low: 0, high: 128 },
            },
        }
    }

    /// The number of elements: at least the sure ones, at most those that may be there.
    fn size(self, list: &Stream<'a>, frame: &mut Frame<'a>) -> Interval {
        let (mut sure, mut maybe, mut open) = (0_i64, 0_i64, false);
        self.each(list, frame, |_, _, presence| {
            match presence {
                Presence::Sure => sure += 1,
                Presence::Maybe => maybe += 1,
                Presence::Open => open = true,
            }
            true
        });
        Interval { low: sure, high: if open { i64::MAX } else { sure + maybe } }
    }

    /// A text; `None` where it is not known.
    pub fn text(self, text: &TextPlan<'a>, frame: &Frame<'a>) -> Option<TextVal<'a>> {
        match text {
            TextPlan::Const(text) => Some(plain(text)),
            TextPlan::Load(load) => self.text_of(self.fetch(load, frame)),
            TextPlan::Lower(inner) => {
                self.text(inner, frame).map(|text| TextVal { lower: true, ..text })
            }
            TextPlan::ArnPart(part, inner) => {
                let text = self.text(inner, frame)?;
                arn_part(*part, text.text).map(|part| TextVal { text: part, ..text })
            }
        }
    }

    #[inline]
    fn text_of(self, value: Val<'a>) -> Option<TextVal<'a>> {
        match value {
            Val::Stored(value @ (Value::Text { .. } | Value::Symbol(_))) => {
                self.store.text(value).map(plain)
            }
            Val::Const(Const::Text(text)) => Some(plain(text)),
            Val::Text(text) => Some(text),
            _ => None,
        }
    }

    fn text_test(
        self,
        test: TextTest,
        text: &TextPlan<'a>,
        arg: &TextPlan<'a>,
        frame: &mut Frame<'a>,
    ) -> Truth {
        let (Some(text), Some(arg)) = (self.text(text, frame), self.text(arg, frame)) else {
            return Truth::Unknown;
        };
        if !frame.spend(search_steps(text)) {
            return Truth::Unknown;
        }
        let (text, arg) = (spelled(text), spelled(arg));
        Truth::of(match test {
            TextTest::StartsWith => text.starts_with(&*arg),
            TextTest::EndsWith => text.ends_with(&*arg),
            TextTest::Contains => text.contains(&*arg),
        })
    }

    fn cidr(self, cidr: &CidrPlan<'a>, frame: &Frame<'a>) -> Option<IpNet> {
        match cidr {
            CidrPlan::Const(net) => Some(*net),
            CidrPlan::Load(load) => match self.fetch(load, frame) {
                Val::Stored(Value::Cidr(id)) => self.store.cidr(id).map(|facts| facts.net),
                Val::Const(Const::Cidr(facts)) => Some(facts.net),
                _ => None,
            },
        }
    }

    /// Any value.
    pub fn value(self, scalar: &Scalar<'a>, frame: &mut Frame<'a>) -> Val<'a> {
        match scalar {
            Scalar::Cond(cond) => Val::Truth(self.truth(cond, frame)),
            Scalar::Num(num, _) => Val::Number(self.number(num, frame)),
            Scalar::Text(text) => self.text(text, frame).map_or(Val::UNKNOWN, Val::Text),
            Scalar::Const(constant) => Val::Const(constant),
            Scalar::Load(load) => self.fetch(load, frame),
            Scalar::List(..) => Val::UNKNOWN,
        }
    }

    /// Whether two values are equal.
    pub fn same(self, left: Val<'a>, right: Val<'a>) -> Truth {
        match (self.atom(left), self.atom(right)) {
            (Atom::Truth(Truth::Unknown), _) | (_, Atom::Truth(Truth::Unknown)) => Truth::Unknown,
            (Atom::Truth(left), Atom::Truth(right)) => Truth::of(left == right),
            (Atom::Number(left), Atom::Number(right)) => {
                left.compare(super::typed::Comparison::Equal, right)
            }
            (Atom::Text(left), Atom::Text(right)) => Truth::of(same_text(left, right)),
            (Atom::Cidr(left), Atom::Cidr(right)) => Truth::of(left.trunc() == right.trunc()),
            _ => Truth::Unknown,
        }
    }

    fn atom(self, value: Val<'a>) -> Atom<'a> {
        match value {
            Val::Stored(Value::Bool(value)) | Val::Const(&Const::Bool(value)) => {
                Atom::Truth(Truth::of(value))
            }
            Val::Truth(truth) => Atom::Truth(truth),
            Val::Stored(Value::Int(_) | Value::Time(_))
            | Val::Number(_)
            | Val::Const(Const::Int(_) | Const::Duration(_)) => Atom::Number(number_of(value)),
            Val::Stored(Value::Cidr(id)) => {
                self.store.cidr(id).map_or(Atom::Unknown, |facts| Atom::Cidr(facts.net))
            }
            Val::Const(Const::Cidr(facts)) => Atom::Cidr(facts.net),
            value => self.text_of(value).map_or(Atom::Unknown, Atom::Text),
        }
    }

    fn covers(self, covers: &CoversPlan<'a>, frame: &Frame<'a>) -> Truth {
        if covers.ports.is_empty() {
            return Truth::False;
        }
        let protocol = match self.fetch(&covers.protocol, frame) {
            Val::Stored(Value::Symbol(id)) => {
                if covers.all == Some(id) {
                    return Truth::True;
                }
                Truth::of(covers.wanted_symbols.contains(&id))
            }
            value => match self.text_of(value) {
                Some(text) if text.text == ALL_PROTOCOLS => return Truth::True,
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
        let overlaps = |first: i64, last: i64| {
            let begins = from.map_or(Truth::Unknown, |from| Truth::of(from <= last));
            begins.and(to.map_or(Truth::Unknown, |to| Truth::of(to >= first)))
        };
        covers.ports.iter().fold(Truth::False, |any, ports| {
            any.or(overlaps(i64::from(ports.from), i64::from(ports.to)))
        })
    }
}

fn plain(text: &str) -> TextVal<'_> {
    TextVal { text, lower: false }
}

#[inline]
fn same_text(left: TextVal<'_>, right: TextVal<'_>) -> bool {
    if left.lower || right.lower {
        return spelled(left) == spelled(right);
    }
    left.text == right.text
}

/// The text in the case in which it is to be read.
pub fn spelled<'a>(text: TextVal<'a>) -> Cow<'a, str> {
    if text.lower && text.text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text.text)
    }
}

fn search_steps(text: TextVal<'_>) -> u32 {
    u32::try_from(text.text.len() / BYTES_A_STEP).unwrap_or(u32::MAX).saturating_add(1)
}

#[inline]
fn number_of(value: Val<'_>) -> Interval {
    match value {
        Val::Stored(Value::Int(value) | Value::Time(value))
        | Val::Const(&(Const::Int(value) | Const::Duration(value))) => Interval::exactly(value),
        Val::Number(number) => number,
        _ => Interval::UNKNOWN,
    }
}

/// A part of an ARN; `None` for text that is none.
fn arn_part(part: ArnPart, text: &str) -> Option<&str> {
    text.parse::<Arn>().ok()?;
    let index = match part {
        ArnPart::Partition => 1,
        ArnPart::Region => 3,
        ArnPart::Account => 4,
    };
    text.splitn(6, ':').nth(index)
}
