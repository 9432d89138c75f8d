//! Reads the text of a JSON filter pattern, within bounds, into its parsed form.
//!
//! The grammar is the one of AWS's guide ("Filter pattern syntax for metric filters …"), read
//! strictly: what the guide does not describe is an error with its position, never a guess, because
//! a guess could call an alarm complete that is not.

use super::regex;
use super::syntax::{
    Condition, Formula, JsonPattern, Number, Operand, Order, Segment, Selector, Test, Text,
};

/// Characters of a pattern. CloudWatch Logs itself takes 1,024.
pub const MAX_LENGTH: usize = 8_192;
/// Parentheses inside each other.
pub const MAX_DEPTH: usize = 64;
/// Conditions in a pattern.
pub const MAX_CONDITIONS: usize = 512;
/// Steps in one selector.
pub const MAX_SEGMENTS: usize = 32;
/// Largest array index in a selector.
pub const MAX_INDEX: usize = 999;

/// Why a text is not a filter pattern that this module understands, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {problem}")]
pub struct PatternError {
    /// Place in the text, counted in characters from one.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong in a filter pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is longer than [`MAX_LENGTH`].
    #[error("the pattern is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// There are more than [`MAX_DEPTH`] parentheses inside each other.
    #[error("more than {MAX_DEPTH} parentheses inside each other")]
    TooDeep,
    /// There are more than [`MAX_CONDITIONS`] conditions.
    #[error("more than {MAX_CONDITIONS} conditions")]
    TooManyConditions,
    /// A selector has more than [`MAX_SEGMENTS`] steps.
    #[error("a selector of more than {MAX_SEGMENTS} steps")]
    SelectorTooLong,
    /// An array index is larger than [`MAX_INDEX`].
    #[error("an array index above {MAX_INDEX}")]
    IndexTooLarge,
    /// Something else should stand here.
    #[error("expected {wanted}, found {found}")]
    Expected {
        /// What may stand here.
        wanted: &'static str,
        /// What stands here.
        found: String,
    },
    /// A quoted string or expression has no end.
    #[error("{0} is not closed")]
    Unclosed(&'static str),
    /// A backslash stands before a character that needs none; its meaning is not documented.
    #[error("the escape `\\{0}` is not known")]
    Escape(char),
    /// A regular expression is wrong or uses what filter patterns do not support.
    #[error("regular expression: {0}")]
    Regex(String),
    /// A regular expression grows beyond the bound when its counts are written out.
    #[error("the regular expression is too large")]
    RegexTooLarge,
}

/// Parses `{ … }`.
pub(super) fn parse_json(text: &str) -> Result<JsonPattern, PatternError> {
    let mut parser = Parser { text, offset: 0, depth: 0, conditions: Vec::new() };
    parser.expect("{", "`{`")?;
    let formula = parser.any()?;
    parser.expect("}", "`&&`, `||` or `}`")?;
    parser.skip_blanks();
    if !parser.rest().is_empty() {
        return Err(parser.expected("the end of the pattern"));
    }
    Ok(JsonPattern { conditions: parser.conditions, formula })
}

/// Characters that may stand in a selector's name without brackets.
pub(super) fn plain_in_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_')
}

/// The error `problem` at byte `offset` of `text`.
pub(super) fn error_at(text: &str, offset: usize, problem: Problem) -> PatternError {
    let before = text.get(..offset).unwrap_or(text);
    PatternError { column: before.chars().count() + 1, problem }
}

struct Parser<'a> {
    text: &'a str,
    offset: usize,
    depth: usize,
    conditions: Vec<Condition>,
}

