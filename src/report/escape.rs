//! JSON that is safe wherever it is shown: what a reader cannot see, or what a terminal would obey,
//! is written as `\uXXXX`. The value stays the same.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::text::is_hidden;

/// Writes a value in one line.
///
/// # Errors
/// When the writer fails.
pub(super) fn compact(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write(value, out, Escaped { inner: CompactFormatter, also: '\0' })
}

/// Writes a value over indented lines.
///
/// # Errors
/// When the writer fails.
pub(super) fn pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write(value, out, Escaped { inner: PrettyFormatter::new(), also: '\0' })
}

/// Writes a value that can stand in a `script` element: neither `</script` nor `<!--` is in it.
///
/// # Errors
/// When the writer fails.
pub(super) fn in_script(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write(value, out, Escaped { inner: CompactFormatter, also: '<' })
}

fn write(
    value: &impl Serialize,
    out: &mut dyn Write,
    formatter: Escaped<impl Formatter>,
) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, formatter);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// A formatter that escapes more than JSON asks for.
struct Escaped<F> {
    inner: F,
    /// One more character to escape.
    also: char,
}

macro_rules! delegate {
    ($($name:ident($($argument:ident: $kind:ty)?)),* $(,)?) => {$(
        fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $argument: $kind)?) -> io::Result<()> {
            self.inner.$name(out $(, $argument)?)
        }
    )*};
}

impl<F: Formatter> Formatter for Escaped<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let unsafe_at = |text: &str| text.find(|it| is_hidden(it) || it == self.also);
        let mut rest = text;
        while let Some(at) = unsafe_at(rest) {
            let (before, after) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            let mut characters = after.chars();
            for unit in characters.next().into_iter().flat_map(utf16) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        out.write_all(rest.as_bytes())
    }

    delegate! {
        begin_array(), end_array(), begin_array_value(first: bool), end_array_value(),
        begin_object(), end_object(), begin_object_key(first: bool), end_object_key(),
        begin_object_value(), end_object_value(),
    }
}

fn utf16(character: char) -> impl Iterator<Item = u16> {
    let mut units = [0; 2];
    let length = character.encode_utf16(&mut units).len();
    units.into_iter().take(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_the_value_stays() {
        let value =
            serde_json::json!({"a\u{9b}": ["<é\u{202e}\u{e0001}日\"\n\u{7f}", 1, null], "b": {}});
        type Writer = fn(&serde_json::Value, &mut dyn Write) -> io::Result<()>;
        let writers: [Writer; 3] = [compact, pretty, in_script];
        for writer in writers {
            let mut out = Vec::new();
            writer(&value, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(!text.chars().any(|it| is_hidden(it) && it != '\n'), "{text}");
            assert!(text.contains("é\\u202e\\udb40\\udc01日"), "{text}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
        let mut out = Vec::new();
        in_script(&"</script>", &mut out).unwrap();
        assert_eq!(out, b"\"\\u003c/script>\"");
    }
}
