//! A checkout on disk.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use super::MAX_SOURCE;
use crate::cli::Failure;
use crate::cli::exit::shown;
use crate::iac::{Checkout, git_index};

/// The largest index of git that is read.
const MAX_INDEX: u64 = 1 << 30;

/// The most files that are looked for where git does not list them.
const MAX_FILES: usize = 100_000;

/// A checkout on disk.
pub(super) struct Tree {
    root: PathBuf,
    /// The files that git tracks, from the root; `None` where that cannot be told.
    tracked: Option<BTreeSet<String>>,
}

impl Tree {
    pub(super) fn new(root: &Path) -> Result<Self, Failure> {
        let root = root.canonicalize().map_err(|error| Failure::reading(root, &error))?;
        let tracked = tracked(&root);
        Ok(Self { root, tracked })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of something in the checkout from its root, with `/`.
    pub(super) fn inside(&self, path: &Path) -> Result<String, Failure> {
        let full = path.canonicalize().map_err(|error| Failure::reading(path, &error))?;
        let inside = full.strip_prefix(&self.root).map_err(|_| {
            let (name, root) = (shown(path), shown(&self.root));
            Failure::with_help(
                format!("`{name}` is not in the checkout `{root}`"),
                Some("`--iac-root DIR` names another".into()),
            )
        })?;
        Ok(slashed(inside))
    }

    /// The path of a file that belongs to the checkout.
    pub(super) fn own(&self, path: &Path) -> Option<String> {
        let full = path.canonicalize().ok()?;
        let path = slashed(full.strip_prefix(&self.root).ok()?);
        self.tracked(&path).then_some(path)
    }

    fn walk(&self) -> Vec<String> {
        let (mut found, mut open) = (Vec::new(), vec![self.root.clone()]);
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
                let Ok(kind) = entry.file_type() else { continue };
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if kind.is_dir() && !name.starts_with('.') && name != "node_modules" {
                    open.push(entry.path());
                } else if kind.is_file() {
                    found.extend(entry.path().strip_prefix(&self.root).ok().map(slashed));
                }
            }
            if found.len() > MAX_FILES {
                break;
            }
        }
        found.sort();
        found
    }
}

impl Checkout for Tree {
    fn read(&self, path: &str) -> Option<String> {
        // A link may lead out of the checkout.
        let full = self.root.join(path).canonicalize().ok()?;
        let file = File::open(&full).ok().filter(|_| full.starts_with(&self.root))?;
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        let mut text = String::new();
        file.take(MAX_SOURCE).read_to_string(&mut text).ok()?;
        Some(text)
    }

    fn files(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(directory)).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    fn tracked(&self, path: &str) -> bool {
        self.tracked.as_ref().is_none_or(|tracked| tracked.contains(path))
    }

    fn all(&self) -> Vec<String> {
        match &self.tracked {
            Some(tracked) => tracked.iter().cloned().collect(),
            None => self.walk(),
        }
    }

    fn relative(&self, absolute: &str) -> Option<String> {
        let path = Path::new(absolute);
        let full = path.is_absolute().then(|| path.canonicalize().ok())??;
        full.strip_prefix(&self.root).ok().map(slashed)
    }
}

fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The files below a directory that git tracks.
fn tracked(root: &Path) -> Option<BTreeSet<String>> {
    let top = root.ancestors().find(|directory| directory.join(".git").exists())?;
    let git = git_directory(top)?;
    let index = fs::read(small(&git.join("index"))?).ok()?;
    // Worktrees share the configuration of their repository.
    let common = fs::read_to_string(git.join("commondir")).unwrap_or_default();
    let config = fs::read_to_string(git.join(common.trim()).join("config")).unwrap_or_default();
    let sha256 = config.lines().any(|line| {
        let mut words = line.split('=').map(str::trim);
        words.next() == Some("objectformat") && words.next() == Some("sha256")
    });
    let paths = git_index::tracked(&index, if sha256 { 32 } else { 20 })?;
    let below = slashed(root.strip_prefix(top).ok()?);
    if below.is_empty() {
        return Some(paths);
    }
    let prefix = format!("{below}/");
    Some(paths.iter().filter_map(|path| path.strip_prefix(&*prefix)).map(str::to_owned).collect())
}

/// Where git keeps a checkout's index: `.git`, or what that file names in worktrees and submodules.
fn git_directory(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(small(&git)?).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

fn small(path: &Path) -> Option<&Path> {
    (fs::metadata(path).ok()?.len() <= MAX_INDEX).then_some(path)
}
