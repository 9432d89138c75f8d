//! Scanning AWS itself: which accounts and regions, how to get in, and how far to go.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::explain;
use super::journal::{self, JournalArgs, Kept};
use super::pace::PaceArgs;
use super::{Prepared, Reading, stats, trace};
use crate::aws::{AccountId, Region};
use crate::cli::output::writable;
use crate::cli::progress::Shown;
use crate::cli::{Exit, Failure};
use crate::collect::{self, Options};
use crate::finding::ScanStats;
use crate::inventory::{Builder, Shard};
use crate::resources::MODEL;
use crate::session::{
    Origin, Progress, RegionChoice, Role, SessionError, Silent, Targets, accounts_from_text,
};

/// Which accounts and regions, and how to get in.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What to look at")]
#[command(group = clap::ArgGroup::new("several").multiple(true))]
pub struct LiveArgs {
    /// Scan these accounts. Without it, the caller's own.
    #[arg(long, value_name = "ID", value_delimiter = ',', group = "several",
          conflicts_with_all = ["organization", "snapshot"])]
    accounts: Vec<AccountId>,
    /// Scan the accounts of a file, one a line.
    #[arg(long, value_name = "FILE", group = "several",
          conflicts_with_all = ["organization", "snapshot"])]
    accounts_file: Option<PathBuf>,
    /// Scan all active accounts of the caller's organization.
    #[arg(long, group = "several", conflicts_with = "snapshot")]
    organization: bool,
    /// Only accounts below this organizational unit.
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "organization")]
    ou: Vec<String>,
    /// All but these accounts.
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "organization")]
    exclude_accounts: Vec<AccountId>,
    /// Read one part of several of the accounts: 2/8 is the second of eight. Other programs read the
    /// others; `postura merge` makes one scan of their snapshots or results.
    #[arg(long, value_name = "I/N", requires = "several")]
    shard: Option<Shard>,
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
    /// Print the calls that would be made, their IAM actions and the time that AWS's limits cost;
    /// call nothing.
    #[arg(long, conflicts_with = "snapshot")]
    explain_plan: bool,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    journal: JournalArgs,
}

impl LiveArgs {
    pub(super) fn run(&self, prepared: Prepared) -> Result<Exit, Failure> {
        let mut options = Options {
            origin: Origin { profile: self.profile.clone(), ..Origin::default() },
            targets: self.targets()?,
            role: Role {
                name: self.role_name.clone(),
                external_id: self.external_id.clone(),
                session_name: self.session_name.clone(),
                in_own_account: self.assume_in_own_account,
            },
            shard: self.shard,
            regions: RegionChoice {
                only: self.regions.clone(),
                exclude: self.exclude_regions.clone(),
            },
            ..Options::new(prepared.rules.needs.clone())
        };
        self.pace.set(&mut options);
        if self.explain_plan {
            return explain::print(&options);
        }
        let rules = &prepared.rules;
        let checks: Vec<String> = rules.checks.iter().map(|check| check.id.to_string()).collect();
        let note = |note: &str| prepared.note(note);
        let selection = journal::selection(&options, &rules.policy.name, &checks);
        // What is to be recorded is on disk as it arrives; the snapshot itself is sorted.
        let is_long = matches!(options.targets, Targets::Organization { .. });
        let keeps = is_long || prepared.saves_snapshot();
        let journal = self.journal.open(selection, keeps, &note)?;
        scan(prepared, vec![options], How { journal, ..How::new(&self.pace) })
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

/// How a scan goes beside what it reads.
pub struct How<'a> {
    /// When the scan counts as begun, where that is not now.
    pub at: Option<jiff::Timestamp>,
    /// What survives it.
    pub journal: Option<Kept>,
    /// Its pace, and what it tells.
    pub pace: &'a PaceArgs,
}

impl<'a> How<'a> {
    /// Now, and without a journal.
    pub fn new(pace: &'a PaceArgs) -> Self {
        Self { at: None, journal: None, pace }
    }
}

/// Reads the accounts of each part, one part after the other, then judges and reports.
pub fn scan(prepared: Prepared, parts: Vec<Options>, how: How<'_>) -> Result<Exit, Failure> {
    let How { at, mut journal, pace } = how;
    trace::begin(pace.verbose);
    pace.stats.iter().try_for_each(|path| writable(path))?;
    let is_quiet = prepared.is_quiet();
    let progress: Arc<dyn Progress> =
        if is_quiet { Arc::new(Silent) } else { Arc::new(Shown::new()) };
    let mut builder = Builder::new(MODEL);
    let mut stats = collect::ScanStats::default();
    let mut began = at.map(jiff::Timestamp::as_second);
    for options in parts {
        let options = Options { stop_on_signals: true, ..options };
        let kept = journal.as_mut().map(|kept| &mut kept.journal);
        let part = collect::run_with(options, builder, Arc::clone(&progress), kept)?;
        builder = part.builder;
        began = began.or(Some(part.scanned_at));
        stats.add(part.stats);
        if stats.stopped {
            break;
        }
    }
    drop(progress);
    let reading = if stats.stopped { Reading::Interrupted } else { Reading::Finished };
    let inventory = builder.seal(began.unwrap_or_default(), &prepared.rules.wanted());
    let finished = prepared.finish(&inventory, said(&stats), reading);
    // What was measured is told even where a report could not be written, and with the memory that
    // the judgement took.
    pace.stats.iter().try_for_each(|path| stats::write(path, &stats))?;
    let exit = finished?;
    if let Some(journal) = journal {
        let is_finished = !stats.stopped && stats.broken_off == 0;
        journal.end(is_finished, &|note| super::note(is_quiet, note));
    }
    Ok(exit)
}

/// What the reports say of a scan.
fn said(stats: &collect::ScanStats) -> ScanStats {
    let calls = stats.calls.iter();
    ScanStats {
        calls: calls.map(|(call, count)| (call.to_string(), count.requests)).collect(),
        elapsed_ms: u64::try_from(stats.elapsed.as_millis()).ok(),
    }
}

impl From<collect::Failed> for Failure {
    fn from(error: collect::Failed) -> Self {
        match error {
            collect::Failed::Session(error) => error.into(),
            collect::Failed::Journal(_) => Self::new(error.to_string()),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        let help = error.help();
        Self::with_help(error.to_string(), help)
    }
}
