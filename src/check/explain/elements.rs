//! Evidence for lists: which elements decided, and where they stand.

use super::origin::{Binding, Origin};
use super::{Explainer, MAX_ELEMENTS, NEAR_MISSES, Presence, Telling};
use crate::check::plan::{Cond, Scalar, Stream, Truth, Val};
use crate::check::typed::{Quantifier, telling_fields};
use crate::check::types::Ty;
use crate::inventory::Value;
use crate::schema::RecordType;

/// Which bounds of a number decided: that it is so large, that it is no larger.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: bool,
    pub(super) high: bool,
}

impl Bounds {
    pub(super) const BOTH: Self = Self { low: true, high: true };
}

/// An element of a list and how it got there.
#[derive(Clone)]
pub(super) struct Element<'b, 'a> {
    pub(super) value: Val<'a>,
    pub(super) presence: Presence,
    pub(super) origin: Origin<'b, 'a>,
    /// The record type, if it is a record.
    record: Option<&'static RecordType>,
    /// The unknown value in the inventory that may stand for any number of elements, and its path.
    open: Option<(Value, Option<String>)>,
    /// The conditions that it passed, each with the variable it was in.
    passed: Vec<Passed<'b, 'a>>,
}

#[derive(Clone)]
struct Passed<'b, 'a> {
    var: Binding<'b, 'a>,
    condition: &'b Cond<'a>,
}

impl<'b, 'a> Element<'b, 'a> {
    fn new(value: Val<'a>, presence: Presence, origin: Origin<'b, 'a>) -> Self {
        Self { value, presence, origin, record: None, open: None, passed: Vec::new() }
    }

    /// A variable that stands for the element.
    fn bound_to(&self, slot: usize) -> Binding<'b, 'a> {
        Binding { slot, value: self.value, origin: self.origin.clone() }
    }
}

impl<'b, 'a> Explainer<'b, 'a> {
    /// The elements of a list. Those that there are no steps left for may be any.
    pub(super) fn elements(&mut self, list: &'b Stream<'a>) -> Vec<Element<'b, 'a>> {
        let mut elements = match list {
            Stream::Load(load) => return self.stored(load),
            Stream::Consts(items) => {
                let element =
                    |item| Element::new(Val::Const(item), Presence::Sure, Origin::Nowhere);
                items.iter().map(element).collect()
            }
            Stream::Items(items) => {
                let mut elements = Vec::new();
                for item in items {
                    let value = self.eval.value(item, &mut self.frame);
                    elements.push(Element::new(value, Presence::Sure, self.origin_of(item, None)));
                }
                elements
            }
            Stream::Filter(inner, slot, condition) => {
                let mut elements = self.elements(inner);
                elements.retain_mut(|element| {
                    let var = element.bound_to(*slot);
                    self.bind(var.clone());
                    let truth = self.eval.truth(condition, &mut self.frame);
                    if truth == Truth::Unknown && element.presence == Presence::Sure {
                        element.presence = Presence::Maybe;
                    }
                    element.passed.push(Passed { var, condition });
                    truth != Truth::False
                });
                return elements;
            }
            Stream::Map(inner, slot, body) => {
                let mut elements = self.elements(inner);
                for element in &mut elements {
                    let var = element.bound_to(*slot);
                    self.bind(var.clone());
                    element.value = self.eval.value(body, &mut self.frame);
                    element.origin = self.origin_of(body, Some(var));
                    element.record = match &**body {
                        Scalar::Load(load) => record_of(load.ty),
                        _ => None,
                    };
                }
                return elements;
            }
        };
        let steps = u32::try_from(elements.len()).unwrap_or(u32::MAX);
        if !self.frame.spend(steps) {
            elements = vec![Element::new(Val::UNKNOWN, Presence::Open, Origin::Nowhere)];
        }
        elements
    }

