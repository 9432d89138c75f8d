//! What YAML's complaints mean to somebody who wrote an expression or a message.
//!
//! Most mistakes of syntax are values that begin with a character to which YAML gives a meaning. The
//! parser then complains of what comes after; here the value is found and the character is explained.

use std::sync::Arc;

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

use super::{MAX_DEPTH, MAX_NODES, span_of};
use crate::diagnostic::{Diagnostic, SourceFile, Span};

/// YAML's complaint about a text, with advice where a value was taken for something else. The text is
/// that of the file, with blanks in place of what was refused already.
pub(super) fn explain(file: &Arc<SourceFile>, text: &str, error: &Error) -> Diagnostic {
    let location = error.location();
    let at = location.map_or(0, |location| offset_of(text, location.line(), location.column()));
    let span = location.map(|location| span_of(&location)).filter(|span| span.start > 0);
    let span = span.unwrap_or_else(|| Span::new(at, at));
    if let Some(limit) = limit(error.without_snippet()) {
        return Diagnostic::error(file, span, limit);
    }
    let message = words(error);
    if message.contains("a tab") || message.contains("tabs ") {
        return tab(file, text, span);
    }
    if let Some(control) = control(text, span) {
        return control_character(file, control);
    }
    let place = Place::at(text, span.start.max(at.min(span.end)));
    let advice = place.as_ref().and_then(|place| place.advice(text, &message));
    let message = format!("not valid YAML: {message}");
    match (place, advice) {
        (Some(place), Some(help)) => Diagnostic::error(file, place.range, message).help(help),
        _ => Diagnostic::error(file, span, message.as_str()).maybe_help(misplaced(&message)),
    }
}

/// YAML's words, without the position, which whoever draws the diagnostic shows.
fn words(error: &Error) -> String {
    let text = error.without_snippet().to_string();
    let message = text.split('\n').next().unwrap_or("no YAML").trim();
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let message = message.split_once(": line ").map_or(message, |(message, _)| message);
    match message {
        "expected string scalar" | "cannot deserialize null into string; use Option<String>" => {
            "a name is text".into()
        }
        "alias references unknown anchor" => "there is no such anchor".into(),
        message => message.replace('\'', "`"),
    }
}

/// Advice where the mistake is in what surrounds the line.
fn misplaced(message: &str) -> Option<String> {
    let says = |part| message.contains(part);
    let help = if says("only valid inside a block") {
        "a `{` or `[` above it is not closed"
    } else if says("did not find expected `-`") || says("are not allowed in this context") {
        "a name stands exactly below the name before it"
    } else {
        return None;
    };
    Some(help.to_owned())
}

/// Which limit of ours the file breaks. None can be moved, so there is nothing to advise.
fn limit(error: &Error) -> Option<String> {
    let values = format!("the file has more than {MAX_NODES} values");
    let unfolded = format!("the anchors of the file unfold to more than {MAX_NODES} values");
    Some(match error {
        Error::AliasError { error, .. } => return limit(error),
        Error::MultipleDocuments { .. } => one_document(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => "the anchor holds itself".into(),
        Error::AliasReplayCounterOverflow { .. } | Error::AliasReplayLimitExceeded { .. } => {
            unfolded
        }
        Error::AliasReplayStackDepthExceeded { max_depth, .. } => {
            format!("anchors within anchors, more than {max_depth} deep")
        }
        Error::AliasExpansionLimitExceeded { max_expansions_per_anchor, .. } => {
            format!("an anchor is referred to more than {max_expansions_per_anchor} times")
        }
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Documents { .. } => one_document(),
            BudgetBreach::Depth { .. } => too_deep(),
            BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } => values,
            BudgetBreach::RecordedAnchorEvents { .. }
            | BudgetBreach::RecordedAnchorBytes { .. } => unfolded,
            BudgetBreach::Aliases { .. }
            | BudgetBreach::Anchors { .. }
            | BudgetBreach::AliasAnchorRatio { .. }
            | BudgetBreach::MergeKeys { .. } => "the file has too many anchors and aliases".into(),
            _ => "the file is larger than files may be".into(),
        },
        error if error.to_string().contains("recursion limit exceeded") => too_deep(),
        _ => return None,
    })
}

fn one_document() -> String {
    "a file holds one document, here begins a second one".into()
}

fn too_deep() -> String {
    format!("lists and mappings are nested deeper than {MAX_DEPTH} levels")
}

fn tab(file: &Arc<SourceFile>, text: &str, span: Span) -> Diagnostic {
    let (start, _) = line_at(text, span.start);
    let tab = text.get(start..).and_then(|rest| rest.find('\t')).map(|at| start + at);
    let span = tab.map_or(span, |tab| Span::new(tab, tab + 1));
    Diagnostic::error(file, span, "YAML takes no tab here").help("indent with spaces")
}

/// The first character in the line that no text may hold.
fn control(text: &str, span: Span) -> Option<Span> {
    let (start, line) = line_at(text, span.start);
    let is_control = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\u{85}');
    let (at, found) = line.char_indices().find(|(_, c)| is_control(*c))?;
    Some(Span::new(start + at, start + at + found.len_utf8()))
}

