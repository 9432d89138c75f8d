//! Why the program could not run, as its user reads it.

use std::fmt;
use std::io;
use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::policy::PolicyError;
use crate::report::text::plain;

/// Why the program could not run. Displayed, it is what the user reads, line breaks included.
#[derive(Debug)]
pub enum Failure {
    /// One sentence, and advice.
    Plain {
        /// What happened.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// Mistakes in files.
    Files(Vec<Diagnostic>),
    /// Writing failed.
    Write(io::Error),
}

impl Failure {
    /// A sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Plain { message: message.into(), help: None }
    }

    /// A sentence with advice, where there is some.
    pub fn with_help(message: impl Into<String>, help: Option<String>) -> Self {
        Self::Plain { message: message.into(), help }
    }

    /// A file that cannot be read.
    pub fn reading(path: &Path, why: &dyn fmt::Display) -> Self {
        Self::new(format!("cannot read `{}`: {why}", shown(path)))
    }

    /// A file that cannot be written.
    pub fn writing(path: &Path, why: &dyn fmt::Display) -> Self {
        Self::new(format!("cannot write `{}`: {why}", shown(path)))
    }

    /// Whether the reader of the output went away, which is no failure.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// A path as messages show it: one with control characters does not drive the terminal.
pub fn shown(path: &Path) -> String {
    plain(&path.to_string_lossy()).into_owned()
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        let message = error.to_string();
        match error {
            PolicyError::Invalid(diagnostics) => Self::Files(diagnostics),
            PolicyError::Unknown { help, .. } | PolicyError::Environment { help, .. } => {
                Self::Plain { message, help }
            }
            PolicyError::Read { source, .. } => Self::new(format!("{message}: {source}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain { message, help } => {
                writeln!(f, "error: {message}")?;
                help.iter().try_for_each(|help| writeln!(f, "  help: {help}"))
            }
            Self::Files(diagnostics) => {
                f.write_str(&crate::terminal::draw(diagnostics, false))?;
                let count = diagnostics.len();
                let mistakes = if count == 1 { "mistake" } else { "mistakes" };
                writeln!(f, "error: {count} {mistakes} found, nothing was done")
            }
            Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Self::Write(error) => writeln!(f, "error: the output could not be written: {error}"),
        }
    }
}
