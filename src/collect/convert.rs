//! Small steps from the SDK's types to slots.

use aws_smithy_types::DateTime;

use crate::inventory::{Items, Reason, ReasonKind, Slot, Time};

/// A point in time.
pub(super) fn time(at: Option<DateTime>) -> Slot<Time> {
    at.map(|at| Time(at.secs())).into()
}

/// Whole numbers.
pub(super) fn int(value: Option<i32>) -> Slot<i64> {
    value.map(i64::from).into()
}

/// A list that AWS leaves out when it is empty.
pub(super) fn texts(list: Option<Vec<String>>) -> Slot<Items<String>> {
    Slot::Known(list.unwrap_or_default().into())
}

/// Text that AWS leaves empty when there is nothing to say.
pub(super) fn text(value: Option<String>) -> Slot<String> {
    value.filter(|value| !value.is_empty()).into()
}

/// A value that the answer should have held.
pub(super) fn missing(what: &str) -> Reason {
    Reason::new(ReasonKind::Missing, "", what)
}

/// A success that lacks its content is no word of AWS.
pub(super) fn left_out<T>() -> Slot<T> {
    Slot::Unknown(missing("the reply left it out"))
}

/// What a part of an answer says about a field.
pub(super) fn field<T, U>(answer: &Slot<T>, read: impl FnOnce(&T) -> Slot<U>) -> Slot<U> {
    match answer {
        Slot::Known(value) => read(value),
        Slot::Pending => Slot::Pending,
        Slot::Absent => Slot::Absent,
        Slot::Unknown(reason) => Slot::Unknown(reason.clone()),
    }
}

/// A list whose reading may have ended early.
pub(super) fn items<T>(items: Vec<T>, missing: Option<Reason>) -> Slot<Items<T>> {
    match missing {
        Some(reason) if items.is_empty() => Slot::Unknown(reason),
        missing => Slot::Known(Items { items, missing: missing.into_iter().collect() }),
    }
}
