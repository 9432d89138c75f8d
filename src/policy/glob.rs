//! Patterns: exact text, or a glob where `*` stands for any characters and `?` for one. Never a
//! part of a text: what is not written is not matched.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The longest pattern.
const MAX_LEN: usize = 2_048;

/// A pattern over names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(String);

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// Longer than anything it could match.
    #[error("a pattern has at most {MAX_LEN} bytes")]
    TooLong,
}

impl Pattern {
    /// Whether it is a glob rather than a name.
    pub fn is_glob(&self) -> bool {
        self.0.contains(['*', '?'])
    }

    /// Whether it says nothing: only `*` and `?`.
    pub fn is_everything(&self) -> bool {
        self.is_glob() && self.0.chars().all(|character| matches!(character, '*' | '?'))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole text matches. Takes time in proportion to the product of both lengths at
    /// most.
    pub fn matches(&self, text: &str) -> bool {
        if !self.is_glob() {
            return self.0 == text;
        }
        let pattern: Vec<char> = self.0.chars().collect();
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut to) = (0, 0);
        // Where to go on when a later part does not match: behind the last star, and the place in
        // the text up to which that star reaches so far.
        let mut star: Option<(usize, usize)> = None;
        while let Some(character) = text.get(to) {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at + 1, to));
                    at += 1;
                }
                Some(wanted) if *wanted == '?' || wanted == character => {
                    at += 1;
                    to += 1;
                }
                _ => match &mut star {
                    Some((behind, reach)) => {
                        *reach += 1;
                        (at, to) = (*behind, *reach);
                    }
                    None => return false,
                },
            }
        }
        pattern.iter().skip(at).all(|rest| *rest == '*')
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_LEN { Err(PatternError::TooLong) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(text)
    }

    #[test]
    fn names_match_exactly_and_never_in_part() {
        assert!(matches("logs", "logs"));
        assert!(
            !matches("logs", "logs-2") && !matches("logs", "my-logs") && !matches("log", "logs")
        );
    }

    #[test]
    fn globs_match_whole_texts() {
        assert!(matches("sg-*", "sg-") && matches("sg-*", "sg-no-ssh-open"));
        assert!(!matches("sg-*", "my-sg-x"));
        assert!(matches("*logs*", "a-logs-b") && matches("a*b*c", "a-x-b-b-c"));
        assert!(matches("a?c", "abc") && !matches("a?c", "ac"));
        assert!(matches("arn:aws:s3:::x/*", "arn:aws:s3:::x/a/b"));
        assert!(matches("*", "") && !matches("?", ""));
    }

    #[test]
    fn hostile_globs_stay_quick() {
        let pattern = "a*".repeat(1_000) + "b";
        assert!(!matches(&pattern, &"a".repeat(2_000)));
    }

    #[test]
    fn patterns_that_say_nothing_are_known() {
        let says_nothing = |text: &str| text.parse::<Pattern>().unwrap().is_everything();
        assert!(says_nothing("*") && says_nothing("*?*"));
        assert!(!says_nothing("s3-*") && !says_nothing("x"));
    }
}
