//! `compare`: does a new version of a policy allow anything that the old one does not?

use std::fs;
use std::path::{Path, PathBuf};

use super::super::{Exit, Failure};
use super::show::{self, Format};
use crate::iam::document::MAX_BYTES;
use crate::iam::relation::compare_texts;

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// The policy as it is.
    old: PathBuf,
    /// The policy as it shall be.
    new: PathBuf,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Answers `compare`.
pub fn run(args: &CompareArgs) -> Result<Exit, Failure> {
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let names = [&args.old, &args.new].map(|path| path.display().to_string());
    let [first, second] = &names;
    let relation = compare_texts((first, &old), (second, &new)).map_err(Failure::new)?;
    show::compare(&relation, args.format)
}

fn read(path: &Path) -> Result<String, Failure> {
    let failure = |why: &dyn std::fmt::Display| {
        Failure::new(format!("cannot read `{}`: {why}", path.display()))
    };
    let size = fs::metadata(path).map_err(|error| failure(&error))?.len();
    if size > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
        return Err(failure(&"it is larger than a policy may be"));
    }
    fs::read_to_string(path).map_err(|error| failure(&error))
}
