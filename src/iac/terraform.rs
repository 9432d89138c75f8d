//! The blocks of a Terraform configuration and their lines.
//!
//! The line of a block is that of its header, as in Terraform's own messages. A file with a mistake
//! still shows its headers to a plain search line by line.

mod json;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body};
use regex::Regex;
use serde::Deserialize;

use super::state::Managed;
use super::yor::Tags;
use super::{Checkout, address};
use crate::finding::Location;
use crate::report::sarif::line_hash::line_hashes;

/// The largest file that is read.
const MAX_FILE: usize = 8 << 20;

/// The deepest nesting of brackets that the parser is given; it calls itself for each.
const MAX_DEPTH: usize = 100;

/// Whether a file is one of a configuration.
pub(super) fn is_configuration(name: &str) -> bool {
    [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|extension| name.ends_with(extension))
}

/// The configuration of a root module, read as far as it is asked for.
pub(super) struct Configuration<'a> {
    checkout: &'a dyn Checkout,
    root: String,
    /// Directories by module key, as `terraform init` wrote them down.
    installed: BTreeMap<String, String>,
    directories: BTreeMap<String, Blocks>,
}

/// The header of a block.
#[derive(Debug, Clone)]
struct Header {
    location: Location,
    source: Option<String>,
}

/// Headers by type and name; a module's type is `module`.
type Blocks = BTreeMap<(String, String), Header>;

impl<'a> Configuration<'a> {
    pub(super) fn new(root: &str, checkout: &'a dyn Checkout) -> Self {
        let installed = installed(root, checkout);
        Self { checkout, root: root.to_owned(), installed, directories: BTreeMap::new() }
    }

    /// The block of a resource; where its module is not in the checkout, the block that calls it.
    pub(super) fn locate(&mut self, resource: &Managed) -> Option<Location> {
        let mut directory = self.root.clone();
        let mut callers: Vec<Location> = Vec::new();
        let mut key = String::new();
        for module in &resource.modules {
            let call = self.header(&directory, "module", module)?;
            key = if key.is_empty() { module.clone() } else { format!("{key}.{module}") };
            match self.module_directory(&directory, &key, &call) {
                Some(next) => directory = next,
                None => return Some(self.placed(call.location, callers, resource)),
            }
            callers.push(call.location);
        }
        let header = self.header(&directory, &resource.kind, &resource.name)?;
        Some(self.placed(header.location, callers, resource))
    }

    fn placed(&self, at: Location, callers: Vec<Location>, resource: &Managed) -> Location {
        let modules = resource.modules.iter().map(|module| format!("module.{module}."));
        let (modules, root) = (modules.collect::<String>(), &self.root);
        let declared_as = format!("tf:{root}|{modules}{}.{}", resource.kind, resource.name);
        Location { declared_as: Some(declared_as), called_from: callers, ..at }
    }

    /// The directory of a called module, if it is in the checkout.
    fn module_directory(&self, from: &str, key: &str, call: &Header) -> Option<String> {
        let directory = match self.installed.get(key) {
            Some(directory) => address::join(&self.root, directory)?,
            None => {
                let source = call.source.as_deref()?;
                let local = source.starts_with("./") || source.starts_with("../");
                local.then(|| address::join(from, source))??
            }
        };
        let fetched = directory.split('/').any(|part| part == ".terraform");
        (!fetched && configured(&directory, self.checkout)).then_some(directory)
    }

    fn header(&mut self, directory: &str, kind: &str, name: &str) -> Option<Header> {
        if !self.directories.contains_key(directory) {
            let blocks = blocks_of(directory, self.checkout);
            self.directories.insert(directory.to_owned(), blocks);
        }
        let blocks = self.directories.get(directory)?;
        blocks.get(&(kind.to_owned(), name.to_owned())).cloned()
    }
}

/// Whether a directory has a configuration that belongs to the checkout.
pub(super) fn configured(directory: &str, checkout: &dyn Checkout) -> bool {
    let own = |name: &String| {
        let path = address::join(directory, name);
        is_configuration(name) && path.is_some_and(|path| checkout.tracked(&path))
    };
    checkout.files(directory).iter().any(own)
}

/// What `terraform init` wrote about modules; nothing where it was not run.
fn installed(root: &str, checkout: &dyn Checkout) -> BTreeMap<String, String> {
    #[derive(Deserialize)]
    struct File {
        #[serde(rename = "Modules")]
        modules: Vec<Module>,
    }
    #[derive(Deserialize)]
    struct Module {
        #[serde(rename = "Key")]
        key: String,
        #[serde(rename = "Dir")]
        directory: String,
    }
    let path = address::join(root, ".terraform/modules/modules.json");
    let text = path.and_then(|path| checkout.read(&path)).unwrap_or_default();
    let file: Option<File> = serde_json::from_str(&text).ok();
    let modules = file.map(|file| file.modules).unwrap_or_default();
    modules.into_iter().map(|module| (module.key, module.directory)).collect()
}

