//! The checks that an author works on, and the library around them, which they may name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{Check, Library};
use crate::cli::Failure;
use crate::cli::library::{embedded, read_directory, read_file};
use crate::diagnostic::{Diagnostic, Level, SourceFile};
use crate::resources::MODEL;

/// Check files under work.
pub struct Work {
    files: BTreeSet<String>,
    library: Library,
    /// What the loader says about them, sorted by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Work {
    /// The checks of these files and directories, or those of the binary where none is given.
    pub fn load(paths: &[PathBuf]) -> Result<Self, Failure> {
        Self::of(if paths.is_empty() { embedded() } else { read(paths)? })
    }

    fn of(given: Vec<Arc<SourceFile>>) -> Result<Self, Failure> {
        // A check may name others of the library. In a checkout of the library itself, the files
        // stand in for what the binary holds.
        let given_paths: Vec<PathBuf> = given.iter().map(|file| absolute(&file.name)).collect();
        let stands_in =
            |it: &Arc<SourceFile>| given_paths.iter().any(|path| path.ends_with(&it.name));
        let around = embedded().into_iter().filter(|file| !stands_in(file));
        let files: BTreeSet<String> = given.iter().map(|file| file.name.clone()).collect();
        let known = crate::policy::embedded_frameworks().controls();
        let all = around.chain(given);
        let (library, mut diagnostics) = Library::load(all, MODEL.catalog, Some(&known));
        diagnostics.retain(|it| files.contains(&it.file.name));
        Ok(Self { files, library, diagnostics })
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// The checks without errors.
    pub fn checks(&self) -> impl Iterator<Item = &Arc<Check>> {
        self.library.checks().iter().filter(|check| self.files.contains(&check.file.name))
    }

    /// The errors of the loader.
    pub fn errors(&self) -> Vec<Diagnostic> {
        self.diagnostics.iter().filter(|it| it.level == Level::Error).cloned().collect()
    }
}

fn absolute(name: &str) -> PathBuf {
    fs::canonicalize(name).unwrap_or_else(|_| PathBuf::from(name))
}

/// The check files at some paths, each once, sorted by name.
fn read(paths: &[PathBuf]) -> Result<Vec<Arc<SourceFile>>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let found = if path.is_dir() { read_directory(path)? } else { vec![read_file(path)?] };
        if found.is_empty() {
            return Err(no_files(path));
        }
        files.extend(found);
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files.dedup_by(|a, b| a.name == b.name);
    Ok(files)
}

fn no_files(path: &Path) -> Failure {
    let message = format!("there are no check files in `{}`", path.display());
    Failure::with_help(message, Some("their names end with .yaml or .yml".into()))
}
