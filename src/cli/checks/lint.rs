//! `postura checks lint`: mistakes, style, and what no case shows.

use std::io::{self, Write};
use std::path::PathBuf;

use super::files::Work;
use crate::check::{case, lint};
use crate::cli::{Exit, Failure};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::text::{count_of, counted};
use crate::resources::MODEL;

/// Lints and prints.
pub fn run(paths: &[PathBuf]) -> Result<Exit, Failure> {
    let work = Work::load(paths)?;
    let found = look(&work);
    let mut out = io::stdout().lock();
    write!(out, "{}", crate::terminal::draw(&found, super::colour()))?;
    writeln!(out, "{}", closing(&work, &found))?;
    Ok(if found.is_empty() { Exit::Passed } else { Exit::Failed })
}

/// Everything that there is to say, sorted by file and place.
pub fn look(work: &Work) -> Vec<Diagnostic> {
    let mut found = work.diagnostics.clone();
    for check in work.checks() {
        found.extend(lint(check));
        found.extend(case::uncovered(check, MODEL));
    }
    found.sort_by(|a, b| {
        (&a.file.name, a.span, &a.message).cmp(&(&b.file.name, b.span, &b.message))
    });
    found
}

/// The last line of the output.
pub fn closing(work: &Work, found: &[Diagnostic]) -> String {
    let count = |level| count_of(found.iter().filter(|it| it.level == level).count());
    format!(
        "{}: {}, {}",
        counted(count_of(work.len()), "file"),
        counted(count(Level::Error), "error"),
        counted(count(Level::Warning), "warning"),
    )
}