fn control_character(file: &Arc<SourceFile>, span: Span) -> Diagnostic {
    let found = file.text.get(span.range()).and_then(|text| text.chars().next());
    let code = u32::from(found.unwrap_or_default());
    let message = format!("a control character, U+{code:04X}, that YAML does not allow");
    Diagnostic::error(file, span, message).help("delete it, or write its escape in double quotes")
}

fn offset_of(text: &str, line: u64, column: u64) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column - 1).map(char::len_utf8).sum::<usize>()
}

/// The line around an offset, and the offset where it begins.
fn line_at(text: &str, offset: usize) -> (usize, &str) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(start..).unwrap_or_default();
    (start, rest.split('\n').next().unwrap_or_default())
}

/// A value as it seems to be written in one line, whatever YAML makes of it.
pub(super) struct Place {
    /// Where the value is.
    pub(super) range: Span,
    /// The name before it; empty for an item of a list.
    key: String,
    /// Whether it stands within braces or brackets.
    flow: bool,
}

impl Place {
    /// The value around an offset.
    pub(super) fn at(text: &str, offset: usize) -> Option<Self> {
        let (line_start, line) = line_at(text, offset);
        let line = line.trim_end();
        let at = offset.saturating_sub(line_start);
        let mut start = line.len() - line.trim_start().len();
        let mut item = false;
        while let Some(rest) = line.get(start..)?.strip_prefix("- ") {
            start = line.len() - rest.trim_start().len();
            // What looks like an item of an item is the value of `that: - 1`, or `- - 1`.
            item = true;
        }
        let (key, start) = key_at(line, start).unwrap_or((String::new(), start));
        if key.is_empty() && !item {
            return None;
        }
        let inner = entry_at(line, start, at);
        let (key, start, end, flow) = match inner {
            Some((start, end)) => {
                let (key, start) = key_at(line, start).unwrap_or((String::new(), start));
                (key, start, end, true)
            }
            None => (key, start, line.len(), false),
        };
        let range = Span::new(line_start + start, line_start + end);
        Some(Self { range, key, flow })
    }

    /// Why YAML does not take the value as it is, and how to write it.
    fn advice(&self, text: &str, complaint: &str) -> Option<String> {
        let value = text.get(self.range.range())?;
        let first = value.chars().next()?;
        let own_lines = match (self.flow, self.key.is_empty()) {
            (true, _) => "write it outside of the brackets, on a line of its own".to_owned(),
            (false, true) => "write `- |` and the value on the next line, indented".to_owned(),
            (false, false) => {
                format!("write `{}: |` and the value on the next line, indented", self.key)
            }
        };
        let rest = value.trim_start_matches(first).trim();
        Some(match first {
            '!' => format!("a leading `!` is a YAML tag: write `not {rest}`"),
            '"' | '\'' if complaint.contains("unclosed") => {
                format!("the value begins with {first} and lacks another one at its end")
            }
            '"' | '\'' => {
                format!("a value that begins with a quote ends with that quote: {own_lines}")
            }
            '*' => format!("a leading `*` refers to an anchor in YAML: {own_lines}"),
            '&' => format!("a leading `&` is an anchor in YAML: {own_lines}"),
            '|' if value.starts_with("||") => {
                "a leading `|` begins a block in YAML; `||` stands between two conditions, or write \
                 `or`"
                    .into()
            }
            '|' => "a leading `|` begins a block in YAML: the value goes on the next line".into(),
            '>' => "a leading `>` begins a block in YAML; what is compared stands before it: \
                    `x > 5`"
                .into(),
            '-' if value.starts_with("- ") => {
                "`- ` begins an item of a list in YAML: write `-1` for a number, and items on lines \
                 of their own"
                    .into()
            }
            '?' if value.starts_with("? ") => {
                "`? ` begins a name in YAML; no expression begins with it".into()
            }
            '%' | '@' | '`' => {
                format!("no value begins with {first} in YAML: put text into quotes")
            }
            '[' | '{' => format!("YAML gives a leading `{first}` a meaning of its own: {own_lines}"),
            _ if value.contains(": ") => format!("YAML takes `: ` for a mapping: {own_lines}"),
            _ => return None,
        })
    }
}

/// The name that begins at an offset of the line, and the offset of its value.
fn key_at(line: &str, start: usize) -> Option<(String, usize)> {
    let rest = line.get(start..)?;
    let (key, value) = rest.split_once(": ")?;
    let is_key =
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-$".contains(&b));
    is_key.then(|| (key.to_owned(), line.len() - value.trim_start().len()))
}

/// The entry of the list or mapping in brackets, begun at an offset of the line, that is around
/// another offset. `None` where no bracket is open there.
fn entry_at(line: &str, start: usize, at: usize) -> Option<(usize, usize)> {
    let value = line.get(start..).filter(|value| value.starts_with(['{', '[']))?;
    let mut depth = 0_usize;
    let mut entry = start;
    for (offset, c) in value.char_indices().map(|(offset, c)| (start + offset, c)) {
        let inside = depth > 0 && offset > at;
        match c {
            ',' | '}' | ']' if inside => return trimmed(line, entry, offset),
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if matches!(c, '{' | '[' | ',') && depth > 0 {
            entry = offset + 1;
        }
    }
    if depth > 0 { trimmed(line, entry, line.len()) } else { None }
}

fn trimmed(line: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let inner = line.get(start..end)?;
    let from = start + (inner.len() - inner.trim_start().len());
    Some((from, (start + inner.trim_end().len()).max(from)))
}
