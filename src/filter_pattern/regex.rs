//! The regular expressions of filter patterns (`%…%`), turned into sets of strings.
//!
//! The subset is the one in AWS's guide, "Supported regular expressions (regex) syntax": no groups,
//! alternatives at the top only, `^` and `$` as anchors at the ends of an alternative, classes,
//! `\d \D \s \S \w \W \xhh`, and the quantifiers `? * + {m,n}`. A match may begin and end anywhere.

use super::language::{CharSet, Item, Language, Repeat};
use super::parse::Problem;

/// Items that one expression may expand to, `{m,n}` written out.
const MAX_ITEMS: usize = 2_000;

/// The strings that surely match and those that may: the guide does not say whether `.` takes a
/// line break, nor whether `$` holds before a final one.
pub(super) fn languages(source: &str) -> Result<(Language, Language), Problem> {
    let no_break = CharSet::of([('\n', '\n'), ('\r', '\r')]).complement();
    let inner = language(source, &no_break, false)?;
    let outer = language(source, &CharSet::any(), true)?;
    Ok((inner, outer))
}

fn language(source: &str, dot: &CharSet, lenient_end: bool) -> Result<Language, Problem> {
    let mut reader = Reader { rest: source, dot };
    let mut sequences = Vec::new();
    let mut total = 0;
    loop {
        let (mut items, ended) = reader.alternative()?;
        if lenient_end && ended {
            items.push(Item { set: CharSet::one('\n'), repeat: Repeat::Optional });
        }
        total += items.len();
        if total > MAX_ITEMS {
            return Err(Problem::RegexTooLarge);
        }
        sequences.push(items);
        if !reader.take('|') {
            break;
        }
    }
    match reader.rest.chars().next() {
        None => Ok(Language { sequences }),
        Some(other) => Err(Problem::Regex(format!("`{other}` cannot stand here"))),
    }
}