type Parsed<T> = Result<T, PatternError>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.offset..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - rest.trim_start().len();
    }

    fn error(&self, problem: Problem) -> PatternError {
        error_at(self.text, self.offset, problem)
    }

    fn expected(&self, wanted: &'static str) -> PatternError {
        let found = match self.peek() {
            Some(character) => format!("`{}`", character.escape_debug()),
            None => "the end".to_owned(),
        };
        self.error(Problem::Expected { wanted, found })
    }

    /// Skips blanks and `token` when it follows.
    fn take(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let there = self.rest().starts_with(token);
        if there {
            self.offset += token.len();
        }
        there
    }

    fn expect(&mut self, token: &str, wanted: &'static str) -> Parsed<()> {
        if self.take(token) { Ok(()) } else { Err(self.expected(wanted)) }
    }

    /// `a || b || …`, the loosest binding.
    fn any(&mut self) -> Parsed<Formula> {
        let mut parts = vec![self.all()?];
        while self.take("||") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Formula::Any))
    }

    /// `a && b && …`
    fn all(&mut self) -> Parsed<Formula> {
        let mut parts = vec![self.part()?];
        while self.take("&&") {
            parts.push(self.part()?);
        }
        Ok(joined(parts, Formula::All))
    }

    fn part(&mut self) -> Parsed<Formula> {
        if !self.take("(") {
            return self.condition();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(Problem::TooDeep));
        }
        let inside = self.any()?;
        self.expect(")", "`&&`, `||` or `)`")?;
        self.depth -= 1;
        Ok(inside)
    }

    fn condition(&mut self) -> Parsed<Formula> {
        let selector = self.selector()?;
        let test = self.test()?;
        if self.conditions.len() >= MAX_CONDITIONS {
            return Err(self.error(Problem::TooManyConditions));
        }
        self.conditions.push(Condition { selector, test });
        Ok(Formula::Condition(self.conditions.len() - 1))
    }

    fn selector(&mut self) -> Parsed<Selector> {
        self.expect("$", "a selector that begins with `$.`, or `(`")?;
        let mut segments = Vec::new();
        while let Some(segment) = self.segment()? {
            if segments.is_empty() && matches!(segment, Segment::Index(_) | Segment::AnyIndex) {
                return Err(self.expected("a property before an array index"));
            }
            segments.push(segment);
            if segments.len() > MAX_SEGMENTS {
                return Err(self.error(Problem::SelectorTooLong));
            }
        }
        if segments.is_empty() { Err(self.expected("`.`")) } else { Ok(Selector { segments }) }
    }

    /// One step of a selector, without blanks before it.
    fn segment(&mut self) -> Parsed<Option<Segment>> {
        match self.peek() {
            Some('[') => {
                self.offset += 1;
                return self.bracket().map(Some);
            }
            Some('.') => self.offset += 1,
            _ => return Ok(None),
        }
        match self.peek() {
            Some('*') => {
                self.offset += 1;
                return Ok(Some(Segment::AnyName));
            }
            Some('[') => {
                self.offset += 1;
                return self.bracket().map(Some);
            }
            _ => {}
        }
        let rest = self.rest();
        let end = rest.find(|character| !plain_in_name(character)).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or("").to_owned();
        if name.is_empty() {
            return Err(self.expected("a property name"));
        }
        self.offset += end;
        Ok(Some(Segment::Name(name)))
    }

    /// The rest of `[0]`, `[*]`, `['name']` or `["name"]`.
    fn bracket(&mut self) -> Parsed<Segment> {
        let segment = match self.peek() {
            Some('*') => {
                self.offset += 1;
                Segment::AnyIndex
            }
            Some(quote @ ('\'' | '"')) => {
                self.offset += 1;
                let rest = self.rest();
                let end = rest.find(quote);
                let end = end.ok_or_else(|| self.error(Problem::Unclosed("a property name")))?;
                let name = rest.get(..end).unwrap_or("").to_owned();
                self.offset += end + 1;
                Segment::Name(name)
            }
            Some('0'..='9') => {
                let rest = self.rest();
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let index = rest.get(..end).and_then(|digits| digits.parse().ok());
                match index {
                    Some(index) if index <= MAX_INDEX => {
                        self.offset += end;
                        Segment::Index(index)
                    }
                    _ => return Err(self.error(Problem::IndexTooLarge)),
                }
            }
            _ => return Err(self.expected("an index, `*` or a quoted name")),
        };
        match self.peek() {
            Some(']') => self.offset += 1,
            _ => return Err(self.expected("`]`")),
        }
        Ok(segment)
    }

    fn test(&mut self) -> Parsed<Test> {
        for (token, order) in [
            ("<=", Order::LessOrEqual),
            (">=", Order::GreaterOrEqual),
            ("<", Order::Less),
            (">", Order::Greater),
        ] {
            if self.take(token) {
                self.skip_blanks();
                let place = self.offset;
                return match self.operand()? {
                    Operand::Number(number) => Ok(Test::Order(order, number)),
                    Operand::Text(_) | Operand::Regex(_) => {
                        self.offset = place;
                        Err(self.expected("a number"))
                    }
                };
            }
        }
        if self.take("!=") {
            return Ok(Test::NotEqual(self.operand()?));
        }
        if self.take("=") {
            return Ok(Test::Equal(self.operand()?));
        }
        self.keyword_test()
    }

    /// `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`, and `EXISTS`, whose meaning is plain though
    /// the guide says that CloudWatch Logs does not take it yet.
    fn keyword_test(&mut self) -> Parsed<Test> {
        const WANTED: &str = "an operator, `IS` or `NOT EXISTS`";
        if self.keyword("IS") {
            for (word, test) in [("NULL", Test::Null), ("TRUE", Test::True), ("FALSE", Test::False)]
            {
                if self.keyword(word) {
                    return Ok(test);
                }
            }
            return Err(self.expected("`NULL`, `TRUE` or `FALSE`"));
        }
        if self.keyword("NOT") {
            return if self.keyword("EXISTS") {
                Ok(Test::NotExists)
            } else {
                Err(self.expected("`EXISTS`"))
            };
        }
        if self.keyword("EXISTS") { Ok(Test::Exists) } else { Err(self.expected(WANTED)) }
    }

    /// Skips blanks and `word` in any case when it follows and ends there.
    fn keyword(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let rest = self.rest();
        let there = rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
            && !rest.get(word.len()..).is_some_and(|tail| tail.starts_with(plain_in_name));
        if there {
            self.offset += word.len();
        }
        there
    }

    fn operand(&mut self) -> Parsed<Operand> {
        self.skip_blanks();
        match self.peek() {
            Some('"') => Ok(Operand::Text(Text::glob(&self.quoted()?))),
            Some('%') => self.expression(),
            _ => {
                let rest = self.rest();
                let end = rest.find(ends_bare_word).unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or("").to_owned();
                if word.is_empty() {
                    return Err(self.expected("a value"));
                }
                self.offset += end;
                Ok(match number(&word) {
                    Some(number) => Operand::Number(number),
                    None => Operand::Text(Text::glob(&word)),
                })
            }
        }
    }

    /// A string in double quotation marks.
    fn quoted(&mut self) -> Parsed<String> {
        let start = self.offset;
        self.offset += 1;
        let mut value = String::new();
        loop {
            let character = self.peek();
            self.offset += character.map_or(0, char::len_utf8);
            match character {
                Some('"') => return Ok(value),
                Some('\\') => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        self.offset += 1;
                        value.push(escaped);
                    }
                    Some(other) => return Err(self.error(Problem::Escape(other))),
                    None => {}
                },
                Some(other) => value.push(other),
                None => {
                    return Err(error_at(self.text, start, Problem::Unclosed("a string")));
                }
            }
        }
    }

    /// `%…%`
    fn expression(&mut self) -> Parsed<Operand> {
        let start = self.offset;
        self.offset += 1;
        let rest = self.rest();
        let end = rest
            .find('%')
            .ok_or_else(|| error_at(self.text, start, Problem::Unclosed("a regular expression")))?;
        let source = rest.get(..end).unwrap_or("").to_owned();
        let (inner, outer) =
            regex::languages(&source).map_err(|problem| error_at(self.text, start, problem))?;
        self.offset += end + 1;
        Ok(Operand::Regex(Text { inner, outer, literal: None, anything: false }))
    }
}

fn ends_bare_word(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '(' | ')' | '{' | '}' | '&' | '|' | '"' | '=' | '!' | '<' | '>' | '\\'
        )
}

fn joined(mut parts: Vec<Formula>, join: impl Fn(Vec<Formula>) -> Formula) -> Formula {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// An integer, a decimal, or either in scientific notation.
fn number(word: &str) -> Option<Number> {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
        }
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(whole) && digits(fraction) && digits(exponent)) {
        return None;
    }
    let value: f64 = word.parse().ok()?;
    value.is_finite().then(|| Number { value, text: word.to_owned() })
}
