//! A check file as it is written, before any name in it means anything.
//!
//! The structs here are the form of the file: the JSON Schema for editors is made from them
//! ([`schema`]), and [`read`] fills them from YAML and reports every place that does not fit.

use std::sync::Arc;

use super::Severity;
use super::Verdict;
use super::passage::Passage;
use super::yaml::{self, Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span};
use crate::schema::Catalog;

mod reader;

use reader::Reader;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

/// Text without expressions.
pub type Text = Located<String>;

/// A check file. What must be there and is not, or is wrong, was reported; the rest is looked at.
#[derive(Debug, Clone)]
pub struct CheckFile {
    /// `id`
    pub id: Option<Text>,
    /// `title`
    pub title: Option<Text>,
    /// `description`
    pub description: String,
    /// `risk`
    pub risk: String,
    /// `severity`
    pub severity: Option<Severity>,
    /// `resource`
    pub resource: Option<Text>,
    /// `categories`
    pub categories: Vec<Text>,
    /// `params`
    pub params: Vec<(Text, ParamSource)>,
    /// `applies_when`
    pub applies_when: Vec<Passage>,
    /// `let`
    pub lets: Vec<(Text, Passage)>,
    /// `expect`
    pub expect: Vec<AssertionSource>,
    /// `show`
    pub show: Vec<Passage>,
    /// `remediation`
    pub remediation: Vec<(Text, Passage)>,
    /// `controls`
    pub controls: Vec<Text>,
    /// `same_as`
    pub same_as: Vec<(Text, Vec<Text>)>,
    /// `iac`
    pub iac: Vec<Text>,
    /// `links`
    pub links: Vec<Text>,
    /// `tags`
    pub tags: Vec<Text>,
    /// `implied_by`
    pub implied_by: Vec<Text>,
    /// `tests`
    pub tests: Vec<CaseSource>,
}

/// A declared parameter.
#[derive(Debug, Clone)]
pub struct ParamSource {
    /// `type`
    pub ty: Text,
    /// `default`
    pub default: Node,
    /// `min`
    pub min: Option<Node>,
    /// `max`
    pub max: Option<Node>,
    /// `one_of`
    pub one_of: Vec<Node>,
    /// `about`
    pub about: String,
}

/// The forms of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `that`: the condition holds.
    That,
    /// `none`: the condition holds for no element.
    None,
    /// `every`: the condition holds for each element.
    Every,
    /// `some`: the condition holds for an element at least.
    Some,
    /// `one`: the condition holds for exactly one element.
    One,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 5] = [Self::That, Self::None, Self::Every, Self::Some, Self::One];

    /// The key of the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::That => "that",
            Self::None => "none",
            Self::Every => "every",
            Self::Some => "some",
            Self::One => "one",
        }
    }
}

/// An assertion.
#[derive(Debug, Clone)]
pub struct AssertionSource {
    /// Its place.
    pub span: Span,
    /// Its form.
    pub form: Form,
    /// What stands after the form: a condition, or `x in list`.
    pub subject: Passage,
    /// `where`
    pub filter: Option<Passage>,
    /// `when`
    pub when: Option<Passage>,
    /// `otherwise`
    pub otherwise: Passage,
}

/// A case.
#[derive(Debug, Clone)]
pub struct CaseSource {
    /// Its place.
    pub span: Span,
    /// `name`
    pub name: Option<Text>,
    /// `given`
    pub given: Option<Node>,
    /// `params`
    pub params: Vec<Entry>,
    /// `now`
    pub now: Option<Text>,
    /// `verdict`
    pub verdict: Option<Verdict>,
    /// `evidence`
    pub evidence: Vec<Entry>,
    /// `says`
    pub says: Vec<Text>,
}

/// The categories that a check may name.
pub const CATEGORIES: [&str; 14] = [
    "access-control",
    "cross-account",
    "data-protection",
    "encryption",
    "hygiene",
    "identity",
    "internet-exposure",
    "logging",
    "monitoring",
    "network",
    "privilege-escalation",
    "resilience",
    "root",
    "secrets",
];

/// The other tools whose ids `same_as` may name.
pub const PEERS: [&str; 9] = [
    "checkov",
    "cloudsploit",
    "config_rule",
    "prowler",
    "scoutsuite",
    "security_hub",
    "steampipe",
    "trivy",
    "trusted_advisor",
];

/// The kinds of remediation.
pub const REMEDIES: [&str; 5] = ["text", "console", "cli", "terraform", "cloudformation"];

const KEYS: [&str; 21] = [
    "id",
    "title",
    "description",
    "risk",
    "severity",
    "resource",
    "categories",
    "params",
    "applies_when",
    "let",
    "expect",
    "show",
    "remediation",
    "controls",
    "same_as",
    "iac",
    "links",
    "tags",
    "implied_by",
    "tests",
    "$schema",
];

