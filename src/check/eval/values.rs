//! Values: numbers by their bounds, texts, address ranges, and whether two of them are equal.

use std::borrow::Cow;

use ipnet::IpNet;

use super::{Count, Eval, Frame, has_text};
use crate::aws::Arn;
use crate::check::plan::{CidrPlan, Interval, Num, Scalar, Stream, TextPlan, TextVal, Truth, Val};
use crate::check::typed::{ArnPart, Comparison, TextTest};
use crate::check::types::Const;
use crate::inventory::Value;

/// The bytes of text that are searched in one step.
const BYTES_A_STEP: usize = 256;

/// What is compared by `==`.
enum Atom<'a> {
    Unknown,
    Truth(Truth),
    Number(Interval),
    Text(TextVal<'a>),
    Cidr(IpNet),
}

impl<'a> Eval<'a> {
    /// A number.
    #[inline]
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
            Num::PrefixLength(cidr) => match self.prefix(cidr, frame) {
                Some(bits) => Interval::exactly(i64::from(bits)),
                None => Interval { low: 0, high: 128 },
            },
        }
    }

    /// The number of elements: at least the sure ones, at most those that may be there.
    pub(super) fn size(self, list: &Stream<'a>, frame: &mut Frame<'a>) -> Interval {
        if let Stream::Load(load) = list {
            return self.stored_size(self.fetch(load, frame));
        }
        let mut count = Count::default();
        self.each(list, frame, |_, _, presence| {
            count.add(presence);
            true
        });
        count.size()
    }

    /// The size of a list as it is in the inventory.
    #[inline]
    pub fn stored_size(self, list: Val<'a>) -> Interval {
        let Val::Stored(Value::List { len, open, .. }) = list else {
            return Interval { low: 0, high: i64::MAX };
        };
        let high = if open > 0 { i64::MAX } else { i64::from(len) };
        Interval { low: i64::from(len - open), high }
    }

    /// A text; `None` where it is not known.
    #[inline]
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

    /// The text that a value is.
    #[inline]
    pub fn text_of(self, value: Val<'a>) -> Option<TextVal<'a>> {
        match value {
            Val::Stored(value @ (Value::Text { .. } | Value::Symbol(_))) => {
                self.store.text(value).map(plain)
            }
            Val::Const(Const::Text(text)) => Some(plain(text)),
            Val::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn text_test(
        self,
        test: TextTest,
        text: &TextPlan<'a>,
        arg: &TextPlan<'a>,
        frame: &mut Frame<'a>,
    ) -> Truth {
        let (Some(text), Some(arg)) = (self.text(text, frame), self.text(arg, frame)) else {
            return Truth::Unknown;
        };
        if !frame.spend(search_steps(text.text.len())) {
            return Truth::Unknown;
        }
        has_text(test, text, arg)
    }

    /// How many leading bits of an address range are fixed.
    pub(super) fn prefix(self, cidr: &CidrPlan<'a>, frame: &Frame<'a>) -> Option<u8> {
        match cidr {
            CidrPlan::Const(net) => Some(net.prefix_len()),
            CidrPlan::Load(load) => self.prefix_length(self.fetch(load, frame)),
        }
    }

    pub(super) fn cidr(self, cidr: &CidrPlan<'a>, frame: &Frame<'a>) -> Option<IpNet> {
        match cidr {
            CidrPlan::Const(net) => Some(*net),
            CidrPlan::Load(load) => match self.fetch(load, frame) {
                Val::Stored(Value::Cidr { id, .. }) => self.store.cidr(id).map(|facts| facts.net),
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
            (Atom::Number(left), Atom::Number(right)) => left.compare(Comparison::Equal, right),
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
            Val::Stored(Value::Cidr { id, .. }) => {
                self.store.cidr(id).map_or(Atom::Unknown, |facts| Atom::Cidr(facts.net))
            }
            Val::Const(Const::Cidr(facts)) => Atom::Cidr(facts.net),
            value => self.text_of(value).map_or(Atom::Unknown, Atom::Text),
        }
    }
}

/// Text as it is.
pub fn plain(text: &str) -> TextVal<'_> {
    TextVal { text, lower: false }
}

#[inline]
pub(super) fn same_text(left: TextVal<'_>, right: TextVal<'_>) -> bool {
    if left.lower || right.lower {
        return spelled(left) == spelled(right);
    }
    left.text == right.text
}

/// The text in the case in which it is to be read.
pub fn spelled(text: TextVal<'_>) -> Cow<'_, str> {
    if text.lower && text.text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text.text)
    }
}

/// The steps that a search in a text of so many bytes takes.
pub fn search_steps(len: usize) -> u32 {
    u32::try_from(len / BYTES_A_STEP).unwrap_or(u32::MAX).saturating_add(1)
}

/// A number.
#[inline]
pub fn number_of(value: Val<'_>) -> Interval {
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
