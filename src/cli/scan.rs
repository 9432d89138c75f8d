//! `postura scan`: the whole pipeline, from arguments to exit code.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::library::Selection;
use super::output::{OutputArgs, Outputs, writable};
use super::settings::{Choice, meta};
use super::{Exit, Failure};
use crate::check::{Check, CheckId, Library};
use crate::evaluate::{self, evaluate};
use crate::finding::{GateResult, Scan, ScanStats};
use crate::inventory::snapshot::{self, Packing};
use crate::inventory::{Inventory, Wanted};
use crate::policy::{Context, DEFAULT, Day, Policy, embedded_frameworks};
use crate::resources::MODEL;
use crate::schema::needs::Needs;

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
    selection: Selection,
    /// The policy: baseline, ci-gate, audit, a framework such as cis-aws-7.0, or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT,
          help_heading = "What to look for")]
    policy: String,
    /// The environment of the policy.
    #[arg(long, value_name = "NAME", help_heading = "What to look for")]
    environment: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
    /// Record the inventory; a name that ends in .jsonl is not compressed.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    save_snapshot: Option<PathBuf>,
}

/// All that is settled before anything is read: checks, policy, outputs.
pub struct Prepared {
    args: JudgeArgs,
    policy: Policy,
    checks: Vec<Arc<Check>>,
    /// What the checks need.
    pub needs: Needs,
    outputs: Outputs,
}

impl JudgeArgs {
    /// Loads checks and policy and tries the outputs, so that every mistake ends the program before
    /// the first call.
    pub fn prepare(&self) -> Result<Prepared, Failure> {
        let library = self.selection.library()?;
        let policy = self.load_policy(&library)?;
        let chosen = self.selection.choose(&library)?;
        let named = !self.selection.ids.is_empty();
        let selected = |check: &Arc<Check>| named || policy.selects(&check.id);
        let checks: Vec<_> = chosen.into_iter().filter(selected).collect();
        if checks.is_empty() {
            return Err(Failure::new(format!("the policy `{}` selects no check", policy.name)));
        }
        let mut needs = Needs::default();
        checks.iter().for_each(|check| check.needs(&mut needs));
        let outputs = self.output.check()?;
        self.save_snapshot.iter().try_for_each(|path| writable(path))?;
        Ok(Prepared { args: self.clone(), policy, checks, needs, outputs })
    }

    fn load_policy(&self, library: &Library) -> Result<Policy, Failure> {
        let checks: Vec<_> = library.checks().iter().map(|check| meta(check)).collect();
        let test_param = |id: &CheckId, name: &str, value: &serde_json::Value| {
            let Some(check) = library.find(id.as_str()) else { return Ok(()) };
            let one = BTreeMap::from([(name.to_owned(), value.clone())]);
            match check.params(&one) {
                Ok(_) => Ok(()),
                Err(errors) => Err(errors
                    .into_iter()
                    .next()
                    .map_or_else(Default::default, |error| (error.message, error.help))),
            }
        };
        let context = Context {
            checks: &checks,
            frameworks: embedded_frameworks(),
            read: &|path| fs::read_to_string(path),
            test_param: &test_param,
            environment: self.environment.as_deref(),
            today: Day::of(jiff::Timestamp::now().as_second()),
        };
        Ok(Policy::load(&self.policy, &context)?)
    }
}

impl Prepared {
    /// The derived fields that will be read.
    pub fn wanted(&self) -> Wanted {
        Wanted::Fields(self.needs.fields.clone())
    }

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
        let (choice, selected) = Choice::new(&self.policy, inventory, &self.checks)?;
        let mut scan = Scan {
            scanned_at: inventory.scanned_at,
            accounts: inventory.accounts.clone(),
            resources: count_resources(inventory),
            checks: self.checks.iter().map(|check| evaluate::summary(check)).collect(),
            findings: evaluate(inventory, &selected, &choice),
            gaps: inventory.gaps.clone(),
            gate: GateResult::default(),
            stats,
        };
        let exit = self.policy.judge(&mut scan, None, reading == Reading::Interrupted);
        self.args.output.write(&self.outputs, &mut scan)?;
        Ok(exit)
    }
}

/// How the reading of an inventory ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// By itself.
    Finished,
    /// By Ctrl-C or a deadline.
    Interrupted,
}

fn count_resources(inventory: &Inventory) -> BTreeMap<String, u64> {
    let mut resources = BTreeMap::new();
    for entry in inventory.entries() {
        *resources.entry(entry.record.name.to_owned()).or_insert(0) += 1;
    }
    resources
}

/// Runs `postura scan`.
pub fn run(args: &ScanArgs) -> Result<Exit, Failure> {
    let prepared = args.judge.prepare()?;
    match &args.snapshot {
        Some(path) => {
            let started = Instant::now();
            let inventory = read_snapshot(path, &prepared.wanted())?;
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

/// Reads a recorded inventory.
pub fn read_snapshot(path: &Path, wanted: &Wanted) -> Result<Inventory, Failure> {
    let failure = |why: &dyn std::fmt::Display| {
        Failure::new(format!("cannot read the snapshot `{}`: {why}", path.display()))
    };
    let file = File::open(path).map_err(|error| failure(&error))?;
    snapshot::read(file, MODEL, wanted).map_err(|error| match &error {
        snapshot::SnapshotError::Io(cause) => failure(cause),
        other => failure(other),
    })
}

/// Records an inventory, readable by its owner only. The old file is replaced only by a whole one.
fn save(inventory: &Inventory, path: &Path) -> Result<(), Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        Failure::new(format!("cannot write the snapshot `{}`: {why}", path.display()))
    };
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&partial).map_err(|error| cannot(&error))?;
    let plain = path.extension().is_some_and(|extension| extension == "jsonl");
    let packing = if plain { Packing::Plain } else { Packing::Gzip };
    snapshot::write(inventory, &mut BufWriter::new(file), packing)
        .map_err(|error| cannot(&error))?;
    fs::rename(&partial, path).map_err(|error| cannot(&error))
}

/// Scanning AWS itself.
#[cfg(feature = "live")]
pub mod live {
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
                ..Options::new(prepared.needs.clone())
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
        let inventory = builder.seal(began.unwrap_or_default(), &prepared.wanted());
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
