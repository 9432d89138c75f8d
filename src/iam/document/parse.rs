//! From text to a document: the top level, and the collection of problems.

use std::collections::BTreeSet;

use super::super::json::{self, Node, Span, Value};
use super::problem::cut;
use super::{
    Document, Fault, Kind, MAX_BYTES, MAX_DEPTH, MAX_STATEMENTS, Malformed, Problem, Remark,
    Statement, Version, statement,
};

/// How many problems and remarks of a document are listed.
const MAX_LISTED: usize = 100;

impl Document {
    /// Parses the text of a policy document.
    ///
    /// # Errors
    /// Everything that is wrong with it, if anything is.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        let whole = Span { start: 0, end: text.len() };
        let single = |fault, span| Malformed {
            problems: vec![Problem { pointer: String::new(), span, fault }],
        };
        if text.len() > MAX_BYTES {
            return Err(single(Fault::TooLarge, whole));
        }
        let node = json::read(text, MAX_DEPTH).map_err(|error| {
            let span = Span { start: error.offset, end: error.offset };
            single(Fault::Syntax(error.message), span)
        })?;
        Self::from_json(&node, kind)
    }

    /// Reads a policy document that has been parsed as JSON, perhaps as a part of a larger text; spans
    /// are those of the larger text.
    ///
    /// # Errors
    /// Everything that is wrong with it, if anything is.
    pub fn from_json(node: &Node, kind: Kind) -> Result<Self, Malformed> {
        let mut context =
            Context { kind, version: Version::V2008, problems: vec![], remarks: vec![] };
        let document = context.document(node);
        match document {
            Some(document) if context.problems.is_empty() => Ok(document),
            _ => Err(Malformed { problems: context.problems }),
        }
    }
}

/// What the parts of the parser share.
pub(super) struct Context {
    pub kind: Kind,
    pub version: Version,
    problems: Vec<Problem>,
    remarks: Vec<Remark>,
}

impl Context {
    pub fn problem(&mut self, pointer: &str, span: Span, fault: Fault) {
        if self.problems.len() < MAX_LISTED {
            self.problems.push(Problem { pointer: pointer.to_owned(), span, fault });
        }
    }

    pub fn remark(&mut self, remark: Remark) {
        if self.remarks.len() < MAX_LISTED {
            self.remarks.push(remark);
        }
    }

    pub fn wrong_type(&mut self, pointer: &str, node: &Node, expected: &'static str) {
        self.problem(pointer, node.span, Fault::WrongType { expected, found: node.kind() });
    }

    /// The entries of an object, having reported keys that occur twice.
    pub fn object<'n>(
        &mut self,
        pointer: &str,
        node: &'n Node,
        expected: &'static str,
    ) -> Option<&'n [(String, Node)]> {
        let Value::Object(entries) = &node.value else {
            self.wrong_type(pointer, node, expected);
            return None;
        };
        let mut seen = BTreeSet::new();
        for (key, value) in entries {
            if !seen.insert(key) {
                let pointer = json::pointer(pointer, &cut(key));
                self.problem(&pointer, value.span, Fault::DuplicateKey(cut(key)));
            }
        }
        Some(entries)
    }

    /// A string, or a problem.
    pub fn string<'n>(&mut self, pointer: &str, node: &'n Node) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.wrong_type(pointer, node, "a string");
        }
        text
    }

    fn document(&mut self, node: &Node) -> Option<Document> {
        let entries = self.object("", node, "a policy document")?;
        for (key, value) in entries {
            if !["Version", "Id", "Statement"].contains(&key.as_str()) {
                let pointer = json::pointer("", &cut(key));
                self.problem(&pointer, value.span, Fault::UnknownElement(cut(key)));
            }
        }
        let version = node.get("Version").map_or(Some(Version::V2008), |n| self.version(n));
        // With an unknown version, variables are looked for all the same, to list their problems.
        self.version = version.unwrap_or(Version::V2012);
        let id = node.get("Id").and_then(|n| self.string("/Id", n)).map(Box::from);
        let Some(list) = node.get("Statement") else {
            self.problem("", node.span, Fault::Missing("Statement"));
            return None;
        };
        let statements = self.statements(list);
        Some(Document {
            kind: self.kind,
            version: version?,
            id,
            statements: statements.into(),
            remarks: std::mem::take(&mut self.remarks).into(),
        })
    }

    fn version(&mut self, node: &Node) -> Option<Version> {
        match self.string("/Version", node)? {
            "2008-10-17" => Some(Version::V2008),
            "2012-10-17" => Some(Version::V2012),
            other => {
                self.problem("/Version", node.span, Fault::Version(cut(other)));
                None
            }
        }
    }

    fn statements(&mut self, list: &Node) -> Vec<Statement> {
        let items = list.as_list();
        if items.len() > MAX_STATEMENTS {
            self.problem("/Statement", list.span, Fault::TooManyStatements);
            return Vec::new();
        }
        if items.is_empty() {
            self.remark(Remark::NoStatements);
        }
        let single = !matches!(list.value, Value::Array(_));
        let mut statements = Vec::with_capacity(items.len());
        let mut sids = BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            let pointer = if single { "/Statement".into() } else { format!("/Statement/{index}") };
            let Some(statement) = statement::parse(self, &pointer, item, index) else { continue };
            if let Some(sid) = &statement.sid
                && !sid.is_empty()
                && !sids.insert(sid.clone())
            {
                self.remark(Remark::DuplicateSid(sid.clone()));
            }
            statements.push(statement);
        }
        statements
    }
}
