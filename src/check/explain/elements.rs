//! Evidence for lists: which elements decided, and where they stand.

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
    /// Its path from the resource, if one leads there.
    pub(super) path: Option<String>,
    /// The record type, if it is a record.
    record: Option<&'static RecordType>,
    /// The conditions that it passed, each with the variable it was in.
    passed: Vec<Passed<'b, 'a>>,
}

#[derive(Clone)]
struct Passed<'b, 'a> {
    slot: usize,
    value: Val<'a>,
    path: Option<String>,
    condition: &'b Cond<'a>,
}

impl<'b, 'a> Explainer<'b, 'a> {
    /// The elements of a list.
    pub(super) fn elements(&mut self, list: &'b Stream<'a>) -> Vec<Element<'b, 'a>> {
        let plain = |value, path| Element {
            value,
            presence: Presence::Sure,
            path,
            record: None,
            passed: Vec::new(),
        };
        match list {
            Stream::Load(load) => self.stored(load),
            Stream::Consts(items) => {
                items.iter().map(|item| plain(Val::Const(item), None)).collect()
            }
            Stream::Items(items) => {
                let mut elements = Vec::new();
                for item in items {
                    let path = match item {
                        Scalar::Load(load) => self.path(load).0,
                        _ => None,
                    };
                    elements.push(plain(self.eval.value(item, &mut self.frame), path));
                }
                elements
            }
            Stream::Filter(inner, slot, condition) => {
                let mut elements = self.elements(inner);
                elements.retain_mut(|element| {
                    self.enter(*slot, element);
                    let truth = self.eval.truth(condition, &mut self.frame);
                    if truth == Truth::Unknown && element.presence == Presence::Sure {
                        element.presence = Presence::Maybe;
                    }
                    element.passed.push(Passed {
                        slot: *slot,
                        value: element.value,
                        path: element.path.clone(),
                        condition,
                    });
                    truth != Truth::False
                });
                elements
            }
            Stream::Map(inner, slot, body) => {
                let mut elements = self.elements(inner);
                for element in &mut elements {
                    self.enter(*slot, element);
                    element.value = self.eval.value(body, &mut self.frame);
                    if let Scalar::Load(load) = &**body {
                        element.path = self.path(load).0;
                        element.record = record_of(load.ty);
                    }
                }
                elements
            }
        }
    }

    fn stored(&mut self, load: &'b crate::check::plan::Load<'a>) -> Vec<Element<'b, 'a>> {
        let (path, value) = self.path(load);
        let record = match load.ty {
            Ty::List(item) => record_of(item),
            _ => None,
        };
        let element = |value, presence, path| Element {
            value: Val::Stored(value),
            presence,
            path,
            record,
            passed: Vec::new(),
        };
        let Val::Stored(Value::List { at, len, .. }) = value else {
            let value = match value {
                Val::Stored(value @ Value::Unknown(_)) => value,
                _ => Value::Pending,
            };
            return vec![element(value, Presence::Open, path)];
        };
        let items = self.eval.store.items(at, len).iter().enumerate();
        items
            .map(|(place, value)| {
                let presence = match value {
                    Value::Unknown(_) | Value::Pending => Presence::Open,
                    _ => Presence::Sure,
                };
                let path = path.as_ref().map(|path| format!("{path}[{place}]"));
                element(*value, presence, path)
            })
            .collect()
    }

    /// Makes a variable stand for an element.
    pub(super) fn enter(&mut self, slot: usize, element: &Element<'b, 'a>) {
        self.set(slot, element.value, element.path.clone());
    }

    fn set(&mut self, slot: usize, value: Val<'a>, path: Option<String>) {
        self.frame.set(slot, value);
        if let Some(own) = self.paths.get_mut(slot) {
            *own = path;
        }
    }

    /// Why an element is in its list, or why that is not known.
    pub(super) fn present(&mut self, element: &Element<'b, 'a>) {
        if element.presence == Presence::Open {
            self.unknown_element(element);
            return;
        }
        for passed in &element.passed {
            self.set(passed.slot, passed.value, passed.path.clone());
            let truth = self.eval.truth(passed.condition, &mut self.frame);
            if truth == Truth::Unknown || element.presence == Presence::Sure {
                self.cond(passed.condition, truth);
            }
        }
    }

