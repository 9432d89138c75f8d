//! `postura diff`: two scans side by side.

use std::path::PathBuf;

use super::earlier::{self, Earlier};
use super::output::{writable, written};
use super::rules::{Reading, Rules, RulesArgs};
use super::{Exit, Failure};
use crate::comparison::{self, Format, Side};
use crate::finding::{Finding, Scan, ScanStats};
use crate::inventory::Inventory;

/// Arguments of `postura diff`. Snapshots are judged by policy and checks given here; results are
/// taken as they are.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 nothing got worse; 1 something did; 2 could not run.")]
pub struct DiffArgs {
    /// The old scan: a snapshot, or what `-o json` wrote.
    old: PathBuf,
    /// The new scan.
    new: PathBuf,
    #[command(flatten)]
    rules: RulesArgs,
    /// Write table, json or markdown; several times for several. [default: table]
    #[arg(short, long = "output", value_name = "FORMAT[=PATH]", help_heading = "Output")]
    outputs: Vec<String>,
}

/// A side, and what it was read from.
struct Loaded {
    scan: Scan,
    inventory: Option<Inventory>,
}

impl Loaded {
    fn side(&self) -> Side<'_> {
        Side { scan: &self.scan, inventory: self.inventory.as_ref() }
    }
}

/// Runs `postura diff`.
pub fn run(args: &DiffArgs) -> Result<Exit, Failure> {
    let rules = args.rules.load()?;
    let outputs = outputs(&args.outputs)?;
    let mut old = load(&args.old, &rules)?;
    let new = load(&args.new, &rules)?;
    let aged = aged(&mut old, &new, &rules)?;
    let comparison = comparison::compare(old.side(), new.side(), aged.as_deref());
    for (format, path) in outputs {
        written(path.as_deref(), |out| comparison::write(format, &comparison, out))?;
    }
    Ok(if comparison.is_worse() { Exit::Failed } else { Exit::Passed })
}

fn load(path: &std::path::Path, rules: &Rules) -> Result<Loaded, Failure> {
    match earlier::read(path, &rules.wanted())? {
        Earlier::Results(scan) => Ok(Loaded { scan, inventory: None }),
        Earlier::Snapshot(inventory) => {
            let stats = ScanStats::default();
            let (scan, _) = rules.judge(&inventory, stats, None, Reading::Finished)?;
            Ok(Loaded { scan, inventory: Some(inventory) })
        }
    }
}

/// The findings of the old inventory as of the time of the new scan.
fn aged(old: &mut Loaded, new: &Loaded, rules: &Rules) -> Result<Option<Vec<Finding>>, Failure> {
    let Some(inventory) = old.inventory.as_mut().filter(|_| new.inventory.is_some()) else {
        return Ok(None);
    };
    let then = std::mem::replace(&mut inventory.scanned_at, new.scan.scanned_at);
    let judged = rules.judge(inventory, ScanStats::default(), None, Reading::Finished);
    inventory.scanned_at = then;
    Ok(Some(judged?.0.findings))
}

fn outputs(texts: &[String]) -> Result<Vec<(Format, Option<PathBuf>)>, Failure> {
    let mut outputs = Vec::new();
    for text in texts {
        let (word, path) = match text.split_once('=') {
            Some((word, path)) if !matches!(path, "" | "-") => (word, Some(PathBuf::from(path))),
            Some((word, "-")) => (word, None),
            Some((word, _)) => return Err(Failure::new(format!("`{word}=` names no file"))),
            None => (text.as_str(), None),
        };
        let format = word.parse().map_err(|error: String| Failure::new(error))?;
        path.iter().try_for_each(|path| writable(path))?;
        outputs.push((format, path));
    }
    if outputs.is_empty() {
        outputs.push((Format::Table, None));
    }
    Ok(outputs)
}
