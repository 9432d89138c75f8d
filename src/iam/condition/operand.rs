//! The values of a condition block, each parsed once for its operator.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::pattern::{ArnPattern, Case, Pattern, VariableError, Variables, Version};
use super::super::truth::Truth;
use super::operator::Family;
use super::scalar::{self, Instant, Number};

/// A value that a condition compares with.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// The value as it was written (numbers and booleans as JSON spells them).
    pub text: Box<str>,
    /// What it means to its operator.
    pub test: Test,
}

/// A parsed operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A string or glob, perhaps with variables.
    Text(Pattern),
    /// An ARN with wildcards.
    Arn(ArnPattern),
    /// A number.
    Number(Number),
    /// A point in time.
    Instant(Instant),
    /// A boolean, also for `Null`.
    Bool(bool),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// A range of addresses; a bare address is a range of one.
    Range(IpNet),
    /// Not a value of the operator's type. AWS stores some such documents and does not say what they
    /// mean, so that comparing with it gives an unknown answer.
    Unusable,
}

impl Operand {
    /// Parses a value for a kind of operator.
    ///
    /// # Errors
    /// A malformed policy variable, where the operator takes variables.
    pub fn parse(text: &str, family: Family, version: Version) -> Result<Self, VariableError> {
        let test = match family {
            Family::StringEquals | Family::StringEqualsIgnoreCase => {
                Test::Text(Pattern::exact(text, version)?)
            }
            Family::StringLike => Test::Text(Pattern::like(text, version)?),
            Family::Arn => Test::Arn(ArnPattern::parse(text, version)?),
            Family::Numeric(_) => Number::parse(text).map_or(Test::Unusable, Test::Number),
            Family::Date(_) => Instant::parse(text).map_or(Test::Unusable, Test::Instant),
            Family::Bool => boolean(text, version)?,
            Family::Null => scalar::boolean(text).map_or(Test::Unusable, Test::Bool),
            Family::Binary => scalar::bytes(text).map_or(Test::Unusable, Test::Bytes),
            Family::IpAddress => range(text).map_or(Test::Unusable, Test::Range),
        };
        Ok(Self { text: text.into(), test })
    }

    /// Whether one value of a request matches, before any negation.
    pub fn matches(&self, family: Family, value: &str, variables: &impl Variables) -> Truth {
        match (&self.test, family) {
            (Test::Text(pattern), Family::StringEqualsIgnoreCase | Family::Bool) => {
                pattern.matches(value, variables, Case::Insensitive)
            }
            (Test::Text(pattern), _) => pattern.matches(value, variables, Case::Sensitive),
            (Test::Arn(pattern), _) => pattern.matches(value, variables),
            (Test::Number(operand), Family::Numeric(comparison)) => {
                typed(Number::parse(value), |v| comparison.holds(v.cmp(operand)))
            }
            (Test::Instant(operand), Family::Date(comparison)) => {
                typed(Instant::parse(value), |v| comparison.holds(v.cmp(operand)))
            }
            // Evaluators differ on what is neither `true` nor `false`.
            (Test::Bool(operand), _) => {
                scalar::boolean(value).map_or(Truth::Unknown, |v| Truth::from(v == *operand))
            }
            (Test::Bytes(operand), _) => typed(scalar::bytes(value), |v| v == *operand),
            (Test::Range(operand), _) => {
                typed(value.parse::<IpAddr>().ok(), |v| operand.contains(&v))
            }
            (Test::Unusable | Test::Number(_) | Test::Instant(_), _) => Truth::Unknown,
        }
    }
}

/// A value of the request that is not of the operator's type equals nothing.
fn typed<T>(value: Option<T>, test: impl FnOnce(T) -> bool) -> Truth {
    Truth::from(value.is_some_and(test))
}

fn boolean(text: &str, version: Version) -> Result<Test, VariableError> {
    if let Some(value) = scalar::boolean(text) {
        return Ok(Test::Bool(value));
    }
    let pattern = Pattern::exact(text, version)?;
    Ok(if pattern.has_variable() { Test::Text(pattern) } else { Test::Unusable })
}

fn range(text: &str) -> Option<IpNet> {
    if let Ok(net) = text.parse::<IpNet>() {
        return Some(net);
    }
    text.parse::<IpAddr>().ok().map(IpNet::from)
}