    fn stored(&mut self, load: &'b crate::check::plan::Load<'a>) -> Vec<Element<'b, 'a>> {
        let (path, value) = self.path(load);
        let record = match load.ty {
            Ty::List(item) => record_of(item),
            _ => None,
        };
        let element = |value, path: Option<String>| {
            let presence = Presence::of(value);
            let open = (presence == Presence::Open).then(|| (value, path.clone()));
            Element { record, open, ..Element::new(Val::Stored(value), presence, path.into()) }
        };
        let Val::Stored(Value::List { at, len, .. }) = value else {
            let value = match value {
                Val::Stored(value @ Value::Unknown(_)) => value,
                _ => Value::Pending,
            };
            return vec![element(value, path)];
        };
        let mut elements = Vec::new();
        for (place, value) in self.eval.store.items(at, len).iter().enumerate() {
            if !self.frame.spend(1) {
                elements.push(Element::new(Val::UNKNOWN, Presence::Open, Origin::Nowhere));
                break;
            }
            elements.push(element(*value, path.as_ref().map(|path| format!("{path}[{place}]"))));
        }
        elements
    }

    /// Makes a variable stand for an element.
    pub(super) fn enter(&mut self, slot: usize, element: &Element<'b, 'a>) {
        self.bind(element.bound_to(slot));
    }

    /// Why an element is in its list, or why that is not known.
    pub(super) fn present(&mut self, element: &Element<'b, 'a>) {
        if element.presence == Presence::Open {
            if let Some((value, path)) = &element.open
                && let Some(reason) = self.eval.store.why_unknown(*value)
            {
                self.add_unknown(path.clone(), reason);
            }
            return;
        }
        for passed in &element.passed {
            self.bind(passed.var.clone());
            let truth = self.eval.truth(passed.condition, &mut self.frame);
            if truth == Truth::Unknown || element.presence == Presence::Sure {
                self.cond(passed.condition, truth);
            }
        }
    }

    /// What an element is, or why that is not known.
    pub(super) fn value_of(&mut self, element: &Element<'b, 'a>, telling: Telling) {
        match (&element.origin, element.value) {
            (Origin::Made(made), _) => self.made(made, telling),
            (Origin::At(path), Val::Stored(value)) => {
                match (self.eval.store.why_unknown(value), telling) {
                    (Some(reason), _) => self.add_unknown(Some(path.clone()), reason),
                    (None, Telling::Values) => self.whole(path, value, element.record),
                    (None, Telling::Unknowns) => {}
                }
            }
            (Origin::At(_) | Origin::Nowhere, _) => {}
        }
    }

    /// An element that counts by being there is told by the fields that stand for it.
    fn whole(&mut self, path: &str, value: Value, record: Option<&'static RecordType>) {
        match (value, record) {
            (Value::Record(row), Some(record)) => {
                if let Some(shown) = self.shown(record, row) {
                    self.add(path.to_owned(), shown);
                    return;
                }
                for field in telling_fields(record) {
                    self.field(&format!("{path}."), row, field);
                }
            }
            (value, None) => {
                if let Some(json) = self.json(value) {
                    self.add(path.to_owned(), json);
                }
            }
            (_, Some(_)) => {}
        }
    }

    pub(super) fn quantified(
        &mut self,
        quantifier: Quantifier,
        list: &'b Stream<'a>,
        slot: usize,
        body: &'b Cond<'a>,
        truth: Truth,
    ) {
        match quantifier {
            Quantifier::Exists => self.any(list, slot, body, false, truth),
            Quantifier::All => self.any(list, slot, body, true, truth.negate_if(true)),
            Quantifier::ExistsOne => self.exactly_one(list, slot, body, truth),
        }
    }

    /// Why a condition, or its opposite, holds for an element, for none, or perhaps.
    pub(super) fn any(
        &mut self,
        list: &'b Stream<'a>,
        slot: usize,
        body: &'b Cond<'a>,
        opposite: bool,
        truth: Truth,
    ) {
        let elements = self.elements(list);
        let told = self.tell(&elements, slot, body, opposite, truth);
        if truth == Truth::False {
            self.left_out(list, told > 0);
        }
    }

    pub(super) fn exactly_one(
        &mut self,
        list: &'b Stream<'a>,
        slot: usize,
        body: &'b Cond<'a>,
        truth: Truth,
    ) {
        let elements = self.elements(list);
        let wanted = if truth == Truth::Unknown { Truth::Unknown } else { Truth::True };
        let told = self.tell(&elements, slot, body, false, wanted);
        // That the others are not so decides as well, unless two of them do.
        if told < 2 && truth != Truth::Unknown {
            self.any(list, slot, body, false, Truth::False);
        }
    }

