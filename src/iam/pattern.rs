//! Patterns of policy documents: globs with `*` and `?`, the segment rules of ARNs, and policy variables.
//!
//! A [`Pattern`] is parsed once in the dialect of its place (action, resource, condition operator) and
//! then describes one language of strings, which [`Pattern::pieces`] shows to other procedures and
//! [`Pattern::matches`] tests. It knows neither statements nor requests: variables are resolved by
//! whoever implements [`Variables`].

mod arn;
mod matching;
mod parse;
mod variable;

pub use arn::{ArnPattern, ResourcePattern};
pub use variable::{NoVariables, Resolved, Variable, VariableError, Variables};

use super::truth::Truth;

/// The language version of a policy document, which decides whether `${…}` is a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2008-10-17`, also when the element is absent: `${…}` is ordinary text.
    V2008,
    /// `2012-10-17`: policy variables.
    V2012,
}

/// Whether letters that differ in case only are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They are equal.
    Insensitive,
}

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Exactly this text; never empty.
    Literal(Box<str>),
    /// `?`: exactly one character, which may be a colon only if `colon` says so.
    One {
        /// Whether the character may be a colon.
        colon: bool,
    },
    /// `*`: any run of characters, also none; colons are among them only if `colon` says so.
    Run {
        /// Whether the run may contain colons.
        colon: bool,
    },
    /// The value of a policy variable, taken literally.
    Variable(Variable),
}

/// A parsed pattern: the language of all strings that its pieces spell out one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: Box<str>,
    pieces: Box<[Piece]>,
    shape: Shape,
}

/// What a matcher needs to know before it looks at the pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shape {
    /// One run over everything: matches every string.
    Everything,
    /// No piece at all: matches the empty string.
    Empty,
    /// One literal.
    Literal,
    /// A literal and then a run over everything.
    Prefix,
    /// Literals, single characters and runs which all may contain colons.
    Glob,
    /// Some run stops at colons, so that a greedy walk does not suffice.
    Segmented,
    /// Some piece is a variable.
    Variables,
}

impl Pattern {
    /// A pattern of the `Action` element: letters are lowered, `${` has no meaning.
    #[must_use]
    pub fn action(text: &str) -> Self {
        parse::plain(text, &text.to_ascii_lowercase())
    }

    /// An operand of `StringLike`: wildcards, and variables in the newer version.
    ///
    /// # Errors
    /// A `${` that does not begin a well-formed variable.
    pub fn like(text: &str, version: Version) -> Result<Self, VariableError> {
        parse::condition(text, version, true)
    }

    /// An operand of `StringEquals`: no wildcards, but variables in the newer version.
    ///
    /// # Errors
    /// A `${` that does not begin a well-formed variable.
    pub fn exact(text: &str, version: Version) -> Result<Self, VariableError> {
        parse::condition(text, version, false)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parts, in order. Two literals never stand side by side, nor do two runs.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The only string that matches, if the pattern has neither wildcards nor variables.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match (self.shape, &*self.pieces) {
            (Shape::Empty, _) => Some(""),
            (Shape::Literal, [Piece::Literal(text)]) => Some(text),
            _ => None,
        }
    }

    /// Whether every string matches.
    #[must_use]
    #[inline]
    pub fn is_everything(&self) -> bool {
        self.shape == Shape::Everything
    }

    /// Whether `*` or `?` occurs as a wildcard.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        self.pieces.iter().any(|p| matches!(p, Piece::One { .. } | Piece::Run { .. }))
    }

    /// Whether a policy variable occurs.
    #[must_use]
    pub fn has_variable(&self) -> bool {
        self.shape == Shape::Variables
    }

    /// Whether a string belongs to the language, variables being resolved by `variables`.
    ///
    /// A variable without value and default matches no string at all (IAM User Guide, policy
    /// variables); one with an unknown value makes the answer unknown where it matters.
    #[inline]
    pub fn matches(&self, text: &str, variables: &impl Variables, case: Case) -> Truth {
        if self.shape == Shape::Variables {
            return matching::with_variables(self, text, variables, case);
        }
        Truth::from(self.matches_plain(text, case))
    }

    /// [`Pattern::matches`] for a pattern without variables; one with variables matches nothing here.
    #[must_use]
    #[inline]
    pub fn matches_plain(&self, text: &str, case: Case) -> bool {
        match (self.shape, &*self.pieces) {
            (Shape::Everything, _) => true,
            (Shape::Empty, _) => text.is_empty(),
            (Shape::Literal, [Piece::Literal(l)]) if case == Case::Sensitive => **l == *text,
            (Shape::Prefix, [Piece::Literal(l), _]) if case == Case::Sensitive => {
                text.starts_with(&**l)
            }
            (Shape::Variables, _) => false,
            (Shape::Segmented, pieces) => matching::segmented(pieces, text, case),
            (_, pieces) => matching::greedy(pieces, text, case),
        }
    }
}

#[cfg(test)]
mod tests;
