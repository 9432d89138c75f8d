//! From the text of a pattern to its pieces, in each of the dialects.

use super::variable::{self, Reference};
use super::{Pattern, Piece, Shape, VariableError, Version};

/// Collects pieces and merges neighbours.
#[derive(Default)]
pub(super) struct Builder {
    pieces: Vec<Piece>,
    literal: String,
}

impl Builder {
    pub(super) fn character(&mut self, c: char) {
        self.literal.push(c);
    }

    pub(super) fn piece(&mut self, piece: Piece) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.pieces.push(Piece::Literal(literal.into()));
        }
        match (self.pieces.last_mut(), &piece) {
            (Some(Piece::Run { colon: before }), Piece::Run { colon }) => *before |= *colon,
            _ => self.pieces.push(piece),
        }
    }

    pub(super) fn finish(mut self, text: &str) -> Pattern {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Literal(std::mem::take(&mut self.literal).into()));
        }
        let shape = shape(&self.pieces);
        Pattern { text: text.into(), pieces: self.pieces.into(), shape }
    }
}

fn shape(pieces: &[Piece]) -> Shape {
    if pieces.iter().any(|p| matches!(p, Piece::Variable(_))) {
        return Shape::Variables;
    }
    if pieces.iter().any(|p| matches!(p, Piece::Run { colon: false })) {
        return Shape::Segmented;
    }
    match pieces {
        [] => Shape::Empty,
        [Piece::Run { .. }] => Shape::Everything,
        [Piece::Literal(_)] => Shape::Literal,
        [Piece::Literal(_), Piece::Run { .. }] => Shape::Prefix,
        _ => Shape::Glob,
    }
}

/// A glob without variables; `written` is kept as its text.
pub(super) fn plain(written: &str, text: &str) -> Pattern {
    let mut builder = Builder::default();
    for c in text.chars() {
        match c {
            '*' => builder.piece(Piece::Run { colon: true }),
            '?' => builder.piece(Piece::One { colon: true }),
            _ => builder.character(c),
        }
    }
    builder.finish(written)
}

/// An operand of a string operator.
pub(super) fn condition(
    text: &str,
    version: Version,
    wildcards: bool,
) -> Result<Pattern, VariableError> {
    let mut builder = Builder::default();
    let mut offset = 0;
    while let Some(c) = text.get(offset..).and_then(|rest| rest.chars().next()) {
        if let Some(length) = reference(&mut builder, text, offset, version)? {
            offset += length;
            continue;
        }
        match c {
            '*' if wildcards => builder.piece(Piece::Run { colon: true }),
            '?' if wildcards => builder.piece(Piece::One { colon: true }),
            _ => builder.character(c),
        }
        offset += c.len_utf8();
    }
    Ok(builder.finish(text))
}

/// Takes a `${…}` at an offset, if one stands there: how many bytes it took.
pub(super) fn reference(
    builder: &mut Builder,
    text: &str,
    offset: usize,
    version: Version,
) -> Result<Option<usize>, VariableError> {
    let rest = text.get(offset..).unwrap_or_default();
    if version == Version::V2008 || !rest.starts_with("${") {
        return Ok(None);
    }
    match variable::read(rest).ok_or(VariableError { offset })? {
        (Reference::Character(c), length) => {
            builder.character(c);
            Ok(Some(length))
        }
        (Reference::Variable(variable), length) => {
            builder.piece(Piece::Variable(variable));
            Ok(Some(length))
        }
    }
}
