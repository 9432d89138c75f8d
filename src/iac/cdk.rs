//! What `cdk synth` wrote: stacks with their templates, and where the program made each resource.
//!
//! The CDK records a stack trace for each construct. The first frame in the checkout that is no
//! package of others is the line that made the resource. Where no trace was recorded, the entry of
//! the template counts, if the template belongs to the checkout.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::template::Template;
use super::{Checkout, IacError, address};
use crate::finding::Location;
use crate::report::sarif::line_hash::line_hashes;

/// A cloud assembly: the directory that `cdk synth` writes.
#[derive(Debug)]
pub struct Assembly {
    /// Its stacks.
    pub stacks: Vec<Stack>,
    /// The directories of further assemblies in it, one for each stage.
    pub nested: Vec<String>,
}

/// A stack of an assembly. Its files are named from the assembly's directory.
#[derive(Debug)]
pub struct Stack {
    /// Its name in CloudFormation.
    pub name: String,
    /// The file of its template.
    pub template: String,
    /// The file that tells of its constructs, where it is not in the manifest.
    pub metadata: Option<String>,
    constructs: Constructs,
}

/// What is told of each construct, by its path.
type Constructs = BTreeMap<String, Vec<Entry>>;

#[derive(Debug, Clone, Deserialize)]
struct Entry {
    r#type: String,
    #[serde(default)]
    data: Json,
    #[serde(default)]
    trace: Vec<String>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    r#type: String,
    #[serde(default)]
    properties: Properties,
    #[serde(default)]
    metadata: Constructs,
    additional_metadata_file: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    template_file: Option<String>,
    stack_name: Option<String>,
    directory_name: Option<String>,
    additional_metadata_file: Option<String>,
}

impl Assembly {
    /// Reads a `manifest.json`.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, IacError> {
        let manifest: Manifest = read(text)?;
        let (mut stacks, mut nested) = (Vec::new(), Vec::new());
        for (id, artifact) in manifest.artifacts {
            let properties = artifact.properties;
            match (artifact.r#type.as_str(), properties.template_file) {
                ("aws:cloudformation:stack", Some(template)) => stacks.push(Stack {
                    name: properties.stack_name.unwrap_or(id),
                    template,
                    metadata: artifact
                        .additional_metadata_file
                        .or(properties.additional_metadata_file),
                    constructs: artifact.metadata,
                }),
                ("cdk:cloud-assembly", _) => nested.extend(properties.directory_name),
                _ => {}
            }
        }
        Ok(Self { stacks, nested })
    }
}

impl Stack {
    /// The template of the stack with the places of its constructs. `path` is its path from the root
    /// of the checkout, if it belongs to it; `metadata` the text of the file of that name.
    ///
    /// # Errors
    /// When the template or the metadata cannot be read.
    pub fn read(
        &self,
        path: Option<&str>,
        template: &str,
        metadata: Option<&str>,
        checkout: &dyn Checkout,
    ) -> Result<Template, IacError> {
        let mut constructs = self.constructs.clone();
        if let Some(text) = metadata {
            for (path, entries) in read::<Constructs>(text)? {
                constructs.entry(path).or_default().extend(entries);
            }
        }
        let mut hashes = Hashes::default();
        let mut sources = BTreeMap::new();
        for entries in constructs.values() {
            let id = entries.iter().find(|it| it.r#type == "aws:cdk:logicalId");
            let Some(id) = id.and_then(|it| it.data.as_str()) else { continue };
            let mut calls = frames(entries).filter_map(|it| place(it, checkout, &mut hashes));
            let Some(innermost) = calls.next() else { continue };
            let mut called_from: Vec<Location> = calls.collect();
            called_from.reverse();
            sources.insert(id.to_owned(), Location { called_from, ..innermost });
        }
        Ok(Template::read(Some(&self.name), path, template)?.with_sources(sources))
    }
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, IacError> {
    serde_json::from_str(text).map_err(|error| IacError::NotAssembly {
        line: error.line().max(1),
        column: error.column().max(1),
    })
}

/// The frames of the traces, those of the creation first, the innermost call first.
fn frames(entries: &[Entry]) -> impl Iterator<Item = &str> {
    let created = entries.iter().filter(|it| it.r#type == "aws:cdk:creationStack");
    let created = created.filter_map(|it| it.data.as_array()).flatten().filter_map(Json::as_str);
    created.chain(entries.iter().flat_map(|it| &it.trace).map(String::as_str))
}

/// The place of a frame such as `new Logs (/work/app.ts:4:3)`, if it is in the checkout and no
/// package of others.
fn place(frame: &str, checkout: &dyn Checkout, hashes: &mut Hashes) -> Option<Location> {
    let inner = frame.rsplit_once('(').map_or(frame, |(_, inner)| inner);
    let inner = inner.trim().trim_start_matches("at ").trim_end_matches(')');
    let (rest, _column) = inner.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let line: usize = line.parse().ok()?;
    let file = file.strip_prefix("file://").unwrap_or(file);
    let path = checkout.relative(file)?;
    let path = address::join("", &path)?;
    let foreign = path.split('/').any(|part| part == "node_modules" || part.starts_with("cdk.out"));
    if foreign || !checkout.tracked(&path) {
        return None;
    }
    let hash = hashes.of(&path, line, checkout)?;
    Some(Location { line_hash: Some(hash), ..Location::new(path, line) })
}

/// The hashes of the lines of the files met.
#[derive(Default)]
struct Hashes(BTreeMap<String, Vec<String>>);

impl Hashes {
    /// The hash of a line; `None` where the file has no such line.
    fn of(&mut self, path: &str, line: usize, checkout: &dyn Checkout) -> Option<String> {
        if !self.0.contains_key(path) {
            let hashes = checkout.read(path).map(|text| line_hashes(&text));
            self.0.insert(path.to_owned(), hashes.unwrap_or_default());
        }
        self.0.get(path)?.get(line.checked_sub(1)?).cloned()
    }
}
