//! From the patterns of policy documents to the token patterns of the atom product.
//!
//! Variables are spelled out where their value is known; where it is not, they become a run of any
//! characters. That only makes the partition of values coarser or finer, never wrong: whether a
//! statement certainly or possibly matches a value is asked of the pattern itself.

use super::super::atoms::{self, Token};
use super::super::pattern::{ArnPattern, Case, Pattern, Piece, Resolved, Variables};

/// How many segments an ARN has.
const SEGMENTS: usize = 6;

/// The tokens of a pattern, or nothing if it has a variable that is absent, so that it matches no
/// value at all.
pub(in crate::iam) fn pattern(
    pattern: &Pattern,
    case: Case,
    variables: &impl Variables,
) -> Option<atoms::Pattern> {
    tokens(pattern, case, variables).map(atoms::Pattern::new)
}

/// The tokens of an ARN operand: segment by segment, and any ARN may follow a shorter operand.
pub(in crate::iam) fn arn(
    operand: &ArnPattern,
    variables: &impl Variables,
) -> Option<atoms::Pattern> {
    if operand.is_everything() {
        return Some(atoms::Pattern::anything());
    }
    let mut all = Vec::new();
    for index in 0..SEGMENTS {
        let last = index + 1 == SEGMENTS;
        match operand.segments().get(index) {
            Some(segment) => {
                let own = tokens(segment, Case::Sensitive, variables)?;
                all.extend(own.into_iter().map(|token| if last { token } else { inside(token) }));
            }
            None => all.push(if last { Token::Run } else { Token::RunInSegment }),
        }
        if !last {
            all.push(Token::Char(':'));
        }
    }
    Some(atoms::Pattern::new(all))
}

fn inside(token: Token) -> Token {
    match token {
        Token::Run => Token::RunInSegment,
        Token::One => Token::OneInSegment,
        other => other,
    }
}

fn tokens(pattern: &Pattern, case: Case, variables: &impl Variables) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for piece in pattern.pieces() {
        match piece {
            Piece::Literal(text) => tokens.extend(text.chars().map(|c| character(c, case))),
            Piece::One { colon: true } => tokens.push(Token::One),
            Piece::One { colon: false } => tokens.push(Token::OneInSegment),
            Piece::Run { colon: true } => tokens.push(Token::Run),
            Piece::Run { colon: false } => tokens.push(Token::RunInSegment),
            Piece::Variable(variable) => match variables.resolve(&variable.key) {
                Resolved::Value(text) => tokens.extend(text.chars().map(|c| character(c, case))),
                Resolved::Absent => {
                    let default = variable.default.as_ref()?;
                    tokens.extend(default.chars().map(|c| character(c, case)));
                }
                Resolved::Unknown => tokens.push(Token::Run),
            },
        }
    }
    Some(tokens)
}

fn character(c: char, case: Case) -> Token {
    match case {
        Case::Sensitive => Token::Char(c),
        Case::Insensitive => Token::fold(c),
    }
}
