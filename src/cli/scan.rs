//! `postura scan`: the whole pipeline, from arguments to exit code.

use std::path::{Path, PathBuf};
#[cfg(feature = "live")]
use std::sync::Arc;
use std::time::Instant;

use super::earlier;
use super::history;
use super::output::{OutputArgs, Outputs, writable};
use super::rules::{Reading, Rules, RulesArgs};
use super::whole::whole;
use super::{Exit, Failure};
use crate::finding::ScanStats;
use crate::finding::trend::{self, Point};
use crate::inventory::Inventory;
use crate::inventory::snapshot::{self, Packing};
use crate::policy::Baseline;
#[cfg(feature = "live")]
use crate::resources::MODEL;

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
        let (mut scan, exit) =
            self.rules.judge(inventory, stats, self.baseline.as_ref(), reading)?;
        if let Some(directory) = &self.args.history {
            let point = Point::of(&scan);
            history::append(directory, &self.history, &point)?;
            scan.trend = trend::trend(&self.history, point);
        }
        self.args.output.write(&self.outputs, &mut scan)?;
        Ok(exit)
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
        Failure::new(format!("cannot write the snapshot `{}`: {error}", path.display()))
    })
}

/// Scanning AWS itself.
#[cfg(feature = "live")]
pub mod live {
    use std::fs;
    use std::io::IsTerminal;

    use super::*;
    use crate::aws::{AccountId, Region};
    use crate::cli::progress::Terminal;
    use crate::collect::{self, Options};
    use crate::inventory::Builder;
    use crate::session::{
        Origin, Progress, RegionChoice, Role, SessionError, Silent, Targets, accounts_from_text,
    };

    /// Which accounts and regions, and how to get in.
    #[derive(Debug, clap::Args)]
    #[command(next_help_heading = "What to look at")]
    pub struct LiveArgs {
        /// Scan these accounts. Without it, the caller's own.
        #[arg(long, value_name = "ID", value_delimiter = ',',
              conflicts_with_all = ["organization", "snapshot"])]
        accounts: Vec<AccountId>,
        /// Scan the accounts of a file, one a line.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["organization", "snapshot"])]
        accounts_file: Option<PathBuf>,
        /// Scan all active accounts of the caller's organization.
        #[arg(long, conflicts_with = "snapshot")]
        organization: bool,
        /// Only accounts below this organizational unit.
        #[arg(long, value_name = "ID", value_delimiter = ',', requires = "organization")]
        ou: Vec<String>,
        /// All but these accounts.
        #[arg(long, value_name = "ID", value_delimiter = ',', requires = "organization")]
        exclude_accounts: Vec<AccountId>,
        /// Only these regions. Without it, all that are enabled.
        #[arg(long, value_name = "REGION", value_delimiter = ',')]
        regions: Vec<Region>,
        /// All but these regions.
        #[arg(long, value_name = "REGION", value_delimiter = ',')]
        exclude_regions: Vec<Region>,
        /// The role to assume in each account, with its path if it has one.
        #[arg(long, value_name = "NAME", default_value = "PosturaAudit")]
        role_name: String,
        /// The external id that the role asks for.
        #[arg(long, value_name = "ID")]
        external_id: Option<String>,
        /// The name of the role session, which CloudTrail shows.
        #[arg(long, value_name = "NAME", default_value = "postura")]
        session_name: String,
        /// Assume the role in the caller's own account too.
        #[arg(long)]
        assume_in_own_account: bool,
        /// The profile of the AWS configuration to start from.
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
        /// How many requests may be on their way at the same time.
        #[arg(long, value_name = "N", default_value_t = collect::CONCURRENCY)]
        concurrency: usize,
    }

    impl LiveArgs {
        pub(super) fn run(&self, prepared: Prepared) -> Result<Exit, Failure> {
            let options = Options {
                origin: Origin { profile: self.profile.clone(), ..Origin::default() },
                targets: self.targets()?,
                role: Role {
                    name: self.role_name.clone(),
                    external_id: self.external_id.clone(),
                    session_name: self.session_name.clone(),
                    in_own_account: self.assume_in_own_account,
                },
                regions: RegionChoice {
                    only: self.regions.clone(),
                    exclude: self.exclude_regions.clone(),
                },
                concurrency: self.concurrency.max(1),
                ..Options::new(prepared.rules.needs.clone())
            };
            scan(prepared, vec![options], None)
        }

        fn targets(&self) -> Result<Targets, Failure> {
            if self.organization {
                return Ok(Targets::Organization {
                    units: self.ou.clone(),
                    exclude: self.exclude_accounts.clone(),
                });
            }
            let mut accounts = self.accounts.clone();
            if let Some(path) = &self.accounts_file {
                let text = fs::read_to_string(path).map_err(|error| {
                    Failure::new(format!("cannot read `{}`: {error}", path.display()))
                })?;
                accounts.extend(accounts_from_text(&text).map_err(Failure::from)?);
            }
            Ok(if accounts.is_empty() { Targets::Own } else { Targets::Accounts(accounts) })
        }
    }

    /// Reads the accounts of each part, one part after the other, then judges and reports. The
    /// scan counts as begun now, or at a given time.
    pub fn scan(
        prepared: Prepared,
        parts: Vec<Options>,
        at: Option<jiff::Timestamp>,
    ) -> Result<Exit, Failure> {
        let shown = std::io::stderr().is_terminal() && !prepared.is_quiet();
        let progress: Arc<dyn Progress> =
            if shown { Arc::new(Terminal::new()) } else { Arc::new(Silent) };
        let mut builder = Builder::new(MODEL);
        let mut stats = collect::ScanStats::default();
        let mut began = at.map(jiff::Timestamp::as_second);
        for options in parts {
            let options = Options { stop_on_ctrl_c: true, ..options };
            let part = collect::run(options, builder, Arc::clone(&progress))?;
            builder = part.builder;
            began = began.or(Some(part.scanned_at));
            stats.add(part.stats);
            if stats.stopped {
                break;
            }
        }
        let reading = if stats.stopped { Reading::Interrupted } else { Reading::Finished };
        let inventory = builder.seal(began.unwrap_or_default(), &prepared.rules.wanted());
        prepared.finish(&inventory, said(&stats), reading)
    }

    /// What the reports say of a scan.
    fn said(stats: &collect::ScanStats) -> ScanStats {
        let calls = stats.calls.iter();
        ScanStats {
            calls: calls.map(|(call, count)| (call.to_string(), count.requests)).collect(),
            elapsed_ms: u64::try_from(stats.elapsed.as_millis()).ok(),
        }
    }

    impl From<SessionError> for Failure {
        fn from(error: SessionError) -> Self {
            let help = error.help();
            Self::with_help(error.to_string(), help)
        }
    }
}
