//! Values on their way into the inventory: what collectors, fixtures and snapshots hand over.
//!
//! A [`Draft`] is a tree that is dropped as soon as it is stored. [`Slot`] is its typed form, which
//! collectors and derived fields write, so that the compiler checks them against the declaration.

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use crate::schema::{RecordType, Type};

/// A value before it is stored. As JSON, which only journals hold, its kinds have short names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Draft {
    /// Nothing was handed over: a relation or derived field is still to be computed, any other
    /// field was not collected.
    #[serde(rename = "-")]
    Pending,
    /// It could not be read or decided. Reasons are large and values many.
    #[serde(rename = "?")]
    Unknown(Box<Reason>),
    /// AWS says: not configured.
    #[serde(rename = "0")]
    Absent,
    /// True or false.
    #[serde(rename = "b")]
    Bool(bool),
    /// An integer.
    #[serde(rename = "i")]
    Int(i64),
    /// Text.
    #[serde(rename = "s")]
    Text(String),
    /// Seconds since 1970-01-01T00:00:00Z.
    #[serde(rename = "t")]
    Time(i64),
    /// The items; an item may be [`Draft::Unknown`], which says that there may be more.
    #[serde(rename = "l")]
    List(Vec<Draft>),
    /// A record's fields in the order of its type.
    #[serde(rename = "r")]
    Record(Vec<Draft>),
}

/// A value that may be absent or unknown.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Slot<T> {
    /// Nobody read it.
    #[default]
    Pending,
    /// AWS says: not configured.
    Absent,
    /// It could not be read or decided.
    Unknown(Reason),
    /// The value.
    Known(T),
}

impl<T> Slot<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Pending | Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// The same state with the value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Slot<U> {
        match self {
            Self::Pending => Slot::Pending,
            Self::Absent => Slot::Absent,
            Self::Unknown(reason) => Slot::Unknown(reason),
            Self::Known(value) => Slot::Known(change(value)),
        }
    }
}

impl<T> From<T> for Slot<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

/// `None` is [`Slot::Absent`]; in a field that is always there the inventory turns it to unknown.
impl<T> From<Option<T>> for Slot<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}

impl<T> From<Result<T, Reason>> for Slot<T> {
    fn from(value: Result<T, Reason>) -> Self {
        value.map_or_else(Self::Unknown, Self::Known)
    }
}

impl<T> From<Result<Option<T>, Reason>> for Slot<T> {
    fn from(value: Result<Option<T>, Reason>) -> Self {
        value.map_or_else(Self::Unknown, Self::from)
    }
}

impl From<&str> for Slot<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.into())
    }
}

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

/// Text of an address range; text that is none becomes unknown when it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CidrText(pub String);

/// A list that may be known only in part.
#[derive(Debug, Clone, PartialEq)]
pub struct Items<T> {
    /// The items read.
    pub items: Vec<T>,
    /// Why there may be more; empty when the list is whole.
    pub missing: Vec<Reason>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: Vec::new(), missing: Vec::new() }
    }
}

impl<T> From<Vec<T>> for Items<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, missing: Vec::new() }
    }
}

impl<T> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::from(items.into_iter().collect::<Vec<_>>())
    }
}

/// A Rust type that declares the type of a field and turns into a [`Draft`].
pub trait SlotType {
    /// The type of the value, without the option.
    type Value;
    /// The field's type.
    const TYPE: Type;
    /// Whether the field may be absent.
    const OPTIONAL: bool = false;

    /// The value as a draft.
    fn draft(value: Self::Value) -> Draft;
}

macro_rules! scalar {
    ($rust:ty, $ty:ident, $value:ident => $draft:expr) => {
        impl SlotType for $rust {
            type Value = Self;
            const TYPE: Type = Type::$ty;

            fn draft($value: Self) -> Draft {
                $draft
            }
        }
    };
}

scalar!(bool, Bool, value => Draft::Bool(value));
scalar!(i64, Int, value => Draft::Int(value));
scalar!(String, Text, value => Draft::Text(value));
scalar!(Time, Timestamp, value => Draft::Time(value.0));
scalar!(CidrText, Cidr, value => Draft::Text(value.0));

impl<T: SlotType> SlotType for Option<T> {
    type Value = T::Value;
    const TYPE: Type = T::TYPE;
    const OPTIONAL: bool = true;

    fn draft(value: T::Value) -> Draft {
        T::draft(value)
    }
}

impl<T: SlotType<Value = T>> SlotType for Items<T> {
    type Value = Self;
    const TYPE: Type = Type::List(&T::TYPE);

    fn draft(value: Self) -> Draft {
        let items = value.items.into_iter().map(T::draft);
        let missing = Reason::fold(value.missing).into_iter();
        let missing = missing.map(|reason| Draft::Unknown(Box::new(reason)));
        Draft::List(items.chain(missing).collect())
    }
}

impl<T> Slot<T> {
    /// The slot as a draft, by the type of its field.
    pub fn into_draft<F: SlotType<Value = T>>(self) -> Draft {
        match self {
            Self::Pending => Draft::Pending,
            Self::Absent => Draft::Absent,
            Self::Unknown(reason) => Draft::Unknown(Box::new(reason)),
            Self::Known(value) => F::draft(value),
        }
    }
}

/// A struct declared by `resource!` or `part!`.
pub trait Record: SlotType<Value = Self> + Sized {
    /// Its type.
    fn record() -> &'static RecordType;
}