    /// How many elements to tell of: fewer where none is as wanted, and within others, where they
    /// multiply. One witness is enough, but each unknown may have a reason of its own.
    fn limit(&self, wanted: Truth) -> usize {
        let few = match wanted {
            Truth::False => true,
            Truth::True => self.depth > 0,
            Truth::Unknown => self.depth > 1,
        };
        if few { NEAR_MISSES } else { MAX_ELEMENTS }
    }

    /// Tells of the elements for which a condition is so, up to a limit, and how many that were.
    fn tell(
        &mut self,
        elements: &[Element<'b, 'a>],
        slot: usize,
        body: &'b Cond<'a>,
        opposite: bool,
        wanted: Truth,
    ) -> usize {
        let limit = self.limit(wanted);
        let mut told = 0;
        for element in elements {
            if told == limit || self.full() {
                break;
            }
            self.enter(slot, element);
            let truth = self.eval.truth(body, &mut self.frame).negate_if(opposite);
            if element.presence.and(truth) != wanted {
                continue;
            }
            told += 1;
            self.depth += 1;
            if wanted != Truth::False {
                self.present(element);
                if matches!(body, Cond::Const(_)) {
                    // It counts by being there.
                    self.value_of(element, Telling::of(truth));
                }
                self.enter(slot, element);
            }
            self.cond(body, truth.negate_if(opposite));
            self.depth -= 1;
        }
        told
    }

    /// Why a list has no other elements: those that a filter left out, or that it has none at all.
    fn left_out(&mut self, list: &'b Stream<'a>, told: bool) {
        match list {
            Stream::Load(load) if !told => self.leaf(load, Telling::Values),
            Stream::Filter(inner, slot, condition) => {
                let elements = self.elements(inner);
                let more = self.tell(&elements, *slot, condition, false, Truth::False);
                self.left_out(inner, told || more > 0);
            }
            Stream::Map(inner, _, _) => self.left_out(inner, told),
            Stream::Load(_) | Stream::Consts(_) | Stream::Items(_) => {}
        }
    }

    pub(super) fn membership(&mut self, item: &'b Scalar<'a>, list: &'b Stream<'a>, truth: Truth) {
        let item = self.eval.value(item, &mut self.frame);
        let limit = self.limit(truth);
        let mut told = 0;
        for element in self.elements(list) {
            if told == limit || self.full() {
                break;
            }
            let same = self.eval.same(item, element.value);
            if element.presence.and(same) != truth {
                continue;
            }
            told += 1;
            if truth != Truth::False {
                self.present(&element);
            }
            self.value_of(&element, Telling::of(truth));
        }
        if truth == Truth::False {
            self.left_out(list, told > 0);
        }
    }

    /// What decides the size of a list.
    pub(super) fn size(&mut self, list: &'b Stream<'a>, telling: Telling, bounds: Bounds) {
        match (list, telling) {
            (Stream::Load(load), Telling::Values) => self.leaf(load, telling),
            (Stream::Map(inner, _, _), _) => self.size(inner, telling, bounds),
            (Stream::Consts(_) | Stream::Items(_), _) => {}
            (Stream::Load(_) | Stream::Filter(..), Telling::Unknowns) => {
                for element in self.elements(list) {
                    if self.full() {
                        break;
                    }
                    if element.presence != Presence::Sure {
                        self.present(&element);
                    }
                }
            }
            (Stream::Filter(..), Telling::Values) => {
                let elements = self.elements(list);
                if bounds.low {
                    for element in elements.iter().take(MAX_ELEMENTS) {
                        self.present(element);
                    }
                }
                if bounds.high || elements.is_empty() {
                    self.left_out(list, false);
                }
            }
        }
    }
}

fn record_of(ty: &Ty) -> Option<&'static RecordType> {
    match ty {
        Ty::Record(record) => Some(record),
        _ => None,
    }
}
