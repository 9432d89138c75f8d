//! Expressions as written: the tree, and the parser that makes it.
//!
//! A Pratt parser over CEL's operators. The word `not` binds looser than a comparison, so that
//! `not a == b` and `not a in b` mean what they say; `!` binds as tightly as in CEL.

use std::ops::Range;

use super::lexer::{Token, TokenKind, lex};
use super::passage::Passage;
use crate::diagnostic::{Diagnostic, Span};

/// The deepest nesting of an expression.
pub const MAX_DEPTH: u16 = 64;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Its place in the file.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
    /// The levels of its tree.
    depth: u16,
}

/// A name with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The name.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `true`, `false`.
    Bool(bool),
    /// `22`.
    Int(i64),
    /// `"tcp"`.
    Text(String),
    /// `rule`.
    Name(String),
    /// `[22, 3389]`.
    List(Vec<Expr>),
    /// `not x`, `!x`.
    Not(Box<Expr>),
    /// `-x`.
    Negative(Box<Expr>),
    /// `x and y and …`.
    And(Vec<Expr>),
    /// `x or y or …`.
    Or(Vec<Expr>),
    /// `x == y` and the like.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `x.name`.
    Member(Box<Expr>, Word),
    /// `name(…)`, `x.name(…)`.
    Call(Option<Box<Expr>>, Word, Vec<Expr>),
}

/// Operators with two sides, other than `and` and `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
}

impl BinaryOp {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
        }
    }

    fn relation(kind: &TokenKind) -> Option<Self> {
        Some(match kind {
            TokenKind::Sign("==") => Self::Equal,
            TokenKind::Sign("!=") => Self::NotEqual,
            TokenKind::Sign("<") => Self::Less,
            TokenKind::Sign("<=") => Self::LessOrEqual,
            TokenKind::Sign(">") => Self::Greater,
            TokenKind::Sign(">=") => Self::GreaterOrEqual,
            TokenKind::Name(name) if name == "in" => Self::In,
            _ => return None,
        })
    }
}

/// Words that are no names.
pub const KEYWORDS: [&str; 7] = ["and", "or", "not", "in", "true", "false", "null"];

/// Parses a whole passage.
///
/// # Errors
/// The first place where the text stops being an expression.
pub fn parse(passage: &Passage) -> Result<Expr, Diagnostic> {
    parse_range(passage, 0..passage.text.len())
}

