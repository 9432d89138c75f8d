//! Reading states, templates and the checkout that they were made from.

mod tree;

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::Failure;
use super::exit::shown;
use crate::iac::cdk::Assembly;
use crate::iac::{Declarations, IacError, State, Template, join};

use tree::Tree;

/// The largest source file that is read.
const MAX_SOURCE: u64 = 8 << 20;

/// The largest template, manifest or file of metadata that is read.
const MAX_GENERATED: u64 = 64 << 20;

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
    /// What `cdk synth` wrote, where the CDK program is in the checkout.
    #[arg(long, value_name = "DIR")]
    cdk_out: Vec<PathBuf>,
}

impl IacArgs {
    /// Reads all of it; `None` where nothing is named.
    pub fn read(&self) -> Result<Option<Declarations>, Failure> {
        let named = [self.iac_state.len(), self.cfn_template.len(), self.cdk_out.len()];
        if named == [0; 3] && self.iac_root.is_none() {
            return Ok(None);
        }
        let tree = Tree::new(&self.root()?)?;
        let mut declarations = Declarations::default();
        for argument in &self.iac_state {
            add_state(argument, &tree, &mut declarations)?;
        }
        for argument in &self.cfn_template {
            declarations.add_template(template(argument, &tree)?);
        }
        for directory in &self.cdk_out {
            add_assembly(directory, "", &tree, &mut declarations)?;
        }
        declarations.add_tags(&tree);
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
        Some(directory) => tree.inside(&tree.root().join(directory))?,
        None => {
            let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
            tree.inside(directory.unwrap_or(Path::new("."))).map_err(|_| {
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
    let relative = tree.inside(path)?;
    Template::read(stack, Some(&relative), &text(path)?).map_err(|error| refused(path, &error))
}

/// Adds the stacks of what `cdk synth` wrote to a directory, or to one below it.
fn add_assembly(
    directory: &Path,
    below: &str,
    tree: &Tree,
    declarations: &mut Declarations,
) -> Result<(), Failure> {
    let file = |name: &str| {
        let inside = join(below, name);
        let message = || Failure::new(format!("`{}` names a file outside", shown(directory)));
        inside.map(|name| directory.join(name)).ok_or_else(message)
    };
    let manifest = file("manifest.json")?;
    let assembly = Assembly::read(&text(&manifest)?).map_err(|error| refused(&manifest, &error))?;
    for stack in &assembly.stacks {
        let path = file(&stack.template)?;
        let metadata = match &stack.metadata {
            Some(name) => Some(text(&file(name)?)?),
            None => None,
        };
        let template =
            stack.read(tree.own(&path).as_deref(), &text(&path)?, metadata.as_deref(), tree);
        declarations.add_template(template.map_err(|error| refused(&path, &error))?);
    }
    for nested in &assembly.nested {
        // A stage lies one directory below, so that a loop of names ends.
        let next =
            join(below, nested).filter(|next| next.len() > below.len()).ok_or_else(|| {
                Failure::new(format!("`{}` names a directory outside", shown(&manifest)))
            })?;
        add_assembly(directory, &next, tree, declarations)?;
    }
    Ok(())
}

/// The text of a file that is no larger than such files are.
fn text(path: &Path) -> Result<String, Failure> {
    let size = fs::metadata(path).map_err(|error| Failure::reading(path, &error))?.len();
    if size > MAX_GENERATED {
        return Err(Failure::reading(path, &"it is larger than such files are"));
    }
    fs::read_to_string(path).map_err(|error| Failure::reading(path, &error))
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
        IacError::NotState { .. } | IacError::NotTemplate { .. } | IacError::NotAssembly { .. } => {
            Failure::new(format!("{name}:{error}"))
        }
        IacError::StateVersion(_) => Failure::new(format!("`{name}` is {error}")),
        IacError::Elsewhere { help, .. } => {
            Failure::with_help(format!("`{name}`: {error}"), help.clone())
        }
    }
}
