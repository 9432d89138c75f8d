//! `postura checks watch`: lint and test whenever a file changes.
//!
//! Times and sizes of files are compared a few times a second. That works on every file system,
//! network mounts and containers included, where notifications of the system may be missing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use super::files::Work;
use super::lint;
use super::test::Tested;
use crate::cli::library::files_below;
use crate::cli::{Exit, Failure};

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(300);

/// Arguments of `postura checks watch`.
#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    /// Directories or files of checks.
    #[arg(value_name = "DIR|FILE", default_value = ".")]
    paths: Vec<PathBuf>,
}

/// What tells one state of a file from another.
type State = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Looks until the reader of the output goes away or the user interrupts.
///
/// # Errors
/// A path that is not there to begin with: nobody waits for a slip of the pen.
pub fn run(args: &WatchArgs) -> Result<Exit, Failure> {
    for path in &args.paths {
        fs::metadata(path).map_err(|error| Failure::reading(path, &error))?;
    }
    let mut seen = None;
    loop {
        let now = state(&args.paths);
        if seen.as_ref() != Some(&now) {
            look(&args.paths)?;
            seen = Some(now);
        }
        thread::sleep(PAUSE);
    }
}

/// Lints and tests once. A file that cannot be read may be there again a moment later, in the middle
/// of an editor's save, so it ends nothing.
fn look(paths: &[PathBuf]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match Work::load(paths) {
        Err(failure) => write!(out, "{failure}")?,
        Ok(work) => {
            let found = lint::look(&work);
            let tested = Tested::new(&work);
            // What no case shows is in both.
            let problems: Vec<_> =
                tested.diagnostics.iter().filter(|it| !found.contains(it)).cloned().collect();
            let colour = super::colour();
            write!(out, "{}", crate::terminal::draw(&found, colour))?;
            write!(out, "{}", crate::terminal::draw(&problems, colour))?;
            writeln!(out, "{}\n{tested}", lint::closing(&work, &found))?;
        }
    }
    writeln!(out, "waiting for changes")?;
    out.flush()?;
    Ok(())
}

fn state(paths: &[PathBuf]) -> State {
    let mut state = State::new();
    for path in paths {
        collect(path, &mut state);
    }
    state
}

fn collect(path: &Path, state: &mut State) {
    let files = files_below(path).unwrap_or_else(|_| vec![path.to_owned()]);
    for path in files {
        let meta = fs::metadata(&path).ok();
        let facts = meta.and_then(|meta| Some((meta.modified().ok()?, meta.len())));
        state.insert(path, facts);
    }
}
