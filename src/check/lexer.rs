//! From the text of an expression to its words.
//!
//! The words are CEL's, and `and or not` beside `&& || !`. Each knows its place in the file.

use std::ops::Range;

use super::passage::Passage;
use crate::diagnostic::{Diagnostic, Span};

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 4_096;

/// A word with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The word.
    pub kind: TokenKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of words.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A name or a keyword.
    Name(String),
    /// A whole number.
    Int(i64),
    /// Quoted text, unescaped.
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the expression.
    End,
}

/// Two-character signs first, so that the longest match wins.
const SIGNS: [&str; 17] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "!", "(", ")", "[", "]", ",", "."];

/// Splits a range of a passage into words, the last of them [`TokenKind::End`].
///
/// # Errors
/// The first character that begins no word, a text without its closing quote, a number beyond 64
/// bits, an expression beyond [`MAX_LENGTH`].
pub fn lex(passage: &Passage, range: Range<usize>) -> Result<Vec<Token>, Diagnostic> {
    let text = passage.text.get(range.clone()).unwrap_or_default();
    if text.len() > MAX_LENGTH {
        let message = format!("the expression is longer than {MAX_LENGTH} bytes");
        return Err(passage
            .error(range, message)
            .help("name its parts under `let`, or split it into several assertions"));
    }
    let mut lexer = Lexer { passage, text, base: range.start, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let last = token.kind == TokenKind::End;
        tokens.push(token);
        if last {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    passage: &'a Passage,
    text: &'a str,
    base: usize,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn range(&self, start: usize) -> Range<usize> {
        self.base + start..self.base + self.at
    }

    fn token(&self, start: usize, kind: TokenKind) -> Token {
        Token { kind, span: self.passage.place(self.range(start)) }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    fn next(&mut self) -> Result<Token, Diagnostic> {
        let before = self.at;
        let space = self.rest().len() - self.rest().trim_start().len();
        self.at += space;
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            // The end is where the last word ends, not after the space that follows.
            self.at = before;
            return Ok(self.token(before, TokenKind::End));
        };
        if first.is_ascii_digit() {
            return self.number();
        }
        let raw_text = rest.starts_with("r\"") || rest.starts_with("r'");
        if first == '"' || first == '\'' || raw_text {
            return self.quoted(raw_text);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let name = self.take(length.unwrap_or(rest.len())).to_owned();
            return Ok(self.token(start, TokenKind::Name(name)));
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            self.at += sign.len();
            return Ok(self.token(start, TokenKind::Sign(sign)));
        }
        self.at += first.len_utf8();
        let help = match first {
            '=' => Some("compare with `==`"),
            '&' => Some("write `and`"),
            '|' => Some("write `or`"),
            '?' | ':' => Some("there is no `? :` here: write two assertions with `when`"),
            '{' | '}' => Some("there are no maps here"),
            '*' | '/' | '%' => Some("there are only `+` and `-`"),
            '“' | '”' | '‘' | '’' => Some("use straight quotes"),
            _ => None,
        };
        let error = self.passage.error(self.range(start), format!("`{first}` means nothing here"));
        Err(error.maybe_help(help.map(str::to_owned)))
    }

    fn number(&mut self) -> Result<Token, Diagnostic> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = self.take(length.unwrap_or(rest.len()));
        let fraction = self.rest().starts_with('.')
            && self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if fraction {
            let message = "numbers are whole here";
            return Err(self.passage.error(self.range(start), message));
        }
        match word.parse() {
            Ok(number) => Ok(self.token(start, TokenKind::Int(number))),
            Err(_) => {
                let what = if word.bytes().all(|byte| byte.is_ascii_digit()) {
                    format!("`{word}` is larger than any 64-bit number")
                } else {
                    format!("`{word}` is neither a number nor a name")
                };
                let help = word
                    .ends_with(['d', 'h', 'm', 's'])
                    .then(|| format!("a span of time is written duration(\"{word}\")"));
                Err(self.passage.error(self.range(start), what).maybe_help(help))
            }
        }
    }

    fn quoted(&mut self, raw: bool) -> Result<Token, Diagnostic> {
        let start = self.at;
        self.at += usize::from(raw);
        let quote = self.take(1).chars().next().unwrap_or('"');
        let mut text = String::new();
        while let Some(next) = self.rest().chars().next() {
            let here = self.at;
            self.at += next.len_utf8();
            if next == quote {
                return Ok(self.token(start, TokenKind::Text(text)));
            }
            if next != '\\' || raw {
                text.push(next);
                continue;
            }
            let escaped = self.rest().chars().next();
            self.at += escaped.map_or(0, char::len_utf8);
            match escaped {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(same @ ('\\' | '"' | '\'' | '`')) => text.push(same),
                Some(other) => {
                    let message = format!("`\\{other}` is no escape");
                    let help = "write a backslash as `\\\\`, or the whole text as r\"…\"";
                    return Err(self.passage.error(self.range(here), message).help(help));
                }
                None => break,
            }
        }
        Err(self.passage.error(self.range(start), "the text has no closing quote"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;
    use crate::diagnostic::SourceFile;

    fn words(text: &str) -> Result<Vec<TokenKind>, Diagnostic> {
        let file = SourceFile::new("a.yaml", format!("a: |\n  {text}\n"));
        let node = yaml::read(&file).unwrap();
        let yaml::Kind::Map(entries) = node.kind else { panic!("a mapping") };
        let passage = Passage::new(&file, &entries[0].value).unwrap();
        let tokens = lex(&passage, 0..passage.text.len())?;
        Ok(tokens.into_iter().map(|token| token.kind).collect())
    }

    fn fails(text: &str) -> String {
        let error = words(text).unwrap_err();
        format!("{error}; {}", error.help.clone().unwrap_or_default())
    }

    #[test]
    fn words_are_split_as_cel_splits_them() {
        use TokenKind::{End, Int, Name, Sign, Text};
        assert_eq!(
            words("a_1.b>=-22&&!(\"x\\\"y\"in['z'])").unwrap(),
            [
                Name("a_1".into()),
                Sign("."),
                Name("b".into()),
                Sign(">="),
                Sign("-"),
                Int(22),
                Sign("&&"),
                Sign("!"),
                Sign("("),
                Text("x\"y".into()),
                Name("in".into()),
                Sign("["),
                Text("z".into()),
                Sign("]"),
                Sign(")"),
                End,
            ]
        );
        assert_eq!(words(r#"r"\d+""#).unwrap(), [Text(r"\d+".into()), End]);
    }

    #[test]
    fn mistakes_name_the_word() {
        assert_eq!(fails("a = 1"), "a.yaml:2:5: `=` means nothing here; compare with `==`");
        assert!(fails("a == \"x").contains("2:8: the text has no closing quote"));
        assert!(fails("a > 1.5").contains("numbers are whole here"));
        assert!(fails("a > 90d").contains("duration(\"90d\")"));
        assert!(fails("99999999999999999999").contains("larger than any 64-bit number"));
        assert!(fails(r#""\d""#).contains("no escape"));
        assert!(fails("a ? b : c").contains("no `? :`"));
    }
}
