//! The tree of an ordinary document, made straight from the parser's events.
//!
//! Checks and policies are read at every start, and serde's way to the same tree takes most of that
//! time. This way knows no tags, anchors, aliases or merge keys and reports no mistakes: where it meets
//! any of these, or a limit, it leaves the whole document to serde-saphyr, which reads it or says what
//! is wrong. Where it answers, the answer is the same, which a test holds it to.

use granit_parser::{Event, Parser, ScalarStyle, Span as Marks};

use super::{Entry, Kind, MAX_DEPTH, MAX_NODES, Node, Style};
use crate::diagnostic::Span;

/// The tree of a document. `None` says that serde-saphyr has to be asked.
pub(super) fn tree(text: &str) -> Option<Node> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for (count, next) in Parser::new_from_str(text).enumerate() {
        let (event, marks) = next.ok()?;
        if count > MAX_NODES {
            return None;
        }
        let span = span_of(&marks)?;
        let node = match event {
            Event::Scalar(text, style, 0, None) => {
                if let Some(Inside::Map(_, key @ None)) = open.last_mut().map(|it| &mut it.inside) {
                    *key = Some((name(&text, style)?, span));
                    continue;
                }
                Node { span, kind: scalar(&text, style)?, style: style_of(style) }
            }
            Event::SequenceStart(_, 0, None) => {
                start(&mut open, span, Inside::List(Vec::new()))?;
                continue;
            }
            Event::MappingStart(_, 0, None) => {
                start(&mut open, span, Inside::Map(Vec::new(), None))?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let node = open.pop()?.node();
                put(&mut open, &mut root, node)?;
                continue;
            }
            event if event.is_node() => return None,
            _ => continue,
        };
        put(&mut open, &mut root, node)?;
    }
    root
}

/// A list or a mapping that has not ended, and where it began.
struct Open {
    span: Span,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    /// With the name whose value comes next.
    Map(Vec<Entry>, Option<(String, Span)>),
}

impl Open {
    fn node(self) -> Node {
        let kind = match self.inside {
            Inside::List(items) => Kind::List(items),
            Inside::Map(entries, _) => Kind::Map(entries),
        };
        Node::new(self.span, kind)
    }
}

/// Opens a list or a mapping. None may stand where a name is expected.
fn start(open: &mut Vec<Open>, span: Span, inside: Inside) -> Option<()> {
    let is_name = matches!(open.last(), Some(Open { inside: Inside::Map(_, None), .. }));
    if is_name || open.len() >= MAX_DEPTH {
        return None;
    }
    open.push(Open { span, inside });
    Some(())
}

/// Puts a value where it belongs. A document has one.
fn put(open: &mut [Open], root: &mut Option<Node>, node: Node) -> Option<()> {
    match open.last_mut().map(|it| &mut it.inside) {
        Some(Inside::List(items)) => items.push(node),
        Some(Inside::Map(entries, key)) => {
            let (key, key_span) = key.take()?;
            entries.push(Entry { key, key_span, value: node });
        }
        None if root.is_none() => *root = Some(node),
        None => return None,
    }
    Some(())
}

pub(super) fn span_of(marks: &Marks) -> Option<Span> {
    let (start, end) = (marks.start.byte_offset()?, marks.end.byte_offset()?);
    Some(Span::new(start, end.max(start)))
}

/// How text of that notation is written, in our words.
pub(super) fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}

