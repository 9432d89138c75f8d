//! From accounts and regions to an inventory: which calls are needed, in which order they are made,
//! and what their answers mean.
//!
//! A *sweep* reads one kind of resource of one account and region ([`sweep`]). The [`plan`] chooses
//! the sweeps that the selected checks need; the driver runs them over all accounts, regions and
//! services at once, and one owner puts what they find into the inventory. An account never waits
//! for another. What cannot be read becomes an unknown value, a cut list and a gap, whatever the
//! reason: this module makes no guess, and knows no check.

mod access_analyzer;
mod access_points;
mod cloudtrail;
mod cloudwatch;
mod config;
mod contact;
mod convert;
mod delegation;
mod driver;
mod ec2;
mod elb;
mod elbv2;
mod endpoints;
mod events;
mod explain;
mod guardduty;
mod iam;
pub mod journal;
mod kms;
mod logs;
mod missing;
mod organization;
mod place;
mod plan;
mod s3;
mod sweep;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::inventory::{Builder, Shard};
use crate::schema::Call;
use crate::schema::needs::Needs;
use crate::session::{
    CallCount, Origin, Patience, Progress, RegionChoice, Role, SessionError, Share, Stop, Targets,
};

pub use explain::{Explained, Planned, Times, explain};
pub use journal::Journal;
pub use plan::Plan;

/// What to read, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the caller's credentials come from.
    pub origin: Origin,
    /// The accounts.
    pub targets: Targets,
    /// The role to assume in each.
    pub role: Role,
    /// The part of the accounts that is read; `None` for all.
    pub shard: Option<Shard>,
    /// The regions.
    pub regions: RegionChoice,
    /// What the selected checks need. Nothing else is read.
    pub needs: Needs,
    /// How many requests may be on their way at the same time, over all accounts.
    pub concurrency: usize,
    /// The part of AWS's quotas that the scan may use.
    pub share: Share,
    /// How long to go on trying.
    pub patience: Patience,
    /// Ends the scan early; what was read until then is kept.
    pub stop: Stop,
    /// Ends the scan after that time.
    pub deadline: Option<Duration>,
    /// Whether Ctrl-C and SIGTERM end the scan early instead of the program.
    pub stop_on_signals: bool,
}

/// The number of requests at the same time where nothing else is said.
pub const CONCURRENCY: usize = 128;

impl Options {
    /// The caller's own account, all its regions, everything by default.
    pub fn new(needs: Needs) -> Self {
        Self {
            origin: Origin::default(),
            targets: Targets::Own,
            role: Role::default(),
            shard: None,
            regions: RegionChoice::default(),
            needs,
            concurrency: CONCURRENCY,
            share: Share::default(),
            patience: Patience::default(),
            stop: Stop::default(),
            deadline: None,
            stop_on_signals: false,
        }
    }
}

/// How a scan went.
#[derive(Debug, Clone, Default)]
pub struct ScanStats {
    /// How each call fared, those about accounts and roles included.
    pub calls: BTreeMap<&'static Call, CallCount>,
    /// The accounts that were read.
    pub accounts: usize,
    /// The regions that were read, counted in every account.
    pub regions: usize,
    /// The time that it took.
    pub elapsed: Duration,
    /// Whether it was ended early.
    pub stopped: bool,
    /// The sweeps that ended early, in a way that another run may not.
    pub broken_off: usize,
}

impl ScanStats {
    /// Adds how another part of the scan went.
    pub fn add(&mut self, other: Self) {
        for (call, count) in other.calls {
            self.calls.entry(call).or_default().add(&count);
        }
        self.accounts += other.accounts;
        self.regions += other.regions;
        self.elapsed += other.elapsed;
        self.stopped |= other.stopped;
        self.broken_off += other.broken_off;
    }

    /// The requests sent.
    pub fn requests(&self) -> u64 {
        self.calls.values().map(|count| count.requests).sum()
    }
}

/// What was read.
pub struct Collected {
    /// The inventory, still to be sealed.
    pub builder: Builder,
    /// When the scan began, in seconds since 1970-01-01T00:00:00Z.
    pub scanned_at: i64,
    /// How it went.
    pub stats: ScanStats,
}

/// Why a scan came to nothing.
#[derive(Debug, Error)]
pub enum Failed {
    /// It could not begin.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// What an earlier run has read could not be read.
    #[error("cannot read the journal: {0}")]
    Journal(io::Error),
}

/// Reads the accounts and adds them to what `builder` holds. Blocks until that is done.
///
/// # Errors
/// When the scan cannot begin: no credentials, no accounts, unknown regions. What cannot be read
/// later on is in the inventory as unknown.
pub fn run(
    options: Options,
    builder: Builder,
    progress: Arc<dyn Progress>,
) -> Result<Collected, SessionError> {
    run_with(options, builder, progress, None).map_err(|failed| match failed {
        Failed::Session(error) => error,
        // Without a journal nothing is read from one.
        Failed::Journal(error) => SessionError::Runtime(error),
    })
}

/// The same, keeping a journal, or going on with one.
///
/// # Errors
/// When the scan cannot begin, or the journal cannot be read.
pub fn run_with(
    options: Options,
    builder: Builder,
    progress: Arc<dyn Progress>,
    journal: Option<&mut Journal>,
) -> Result<Collected, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("collect")
        .build()
        .map_err(SessionError::Runtime)?;
    let collected = runtime.block_on(driver::drive(options, builder, progress, journal));
    // A name lookup may still hang in a thread of its own; nobody waits for it.
    runtime.shutdown_background();
    collected
}
