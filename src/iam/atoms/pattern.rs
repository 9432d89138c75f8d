//! Patterns over strings, as tokens: globs, literals, case-folded literals and six-segment ARNs
//! are all sequences of the same seven tokens, so that one product handles every mixture of them.

/// Whether letter case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `a` and `A` are different characters.
    Sensitive,
    /// `a` and `A` are the same character.
    Insensitive,
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// Exactly this character.
    Char(char),
    /// This character in either case; stored in lower case.
    Fold(char),
    /// Any one character.
    One,
    /// Any run of characters, also none.
    Run,
    /// Any one character but `:`.
    OneInSegment,
    /// Any run of characters without `:`, also none.
    RunInSegment,
}

impl Token {
    /// This character in either case.
    pub fn fold(c: char) -> Self {
        Self::Fold(fold(c))
    }

    /// Whether the token may be passed without reading a character.
    pub(super) fn repeats(self) -> bool {
        match self {
            Self::Run | Self::RunInSegment => true,
            Self::Char(_) | Self::Fold(_) | Self::One | Self::OneInSegment => false,
        }
    }

    /// Whether the token reads this character.
    pub(super) fn reads(self, c: char) -> bool {
        match self {
            Self::Char(own) => own == c,
            Self::Fold(own) => own == fold(c),
            Self::One | Self::Run => true,
            Self::OneInSegment | Self::RunInSegment => c != ':',
        }
    }

    /// Whether there is a character that both tokens read.
    fn shares(self, other: Self) -> bool {
        match (self, other) {
            (Self::Char(c), token) | (token, Self::Char(c)) => token.reads(c),
            (Self::Fold(c), token) | (token, Self::Fold(c)) => token.reads(c),
            _ => true,
        }
    }
}

/// A language of strings: the sequence of tokens that its members must read from start to end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    tokens: Vec<Token>,
}

impl Pattern {
    /// The pattern made of these tokens. Runs that follow each other are merged where that does
    /// not change the language, so that `**` costs no more than `*`.
    pub fn new(tokens: impl IntoIterator<Item = Token>) -> Self {
        let mut merged: Vec<Token> = Vec::new();
        for token in tokens {
            match (merged.last().copied(), token) {
                (Some(Token::Run), Token::Run | Token::RunInSegment) => {}
                (Some(Token::RunInSegment), Token::RunInSegment) => {}
                (Some(Token::RunInSegment), Token::Run) => {
                    merged.pop();
                    merged.push(Token::Run);
                }
                (_, token) => merged.push(token),
            }
        }
        Self { tokens: merged }
    }

    /// The pattern that only this text matches.
    pub fn literal(text: &str, case: Case) -> Self {
        Self::new(text.chars().map(|c| character(c, case)))
    }

    /// A glob: `*` is any run of characters, also none, and `?` any one character.
    pub fn glob(text: &str, case: Case) -> Self {
        Self::new(text.chars().map(|c| match c {
            '*' => Token::Run,
            '?' => Token::One,
            c => character(c, case),
        }))
    }

    /// A glob over the six segments of an ARN: wildcards stay within their segment, except in the
    /// last one, which may hold colons. A text with fewer than six segments is `None`.
    pub fn arn(text: &str) -> Option<Self> {
        let mut segment = 0;
        let mut tokens = Vec::new();
        for c in text.chars() {
            tokens.push(match (c, segment) {
                (':', 0..5) => {
                    segment += 1;
                    Token::Char(':')
                }
                ('*', 0..5) => Token::RunInSegment,
                ('?', 0..5) => Token::OneInSegment,
                ('*', _) => Token::Run,
                ('?', _) => Token::One,
                (c, _) => Token::Char(c),
            });
        }
        (segment == 5).then(|| Self::new(tokens))
    }

    /// The pattern that every string matches.
    pub fn anything() -> Self {
        Self::new([Token::Run])
    }

    /// The tokens in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The one string that the pattern matches, if it is a case-sensitive literal.
    pub fn as_literal(&self) -> Option<String> {
        self.tokens
            .iter()
            .map(|token| match token {
                Token::Char(c) => Some(*c),
                Token::Fold(c) if fold(*c) == *c && upper(*c) == *c => Some(*c),
                _ => None,
            })
            .collect()
    }

