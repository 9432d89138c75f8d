//! The checks a command works with: the embedded library, and those of `--checks`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::Failure;
use crate::check::{Check, Library};
use crate::diagnostic::{Level, SourceFile, did_you_mean};
use crate::resources::MODEL;

static CHECKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/checks");

/// The largest check file that is read.
pub const MAX_FILE: u64 = 1 << 20;

/// Arguments that choose checks, shared by several commands.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "What to look for")]
pub struct Selection {
    /// Evaluate only these checks.
    #[arg(long = "check", value_name = "ID", value_delimiter = ',')]
    pub ids: Vec<String>,
    /// Also load the checks of a directory.
    #[arg(long = "checks", value_name = "DIR")]
    pub directories: Vec<PathBuf>,
}

/// The texts of the embedded checks.
pub fn embedded() -> Vec<Arc<SourceFile>> {
    let mut files = Vec::new();
    collect(&CHECKS, &mut files);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn collect(dir: &Dir<'_>, files: &mut Vec<Arc<SourceFile>>) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().into_owned();
        if let (true, Some(text)) = (path.ends_with(".yaml"), file.contents_utf8()) {
            files.push(SourceFile::new(format!("checks/{path}"), text));
        }
    }
    dir.dirs().for_each(|dir| collect(dir, files));
}

/// The check files below a directory, sorted by path.
pub fn read_directory(directory: &Path) -> Result<Vec<Arc<SourceFile>>, Failure> {
    let mut files = Vec::new();
    let mut todo = vec![directory.to_owned()];
    while let Some(path) = todo.pop() {
        let entries = fs::read_dir(&path).map_err(|error| Failure::reading(&path, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Failure::reading(&path, &error))?.path();
            let extension = entry.extension().and_then(|it| it.to_str());
            if entry.is_dir() {
                todo.push(entry);
            } else if matches!(extension, Some("yaml" | "yml")) {
                files.push(read_file(&entry)?);
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// One check file.
pub fn read_file(path: &Path) -> Result<Arc<SourceFile>, Failure> {
    let size = fs::metadata(path).map_err(|error| Failure::reading(path, &error))?.len();
    if size > MAX_FILE {
        let name = path.display();
        return Err(Failure::new(format!("`{name}` is larger than a check may be")));
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::reading(path, &error))?;
    Ok(SourceFile::new(path.to_string_lossy(), text))
}

/// Loads check files; any mistake in any of them stops the program.
pub fn load(files: Vec<Arc<SourceFile>>) -> Result<Library, Failure> {
    let known = crate::policy::embedded_frameworks().controls();
    let (library, diagnostics) = Library::load(files.into_iter(), MODEL.catalog, Some(&known));
    let errors: Vec<_> = diagnostics.into_iter().filter(|it| it.level == Level::Error).collect();
    if errors.is_empty() { Ok(library) } else { Err(Failure::Files(errors)) }
}

impl Selection {
    /// The library: embedded checks and those of the given directories.
    pub fn library(&self) -> Result<Library, Failure> {
        let mut files = embedded();
        for directory in &self.directories {
            files.extend(read_directory(directory)?);
        }
        load(files)
    }

    /// The chosen checks of a library.
    pub fn choose(&self, library: &Library) -> Result<Vec<Arc<Check>>, Failure> {
        if self.ids.is_empty() {
            return Ok(library.checks().to_vec());
        }
        let mut chosen = BTreeSet::new();
        for id in &self.ids {
            if library.find(id).is_none() {
                let known = library.checks().iter().map(|check| check.id.as_str());
                let help = did_you_mean(id, known)
                    .or_else(|| Some("`postura checks list` names them all".into()));
                return Err(Failure::with_help(format!("there is no check `{id}`"), help));
            }
            chosen.insert(id.as_str());
        }
        let checks = library.checks().iter();
        Ok(checks.filter(|check| chosen.contains(check.id.as_str())).cloned().collect())
    }
}
