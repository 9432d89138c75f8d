//! Writes XML documents. Knows nothing of AWS.

use std::fmt::{self, Display, Write};

/// An XML document under construction; text is escaped, names are trusted (they are constants of
/// this program).
#[derive(Debug, Default)]
pub struct Xml {
    out: String,
}

impl Xml {
    /// A whole document with its declaration and one root element; `namespace` may be empty.
    pub fn document(root: &str, namespace: &str, fill: impl FnOnce(&mut Xml)) -> String {
        let mut xml = Xml { out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") };
        let attribute = match namespace {
            "" => String::new(),
            uri => format!(" xmlns=\"{uri}\""),
        };
        xml.open(root, &attribute);
        fill(&mut xml);
        xml.close(root);
        xml.out
    }

    /// An element with children.
    pub fn node(&mut self, name: &str, fill: impl FnOnce(&mut Xml)) {
        self.node_with(name, "", fill);
    }

    /// An element with children and literal attributes (with a leading blank).
    pub fn node_with(&mut self, name: &str, attributes: &str, fill: impl FnOnce(&mut Xml)) {
        self.open(name, attributes);
        fill(self);
        self.close(name);
    }

    /// An element with text.
    pub fn leaf(&mut self, name: &str, text: impl Display) {
        self.open(name, "");
        // Writing to a String cannot fail, and Display of our own values does not either.
        let _ = write!(Escaped(&mut self.out), "{text}");
        self.close(name);
    }

    /// An element with text, or nothing at all.
    pub fn maybe(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// A list element with one child element for each item (also when there are none, as AWS
    /// does).
    pub fn list<T>(
        &mut self,
        name: &str,
        item: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Xml, T),
    ) {
        self.node(name, |xml| {
            for each in items {
                xml.node(item, |xml| fill(xml, each));
            }
        });
    }

    /// A list element with one text element for each item.
    pub fn texts<T: Display>(
        &mut self,
        name: &str,
        item: &str,
        items: impl IntoIterator<Item = T>,
    ) {
        self.node(name, |xml| {
            for each in items {
                xml.leaf(item, each);
            }
        });
    }

    /// Bare text inside the element that is open.
    pub fn text(&mut self, text: impl Display) {
        let _ = write!(Escaped(&mut self.out), "{text}");
    }

    fn open(&mut self, name: &str, attributes: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push_str(attributes);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }
}

struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#xD;"),
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_lists_are_nested() {
        let text = Xml::document("R", "urn:x", |xml| {
            xml.leaf("a", "<&>");
            xml.list("set", "item", ["1"], |xml, one| xml.leaf("v", one));
            xml.maybe("none", None::<&str>);
        });
        let (_, body) = text.split_once('\n').expect("declaration line");
        assert_eq!(
            body,
            "<R xmlns=\"urn:x\"><a>&lt;&amp;&gt;</a><set><item><v>1</v></item></set></R>"
        );
    }
}
