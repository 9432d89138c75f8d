//! Text from accounts made safe for its readers, and fitted to a width.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with every character that a reader cannot see or that moves other characters written
/// out as `\u{…}`: control characters (terminal escapes begin with one), line breaks, marks that
/// change the direction of writing, zero-width and tag characters. The result is one line. `##[`
/// loses its meaning too: runners of GitHub and Azure obey it anywhere in a line of their log.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.contains("##[") {
        return Cow::Owned(plain(&text.replace("##[", "#\\u{23}[")).into_owned());
    }
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            _ if is_hidden(character) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
            }
            _ => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// Whether a reader cannot see a character, or it moves others.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text cut in its middle to at most `width` columns, with `…` in place of what is missing: both
/// ends of a resource name tell more than its middle.
pub fn middle_cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let room = width.saturating_sub(1);
    let head = take_columns(text.chars(), room.div_ceil(2));
    let tail = take_columns(text.chars().rev(), room / 2);
    let tail: String = tail.chars().rev().collect();
    Cow::Owned(format!("{head}…{tail}"))
}

fn take_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}

/// The first characters of a text, with `…` in place of the rest, at most `limit` characters in all.
pub fn head(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
            Cow::Owned(kept + "…")
        }
    }
}

/// A Markdown code fence longer than any row of backticks in the code.
pub fn fence(code: &str) -> String {
    let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// A count with its noun: `1 account`, `2 accounts`.
pub fn counted(count: u64, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {noun}s"),
    }
}

/// A length of a collection as a count.
pub fn count_of(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// Seconds since 1970 as `2026-01-02T03:04:05Z`.
pub fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| format!("@{seconds}"), |time| time.to_string())
}

/// The service of a CloudFormation type, in lower case: `ec2` of `AWS::EC2::SecurityGroup`,
/// `account` of `AWS::::Account`.
pub fn service(resource_type: &str) -> String {
    let mut parts = resource_type.split("::").skip(1);
    let service = parts.next().filter(|service| !service.is_empty());
    service.or_else(|| parts.next()).unwrap_or(resource_type).to_ascii_lowercase()
}

/// The last part of a CloudFormation type, in lower case with hyphens: `security-group` of
/// `AWS::EC2::SecurityGroup`, `vpc` of `AWS::EC2::VPC`.
pub fn kind(resource_type: &str) -> String {
    let name = resource_type.rsplit("::").next().unwrap_or(resource_type);
    let characters: Vec<char> = name.chars().collect();
    let mut kind = String::with_capacity(name.len() + 4);
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| characters.get(before));
        let next_is_lower = characters.get(at + 1).is_some_and(|next| next.is_ascii_lowercase());
        let starts_word = character.is_ascii_uppercase()
            && before.is_some_and(|before| !before.is_ascii_uppercase() || next_is_lower);
        if starts_word {
            kind.push('-');
        }
        kind.push(character.to_ascii_lowercase());
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(plain("bücket-日本-🦀"), "bücket-日本-🦀");
        assert_eq!(plain("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(plain("a\r\n\tb\u{7f}"), "a\\r\\n\\tb\\u{7f}");
        assert_eq!(plain("x\u{202e}gpj.exe"), "x\\u{202e}gpj.exe");
        assert_eq!(plain("x ##[add-mask]y"), "x #\\u{23}[add-mask]y");
        assert_eq!(plain("a\u{200b}b\u{2028}c\u{9b}d"), "a\\u{200b}b\\u{2028}c\\u{9b}d");
    }

    #[test]
    fn names_lose_their_middle_and_keep_the_width() {
        assert_eq!(middle_cut("short", 5), "short");
        assert_eq!(middle_cut("arn:aws:s3:::long-bucket-name", 11), "arn:a…-name");
        assert_eq!(middle_cut("日本日本日本", 7).width(), 5);
        assert_eq!(middle_cut("abc", 1), "…");
        assert_eq!(middle_cut("abc", 0), "…");
    }

    #[test]
    fn types_come_apart() {
        assert_eq!(service("AWS::EC2::SecurityGroup"), "ec2");
        assert_eq!(service("AWS::::Account"), "account");
        assert_eq!(kind("AWS::EC2::SecurityGroup"), "security-group");
        assert_eq!(kind("AWS::EC2::VPC"), "vpc");
        assert_eq!(kind("AWS::EC2::VPCEndpoint"), "vpc-endpoint");
        assert_eq!(kind("AWS::::Account"), "account");
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(counted(1, "gap"), "1 gap");
        assert_eq!(counted(0, "gap"), "0 gaps");
        assert_eq!(counted(2, "policy"), "2 policies");
    }
}