    fn unknown_element(&mut self, element: &Element<'b, 'a>) {
        let value = match element.value {
            Val::Stored(value) => value,
            Val::Const(_) | Val::Truth(_) | Val::Number(_) | Val::Text(_) => Value::Pending,
        };
        let reason = self.eval.store.why_unknown(value).or_else(|| {
            // A mapped element: the reason is that of the element it was made from.
            element.passed.iter().find_map(|passed| match passed.value {
                Val::Stored(value) => self.eval.store.why_unknown(value),
                _ => None,
            })
        });
        if let Some(reason) = reason {
            self.add_unknown(element.path.clone(), reason);
        }
    }

    /// An element that counts by being there is told by the fields that stand for it.
    pub(super) fn whole(&mut self, element: &Element<'b, 'a>, telling: Telling) {
        if telling == Telling::Unknowns {
            return;
        }
        let Val::Stored(value) = element.value else { return };
        match (value, element.record, &element.path) {
            (Value::Record(row), Some(record), Some(path)) => {
                if let Some(shown) = self.shown(record, row) {
                    self.add(path.clone(), shown);
                    return;
                }
                for field in telling_fields(record) {
                    self.field(&format!("{path}."), row, field);
                }
            }
            (value, None, Some(path)) => {
                if let Some(json) = self.json(value) {
                    self.add(path.clone(), json);
                }
            }
            _ => {}
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
        let limit = if truth == Truth::False { NEAR_MISSES } else { MAX_ELEMENTS };
        let told = self.tell(&elements, slot, body, opposite, truth, limit);
        if told == 0 && truth == Truth::False {
            self.empty(list);
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
        let told = self.tell(&elements, slot, body, false, wanted, MAX_ELEMENTS);
        // That the others are not so decides as well, unless two of them do.
        if told < 2 && truth != Truth::Unknown {
            self.any(list, slot, body, false, Truth::False);
        }
    }

    /// Tells of the elements for which a condition is so, and how many there are.
    fn tell(
        &mut self,
        elements: &[Element<'b, 'a>],
        slot: usize,
        body: &'b Cond<'a>,
        opposite: bool,
        wanted: Truth,
        limit: usize,
    ) -> usize {
        let mut told = 0;
        for element in elements {
            self.enter(slot, element);
            let truth = self.eval.truth(body, &mut self.frame).negate_if(opposite);
            if element.presence.and(truth) != wanted {
                continue;
            }
            told += 1;
            if told > limit {
                continue;
            }
            if wanted != Truth::False {
                self.present(element);
                self.enter(slot, element);
            }
            self.cond(body, truth.negate_if(opposite));
        }
        told
    }

    /// Why a list has no element.
    fn empty(&mut self, list: &'b Stream<'a>) {
        match list {
            Stream::Load(load) => self.leaf(load, Telling::Values),
            Stream::Filter(inner, slot, condition) => {
                self.any(inner, *slot, condition, false, Truth::False);
            }
            Stream::Map(inner, _, _) => self.empty(inner),
            Stream::Consts(_) | Stream::Items(_) => {}
        }
    }

    pub(super) fn membership(&mut self, item: &'b Scalar<'a>, list: &'b Stream<'a>, truth: Truth) {
        let item = self.eval.value(item, &mut self.frame);
        let limit = if truth == Truth::False { NEAR_MISSES } else { MAX_ELEMENTS };
        let elements = self.elements(list);
        if elements.is_empty() {
            self.empty(list);
        }
        let mut told = 0;
        for element in elements {
            let same = self.eval.same(item, element.value);
            if element.presence.and(same) == truth && told < limit {
                told += 1;
                self.present(&element);
                self.whole(&element, Telling::of(truth));
            }
        }
    }

    /// What decides the size of a list.
    pub(super) fn size(&mut self, list: &'b Stream<'a>, telling: Telling, bounds: Bounds) {
        match (list, telling) {
            (Stream::Load(load), Telling::Values) => self.leaf(load, telling),
            (_, Telling::Unknowns) => {
                for element in self.elements(list) {
                    if element.presence != Presence::Sure {
                        self.present(&element);
                    }
                }
            }
            (_, Telling::Values) => {
                let elements = self.elements(list);
                if bounds.low {
                    for element in elements.iter().take(MAX_ELEMENTS) {
                        self.present(element);
                    }
                }
                if let Stream::Filter(inner, slot, condition) = list
                    && bounds.high
                {
                    self.any(inner, *slot, condition, false, Truth::False);
                }
                if elements.is_empty() {
                    self.empty(list);
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
