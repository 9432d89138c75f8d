//! Whether a condition holds: presence of the key, set operators, negation.

use super::super::pattern::{Resolved, Variables};
use super::super::truth::Truth;
use super::operand::Test;
use super::operator::{Family, Quantifier};
use super::{Cardinality, Condition};

/// What a request says about a condition key.
#[derive(Clone, Copy, Debug)]
pub enum Present<'a> {
    /// The request does not have the key.
    Absent,
    /// A single value.
    One(&'a str),
    /// A list of values, perhaps of one or none.
    Many(&'a [Box<str>]),
    /// It is not known.
    Unknown,
}

/// Whoever knows the condition keys of a request.
pub trait Keys {
    /// What the request says about a key that is given in lower case.
    fn key(&self, key: &str) -> Present<'_>;
}

/// Policy variables are condition keys with a single value.
struct KeyVariables<'a, K>(&'a K);

impl<K: Keys> Variables for KeyVariables<'_, K> {
    fn resolve(&self, key: &str) -> Resolved<'_> {
        match self.0.key(key) {
            Present::One(value) => Resolved::Value(value),
            Present::Many([value])
                if crate::iam::data::cardinality(key) != Cardinality::Multiple =>
            {
                Resolved::Value(value)
            }
            Present::Absent | Present::Many(_) => Resolved::Absent,
            Present::Unknown => Resolved::Unknown,
        }
    }
}

/// Lets condition keys stand for policy variables.
pub(crate) fn variables<K: Keys>(keys: &K) -> impl Variables + '_ {
    KeyVariables(keys)
}

impl Condition {
    /// Whether the condition holds for a request.
    pub fn satisfied(&self, keys: &impl Keys) -> Truth {
        if self.operands.is_empty() {
            return Truth::Unknown;
        }
        let present = keys.key(&self.key);
        if self.operator.family == Family::Null {
            return self.null(present);
        }
        match present {
            Present::Unknown => Truth::Unknown,
            Present::Absent => self.absent(),
            Present::One(value) => self.values(&[value], keys, self.cardinality),
            Present::Many([]) => self.absent(),
            Present::Many([value]) if self.cardinality != Cardinality::NotKnown => {
                self.values(&[value], keys, self.cardinality)
            }
            Present::Many(values) => self.values(values, keys, Cardinality::Multiple),
        }
    }

    /// The answer for an absent key; an empty list of values counts as absent.
    fn absent(&self) -> Truth {
        let operator = self.operator;
        Truth::from(match operator.quantifier {
            Quantifier::ForAllValues => true,
            Quantifier::ForAnyValue => operator.if_exists,
            Quantifier::None => operator.if_exists || operator.negated,
        })
    }

    fn values<S: AsRef<str>>(
        &self,
        values: &[S],
        keys: &impl Keys,
        cardinality: Cardinality,
    ) -> Truth {
        // A set of nothing but empty strings counts as no values at all: reference_policies_condition-
        // single-vs-multi-valued-context-keys speaks of "a null data set, such as an empty string".
        let null = values.iter().all(|v| v.as_ref().is_empty());
        match self.operator.quantifier {
            Quantifier::ForAllValues if null => Truth::True,
            Quantifier::ForAnyValue if null => Truth::False,
            Quantifier::ForAllValues => {
                Truth::all(values.iter().map(|v| self.one(v.as_ref(), keys)))
            }
            Quantifier::ForAnyValue => {
                Truth::any(values.iter().map(|v| self.one(v.as_ref(), keys)))
            }
            Quantifier::None if cardinality == Cardinality::Multiple => Truth::False,
            Quantifier::None => {
                values.first().map_or(Truth::Unknown, |v| self.one(v.as_ref(), keys))
            }
        }
    }

    /// Whether a single value passes, negation included.
    fn one(&self, value: &str, keys: &impl Keys) -> Truth {
        let variables = KeyVariables(keys);
        let family = self.operator.family;
        let matched =
            Truth::any(self.operands.iter().map(|o| o.matches(family, value, &variables)));
        if self.operator.negated { !matched } else { matched }
    }

    /// `Null` with `true` asks for absence, with `false` for presence. The two answers on which the
    /// set operators and the documentation are at odds stay unknown.
    fn null(&self, present: Present<'_>) -> Truth {
        let absent = match present {
            Present::Unknown => return Truth::Unknown,
            Present::Absent | Present::Many([]) => true,
            Present::One(_) | Present::Many(_) => false,
        };
        Truth::any(self.operands.iter().map(|operand| match operand.test {
            Test::Bool(wanted) => match (self.operator.quantifier, wanted, absent) {
                (Quantifier::ForAllValues, false, true) | (Quantifier::ForAnyValue, true, true) => {
                    Truth::Unknown
                }
                _ => Truth::from(wanted == absent),
            },
            _ => Truth::Unknown,
        }))
    }
}
