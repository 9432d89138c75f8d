//! The values of the names in remediation texts, for the resource and each failing element.

use super::elements::Element;
use super::{Explainer, MAX_ELEMENTS, Presence};
use crate::check::bind::{BoundAssertion, BoundBlank};
use crate::check::plan::{Scalar, Truth, Val};
use crate::check::remedy::Values;
use crate::check::types::{Const, Ty};
use crate::inventory::Value;

impl<'b, 'a> Explainer<'b, 'a> {
    /// Keeps the values of a failing element that remediation speaks of.
    pub(super) fn blame(&mut self, assertion: &'b BoundAssertion<'a>, element: &Element<'b, 'a>) {
        if assertion.blanks.is_empty() || self.rows.len() >= MAX_ELEMENTS {
            return;
        }
        let mut row = Values::new();
        for place in &assertion.blanks {
            let Some(blank) = self.bound.blanks.get(*place) else { continue };
            let Some(slot) = blank.slot else { continue };
            self.enter(slot, element);
            if let Some(values) = self.values(blank) {
                row.insert(blank.name.to_owned(), values);
            }
        }
        if !row.is_empty() && !self.rows.contains(&row) {
            self.rows.push(row);
        }
    }

    /// The values by failing element, each with those of the resource.
    pub(super) fn rows(&mut self) -> Vec<Values> {
        let bound = self.bound;
        let mut own = Values::new();
        for blank in bound.blanks.iter().filter(|blank| blank.slot.is_none()) {
            if let Some(values) = self.values(blank) {
                own.insert(blank.name.to_owned(), values);
            }
        }
        let mut rows = std::mem::take(&mut self.rows);
        if rows.is_empty() && !own.is_empty() {
            rows.push(Values::new());
        }
        for row in &mut rows {
            row.extend(own.clone());
        }
        rows
    }

    fn values(&mut self, blank: &'b BoundBlank<'a>) -> Option<Vec<String>> {
        let values = self.known(&blank.value)?;
        // A text of ids, which hold no blanks, is a list of them.
        if blank.name.ends_with("_ids") {
            let each = values.iter().flat_map(|it| it.split_whitespace()).map(str::to_owned);
            return Some(each.collect());
        }
        Some(values)
    }

    /// The values of an expression; `None` unless all of them are known.
    fn known(&mut self, scalar: &'b Scalar<'a>) -> Option<Vec<String>> {
        match scalar {
            Scalar::Load(load) => self.known_value(self.path(load).1, load.ty),
            Scalar::Const(constant) => self.known_value(Val::Const(constant), &Ty::Text),
            Scalar::Num(num, ty) => {
                let number = self.eval.number(num, &mut self.frame);
                self.known_value(Val::Number(number), ty)
            }
            Scalar::Cond(_) | Scalar::Text(_) => {
                let value = self.eval.value(scalar, &mut self.frame);
                self.known_value(value, &Ty::Text)
            }
            Scalar::List(list, ty) => {
                let item = match ty {
                    Ty::List(item) => item,
                    other => *other,
                };
                let mut all = Vec::new();
                for element in self.elements(list) {
                    if element.presence != Presence::Sure {
                        return None;
                    }
                    all.extend(self.known_value(element.value, item)?);
                }
                Some(all)
            }
        }
    }

    fn known_value(&self, value: Val<'a>, ty: &Ty) -> Option<Vec<String>> {
        match (value, ty) {
            (Val::Const(Const::List(items)), _) => {
                let each = |item| self.known_value(Val::Const(item), ty);
                let all: Option<Vec<_>> = items.iter().map(each).collect();
                Some(all?.concat())
            }
            (Val::Stored(Value::List { at, len, .. }), Ty::List(item)) => {
                let items = self.eval.store.items(at, len).iter();
                let each = |value: &Value| self.known_value(Val::Stored(*value), item);
                let all: Option<Vec<_>> = items.map(each).collect();
                Some(all?.concat())
            }
            (Val::Stored(Value::Pending | Value::Unknown(_) | Value::Absent), _)
            | (Val::Truth(Truth::Unknown), _) => None,
            (Val::Number(number), _) if number.exact().is_none() => None,
            _ => Some(vec![self.words(value, ty)]),
        }
    }
}