/// A name of a mapping. Nothing is no name, and `<<` merges.
fn name(text: &str, style: ScalarStyle) -> Option<String> {
    let special = text == "<<" || style == ScalarStyle::Plain && is_null(text);
    (!special).then(|| text.to_owned())
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A value by YAML 1.2's core schema, save that numbers with a leading zero or an underscore are text.
fn scalar(text: &str, style: ScalarStyle) -> Option<Kind> {
    let as_text = || Some(Kind::Text(text.to_owned()));
    if style != ScalarStyle::Plain {
        return as_text();
    }
    match text {
        text if is_null(text) => return Some(Kind::Null),
        "true" | "True" | "TRUE" => return Some(Kind::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Kind::Bool(false)),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        || text.contains('_')
    {
        return as_text();
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_decimal = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    if is_decimal {
        return match unsigned.starts_with('0') && unsigned != "0" {
            true => as_text(),
            false => text.parse().ok().map(Kind::Int),
        };
    }
    // Other bases, and what is no finite number, are rare.
    let rest = unsigned.trim_start_matches(['0', '.']);
    if unsigned != rest && rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    match text.parse::<f64>() {
        Ok(value) => value.is_finite().then_some(Kind::Float(value)),
        Err(_) => as_text(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::by_serde;
    use super::*;
    use crate::diagnostic::SourceFile;

    static CHECKS: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/checks");

    /// Whether the tree is made here; if it is, it must be the one that serde-saphyr makes.
    fn is_ordinary(text: &str) -> bool {
        let here = tree(text);
        if let Some(node) = &here {
            let there = by_serde(&SourceFile::new("a.yaml", text), text);
            assert_eq!(there.as_ref(), Ok(node), "{text}");
        }
        here.is_some()
    }

    #[test]
    fn nearly_all_shipped_checks_are_ordinary() {
        let mut others = Vec::new();
        let mut todo = vec![&CHECKS];
        while let Some(dir) = todo.pop() {
            todo.extend(dir.dirs());
            for file in dir.files() {
                if !is_ordinary(file.contents_utf8().unwrap()) {
                    others.push(file.path().display());
                }
            }
        }
        assert!(others.len() < 5, "serde reads these, which takes longer: {others:?}");
    }

    #[test]
    fn scalars_are_those_of_serde() {
        let ordinary = "0 1 -1 +1 -0 22 022 -07 00 1_0 1.5 -1.5 .5 1 1e3 1E-3 0.0 1.2.3 10.0.0.0/8 + . .. \
            ... 1a 12:30 2026-11-24 true True TRUE false yes No on off y tRue null Null ~ nULL inf nan \
            infinity NaN --1 +-1 a_b _1 9223372036854775807 -9223372036854775808 e5 1e 'x' \"\\n\" '1'";
        for text in ordinary.split_whitespace() {
            assert!(is_ordinary(&format!("a: {text}\n")), "{text}");
            assert!(is_ordinary(&format!("[{text}, {{b: {text}}}]")), "{text}");
        }
        let others = "0x1F 0o17 0b1 -0x1 0xg .inf -.INF .nan 1e999 -1e999 9223372036854775808 \
            99999999999999999999 +inf -nan !!int 0e5 !x << -";
        for text in others.split_whitespace() {
            is_ordinary(&format!("a: {text}\n"));
        }
    }

    #[test]
    fn what_is_not_ordinary_is_left_to_serde() {
        for text in [
            "",
            "# nothing\n",
            "a: &x 1\n",
            "a: !t 1\n",
            "<<: {a: 1}\n",
            "~: 1\n",
            "? [a]\n: 1\n",
            "a: 1\n---\nb: 2\n",
            "a: [\n",
            "a: *x\n",
            "a: .inf\n",
            "a: 0x10\n",
            "--- 1\n--- 2\n",
        ] {
            assert!(!is_ordinary(text), "{text}");
        }
        assert!(!is_ordinary(&"[".repeat(MAX_DEPTH + 1)));
        let deep = format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(is_ordinary(&deep));
    }

    #[test]
    fn places_are_those_of_serde() {
        for text in [
            "\u{feff}a: é\nb:\n  - \"x\ty\"\n  - |\n    two\n    lines\n  - >-\n    folded\n\n    é\nc:\n",
            "---\n# first\na: # then\n  b: {c: [1, 'two', ], d: }\n  ? e\n  : f\n...\n",
            "- - a\n  - b: c\n    d: e\n-\n- ''\n",
            "\"quoted key\": 1\n'<': 2\n1: 3\ntrue: 4\n",
        ] {
            assert!(is_ordinary(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_serde_reads_it(
            text in r#"([a-c0-9.+_~:#&*!|>'"<{}\[\],?-]|true|null|0x|e5|: |- |\n|\n  |\n    ){0,40}"#
        ) {
            is_ordinary(&text);
        }

        #[test]
        fn any_scalar_is_read_as_serde_reads_it(text in r"[+-]?[0-9.xobeEinfa_:+-]{0,8}") {
            is_ordinary(&format!("a: {text}\n- {text}"));
            is_ordinary(&format!("a: {text}\n"));
            is_ordinary(&format!("{text}: [{text}]\n"));
        }
    }
}
