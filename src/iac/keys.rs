//! A walk over YAML or JSON that tells keys with their lines, without keeping the document.

use granit_parser::{Event, Parser};

/// The deepest nesting that is followed.
const MAX_DEPTH: usize = 100;

/// The most lists, mappings and scalars that are looked at.
const MAX_EVENTS: usize = 1_000_000;

/// What a walk meets.
#[derive(Debug, Clone, Copy)]
pub(super) enum Met<'a> {
    /// A key of a mapping.
    Key(&'a str),
    /// A scalar: the value of the last key of the path.
    Value(&'a str),
}

/// Why a walk ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: &'static str,
}

/// An open list, or an open mapping with the key whose value comes next.
enum Frame {
    Map(Option<String>),
    List,
}

/// Calls `visit` with the keys on the way, what is met there, and its line. Lists are no part of the
/// way.
pub(super) fn walk(
    text: &str,
    visit: impl FnMut(&[String], Met<'_>, usize),
) -> Result<(), Refused> {
    // JSON may be indented by tabs, which YAML does not allow; in its strings they are escaped.
    if text.trim_start().starts_with('{') && text.contains('\t') {
        return walked(&text.replace('\t', " "), visit);
    }
    walked(text, visit)
}

fn walked(text: &str, mut visit: impl FnMut(&[String], Met<'_>, usize)) -> Result<(), Refused> {
    let mut walk = Walk { open: Vec::new(), path: Vec::new(), visit: &mut visit };
    for (count, next) in Parser::new_from_str(text).enumerate() {
        let (event, span) = next.map_err(|error| {
            let at = error.marker();
            let message = "it is neither YAML nor JSON";
            Refused { line: at.line().max(1), column: at.col() + 1, message }
        })?;
        let line = span.start.line().max(1);
        match event {
            Event::MappingStart(..) => walk.open.push(Frame::Map(None)),
            Event::SequenceStart(..) => walk.open.push(Frame::List),
            Event::MappingEnd | Event::SequenceEnd => {
                walk.open.pop();
                walk.complete(None, line);
            }
            Event::Scalar(value, ..) => walk.complete(Some(&value), line),
            Event::Alias(_) => walk.complete(Some(""), line),
            Event::DocumentEnd => break,
            _ => {}
        }
        if walk.open.len() > MAX_DEPTH || count > MAX_EVENTS {
            let message = "it is larger or deeper than such files are";
            return Err(Refused { line, column: 1, message });
        }
    }
    Ok(())
}

struct Walk<'v> {
    open: Vec<Frame>,
    path: Vec<String>,
    visit: &'v mut dyn FnMut(&[String], Met<'_>, usize),
}

impl Walk<'_> {
    /// Something has ended: a key, or what belongs to one. What is no scalar has no text.
    fn complete(&mut self, text: Option<&str>, line: usize) {
        match self.open.last_mut() {
            Some(Frame::Map(key @ None)) => {
                let text = text.unwrap_or_default();
                (self.visit)(&self.path, Met::Key(text), line);
                *key = Some(text.to_owned());
                self.path.push(text.to_owned());
            }
            Some(Frame::Map(key)) => {
                if let Some(text) = text {
                    (self.visit)(&self.path, Met::Value(text), line);
                }
                *key = None;
                self.path.pop();
            }
            Some(Frame::List) => {
                if let Some(text) = text {
                    (self.visit)(&self.path, Met::Value(text), line);
                }
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut told = Vec::new();
        walk(text, |path, met, line| match met {
            Met::Key(key) => told.push(format!("{}/{key}:{line}", path.join("/"))),
            Met::Value(value) => told.push(format!("{}={value}:{line}", path.join("/"))),
        })
        .unwrap();
        told
    }

    #[test]
    fn keys_have_their_lines_and_lists_are_passed_through() {
        let expected = ["/a:1", "a/b:2", "a/b=1:2", "a/b:3", "a/b=2:3", "/c:4", "c=x:4", "c=y:4"];
        assert_eq!(told("a:\n  - b: 1\n  - b: 2\nc: [x, y]\n"), expected);
        assert_eq!(
            told("{\"a\": [\n\t{\"b\": 1},\n\t{\"b\": 2}],\n\"c\": [\"x\", \"y\"]}"),
            expected
        );
    }

    #[test]
    fn what_is_too_deep_ends_the_walk() {
        assert!(walk(&"[".repeat(100_000), |_, _, _| ()).is_err());
        assert!(walk(&"a: {".repeat(50_000), |_, _, _| ()).is_err());
        assert_eq!(walk("a: 1\nb: [\n", |_, _, _| ()).map_err(|it| it.line), Err(2));
    }
}
