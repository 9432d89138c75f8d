//! YAML with positions: a document as a tree in which every name and value knows its place.
//!
//! serde stops at the first mistake; a tree lets readers report all of them. Limits keep a hostile
//! file from costing time or memory: size, depth, nodes, and what aliases may unfold to.
//! It knows nothing of checks.
//!
//! An ordinary document is read by [`events`]; any other, and every mistake, by serde-saphyr.

mod advice;
mod events;
mod marks;

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Location, Spanned};

use crate::diagnostic::{Diagnostic, Level, SourceFile, Span};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1_000_000;
/// The deepest nesting of lists and mappings.
const MAX_DEPTH: usize = 40;
/// The most values that a file may have, aliases unfolded.
const MAX_NODES: usize = 100_000;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its place. For lists and mappings the place where they begin.
    pub span: Span,
    /// The value.
    pub kind: Kind,
    /// How text is written; plain for all that is no text.
    pub style: Style,
}

/// How text is written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// As it is.
    #[default]
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// In lines below `|` or `>`. The place is that of the lines.
    Block,
}

/// The kinds of YAML values.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// A name and its value in a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// Where the name stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Reads a document.
///
/// # Errors
/// What makes the text no YAML document, or one beyond the limits. YAML's own mistakes end the
/// reading; tags and repeated names are all reported.
pub fn read(file: &Arc<SourceFile>) -> Result<Node, Vec<Diagnostic>> {
    let (node, mut diagnostics) = look(file);
    diagnostics.retain(|it| it.level == Level::Error);
    node.filter(|_| diagnostics.is_empty()).ok_or(diagnostics)
}

/// Reads a document as far as it makes sense: with repeated names and without its tags, of which the
/// diagnostics tell.
pub fn look(file: &Arc<SourceFile>) -> (Option<Node>, Vec<Diagnostic>) {
    if file.text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, the limit is {MAX_BYTES}", file.text.len());
        return (None, vec![Diagnostic::error(file, Span::default(), message)]);
    }
    let (node, mut diagnostics) = match events::tree(&file.text) {
        Some(node) => (Some(node), Vec::new()),
        None => {
            let (plain, mut diagnostics) = marks::without_tags(file);
            let node = by_serde(file, &plain);
            // Where a tag was taken away, YAML may complain of what is left.
            let line = |it: &Diagnostic| file.position(it.span.start).0;
            let error = node.as_ref().err();
            let error = error.filter(|it| diagnostics.iter().all(|tag| line(tag) != line(it)));
            diagnostics.extend(error.cloned());
            (node.ok(), diagnostics)
        }
    };
    if let Some(node) = &node {
        find_repeated(file, node, &mut diagnostics);
    }
    (node, diagnostics)
}

/// The tree of any document, or what is wrong with it. The text is that of the file, with blanks in
/// place of what was refused.
fn by_serde(file: &Arc<SourceFile>, text: &str) -> Result<Node, Diagnostic> {
    let spanned: Spanned<Kind> = serde_saphyr::from_str_with_options(text, options())
        .map_err(|error| advice::explain(file, text, &error))?;
    let mut node = Node::new(span_of(&spanned.defined), spanned.value);
    marks::dress(&mut node, &marks::styles(text));
    Ok(node)
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 3 * MAX_NODES,
            max_documents: 1,
            max_recorded_anchor_events: MAX_NODES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_NODES,
            max_replay_stack_depth: 8,
            max_alias_expansions_per_anchor: 1_000,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

impl Node {
    fn new(span: Span, kind: Kind) -> Self {
        Self { span, kind, style: Style::Plain }
    }

    /// What it is, in words.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Int(_) | Kind::Float(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// The text, with numbers and booleans as they are written. `None` for anything else.
    pub fn text<'a>(&'a self, file: &'a SourceFile) -> Option<&'a str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => file.text.get(self.span.range()),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The value as JSON.
    pub fn to_json(&self) -> Json {
        match &self.kind {
            Kind::Null => Json::Null,
            Kind::Bool(value) => Json::Bool(*value),
            Kind::Int(value) => Json::from(*value),
            Kind::Float(value) => Json::from(*value),
            Kind::Text(text) => Json::String(text.clone()),
            Kind::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Kind::Map(entries) => Json::Object(Map::from_iter(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())),
            )),
        }
    }

    /// The place of the value on a path of names and list positions, or of the last name on it.
    /// Where the path leaves the tree, the last place that exists.
    pub fn locate(&self, path: &[String], at_key: bool) -> Span {
        let mut node = self;
        for (depth, step) in path.iter().enumerate() {
            let next = match &node.kind {
                Kind::Map(entries) => {
                    entries.iter().find(|entry| entry.key == *step).map(|entry| {
                        if at_key && depth + 1 == path.len() {
                            Err(entry.key_span)
                        } else {
                            Ok(&entry.value)
                        }
                    })
                }
                Kind::List(items) => {
                    step.parse::<usize>().ok().and_then(|place| items.get(place)).map(Ok)
                }
                Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => None,
            };
            match next {
                Some(Ok(inner)) => node = inner,
                Some(Err(key_span)) => return key_span,
                None => break,
            }
        }
        node.span
    }
}

