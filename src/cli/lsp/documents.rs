//! The documents that an editor has open, and what there is to say about them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{CompletionItem, Diagnostic, Hover, Position, Uri};

use super::position::Lines;
use super::protocol;
use crate::check::assist::Assistant;
use crate::check::yaml::MAX_BYTES;
use crate::check::{CheckId, case, examine, lint};
use crate::cli::library::embedded;
use crate::diagnostic::{self, SourceFile};
use crate::resources::MODEL;

/// The most mistakes of a document that are told.
const MAX_DIAGNOSTICS: usize = 200;

/// How much is asked of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Mistakes, style, and what no case shows: on every change.
    Lint,
    /// Its cases too, blinded: when it is opened or saved.
    Cases,
}

struct Document {
    file: Arc<SourceFile>,
    lines: Lines,
}

/// The open documents.
pub struct Documents {
    open: BTreeMap<String, Document>,
    assistant: Assistant,
    /// The requirements that checks may name.
    controls: BTreeSet<String>,
    /// The checks that checks may name.
    checks: BTreeSet<CheckId>,
}

impl Documents {
    /// None is open.
    pub fn new() -> Self {
        Self {
            open: BTreeMap::new(),
            assistant: Assistant::new(MODEL.catalog),
            controls: crate::policy::embedded_frameworks().controls(),
            checks: embedded().iter().filter_map(|file| id_of(Path::new(&file.name))).collect(),
        }
    }

    /// Takes the text of a document.
    pub fn set(&mut self, uri: &Uri, text: String) {
        let lines = Lines::new(&text);
        let name = path_of(uri).to_string_lossy().into_owned();
        let document = Document { file: SourceFile::new(name, text), lines };
        self.open.insert(uri.as_str().to_owned(), document);
    }

    /// Forgets a document.
    pub fn close(&mut self, uri: &Uri) {
        self.open.remove(uri.as_str());
    }

    /// What is wrong with a document; nothing with one that is no check, or not open.
    pub fn diagnostics(&self, uri: &Uri, depth: Depth) -> Vec<Diagnostic> {
        let Some(document) = self.open.get(uri.as_str()) else { return Vec::new() };
        let mut found = self.look(&document.file, depth);
        found.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
        found.dedup();
        found.truncate(MAX_DIAGNOSTICS);
        found.iter().map(|it| protocol::diagnostic(it, &document.lines)).collect()
    }

    fn look(&self, file: &Arc<SourceFile>, depth: Depth) -> Vec<diagnostic::Diagnostic> {
        if !is_check(&file.text) {
            return Vec::new();
        }
        let others = self.checks.iter().cloned().chain(beside(Path::new(&file.name))).collect();
        let (check, mut found) = examine(file, MODEL.catalog, &self.controls, &others);
        if let Some(check) = check {
            found.extend(lint(&check));
            found.extend(match depth {
                Depth::Lint => case::uncovered(&check, MODEL),
                Depth::Cases => case::run(&check, MODEL).diagnostics(&check),
            });
        }
        found
    }

    /// A document that is not larger than a check may be.
    fn readable(&self, uri: &Uri) -> Option<&Document> {
        self.open.get(uri.as_str()).filter(|it| it.file.text.len() <= MAX_BYTES)
    }

    /// What may be written at a position.
    pub fn complete(&self, uri: &Uri, position: Position) -> Vec<CompletionItem> {
        let Some(Document { file, lines }) = self.readable(uri) else { return Vec::new() };
        let at = lines.offset(&file.text, position);
        protocol::completion(self.assistant.complete(&file.text, at), &file.text, lines)
    }

    /// What the word at a position means.
    pub fn hover(&self, uri: &Uri, position: Position) -> Option<Hover> {
        let Document { file, lines } = self.readable(uri)?;
        let found = self.assistant.explain(&file.text, lines.offset(&file.text, position))?;
        Some(protocol::hover(found, &file.text, lines))
    }
}

/// Whether a text is a check, or on the way to be one. Policies and settings are YAML too.
fn is_check(text: &str) -> bool {
    if text.trim_start().starts_with('{') {
        return text.contains("resource") && text.contains("expect");
    }
    text.lines().any(|line| line.starts_with("resource:") || line.starts_with("expect:"))
}

/// The ids of the checks in the same directory, which bear their files' names.
fn beside(path: &Path) -> Vec<CheckId> {
    let entries = path.parent().and_then(|parent| fs::read_dir(parent).ok());
    entries.into_iter().flatten().flatten().filter_map(|entry| id_of(&entry.path())).collect()
}

fn id_of(path: &Path) -> Option<CheckId> {
    let extension = path.extension()?.to_str()?;
    let stem = path.file_stem()?.to_str()?;
    matches!(extension, "yaml" | "yml").then(|| stem.parse().ok()).flatten()
}

/// The path of a `file:` address; for another address its text, of which the file's name counts.
fn path_of(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let path = text.strip_prefix("file://").unwrap_or(text);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            Some(_) | None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_paths() {
        for (uri, path) in [
            ("file:///a/b%20c/d.yaml", "/a/b c/d.yaml"),
            ("file:///a/%C3%A9%25.yaml", "/a/é%.yaml"),
            ("untitled:Untitled-1", "untitled:Untitled-1"),
        ] {
            assert_eq!(path_of(&uri.parse().unwrap()), PathBuf::from(path));
        }
    }
}
