//! A text of a YAML file in which every character knows where it stands.
//!
//! Expressions and messages are written inside YAML scalars. YAML folds lines, unescapes quotes and
//! strips indentation, so the text that it hands over is not the text of the file; diagnostics need
//! the file's positions.

use std::ops::Range;
use std::sync::Arc;

use super::yaml::{Node, Style};
use crate::diagnostic::{Diagnostic, SourceFile, Span};

/// A text and its place.
#[derive(Debug, Clone)]
pub struct Passage {
    /// The text as YAML hands it over.
    pub text: String,
    /// The place of the whole scalar, quotes included.
    pub span: Span,
    /// The file.
    pub file: Arc<SourceFile>,
    /// For each byte of the text its offset in the file; empty where the two cannot be aligned.
    offsets: Vec<usize>,
}

impl Passage {
    /// The text of a scalar. `None` where the node is no scalar.
    pub fn new(file: &Arc<SourceFile>, node: &Node) -> Option<Self> {
        let text = node.text(file)?.to_owned();
        let raw = file.text.get(node.span.range()).unwrap_or_default();
        let offsets = align(&text, raw, node.span.start, node.style).unwrap_or_default();
        Some(Self { text, span: node.span, file: Arc::clone(file), offsets })
    }

    /// A text that is a file of its own.
    pub fn alone(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            span: Span::new(0, text.len()),
            file: SourceFile::new("", text),
            offsets: (0..text.len()).collect(),
        }
    }

    /// The place in the file of a range of the text.
    pub fn place(&self, range: Range<usize>) -> Span {
        let after = |end: usize| {
            let last = end.checked_sub(1).and_then(|last| self.offsets.get(last));
            last.map(|last| last + 1)
        };
        let start = self.offsets.get(range.start).copied();
        let (start, end) = if range.is_empty() {
            // A place between two characters stands right after the one before it.
            let place = after(range.start).or(start);
            (place, place)
        } else {
            (start, after(range.end))
        };
        match (start, end) {
            (Some(start), Some(end)) => Span::new(start, end),
            _ => self.span,
        }
    }

    /// An error at a range of the text.
    pub fn error(&self, range: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.file, self.place(range), message)
    }
}

/// Walks the text and the raw scalar side by side. Handles every style of scalar: folding turns
/// breaks into spaces, blocks lose indentation, single quotes double theirs, double quotes escape.
///
/// The lines of a block may begin with anything, a quote too, so its first character tells no style.
fn align(text: &str, raw: &str, start: usize, style: Style) -> Option<Vec<usize>> {
    let mut at = match style {
        Style::Single | Style::Double => 1,
        Style::Plain | Style::Block => 0,
    };
    let mut offsets = Vec::with_capacity(text.len());
    for wanted in text.chars() {
        at = skip(raw, at, wanted, style)?;
        let (place, length) = match found(raw, at, wanted, style) {
            Some(length) => (at, length),
            // A folded break that stands where the raw text has nothing more.
            None if wanted.is_whitespace() => (at, 0),
            None => return None,
        };
        offsets.extend((0..wanted.len_utf8()).map(|byte| start + place + byte.min(length)));
        at += length;
    }
    Some(offsets)
}

/// The length of the raw spelling of a character, where it stands at that offset.
fn found(raw: &str, at: usize, wanted: char, style: Style) -> Option<usize> {
    let rest = raw.get(at..)?;
    let next = rest.chars().next()?;
    match (style, next) {
        (Style::Double, '\\') => Some(match rest.chars().nth(1)? {
            'x' => 4,
            'u' => 6,
            'U' => 10,
            other => 1 + other.len_utf8(),
        }),
        (Style::Single, '\'') if wanted == '\'' => Some(2),
        _ if next == wanted => Some(next.len_utf8()),
        _ => None,
    }
}

/// Moves over what folding and indentation left out, to where the character may stand.
fn skip(raw: &str, mut at: usize, wanted: char, style: Style) -> Option<usize> {
    loop {
        let rest = raw.get(at..)?;
        if style == Style::Double && rest.starts_with("\\\n") {
            at += 2;
            continue;
        }
        match rest.chars().next() {
            Some(next) if next != wanted && next.is_whitespace() && !wanted.is_whitespace() => {
                at += next.len_utf8();
            }
            // A space may be a folded break: the break itself is its place.
            Some(_) | None => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    /// The file text at the place of `word` within the value of `a`.
    fn shown(yaml_text: &str, word: &str) -> String {
        let file = SourceFile::new("a.yaml", yaml_text);
        let node = yaml::look(&file).0.unwrap();
        let yaml::Kind::Map(entries) = node.kind else { panic!("a mapping") };
        let passage = Passage::new(&file, &entries[0].value).unwrap();
        let at = passage.text.find(word).unwrap_or_else(|| panic!("{:?}", passage.text));
        file.text[passage.place(at..at + word.len()).range()].to_owned()
    }

    #[test]
    fn words_are_found_in_every_style() {
        for text in [
            "a: one two three\n",
            "a: one\n  two\n  three\n",
            "a: \"one \\\"x\\\" \\u00e9 two three\"\n",
            "a: 'it''s one two three'\n",
            "a: |\n  one\n    two\n  three\n",
            "a: >-\n  one\n  two\n\n  three\n",
            "a: |\n  \"one\" two three\n",
            "a: |\n  'one' \\ two three\n",
            "a: >-\n  'one'\n  two\n  \"three\"\n",
            "a: |\n  | one\n  two three\n",
            "a: |2 # why\n    > one\n  two three\n",
            "a: &x |\n  \"one\"\n  two three\n",
            "a: !!str \"one\n  two three\"\n",
            "a: \"one\n  \\\n  two three\"\n",
        ] {
            for word in ["one", "two", "three"] {
                assert_eq!(shown(text, word), word, "{text}");
            }
        }
    }

    #[test]
    fn places_cover_what_escapes_spell() {
        assert_eq!(shown("a: 'it''s'\n", "t's"), "t''s");
        assert_eq!(shown("a: \"é two\"\n", "é"), "é");
        let end = |text: &str| {
            let file = SourceFile::new("a.yaml", text);
            let node = yaml::read(&file).unwrap();
            let yaml::Kind::Map(entries) = node.kind else { panic!("a mapping") };
            let passage = Passage::new(&file, &entries[0].value).unwrap();
            passage.place(passage.text.len()..passage.text.len())
        };
        assert_eq!(end("a: xy\n"), Span::new(5, 5));
    }
}
