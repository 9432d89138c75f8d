//! Evidence for single values: their paths, and the form in which they are told.

use serde_json::Value as Json;

use super::elements::Bounds;
use super::origin::Origin;
use super::{Explainer, Telling};
use crate::check::plan::{CidrPlan, Interval, Load, Num, Scalar, Step, TextPlan, Truth, Val};
use crate::check::typed::{Comparison, FieldRef};
use crate::check::types::Ty;
use crate::inventory::{Reason, Row, Value, value_to_json};
use crate::schema::{Field, Origin as FieldOrigin, RecordType, Type};

impl<'b, 'a> Explainer<'b, 'a> {
    /// The path to the value at the end of a way, as far as it goes, and that value.
    pub(super) fn path(&self, load: &Load<'a>) -> (Option<String>, Val<'a>) {
        let mut path = self.origins.get(load.slot).and_then(Origin::path).cloned();
        let mut value = self.frame.var(load.slot);
        for step in &load.steps {
            let Val::Stored(Value::Record(row)) = value else { break };
            value = Val::Stored(self.eval.store.slot(row.slot(step.place)));
            if let Some(path) = &mut path {
                join(path, step.field.field.name);
            }
        }
        (path, value)
    }

    /// Keeps the value at the end of a way.
    pub(super) fn leaf(&mut self, load: &'b Load<'a>, telling: Telling) {
        if let Some(Origin::Made(made)) = self.origins.get(load.slot).cloned() {
            self.made(&made, telling);
            return;
        }
        let (path, value) = self.path(load);
        // Constants are no evidence.
        let Val::Stored(value) = value else { return };
        if let Some(reason) = self.eval.store.why_unknown(value) {
            // A value that was computed as unknown within a part that is told as a whole.
            let whole = self.parts_on_the_way(load, &mut |_, _, _| {});
            self.add_unknown(whole.or(path), reason);
            return;
        }
        if telling == Telling::Unknowns {
            return;
        }
        let told = self.parts_on_the_way(load, &mut |it, path, shown| it.add(path, shown));
        let (None, Some(path)) = (told, path) else { return };
        match (value, load.ty) {
            (Value::Record(row), Ty::Record(record)) => {
                if let Some(shown) = self.shown(record, row) {
                    self.add(path, shown);
                }
            }
            (value, _) => {
                if let Some(json) = self.json(value) {
                    self.add(path, json);
                }
            }
        }
    }

    /// Tells of the parts on a way that have a field which stands for them, up to the first whose
    /// field says all that there is to say of the rest of the way: its path.
    fn parts_on_the_way(
        &mut self,
        load: &Load<'a>,
        tell: &mut dyn FnMut(&mut Self, String, Json),
    ) -> Option<String> {
        let mut path = self.origins.get(load.slot).and_then(Origin::path).cloned()?;
        let mut value = self.frame.var(load.slot);
        let mut rest = &*load.steps;
        while let ([step, others @ ..], Val::Stored(Value::Record(row))) = (rest, value) {
            if let Some(shown) = self.shown(step.field.record, row) {
                tell(self, path.clone(), shown);
                if says_all(rest) {
                    return Some(path);
                }
            }
            value = Val::Stored(self.eval.store.slot(row.slot(step.place)));
            join(&mut path, step.field.field.name);
            rest = others;
        }
        None
    }

    /// The value of the field that stands for a record, where it has one that is known.
    pub(super) fn shown(&self, record: &RecordType, row: Row) -> Option<Json> {
        let (place, field) = record.field(record.shown_as()?)?;
        let value = self.eval.store.slot(row.field(place));
        match (value, &field.ty) {
            (Value::Unknown(_) | Value::Pending | Value::Absent, _) => None,
            (Value::Record(inner), Type::Record(record)) => self.shown(record.get(), inner),
            (value, _) => self.json(value),
        }
    }

    /// A field of a record that is told by its fields.
    pub(super) fn field(&mut self, prefix: &str, row: Row, field: FieldRef) {
        let path = format!("{prefix}{}", field.field.name);
        match (self.eval.store.slot(row.field(field.place)), &field.field.ty) {
            (Value::Absent | Value::Unknown(_) | Value::Pending, _) => {}
            (Value::Record(inner), Type::Record(record)) => {
                if let Some(shown) = self.shown(record.get(), inner) {
                    self.add(path, shown);
                }
            }
            (value, _) => {
                if let Some(json) = self.json(value) {
                    self.add(path, json);
                }
            }
        }
    }

