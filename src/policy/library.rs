//! Finds policies by name or path, and resolves what they extend and name.

use std::sync::{Arc, LazyLock};

use include_dir::{Dir, include_dir};

use super::framework::{Framework, Frameworks, check_name};
use super::gate::{Gate, Threshold};
use super::overrides;
use super::read::Reader;
use super::select::{Selector, known_check};
use super::source::{self, Day, ExceptionLimits, Layer, PolicyFile};
use super::{Context, DEFAULT, Policy, PolicyError};
use crate::check::Severity;
use crate::diagnostic::{Diagnostic, SourceFile, did_you_mean};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// The most policies that one may extend, one after the other.
const MAX_DEPTH: usize = 8;

/// The policy files in the binary, sorted by name.
pub fn embedded_policies() -> Vec<Arc<SourceFile>> {
    embedded(&FILES)
}

/// The names of the policies in the binary, sorted.
pub fn embedded_names() -> Vec<String> {
    let stem = |file: &Arc<SourceFile>| file.name.rsplit('/').next().map(str::to_owned);
    let names = embedded_policies().iter().filter_map(stem).collect::<Vec<_>>();
    names.into_iter().map(|name| name.trim_end_matches(".yaml").to_owned()).collect()
}

/// The frameworks in the binary. Their files are tested with the program, so that there are no
/// diagnostics to show.
pub fn embedded_frameworks() -> &'static Frameworks {
    static FRAMEWORKS: LazyLock<Frameworks> =
        LazyLock::new(|| Frameworks::load(embedded_framework_files()).0);
    &FRAMEWORKS
}

/// The framework files in the binary, sorted by name.
pub(super) fn embedded_framework_files() -> Vec<Arc<SourceFile>> {
    FILES.get_dir("frameworks").map(embedded).unwrap_or_default()
}

