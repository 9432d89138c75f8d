//! `postura checks test`: the cases of checks, as they are and blinded.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use rayon::prelude::*;

use super::files::Work;
use crate::check::case;
use crate::cli::{Exit, Failure};
use crate::diagnostic::Diagnostic;
use crate::report::text::{count_of, counted};
use crate::resources::MODEL;

/// Tests and prints. A file that does not load stops the run.
pub fn run(paths: &[PathBuf]) -> Result<Exit, Failure> {
    let work = Work::load(paths)?;
    let errors = work.errors();
    if !errors.is_empty() {
        return Err(Failure::Files(errors));
    }
    let tested = Tested::new(&work);
    let mut out = io::stdout().lock();
    write!(out, "{}", crate::terminal::draw(&tested.diagnostics, super::colour()))?;
    writeln!(out, "{tested}")?;
    Ok(if tested.failed == 0 { Exit::Passed } else { Exit::Failed })
}

/// What became of the cases. Displayed, it is the closing line.
pub struct Tested {
    checks: usize,
    passed: usize,
    /// The number of cases that are not as they say.
    pub failed: usize,
    blinded: usize,
    /// The problems of cases, and what no case shows.
    pub diagnostics: Vec<Diagnostic>,
}

impl Tested {
    /// Runs the cases of all checks that loaded.
    pub fn new(work: &Work) -> Self {
        let checks: Vec<_> = work.checks().collect();
        let reports: Vec<_> =
            checks.par_iter().map(|check| (check, case::run(check, MODEL))).collect();
        let cases = || reports.iter().flat_map(|(_, report)| &report.cases);
        let passed = cases().filter(|case| case.problems.is_empty()).count();
        Self {
            checks: checks.len(),
            passed,
            failed: cases().count() - passed,
            blinded: cases().map(|case| case.blinded).sum(),
            diagnostics: reports
                .iter()
                .flat_map(|(check, report)| report.diagnostics(check))
                .collect(),
        }
    }
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { checks, passed, failed, blinded, .. } = self;
        let checks = counted(count_of(*checks), "check");
        write!(f, "{checks}: {passed} cases passed, {failed} failed, {blinded} blinded variants")
    }
}
