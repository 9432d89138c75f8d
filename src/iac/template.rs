//! The resources of a CloudFormation template, in YAML or JSON, and their lines.
//!
//! CloudFormation tags what it makes with stack and logical id, so that a resource leads to its
//! template without a call.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser};

use super::IacError;
use crate::finding::{Finding, Location};
use crate::report::sarif::line_hash::line_hashes;

const STACK: &str = "aws:cloudformation:stack-name";
const LOGICAL_ID: &str = "aws:cloudformation:logical-id";

/// The deepest nesting of a template.
const MAX_DEPTH: usize = 100;

/// The most lists, mappings and scalars of a template.
const MAX_EVENTS: usize = 1_000_000;

/// A template.
#[derive(Debug)]
pub struct Template {
    stack: Option<String>,
    path: String,
    /// Line and type by logical id.
    resources: BTreeMap<String, (usize, String)>,
    hashes: Vec<String>,
}

impl Template {
    /// Reads a template. `path` is its path from the root of the checkout; `stack` the name of the
    /// stack that it makes, where one is given.
    ///
    /// # Errors
    /// When it is no YAML or JSON, or has no resources.
    pub fn read(stack: Option<&str>, path: &str, text: &str) -> Result<Self, IacError> {
        let resources = resources(text)?;
        if resources.is_empty() {
            let message = "it has no `Resources`".to_owned();
            return Err(IacError::NotTemplate { line: 1, column: 1, message });
        }
        let hashes = line_hashes(text);
        Ok(Self { stack: stack.map(str::to_owned), path: path.to_owned(), resources, hashes })
    }

    fn location(&self, stack: &str, logical_id: &str, line: usize) -> Location {
        Location {
            declared_as: Some(format!("cfn:{stack}|{logical_id}")),
            line_hash: line.checked_sub(1).and_then(|at| self.hashes.get(at)).cloned(),
            ..Location::new(self.path.clone(), line)
        }
    }
}

/// The declaration of a resource that CloudFormation made, where one template only can be it.
pub(super) fn find(templates: &[Template], finding: &Finding) -> Option<Location> {
    let tags = &finding.resource.tags;
    let (stack, logical_id) = (tags.get(STACK)?, tags.get(LOGICAL_ID)?);
    let named = templates.iter().find(|template| template.stack.as_ref() == Some(stack));
    if let Some(template) = named {
        let (line, _) = template.resources.get(logical_id)?;
        return Some(template.location(stack, logical_id, *line));
    }
    let unnamed = templates.iter().filter(|template| template.stack.is_none());
    let mut found = unnamed.filter_map(|template| {
        let (line, kind) = template.resources.get(logical_id)?;
        let same = *kind == finding.resource.r#type;
        same.then(|| template.location(stack, logical_id, *line))
    });
    match (found.next(), found.next()) {
        (Some(location), None) => Some(location),
        _ => None,
    }
}

/// Line and type of each entry of `Resources`.
fn resources(text: &str) -> Result<BTreeMap<String, (usize, String)>, IacError> {
    let mut walk = Walk::default();
    for (count, next) in Parser::new_from_str(text).enumerate() {
        let (event, span) = next.map_err(|error| {
            let at = error.marker();
            refused(at.line(), at.col() + 1, "it is neither YAML nor JSON")
        })?;
        let line = span.start.line();
        match event {
            Event::MappingStart(..) => walk.open(Frame::Map(None)),
            Event::SequenceStart(..) => walk.open(Frame::List),
            Event::MappingEnd | Event::SequenceEnd => {
                walk.open.pop();
                walk.complete("", line);
            }
            Event::Scalar(value, ..) => walk.complete(&value, line),
            Event::Alias(_) => walk.complete("", line),
            Event::DocumentEnd => break,
            _ => {}
        }
        if walk.open.len() > MAX_DEPTH || count > MAX_EVENTS {
            return Err(refused(line, 1, "it is larger or deeper than templates are"));
        }
    }
    Ok(walk.found)
}

fn refused(line: usize, column: usize, message: &str) -> IacError {
    IacError::NotTemplate { line: line.max(1), column, message: message.to_owned() }
}

/// A list, or a mapping with the key whose value comes next.
enum Frame {
    Map(Option<String>),
    List,
}

#[derive(Default)]
struct Walk {
    open: Vec<Frame>,
    found: BTreeMap<String, (usize, String)>,
}

impl Walk {
    fn open(&mut self, frame: Frame) {
        self.open.push(frame);
    }

    /// A value has ended: it was a key, or what belongs to one.
    fn complete(&mut self, value: &str, line: usize) {
        if let [Frame::Map(Some(section)), Frame::Map(Some(id)), Frame::Map(Some(key))] =
            self.open.as_slice()
            && section == "Resources"
            && key == "Type"
            && let Some((_, kind)) = self.found.get_mut(id)
        {
            value.clone_into(kind);
        }
        if let [Frame::Map(Some(section)), Frame::Map(None)] = self.open.as_slice()
            && section == "Resources"
        {
            self.found.entry(value.to_owned()).or_insert((line, String::new()));
        }
        if let Some(Frame::Map(key)) = self.open.last_mut() {
            *key = match key {
                None => Some(value.to_owned()),
                Some(_) => None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let found = resources(text).unwrap();
        found.iter().map(|(id, (line, kind))| format!("{id} {kind}:{line}")).collect()
    }

    #[test]
    fn yaml_with_intrinsic_functions_shows_its_resources() {
        let text = "Parameters:\n  Resources: {Type: String}\nResources:\n  # first\n  Logs:\n    \
                    Type: AWS::S3::Bucket\n    Properties:\n      Type: no\n      Name: !Sub '${A}-x'\n  \
                    Open:\n    Properties: {a: [!GetAtt Logs.Arn, *x]}\n    Type: 'AWS::EC2::VPC'\n";
        let text = text.replace("Name:", "Tags: &x [1]\n      Name:");
        assert_eq!(told(&text), ["Logs AWS::S3::Bucket:5", "Open AWS::EC2::VPC:11"]);
    }

    #[test]
    fn json_shows_its_resources() {
        let text = "{\n \"Resources\": {\n  \"Logs\": {\"Properties\": {\"x\": {}},\n   \
                    \"Type\": \"AWS::S3::Bucket\"},\n\n  \"B\": {}\n }\n}";
        assert_eq!(told(text), ["B :6", "Logs AWS::S3::Bucket:3"]);
    }

    #[test]
    fn what_is_no_template_is_an_error_with_a_place() {
        let error = |text: &str| Template::read(None, "t.yaml", text).unwrap_err().to_string();
        assert!(error("a: 1\n").contains("no `Resources`"));
        assert!(error("").contains("no `Resources`"));
        assert!(error("Resources:\n  A: [\n").starts_with("2:6: "));
        assert!(!error(&"[".repeat(100_000)).is_empty());
        assert!(!error(&"a: {".repeat(50_000)).is_empty());
    }
}