    /// Whether exactly one string matches.
    pub fn is_literal(&self) -> bool {
        self.tokens.iter().all(|token| matches!(token, Token::Char(_)))
    }

    /// A string that the pattern matches, as short as can be.
    pub fn shortest(&self) -> String {
        self.filled("", "")
    }

    /// The string that the pattern matches with these texts, which have no colon, for its first run
    /// and for all others.
    pub fn filled(&self, first: &str, others: &str) -> String {
        let mut run = first;
        let mut text = String::with_capacity(self.tokens.len() + first.len());
        for token in &self.tokens {
            match token {
                Token::Char(c) | Token::Fold(c) => text.push(*c),
                Token::One | Token::OneInSegment => text.push('x'),
                Token::Run | Token::RunInSegment => {
                    text.push_str(run);
                    run = others;
                }
            }
        }
        text
    }

    /// A guess at a string that matches both patterns: a short string of this one, and in the place of
    /// its last run what the other one has behind its first.
    pub fn joined(&self, other: &Self) -> Option<String> {
        let is_run = |token: &Token| *token == Token::Run;
        let (head, tail) = self.tokens.split_at(self.tokens.iter().rposition(is_run)?);
        let inside = other.tokens.get(other.tokens.iter().position(is_run)?..)?;
        let tokens = [head, inside, tail].concat();
        Some(Self { tokens }.shortest())
    }

    /// Whether some string may match both patterns. Only their beginnings and their ends are
    /// compared: quick, and most patterns that share no string differ there.
    pub fn may_meet(&self, other: &Self) -> bool {
        let (own, others) = (self.tokens.iter(), other.tokens.iter());
        may_agree(own.clone(), others.clone()) && may_agree(own.rev(), others.rev())
    }

    /// Whether the pattern matches the whole of `text`. Linear in the product of the lengths.
    pub fn matches(&self, text: &str) -> bool {
        let head = self.tokens.iter().take_while(|token| !token.repeats()).count();
        let (fixed, open) = self.tokens.split_at(head);
        let mut characters = text.chars();
        let begins = fixed.iter().all(|t| characters.next().is_some_and(|c| t.reads(c)));
        match open {
            _ if !begins => return false,
            [] => return characters.as_str().is_empty(),
            [Token::Run] => return true,
            _ => {}
        }
        let tail = open.iter().rev().take_while(|token| !token.repeats()).count();
        let (open, fixed) = open.split_at(open.len() - tail);
        let ends = fixed.iter().rev().all(|t| characters.next_back().is_some_and(|c| t.reads(c)));
        match open {
            _ if !ends => false,
            [run] => characters.all(|c| run.reads(c)),
            open => Self { tokens: open.to_vec() }.matches_open(characters.as_str()),
        }
    }

    fn matches_open(&self, text: &str) -> bool {
        let mut here = vec![false; self.tokens.len() + 1];
        here.first_mut().into_iter().for_each(|start| *start = true);
        self.close(&mut here);
        for c in text.chars() {
            let mut next = vec![false; here.len()];
            for (position, token) in self.tokens.iter().enumerate() {
                if here.get(position) == Some(&true) && token.reads(c) {
                    let target = if token.repeats() { position } else { position + 1 };
                    next.get_mut(target).into_iter().for_each(|slot| *slot = true);
                }
            }
            self.close(&mut next);
            here = next;
        }
        here.last() == Some(&true)
    }

    fn close(&self, positions: &mut [bool]) {
        for (position, token) in self.tokens.iter().enumerate() {
            if token.repeats() && positions.get(position) == Some(&true) {
                positions.get_mut(position + 1).into_iter().for_each(|slot| *slot = true);
            }
        }
    }
}

/// Whether some string may be read by both, as far as it can be seen without trying lengths of runs.
/// Runs within a segment are skipped together with the rest of it.
fn may_agree<'a>(
    mut own: impl Iterator<Item = &'a Token>,
    mut others: impl Iterator<Item = &'a Token>,
) -> bool {
    while let (Some(a), Some(b)) = (own.next(), others.next()) {
        let agree = match (a, b) {
            (Token::Run, _) | (_, Token::Run) => return true,
            (Token::RunInSegment, _) | (_, Token::RunInSegment) => {
                let both = ends_segment(a, &mut own) && ends_segment(b, &mut others);
                if !both {
                    return true;
                }
                both
            }
            (a, b) => a.shares(*b),
        };
        if !agree {
            return false;
        }
    }
    true
}