struct Reader<'a> {
    rest: &'a str,
    dot: &'a CharSet,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.next();
        }
        there
    }

    /// One alternative, and whether it ends with `$`.
    fn alternative(&mut self) -> Result<(Vec<Item>, bool), Problem> {
        let mut items = Vec::new();
        if !self.take('^') {
            items.push(Item::anything());
        }
        loop {
            match self.peek() {
                None | Some('|') => {
                    items.push(Item::anything());
                    return Ok((items, false));
                }
                Some('$') => {
                    self.next();
                    return match self.peek() {
                        None | Some('|') => Ok((items, true)),
                        Some(_) => Err(unsupported("`$` before the end of an alternative")),
                    };
                }
                Some(_) => {
                    let set = self.set()?;
                    self.repeated(set, &mut items)?;
                }
            }
            if items.len() > MAX_ITEMS {
                return Err(Problem::RegexTooLarge);
            }
        }
    }

    /// The set of characters that one term stands for.
    fn set(&mut self) -> Result<CharSet, Problem> {
        match self.next() {
            Some('.') => Ok(self.dot.clone()),
            Some('[') => self.class(),
            Some('\\') => self.escape(),
            Some('^') => Err(unsupported("`^` after the beginning of an alternative")),
            Some(c @ ('(' | ')')) => Err(unsupported(&format!("`{c}`"))),
            Some(c @ ('*' | '+' | '?' | '{' | '}' | ']')) => {
                Err(Problem::Regex(format!("`{c}` has nothing to apply to")))
            }
            Some(other) => Ok(CharSet::one(other)),
            None => Err(Problem::Regex("the expression ends too early".to_owned())),
        }
    }

    /// The rest of a class after `[`.
    fn class(&mut self) -> Result<CharSet, Problem> {
        let negated = self.take('^');
        let mut set: Option<CharSet> = None;
        loop {
            let unclosed = || Problem::Regex("a class lacks its `]`".to_owned());
            let first = match self.next().ok_or_else(unclosed)? {
                ']' if set.is_some() => break,
                ']' => return Err(Problem::Regex("a class is empty".to_owned())),
                '\\' => self.escape()?,
                low if self.range_follows() => {
                    self.next();
                    let high = match self.next().ok_or_else(unclosed)? {
                        '\\' => return Err(unsupported("an escape as the end of a range")),
                        high => high,
                    };
                    if high < low {
                        return Err(Problem::Regex(format!("the range `{low}-{high}` is empty")));
                    }
                    CharSet::of([(low, high)])
                }
                other => CharSet::one(other),
            };
            set = Some(match set {
                Some(so_far) => so_far.union(&first),
                None => first,
            });
        }
        let set = set.unwrap_or_else(CharSet::any);
        Ok(if negated { set.complement() } else { set })
    }

    /// Whether `-` follows and does not close the class.
    fn range_follows(&self) -> bool {
        self.rest.starts_with('-') && !self.rest.starts_with("-]")
    }

    /// The rest of an escape after `\`.
    fn escape(&mut self) -> Result<CharSet, Problem> {
        let digits = || CharSet::of([('0', '9')]);
        let spaces = || CharSet::of([' ', '\t', '\n', '\r'].map(|c| (c, c)));
        let words = || CharSet::of([('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]);
        match self.next() {
            Some('d') => Ok(digits()),
            Some('D') => Ok(digits().complement()),
            Some('s') => Ok(spaces()),
            Some('S') => Ok(spaces().complement()),
            Some('w') => Ok(words()),
            Some('W') => Ok(words().complement()),
            Some('x') => {
                let mut hex = || self.next().and_then(|digit| digit.to_digit(16));
                match (hex(), hex()) {
                    (Some(high), Some(low)) => char::from_u32(high * 16 + low)
                        .map(CharSet::one)
                        .ok_or_else(|| Problem::Regex("`\\x` names no character".to_owned())),
                    _ => Err(Problem::Regex("`\\x` needs two hexadecimal digits".to_owned())),
                }
            }
            Some(other) if other.is_alphanumeric() => Err(unsupported(&format!("`\\{other}`"))),
            Some(other) => Ok(CharSet::one(other)),
            None => Err(Problem::Regex("the expression ends after `\\`".to_owned())),
        }
    }

    /// Adds `set` as often as the quantifier after it says.
    fn repeated(&mut self, set: CharSet, items: &mut Vec<Item>) -> Result<(), Problem> {
        let (least, most) = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => return self.counted(set, items),
            _ => {
                items.push(Item { set, repeat: Repeat::Once });
                return Ok(());
            }
        };
        self.next();
        push_repeated(&set, least, most, items)
    }

    /// `{m}`, `{m,}`, `{,n}` and `{m,n}`, with blanks allowed.
    fn counted(&mut self, set: CharSet, items: &mut Vec<Item>) -> Result<(), Problem> {
        let wrong = || Problem::Regex("a count must read `{m}`, `{m,}` or `{m,n}`".to_owned());
        let body = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let (body, rest) = body.ok_or_else(wrong)?;
        self.rest = rest;
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
        let (least, most) = match body.split_once(',') {
            None => (number(body)?, Some(number(body)?)),
            Some((least, most)) if most.trim().is_empty() => (number(least)?, None),
            Some((least, most)) if least.trim().is_empty() => (0, Some(number(most)?)),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        if most.is_some_and(|most| most < least) {
            return Err(wrong());
        }
        push_repeated(&set, least, most, items)
    }
}

fn push_repeated(
    set: &CharSet,
    least: usize,
    most: Option<usize>,
    items: &mut Vec<Item>,
) -> Result<(), Problem> {
    if items.len() + least.max(most.unwrap_or(0)) > MAX_ITEMS {
        return Err(Problem::RegexTooLarge);
    }
    let item = |repeat| Item { set: set.clone(), repeat };
    items.extend((0..least).map(|_| item(Repeat::Once)));
    match most {
        None => items.push(item(Repeat::Any)),
        Some(most) => items.extend((least..most).map(|_| item(Repeat::Optional))),
    }
    Ok(())
}

fn unsupported(what: &str) -> Problem {
    Problem::Regex(format!("{what} is not supported in filter patterns"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(source: &str, text: &str) -> bool {
        languages(source).expect(source).0.accepts(text)
    }

    #[test]
    fn the_examples_of_the_user_guide_match_as_it_says() {
        for (source, yes, no) in [
            ("^[hc]at", "hats", "chat"),
            ("[hc]at$", "chat", "hats"),
            ("colou?r", "color", "colr"),
            ("^a{3,5}$", "aaaa", "aa"),
            ("^a{2}$", "aa", "aaa"),
            ("gray|grey", "a grey cat", "a groy cat"),
            ("^starting|^shutting down", "shutting down now", "not shutting down"),
            (r"\[.\]", "x[b]", "xb"),
            (r"10\.10\.0\.1", "10.10.0.1", "10010,051"),
            ("ab*c", "ac", "a"),
            ("ab+c", "abbc", "ac"),
            (r"\d\D", "1a", "11"),
            (r"\x3A", ":", ";"),
            (r"^\w+$", "abc_1", "a-b"),
            ("[^a-c-]x", "dx", "-x"),
        ] {
            assert!(matches(source, yes), "{source} on {yes}");
            assert!(!matches(source, no), "{source} on {no}");
        }
    }

    #[test]
    fn what_filter_patterns_do_not_support_is_an_error() {
        for source in ["(a)", "a^b", "a$b", "[", "[]", "*a", r"\q", "a{2,1}", "a{", "[z-a]"] {
            assert!(languages(source).is_err(), "{source}");
        }
        assert!(matches!(languages("a{100000}"), Err(Problem::RegexTooLarge)));
        assert!(matches!(languages(&"a{999}".repeat(9)), Err(Problem::RegexTooLarge)));
    }
}
