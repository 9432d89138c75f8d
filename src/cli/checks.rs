//! `postura checks`: list, show, test, lint and write checks.

mod files;
mod lint;
mod list;
mod new;
mod show;
mod test;
mod watch;

use std::io::{self, Write};
use std::path::PathBuf;

use super::{Exit, Failure};
use crate::resources::MODEL;

/// Arguments of `postura checks`.
#[derive(Debug, clap::Args)]
pub struct ChecksArgs {
    #[command(subcommand)]
    command: ChecksCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ChecksCommand {
    /// One line a check.
    List(list::ListArgs),
    /// Everything about one check.
    Show(show::ShowArgs),
    /// Run the cases of checks, and again with every part of every case hidden.
    ///
    /// Exits with 1 when a case is not as it says.
    Test {
        /// Files and directories of checks; the embedded library by default.
        #[arg(value_name = "DIR|FILE")]
        paths: Vec<PathBuf>,
    },
    /// Say what is wrong with checks, and what could be better.
    ///
    /// Exits with 1 when there is something to say.
    Lint {
        /// Files and directories of checks; the embedded library by default.
        #[arg(value_name = "DIR|FILE")]
        paths: Vec<PathBuf>,
    },
    /// Write a starting file with comments, which passes `lint` and `test` as it is.
    New(new::NewArgs),
    /// Lint and test again whenever a file changes, until interrupted.
    Watch(watch::WatchArgs),
    /// Print the JSON Schema of check files, for editors.
    Schema,
}

/// Runs `postura checks`.
pub fn run(args: &ChecksArgs) -> Result<Exit, Failure> {
    match &args.command {
        ChecksCommand::List(args) => list::run(args),
        ChecksCommand::Show(args) => show::run(args),
        ChecksCommand::Test { paths } => test::run(paths),
        ChecksCommand::Lint { paths } => lint::run(paths),
        ChecksCommand::New(args) => new::run(args),
        ChecksCommand::Watch(args) => watch::run(args),
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

/// Whether diagnostics on standard output are coloured.
fn colour() -> bool {
    use std::io::IsTerminal;
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
