//! Our words in the protocol's words.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionOptions, CompletionTextEdit, Diagnostic,
    DiagnosticSeverity, Documentation, Hover, HoverContents, HoverProviderCapability,
    MarkupContent, MarkupKind, PositionEncodingKind, SaveOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, TextEdit,
};

use super::position::Lines;
use crate::check::assist::{Completion, Meaning, Suggestion, SuggestionKind};
use crate::diagnostic::{self, Level};

/// What this server can do.
pub fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(PositionEncodingKind::UTF16),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::FULL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions::default())),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", "\"", "{", "("].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        ..ServerCapabilities::default()
    }
}

/// A mistake or a lint.
pub fn diagnostic(found: &diagnostic::Diagnostic, lines: &Lines) -> Diagnostic {
    let message = match &found.help {
        Some(help) => format!("{}\nhelp: {help}", found.message),
        None => found.message.clone(),
    };
    let severity = match found.level {
        Level::Error => DiagnosticSeverity::ERROR,
        Level::Warning => DiagnosticSeverity::WARNING,
    };
    Diagnostic {
        range: lines.places(&found.file.text, found.span.range()),
        severity: Some(severity),
        source: Some("postura".to_owned()),
        message,
        ..Diagnostic::default()
    }
}

/// What may be written.
pub fn completion(found: Completion, text: &str, lines: &Lines) -> Vec<CompletionItem> {
    let range = lines.places(text, found.typed);
    let item = |(place, it): (usize, Suggestion)| CompletionItem {
        kind: Some(kind(it.kind)),
        detail: (!it.detail.is_empty()).then_some(it.detail),
        documentation: (!it.doc.is_empty()).then(|| Documentation::MarkupContent(markdown(it.doc))),
        // Ours is the order: of the schema, and what is nearest first.
        sort_text: Some(format!("{place:04}")),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: it.label.clone() })),
        label: it.label,
        ..CompletionItem::default()
    };
    found.suggestions.into_iter().enumerate().map(item).collect()
}

fn kind(kind: SuggestionKind) -> CompletionItemKind {
    match kind {
        SuggestionKind::Key => CompletionItemKind::PROPERTY,
        SuggestionKind::Word => CompletionItemKind::ENUM_MEMBER,
        SuggestionKind::Type => CompletionItemKind::CLASS,
        SuggestionKind::Name => CompletionItemKind::VARIABLE,
        SuggestionKind::Field => CompletionItemKind::FIELD,
        SuggestionKind::Function => CompletionItemKind::FUNCTION,
        SuggestionKind::Keyword => CompletionItemKind::KEYWORD,
    }
}

/// What a word means.
pub fn hover(found: Meaning, text: &str, lines: &Lines) -> Hover {
    Hover {
        contents: HoverContents::Markup(markdown(found.doc)),
        range: Some(lines.places(text, found.word)),
    }
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}
