//! Policy documents: the typed form of IAM's JSON, with every statement's place in the text.
//!
//! [`Document::parse`] accepts exactly what the grammar of the IAM User Guide describes for a kind of
//! policy, within bounds, and otherwise lists all problems: a document is either understood wholly or
//! not at all, so that nothing malformed can pass for harmless. This module does not decide anything.

mod parse;
mod problem;
mod statement;

pub use problem::{Fault, Malformed, Problem, Remark};

use super::condition::Condition;
use super::json::Span;
pub use super::pattern::Version;
use super::pattern::{Pattern, ResourcePattern};
use super::principal::PrincipalPattern;

/// The largest text that is read, in bytes. The largest policy that AWS stores is far below.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep a document may nest; a condition's list of values stands at level six.
pub const MAX_DEPTH: usize = 10;
/// How many statements are read.
pub const MAX_STATEMENTS: usize = 10_000;

/// Where a policy document is used, which decides the elements that it must and must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Attached to a user, group or role: no principal.
    Identity,
    /// Attached to a resource other than a role: principal needed, the resource may be left out.
    Resource,
    /// The trust policy of a role: principal needed, no resource.
    Trust,
    /// A service control policy: no principal.
    Scp,
    /// A resource control policy: principal needed.
    Rcp,
    /// A permissions boundary: no principal.
    Boundary,
    /// A session policy: no principal.
    Session,
    /// The policy of a VPC endpoint: principal needed.
    Endpoint,
}

impl Kind {
    /// Whether statements have a `Principal` or `NotPrincipal`; they must, or must not.
    #[must_use]
    pub fn has_principal(self) -> bool {
        match self {
            Self::Resource | Self::Trust | Self::Rcp | Self::Endpoint => true,
            Self::Identity | Self::Scp | Self::Boundary | Self::Session => false,
        }
    }

    /// The kind in words, for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Resource => "resource policy",
            Self::Trust => "trust policy",
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Endpoint => "endpoint policy",
        }
    }
}

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// An element in its positive or its `Not…` form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// What one of the patterns covers.
    Only,
    /// What none of the patterns covers.
    Except,
}

/// `Action`, `Resource`, `Principal`, or the `Not…` form of one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Element<T> {
    /// Which of the two forms.
    pub polarity: Polarity,
    /// The patterns, in the order of the text. Perhaps none: then the positive form covers nothing,
    /// and the `Not…` form everything.
    pub patterns: Box<[T]>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its number in the document, from 0.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<Box<str>>,
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it is about; `None` exactly in kinds of documents without principals.
    pub principal: Option<Element<PrincipalPattern>>,
    /// The actions, in lower case.
    pub action: Element<Pattern>,
    /// The resources; `None` means the resource that the policy is attached to.
    pub resource: Option<Element<ResourcePattern>>,
    /// The condition block; all must hold.
    pub conditions: Box<[Condition]>,
    /// Where it stands in the text.
    pub span: Span,
}

impl Statement {
    /// Its place as a JSON pointer (`/Statement/2`). A document whose `Statement` is a single object
    /// gives `/Statement/0` too.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("/Statement/{}", self.index)
    }

    /// How messages call it: by its `Sid` if it has one, else by its number from 1.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.sid {
            Some(sid) if !sid.is_empty() => format!("statement `{sid}`"),
            _ => format!("statement {}", self.index + 1),
        }
    }
}

/// A policy document that was understood wholly.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it is used as.
    pub kind: Kind,
    /// The version of the language; 2008-10-17 if the element is absent.
    pub version: Version,
    /// Its `Id`.
    pub id: Option<Box<str>>,
    /// Its statements, in the order of the text.
    pub statements: Box<[Statement]>,
    /// What AWS would warn about or refuse, although its meaning is clear.
    pub remarks: Box<[Remark]>,
}

#[cfg(test)]
mod tests;