fn blocks_of(directory: &str, checkout: &dyn Checkout) -> Blocks {
    let mut names = checkout.files(directory);
    names.retain(|name| is_configuration(name));
    names.sort();
    let mut blocks = Blocks::new();
    for name in names {
        let Some(path) = address::join(directory, &name) else { continue };
        if !checkout.tracked(&path) {
            continue;
        }
        let Some(text) = checkout.read(&path) else { continue };
        for (found, location) in located(&path, &text) {
            let header = Header { location, source: found.source };
            blocks.entry((found.kind, found.name)).or_insert(header);
        }
    }
    blocks
}

/// The headers of a file with their places.
pub(super) fn located(path: &str, text: &str) -> Vec<(Found, Location)> {
    if text.len() > MAX_FILE {
        return Vec::new();
    }
    let hashes = line_hashes(text);
    let place = |found: Found| {
        let location = Location {
            line_hash: found.line.checked_sub(1).and_then(|at| hashes.get(at)).cloned(),
            ..Location::new(path, found.line)
        };
        (found, location)
    };
    let found = if path.ends_with(".json") { json::headers(text) } else { headers(text) };
    found.into_iter().map(place).collect()
}

/// A header that was found in a text.
pub(super) struct Found {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) source: Option<String>,
    /// What stands in the block.
    pub(super) tags: Tags,
}

fn headers(text: &str) -> Vec<Found> {
    if depth(text) > MAX_DEPTH {
        return searched(text);
    }
    match hcl_edit::parser::parse_body(text) {
        Ok(body) => parsed(&body, text),
        Err(_) => searched(text),
    }
}

/// The deepest nesting of brackets, those in strings and comments included.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn parsed(body: &Body, text: &str) -> Vec<Found> {
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let found = |block: &Block| {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        let (kind, name) = named(block.ident.as_str(), &labels)?;
        let Range { start, .. } = block.ident.span()?;
        let tags = block.span().and_then(|span| text.get(span)).map(tags).unwrap_or_default();
        let line = starts.partition_point(|line| *line <= start);
        let source = block.body.get_attribute("source").and_then(|it| it.value.as_str());
        Some(Found { kind, name, line, source: source.map(str::to_owned), tags })
    };
    body.blocks().filter_map(found).collect()
}

/// The tags of yor among the literals of a block.
fn tags(block: &str) -> Tags {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(yor_trace|yor_name|git_file|git_repo)"?\s*[=:]\s*"([^"$%\\]+)""#)
            .expect("the pattern is a constant that a test compiles")
    });
    let mut tags = Tags::default();
    for found in TAG.captures_iter(block) {
        let (_, [key, value]) = found.extract();
        tags.keep(key, value);
    }
    tags
}

fn named(word: &str, labels: &[&str]) -> Option<(String, String)> {
    match (word, labels) {
        ("resource", [kind, name]) => Some(((*kind).to_owned(), (*name).to_owned())),
        ("module", [name]) => Some(("module".to_owned(), (*name).to_owned())),
        _ => None,
    }
}

/// The headers that stand at the beginning of a line, in a file that does not parse.
fn searched(text: &str) -> Vec<Found> {
    let found = |(line, text): (usize, &str)| {
        let (word, rest) = text.trim_start().split_once([' ', '\t', '"'])?;
        let (labels, _) = rest.split_once('{')?;
        let labels: Vec<&str> =
            labels.split(['"', ' ', '\t']).filter(|label| !label.is_empty()).collect();
        let (kind, name) = named(word, &labels)?;
        Some(Found { kind, name, line, source: None, tags: Tags::default() })
    };
    (1..).zip(text.lines()).filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let found = headers(text);
        found.iter().map(|it| format!("{}.{}:{}", it.kind, it.name, it.line)).collect()
    }

    const FILE: &str = "# ümlaut\nresource \"aws_vpc\" \"a\" {\n  cidr = \"x\"\n}\n\r\n  module \"net\" {\n\
                        source = \"./net\"\n}\nresource aws_vpc b {\n}\ndata \"aws_vpc\" \"c\" {}\n";

    #[test]
    fn headers_have_the_line_of_their_first_word() {
        assert_eq!(told(FILE), ["aws_vpc.a:2", "module.net:6", "aws_vpc.b:9"]);
        assert_eq!(headers(FILE)[1].source.as_deref(), Some("./net"));
    }

    #[test]
    fn a_file_with_a_mistake_still_shows_its_headers() {
        let text = format!("{FILE}\nresource \"aws_vpc\" \"d\" {{ = }}\n");
        assert!(hcl_edit::parser::parse_body(&text).is_err());
        assert_eq!(told(&text), ["aws_vpc.a:2", "module.net:6", "aws_vpc.b:9", "aws_vpc.d:13"]);
    }

    #[test]
    fn deep_nesting_is_not_parsed() {
        let text = format!("{FILE}x = {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(told(&text), ["aws_vpc.a:2", "module.net:6", "aws_vpc.b:9"]);
        let nested = format!("x = {}1{}\n", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert_eq!(told(&format!("{FILE}{nested}")).len(), 3);
    }
}
