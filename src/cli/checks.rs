//! `postura checks`: list, show and test checks.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::json;

use super::library::{Selection, embedded, load, read_directory};
use super::{Exit, Failure};
use crate::check::{Check, Library, Severity, case};
use crate::resources::MODEL;
use crate::schema::needs::Needs;

/// Arguments of `postura checks`.
#[derive(Debug, clap::Args)]
pub struct ChecksArgs {
    #[command(subcommand)]
    command: ChecksCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ChecksCommand {
    /// One line a check.
    List {
        /// Only checks of this service, such as `s3`.
        #[arg(long)]
        service: Option<String>,
        /// Only checks of this severity.
        #[arg(long)]
        severity: Option<Severity>,
        /// Only checks that speak to this framework, such as `cis-aws-7.0`.
        #[arg(long)]
        framework: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        selection: Selection,
    },
    /// Everything about one check.
    Show {
        /// The check.
        id: String,
        #[command(flatten)]
        selection: Selection,
    },
    /// Run the cases of checks, and again with every part of every case hidden.
    Test {
        /// A directory of checks; the embedded library by default.
        directory: Option<PathBuf>,
    },
    /// Print the JSON Schema of check files, for editors.
    Schema,
}

/// Runs `postura checks`.
pub fn run(args: &ChecksArgs) -> Result<Exit, Failure> {
    match &args.command {
        ChecksCommand::List { service, severity, framework, json, selection } => {
            let library = selection.library()?;
            let wanted = |check: &&std::sync::Arc<Check>| {
                service.as_ref().is_none_or(|it| check.resource.service() == it.to_lowercase())
                    && severity.is_none_or(|it| check.severity == it)
                    && framework.as_ref().is_none_or(|it| {
                        check.controls.iter().any(|control| {
                            control.split_once('/').is_some_and(|(name, _)| name == it)
                        })
                    })
            };
            let checks: Vec<_> = library.checks().iter().filter(wanted).collect();
            list(&checks, *json)
        }
        ChecksCommand::Show { id, selection } => show(&selection.library()?, id),
        ChecksCommand::Test { directory } => test(directory.as_ref()),
        ChecksCommand::Schema => {
            let schema = crate::check::schema(MODEL.catalog);
            writeln!(
                io::stdout(),
                "{}",
                serde_json::to_string_pretty(&schema).unwrap_or_default()
            )?;
            Ok(Exit::Passed)
        }
    }
}

fn list(checks: &[&std::sync::Arc<Check>], as_json: bool) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    if as_json {
        let rows: Vec<_> = checks
            .iter()
            .map(|check| {
                json!({
                    "id": check.id, "title": check.title, "severity": check.severity,
                    "resource": check.resource.name, "controls": check.controls,
                })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows).unwrap_or_default())?;
        return Ok(Exit::Passed);
    }
    for check in checks {
        writeln!(out, "{:<8}  {}", check.severity, check.id)?;
        writeln!(out, "          {}", check.title)?;
    }
    writeln!(out, "{} checks", checks.len())?;
    Ok(Exit::Passed)
}

fn show(library: &Library, id: &str) -> Result<Exit, Failure> {
    let Some(check) = library.find(id) else {
        return Err(Failure::with_help(format!("there is no check `{id}`"), library.suggest(id)));
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}  ({})\n{}\n", check.id, check.severity, check.title)?;
    writeln!(out, "{}\n", check.description.trim())?;
    writeln!(out, "Risk: {}\n", check.risk.trim())?;
    writeln!(out, "Tests {} as `{}`", check.resource.name, check.resource.alias)?;
    for condition in &check.logic.applies_when {
        writeln!(out, "  applies when  {condition}")?;
    }
    for assertion in &check.logic.expect {
        writeln!(out, "  {:<5} {}", assertion.form, assertion.subject)?;
        for (word, part) in [("when", &assertion.when), ("where", &assertion.filter)] {
            part.iter().try_for_each(|part| writeln!(out, "    {word} {part}"))?;
        }
        writeln!(out, "    otherwise {}", assertion.otherwise)?;
    }
    let params = check.params.iter();
    params.clone().next().map_or(Ok(()), |_| writeln!(out, "\nParameters"))?;
    for param in params {
        writeln!(out, "  {} = {}  {}", param.name, param.default.to_json(), param.about)?;
    }
    let mut needs = Needs::default();
    check.needs(&mut needs);
    writeln!(
        out,
        "\nIAM actions\n  {}",
        needs.actions().into_iter().collect::<Vec<_>>().join("\n  ")
    )?;
    for remedy in &check.remediation {
        writeln!(out, "\nRemediation ({})\n{}", remedy.kind, remedy.text.trim())?;
    }
    writeln!(out, "\nControls\n  {}", check.controls.join("\n  "))?;
    for (peer, ids) in &check.same_as {
        writeln!(out, "Same as in {peer}: {}", ids.join(", "))?;
    }
    Ok(Exit::Passed)
}

fn test(directory: Option<&PathBuf>) -> Result<Exit, Failure> {
    let files = match directory {
        Some(directory) => read_directory(directory)?,
        None => embedded(),
    };
    let library = load(files)?;
    let mut out = io::stdout().lock();
    let (mut passed, mut failed, mut blinded) = (0, 0, 0);
    for check in library.checks() {
        let report = case::run(check, MODEL);
        for case in &report.cases {
            blinded += case.blinded;
            if case.problems.is_empty() {
                passed += 1;
            } else {
                failed += 1;
            }
        }
        let diagnostics = report.diagnostics(check);
        if !diagnostics.is_empty() {
            write!(out, "{}", crate::terminal::draw(&diagnostics, false))?;
        }
    }
    writeln!(
        out,
        "{} checks: {passed} cases passed, {failed} failed, {blinded} blinded variants",
        library.checks().len()
    )?;
    Ok(if failed == 0 { Exit::Passed } else { Exit::Failed })
}
