//! Values in the words of a message.

use super::{Explainer, Presence};
use crate::check::eval::spelled;
use crate::check::plan::{Interval, Scalar, Truth, Val};
use crate::check::types::{Const, Ty, duration_text};
use crate::inventory::{Row, Value, time_text};
use crate::schema::{Kind, RecordType};

/// The most items of a list that a message names.
const MAX_ITEMS: usize = 10;
const UNKNOWN: &str = "(unknown)";
const ABSENT: &str = "(not set)";

impl<'b, 'a> Explainer<'b, 'a> {
    /// The value of an expression in words.
    pub(super) fn in_words(&mut self, scalar: &'b Scalar<'a>) -> String {
        match scalar {
            Scalar::Load(load) => self.words(self.path(load).1, load.ty),
            Scalar::Const(constant) => const_words(constant),
            Scalar::Num(num, ty) => number_words(self.eval.number(num, &mut self.frame), ty),
            Scalar::Cond(_) | Scalar::Text(_) => {
                let value = self.eval.value(scalar, &mut self.frame);
                self.words(value, &Ty::Text)
            }
            Scalar::List(list, ty) => {
                let item = match ty {
                    Ty::List(item) => item,
                    other => *other,
                };
                let mut words = Vec::new();
                let mut open = false;
                for element in self.elements(list) {
                    match element.presence {
                        Presence::Sure => words.push(self.words(element.value, item)),
                        Presence::Maybe | Presence::Open => open = true,
                    }
                }
                list_words(words, open)
            }
        }
    }

    /// A value in words.
    pub(super) fn words(&self, value: Val<'a>, ty: &Ty) -> String {
        let store = self.eval.store;
        match value {
            Val::Const(constant) => const_words(constant),
            Val::Truth(Truth::True) => "true".into(),
            Val::Truth(Truth::False) => "false".into(),
            Val::Truth(Truth::Unknown) => UNKNOWN.into(),
            Val::Number(number) => number_words(number, ty),
            Val::Text(text) => spelled(text).into_owned(),
            Val::Stored(value) => match (value, ty) {
                (Value::Pending | Value::Unknown(_), _) => UNKNOWN.into(),
                (Value::Absent, _) => ABSENT.into(),
                (Value::Bool(value), _) => value.to_string(),
                (Value::Int(value), _) => value.to_string(),
                (Value::Time(seconds), _) => time_text(seconds),
                (Value::Symbol(_) | Value::Text { .. } | Value::Cidr { .. }, _) => {
                    store.text(value).unwrap_or(UNKNOWN).to_owned()
                }
                (Value::List { at, len, .. }, Ty::List(item)) => {
                    let items = store.items(at, len).iter();
                    let known = items.clone().filter(|it| store.why_unknown(**it).is_none());
                    let open = items.len() > known.clone().count();
                    let words = known.map(|it| self.words(Val::Stored(*it), item)).collect();
                    list_words(words, open)
                }
                (Value::Record(row), Ty::Record(record)) => self.record_words(record, row),
                (Value::List { .. } | Value::Record(_), _) => UNKNOWN.into(),
            },
        }
    }

    fn record_words(&self, record: &'static RecordType, row: Row) -> String {
        let named = match record.kind {
            Kind::Resource { id, .. } => Some(id),
            Kind::Part { shown_as } => shown_as,
        };
        let field = named.and_then(|name| record.field(name));
        let Some((place, field)) = field else { return record.name.to_owned() };
        let value = self.eval.store.slot(row.field(place));
        self.words(Val::Stored(value), &Ty::of(&field.ty))
    }
}

fn const_words(constant: &Const) -> String {
    match constant {
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Text(text) => text.clone(),
        Const::Duration(seconds) => duration_text(*seconds),
        Const::Cidr(cidr) => cidr.text.to_string(),
        Const::Ports(ports) => ports.to_string(),
        Const::List(items) => list_words(items.iter().map(const_words).collect(), false),
    }
}

fn number_words(number: Interval, ty: &Ty) -> String {
    let words = |value: i64| match ty {
        Ty::Time => time_text(value),
        Ty::Duration => duration_text(value),
        _ => value.to_string(),
    };
    match (number.exact(), number.low) {
        (Some(value), _) => words(value),
        (None, i64::MIN) => UNKNOWN.into(),
        (None, low) if number.high == i64::MAX => format!("at least {}", words(low)),
        (None, _) => UNKNOWN.into(),
    }
}

fn list_words(mut words: Vec<String>, open: bool) -> String {
    let more = words.len().saturating_sub(MAX_ITEMS);
    words.truncate(MAX_ITEMS);
    let mut text = if words.is_empty() { "nothing".into() } else { words.join(", ") };
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    if open {
        text.push_str(" and perhaps more");
    }
    text
}