    /// A stored value as evidence tells it: lists by the number of their known items, records not.
    pub(super) fn json(&self, value: Value) -> Option<Json> {
        match value {
            Value::List { at, len, .. } => {
                let items = self.eval.store.items(at, len).iter();
                let known =
                    items.filter(|item| !matches!(item, Value::Unknown(_) | Value::Pending));
                Some(Json::from(known.count()))
            }
            Value::Record(_) => None,
            // The type only matters for lists and records.
            value => value_to_json(self.eval.store, &Type::Text, value),
        }
    }

    /// The two sides of a comparison.
    pub(super) fn numbers(
        &mut self,
        comparison: Comparison,
        left: &'b Num<'a>,
        right: &'b Num<'a>,
        truth: Truth,
    ) {
        let telling = Telling::of(truth);
        let values =
            (self.eval.number(left, &mut self.frame), self.eval.number(right, &mut self.frame));
        let decides = |left: Interval, right: Interval| left.compare(comparison, right) == truth;
        let at_least = |number: Interval| Interval { high: i64::MAX, ..number };
        let at_most = |number: Interval| Interval { low: 0, ..number };
        match left {
            Num::Size(list) => self.size(
                list,
                telling,
                Bounds {
                    low: !decides(at_most(values.0), values.1),
                    high: !decides(at_least(values.0), values.1),
                },
            ),
            left => self.num(left, telling),
        }
        match right {
            Num::Size(list) => self.size(
                list,
                telling,
                Bounds {
                    low: !decides(values.0, at_most(values.1)),
                    high: !decides(values.0, at_least(values.1)),
                },
            ),
            right => self.num(right, telling),
        }
    }

    pub(super) fn num(&mut self, num: &'b Num<'a>, telling: Telling) {
        match num {
            Num::Const(_) => {}
            Num::Load(load) => self.leaf(load, telling),
            Num::Size(list) => self.size(list, telling, Bounds::BOTH),
            Num::AgeDays(inner) | Num::Negative(inner) => self.num(inner, telling),
            Num::Add(left, right) | Num::Subtract(left, right) => {
                self.num(left, telling);
                self.num(right, telling);
            }
            Num::PrefixLength(cidr) => self.cidr(cidr, telling),
        }
    }

    pub(super) fn text(&mut self, text: &'b TextPlan<'a>, telling: Telling) {
        match text {
            TextPlan::Const(_) => {}
            TextPlan::Load(load) => self.leaf(load, telling),
            TextPlan::Lower(inner) => self.text(inner, telling),
            TextPlan::ArnPart(_, inner) => {
                self.text(inner, telling);
                let known = self.eval.text(inner, &self.frame);
                if let (Some(known), None) = (known, self.eval.text(text, &self.frame)) {
                    let path = match &**inner {
                        TextPlan::Load(load) => self.path(load).0,
                        _ => None,
                    };
                    let reason = Reason::undecided(format!("`{}` is no ARN", known.text));
                    self.add_unknown(path, reason);
                }
            }
        }
    }

    pub(super) fn cidr(&mut self, cidr: &'b CidrPlan<'a>, telling: Telling) {
        match cidr {
            CidrPlan::Const(_) => {}
            CidrPlan::Load(load) => self.leaf(load, telling),
        }
    }

    pub(super) fn scalar(&mut self, scalar: &'b Scalar<'a>, telling: Telling) {
        match scalar {
            Scalar::Cond(cond) => {
                let truth = self.eval.truth(cond, &mut self.frame);
                if telling == Telling::Values || Telling::of(truth) == telling {
                    self.cond(cond, truth);
                }
            }
            Scalar::Num(num, _) => self.num(num, telling),
            Scalar::Text(text) => self.text(text, telling),
            Scalar::Const(_) => {}
            Scalar::Load(load) => self.leaf(load, telling),
            Scalar::List(list, _) => self.size(list, telling, Bounds::BOTH),
        }
    }
}

/// Whether the field that stands for a record says what is at the end of a way from it: the way leads
/// to that field, what is there is computed of it alone, or the record is itself a summary, computed
/// to be told by that field.
fn says_all(way: &[Step]) -> bool {
    let Some((step, rest)) = way.split_first() else { return true };
    let FieldRef { record, field, .. } = step.field;
    let Some(name) = record.shown_as() else { return false };
    let computed = |(_, shown): (usize, &Field)| matches!(shown.origin, FieldOrigin::Read([]));
    record.field(name).is_some_and(computed)
        || (field.name == name && says_all(rest))
        || matches!(field.origin, FieldOrigin::Derived { reads: [only] } if *only == name)
}

fn join(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
