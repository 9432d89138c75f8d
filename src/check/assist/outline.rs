//! Keys and values of a file that is being typed, and so may be no YAML at this moment.
//!
//! Lines, their indentation and the brackets of flow style tell where a cursor stands; nothing here
//! judges the file. The reader of check files does that.

use std::ops::Range;

/// The most brackets or dashes around a value. What is deeper is no check.
const MAX_LEVELS: usize = 40;

/// A value with the keys that lead to it. List items are named `[0]`, `[1]`, … each once a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The keys from the top.
    pub path: Vec<String>,
    /// The bytes of the value as written, a block's `|` and its lines included.
    pub value: Range<usize>,
}

/// Where the end of a text stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The keys above it; for a value, its own key too.
    pub path: Vec<String>,
    /// Whether a key is being written, and not a value.
    pub key: bool,
    /// Where that key or value begins.
    pub start: usize,
}

/// The values of a text, in order; those inside brackets follow the whole they are part of.
pub fn items(text: &str) -> Vec<Item> {
    let scan = Scan::of(text);
    let mut all = Vec::new();
    for item in scan.items {
        let inside = flow(text, &item).0;
        all.push(item);
        all.extend(inside);
    }
    all
}

/// Where the end of a text stands.
pub fn place(text: &str) -> Place {
    let scan = Scan::of(text);
    match scan.open {
        Open::Key(place) => place,
        Open::Value => match scan.items.last() {
            Some(item) => flow(text, item).1.unwrap_or_else(|| Place {
                path: item.path.clone(),
                key: false,
                start: item.value.start,
            }),
            None => Place { path: Vec::new(), key: true, start: text.len() },
        },
    }
}

/// A key or a dash that later lines may belong to.
struct Level {
    indent: usize,
    name: String,
    dash: bool,
}

/// What the last line leaves open.
enum Open {
    Key(Place),
    Value,
}

struct Scan {
    levels: Vec<Level>,
    items: Vec<Item>,
    /// The indentation of the key whose block of text goes on.
    block: Option<usize>,
    dashes: usize,
    open: Open,
}

impl Scan {
    fn of(text: &str) -> Self {
        let start = Place { path: Vec::new(), key: true, start: 0 };
        let mut scan = Self {
            levels: Vec::new(),
            items: Vec::new(),
            block: None,
            dashes: 0,
            open: Open::Key(start),
        };
        let mut at = 0;
        for line in text.split('\n') {
            scan.line(line, at);
            at += line.len() + 1;
        }
        scan
    }

    fn line(&mut self, line: &str, start: usize) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let end = start + line.trim_end_matches('\r').len();
        let mut rest = line.get(indent..).unwrap_or_default().trim_end_matches('\r');
        let inside = self.block.is_some_and(|block| indent > block);
        if inside {
            self.extend(end);
            return;
        }
        if rest.trim().is_empty() {
            // An empty line closes nothing, but a key may be written on it.
            self.key(indent, start);
            return;
        }
        self.block = None;
        if rest.starts_with('#') || rest.starts_with("---") {
            return;
        }
        let mut column = indent;
        let mut dashed = false;
        while (rest.trim_end() == "-" || rest.starts_with("- ")) && self.levels.len() < MAX_LEVELS {
            self.levels.retain(|it| it.indent < column || it.indent == column && !it.dash);
            let name = format!("[{}]", self.dashes);
            self.dashes += 1;
            self.levels.push(Level { indent: column, name, dash: true });
            let after = rest.get(1..).unwrap_or_default();
            column += 1 + after.len() - after.trim_start().len();
            rest = after.trim_start();
            dashed = true;
        }
        if let Some((name, value)) = key_of(rest) {
            self.levels.retain(|it| it.indent < column);
            self.levels.push(Level { indent: column, name: name.to_owned(), dash: false });
            self.value((start + column + value).min(end)..end, is_block(rest, value), column);
        } else if dashed && !rest.trim().is_empty() {
            let indent = self.levels.last().map_or(0, |it| it.indent);
            self.value(start + column..end, is_block(rest, 0), indent);
        } else if !dashed && self.goes_on(column) {
            self.extend(end);
        } else {
            self.key(column, start);
        }
    }

    /// A key that is being written at that column.
    fn key(&mut self, column: usize, line: usize) {
        let above = self.levels.iter().filter(|it| it.indent < column);
        let path = above.map(|it| it.name.clone()).collect();
        self.open = Open::Key(Place { path, key: true, start: line + column });
    }

    /// A value that begins on this line.
    fn value(&mut self, range: Range<usize>, block: bool, indent: usize) {
        let path = self.levels.iter().map(|it| it.name.clone()).collect();
        self.items.push(Item { path, value: range });
        self.open = Open::Value;
        self.block = block.then_some(indent);
    }

    /// Whether a line without a key belongs to the value before it.
    fn goes_on(&self, column: usize) -> bool {
        self.levels.last().is_some_and(|it| it.indent < column)
            && self.items.last().is_some_and(|it| !it.value.is_empty())
    }

    fn extend(&mut self, end: usize) {
        if let Some(item) = self.items.last_mut() {
            item.value.end = end.max(item.value.start);
        }
        self.open = Open::Value;
    }
}

