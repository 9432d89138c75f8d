//! `postura docs`: writes the generated pages, those of custom checks included.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::library::Selection;
use super::{Exit, Failure};
use crate::resources::MODEL;

/// Arguments of `postura docs`.
#[derive(Debug, clap::Args)]
pub struct DocsArgs {
    /// The directory to write to. Files that are there are replaced, none is removed.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Also load the checks of a directory.
    #[arg(long = "checks", value_name = "DIR")]
    directories: Vec<PathBuf>,
}

/// Writes the pages.
pub fn run(args: &DocsArgs) -> Result<Exit, Failure> {
    let selection = Selection { directories: args.directories.clone(), ..Selection::default() };
    let library = selection.library()?;
    let pages = crate::docs::pages(&library, crate::policy::embedded_frameworks(), MODEL);
    for (name, text) in &pages {
        write(&args.out.join(name), text)?;
    }
    writeln!(io::stdout(), "{} pages in {}", pages.len(), args.out.display())?;
    Ok(Exit::Passed)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let cannot = |error: io::Error| Failure::writing(path, &error);
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(cannot)?;
    }
    fs::write(path, text).map_err(cannot)
}
