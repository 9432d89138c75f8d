//! `postura report`: writes the results of an earlier scan in other formats.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::exit::shown;
use super::output::OutputArgs;
use super::{Exit, Failure};
use crate::finding::Scan;
use crate::report::json;
use crate::report::text::plain;

/// The largest file of results that is read.
const MAX_FILE: u64 = 4 << 30;

/// Arguments of `postura report`.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// What `-o json` of a scan wrote; `-` is standard input.
    #[arg(value_name = "RESULTS.json")]
    results: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs `postura report`. It passes when the reports are written, whatever the gate said.
pub fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let mut scan = read(&args.results)?;
    let outputs = args.output.check()?;
    args.output.write(&outputs, &mut scan)?;
    Ok(Exit::Passed)
}

/// Reads what `-o json` wrote.
pub fn read(path: &Path) -> Result<Scan, Failure> {
    let cannot = |error: &dyn std::fmt::Display| Failure::reading(path, error);
    let text = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().take(MAX_FILE).read_to_string(&mut text).map_err(|it| cannot(&it))?;
        text
    } else {
        let size = fs::metadata(path).map_err(|error| cannot(&error))?.len();
        if size > MAX_FILE {
            return Err(cannot(&"it is larger than results may be"));
        }
        fs::read_to_string(path).map_err(|error| cannot(&error))?
    };
    json::read(&text).map_err(|error| {
        Failure::with_help(format!("{}:{}", shown(path), plain(&error.to_string())), error.help())
    })
}