/// Reads a check file.
///
/// With it come all places that do not have the form of a check. Where what must be there is there,
/// the rest of the file can still be looked at.
pub fn read(file: &Arc<SourceFile>) -> (Option<CheckFile>, Vec<Diagnostic>) {
    let (node, mut diagnostics) = yaml::look(file);
    let mut reader = Reader::new(file);
    let check = node.and_then(|node| check(&mut reader, &node));
    diagnostics.append(&mut reader.diagnostics);
    (check, diagnostics)
}

fn check(reader: &mut Reader<'_>, node: &Node) -> Option<CheckFile> {
    let map = reader.map(node, "a check", &KEYS)?;
    let id = reader.required(map, node, "id", Reader::text);
    let title = reader.required(map, node, "title", Reader::text);
    let severity =
        reader.required(map, node, "severity", |reader, node| reader.word(node, severities()));
    let resource = reader.required(map, node, "resource", Reader::text);
    let expect = reader.required(map, node, "expect", |reader, node| {
        let list = reader.list(node)?;
        if list.is_empty() {
            reader.fail(node.span, "`expect` needs an assertion at least");
        }
        Some(list.iter().filter_map(|item| assertion(reader, item)).collect())
    });
    let mut prose = |key| reader.optional(map, key, Reader::text).map(|text| text.value);
    let description = prose("description").unwrap_or_default();
    let risk = prose("risk").unwrap_or_default();
    let lists = ["categories", "controls", "iac", "links", "tags", "implied_by"];
    let [categories, controls, iac, links, tags, implied_by] =
        lists.map(|key| reader.texts(map, key));
    let remediation = reader.named(map, "remediation", Reader::passage);
    let same_as = reader.named(map, "same_as", |reader, node| Some(reader.text_list(node)));
    reader.words(remediation.iter().map(|(kind, _)| kind), "kind of remediation", &REMEDIES);
    reader.words(same_as.iter().map(|(peer, _)| peer), "tool", &PEERS);
    reader.words(categories.iter(), "category", &CATEGORIES);
    Some(CheckFile {
        description,
        risk,
        categories,
        params: reader.named(map, "params", param),
        applies_when: reader.passages(map, "applies_when"),
        lets: reader.named(map, "let", Reader::passage),
        show: reader.passages(map, "show"),
        remediation,
        controls,
        same_as,
        iac,
        links,
        tags,
        implied_by,
        tests: reader.items(map, "tests", case),
        id,
        title,
        severity: severity.map(|it| it.value),
        resource,
        expect: expect.unwrap_or_default(),
    })
}

fn severities() -> impl Iterator<Item = (&'static str, Severity)> {
    Severity::ALL.into_iter().map(|severity| (severity.as_str(), severity))
}

fn verdicts() -> impl Iterator<Item = (&'static str, Verdict)> {
    [Verdict::Fail, Verdict::Pass, Verdict::Unknown, Verdict::NotApplicable]
        .into_iter()
        .map(|verdict| (verdict.as_str(), verdict))
}

fn param(reader: &mut Reader<'_>, node: &Node) -> Option<ParamSource> {
    let map =
        reader.map(node, "a parameter", &["type", "default", "min", "max", "one_of", "about"])?;
    let whole = |_: &mut Reader<'_>, node: &Node| Some(node.clone());
    let ty = reader.required(map, node, "type", Reader::text);
    let default = reader.required(map, node, "default", whole);
    Some(ParamSource {
        ty: ty?,
        default: default?,
        min: reader.optional(map, "min", whole),
        max: reader.optional(map, "max", whole),
        one_of: reader.items(map, "one_of", whole),
        about: reader.optional(map, "about", Reader::text).map(|it| it.value).unwrap_or_default(),
    })
}

fn assertion(reader: &mut Reader<'_>, node: &Node) -> Option<AssertionSource> {
    let forms = Form::ALL.map(Form::as_str);
    let keys: Vec<&str> = forms.into_iter().chain(["where", "when", "otherwise"]).collect();
    let map = reader.map(node, "an assertion", &keys)?;
    let mut given = map.iter().filter_map(|entry| {
        let form = Form::ALL.into_iter().find(|form| form.as_str() == entry.key)?;
        Some((form, entry))
    });
    let Some((form, entry)) = given.next() else {
        let help = "that | none | every | some | one";
        reader.fail_with(node.span, "an assertion needs one of its forms", help);
        return None;
    };
    if let Some((other, entry)) = given.next() {
        let message = format!("`{}` and `{}` are two assertions", form.as_str(), other.as_str());
        reader.fail_with(entry.key_span, message, "begin the second one with `- `");
    }
    let filter = map.iter().find(|entry| entry.key == "where");
    if let (Form::That, Some(filter)) = (form, filter) {
        let help = "join the two with `and`, or use `when`";
        reader.fail_with(filter.key_span, "`that` has no `where`", help);
    }
    if form == Form::Every && filter.is_none() {
        let message = "`every` needs a `where` that each element must fulfil";
        reader.fail(entry.key_span, message);
    }
    let subject = reader.passage(&entry.value);
    let otherwise = reader.required(map, node, "otherwise", Reader::passage);
    Some(AssertionSource {
        span: entry.key_span,
        form,
        subject: subject?,
        filter: reader.optional(map, "where", Reader::passage),
        when: reader.optional(map, "when", Reader::passage),
        otherwise: otherwise?,
    })
}

