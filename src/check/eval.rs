//! Evaluation: the truth of a condition for one resource, without allocation.
//!
//! Unknown is a value like the others. A list that is cut short ends in an element that may stand
//! for any number of elements; Kleene's tables then do the right thing by themselves.

use super::plan::{Cond, CoversPlan, Interval, Load, Scalar, Step, Stream, Truth, Val};
use super::typed::{Comparison, MAX_VARS, Quantifier};
use crate::inventory::{Row, Slots, Store, Value};

mod leaves;
mod values;

pub use leaves::{Protocol, covers_ports, has_text, holds, is_set, is_word};
use values::same_text;
pub use values::{number_of, plain, search_steps, spelled};

/// The steps that one check may take on one resource.
pub const MAX_STEPS: u32 = 1_000_000;

/// A place beyond the arena, where everything is pending.
pub const NOWHERE: u32 = u32::MAX;

/// The place of the value at the end of a way from the value in a place: that of the unknown one at
/// which it breaks off, or one where nothing is known.
#[inline]
pub fn end_of(slots: Slots<'_>, mut place: u32, steps: &[Step]) -> u32 {
    for step in steps {
        match slots.get(place) {
            Value::Record(row) => place = row.slot(step.place),
            Value::Unknown(_) => return place,
            _ => return NOWHERE,
        }
    }
    place
}

/// The variables and the steps left of one evaluation.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    vars: [Val<'a>; MAX_VARS],
    steps: u32,
}

impl<'a> Frame<'a> {
    /// A frame for the resource whose fields are there.
    pub fn new(row: Row, steps: u32) -> Self {
        let mut vars = [Val::UNKNOWN; MAX_VARS];
        vars[0] = Val::Stored(Value::Record(row));
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

    /// Takes so many steps; says no where none is left after that.
    #[inline]
    pub fn spend(&mut self, steps: u32) -> bool {
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
    /// That of a value which stands in a list of the inventory.
    #[inline]
    pub fn of(item: Value) -> Self {
        match item {
            Value::Unknown(_) | Value::Pending => Self::Open,
            _ => Self::Sure,
        }
    }

    /// Whether it is in the list and the condition holds for it.
    #[inline]
    pub fn and(self, truth: Truth) -> Truth {
        match (self, truth) {
            (Self::Sure, truth) => truth,
            (_, Truth::False) => Truth::False,
            (Self::Maybe | Self::Open, Truth::True | Truth::Unknown) => Truth::Unknown,
        }
    }

    /// Whether it is among those for which the condition holds; `None` where it is not.
    #[inline]
    pub fn where_it_holds(self, truth: Truth) -> Option<Self> {
        match (self, truth) {
            (_, Truth::False) => None,
            (presence, Truth::True) => Some(presence),
            (Self::Open, Truth::Unknown) => Some(Self::Open),
            (Self::Sure | Self::Maybe, Truth::Unknown) => Some(Self::Maybe),
        }
    }
}

/// How many elements there are, by their presence.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    sure: i64,
    maybe: i64,
    open: bool,
}

impl Count {
    /// Counts one more.
    #[inline]
    pub fn add(&mut self, presence: Presence) {
        match presence {
            Presence::Sure => self.sure += 1,
            Presence::Maybe => self.maybe += 1,
            Presence::Open => self.open = true,
        }
    }

    /// The number: at least the sure ones, at most those that may be there.
    #[inline]
    pub fn size(self) -> Interval {
        let high = if self.open { i64::MAX } else { self.sure + self.maybe };
        Interval { low: self.sure, high }
    }

    /// Whether there is one, and no other.
    #[inline]
    pub fn is_one(self) -> Truth {
        self.size().compare(Comparison::Equal, Interval::exactly(1))
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
        match frame.var(load.slot) {
            start if load.steps.is_empty() => start,
            Val::Stored(start) => Val::Stored(self.walk(start, &load.steps)),
            _ => Val::UNKNOWN,
        }
    }

    /// The value at the end of a way from one of the inventory.
    #[inline]
    fn walk(self, start: Value, steps: &[Step]) -> Value {
        let Some((first, others)) = steps.split_first() else { return start };
        match start {
            Value::Record(row) => {
                let slots = self.store.slots();
                slots.get(end_of(slots, row.slot(first.place), others))
            }
            Value::Unknown(_) => start,
            _ => Value::Pending,
        }
    }

    /// The truth of a condition. Those on one field are answered in line: most are.
    #[inline]
    pub fn truth(self, cond: &Cond<'a>, frame: &mut Frame<'a>) -> Truth {
        match cond {
            Cond::Const(truth) => *truth,
            Cond::Load { load, negate } => holds(self.fetch(load, frame)).negate_if(*negate),
            Cond::Has { load, negate } => is_set(self.fetch(load, frame)).negate_if(*negate),
            Cond::Word { load, words, negate } => {
                is_word(self.fetch(load, frame), words).negate_if(*negate)
            }
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
            Cond::TextIs { load, texts, negate } => {
                self.is_text(self.fetch(load, frame), texts).negate_if(*negate)
            }
            Cond::TextTest(test, text, arg) => self.text_test(*test, text, arg, frame),
            Cond::Matches(..) | Cond::IsInternet(_) | Cond::CidrContains(..) => {
                self.looked_into(cond, frame)
            }
            Cond::Const(_) | Cond::Load { .. } | Cond::Has { .. } | Cond::Word { .. } => {
                self.truth(cond, frame)
            }
        }
    }

    /// A condition on what is in a text or an address range.
    fn looked_into(self, cond: &Cond<'a>, frame: &mut Frame<'a>) -> Truth {
        let truth = match cond {
            Cond::Matches(text, regex) => self
                .text(text, frame)
                .filter(|text| frame.spend(search_steps(text.text.len())))
                .map(|text| regex.is_match(&spelled(text))),
            Cond::IsInternet(cidr) => self.prefix(cidr, frame).map(|bits| bits == 0),
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
        let mut count = Count::default();
        self.each(list, frame, |frame, value, presence| {
            frame.set(slot, value);
            presence
                .where_it_holds(self.truth(body, frame))
                .into_iter()
                .for_each(|it| count.add(it));
            count.size().low < 2
        });
        count.is_one()
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
            if !visit(frame, Val::Stored(*item), Presence::of(*item)) {
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
                    match presence.where_it_holds(self.truth(body, frame)) {
                        Some(presence) => visit(frame, value, presence),
                        None => true,
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
        match self.covers_protocol(covers, self.fetch(&covers.protocol, frame)) {
            Protocol::Decides(truth) => truth,
            Protocol::Asked => covers_ports(
                covers,
                self.fetch(&covers.from_port, frame),
                self.fetch(&covers.to_port, frame),
            ),
        }
    }
}