/// Reads to the colon at the end of a segment, if it is clear where the segment ends.
fn ends_segment<'a>(first: &'a Token, rest: &mut impl Iterator<Item = &'a Token>) -> bool {
    let mut tokens = std::iter::once(first).chain(rest);
    let end = tokens.find(|token| matches!(token, Token::Char(':') | Token::Run | Token::One));
    matches!(end, Some(Token::Char(':')))
}

fn character(c: char, case: Case) -> Token {
    match case {
        Case::Sensitive => Token::Char(c),
        Case::Insensitive => Token::Fold(fold(c)),
    }
}

/// The lower-case form of a character, where it is a single character.
pub(super) fn fold(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

/// The upper-case form of a character, where it is a single character that folds back.
pub(super) fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) if fold(single) == c => single,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Pattern {
        Pattern::glob(text, Case::Sensitive)
    }

    #[test]
    fn globs_match_whole_strings() {
        let rows = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("**a**", "xax", true),
            ("", "", true),
            ("", "x", false),
        ];
        for (glob, text, expected) in rows {
            assert_eq!(
                Pattern::glob(glob, Case::Sensitive).matches(text),
                expected,
                "{glob} {text}"
            );
        }
        assert!(Pattern::glob("S3:get*", Case::Insensitive).matches("s3:GetObject"));
        assert!(!Pattern::glob("S3:get*", Case::Sensitive).matches("s3:GetObject"));
    }

    #[test]
    fn arn_wildcards_stay_in_their_segment_except_in_the_last() {
        let pattern = Pattern::arn("arn:aws:s3:*:*:b?cket*").expect("six segments");
        assert!(pattern.matches("arn:aws:s3:::bucket/a:b"));
        assert!(pattern.matches("arn:aws:s3:eu:1:bucket"));
        assert!(!pattern.matches("arn:aws:s3:eu:1:2:bucket"));
        assert_eq!(Pattern::arn("arn:aws:s3"), None);
    }

    #[test]
    fn patterns_that_share_no_string_often_show_it_at_their_ends() {
        let arn = |text: &str| Pattern::arn(text).expect("six segments");
        for (own, other, expected) in [
            ("arn:aws:s3:::a*", "arn:aws:s3:::b*", false),
            ("arn:aws:s3:::a*", "arn:aws:s3:::ab*", true),
            ("arn:*:s3:*:*:x", "arn:aws:sns:eu:1:x", false),
            ("arn:*:s3:*:*:x", "arn:aws:s3:eu:1:*", true),
            ("arn:a*s:s3:::x", "arn:aws:s3:::x", true),
            ("arn:aws:s3:::*a", "arn:aws:s3:::*b", false),
            ("arn:aws:s3:::*?", "arn:aws:s3:::*b", true),
            ("arn:?:s3:::x", "arn:::::x", false),
        ] {
            let (own, other) = (arn(own), arn(other));
            assert_eq!(own.may_meet(&other), expected, "{own:?} {other:?}");
            assert_eq!(other.may_meet(&own), expected, "{own:?} {other:?}");
            assert!(own.matches(&own.shortest()) && own.matches(&own.filled("a", "xy")));
        }
        let joined = glob("arn:*:s3:*:x").joined(&glob("arn:*:y:z*")).expect("both have runs");
        assert!(glob("arn:*:s3:*:x").matches(&joined) && glob("arn:*:y:*x").matches(&joined));
    }

    #[test]
    fn literals_know_themselves() {
        assert_eq!(Pattern::literal("a*b", Case::Sensitive).as_literal().as_deref(), Some("a*b"));
        assert_eq!(Pattern::literal("ab", Case::Insensitive).as_literal(), None);
        assert_eq!(Pattern::literal("12", Case::Insensitive).as_literal().as_deref(), Some("12"));
        assert_eq!(Pattern::glob("a*", Case::Sensitive).as_literal(), None);
    }
}
