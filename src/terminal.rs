//! Diagnostics drawn as rustc draws them: file, line, column, the line itself, carets, advice.
//!
//! Whether to use colour is passed in. Text of files is hostile here as everywhere: what a terminal
//! would act upon is written out.

use annotate_snippets::{AnnotationKind, Group, Level as Shown, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Level, SourceFile, Span};
use crate::report::text::plain;

/// The most diagnostics that are drawn; the rest is counted.
const MAX_DRAWN: usize = 50;

/// The widest line that is drawn, in columns.
const MAX_WIDTH: usize = 140;

/// Draws diagnostics, with an empty line after each.
pub fn draw(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(MAX_WIDTH);
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MAX_DRAWN) {
        text.push_str(&draw_one(diagnostic, &renderer));
        text.push_str("\n\n");
    }
    if let Some(more) = diagnostics.len().checked_sub(MAX_DRAWN).filter(|more| *more > 0) {
        text.push_str(&format!("and {more} more\n"));
    }
    text
}

fn draw_one(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.level {
        Level::Error => Shown::ERROR,
        Level::Warning => Shown::WARNING,
    };
    let message = plain(&diagnostic.message);
    let name = plain(&diagnostic.file.name);
    let help = diagnostic.help.as_deref().map(plain);
    let line = Line::of(&diagnostic.file, diagnostic.span);
    let snippet = Snippet::source(line.text.as_str())
        .line_start(line.number)
        .path(&*name)
        .annotation(AnnotationKind::Primary.span(line.span.range()));
    let mut group: Group<'_> = level.primary_title(&*message).element(snippet);
    if let Some(help) = &help {
        group = group.element(Shown::HELP.message(&**help));
    }
    renderer.render(&[group])
}

/// The line in which a span begins, made safe, with the span in it. A span over several lines is
/// drawn to the end of its first.
struct Line {
    text: String,
    number: usize,
    span: Span,
}

impl Line {
    fn of(file: &SourceFile, span: Span) -> Self {
        let (number, _) = file.position(span.start);
        let start = span.start.min(file.text.len());
        let before = file.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = file.text.get(line_start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let (mut text, mut from, mut to) = (String::new(), None, None);
        for (at, character) in line.char_indices() {
            let at = line_start + at;
            if at >= span.start {
                from.get_or_insert(text.len());
            }
            if at >= span.end.max(span.start + 1) {
                to.get_or_insert(text.len());
            }
            match character {
                '\t' => text.push('\t'),
                _ => text.push_str(&plain(character.encode_utf8(&mut [0; 4]))),
            }
        }
        let (from, to) = (from.unwrap_or(text.len()), to.unwrap_or(text.len()));
        Self { text, number, span: Span::new(from, to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, part: &str, message: &str, help: Option<&str>) -> String {
        let file = SourceFile::new("policies/x.yaml", text);
        let start = text.find(part).unwrap();
        let span = Span::new(start, start + part.len());
        let diagnostic =
            Diagnostic::error(&file, span, message).maybe_help(help.map(str::to_owned));
        draw(&[diagnostic], false)
    }

    #[test]
    fn a_mistake_is_shown_in_its_line_with_advice() {
        let text = "id: x\ngate:\n  fial_on: high\n";
        let help = Some("did you mean `fail_on`?");
        insta::assert_snapshot!(drawn(text, "fial_on", "unknown key `fial_on`", help), @r#"
            error: unknown key `fial_on`
             --> policies/x.yaml:3:3
              |
            3 |   fial_on: high
              |   ^^^^^^^
              |
              = help: did you mean `fail_on`?
            "#);
    }

    #[test]
    fn carets_stand_under_wide_and_hidden_characters() {
        let text = "a: \u{1b}[31m日本\u{202e}x\r\n";
        insta::assert_snapshot!(drawn(text, "日本", "not \u{1b}[1m this", None), @r#"
            error: not \u{1b}[1m this
             --> policies/x.yaml:1:14
              |
            1 | a: \u{1b}[31m日本\u{202e}x
              |              ^^^^
            "#);
    }

    #[test]
    fn a_span_over_lines_and_one_past_the_end_are_drawn() {
        let text = "a: |\n  b\n  c\n";
        assert!(drawn(text, "|\n  b\n  c", "too long", None).contains("1 | a: |"));
        let file = SourceFile::new("x", "a: 1");
        for at in [0, 4, 5, 999] {
            let text = draw(&[Diagnostic::error(&file, Span::new(at, at), "m")], false);
            assert!(text.contains("error: m"), "{text}");
        }
        let empty = SourceFile::new("x", "");
        assert!(
            draw(&[Diagnostic::warning(&empty, Span::default(), "m")], false).contains("warning")
        );
    }

    #[test]
    fn colour_only_when_told() {
        let file = SourceFile::new("x", "a: 1");
        let diagnostic = [Diagnostic::error(&file, Span::new(0, 1), "m")];
        assert!(draw(&diagnostic, true).contains('\u{1b}'));
        assert!(!draw(&diagnostic, false).contains('\u{1b}'));
    }

    #[test]
    fn many_mistakes_are_counted() {
        let file = SourceFile::new("x", "a: 1");
        let many = vec![Diagnostic::error(&file, Span::new(0, 1), "m"); MAX_DRAWN + 3];
        assert!(draw(&many, false).ends_with("and 3 more\n"));
    }
}
