//! `postura policies`: list, show and lint policies; accept findings; take over a mutelist.

mod except;
mod import;

use std::io::{self, Write};
use std::path::Path;

use super::library::Selection;
use super::rules::with_context;
use super::whole::whole;
use super::{Exit, Failure};
use crate::check::Library;
use crate::diagnostic::Diagnostic;
use crate::policy::{self, Policy, PolicyError};
use crate::report::text::{count_of, counted, plain};
use crate::terminal;

/// Arguments of `postura policies`.
#[derive(Debug, clap::Args)]
pub struct PoliciesArgs {
    #[command(subcommand)]
    command: PoliciesCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PoliciesCommand {
    /// The policies and frameworks in this program, one a line.
    List,
    /// What a policy selects, overrides, lets fail and accepts.
    Show {
        /// A policy, a framework, or a file.
        #[arg(value_name = "NAME|FILE")]
        name: String,
        /// The environment of the policy.
        #[arg(long, value_name = "NAME")]
        environment: Option<String>,
        #[command(flatten)]
        custom: CustomChecks,
    },
    /// Look for mistakes, expired exceptions, and exceptions that are never used.
    Lint {
        /// Policy files; those in this program by default.
        #[arg(value_name = "FILE")]
        files: Vec<String>,
        #[command(flatten)]
        custom: CustomChecks,
    },
    /// Print the JSON Schema of policy files, for editors.
    Schema,
    /// Accept a finding: write an exception for it into a policy file.
    Except(except::ExceptArgs),
    /// Turn a mutelist of Prowler into a policy, and report what cannot be carried over.
    Import(import::ImportArgs),
}

/// Checks that policies may name besides those in this program.
#[derive(Debug, Clone, clap::Args)]
struct CustomChecks {
    /// Also know the checks of a directory.
    #[arg(long = "checks", value_name = "DIR")]
    directories: Vec<std::path::PathBuf>,
}

impl CustomChecks {
    fn library(&self) -> Result<Library, Failure> {
        Selection { ids: Vec::new(), directories: self.directories.clone() }.library()
    }
}

/// Runs `postura policies`.
pub fn run(args: &PoliciesArgs) -> Result<Exit, Failure> {
    match &args.command {
        PoliciesCommand::List => list(),
        PoliciesCommand::Show { name, environment, custom } => {
            show(name, environment.as_deref(), &custom.library()?)
        }
        PoliciesCommand::Lint { files, custom } => lint(files, &custom.library()?),
        PoliciesCommand::Schema => {
            let schema = serde_json::to_string_pretty(&policy::schema()).unwrap_or_default();
            writeln!(io::stdout(), "{schema}")?;
            Ok(Exit::Passed)
        }
        PoliciesCommand::Except(args) => except::run(args),
        PoliciesCommand::Import(args) => import::run(args),
    }
}

fn list() -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for name in policy::embedded_names() {
        let title = policy::embedded_title(&name).unwrap_or_default();
        let default = if name == policy::DEFAULT { " (the default)" } else { "" };
        writeln!(out, "{name:<16}  {title}{default}")?;
    }
    writeln!(out)?;
    for framework in policy::embedded_frameworks().iter() {
        writeln!(out, "{:<16}  {} {}", framework.id, framework.title, framework.version)?;
    }
    Ok(Exit::Passed)
}

fn show(name: &str, environment: Option<&str>, library: &Library) -> Result<Exit, Failure> {
    let (policy, exceptions) = with_context(library, environment, |context| {
        let policy = Policy::load(name, context)?;
        let exceptions = policy.exceptions_in_words(context);
        Ok((policy, exceptions))
    })?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}\n{}", plain(&policy.name), plain(&policy.title))?;
    section(&mut out, "Gate", &policy.gate.sentences())?;
    section(&mut out, "Limits of exceptions", &policy.limits_in_words())?;
    section(&mut out, "Exceptions, the first that holds wins", &exceptions)?;
    section(&mut out, "Overrides, the most specific wins", &policy.overrides_in_words())?;
    let checks = policy.checks();
    let lines = checks.iter().map(|check| format!("{:<8}  {}", check.severity, check.id));
    section(&mut out, &counted(count_of(checks.len()), "check"), &lines.collect::<Vec<_>>())?;
    Ok(Exit::Passed)
}

fn section(out: &mut dyn Write, title: &str, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    lines.iter().try_for_each(|line| writeln!(out, "  {}", plain(line)))
}

/// Mistakes stop it, as they would stop a scan; advice does not.
fn lint(files: &[String], library: &Library) -> Result<Exit, Failure> {
    let embedded = policy::embedded_names();
    let paths = files.iter().map(|file| as_path(file));
    let names = if files.is_empty() { embedded } else { paths.collect() };
    let (mut mistakes, mut advice) = (Vec::new(), Vec::new());
    for name in &names {
        match with_context(library, None, |context| policy::lint(name, context)) {
            Ok(found) => advice.extend(found),
            Err(PolicyError::Invalid(found)) => mistakes.extend(found),
            Err(other) => return Err(other.into()),
        }
    }
    if !mistakes.is_empty() {
        mistakes.extend(advice);
        return Err(Failure::Files(mistakes));
    }
    write!(io::stderr(), "{}", terminal::draw(&advice, false))?;
    let policies = counted(count_of(names.len()), "policy");
    let warnings = counted(count_of(advice.len()), "warning");
    writeln!(io::stdout(), "{policies}: no mistakes, {warnings}")?;
    Ok(Exit::Passed)
}

/// A name that is meant as a file, even where it looks like that of a policy.
fn as_path(name: &str) -> String {
    let is_path = name.contains('/') || name.ends_with(".yaml") || name.ends_with(".yml");
    if is_path { name.to_owned() } else { format!("./{name}") }
}

/// Writes a file whole or not at all, with the permissions of the one that it replaces.
fn replace(path: &str, text: &str) -> Result<(), Failure> {
    whole(Path::new(path), false, |out| out.write_all(text.as_bytes()))
        .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", plain(path))))
}

/// Diagnostics as the user reads them.
fn drawn(found: &[Diagnostic]) -> String {
    terminal::draw(found, false)
}