fn embedded(dir: &Dir<'_>) -> Vec<Arc<SourceFile>> {
    let yaml =
        |file: &&include_dir::File<'_>| file.path().extension().is_some_and(|it| it == "yaml");
    let mut files: Vec<Arc<SourceFile>> = dir
        .files()
        .filter(yaml)
        .filter_map(|file| {
            let name = format!("policies/{}", file.path().to_str()?);
            Some(SourceFile::new(name, file.contents_utf8()?))
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

pub(super) fn load(name: &str, context: &Context<'_>) -> Result<Policy, PolicyError> {
    if let Some(framework) = context.frameworks.get(name) {
        return Ok(of_framework(framework, context));
    }
    let file = find(name, None, context)?;
    let policy = source::read(&file).map_err(PolicyError::Invalid)?;
    let mut chain = Chain { context, layers: Vec::new(), found: Vec::new(), open: Vec::new() };
    chain.add(&policy, &file)?;
    let mut name = policy.id.value.clone();
    if let Some(wanted) = context.environment {
        let names = || policy.environments.iter().map(|(name, _)| name.value.as_str());
        let environment = policy.environments.iter().find(|(name, _)| name.value == wanted);
        let Some((_, layer)) = environment else {
            let help = did_you_mean(wanted, names());
            return Err(PolicyError::Environment { policy: name, name: wanted.into(), help });
        };
        name = format!("{name} ({wanted})");
        chain.layers.push(Arc::new(layer.clone()));
    }
    let joined = Policy::join(name, policy.title.clone(), &chain.layers, context);
    chain.validate(&policy, &joined);
    if chain.found.is_empty() { Ok(joined) } else { Err(PolicyError::Invalid(chain.found)) }
}

/// The names of the environments of a policy.
pub(super) fn environments(name: &str, context: &Context<'_>) -> Result<Vec<String>, PolicyError> {
    if context.frameworks.get(name).is_some() {
        return Ok(Vec::new());
    }
    let policy = source::read(&find(name, None, context)?).map_err(PolicyError::Invalid)?;
    Ok(policy.environments.into_iter().map(|(name, _)| name.value).collect())
}

/// The title of an embedded policy.
pub fn embedded_title(name: &str) -> Option<String> {
    let file_name = format!("policies/{name}.yaml");
    let file = embedded_policies().into_iter().find(|file| file.name == file_name)?;
    source::read(&file).ok().map(|policy| policy.title)
}

/// A framework as a policy: all of its checks, and any failure fails.
fn of_framework(framework: &Framework, context: &Context<'_>) -> Policy {
    let selector = Selector::framework(&framework.id);
    let mut checks: Vec<_> =
        context.checks.iter().filter(|check| selector.matches(check)).cloned().collect();
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    Policy {
        name: framework.id.clone(),
        title: format!("{} {}", framework.title, framework.version),
        gate: Gate { fail_on: Threshold::From(Severity::Info), ..Gate::default() },
        framework: Some(framework.clone()),
        checks,
        overrides: Vec::new(),
        exceptions: Vec::new(),
        limits: ExceptionLimits::default(),
    }
}

/// The file of a policy; a path is taken from the directory of the file that names it.
fn find(
    name: &str,
    from: Option<&SourceFile>,
    context: &Context<'_>,
) -> Result<Arc<SourceFile>, PolicyError> {
    let is_path = name.contains('/') || name.ends_with(".yaml") || name.ends_with(".yml");
    if is_path {
        let directory = from.and_then(|file| file.name.rsplit_once('/')).map(|(dir, _)| dir);
        let path = match directory {
            Some(directory) if !name.starts_with('/') => format!("{directory}/{name}"),
            _ => name.to_owned(),
        };
        return match (context.read)(&path) {
            Ok(text) => Ok(SourceFile::new(path, text)),
            Err(source) => Err(PolicyError::Read { path, source }),
        };
    }
    let file_name = format!("policies/{name}.yaml");
    embedded_policies().into_iter().find(|file| file.name == file_name).ok_or_else(|| {
        let known = embedded_names();
        let frameworks = context.frameworks.iter().map(|framework| framework.id.as_str());
        let help = did_you_mean(name, known.iter().map(String::as_str).chain(frameworks));
        let list = || format!("known are {}, the ids of frameworks, and paths", known.join(", "));
        PolicyError::Unknown { name: name.into(), help: Some(help.unwrap_or_else(list)) }
    })
}

/// The policies that one extends, and what is wrong with them.
struct Chain<'a, 'c> {
    context: &'a Context<'c>,
    layers: Vec<Arc<Layer>>,
    found: Vec<Diagnostic>,
    open: Vec<String>,
}

impl Chain<'_, '_> {
    /// Adds what a policy extends, then the policy.
    fn add(&mut self, policy: &PolicyFile, file: &Arc<SourceFile>) -> Result<(), PolicyError> {
        self.open.push(file.name.clone());
        for parent in &policy.extends {
            let fail = |message: String| {
                let diagnostic = Diagnostic::error(file, parent.span, message);
                PolicyError::Invalid(vec![diagnostic])
            };
            let parent_file = match find(&parent.value, Some(file), self.context) {
                Ok(found) => found,
                Err(PolicyError::Unknown { name, help }) => {
                    let message = format!("no policy is called `{name}`");
                    let diagnostic = Diagnostic::error(file, parent.span, message).maybe_help(help);
                    return Err(PolicyError::Invalid(vec![diagnostic]));
                }
                Err(PolicyError::Read { path, source }) => {
                    return Err(fail(format!("cannot read `{path}`: {source}")));
                }
                Err(other) => return Err(other),
            };
            if self.open.contains(&parent_file.name) {
                return Err(fail("a policy cannot extend itself".to_owned()));
            }
            if self.open.len() >= MAX_DEPTH {
                return Err(fail(format!("more than {MAX_DEPTH} policies extend each other")));
            }
            let parent_policy = source::read(&parent_file).map_err(PolicyError::Invalid)?;
            self.add(&parent_policy, &parent_file)?;
        }
        self.open.pop();
        self.layers.push(Arc::new(policy.layer.clone()));
        Ok(())
    }

    /// Resolves every name of every layer, environments that are not chosen included.
    fn validate(&mut self, policy: &PolicyFile, joined: &Policy) {
        let mut own = Reader::new(&policy.layer.file);
        check_name(&mut own, &policy.id);
        if joined.checks.is_empty() && !self.context.checks.is_empty() {
            own.fail_help(
                policy.id.span,
                "this policy selects no checks",
                Some(format!("give `checks`, or extend a policy such as `{DEFAULT}`")),
            );
        }
        self.found.append(&mut own.found);
        let chosen = self.context.environment;
        let others =
            policy.environments.iter().filter(|(name, _)| Some(name.value.as_str()) != chosen);
        let layers: Vec<Arc<Layer>> = self
            .layers
            .iter()
            .cloned()
            .chain(others.map(|(_, layer)| Arc::new(layer.clone())))
            .collect();
        for layer in layers {
            let mut reader = Reader::new(&layer.file);
            self.validate_layer(&mut reader, &layer, &joined.limits);
            self.found.append(&mut reader.found);
        }
        self.found.sort_by(|a, b| (&a.file.name, a.span).cmp(&(&b.file.name, b.span)));
        self.found.dedup();
    }

    fn validate_layer(&self, reader: &mut Reader<'_>, layer: &Layer, limits: &ExceptionLimits) {
        let checks = self.context.checks;
        let frameworks: Vec<&str> =
            self.context.frameworks.iter().map(|framework| framework.id.as_str()).collect();
        for selector in layer.checks.iter().chain(&layer.exclude) {
            selector.validate(reader, checks, &frameworks);
        }
        overrides::validate(reader, layer, checks, self.context.test_param);
        for rule in &layer.exceptions {
            known_check(reader, &rule.check, checks);
            if limits.ticket_required == Some(true) && rule.ticket.is_none() {
                reader.fail(rule.span, "the policy asks for a `ticket` with each exception");
            }
            let Some(days) = limits.max_days else { continue };
            let latest: Day = self.context.today.plus(days);
            match &rule.expires {
                None => reader.fail(rule.span, "the policy asks for `expires` with each exception"),
                Some(expires) if expires.value > latest => {
                    let message = format!("the policy allows exceptions until {latest} at most");
                    reader.fail(expires.span, message);
                }
                Some(_) => {}
            }
        }
    }
}
