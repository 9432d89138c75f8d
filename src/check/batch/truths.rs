//! The truth of a condition for many lanes at once, condition by condition. What is seldom asked is
//! asked lane by lane.

use super::lanes::{Lanes, Scope, fill, keep, keep_unless, set, truth_of};
use super::{Batch, MAX_LANES};
use crate::check::bind::{BoundAssertion, BoundSubject};
use crate::check::eval::{
    Count, Eval, Frame, Protocol, covers_ports, holds, is_set, is_word, number_of,
};
use crate::check::plan::{
    CidrPlan, Cond, CoversPlan, Interval, Load, Num, Stream, TextPlan, Truth, Val,
};
use crate::check::source::Form;
use crate::check::typed::{Comparison, Quantifier};

/// A condition on each element of a list.
#[derive(Clone, Copy)]
struct Elements<'c, 'a> {
    load: &'c Load<'a>,
    slot: usize,
    body: &'c Cond<'a>,
}

impl<'a> Batch<'_, 'a> {
    /// Writes the truth of an assertion for each picked lane: it holds where its `when` is false.
    pub(super) fn assertion(
        &mut self,
        assertion: &BoundAssertion<'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        let Some(when) = &assertion.when else {
            return self.subject(&assertion.subject, scope, picked, out);
        };
        self.truths(when, scope, picked, out);
        let mut found = self.scratch.truths(out.len());
        let mut asked = self.scratch.numbers();
        keep_unless(&mut asked, picked, out, Truth::False);
        self.subject(&assertion.subject, scope, &asked, &mut found);
        for lane in picked {
            let exempt = truth_of(out, *lane).negate_if(true);
            let truth =
                if exempt == Truth::True { exempt } else { exempt.or(truth_of(&found, *lane)) };
            set(out, *lane, truth);
        }
        self.scratch.numbers.push(asked);
        self.scratch.truths.push(found);
    }

    fn subject(
        &mut self,
        subject: &BoundSubject<'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        let (form, list, slot, body) = match subject {
            BoundSubject::That(condition) => return self.truths(condition, scope, picked, out),
            BoundSubject::Elements { form, list, slot, filter, .. } => (form, list, *slot, filter),
        };
        let Stream::Load(load) = list else {
            return self.one_by_one(scope, picked, out, |eval, frame| subject.truth(eval, frame));
        };
        let elements = Elements { load, slot, body };
        match form {
            Form::None => {
                self.any(elements, false, scope, picked, out);
                negate(picked, out);
            }
            Form::Every => self.every(elements, scope, picked, out),
            Form::Some => self.any(elements, false, scope, picked, out),
            // `that` has no elements.
            Form::One | Form::That => self.counted(elements, scope, picked, out, Count::is_one),
        }
    }

    /// Writes the truth of a condition for each picked lane.
    fn truths(&mut self, cond: &Cond<'a>, scope: Scope<'_>, picked: &[u32], out: &mut [Truth]) {
        let eval = self.eval;
        match cond {
            Cond::Const(truth) => fill(out, picked, *truth),
            Cond::All(items) => self.junction(items, Truth::False, scope, picked, out),
            Cond::Any(items) => self.junction(items, Truth::True, scope, picked, out),
            Cond::Not(inner) => {
                self.truths(inner, scope, picked, out);
                negate(picked, out);
            }
            Cond::Load { load, negate } => {
                self.leaf(load, scope, picked, out, |value| holds(value).negate_if(*negate))
            }
            Cond::Has { load, negate } => {
                self.leaf(load, scope, picked, out, |value| is_set(value).negate_if(*negate))
            }
            Cond::Word { load, words, negate } => self
                .leaf(load, scope, picked, out, |value| is_word(value, words).negate_if(*negate)),
            Cond::TextIs { load, texts, negate } => self.leaf(load, scope, picked, out, |value| {
                eval.is_text(value, texts).negate_if(*negate)
            }),
            Cond::IsInternet(CidrPlan::Load(load)) => {
                self.leaf(load, scope, picked, out, |value| {
                    let bits = eval.prefix_length(value);
                    bits.map_or(Truth::Unknown, |bits| Truth::of(bits == 0))
                });
            }
            Cond::Covers(covers) => self.covers(covers, scope, picked, out),
            Cond::TextTest(test, TextPlan::Load(load), TextPlan::Const(arg)) => {
                self.text_test(*test, load, arg, scope, picked, out);
            }
            Cond::Numbers(comparison, left, right) => {
                let number = Compared::new(*comparison, left, right);
                self.numbers(cond, number, scope, picked, out);
            }
            Cond::Quantified(quantifier, list, slot, body) => match &**list {
                Stream::Load(load) => {
                    let elements = Elements { load, slot: *slot, body };
                    self.quantified(*quantifier, elements, scope, picked, out);
                }
                _ => self.each(cond, scope, picked, out),
            },
            Cond::Same { .. }
            | Cond::In(..)
            | Cond::TextTest(..)
            | Cond::Matches(..)
            | Cond::IsInternet(CidrPlan::Const(_))
            | Cond::CidrContains(..) => self.each(cond, scope, picked, out),
        }
    }

    /// A condition on the value at the end of a way.
    pub(super) fn leaf(
        &mut self,
        load: &Load<'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
        mut truth: impl FnMut(Val<'a>) -> Truth,
    ) {
        let slots = self.eval.store.slots();
        self.at(load, scope, picked, out, |place| truth(Val::Stored(slots.get(place))));
    }

    /// A condition on the place to which a way leads.
    pub(super) fn at(
        &mut self,
        load: &Load<'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
        mut truth: impl FnMut(u32) -> Truth,
    ) {
        let places = self.gather(load, scope, picked);
        // In the places of `out` where they are all of them, else side by side and from there.
        let apart = picked.len() < out.len();
        let mut spare = self.scratch.truths(if apart { picked.len() } else { 0 });
        let found = if apart { spare.as_mut_slice() } else { &mut *out };
        for (place, found) in places.iter().zip(found) {
            *found = truth(*place);
        }
        picked.iter().zip(&spare).for_each(|(lane, truth)| set(out, *lane, *truth));
        self.scratch.truths.push(spare);
        self.scratch.numbers.push(places);
    }

    /// `and` and `or`: each item is asked only about the lanes that those before it leave open.
    pub(super) fn junction(
        &mut self,
        items: &[Cond<'a>],
        decides: Truth,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        let others = match items {
            [] => return fill(out, picked, decides.negate_if(true)),
            [Cond::Has { load, negate }, second, others @ ..]
                if *negate == (decides == Truth::True)
                    && self.guarded(load, second, decides, scope, picked, out) =>
            {
                others
            }
            [first, others @ ..] => {
                self.truths(first, scope, picked, out);
                others
            }
        };
        if others.is_empty() {
            return;
        }
        let mut left = self.scratch.numbers();
        let mut found = self.scratch.truths(out.len());
        keep_unless(&mut left, picked, out, decides);
        for item in others {
            if left.is_empty() {
                break;
            }
            self.truths(item, scope, &left, &mut found);
            left.retain(|lane| match truth_of(&found, *lane) {
                truth if truth == decides => {
                    set(out, *lane, decides);
                    false
                }
                Truth::Unknown => {
                    set(out, *lane, Truth::Unknown);
                    true
                }
                Truth::True | Truth::False => true,
            });
        }
        self.scratch.numbers.push(left);
        self.scratch.truths.push(found);
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        elements: Elements<'_, 'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        match quantifier {
            Quantifier::Exists => self.any(elements, false, scope, picked, out),
            Quantifier::All => self.every(elements, scope, picked, out),
            Quantifier::ExistsOne => self.counted(elements, scope, picked, out, Count::is_one),
        }
    }

    fn every(
        &mut self,
        elements: Elements<'_, 'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        self.any(elements, true, scope, picked, out);
        negate(picked, out);
    }

    /// Whether the condition, or its opposite, holds for an element at least.
    fn any(
        &mut self,
        elements: Elements<'_, 'a>,
        opposite: bool,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        fill(out, picked, Truth::False);
        let store = self.eval.store;
        self.over(elements, scope, picked, |lanes, found| {
            for (lane, truth) in found.iter().enumerate() {
                let truth = truth.negate_if(opposite);
                // Nearly all elements change nothing.
                if truth != Truth::False
                    && let Some((parent, presence)) = lanes.element(store, lane)
                {
                    set(out, parent, truth_of(out, parent).or(presence.and(truth)));
                }
            }
        });
    }

    /// What follows from the number of elements for which the condition holds.
    fn counted(
        &mut self,
        elements: Elements<'_, 'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
        tell: impl Fn(Count) -> Truth,
    ) {
        let none = tell(Count::default());
        fill(out, picked, none);
        let store = self.eval.store;
        self.over(elements, scope, picked, |lanes, found| {
            let (mut last, mut count) = (None, Count::default());
            for (lane, truth) in found.iter().enumerate() {
                // Nearly all elements do not count.
                if *truth == Truth::False {
                    continue;
                }
                let Some((parent, presence)) = lanes.element(store, lane) else { continue };
                if last != Some(parent) {
                    (last, count) = (Some(parent), Count::default());
                }
                presence.where_it_holds(*truth).into_iter().for_each(|it| count.add(it));
                set(out, parent, tell(count));
            }
        });
    }

    /// Asks about the elements of all picked lanes, and hands their truths on.
    fn over(
        &mut self,
        elements: Elements<'_, 'a>,
        scope: Scope<'_>,
        picked: &[u32],
        fold: impl FnOnce(&Lanes, &[Truth]),
    ) {
        let lists = self.gather(elements.load, scope, picked);
        let mut lanes = self.scratch.lanes(elements.slot);
        let fit = lanes.add_elements(self.eval.store, picked, &lists, MAX_LANES);
        self.scratch.numbers.push(lists);
        let steps = if fit { u32::try_from(lanes.len()).unwrap_or(u32::MAX) } else { u32::MAX };
        if self.frame.spend(steps) {
            let mut found = self.scratch.truths(lanes.len());
            let inner = Scope { lanes: &lanes, around: Some(&scope) };
            self.truths(elements.body, inner, lanes.all(), &mut found);
            fold(&lanes, &found);
            self.scratch.truths.push(found);
        }
        self.scratch.lanes.push(lanes);
    }

    fn covers(
        &mut self,
        covers: &CoversPlan<'a>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        let mut asked = self.scratch.numbers();
        let slots = self.eval.store.slots();
        let value = |place: &u32| Val::Stored(slots.get(*place));
        let protocols = self.gather(&covers.protocol, scope, picked);
        let offered = picked.iter().zip(&protocols).map(|(lane, protocol)| {
            let (truth, ask) = match self.eval.covers_protocol(covers, value(protocol)) {
                Protocol::Decides(truth) => (truth, false),
                Protocol::Asked => (Truth::Unknown, true),
            };
            set(out, *lane, truth);
            (*lane, ask)
        });
        keep(&mut asked, offered);
        let from = self.gather(&covers.from_port, scope, &asked);
        let to = self.gather(&covers.to_port, scope, &asked);
        for ((lane, from), to) in asked.iter().zip(&from).zip(&to) {
            set(out, *lane, covers_ports(covers, value(from), value(to)));
        }
        self.scratch.numbers.push(asked);
        self.scratch.numbers.extend([protocols, from, to]);
    }

    fn numbers(
        &mut self,
        cond: &Cond<'a>,
        compared: Option<Compared<'_, 'a>>,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        let eval = self.eval;
        let Some(compared) = compared else { return self.each(cond, scope, picked, out) };
        let list = match compared.number {
            Num::Load(load) => {
                return self
                    .leaf(load, scope, picked, out, |value| compared.truth(number_of(value)));
            }
            Num::Size(list) => &**list,
            _ => return self.each(cond, scope, picked, out),
        };
        match list {
            Stream::Load(load) => {
                self.leaf(load, scope, picked, out, |value| compared.truth(eval.stored_size(value)))
            }
            Stream::Filter(inner, slot, body) if let Stream::Load(load) = &**inner => {
                let elements = Elements { load, slot: *slot, body };
                self.counted(elements, scope, picked, out, |count| compared.truth(count.size()));
            }
            _ => self.each(cond, scope, picked, out),
        }
    }

    fn each(&mut self, cond: &Cond<'a>, scope: Scope<'_>, picked: &[u32], out: &mut [Truth]) {
        self.one_by_one(scope, picked, out, |eval, frame| eval.truth(cond, frame));
    }

    fn one_by_one(
        &mut self,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
        truth: impl Fn(Eval<'a>, &mut Frame<'a>) -> Truth,
    ) {
        for lane in picked {
            if self.frame.spent() {
                return;
            }
            scope.fill(self.eval.store, *lane, &mut self.frame);
            set(out, *lane, truth(self.eval, &mut self.frame));
        }
    }
}

/// A number beside a constant.
#[derive(Clone, Copy)]
pub(super) struct Compared<'c, 'a> {
    pub(super) number: &'c Num<'a>,
    comparison: Comparison,
    constant: Interval,
    /// Whether the constant stands on the left.
    turned: bool,
}

impl<'c, 'a> Compared<'c, 'a> {
    pub(super) fn new(
        comparison: Comparison,
        left: &'c Num<'a>,
        right: &'c Num<'a>,
    ) -> Option<Self> {
        let (number, constant, turned) = match (left, right) {
            (number, Num::Const(constant)) => (number, *constant, false),
            (Num::Const(constant), number) => (number, *constant, true),
            _ => return None,
        };
        Some(Self { number, comparison, constant: Interval::exactly(constant), turned })
    }

    #[inline]
    pub(super) fn truth(self, number: Interval) -> Truth {
        if self.turned {
            self.constant.compare(self.comparison, number)
        } else {
            number.compare(self.comparison, self.constant)
        }
    }
}

fn negate(picked: &[u32], truths: &mut [Truth]) {
    for lane in picked {
        set(truths, *lane, truth_of(truths, *lane).negate_if(true));
    }
}