fn find_repeated(file: &Arc<SourceFile>, node: &Node, found: &mut Vec<Diagnostic>) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| find_repeated(file, item, found)),
        Kind::Map(entries) => {
            let mut seen = std::collections::BTreeSet::new();
            for entry in entries {
                if !seen.insert(entry.key.as_str()) {
                    let message = format!("`{}` is given twice", entry.key);
                    found.push(Diagnostic::error(file, entry.key_span, message));
                }
                find_repeated(file, &entry.value, found);
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {}
    }
}

fn span_of(location: &Location) -> Span {
    let span = location.span();
    match (span.byte_offset(), span.byte_len()) {
        (Some(start), Some(len)) => {
            let start = usize::try_from(start).unwrap_or_default();
            Span::new(start, start + usize::try_from(len).unwrap_or_default())
        }
        _ => Span::default(),
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Kind::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(i64::try_from(value).map_or(Kind::Float(f64::INFINITY), Kind::Int))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Kind, E> {
        Ok(Kind::Float(f64::INFINITY))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Kind, E> {
        Ok(Kind::Float(f64::INFINITY))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Kind, E> {
        Ok(Kind::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Kind>>()? {
            list.push(Node::new(span_of(&item.defined), item.value));
        }
        Ok(Kind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            let value = entries.next_value::<Spanned<Kind>>()?;
            map.push(Entry {
                key: key.value,
                key_span: span_of(&key.defined),
                value: Node::new(span_of(&value.defined), value.value),
            });
        }
        Ok(Kind::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> (Arc<SourceFile>, Node) {
        let file = SourceFile::new("a.yaml", text);
        let node = read(&file).unwrap();
        (file, node)
    }

    fn mistake(text: &str) -> Diagnostic {
        read(&SourceFile::new("a.yaml", text)).unwrap_err().remove(0)
    }

    #[test]
    fn every_value_and_name_knows_its_place() {
        let text = "a: 22\nb: [x, \"y\"]\nc:\n  d: |\n    two\n    lines\n  e: >-\n    é\n";
        let (file, node) = node(text);
        let slice = |path: &[&str], at_key: bool| {
            let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
            &file.text[node.locate(&path, at_key).range()]
        };
        assert_eq!(slice(&["a"], false), "22");
        assert_eq!(slice(&["a"], true), "a");
        assert_eq!(slice(&["b", "1"], false), "\"y\"");
        assert_eq!(slice(&["c", "d"], true), "d");
        assert!(slice(&["c", "d"], false).contains("two\n    lines"));
        assert!(slice(&["c", "e"], false).contains('é'));
        assert_eq!(slice(&["nowhere"], false), slice(&[], false));
    }

    #[test]
    fn plain_values_keep_their_kind() {
        let (_, node) =
            node("{a: 1, b: true, c: ~, d: 022, e: 1_0, f: yes, g: 1.5, h: 2026-11-24}");
        let json = node.to_json().to_string();
        assert_eq!(
            json,
            r#"{"a":1,"b":true,"c":null,"d":"022","e":"1_0","f":"yes","g":1.5,"h":"2026-11-24"}"#
        );
    }

    #[test]
    fn repeated_names_are_all_reported() {
        let file = SourceFile::new("a.yaml", "a: 1\nb: {c: 1, c: 2}\na: 3\n");
        let found: Vec<String> = read(&file).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(found, ["a.yaml:2:11: `c` is given twice", "a.yaml:3:1: `a` is given twice"]);
    }

    #[test]
    fn swallowed_expressions_are_explained() {
        let help = |text: &str| mistake(text).help.unwrap_or_else(|| panic!("no help: {text}"));
        assert!(help("that: !bucket.open\n").contains("write `not bucket.open`"));
        assert!(help("that: \"a\" in b.c\n").contains("write `that: |`"));
        assert!(help("that: [1] == b\n").contains("leading `[`"));
        assert!(help("that: a == b: c\n").contains("takes `: ` for a mapping"));
        assert!(help("otherwise: {a.b} is open\n").contains("leading `{`"));
    }

    #[test]
    fn hostile_files_end_early() {
        assert!(mistake(&"a".repeat(MAX_BYTES + 1)).message.contains("the limit is"));
        assert!(mistake(&"[".repeat(100_000)).message.contains("nested deeper"));
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let inner = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        assert!(mistake(&bomb).message.contains("anchors"));
        assert!(mistake("a: 1\n---\nb: 2\n").message.contains("one document"));
        assert!(mistake("a: &a [*a]\n").message.contains("anchor holds itself"));
    }
}
