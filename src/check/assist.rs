//! Help for whoever writes a check in an editor: what may stand at a place, and what a word means.
//!
//! It looks at text, the schema and the list of functions, and knows no editor and no protocol.
//! What is wrong with a check is not its business: the loader and the linter say that.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value as Json;

mod form;
mod outline;
mod scope;
#[cfg(test)]
mod tests;

use form::{Role, placeholder};
use outline::{Place, items, place};
use scope::{Scope, function, is_word, receiver};

use super::functions::{FUNCTIONS, Function, Receiver};
use super::syntax::KEYWORDS;
use super::types::Ty;
use crate::schema::{Catalog, Field, Origin, RecordType};

/// What may be written at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is inserted, and shown.
    pub label: String,
    /// What it is.
    pub kind: SuggestionKind,
    /// Its type, or a few words.
    pub detail: String,
    /// Its documentation in Markdown.
    pub doc: String,
}

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionKind {
    /// A key of the file.
    Key,
    /// A word from a closed list.
    Word,
    /// A type of resource.
    Type,
    /// A name that stands for a value.
    Name,
    /// A field of a record.
    Field,
    /// A function.
    Function,
    /// A word of the language.
    Keyword,
}

/// What may be written at a place, and which bytes before it are already part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The part of a word that stands there.
    pub typed: Range<usize>,
    /// What may take its place.
    pub suggestions: Vec<Suggestion>,
}

/// What a word means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The word.
    pub word: Range<usize>,
    /// What it means, in Markdown.
    pub doc: String,
}

/// Answers questions about check files.
pub struct Assistant {
    catalog: Catalog,
    schema: Json,
}

impl Assistant {
    /// An assistant for checks of these types.
    pub fn new(catalog: Catalog) -> Self {
        Self { catalog, schema: super::schema(catalog) }
    }

    /// What may be written at a byte of a file.
    pub fn complete(&self, text: &str, at: usize) -> Completion {
        let before = text.get(..at).unwrap_or(text);
        let place = place(before);
        let written = before.get(place.start..).unwrap_or_default();
        match self.role(text, before, &place) {
            Role::Expression => self.in_expression(text, before, &place, written),
            Role::Message => match placeholder(written) {
                Some(inside) => self.in_expression(text, before, &place, inside),
                None => nothing(before),
            },
            Role::Keys(keys) | Role::Words(keys) => {
                // A key is all that is written, a word of a list may hold hyphens and colons.
                Completion { typed: place.start..before.len(), suggestions: keys }
            }
            Role::None => nothing(before),
        }
    }

    /// What the word at a byte of a file means.
    pub fn explain(&self, text: &str, at: usize) -> Option<Meaning> {
        let word = word_at(text, at)?;
        let before = text.get(..word.end)?;
        let place = place(before);
        let written = before.get(place.start..)?;
        let name = text.get(word.clone())?;
        let doc = match self.role(text, before, &place) {
            Role::Expression => self.meaning(text, &place, written, name)?,
            Role::Message => self.meaning(text, &place, placeholder(written)?, name)?,
            Role::Keys(found) | Role::Words(found) => {
                // `AWS::S3::Bucket` and `access-control` are more than one word.
                let whole = whole_word(text, &word);
                let whole = text.get(whole)?;
                let found = found.into_iter().find(|it| it.label == name || it.label == whole)?;
                let title = format!("`{}`", found.label);
                [title, found.detail, found.doc].join("\n\n")
            }
            Role::None => return None,
        };
        (!doc.trim().is_empty()).then_some(Meaning { word, doc })
    }

    fn role(&self, text: &str, before: &str, place: &Place) -> Role {
        let resource = || Scope::new(text, &items(text), &[], "", self.catalog).resource;
        let params = || Scope::new(text, &items(text), &[], "", self.catalog).params;
        form::role(&self.schema, self.catalog, place, before, resource, params)
    }

    fn in_expression(&self, text: &str, before: &str, place: &Place, written: &str) -> Completion {
        let written = &*unquoted(written);
        let scope = Scope::new(text, &items(text), &place.path, written, self.catalog);
        if let Some(open) = open_quote(written) {
            let asked = written.get(..open).unwrap_or_default();
            let typed = before.len() - (written.len() - open - 1)..before.len();
            return Completion { typed, suggestions: words(&scope, asked) };
        }
        let stem = written.trim_end_matches(is_word);
        let typed = before.len() - (written.len() - stem.len())..before.len();
        let suggestions = match stem.strip_suffix('.') {
            Some(asked) => members(&scope, receiver(asked)),
            None if stem.ends_with(|c: char| c.is_ascii_digit()) => Vec::new(),
            None => names(&scope),
        };
        Completion { typed, suggestions }
    }

