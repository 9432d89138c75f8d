//! What can be wrong with a policy document.

use std::fmt;

use super::super::json::Span;
use super::super::pattern::VariableError;
use super::super::principal::PrincipalError;
use super::Kind;

/// One problem of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a JSON pointer (RFC 6901); empty for the document itself.
    pub pointer: String,
    /// Where, in bytes.
    pub span: Span,
    /// What.
    pub fault: Fault,
}

/// The kinds of problems. Names and values are as the document has them, cut to a bounded length.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not JSON, or nested too deep.
    #[error("{0}")]
    Syntax(&'static str),
    /// Larger than [`super::MAX_BYTES`].
    #[error("larger than {} bytes", super::MAX_BYTES)]
    TooLarge,
    /// More than [`super::MAX_STATEMENTS`].
    #[error("more than {} statements", super::MAX_STATEMENTS)]
    TooManyStatements,
    /// A value of the wrong JSON type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What belongs here.
        expected: &'static str,
        /// What stands here.
        found: &'static str,
    },
    /// A key that occurs twice in one object.
    #[error("`{0}` occurs more than once")]
    DuplicateKey(String),
    /// A key that the policy language does not have.
    #[error("`{0}` is not an element of the policy language")]
    UnknownElement(String),
    /// An element that must be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Both forms of an element.
    #[error("`{0}` and `{1}` exclude each other")]
    Both(&'static str, &'static str),
    /// An element that this kind of policy must not have.
    #[error("a {} must not have `{element}`", kind.name())]
    NotAllowedHere {
        /// The element.
        element: &'static str,
        /// What the document is used as.
        kind: Kind,
    },
    /// A version other than the two.
    #[error("`{0}` is not a version of the policy language")]
    Version(String),
    /// An effect other than `Allow` and `Deny`, which are case-sensitive.
    #[error("the effect is `Allow` or `Deny`, not `{0}`")]
    Effect(String),
    /// Not `*` and not `service:name`.
    #[error("`{0}` is neither `*` nor `service:action`")]
    Action(String),
    /// Empty, or without any sign of an ARN.
    #[error("`{0}` is neither `*` nor an ARN")]
    Resource(String),
    /// Not a principal.
    #[error("`{0}`: {1}")]
    Principal(String, PrincipalError),
    /// Not a condition operator.
    #[error("`{0}` is not a condition operator")]
    Operator(String),
    /// An empty condition key.
    #[error("a condition key is empty")]
    EmptyKey,
    /// A malformed policy variable.
    #[error("`{0}`: {1}")]
    Variable(String, VariableError),
}

/// A document that was not understood: all its problems, in the order of the text, at most 100.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Malformed {
    /// What is wrong; never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.problems.first() else { return f.write_str("malformed policy") };
        write!(f, "malformed policy: {first}")?;
        match self.problems.len() - 1 {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.pointer {
            "" => write!(f, "{}", self.fault),
            pointer => write!(f, "{pointer}: {}", self.fault),
        }
    }
}

/// Something odd about a document that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Two statements have the same `Sid`, which IAM does not accept.
    DuplicateSid(Box<str>),
    /// There is no statement.
    NoStatements,
    /// An element or a list of values is empty (JSON pointer).
    Empty(String),
    /// A condition value is not of its operator's type, so that its meaning is unknown (JSON pointer).
    Unusable(String),
    /// Something that AWS refuses, although it can mean one thing only: a principal as a bare string, an
    /// endpoint policy without principal (everyone), a trust policy with resources (JSON pointer).
    Refused(String),
    /// A deleted user or role is named by its unique id (JSON pointer).
    DeletedPrincipal(String),
}

/// Cuts what a document says to a length that a message can bear.
pub(super) fn cut(text: &str) -> String {
    const LIMIT: usize = 100;
    match text.char_indices().nth(LIMIT) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