/// The key that a line begins with, and where its value begins.
fn key_of(line: &str) -> Option<(&str, usize)> {
    let colon = line.match_indices(':').map(|(at, _)| at).find(|at| {
        let after = line.get(at + 1..).unwrap_or_default();
        after.is_empty() || after.starts_with(' ')
    })?;
    let key = line.get(..colon)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '.' | '/');
    let bare = key.trim_matches(['"', '\'']);
    if bare.is_empty() || !bare.chars().all(plain) {
        return None;
    }
    let after = line.get(colon + 1..).unwrap_or_default();
    Some((bare, colon + 1 + after.len() - after.trim_start().len()))
}

/// Whether the value that begins there is a block of text on the lines below.
fn is_block(line: &str, value: usize) -> bool {
    line.get(value..).is_some_and(|value| value.starts_with(['|', '>']))
}

/// An open bracket.
struct Bracket {
    map: bool,
    /// The key whose value goes on.
    name: Option<String>,
    /// Where the key or value begins.
    start: usize,
    count: usize,
}

/// What is inside the brackets of a value, and where its end stands if that is inside a bracket.
fn flow(text: &str, item: &Item) -> (Vec<Item>, Option<Place>) {
    let value = text.get(item.value.clone()).unwrap_or_default();
    if !value.starts_with(['{', '[']) {
        return (Vec::new(), None);
    }
    let mut scan = Flow { text, base: item, open: Vec::new(), items: Vec::new() };
    let mut quote = None;
    let mut fresh = true;
    let mut chars = value.char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let at = item.value.start + offset;
        match (quote, c) {
            (Some(end), c) => {
                if c == end {
                    quote = None;
                }
            }
            (None, '"' | '\'') if fresh => quote = Some(c),
            (None, '{' | '[') if scan.open.len() == MAX_LEVELS => return (Vec::new(), None),
            (None, '{' | '[') => {
                scan.open.push(Bracket { map: c == '{', name: None, start: at + 1, count: 0 });
                fresh = true;
                continue;
            }
            (None, '}' | ']') => {
                scan.end(at);
                scan.open.pop();
            }
            (None, ',') => {
                scan.end(at);
                fresh = true;
                continue;
            }
            (None, ':') if chars.peek().is_none_or(|(_, c)| c.is_whitespace()) => {
                scan.key(at);
                fresh = true;
                continue;
            }
            (None, _) => {}
        }
        fresh = fresh && c.is_whitespace();
    }
    let place = scan.place(item.value.end);
    while !scan.open.is_empty() {
        scan.end(item.value.end);
        scan.open.pop();
    }
    (scan.items, place)
}

struct Flow<'a> {
    text: &'a str,
    base: &'a Item,
    open: Vec<Bracket>,
    items: Vec<Item>,
}

