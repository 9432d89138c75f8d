//! Condition operators: their names taken apart into what they compare and how.

use std::fmt;

/// A condition operator such as `ForAnyValue:StringNotLikeIfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// Set operator in front, if any.
    pub quantifier: Quantifier,
    /// What kind of comparison it is.
    pub family: Family,
    /// Whether the operator says `Not`: it holds for an absent key, and if no operand matches.
    pub negated: bool,
    /// Whether the name ends in `IfExists`: it holds for an absent key.
    pub if_exists: bool,
    name: &'static str,
}

/// The set operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// None: the key must have a single value.
    None,
    /// `ForAllValues`: every value of the request; holds for an absent key.
    ForAllValues,
    /// `ForAnyValue`: some value of the request; fails for an absent key.
    ForAnyValue,
}

/// The kinds of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `StringEquals`
    StringEquals,
    /// `StringEqualsIgnoreCase`
    StringEqualsIgnoreCase,
    /// `StringLike`: `*` and `?`, case matters.
    StringLike,
    /// `NumericEquals` and its kin.
    Numeric(Comparison),
    /// `DateEquals` and its kin.
    Date(Comparison),
    /// `Bool`
    Bool,
    /// `BinaryEquals`: base64 of the same bytes.
    Binary,
    /// `IpAddress`: address in a range.
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which mean the same.
    Arn,
    /// `Null`: whether the key is absent.
    Null,
}

/// How numbers and dates are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// The value of the request is less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// The value of the request is greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

impl Comparison {
    /// Whether the comparison holds for this order of the request's value and the operand.
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// Every operator without set operator and `IfExists`, as IAM spells it.
const NAMES: &[(&str, Family, bool)] = &[
    ("StringEquals", Family::StringEquals, false),
    ("StringNotEquals", Family::StringEquals, true),
    ("StringEqualsIgnoreCase", Family::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Family::StringEqualsIgnoreCase, true),
    ("StringLike", Family::StringLike, false),
    ("StringNotLike", Family::StringLike, true),
    ("NumericEquals", Family::Numeric(Comparison::Equal), false),
    ("NumericNotEquals", Family::Numeric(Comparison::Equal), true),
    ("NumericLessThan", Family::Numeric(Comparison::Less), false),
    ("NumericLessThanEquals", Family::Numeric(Comparison::LessOrEqual), false),
    ("NumericGreaterThan", Family::Numeric(Comparison::Greater), false),
    ("NumericGreaterThanEquals", Family::Numeric(Comparison::GreaterOrEqual), false),
    ("DateEquals", Family::Date(Comparison::Equal), false),
    ("DateNotEquals", Family::Date(Comparison::Equal), true),
    ("DateLessThan", Family::Date(Comparison::Less), false),
    ("DateLessThanEquals", Family::Date(Comparison::LessOrEqual), false),
    ("DateGreaterThan", Family::Date(Comparison::Greater), false),
    ("DateGreaterThanEquals", Family::Date(Comparison::GreaterOrEqual), false),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::IpAddress, false),
    ("NotIpAddress", Family::IpAddress, true),
    ("ArnEquals", Family::Arn, false),
    ("ArnLike", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnNotLike", Family::Arn, true),
    ("Null", Family::Null, false),
];

impl Operator {
    /// Takes the name of an operator apart. Letters may differ in case: AWS either refuses such a
    /// spelling, so that it does not occur, or means the same by it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => {
                (Quantifier::ForAllValues, rest)
            }
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => {
                (Quantifier::ForAnyValue, rest)
            }
            Some(_) => return None,
            None => (Quantifier::None, name),
        };
        let suffix = "IfExists";
        let split = rest.len().checked_sub(suffix.len()).and_then(|at| rest.split_at_checked(at));
        let (base, if_exists) = match split {
            Some((base, tail)) if tail.eq_ignore_ascii_case(suffix) => (base, true),
            _ => (rest, false),
        };
        let (name, family, negated) =
            *NAMES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(base))?;
        if family == Family::Null && if_exists {
            return None;
        }
        Some(Self { quantifier, family, negated, if_exists, name })
    }

    /// The name without set operator and `IfExists`, as IAM spells it.
    #[must_use]
    pub fn base_name(&self) -> &'static str {
        self.name
    }

    /// Every base name that exists.
    pub fn base_names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, ..)| *name)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.quantifier {
            Quantifier::None => "",
            Quantifier::ForAllValues => "ForAllValues:",
            Quantifier::ForAnyValue => "ForAnyValue:",
        })?;
        f.write_str(self.name)?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}
