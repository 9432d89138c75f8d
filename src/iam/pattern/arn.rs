//! Patterns over ARNs: the `Resource` element and the operands of the ARN operators.
//!
//! Both see an ARN as six segments, five of them ended by a colon. In the `Resource` element a `*`
//! that is the last character of its segment may run on past the colon, any other wildcard before the
//! fifth colon stays within its segment, and variables stand only after it (IAM User Guide,
//! reference_policies_elements_resource, reference_policies_variables). The ARN operators compare
//! each segment for itself (reference_policies_elements_condition_operators).

use super::parse::{Builder, reference};
use super::{Case, Pattern, Piece, Truth, VariableError, Variables, Version, parse};

/// How many colons stand before the last segment of an ARN.
const COLONS: usize = 5;

/// A pattern of the `Resource` or `NotResource` element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourcePattern {
    pattern: Pattern,
    /// The pattern with its missing segments filled up by wildcards, if it has fewer than six and does
    /// not say itself that it goes on: whether AWS fills up is not documented.
    padded: Option<Pattern>,
}

impl ResourcePattern {
    /// Parses the text of an element.
    ///
    /// # Errors
    /// A `${` in the last segment that does not begin a well-formed variable.
    pub fn parse(text: &str, version: Version) -> Result<Self, VariableError> {
        let pattern = resource(text, version)?;
        let short = text.matches(':').count() < COLONS
            && !matches!(pattern.pieces().last(), Some(Piece::Run { colon: true }));
        let padded = if short { Some(resource(&format!("{text}:*"), version)?) } else { None };
        Ok(Self { pattern, padded })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        self.pattern.text()
    }

    /// The language that certainly matches.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// For a pattern with fewer than six segments: the larger language that may match, since AWS does
    /// not document what it does with such a pattern.
    #[must_use]
    pub fn possible(&self) -> Option<&Pattern> {
        self.padded.as_ref()
    }

    /// Whether a resource (an ARN, or `*` for an action without resources) belongs to the pattern.
    #[inline]
    pub fn matches(&self, resource: &str, variables: &impl Variables) -> Truth {
        let certain = self.pattern.matches(resource, variables, Case::Sensitive);
        match &self.padded {
            Some(padded) if !certain.is_true() => {
                certain.or(padded.matches(resource, variables, Case::Sensitive).and(Truth::Unknown))
            }
            _ => certain,
        }
    }
}

fn resource(text: &str, version: Version) -> Result<Pattern, VariableError> {
    let mut builder = Builder::default();
    let (mut offset, mut colons) = (0, 0);
    while let Some(c) = text.get(offset..).and_then(|rest| rest.chars().next()) {
        let last = colons >= COLONS;
        let escape = ["${*}", "${?}", "${$}"].iter().any(|e| starts(text, offset, e));
        if (last || escape)
            && let Some(length) = reference(&mut builder, text, offset, version)?
        {
            offset += length;
            continue;
        }
        offset += c.len_utf8();
        match c {
            '*' => {
                let ends_segment = offset == text.len() || starts(text, offset, ":");
                builder.piece(Piece::Run { colon: last || ends_segment });
            }
            '?' => builder.piece(Piece::One { colon: last }),
            _ => builder.character(c),
        }
        colons += usize::from(c == ':');
    }
    Ok(builder.finish(text))
}

fn starts(text: &str, offset: usize, what: &str) -> bool {
    text.get(offset..).is_some_and(|rest| rest.starts_with(what))
}

/// An operand of `ArnEquals` and `ArnLike`, which mean the same: six patterns, one a segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArnPattern {
    text: Box<str>,
    /// Fewer than six, if the operand is not a whole ARN.
    segments: Box<[Pattern]>,
}

impl ArnPattern {
    /// Parses an operand.
    ///
    /// # Errors
    /// A `${` that does not begin a well-formed variable.
    pub fn parse(text: &str, version: Version) -> Result<Self, VariableError> {
        let mut segments = Vec::with_capacity(COLONS + 1);
        let mut rest = text;
        let mut offset = 0;
        while segments.len() < COLONS
            && let Some(colon) = colon(rest, version)
        {
            let (segment, after) = rest.split_at_checked(colon).unwrap_or((rest, ""));
            segments.push(at(parse::condition(segment, version, true), offset)?);
            rest = after.get(1..).unwrap_or_default();
            offset += colon + 1;
        }
        segments.push(at(parse::condition(rest, version, true), offset)?);
        Ok(Self { text: text.into(), segments: segments.into() })
    }

    /// The operand as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// One pattern a segment; fewer than six if the operand is not a whole ARN. A lone `*` has one.
    #[must_use]
    pub fn segments(&self) -> &[Pattern] {
        &self.segments
    }

    /// Whether every ARN matches: the operand is a lone `*`.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(&*self.segments, [only] if only.is_everything())
    }

    /// Whether the operand has no wildcard and no variable.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.segments.iter().all(|s| s.literal().is_some())
    }

    /// Whether an ARN matches, segment by segment. What is no ARN matches nothing, and an operand that
    /// is no whole ARN matches the ARNs it is the beginning of only perhaps: AWS does not say.
    #[inline]
    pub fn matches(&self, value: &str, variables: &impl Variables) -> Truth {
        if self.is_everything() {
            return Truth::True;
        }
        if value.matches(':').count() < COLONS {
            return Truth::False;
        }
        let certain = Truth::all(
            self.segments
                .iter()
                .zip(value.splitn(COLONS + 1, ':'))
                .map(|(pattern, part)| pattern.matches(part, variables, Case::Sensitive)),
        );
        if self.segments.len() == COLONS + 1 { certain } else { certain.and(Truth::Unknown) }
    }
}

fn at<T>(result: Result<T, VariableError>, offset: usize) -> Result<T, VariableError> {
    result.map_err(|e| VariableError { offset: e.offset + offset })
}

/// The first colon outside of a variable.
fn colon(text: &str, version: Version) -> Option<usize> {
    let mut offset = 0;
    loop {
        let rest = text.get(offset..)?;
        let colon = rest.find(':')?;
        match (version, rest.find("${")) {
            (Version::V2012, Some(open)) if open < colon => {
                offset += open + rest.get(open..)?.find('}')? + 1;
            }
            _ => return Some(offset + colon),
        }
    }
}
