//! The reader itself: recursive descent over bytes, with a depth limit that the caller gives.

use super::{Node, Span, SyntaxError, Value};

/// Reads one JSON value (RFC 8259) that fills the whole text and nests at most `depth` levels.
///
/// # Errors
/// The first place where the text is not JSON, or nests too deep.
pub fn read(text: &str, depth: usize) -> Result<Node, SyntaxError> {
    let byte_order_mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader { text, at: byte_order_mark };
    let node = reader.value(depth)?;
    reader.blank();
    if reader.at < text.len() {
        return Err(reader.error("text after the end of the document"));
    }
    Ok(node)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn error(&self, message: &'static str) -> SyntaxError {
        SyntaxError { offset: self.at, message }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        self.blank();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth == 0 => return Err(self.error("nested too deep")),
            Some(b'{') => self.object(depth - 1)?,
            Some(b'[') => self.array(depth - 1)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.error("the text ends where a value should be")),
        };
        Ok(Node { span: Span { start, end: self.at }, value })
    }

    fn word(&mut self) -> Result<Value, SyntaxError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (word, value) in
            [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)]
        {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error("not a JSON value"))
    }

    fn object(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut entries = Vec::new();
        self.blank();
        if self.eat(b'}') {
            return Ok(Value::Object(entries));
        }
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in double quotes"));
            }
            let key = self.string()?;
            self.blank();
            if !self.eat(b':') {
                return Err(self.error("expected `:` after a key"));
            }
            entries.push((key, self.value(depth)?));
            self.blank();
            if self.eat(b'}') {
                return Ok(Value::Object(entries));
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `}`"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut items = Vec::new();
        self.blank();
        if self.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.blank();
            if self.eat(b']') {
                return Ok(Value::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `]`"));
            }
        }
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        self.eat(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let first = self.at;
        if !self.digits() {
            return Err(self.error("expected a digit"));
        }
        if leading_zero && self.at > first + 1 {
            return Err(self.error("a number does not start with a zero"));
        }
        if self.eat(b'.') && !self.digits() {
            return Err(self.error("expected a digit"));
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.digits() {
                return Err(self.error("expected a digit"));
            }
        }
        Ok(Value::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            out.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.error("a control character inside a string")),
                None => return Err(self.error("a string that does not end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        self.at += 1;
        let letter = self.peek().ok_or(self.error("a string that does not end"))?;
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.error("an unknown escape")),
        })
    }

    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.four_hex()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        if (0xd800..0xdc00).contains(&first) && self.eat(b'\\') && self.eat(b'u') {
            let second = self.four_hex()?;
            if (0xdc00..0xe000).contains(&second)
                && let Some(c) =
                    char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
            {
                return Ok(c);
            }
        }
        Err(self.error("half of a surrogate pair"))
    }

    fn four_hex(&mut self) -> Result<u32, SyntaxError> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(self.error("expected four hexadecimal digits"));
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.error("expected four hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_point_at_the_value() {
        let text = r#" {"a": [1, "x\u00e9"]} "#;
        let node = read(text, 4).expect("valid");
        let list = node.get("a").expect("there");
        assert_eq!(&text[list.span.start..list.span.end], r#"[1, "x\u00e9"]"#);
        assert_eq!(list.as_list()[1].as_str(), Some("xé"));
    }

    #[test]
    fn equal_keys_are_all_kept() {
        let node = read(r#"{"a":1,"a":2}"#, 4).expect("valid");
        assert!(matches!(node.value, Value::Object(entries) if entries.len() == 2));
    }

    #[test]
    fn depth_is_bounded_and_nothing_else_is_accepted() {
        assert_eq!(read("[[[1]]]", 2).expect_err("deep").message, "nested too deep");
        for bad in ["", "{", "[1,]", "{\"a\"}", "01", "1.", "\"\\x\"", "\"\\ud800\"", "nul", "1 2"]
        {
            assert!(read(bad, 8).is_err(), "{bad}");
        }
        let pair = read(r#""\ud83d\ude00""#, 1).expect("valid");
        assert_eq!(pair.as_str(), Some("😀"));
        assert!(read(&"[".repeat(200_000), 16).is_err());
    }

    #[test]
    fn agrees_with_serde_json() {
        for text in [r#"{"a":[1.5e3,-0,true,null,"\n\"\\/"]}"#, "[]", "{}", " 12 ", "\"\""] {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok());
            assert!(read(text, 8).is_ok(), "{text}");
        }
    }
}
