//! Reading states, templates and the checkout that they were made from.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use super::Failure;
use super::exit::shown;
use crate::iac::{Checkout, Declarations, IacError, State, Template};

/// The largest source file that is read.
const MAX_SOURCE: u64 = 8 << 20;

/// Arguments about where resources are declared, shared by all commands that report.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Where resources are declared")]
pub struct IacArgs {
    /// The root of the checkout, from which SARIF names files. [default: the repository around the
    /// working directory]
    #[arg(long, value_name = "DIR")]
    iac_root: Option<PathBuf>,
    /// A Terraform state, or what `terraform show -json` prints; DIR is the directory of its
    /// configuration, without it that of the file.
    #[arg(long, value_name = "[DIR=]FILE")]
    iac_state: Vec<String>,
    /// A CloudFormation template of the checkout, and the stack that it makes.
    #[arg(long, value_name = "[STACK=]FILE")]
    cfn_template: Vec<String>,
}

impl IacArgs {
    /// Reads all of it; `None` where nothing is named.
    pub fn read(&self) -> Result<Option<Declarations>, Failure> {
        if self.iac_state.is_empty() && self.cfn_template.is_empty() {
            return match &self.iac_root {
                Some(_) => Err(Failure::with_help(
                    "`--iac-root` alone tells nothing of live resources",
                    Some("name a state by `--iac-state` or a template by `--cfn-template`".into()),
                )),
                None => Ok(None),
            };
        }
        let tree = Tree::new(self.root()?)?;
        let mut declarations = Declarations::default();
        for argument in &self.iac_state {
            add_state(argument, &tree, &mut declarations)?;
        }
        for argument in &self.cfn_template {
            declarations.add_template(template(argument, &tree)?);
        }
        Ok(Some(declarations))
    }

    /// The directory named, or the nearest one above the working directory that git keeps.
    fn root(&self) -> Result<PathBuf, Failure> {
        if let Some(root) = &self.iac_root {
            return Ok(root.clone());
        }
        let here =
            std::env::current_dir().map_err(|error| Failure::reading(Path::new("."), &error))?;
        let top = here.ancestors().find(|directory| directory.join(".git").exists());
        Ok(top.unwrap_or(&here).to_owned())
    }
}

fn add_state(argument: &str, tree: &Tree, declarations: &mut Declarations) -> Result<(), Failure> {
    let (directory, path) = split(argument);
    let file = File::open(path).map_err(|error| Failure::reading(path, &error))?;
    let state = State::read(BufReader::new(file)).map_err(|error| refused(path, &error))?;
    let root = match directory {
        Some(directory) => tree.relative(&tree.root.join(directory))?,
        None => {
            let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
            tree.relative(directory.unwrap_or(Path::new("."))).map_err(|_| {
                let help = "`--iac-state DIR=FILE` names the directory of its configuration";
                let name = shown(path);
                let message = format!("the state `{name}` is not in the checkout");
                Failure::with_help(message, Some(help.into()))
            })?
        }
    };
    declarations.add_state(state, &root, tree).map_err(|error| refused(path, &error))
}

fn template(argument: &str, tree: &Tree) -> Result<Template, Failure> {
    let (stack, path) = split(argument);
    let relative = tree.relative(path)?;
    let size = fs::metadata(path).map_err(|error| Failure::reading(path, &error))?.len();
    if size > MAX_SOURCE {
        return Err(Failure::reading(path, &"it is larger than templates are"));
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::reading(path, &error))?;
    Template::read(stack, &relative, &text).map_err(|error| refused(path, &error))
}

/// `NAME=FILE` taken apart; a file whose own name holds a `=` is that file.
fn split(argument: &str) -> (Option<&str>, &Path) {
    match argument.split_once('=') {
        Some((name, path)) if !Path::new(argument).exists() => (Some(name), Path::new(path)),
        _ => (None, Path::new(argument)),
    }
}

fn refused(path: &Path, error: &IacError) -> Failure {
    let name = shown(path);
    match error {
        IacError::NotState { .. } | IacError::NotTemplate { .. } => {
            Failure::new(format!("{name}:{error}"))
        }
        IacError::StateVersion(_) => Failure::new(format!("`{name}` is {error}")),
        IacError::Elsewhere { help, .. } => {
            Failure::with_help(format!("`{name}`: {error}"), help.clone())
        }
    }
}

/// A checkout on disk.
struct Tree {
    root: PathBuf,
}

impl Tree {
    fn new(root: PathBuf) -> Result<Self, Failure> {
        let root = root.canonicalize().map_err(|error| Failure::reading(&root, &error))?;
        Ok(Self { root })
    }

    /// The path of something in the checkout from its root, with `/`.
    fn relative(&self, path: &Path) -> Result<String, Failure> {
        let full = path.canonicalize().map_err(|error| Failure::reading(path, &error))?;
        let inside = full.strip_prefix(&self.root).map_err(|_| {
            let (name, root) = (shown(path), shown(&self.root));
            Failure::with_help(
                format!("`{name}` is not in the checkout `{root}`"),
                Some("`--iac-root DIR` names another".into()),
            )
        })?;
        let parts = inside.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        Ok(parts.collect::<Vec<_>>().join("/"))
    }
}

impl Checkout for Tree {
    fn read(&self, path: &str) -> Option<String> {
        let file = File::open(self.root.join(path)).ok()?;
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        let mut text = String::new();
        file.take(MAX_SOURCE).read_to_string(&mut text).ok()?;
        Some(text)
    }

    fn files(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(directory)).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}