impl Flow<'_> {
    /// The keys down to the innermost bracket, and to its value.
    fn path(&self) -> Vec<String> {
        let inside = self.open.iter().filter_map(|it| match (&it.name, it.map) {
            (Some(name), _) => Some(name.clone()),
            (None, false) => Some(format!("[{}]", it.count)),
            (None, true) => None,
        });
        self.base.path.iter().cloned().chain(inside).collect()
    }

    /// Where the text from a place on begins, white space left out.
    fn begins(&self, start: usize, end: usize) -> usize {
        let text = self.text.get(start..end).unwrap_or_default();
        start + text.len() - text.trim_start().len()
    }

    fn key(&mut self, at: usize) {
        if let Some(bracket) = self.open.last_mut()
            && let (true, None) = (bracket.map, &bracket.name)
        {
            let text = self.text.get(bracket.start..at).unwrap_or_default();
            bracket.name = Some(text.trim().trim_matches(['"', '\'']).to_owned());
            bracket.start = at + 1;
        }
    }

    /// Ends the entry of the innermost bracket.
    fn end(&mut self, at: usize) {
        let path = self.path();
        let Some(bracket) = self.open.last() else { return };
        let start = self.begins(bracket.start, at);
        if (bracket.name.is_some() || !bracket.map) && start < at {
            self.items.push(Item { path, value: start..at });
        }
        if let Some(bracket) = self.open.last_mut() {
            bracket.name = None;
            bracket.start = at + 1;
            bracket.count += 1;
        }
    }

    fn place(&self, end: usize) -> Option<Place> {
        let bracket = self.open.last()?;
        let key = bracket.map && bracket.name.is_none();
        Some(Place { path: self.path(), key, start: self.begins(bracket.start, end) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> (String, bool, String) {
        let place = place(text);
        let path: Vec<&str> =
            place.path.iter().map(|it| if it.starts_with('[') { "-" } else { it }).collect();
        (path.join("."), place.key, text[place.start..].to_owned())
    }

    #[test]
    fn the_end_of_a_text_stands_where_its_indentation_says() {
        let logic = "id: a\nexpect:\n  - none: r in x\n    where: |\n      r.a and\n";
        for (text, path, key, typed) in [
            ("", "", true, ""),
            ("sev", "", true, "sev"),
            ("id: a\nseverity: hi", "severity", false, "hi"),
            ("expect:\n  - th", "expect.-", false, "th"),
            ("expect:\n  - ", "expect.-", true, ""),
            ("expect:\n- that: group.", "expect.-.that", false, "group."),
            ("expect:\n  - that: a\n    oth", "expect.-", true, "oth"),
            ("expect:\n  - that: a\n    otherwise: b\n  ", "expect", true, ""),
            (&format!("{logic}      r.b"), "expect.-.where", false, "|\n      r.a and\n      r.b"),
            (&format!("{logic}    ot"), "expect.-", true, "ot"),
            (
                "tests:\n  - {name: a, given: {ingress: [{pro",
                "tests.-.given.ingress.-",
                true,
                "pro",
            ),
            ("tests:\n  - {name: a, verdict: ", "tests.-.verdict", false, ""),
            ("categories: [network, ", "categories.-", false, ""),
            ("params:\n  days:\n    ty", "params.days", true, "ty"),
            ("title: one\n  two", "title", false, "one\n  two"),
        ] {
            assert_eq!(at(text), (path.to_owned(), key, typed.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn values_are_found_in_both_styles() {
        let text = "let:\n  open: \"a: b\"\nparams: {days: {type: int, about: 'x, y'}}\n";
        let found: Vec<(String, &str)> =
            items(text).iter().map(|it| (it.path.join("."), &text[it.value.clone()])).collect();
        let expected = [
            ("let", ""),
            ("let.open", "\"a: b\""),
            ("params", "{days: {type: int, about: 'x, y'}}"),
            ("params.days.type", "int"),
            ("params.days.about", "'x, y'"),
            ("params.days", "{type: int, about: 'x, y'}"),
        ];
        assert_eq!(found, expected.map(|(path, value)| (path.to_owned(), value)));
    }
}
