//! The checks a command works with: the embedded library, and those of `--checks`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::Failure;
use crate::check::yaml::MAX_BYTES;
use crate::check::{Check, Library};
use crate::diagnostic::{Level, SourceFile, did_you_mean};
use crate::resources::MODEL;

static CHECKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/checks");

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
    let files = files_below(directory).map_err(|(path, error)| Failure::reading(&path, &error))?;
    files.iter().map(|path| read_file(path)).collect()
}

/// The paths of the check files below a directory, sorted. Links to directories are not followed: they may
/// lead back, or out of what is meant.
///
/// # Errors
/// The directory that cannot be read, and why.
pub fn files_below(directory: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut files = Vec::new();
    let mut todo = vec![directory.to_owned()];
    while let Some(path) = todo.pop() {
        let failed = |error| (path.clone(), error);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let path = entry.path();
            let is_check =
                matches!(path.extension().and_then(|it| it.to_str()), Some("yaml" | "yml"));
            if kind.is_dir() {
                todo.push(path);
            } else if is_check && !(kind.is_symlink() && path.is_dir()) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// One check file.
pub fn read_file(path: &Path) -> Result<Arc<SourceFile>, Failure> {
    let failed = |error: io::Error| Failure::reading(path, &error);
    // To open a pipe would wait for whoever writes into it.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Failure::new(format!("`{}` is no file", path.display())));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        let message = format!("`{}` has more than {MAX_BYTES} bytes", path.display());
        return Err(Failure::with_help(message, Some("a check needs a few thousand".into())));
    }
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| failed(io::Error::new(io::ErrorKind::InvalidData, "not UTF-8")))?;
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