fn case(reader: &mut Reader<'_>, node: &Node) -> Option<CaseSource> {
    let keys = ["name", "given", "params", "now", "verdict", "evidence", "says"];
    let map = reader.map(node, "a case", &keys)?;
    let name = reader.required(map, node, "name", Reader::text);
    let given = reader.required(map, node, "given", |_, node| Some(node.clone()));
    let verdict =
        reader.required(map, node, "verdict", |reader, node| reader.word(node, verdicts()));
    let entries = |reader: &mut Reader<'_>, node: &Node| reader.any_map(node).map(<[_]>::to_vec);
    Some(CaseSource {
        span: node.span,
        name,
        given,
        params: reader.optional(map, "params", entries).unwrap_or_default(),
        now: reader.optional(map, "now", Reader::text),
        verdict: verdict.map(|it| it.value),
        evidence: reader.optional(map, "evidence", entries).unwrap_or_default(),
        says: reader
            .optional(map, "says", |reader, node| match node.kind {
                Kind::List(_) => Some(reader.text_list(node)),
                _ => reader.text(node).map(|text| vec![text]),
            })
            .unwrap_or_default(),
    })
}

/// The JSON Schema of check files, for editors.
pub fn schema(catalog: Catalog) -> serde_json::Value {
    let schema = schemars::schema_for!(form::CheckForm);
    let mut schema = serde_json::to_value(schema).unwrap_or_default();
    let names: Vec<&str> = catalog.iter().map(|record| record.name).collect();
    if let Some(resource) = schema.pointer_mut("/properties/resource") {
        resource["enum"] = names.into();
    }
    schema
}

mod form;

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "\
id: group-closed
title: Groups are closed
severity: high
resource: AWS::EC2::SecurityGroup
expect:
  - that: group.closed
    otherwise: It is open
";

    fn mistakes(text: &str) -> Vec<String> {
        let file = SourceFile::new("a.yaml", text);
        let (_, mut found) = read(&file);
        found.sort_by_key(|it| it.span);
        let show = |it: &Diagnostic| match &it.help {
            Some(help) => format!("{it} ({help})"),
            None => it.to_string(),
        };
        found.iter().map(show).collect()
    }

    #[test]
    fn a_small_check_reads() {
        let (check, found) = read(&SourceFile::new("a.yaml", SMALL));
        let check = check.unwrap_or_else(|| panic!("{found:?}"));
        assert_eq!(check.id.unwrap().value, "group-closed");
        assert_eq!(check.severity, Some(Severity::High));
        assert_eq!(check.expect.len(), 1);
        assert_eq!(check.expect[0].form, Form::That);
    }

    #[test]
    fn all_mistakes_of_form_are_reported_at_once() {
        let text = SMALL
            .replace("severity: high", "severity: hihg")
            .replace("title:", "titel:")
            .replace("otherwise: It is open", "where: x\n    every: y in z")
            + "same_as: {prowlr: [a]}\n";
        assert_eq!(
            mistakes(&text),
            [
                "a.yaml:1:1: a check needs `title`",
                "a.yaml:2:1: a check has no `titel` (did you mean `title`?)",
                "a.yaml:3:11: `hihg` is not allowed here (did you mean `high`?)",
                "a.yaml:6:5: an assertion needs `otherwise`",
                "a.yaml:7:5: `that` has no `where` (join the two with `and`, or use `when`)",
                "a.yaml:8:5: `that` and `every` are two assertions (begin the second one with `- `)",
                "a.yaml:9:11: there is no tool `prowlr` (did you mean `prowler`?)",
            ]
        );
        let text =
            format!("{SMALL}tests:\n  - {{name: a, verdict: failed}}\nsame_as: {{prowlr: [a]}}\n");
        assert_eq!(
            mistakes(&text),
            [
                "a.yaml:9:6: a case needs `given`",
                "a.yaml:9:24: `failed` is not allowed here (did you mean `fail`?)",
                "a.yaml:10:11: there is no tool `prowlr` (did you mean `prowler`?)",
            ]
        );
    }

    #[test]
    fn the_schema_names_every_key() {
        let schema = schema(crate::inventory::toy::MODEL.catalog);
        let mut expected: Vec<&str> = KEYS.to_vec();
        expected.sort_unstable();
        let mut found: Vec<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(schema["additionalProperties"], false);
    }
}
