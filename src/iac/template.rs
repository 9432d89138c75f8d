//! The resources of a CloudFormation template, in YAML or JSON, and their lines.
//!
//! CloudFormation tags what it makes with stack and logical id, so that a resource leads to its
//! template without a call.

use std::collections::BTreeMap;

use super::IacError;
use super::keys::{self, Met};
use crate::finding::{Finding, Location};
use crate::report::sarif::line_hash::line_hashes;

const STACK: &str = "aws:cloudformation:stack-name";
const LOGICAL_ID: &str = "aws:cloudformation:logical-id";

/// A template.
#[derive(Debug)]
pub struct Template {
    stack: Option<String>,
    /// Its own path, where it belongs to the checkout.
    path: Option<String>,
    /// Line and type by logical id.
    resources: BTreeMap<String, (usize, String)>,
    hashes: Vec<String>,
    /// Where the program that wrote the template made each resource, by logical id.
    sources: BTreeMap<String, Location>,
}

impl Template {
    /// Reads a template. `path` is its path from the root of the checkout, if it belongs to it;
    /// `stack` the name of the stack that it makes, where one is given.
    ///
    /// # Errors
    /// When it is no YAML or JSON, or has no resources.
    pub fn read(stack: Option<&str>, path: Option<&str>, text: &str) -> Result<Self, IacError> {
        let resources = resources(text)?;
        if resources.is_empty() {
            let message = "it has no `Resources`".to_owned();
            return Err(IacError::NotTemplate { line: 1, column: 1, message });
        }
        let hashes = line_hashes(text);
        let (stack, path) = (stack.map(str::to_owned), path.map(str::to_owned));
        Ok(Self { stack, path, resources, hashes, sources: BTreeMap::new() })
    }

    /// The same with places in the program that wrote it, by logical id.
    pub(super) fn with_sources(self, sources: BTreeMap<String, Location>) -> Self {
        Self { sources, ..self }
    }

    fn location(&self, stack: &str, logical_id: &str, line: usize) -> Option<Location> {
        let place = match self.sources.get(logical_id) {
            Some(source) => source.clone(),
            None => Location {
                line_hash: line.checked_sub(1).and_then(|at| self.hashes.get(at)).cloned(),
                ..Location::new(self.path.clone()?, line)
            },
        };
        Some(Location { declared_as: Some(format!("cfn:{stack}|{logical_id}")), ..place })
    }
}

/// The declaration of a resource that CloudFormation made, where one template only can be it.
pub(super) fn find(templates: &[Template], finding: &Finding) -> Option<Location> {
    let tags = &finding.resource().tags;
    let (stack, logical_id) = (tags.get(STACK)?, tags.get(LOGICAL_ID)?);
    let named: Vec<&Template> =
        templates.iter().filter(|template| template.stack.as_deref() == Some(stack)).collect();
    if !named.is_empty() {
        // Stages of one program may name their stacks alike.
        let place = |template: &&Template| {
            let (line, _) = template.resources.get(logical_id)?;
            template.location(stack, logical_id, *line)
        };
        let mut places = named.iter().map(place);
        let first = places.next()?;
        return places.all(|it| it == first).then_some(first)?;
    }
    let unnamed = templates.iter().filter(|template| template.stack.is_none());
    let mut found = unnamed.filter_map(|template| {
        let (line, kind) = template.resources.get(logical_id)?;
        let same = *kind == finding.resource().r#type;
        same.then(|| template.location(stack, logical_id, *line))?
    });
    match (found.next(), found.next()) {
        (Some(location), None) => Some(location),
        _ => None,
    }
}

/// Line and type of each entry of `Resources`.
fn resources(text: &str) -> Result<BTreeMap<String, (usize, String)>, IacError> {
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    keys::walk(text, |path, met, line| match (path, met) {
        ([section], Met::Key(id)) if section == "Resources" => {
            found.entry(id.to_owned()).or_insert((line, String::new()));
        }
        ([section, id, key], Met::Value(value)) if section == "Resources" && key == "Type" => {
            if let Some((_, kind)) = found.get_mut(id) {
                value.clone_into(kind);
            }
        }
        _ => {}
    })
    .map_err(|it| IacError::NotTemplate {
        line: it.line,
        column: it.column,
        message: it.message.to_owned(),
    })?;
    Ok(found)
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
        let error =
            |text: &str| Template::read(None, Some("t.yaml"), text).unwrap_err().to_string();
        assert!(error("a: 1\n").contains("no `Resources`"));
        assert!(error("").contains("no `Resources`"));
        assert!(error("Resources:\n  A: [\n").starts_with("2:6: "));
        assert!(!error(&"[".repeat(100_000)).is_empty());
        assert!(!error(&"a: {".repeat(50_000)).is_empty());
    }
}
