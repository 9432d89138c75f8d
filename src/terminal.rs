//! Drawing diagnostics as rustc draws its own: file, line, column, the place underlined, advice.

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Level};

/// The diagnostics as text for a terminal, one after the other. Control characters of the file
/// are drawn as pictures by the renderer, never sent to the terminal.
pub fn draw(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics {
        let level = match diagnostic.level {
            Level::Error => Title::ERROR,
            Level::Warning => Title::WARNING,
        };
        let file = &diagnostic.file;
        let end = file.text.len();
        let span = diagnostic.span.start.min(end)..diagnostic.span.end.min(end);
        let snippet = Snippet::source(file.text.as_str())
            .path(file.name.as_str())
            .annotation(AnnotationKind::Primary.span(span));
        let mut group: Group<'_> =
            level.primary_title(diagnostic.message.as_str()).element(snippet);
        if let Some(help) = &diagnostic.help {
            group = group.element(Title::HELP.message(help.as_str()));
        }
        text.push_str(&renderer.render(&[group]).to_string());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{SourceFile, Span};

    #[test]
    fn a_mistake_is_shown_where_it_is() {
        let file = SourceFile::new("checks/a.yaml", "id: a\nseverity: hihg\n");
        let diagnostic = Diagnostic::error(&file, Span::new(16, 20), "unknown severity `hihg`")
            .help("did you mean `high`?");
        let text = draw(&[diagnostic], false);
        assert!(text.contains("error: unknown severity `hihg`"), "{text}");
        assert!(text.contains("checks/a.yaml:2:11"), "{text}");
        assert!(text.contains("^^^^"), "{text}");
        assert!(text.contains("did you mean `high`?"), "{text}");
    }
}
