//! `postura completions SHELL` and `postura man`.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;

use super::{Exit, Failure};

/// Arguments of `postura completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

/// Prints a completion script.
pub fn completions(args: &CompletionsArgs, command: &mut Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "postura", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Exit::Passed)
}

/// Prints the manual page.
pub fn man(command: &Command) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    io::stdout().write_all(&page)?;
    Ok(Exit::Passed)
}