    /// What the name at the end of an expression means.
    fn meaning(&self, text: &str, place: &Place, written: &str, name: &str) -> Option<String> {
        let written = &*unquoted(written);
        let scope = Scope::new(text, &items(text), &place.path, written, self.catalog);
        let stem = written.strip_suffix(name)?;
        if open_quote(stem).is_some() {
            return None;
        }
        if let Some(asked) = stem.strip_suffix('.') {
            let asked = receiver(asked);
            if asked == "params" {
                return scope.params.iter().find(|it| it.name == name).map(param_doc);
            }
            if let Some((record, field)) = scope.field(asked, name) {
                return Some(field_doc(record, field));
            }
            return function(name, scope.type_of(asked).as_ref()).map(function_doc);
        }
        let named = scope.names.iter().rev().find(|it| it.name == name);
        match (scope.resource, named) {
            (Some(record), _) if record.alias == name => Some(record_doc(record)),
            (_, Some(named)) => {
                let ty = scope.type_of(name).map(|ty| format!(": {ty}")).unwrap_or_default();
                let what = if named.element { "an element of" } else { "stands for" };
                Some(format!("`{name}`{ty}\n\n{what} `{}`", named.text))
            }
            (_, None) => function(name, None).map(function_doc),
        }
    }
}

/// The expression in a value that is still open, of the same length: a quote around the whole and
/// the backslashes that it takes become spaces.
fn unquoted(written: &str) -> Cow<'_, str> {
    match (written.strip_prefix('"'), written.strip_prefix('\'')) {
        (Some(inside), _) => Cow::Owned(format!(" {}", inside.replace("\\\"", " \""))),
        (None, Some(inside)) => Cow::Owned(format!(" {inside}")),
        (None, None) => Cow::Borrowed(written),
    }
}

/// No suggestion.
fn nothing(before: &str) -> Completion {
    Completion { typed: before.len()..before.len(), suggestions: Vec::new() }
}

fn suggestion(
    kind: SuggestionKind,
    label: &str,
    detail: impl Into<String>,
    doc: impl Into<String>,
) -> Suggestion {
    Suggestion { label: label.to_owned(), kind, detail: detail.into(), doc: doc.into() }
}

/// The fields and functions of a value.
fn members(scope: &Scope, asked: &str) -> Vec<Suggestion> {
    if asked == "params" {
        let param =
            |it: &scope::Declared| suggestion(SuggestionKind::Field, &it.name, &*it.ty, &*it.about);
        return scope.params.iter().map(param).collect();
    }
    let Some(ty) = scope.type_of(asked) else { return Vec::new() };
    let mut found = Vec::new();
    if let Ty::Record(record) = &ty {
        for field in record.fields {
            let detail = field_type(field);
            found.push(suggestion(SuggestionKind::Field, field.name, detail, origin_doc(field)));
        }
    }
    let functions = FUNCTIONS.iter().filter(|it| it.receiver.takes(&ty));
    let rule = |it: &&Function| match (&ty, it.receiver) {
        // Only records with protocol and ports can be asked about ports.
        (Ty::Record(record), Receiver::Rule) => record.field("protocol").is_some(),
        _ => true,
    };
    found.extend(functions.filter(rule).map(of_function));
    found
}

/// The names, functions and words that an expression may begin with.
fn names(scope: &Scope) -> Vec<Suggestion> {
    let mut found = Vec::new();
    if let Some(record) = scope.resource {
        found.push(suggestion(SuggestionKind::Name, record.alias, record.name, record.doc));
    }
    if !scope.params.is_empty() {
        let doc = "The parameters of this check.";
        found.push(suggestion(SuggestionKind::Name, "params", "parameters", doc));
    }
    for named in scope.names.iter().rev() {
        if found.iter().all(|it| it.label != named.name) {
            let ty = scope.type_of(&named.name).map(|ty| ty.to_string()).unwrap_or_default();
            found.push(suggestion(SuggestionKind::Name, &named.name, ty, &*named.text));
        }
    }
    found.extend(FUNCTIONS.iter().filter(|it| it.receiver == Receiver::None).map(of_function));
    let keywords = KEYWORDS.iter().filter(|word| **word != "null");
    found.extend(keywords.map(|word| suggestion(SuggestionKind::Keyword, word, "", "")));
    found
}

