//! Reading the tree of a YAML file by name and kind, collecting every mistake on the way.

use std::sync::Arc;

use super::{Located, Text};
use crate::check::passage::Passage;
use crate::check::yaml::{Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span, did_you_mean, nearest};

/// Reads nodes and collects what does not fit.
pub struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    /// The mistakes so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// A reader of that file.
    pub fn new(file: &'a Arc<SourceFile>) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    /// Notes a mistake.
    pub fn fail(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(self.file, span, message));
    }

    /// Notes a mistake with advice.
    pub fn fail_with(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(self.file, span, message).help(help));
    }

    fn expected(&mut self, node: &Node, what: &str) {
        let message = format!("expected {what}, found {}", node.describe());
        let dash = self.file.text.get(node.span.start..).is_some_and(|it| it.starts_with("- "));
        let help = match (&node.kind, what) {
            (Kind::List(_), "text") if dash => {
                Some("`- ` begins an item of a list in YAML: write `-1` for a number")
            }
            (Kind::List(_) | Kind::Map(_), "text") => Some(
                "an expression that begins with a bracket or holds `: ` goes into a block: write \
                 `|` and the expression on the next line, indented",
            ),
            _ => None,
        };
        let diagnostic = Diagnostic::error(self.file, node.span, message);
        self.diagnostics.push(diagnostic.maybe_help(help.map(str::to_owned)));
    }

    /// The entries of a mapping, of which only these names may be there.
    pub fn map<'n>(&mut self, node: &'n Node, what: &str, keys: &[&str]) -> Option<&'n [Entry]> {
        let map = self.any_map(node)?;
        for entry in map {
            if !keys.contains(&entry.key.as_str()) {
                let message = format!("{what} has no `{}`", entry.key);
                let help = did_you_mean(&entry.key, keys.iter().copied());
                let diagnostic = Diagnostic::error(self.file, entry.key_span, message);
                self.diagnostics.push(diagnostic.maybe_help(help));
            }
        }
        Some(map)
    }

    /// The entries of a mapping with any names.
    pub fn any_map<'n>(&mut self, node: &'n Node) -> Option<&'n [Entry]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            _ => {
                self.expected(node, "a mapping");
                None
            }
        }
    }

    /// The items of a list.
    pub fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            _ => {
                self.expected(node, "a list");
                None
            }
        }
    }

    /// Text that is not empty.
    pub fn text(&mut self, node: &Node) -> Option<Text> {
        match node.text(self.file) {
            Some(text) if !text.trim().is_empty() => {
                Some(Located { value: text.to_owned(), span: node.span })
            }
            Some(_) => {
                self.fail(node.span, "the text is empty");
                None
            }
            None => {
                self.expected(node, "text");
                None
            }
        }
    }

    /// Text that holds an expression, or expressions.
    pub fn passage(&mut self, node: &Node) -> Option<Passage> {
        self.text(node)?;
        Passage::new(self.file, node)
    }

    /// A list of text.
    pub fn text_list(&mut self, node: &Node) -> Vec<Text> {
        let list = self.list(node).unwrap_or_default();
        list.iter().filter_map(|item| self.text(item)).collect()
    }

    /// One of a list of words.
    pub fn word<T>(
        &mut self,
        node: &Node,
        words: impl Iterator<Item = (&'static str, T)>,
    ) -> Option<Located<T>> {
        let text = self.text(node)?;
        let mut names = Vec::new();
        for (name, value) in words {
            if name == text.value {
                return Some(Located { value, span: text.span });
            }
            names.push(name);
        }
        let help = nearest(&text.value, names.iter().copied()).map_or_else(
            || format!("one of {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        self.fail_with(text.span, format!("`{}` is not allowed here", text.value), help);
        None
    }

    /// Complains of texts that are none of these words.
    pub fn words<'t>(
        &mut self,
        texts: impl Iterator<Item = &'t Text>,
        what: &str,
        words: &[&'static str],
    ) {
        for text in texts.filter(|text| !words.contains(&text.value.as_str())) {
            let help = nearest(&text.value, words.iter().copied()).map_or_else(
                || format!("one of {}", words.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            self.fail_with(text.span, format!("there is no {what} `{}`", text.value), help);
        }
    }

    /// A value that must be there.
    pub fn required<T>(
        &mut self,
        map: &[Entry],
        node: &Node,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        match map.iter().find(|entry| entry.key == key) {
            Some(entry) => read(self, &entry.value),
            None => {
                let span = map.first().map_or(node.span, |entry| entry.key_span);
                let what = match key {
                    "otherwise" => "an assertion",
                    "given" | "verdict" | "name" => "a case",
                    "type" | "default" => "a parameter",
                    _ => "a check",
                };
                self.fail(span, format!("{what} needs `{key}`"));
                None
            }
        }
    }

    /// A value that may be there.
    pub fn optional<T>(
        &mut self,
        map: &[Entry],
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        map.iter().find(|entry| entry.key == key).and_then(|entry| read(self, &entry.value))
    }

    /// The items of a list that may be there.
    pub fn items<T>(
        &mut self,
        map: &[Entry],
        key: &str,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        let list = self.optional(map, key, |reader, node| {
            let list = reader.list(node)?;
            Some(list.iter().filter_map(|item| read(reader, item)).collect())
        });
        list.unwrap_or_default()
    }

    /// A list of text that may be there.
    pub fn texts(&mut self, map: &[Entry], key: &str) -> Vec<Text> {
        self.items(map, key, Self::text)
    }

    /// A list of expressions that may be there.
    pub fn passages(&mut self, map: &[Entry], key: &str) -> Vec<Passage> {
        self.items(map, key, Self::passage)
    }

    /// The entries of a mapping that may be there.
    pub fn named<T>(
        &mut self,
        map: &[Entry],
        key: &str,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<(Text, T)> {
        let named = self.optional(map, key, |reader, node| {
            let entries = reader.any_map(node)?;
            let read = |entry: &Entry| {
                let name = Located { value: entry.key.clone(), span: entry.key_span };
                Some((name, read(reader, &entry.value)?))
            };
            Some(entries.iter().filter_map(read).collect())
        });
        named.unwrap_or_default()
    }
}