/// Parses a range of a passage.
///
/// # Errors
/// As [`parse`].
pub fn parse_range(passage: &Passage, range: Range<usize>) -> Result<Expr, Diagnostic> {
    let tokens = lex(passage, range)?;
    let mut parser = Parser { passage, tokens, at: 0, open: 0 };
    let expr = parser.or()?;
    match parser.peek() {
        TokenKind::End => Ok(expr),
        TokenKind::Name(name) if name == "not" => {
            Err(parser.unexpected().help("write `not (x in y)`"))
        }
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    passage: &'a Passage,
    tokens: Vec<Token>,
    at: usize,
    open: u16,
}

type Parsed = Result<Expr, Diagnostic>;

impl Parser<'_> {
    fn peek(&self) -> &TokenKind {
        self.tokens.get(self.at).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(self.passage.span, |it| it.span)
    }

    fn next(&mut self) -> Token {
        let token = Token { kind: self.peek().clone(), span: self.span() };
        self.at += 1;
        token
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = match self.peek() {
            TokenKind::Sign(it) => *it == sign,
            TokenKind::Name(name) => name == sign,
            TokenKind::Int(_) | TokenKind::Text(_) | TokenKind::End => false,
        };
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<Span, Diagnostic> {
        let span = self.span();
        if self.eat(sign) {
            return Ok(span);
        }
        Err(self.error(span, format!("expected `{sign}`, found {}", describe(self.peek()))))
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.passage.file, span, message)
    }

    fn unexpected(&self) -> Diagnostic {
        self.error(self.span(), format!("expected an operator, found {}", describe(self.peek())))
    }

    fn node(&self, span: Span, kind: ExprKind) -> Parsed {
        let deepest = |items: &[Expr]| items.iter().map(|item| item.depth).max().unwrap_or(0);
        let below = match &kind {
            ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Text(_) | ExprKind::Name(_) => 0,
            ExprKind::List(items) | ExprKind::And(items) | ExprKind::Or(items) => deepest(items),
            ExprKind::Not(inner) | ExprKind::Negative(inner) | ExprKind::Member(inner, _) => {
                inner.depth
            }
            ExprKind::Binary(_, left, right) => left.depth.max(right.depth),
            ExprKind::Call(base, _, args) => {
                base.as_ref().map_or(0, |base| base.depth).max(deepest(args))
            }
        };
        if below >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        Ok(Expr { span, kind, depth: below + 1 })
    }

    fn too_deep(&self, span: Span) -> Diagnostic {
        let message = format!("the expression is nested deeper than {MAX_DEPTH} levels");
        self.error(span, message).help("name its parts under `let`")
    }

    /// Guards the parser's own recursion.
    fn within(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.open >= MAX_DEPTH {
            return Err(self.too_deep(self.span()));
        }
        self.open += 1;
        let parsed = parse(self);
        self.open -= 1;
        parsed
    }

    fn or(&mut self) -> Parsed {
        self.within(|parser| parser.chain(&["or", "||"], Self::and, ExprKind::Or))
    }

    fn and(&mut self) -> Parsed {
        self.chain(&["and", "&&"], Self::negation, ExprKind::And)
    }

    fn chain(
        &mut self,
        signs: &[&str],
        operand: fn(&mut Self) -> Parsed,
        join: fn(Vec<Expr>) -> ExprKind,
    ) -> Parsed {
        let first = operand(self)?;
        let start = first.span;
        let mut items = vec![first];
        while signs.iter().any(|sign| self.eat(sign)) {
            items.push(operand(self)?);
        }
        match items.pop() {
            Some(only) if items.is_empty() => Ok(only),
            Some(last) => {
                let span = Span::new(start.start, last.span.end);
                items.push(last);
                self.node(span, join(items))
            }
            None => Err(self.unexpected()),
        }
    }

    fn negation(&mut self) -> Parsed {
        let span = self.span();
        if !self.eat("not") {
            return self.relation();
        }
        let inner = self.within(Self::negation)?;
        let span = Span::new(span.start, inner.span.end);
        self.node(span, ExprKind::Not(Box::new(inner)))
    }

    fn relation(&mut self) -> Parsed {
        let left = self.sum()?;
        let Some(op) = BinaryOp::relation(self.peek()) else { return Ok(left) };
        self.at += 1;
        let right = self.sum()?;
        let span = Span::new(left.span.start, right.span.end);
        let compared = self.node(span, ExprKind::Binary(op, Box::new(left), Box::new(right)))?;
        if BinaryOp::relation(self.peek()).is_some() {
            let error = self.error(self.span(), "comparisons cannot be chained");
            return Err(error.help("join two of them with `and`"));
        }
        Ok(compared)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.unary()?;
        loop {
            let op = match self.peek() {
                TokenKind::Sign("+") => BinaryOp::Add,
                TokenKind::Sign("-") => BinaryOp::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.unary()?;
            let span = Span::new(left.span.start, right.span.end);
            left = self.node(span, ExprKind::Binary(op, Box::new(left), Box::new(right)))?;
        }
    }

    fn unary(&mut self) -> Parsed {
        let span = self.span();
        let make: fn(Box<Expr>) -> ExprKind = if self.eat("!") {
            ExprKind::Not
        } else if self.eat("-") {
            ExprKind::Negative
        } else {
            return self.member();
        };
        let inner = self.within(Self::unary)?;
        let span = Span::new(span.start, inner.span.end);
        self.node(span, make(Box::new(inner)))
    }

    fn member(&mut self) -> Parsed {
        let mut base = self.primary()?;
        while self.eat(".") {
            let word = self.word()?;
            let start = base.span.start;
            base = if matches!(self.peek(), TokenKind::Sign("(")) {
                let (args, end) = self.arguments()?;
                let span = Span::new(start, end.end);
                self.node(span, ExprKind::Call(Some(Box::new(base)), word, args))?
            } else {
                let span = Span::new(start, word.span.end);
                self.node(span, ExprKind::Member(Box::new(base), word))?
            };
        }
        if matches!(self.peek(), TokenKind::Sign("[")) {
            let error = self.error(self.span(), "lists have no `[…]` here");
            return Err(error.help("ask about elements with `exists` or `all`"));
        }
        Ok(base)
    }

    fn word(&mut self) -> Result<Word, Diagnostic> {
        let token = self.next();
        match token.kind {
            TokenKind::Name(text) => Ok(Word { text, span: token.span }),
            other => {
                let message = format!("expected a name after `.`, found {}", describe(&other));
                Err(self.error(token.span, message))
            }
        }
    }

    fn arguments(&mut self) -> Result<(Vec<Expr>, Span), Diagnostic> {
        self.expect("(")?;
        self.items(")")
    }

    fn items(&mut self, close: &str) -> Result<(Vec<Expr>, Span), Diagnostic> {
        let mut items = Vec::new();
        loop {
            let span = self.span();
            if self.eat(close) {
                return Ok((items, span));
            }
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(self.or()?);
        }
    }

    fn primary(&mut self) -> Parsed {
        let token = self.next();
        let span = token.span;
        match token.kind {
            TokenKind::Int(value) => self.node(span, ExprKind::Int(value)),
            TokenKind::Text(text) => self.node(span, ExprKind::Text(text)),
            TokenKind::Sign("(") => {
                let mut inner = self.or()?;
                let end = self.expect(")")?;
                inner.span = Span::new(span.start, end.end);
                Ok(inner)
            }
            TokenKind::Sign("[") => {
                let (items, end) = self.items("]")?;
                self.node(Span::new(span.start, end.end), ExprKind::List(items))
            }
            TokenKind::Name(name) => self.name(name, span),
            other => {
                let message = format!("expected an expression, found {}", describe(&other));
                Err(self.error(span, message))
            }
        }
    }

    fn name(&mut self, name: String, span: Span) -> Parsed {
        match name.as_str() {
            "true" => return self.node(span, ExprKind::Bool(true)),
            "false" => return self.node(span, ExprKind::Bool(false)),
            "null" => {
                let error = self.error(span, "there is no `null`");
                return Err(error.help("ask with has(x.y) or not has(x.y)"));
            }
            keyword if KEYWORDS.contains(&keyword) => {
                return Err(self.error(span, format!("expected an expression, found `{keyword}`")));
            }
            _ => {}
        }
        if !matches!(self.peek(), TokenKind::Sign("(")) {
            return self.node(span, ExprKind::Name(name));
        }
        let (args, end) = self.arguments()?;
        let word = Word { text: name, span };
        self.node(Span::new(span.start, end.end), ExprKind::Call(None, word, args))
    }
}

fn describe(kind: &TokenKind) -> String {
    match kind {
        TokenKind::Name(name) => format!("`{name}`"),
        TokenKind::Int(value) => format!("`{value}`"),
        TokenKind::Text(_) => "a text".into(),
        TokenKind::Sign(sign) => format!("`{sign}`"),
        TokenKind::End => "the end".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;
    use crate::diagnostic::SourceFile;

    fn parsed(text: &str) -> Parsed {
        let file = SourceFile::new("a.yaml", format!("a: |\n  {text}\n"));
        let node = yaml::read(&file).unwrap();
        let yaml::Kind::Map(entries) = node.kind else { panic!("a mapping") };
        parse(&Passage::new(&file, &entries[0].value).unwrap())
    }

    /// The tree with every bracket written.
    fn shape(expr: &Expr) -> String {
        let joined =
            |items: &[Expr], by: &str| items.iter().map(shape).collect::<Vec<_>>().join(by);
        match &expr.kind {
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Int(value) => value.to_string(),
            ExprKind::Text(text) => format!("{text:?}"),
            ExprKind::Name(name) => name.clone(),
            ExprKind::List(items) => format!("[{}]", joined(items, ", ")),
            ExprKind::Not(inner) => format!("(not {})", shape(inner)),
            ExprKind::Negative(inner) => format!("(-{})", shape(inner)),
            ExprKind::And(items) => format!("({})", joined(items, " and ")),
            ExprKind::Or(items) => format!("({})", joined(items, " or ")),
            ExprKind::Binary(op, left, right) => {
                format!("({} {} {})", shape(left), op.as_str(), shape(right))
            }
            ExprKind::Member(base, word) => format!("{}.{}", shape(base), word.text),
            ExprKind::Call(None, word, args) => format!("{}({})", word.text, joined(args, ", ")),
            ExprKind::Call(Some(base), word, args) => {
                format!("{}.{}({})", shape(base), word.text, joined(args, ", "))
            }
        }
    }

    #[test]
    fn operators_bind_as_in_cel_and_not_reads_aloud() {
        for (text, expected) in [
            ("a or b and c", "(a or (b and c))"),
            ("a || b && c == d", "(a or (b and (c == d)))"),
            ("not a == b", "(not (a == b))"),
            ("!a == b", "((not a) == b)"),
            ("not a in b and c", "((not (a in b)) and c)"),
            ("a - b - c < d + -1", "(((a - b) - c) < (d + (-1)))"),
            ("not has(a.b) or a.b.c(x, y > 1)", "((not has(a.b)) or a.b.c(x, (y > 1)))"),
            ("a in [1, 2]", "(a in [1, 2])"),
            ("(a or b) and c", "((a or b) and c)"),
        ] {
            assert_eq!(shape(&parsed(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_name_the_place() {
        for (text, expected) in [
            ("a ==", "expected an expression, found the end"),
            ("a b", "expected an operator, found `b`"),
            ("a < b < c", "comparisons cannot be chained"),
            ("a.", "expected a name after `.`, found the end"),
            ("f(a", "expected `,`, found the end"),
            ("(a", "expected `)`, found the end"),
            ("a[0]", "lists have no `[…]` here"),
            ("a == null", "there is no `null`"),
            ("a not in b", "expected an operator, found `not`"),
            ("and a", "expected an expression, found `and`"),
        ] {
            let error = parsed(text).unwrap_err();
            assert_eq!(error.message, expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_whatever_nests() {
        let deep = [
            "(".repeat(500),
            "not ".repeat(500),
            "!".repeat(500),
            format!("a{}", ".b".repeat(500)),
            format!("a{}", " + a".repeat(500)),
            "[".repeat(500),
            format!("{}a", "f(".repeat(500)),
        ];
        for text in deep {
            let error = parsed(&text).unwrap_err();
            assert!(error.message.contains("nested deeper"), "{}", error.message);
        }
        assert!(parsed(&format!("a{}", " and a".repeat(500))).is_ok(), "a chain is flat");
    }
}
