//! `postura scan`: the whole pipeline, from arguments to exit code.

#[cfg(feature = "live")]
mod explain;
#[cfg(feature = "live")]
pub mod journal;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "live")]
pub mod pace;
#[cfg(feature = "live")]
mod stats;
#[cfg(feature = "live")]
mod trace;

#[cfg(feature = "live")]
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::earlier;
use super::exit::shown;
use super::history;
use super::output::{OutputArgs, Outputs, writable};
use super::rules::{Reading, Rules, RulesArgs};
use super::whole::whole;
use super::{Exit, Failure};
use crate::finding::trend::{self, Point};
use crate::finding::{Scan, ScanStats};
use crate::inventory::Inventory;
use crate::inventory::snapshot::{self, Packing};
use crate::policy::Baseline;

/// Arguments of `postura scan`.
#[derive(Debug, clap::Args)]
pub struct ScanArgs {
    #[cfg(feature = "live")]
    #[command(flatten)]
    live: live::LiveArgs,
    /// Evaluate a recorded inventory instead of AWS.
    #[arg(long, value_name = "FILE", help_heading = "What to look at")]
    snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
}

/// What is evaluated and where it goes: shared by `scan` and `demo`.
#[derive(Debug, Clone, clap::Args)]
pub struct JudgeArgs {
    #[command(flatten)]
    rules: RulesArgs,
    /// An earlier scan, as results (json, jsonl) or snapshot: a gate that counts only new findings
    /// passes over the failures in it.
    #[arg(long, value_name = "FILE", help_heading = "What to look for")]
    baseline: Option<PathBuf>,
    /// Count only findings that the baseline lacks, whatever the policy says.
    #[arg(long, requires = "baseline", help_heading = "What to look for")]
    only_new: bool,
    #[command(flatten)]
    output: OutputArgs,
    /// Record the inventory; a name that ends in .jsonl is not compressed.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    save_snapshot: Option<PathBuf>,
    /// Keep one small line a scan in this directory, for the trend in markdown and html.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    history: Option<PathBuf>,
}

/// All that is settled before anything is read: checks, policy, baseline, outputs.
pub struct Prepared {
    args: JudgeArgs,
    /// Checks and policy.
    pub rules: Rules,
    baseline: Option<Baseline>,
    history: Vec<Point>,
    outputs: Outputs,
}

impl JudgeArgs {
    /// Loads checks, policy and baseline and tries the outputs, so that every mistake ends the
    /// program before the first call.
    pub fn prepare(&self) -> Result<Prepared, Failure> {
        let mut rules = self.rules.load()?;
        rules.policy.gate.only_new |= self.only_new;
        if self.baseline.is_some() && !rules.policy.gate.only_new {
            let name = &rules.policy.name;
            return Err(Failure::with_help(
                format!("the policy `{name}` counts every failure, so a baseline changes nothing"),
                Some("add --only-new, or `only_new: true` to the gate of the policy".into()),
            ));
        }
        let baseline = self.baseline.as_ref().map(|path| earlier::baseline(path, &rules));
        let baseline = baseline.transpose()?;
        let outputs = self.output.check()?;
        self.save_snapshot.iter().try_for_each(|path| writable(path))?;
        let history = self.history.as_ref().map(|directory| history::read(directory));
        let history = history.transpose()?.unwrap_or_default();
        Ok(Prepared { args: self.clone(), rules, baseline, history, outputs })
    }
}

impl Prepared {
    /// Whether progress and notes are unwanted.
    #[cfg(feature = "live")]
    pub fn is_quiet(&self) -> bool {
        self.args.output.quiet
    }

    /// Tells the user something on standard error.
    #[cfg(feature = "live")]
    pub fn note(&self, text: &str) {
        note(self.is_quiet(), text);
    }

    /// Judges, reports, and says how it went.
    pub fn finish(
        self,
        inventory: &Inventory,
        stats: ScanStats,
        reading: Reading,
    ) -> Result<Exit, Failure> {
        if let Some(path) = &self.args.save_snapshot {
            save(inventory, path)?;
        }
        let (scan, exit) = self.rules.judge(inventory, stats, self.baseline.as_ref(), reading)?;
        self.report(scan, exit)
    }

    /// Whether the inventory is to be recorded.
    pub fn saves_snapshot(&self) -> bool {
        self.args.save_snapshot.is_some()
    }

    /// Applies the policy to findings whose verdicts stay as they are, and reports.
    pub fn judge_results(self, mut scan: Scan, interrupted: bool) -> Result<Exit, Failure> {
        let exit = self.rules.policy.judge(&mut scan, self.baseline.as_ref(), interrupted);
        self.report(scan, exit)
    }

    fn report(self, mut scan: Scan, exit: Exit) -> Result<Exit, Failure> {
        if let Some(directory) = &self.args.history {
            let point = Point::of(&scan);
            history::append(directory, &self.history, &point)?;
            scan.trend = trend::trend(&self.history, point);
        }
        self.args.output.write(&self.outputs, &mut scan)?;
        Ok(exit)
    }
}

/// Tells the user something on standard error, unless notes are unwanted.
#[cfg(feature = "live")]
fn note(is_quiet: bool, note: &str) {
    if !is_quiet {
        let _ = writeln!(std::io::stderr(), "note: {note}");
    }
}

/// Runs `postura scan`.
pub fn run(args: &ScanArgs) -> Result<Exit, Failure> {
    let prepared = args.judge.prepare()?;
    match &args.snapshot {
        Some(path) => {
            let started = Instant::now();
            let inventory = earlier::read_snapshot(path, &prepared.rules.wanted())?;
            let elapsed_ms = u64::try_from(started.elapsed().as_millis()).ok();
            let stats = ScanStats { elapsed_ms, ..ScanStats::default() };
            prepared.finish(&inventory, stats, Reading::Finished)
        }
        #[cfg(feature = "live")]
        None => args.live.run(prepared),
        #[cfg(not(feature = "live"))]
        None => Err(Failure::new("this postura is built without AWS: name a --snapshot")),
    }
}

/// Records an inventory, readable by its owner only. The old file is replaced only by a whole one.
fn save(inventory: &Inventory, path: &Path) -> Result<(), Failure> {
    let plain = path.extension().is_some_and(|extension| extension == "jsonl");
    let packing = if plain { Packing::Plain } else { Packing::Gzip };
    whole(path, true, |out| snapshot::write(inventory, out, packing)).map_err(|error| {
        Failure::new(format!("cannot write the snapshot `{}`: {error}", shown(path)))
    })
}
