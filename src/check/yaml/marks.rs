//! What YAML's own marks do to a value: tags, anchors, quotes.
//!
//! A `!` at the beginning of a value is a tag, and whoever reads the value never sees it: `that: ! x`
//! would say the opposite of what it seems to say. No file of ours needs a tag, so all are refused.
//! The rest of the document is read as if the marks were not there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use granit_parser::{ScalarStyle, Scanner, StrInput, TokenType};

use super::advice::Place;
use super::events::{span_of, style_of};
use super::{Kind, Node, Style};
use crate::diagnostic::{Diagnostic, SourceFile, Span};

/// The most tags that are reported of one file.
const MAX_TAGS: usize = 100;

/// The text with blanks in place of its tags, and the complaints about them and about anchors that
/// nothing refers to. Every offset stays what it was.
pub(super) fn without_tags(file: &Arc<SourceFile>) -> (String, Vec<Diagnostic>) {
    let mut text = file.text.clone();
    let mut diagnostics = Vec::new();
    for _ in 0..MAX_TAGS {
        let (tokens, broken) = tokens(&text);
        let mut found = tags(&text, &tokens);
        // Where YAML finds no tag behind the mark, such as in `!(a or b)`.
        let broken = broken.and_then(|at| value_with_bang(&text, at));
        found.extend(broken.filter(|it| found.iter().all(|tag| tag.mark.start != it.mark.start)));
        if found.is_empty() {
            diagnostics.extend(lonely_anchors(file, &tokens));
            break;
        }
        for tag in found {
            diagnostics.push(tag.complaint(file));
            let blanks = " ".repeat(tag.blank.end - tag.blank.start);
            text.replace_range(tag.blank.range(), &blanks);
        }
    }
    (text, diagnostics)
}

type Token<'t> = (Span, TokenType<'t>);

/// The tokens up to the first mistake, and where that is.
fn tokens(text: &str) -> (Vec<Token<'_>>, Option<usize>) {
    let mut tokens = Vec::new();
    for next in Scanner::new(StrInput::new(text)) {
        match next {
            Ok(token) => {
                let (marks, token) = token.into_parts();
                if let Some(span) = span_of(&marks) {
                    tokens.push((span, token));
                }
            }
            Err(error) => return (tokens, error.marker().byte_offset()),
        }
    }
    (tokens, None)
}

/// A tag.
struct Tag {
    /// The whole mark.
    mark: Span,
    /// What is to be blank for the rest to be read as it was meant.
    blank: Span,
    /// Up to the end of the value that it stands before.
    end: usize,
}

impl Tag {
    fn complaint(&self, file: &Arc<SourceFile>) -> Diagnostic {
        let shown = |span: Span| file.text.get(span.range()).unwrap_or_default();
        let negation = self.blank.end == self.mark.start + 1;
        let message = format!("`{}` begins a tag in YAML, and would be dropped", shown(self.blank));
        let rest = shown(Span::new(self.blank.end, self.end)).trim();
        let help = match negation && !rest.is_empty() && !rest.contains('\n') {
            true => format!("write `not {rest}`, or put text that begins with `!` into quotes"),
            false if negation => "write `not …`".to_owned(),
            false => "leave it out".to_owned(),
        };
        Diagnostic::error(file, self.blank, message).help(help)
    }
}

fn tags(text: &str, tokens: &[Token<'_>]) -> Vec<Tag> {
    let mut found = Vec::new();
    for (place, (span, token)) in tokens.iter().enumerate() {
        let TokenType::Tag(handle, suffix) = token else { continue };
        let line_end = text.get(span.end..).and_then(|rest| rest.find('\n')).unwrap_or_default();
        let next = tokens.get(place + 1).filter(|(next, _)| next.start < span.end + line_end);
        let verbatim = text.get(span.start..).is_some_and(|rest| rest.starts_with("!<"));
        // `!` before plain text, or before nothing, is meant as a negation. Before a list or a mapping
        // its name would become a part of the value, so all of it goes.
        let (negation, end) = match next {
            Some((next, TokenType::Scalar(ScalarStyle::Plain, _))) => (true, next.end),
            Some((next, TokenType::Scalar(..))) => (span.end == span.start + 1, next.end),
            Some((
                _,
                TokenType::FlowSequenceStart
                | TokenType::FlowMappingStart
                | TokenType::Anchor(_)
                | TokenType::Alias(_),
            )) => (false, span.end),
            Some(_) | None => (true, span.end),
        };
        let core = ["str", "bool", "int", "float", "null", "seq", "map"].contains(&suffix.as_ref());
        let blank = match handle.as_ref() {
            "!" if negation && !verbatim => Span::new(span.start, span.start + 1),
            // `!!x` where nothing follows means `x`, unless it is one of YAML's own types.
            "!!" if negation && end == span.end && !core => Span::new(span.start, span.start + 2),
            _ => *span,
        };
        found.push(Tag { mark: *span, blank, end: end.max(span.end) });
    }
    found
}

/// The value of the line around an offset, where it begins with `!`.
fn value_with_bang(text: &str, at: usize) -> Option<Tag> {
    let place = Place::at(text, at)?;
    let value = text.get(place.range.range())?;
    let mark = Span::new(place.range.start, place.range.start + 1);
    value.starts_with('!').then_some(Tag { mark, blank: mark, end: place.range.end })
}

/// Anchors of plain text that nothing refers to: what begins with `&` may have been meant as text.
fn lonely_anchors<'t>(file: &Arc<SourceFile>, tokens: &[Token<'t>]) -> Vec<Diagnostic> {
    let used: BTreeSet<&str> = tokens
        .iter()
        .filter_map(|(_, token)| match token {
            TokenType::Alias(name) => Some(name.as_ref()),
            _ => None,
        })
        .collect();
    let pairs = tokens.iter().zip(tokens.iter().skip(1));
    pairs
        .filter_map(|((span, token), (_, next))| match (token, next) {
            (TokenType::Anchor(name), TokenType::Scalar(ScalarStyle::Plain, _))
                if !used.contains(name.as_ref()) =>
            {
                let message = format!("nothing refers to the anchor `&{name}`");
                let help =
                    "`&` begins an anchor in YAML, which is no part of the value: leave it out";
                Some(Diagnostic::warning(file, *span, message).help(help))
            }
            _ => None,
        })
        .collect()
}

/// Where text begins that is not plain, and how it is written.
pub(super) fn styles(text: &str) -> BTreeMap<usize, Style> {
    let (tokens, _) = tokens(text);
    let scalars = tokens.into_iter().filter_map(|(span, token)| match token {
        TokenType::Scalar(style, _) => Some((span.start, style_of(style))),
        _ => None,
    });
    scalars.filter(|(_, style)| *style != Style::Plain).collect()
}

/// Tells the texts of a tree how they are written.
pub(super) fn dress(node: &mut Node, styles: &BTreeMap<usize, Style>) {
    match &mut node.kind {
        Kind::Text(_) => node.style = styles.get(&node.span.start).copied().unwrap_or_default(),
        Kind::List(items) => items.iter_mut().for_each(|item| dress(item, styles)),
        Kind::Map(entries) => entries.iter_mut().for_each(|it| dress(&mut it.value, styles)),
        Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {}
    }
}
