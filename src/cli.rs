//! The command line: one file a subcommand. It may print, read files and ask the clock; nothing
//! below it does.

mod access;
mod checks;
#[cfg(feature = "live")]
mod demo;
mod diff;
mod docs;
mod earlier;
mod exit;
mod history;
mod iac;
mod library;
mod lsp;
mod merge;
mod output;
mod permissions;
mod policies;
#[cfg(feature = "live")]
mod progress;
mod report;
mod rules;
mod scan;
mod settings;
mod shell;
mod whole;

use std::ffi::OsString;
use std::io::Write;

use clap::{CommandFactory, Parser, Subcommand};

pub use crate::policy::Exit;
pub use exit::Failure;

/// A multi-account AWS configuration posture scanner that never claims what it did not see.
#[derive(Debug, Parser)]
#[command(name = "postura", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 gate passed; 1 gate failed; 2 could not run; \
                          3 scan incomplete beyond what the policy tolerates.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Scan accounts, or evaluate a snapshot, and report.
    Scan(Box<scan::ScanArgs>),
    /// Scan a synthetic organization on loopback: no AWS account needed.
    #[cfg(feature = "live")]
    Demo(Box<demo::DemoArgs>),
    /// Compare two scans: what came, went and changed.
    Diff(diff::DiffArgs),
    /// Judge and report the parts of a scan as one: what `scan --shard` wrote.
    Merge(Box<merge::MergeArgs>),
    /// Write the results of an earlier scan in other formats.
    Report(report::ReportArgs),
    /// List, show, test, lint and write checks.
    Checks(checks::ChecksArgs),
    /// Serve an editor that writes checks: the language server protocol over standard input and output.
    Lsp,
    /// Who can do what: decide requests, compare policies, find who gets in.
    Access(access::AccessArgs),
    /// List, show and test policies; accept findings.
    Policies(policies::PoliciesArgs),
    /// Print the least-privilege IAM policy of the selected checks.
    Permissions(permissions::PermissionsArgs),
    /// Write the pages about checks, resources, the language and frameworks.
    #[command(hide = true)]
    Docs(docs::DocsArgs),
    /// Print a completion script for a shell.
    Completions(shell::CompletionsArgs),
    /// Print the manual page.
    Man,
}

/// Runs the program with its arguments, the program's name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::CouldNotRun } else { Exit::Passed };
            // A closed pipe is no reason to complain.
            let _ = error.print();
            return exit;
        }
    };
    let result = match args.command {
        Command::Scan(args) => scan::run(&args),
        #[cfg(feature = "live")]
        Command::Demo(args) => demo::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Checks(args) => checks::run(&args),
        Command::Lsp => lsp::run(),
        Command::Access(args) => access::run(&args),
        Command::Policies(args) => policies::run(&args),
        Command::Permissions(args) => permissions::run(&args),
        Command::Docs(args) => docs::run(&args),
        Command::Completions(args) => shell::completions(&args, &mut Args::command()),
        Command::Man => shell::man(&Args::command()),
    };
    result.unwrap_or_else(|failure| {
        let _ = write!(std::io::stderr(), "{failure}");
        if failure.is_broken_pipe() { Exit::Passed } else { Exit::CouldNotRun }
    })
}
