//! Earlier scans as files: a snapshot, which is judged by the rules of this run, or results, which
//! are taken as they are.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::Failure;
use super::exit::shown;
use super::report::read as read_results;
use super::rules::{Reading, Rules};
use crate::finding::{Scan, ScanStats};
use crate::inventory::{Inventory, Wanted, snapshot};
use crate::policy::Baseline;
use crate::resources::MODEL;

/// An earlier scan.
pub enum Earlier {
    /// What was read then.
    Snapshot(Inventory),
    /// What was found then.
    Results(Scan),
}

/// Reads an earlier scan.
pub fn read(path: &Path, wanted: &Wanted) -> Result<Earlier, Failure> {
    if is_snapshot(path)? {
        return read_snapshot(path, wanted).map(Earlier::Snapshot);
    }
    read_results(path).map(Earlier::Results)
}

/// The failures of an earlier scan.
pub fn baseline(path: &Path, rules: &Rules) -> Result<Baseline, Failure> {
    if is_snapshot(path)? {
        let inventory = read_snapshot(path, &rules.wanted())?;
        let (scan, _) = rules.judge(&inventory, ScanStats::default(), None, Reading::Finished)?;
        return Ok(Baseline::of(&scan.findings));
    }
    Baseline::from_results(&text_of(path)?).map_err(|error| {
        let help = "it takes what `-o json`, `-o jsonl` or `--save-snapshot` of a scan wrote";
        let why = std::error::Error::source(&error)
            .map_or_else(String::new, |source| format!(": {source}"));
        Failure::with_help(format!("{}: {error}{why}", shown(path)), Some(help.into()))
    })
}

/// Reads a recorded inventory.
pub fn read_snapshot(path: &Path, wanted: &Wanted) -> Result<Inventory, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    snapshot::read(file, MODEL, wanted).map_err(|error| unreadable(path, &error))
}

/// A recorded inventory that cannot be read.
pub fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("cannot read the snapshot `{}`: {why}", shown(path)))
}

/// Whether a file begins as snapshots do, compressed or not.
pub fn is_snapshot(path: &Path) -> Result<bool, Failure> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(|error| Failure::reading(path, &error))?;
    file.take(64).read_to_end(&mut start).map_err(|error| Failure::reading(path, &error))?;
    Ok(start.starts_with(&[0x1f, 0x8b]) || start.starts_with(b"{\"postura_snapshot\""))
}

fn text_of(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::reading(path, &error))
}