/// The words that a text, begun after `x ==`, `x in [` or `rule.covers(`, may be.
fn words(scope: &Scope, asked: &str) -> Vec<Suggestion> {
    let asked = asked.trim_end();
    let word = |word: &&str| suggestion(SuggestionKind::Word, word, "", "");
    if asked.ends_with(".covers(") || asked.ends_with(".within(") {
        return ["tcp", "udp", "icmp", "icmpv6"].iter().map(word).collect();
    }
    let value = match asked.strip_suffix("==").or_else(|| asked.strip_suffix("!=")) {
        Some(value) => value,
        // Within a list: back to its bracket, and to the `in` before it.
        None => match asked.rfind('[').and_then(|at| asked.get(..at)) {
            Some(list) => match list.trim_end().strip_suffix("in") {
                Some(value) => value,
                None => return Vec::new(),
            },
            None => return Vec::new(),
        },
    };
    match scope.type_of(receiver(value.trim_end())) {
        Some(Ty::Enum(words)) => words.iter().map(word).collect(),
        _ => Vec::new(),
    }
}

/// Where the text literal that is open at the end begins.
fn open_quote(text: &str) -> Option<usize> {
    let mut open = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some((_, quote)) if c == quote => open = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => open = Some((at, c)),
            None => {}
        }
    }
    open.map(|(at, _)| at)
}

/// The bytes of the name at a place, which may be right before its end.
fn word_at(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(..at)?;
    let start = before.trim_end_matches(is_word).len();
    let after = text.get(at..)?;
    let end = at + after.len() - after.trim_start_matches(is_word).len();
    (start < end).then_some(start..end)
}

/// The bytes of what a value's word is part of, such as `AWS::S3::Bucket`.
fn whole_word(text: &str, word: &Range<usize>) -> Range<usize> {
    let part = |c: char| is_word(c) || matches!(c, '-' | ':' | '$');
    let start = text.get(..word.start).unwrap_or_default().trim_end_matches(part).len();
    let after = text.get(word.end..).unwrap_or_default();
    let end = word.end + after.len() - after.trim_start_matches(part).len();
    start..text.get(start..end).unwrap_or_default().trim_end_matches(':').len() + start
}

fn of_function(function: &Function) -> Suggestion {
    suggestion(SuggestionKind::Function, function.name, signature(function), function.doc)
}

fn signature(function: &Function) -> String {
    format!("{}({}): {}", function.name, function.args.join(", "), function.result)
}

fn function_doc(function: &Function) -> String {
    format!("`{}`\n\n{}\n\n    {}", signature(function), function.doc, function.example)
}

fn field_type(field: &Field) -> String {
    let optional = if field.optional { ", optional" } else { "" };
    format!("{}{optional}", field.ty)
}

fn field_doc(record: &RecordType, field: &Field) -> String {
    let title = format!("`{}.{}`: {}", record.name, field.name, field_type(field));
    format!("{title}\n\n{}", origin_doc(field))
}

/// A field's documentation, and where its value comes from.
fn origin_doc(field: &Field) -> String {
    let origin = match field.origin {
        Origin::Read([]) => "Read with what it is part of.".to_owned(),
        Origin::Read(calls) => {
            let calls: Vec<String> = calls.iter().map(|call| format!("`{call}`")).collect();
            format!("Read by {}.", calls.join(" or "))
        }
        Origin::Relation(relation) => format!("Leads to {}.", relation.target.get().name),
        Origin::Derived { reads } => {
            let reads: Vec<String> = reads.iter().map(|path| format!("`{path}`")).collect();
            format!("Computed from {}.", reads.join(", "))
        }
    };
    let guard = if field.optional { " May be not set: guard it with `has(…)`." } else { "" };
    format!("{}\n\n{origin}{guard}", field.doc.trim())
}

fn record_doc(record: &RecordType) -> String {
    format!("`{}`: {}\n\n{}", record.alias, record.name, record.doc)
}

fn param_doc(param: &scope::Declared) -> String {
    format!("`params.{}`: {}\n\n{}", param.name, param.ty, param.about)
}
