//! The matchers: a greedy walk for ordinary globs, reachable positions where runs stop at colons.
//!
//! Both are polynomial on every input; the walk does not allocate.

use super::{Case, Pattern, Piece, Resolved, Truth, Variables};

/// A piece with its variables resolved.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Literal(&'a str),
    One { colon: bool },
    Run { colon: bool },
}

/// Pieces that fit on the stack when variables are resolved.
const INLINE: usize = 24;

/// Matches pieces without variables whose runs may all contain colons.
pub(super) fn greedy(pieces: &[Piece], text: &str, case: Case) -> bool {
    walk(|i| pieces.get(i).map(part), text, case)
}

/// Matches pieces without variables.
pub(super) fn segmented(pieces: &[Piece], text: &str, case: Case) -> bool {
    positions(pieces.iter().map(part), text, case)
}

/// Matches a pattern with variables.
pub(super) fn with_variables(
    pattern: &Pattern,
    text: &str,
    variables: &impl Variables,
    case: Case,
) -> Truth {
    let mut inline = [Part::Run { colon: true }; INLINE];
    let mut spilled = Vec::new();
    let count = pattern.pieces().len();
    let parts: &mut [Part<'_>] = match inline.get_mut(..count) {
        Some(parts) => parts,
        None => {
            spilled.resize(count, Part::Run { colon: true });
            &mut spilled
        }
    };
    let mut certain = Truth::True;
    for (slot, piece) in parts.iter_mut().zip(pattern.pieces()) {
        *slot = match piece {
            Piece::Variable(variable) => match variables.resolve(&variable.key) {
                Resolved::Value(value) => Part::Literal(value),
                Resolved::Absent => match &variable.default {
                    Some(default) => Part::Literal(default),
                    None => return Truth::False,
                },
                Resolved::Unknown => {
                    certain = Truth::Unknown;
                    Part::Run { colon: true }
                }
            },
            plain => part(plain),
        };
    }
    let parts: &[Part<'_>] = parts;
    let matched = if parts.iter().any(|p| matches!(p, Part::Run { colon: false })) {
        positions(parts.iter().copied(), text, case)
    } else {
        walk(|i| parts.get(i).copied(), text, case)
    };
    Truth::from(matched).and(certain)
}

/// A variable has no value here: the callers have resolved or excluded them, and a run of nothing but
/// itself would be wrong, so it stands for text that no string contains.
#[inline]
fn part(piece: &Piece) -> Part<'_> {
    match piece {
        Piece::Literal(text) => Part::Literal(text),
        Piece::One { colon } => Part::One { colon: *colon },
        Piece::Run { colon } => Part::Run { colon: *colon },
        Piece::Variable(_) => Part::Literal("\u{0}${unresolved}\u{0}"),
    }
}

/// The usual glob walk: on a mismatch the latest run takes one character more. Earlier runs need not
/// be tried again, because the latest one can take whatever they could give up.
fn walk<'a>(part: impl Fn(usize) -> Option<Part<'a>>, text: &str, case: Case) -> bool {
    let (mut piece, mut at) = (0, 0);
    let mut run: Option<(usize, usize)> = None;
    loop {
        let step = match part(piece) {
            Some(Part::Run { .. }) => {
                piece += 1;
                if part(piece).is_none() {
                    return true;
                }
                run = Some((piece, at));
                continue;
            }
            Some(Part::Literal(literal)) => prefix(rest(text, at), literal, case),
            Some(Part::One { colon }) => one(rest(text, at), colon),
            None if at == text.len() => return true,
            None => None,
        };
        if let Some(length) = step {
            at += length;
            piece += 1;
            continue;
        }
        let Some((after, from)) = run else { return false };
        let Some(length) = one(rest(text, from), true) else { return false };
        run = Some((after, from + length));
        (piece, at) = (after, from + length);
    }
}

/// Keeps the set of offsets that the pieces so far can reach.
fn positions<'a>(parts: impl Iterator<Item = Part<'a>>, text: &str, case: Case) -> bool {
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for part in parts {
        let mut next = vec![false; text.len() + 1];
        let mut running = false;
        for (at, from) in reached.iter().enumerate() {
            let length = match part {
                Part::Run { colon } => {
                    running |= *from;
                    if let (true, Some(slot)) = (running, next.get_mut(at)) {
                        *slot = true;
                    }
                    running &= colon || text.as_bytes().get(at) != Some(&b':');
                    continue;
                }
                _ if !from => None,
                Part::Literal(literal) => prefix(rest(text, at), literal, case),
                Part::One { colon } => one(rest(text, at), colon),
            };
            if let Some(slot) = length.and_then(|l| next.get_mut(at + l)) {
                *slot = true;
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}
#[inline]
fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// The length of the first character, if there is one and it may be taken.
#[inline]
fn one(text: &str, colon: bool) -> Option<usize> {
    let c = text.chars().next()?;
    (colon || c != ':').then_some(c.len_utf8())
}

/// How much of the text a literal takes at its beginning.
#[inline]
fn prefix(text: &str, literal: &str, case: Case) -> Option<usize> {
    match case {
        Case::Sensitive => text.starts_with(literal).then_some(literal.len()),
        Case::Insensitive => {
            let mut characters = text.char_indices();
            for wanted in literal.chars() {
                let (_, found) = characters.next()?;
                let same = if found.is_ascii() && wanted.is_ascii() {
                    found.eq_ignore_ascii_case(&wanted)
                } else {
                    found == wanted || found.to_lowercase().eq(wanted.to_lowercase())
                };
                if !same {
                    return None;
                }
            }
            Some(text.len() - characters.as_str().len())
        }
    }
}
