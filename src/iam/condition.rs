//! Condition blocks: operators, keys and typed operands, and whether they hold for a request.
//!
//! Semantics: IAM User Guide, reference_policies_elements_condition and the pages below it. This module
//! knows nothing about statements; keys are looked up through [`Keys`].

mod operand;
mod operator;
mod satisfied;
mod scalar;

pub use operand::{Operand, Test};
pub use operator::{Comparison, Family, Operator, Quantifier};
pub(crate) use satisfied::variables;
pub use satisfied::{Keys, Present};
pub use scalar::{Instant, Number};

use super::json::Span;

/// One line of a condition block: an operator, a key, and the values it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is compared, and how.
    pub operator: Operator,
    /// The key in lower case: key names do not differ by case.
    pub key: Box<str>,
    /// The key as it was written.
    pub written_key: Box<str>,
    /// How many values a request may have for the key, as far as the reference data knows it.
    pub cardinality: Cardinality,
    /// The values; any of them suffices (or, for a negated operator, none may match). An empty list has
    /// no documented meaning, and the condition is unknown then.
    pub operands: Box<[Operand]>,
    /// Where the values stand.
    pub span: Span,
}

/// How many values a request may have for a condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cardinality {
    /// At most one.
    Single,
    /// A list, which only set operators can test.
    Multiple,
    /// The reference data does not know the key: a request that gives a list makes it multivalued.
    NotKnown,
}

#[cfg(test)]
mod tests;
