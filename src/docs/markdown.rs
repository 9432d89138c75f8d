//! Markdown that its text cannot break.

use std::fmt::Write as _;

/// The text of a cell or paragraph: no markup, one line.
pub fn text(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut safe = String::with_capacity(joined.len());
    let mut code = false;
    for character in joined.chars() {
        code ^= character == '`';
        match character {
            '|' => safe.push_str("\\|"),
            '<' | '>' | '*' | '_' | '[' | ']' if !code => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}

/// A fenced block, its fence longer than any in the text.
pub fn fenced(language: &str, body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", body.trim_end())
}

/// A table; cells are Markdown.
pub fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}
