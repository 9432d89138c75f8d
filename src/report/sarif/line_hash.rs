//! The hash by which code scanning recognises a line that moved, as CodeQL's upload computes it.
//!
//! Over the UTF-16 units of the file without blanks and tabs, with CR and CRLF as LF: the 100 units
//! from the beginning of the line, padded with zeros, as a polynomial of base 37 modulo 2^64, in
//! hexadecimal, then how often that hash has come in the file so far.

use std::collections::BTreeMap;

const BLOCK: usize = 100;
const BASE: u64 = 37;

/// The hash of every line of a file, the first line first.
pub fn line_hashes(text: &str) -> Vec<String> {
    let (units, starts) = relevant_units(text);
    let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
    starts
        .into_iter()
        .map(|start| {
            let hash = (0..BLOCK).fold(0_u64, |hash, at| {
                let unit = units.get(start + at).copied().unwrap_or(0);
                hash.wrapping_mul(BASE).wrapping_add(u64::from(unit))
            });
            let count = seen.entry(hash).and_modify(|count| *count += 1).or_insert(1);
            format!("{hash:x}:{count}")
        })
        .collect()
}

/// The units that count, with the end mark, and where each line begins among them.
fn relevant_units(text: &str) -> (Vec<u16>, Vec<usize>) {
    const LF: u16 = 10;
    const CR: u16 = 13;
    let mut units: Vec<u16> = Vec::with_capacity(text.len() + 1);
    let mut starts = vec![0];
    let mut before = 0;
    for unit in text.encode_utf16() {
        let second_of_pair = unit == LF && before == CR;
        before = unit;
        match unit {
            0x20 | 0x09 => {}
            LF if second_of_pair => {}
            LF | CR => {
                units.push(LF);
                starts.push(units.len());
            }
            _ => units.push(unit),
        }
    }
    units.push(0xFFFF);
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::line_hashes;

    #[test]
    fn equals_the_vectors_of_codeql() {
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            line_hashes(" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
        assert_eq!(
            line_hashes("x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n"),
            [
                "e54938cc54b302f1:1",
                "bb609acbe9138d60:1",
                "1131fd5871777f34:1",
                "5c482a0f8b35ea28:1",
                "54517377da7028d2:1",
                "2c644846cb18d53e:1",
                "f1b89f20de0d133:1",
                "c129715d7a2bc9a3:1"
            ]
        );
    }

    #[test]
    fn line_ends_of_all_systems_are_one() {
        let unix = line_hashes("a\nb\n\nc");
        assert_eq!(line_hashes("a\r\nb\r\n\r\nc"), unix);
        assert_eq!(line_hashes("a\rb\r\rc"), unix);
    }

    #[test]
    fn equal_lines_are_counted() {
        let text = "x\n".repeat(300);
        let hashes = line_hashes(&text);
        assert!(hashes[0].ends_with(":1") && hashes[1].ends_with(":2"));
    }

    #[test]
    fn astral_characters_count_as_two_units() {
        assert_ne!(line_hashes("🦀"), line_hashes("\u{fffd}"));
        assert_eq!(line_hashes("🦀\na").len(), 2);
    }
}
