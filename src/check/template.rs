//! Messages with expressions in braces: `Rule {rule.id} opens {rule.traffic}`.
//!
//! The expressions are typed like any other; `{{` and `}}` are braces.

use std::ops::Range;

use super::passage::Passage;
use super::syntax::{Expr, parse_range};
use super::typed::Typed;
use super::types::Ty;
use super::typing::Typer;
use crate::diagnostic::Diagnostic;
use crate::schema::Kind;

/// A message.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<Part>,
}

/// A part of a message.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// The value of an expression.
    Value(Typed),
}

/// A part of a message before its expressions are typed.
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// An expression.
    Expr(Expr),
}

impl Template {
    /// Reads and types a message; mistakes go to the type checker's diagnostics.
    pub fn compile(passage: &Passage, typer: &mut Typer<'_>) -> Option<Self> {
        let (pieces, mistakes) = pieces(passage);
        let broken = !mistakes.is_empty();
        typer.diagnostics.extend(mistakes);
        let parts: Vec<Option<Part>> = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(Part::Text(text)),
                Piece::Expr(expr) => shown(&expr, typer).map(Part::Value),
            })
            .collect();
        let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
        (!broken).then_some(Self { parts })
    }

    /// The expressions.
    pub fn values(&self) -> impl Iterator<Item = &Typed> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(value) => Some(value),
            Part::Text(_) => None,
        })
    }
}

/// An expression whose value is shown: it may be absent, but it must have a form in words.
pub fn shown(expr: &Expr, typer: &mut Typer<'_>) -> Option<Typed> {
    let typed = typer.leniently(|typer| typer.expr(expr))?;
    has_words(&typed, typer).then_some(typed)
}

/// Whether a value has a form in words; says what to name instead where it has none.
pub fn has_words(typed: &Typed, typer: &mut Typer<'_>) -> bool {
    let item = match &typed.ty {
        Ty::List(item) => item,
        ty => ty,
    };
    if let Ty::Record(record) = item
        && record.shown_as().is_none()
        && matches!(record.kind, Kind::Part { .. })
    {
        let names: Vec<&str> = record.fields.iter().map(|field| field.name).collect();
        let message = format!("{} has no form in words", record.name);
        let help = format!("name one of its fields: {}", names.join(", "));
        typer.report(typed.span, message, Some(help));
        return false;
    }
    true
}

/// Splits a message at its braces.
pub fn pieces(passage: &Passage) -> (Vec<Piece>, Vec<Diagnostic>) {
    let text = passage.text.as_str();
    let mut pieces = Vec::new();
    let mut mistakes = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("{{") || rest.starts_with("}}") {
            plain.push(next);
            at += 2;
        } else if next == '{' {
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            let Some(end) = closing_brace(text, at + 1) else {
                let error = passage.error(at..at + 1, "this `{` is not closed");
                mistakes.push(error.help("a brace itself is written `{{`"));
                break;
            };
            match expression(passage, at + 1..end) {
                Ok(expr) => pieces.push(Piece::Expr(expr)),
                Err(error) => mistakes.push(error),
            }
            at = end + 1;
        } else if next == '}' {
            let error = passage.error(at..at + 1, "this `}` closes nothing");
            mistakes.push(error.help("a brace itself is written `}}`"));
            at += 1;
        } else {
            plain.push(next);
            at += next.len_utf8();
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    (pieces, mistakes)
}

fn expression(passage: &Passage, range: Range<usize>) -> Result<Expr, Diagnostic> {
    let text = passage.text.get(range.clone()).unwrap_or_default();
    if text.trim().is_empty() {
        let around = range.start.saturating_sub(1)..range.end + 1;
        let error = passage.error(around, "there is no expression between the braces");
        return Err(error.help("braces themselves are written `{{}}`"));
    }
    parse_range(passage, range)
}

/// The offset of the brace that ends an expression; braces in its texts do not count.
fn closing_brace(text: &str, start: usize) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (offset, next) in text.get(start..)?.char_indices() {
        match (quote, next) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == next => quote = None,
            (None, '"' | '\'') => quote = Some(next),
            (None, '}') => return Some(start + offset),
            _ => {}
        }
    }
    None
}

/// The names with dots between a brace that opens before the text and the next one, which closes.
pub fn braced(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let end = text.find(|c| !is_name(c))?;
    text.get(end..)?.starts_with('}').then(|| text.get(..end))?
}

/// The placeholders of a text that may hold other braces too, such as a command line: names with
/// dots, of which the first is known to `is_root`.
pub fn placeholders(
    passage: &Passage,
    is_root: impl Fn(&str) -> bool,
) -> (Vec<Expr>, Vec<Diagnostic>) {
    let text = passage.text.as_str();
    let mut found = Vec::new();
    let mut mistakes = Vec::new();
    for (open, _) in text.match_indices('{') {
        // `${…}` and `%{…}` are Terraform's and CloudFormation's own.
        if text.get(..open).is_some_and(|before| before.ends_with(['$', '%'])) {
            continue;
        }
        let Some(inner) = braced(text.get(open + 1..).unwrap_or_default()) else { continue };
        let length = inner.len();
        let name = |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase());
        let root = inner.split('.').next().unwrap_or_default();
        if inner.split('.').all(name) && is_root(root) {
            match parse_range(passage, open + 1..open + 1 + length) {
                Ok(expr) => found.push(expr),
                Err(error) => mistakes.push(error),
            }
        }
    }
    (found, mistakes)
}
