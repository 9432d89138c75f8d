//! Reads the parts of a policy file from its tree, and notes every mistake with its place.

use std::str::FromStr;
use std::sync::Arc;

use crate::check::yaml::{Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span, did_you_mean};

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// Collects the mistakes of a file.
pub(super) struct Reader<'a> {
    pub(super) file: &'a Arc<SourceFile>,
    pub(super) found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a Arc<SourceFile>) -> Self {
        Self { file, found: Vec::new() }
    }

    pub(super) fn fail(&mut self, span: Span, message: impl Into<String>) {
        self.found.push(Diagnostic::error(self.file, span, message));
    }

    pub(super) fn fail_help(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.found.push(Diagnostic::error(self.file, span, message).maybe_help(help));
    }

    fn expected(&mut self, node: &Node, what: &str) {
        self.fail(node.span, format!("expected {what}, found {}", node.describe()));
    }

    /// The entries of a mapping all of whose keys must be known.
    pub(super) fn map<'n>(&mut self, node: &'n Node, keys: &[&str]) -> Option<Map<'n>> {
        let Kind::Map(entries) = &node.kind else {
            self.expected(node, "a mapping");
            return None;
        };
        for entry in entries {
            if !keys.contains(&entry.key.as_str()) {
                let help = did_you_mean(&entry.key, keys.iter().copied())
                    .unwrap_or_else(|| format!("known are {}", keys.join(", ")));
                self.fail_help(entry.key_span, format!("unknown key `{}`", entry.key), Some(help));
            }
        }
        Some(Map { entries, span: node.span })
    }

    /// The entries of a mapping whose keys are free.
    pub(super) fn free_map<'n>(&mut self, node: &'n Node) -> &'n [Entry] {
        match &node.kind {
            Kind::Map(entries) => entries,
            _ => {
                self.expected(node, "a mapping");
                &[]
            }
        }
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            _ => {
                self.expected(node, "a list");
                &[]
            }
        }
    }

    /// Text that is not empty; numbers and booleans as they are written.
    pub(super) fn text(&mut self, node: &Node) -> Option<Located<String>> {
        match node.text(self.file) {
            Some(text) if !text.trim().is_empty() => {
                Some(Located { value: text.trim().to_owned(), span: node.span })
            }
            Some(_) => {
                self.fail(node.span, "expected text, found none");
                None
            }
            None => {
                self.expected(node, "text");
                None
            }
        }
    }

    /// One text or a list of texts; an empty list is a mistake.
    pub(super) fn texts(&mut self, node: &Node) -> Vec<Located<String>> {
        match &node.kind {
            Kind::List(items) if items.is_empty() => {
                self.fail(node.span, "an empty list says nothing: leave the key out");
                Vec::new()
            }
            Kind::List(items) => items.iter().filter_map(|item| self.text(item)).collect(),
            _ => self.text(node).into_iter().collect(),
        }
    }

    /// Text that a type takes.
    pub(super) fn parsed<T>(&mut self, node: &Node) -> Option<Located<T>>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let text = self.text(node)?;
        match text.value.parse() {
            Ok(value) => Some(Located { value, span: text.span }),
            Err(error) => {
                self.fail(text.span, error.to_string());
                None
            }
        }
    }

    /// Texts that a type takes.
    pub(super) fn all_parsed<T>(&mut self, node: &Node) -> Vec<Located<T>>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        match &node.kind {
            Kind::List(items) if !items.is_empty() => {
                items.iter().filter_map(|item| self.parsed(item)).collect()
            }
            Kind::List(_) => {
                self.fail(node.span, "an empty list says nothing: leave the key out");
                Vec::new()
            }
            _ => self.parsed(node).into_iter().collect(),
        }
    }

    /// One word of a closed list.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        let known = words.iter().find(|(word, _)| *word == text.value);
        if known.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = did_you_mean(&text.value, names.iter().copied())
                .unwrap_or_else(|| format!("known are {}", names.join(", ")));
            self.fail_help(text.span, format!("unknown word `{}`", text.value), Some(help));
        }
        known.map(|(_, value)| *value)
    }

    /// A whole number from 0 to a limit.
    pub(super) fn number(&mut self, node: &Node, limit: u64) -> Option<u64> {
        match &node.kind {
            Kind::Int(number) => match u64::try_from(*number).ok().filter(|it| *it <= limit) {
                Some(number) => Some(number),
                None => {
                    self.fail(node.span, format!("expected a number from 0 to {limit}"));
                    None
                }
            },
            _ => {
                self.expected(node, &format!("a number from 0 to {limit}"));
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn bool(&mut self, node: &Node) -> Option<bool> {
        match &node.kind {
            Kind::Bool(value) => Some(*value),
            _ => {
                self.expected(node, "true or false");
                None
            }
        }
    }

    /// The text of a key that must be there.
    pub(super) fn required_text(&mut self, map: &Map<'_>, key: &str) -> Option<Located<String>> {
        match map.get(key) {
            Some(node) => self.text(node),
            None => {
                self.fail(map.start(), format!("`{key}` is missing"));
                None
            }
        }
    }
}

/// A mapping.
#[derive(Clone, Copy)]
pub(super) struct Map<'n> {
    pub(super) entries: &'n [Entry],
    pub(super) span: Span,
}

impl<'n> Map<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The place of the first key: what is shown for a mapping as a whole.
    pub(super) fn start(&self) -> Span {
        self.entries.first().map_or(self.span, |entry| entry.key_span)
    }
}
