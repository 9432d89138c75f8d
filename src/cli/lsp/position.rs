//! Places of the protocol: lines, and UTF-16 code units within them.

use std::ops::Range;

use lsp_types::{Position, Range as Places};

/// Where the lines of a text begin.
#[derive(Debug)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of a text, which end with `\n`, `\r\n` or `\r`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Self { starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The bytes of a line, its end included.
    fn line(&self, text: &str, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(text.len());
        start..self.starts.get(line + 1).copied().unwrap_or(text.len())
    }

    /// The byte at a position. A position beyond the end of its line is that end.
    pub fn offset(&self, text: &str, position: Position) -> usize {
        let range = self.line(text, position.line as usize);
        let line = text.get(range.clone()).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let mut units = 0_u32;
        for (at, c) in line.char_indices() {
            if units >= position.character {
                return range.start + at;
            }
            units += if c.len_utf16() == 1 { 1 } else { 2 };
        }
        range.start + line.len()
    }

    /// The position of a byte.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = text.get(start..offset.min(text.len())).unwrap_or_default();
        let units = before.encode_utf16().count();
        Position::new(number(line), number(units))
    }

    /// The positions of a range of bytes.
    pub fn places(&self, text: &str, range: Range<usize>) -> Places {
        Places::new(self.position(text, range.start), self.position(text, range.end))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_in_utf_16() {
        let text = "a\né😀b\r\nc\rd";
        let lines = Lines::new(text);
        for (offset, line, character) in [
            (0, 0, 0),
            (1, 0, 1),
            (2, 1, 0),
            (4, 1, 1),
            (8, 1, 3),
            (9, 1, 4),
            (11, 2, 0),
            (13, 3, 0),
            (14, 3, 1),
        ] {
            let position = Position::new(line, character);
            assert_eq!(lines.position(text, offset), position, "{offset}");
            assert_eq!(lines.offset(text, position), offset, "{offset}");
        }
        assert_eq!(lines.offset(text, Position::new(0, 99)), 1);
        assert_eq!(lines.offset(text, Position::new(1, 2)), 8, "within a surrogate pair");
        assert_eq!(lines.offset(text, Position::new(99, 0)), text.len());
    }
}
