//! Runs the sweeps over accounts, regions and services.
//!
//! Each account is a task of its own, so that none waits for another. Their places queue for a
//! limited number of open ones, one of each account at a time: all accounts advance together, and
//! the limits that AWS sets for each account are used side by side.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::journal::{self, Done, Journal};
use super::place::{Cell, Message, Opened, Parcel};
use super::plan::Plan;
use super::sweep::Sweep;
use super::{Collected, Failed, Options, ScanStats};
use crate::aws::{AccountId, Region};
use crate::inventory::{
    Account as InventoryAccount, AccountStatus, Builder, Coverage, Reason, ReasonKind, Record,
};
use crate::resources::account::Account as AccountFacts;
use crate::resources::region::{DESCRIBE_REGIONS, Region as RegionFacts};
use crate::schema::Scope;
use crate::session::regions::{self, Listed};
use crate::session::{
    ASSUME_ROLE, Base, CallError, Caller, Event, FailedCall, Identity, Keeper, Progress,
    RegionChoice, Regions, Role, SessionError, Target, Traffic, asked_to_end,
};

/// How many messages may wait for the owner of the inventory.
const WAITING: usize = 4096;

/// How many places are open for each request that may be on its way. A place that waits for a limit or
/// to try again keeps no request back while others have some to make.
const PLACES: usize = 4;

/// How many accounts are asked for the names of regions when the caller's own cannot say.
const ASKED: usize = 3;

/// What all accounts of a scan share.
struct Scan {
    base: Base,
    identity: Identity,
    traffic: Arc<Traffic>,
    role: Role,
    regions: RegionChoice,
    /// The regions as the caller's account sees them, or else another; empty where none may ask.
    listed: Vec<Listed>,
    /// Whether it was the caller's account that listed them.
    asked_itself: bool,
    /// The credentials of accounts that were asked for the names of regions.
    asked: Vec<(AccountId, Arc<Keeper>)>,
    plan: Arc<Plan>,
    /// One permit for each open place.
    places: Arc<Semaphore>,
    inventory: mpsc::Sender<Parcel>,
    /// What an earlier run has read.
    done: Done,
    /// Numbers for the units of the journal, where one is kept.
    units: Option<Arc<AtomicU64>>,
}

/// Prepares the scan, runs it, and gathers what it brings.
pub(super) async fn drive(
    options: Options,
    mut builder: Builder,
    progress: Arc<dyn Progress>,
    mut journal: Option<&mut Journal>,
) -> Result<Collected, Failed> {
    let began = Instant::now();
    let scanned_at = journal.as_ref().and_then(|journal| journal.scanned_at());
    let scanned_at = scanned_at.unwrap_or_else(|| Timestamp::now().as_second());
    let stop = options.stop.clone();
    let ends = ends_early(&options);
    let traffic =
        Traffic::new(options.concurrency, options.patience, stop.clone(), Arc::clone(&progress));
    let traffic = Arc::new(traffic.sharing(options.share));
    let prepared = stop.unless(prepare(&options, &traffic)).await;
    let (mut scan, targets, failed, mut messages) = prepared.ok_or(SessionError::Stopped)??;
    let chosen = targets.iter().filter(|target| target.skip.is_none()).count();
    progress.tell(Event::Accounts(chosen));

    let mut stats = ScanStats::default();
    for (call, error) in failed {
        let home = scan.identity.account.clone();
        builder.gap(error.reason(call, Some(&home), None), None);
    }
    if let Some(journal) = &mut journal {
        let read = targets.iter().filter(|target| target.skip.is_none());
        let read = read.map(|target| target.account.clone()).collect();
        let model = builder.model();
        let take = |message| take(&mut builder, &mut stats, message);
        scan.done = journal.replay(model, &read, take).map_err(Failed::Journal)?;
        scan.units = Some(Arc::new(AtomicU64::new(scan.done.next_unit)));
    }
    let scan = Arc::new(scan);
    for target in targets {
        tokio::spawn(guarded_account(Arc::clone(&scan), target));
    }
    // The tasks hold the senders; when the last is done the channel ends.
    drop(scan);
    while let Some(parcel) = messages.recv().await {
        if let Some(journal) = journal.as_mut().filter(|_| !parcel.line.is_empty()) {
            journal.keep(&parcel.line, parcel.is_last);
        }
        if let Some(message) = parcel.message {
            take(&mut builder, &mut stats, message);
        }
    }
    for task in ends {
        task.abort();
    }
    stats.calls = traffic.counts();
    stats.elapsed = began.elapsed();
    stats.stopped = stop.is_stopped();
    Ok(Collected { builder, scanned_at, stats })
}

/// Watches for signals and the deadline.
fn ends_early(options: &Options) -> Vec<tokio::task::JoinHandle<()>> {
    let mut tasks = Vec::new();
    if options.stop_on_signals {
        let stop = options.stop.clone();
        tasks.push(tokio::spawn(async move {
            if asked_to_end().await.is_ok() {
                stop.stop();
            }
        }));
    }
    if let Some(deadline) = options.deadline {
        let stop = options.stop.clone();
        tasks.push(tokio::spawn(async move {
            tokio::time::sleep(deadline).await;
            stop.stop();
        }));
    }
    tasks
}

type Prepared = (Scan, Vec<Target>, Vec<FailedCall>, mpsc::Receiver<Parcel>);

/// Everything that must be right before the scan begins.
async fn prepare(options: &Options, traffic: &Arc<Traffic>) -> Result<Prepared, SessionError> {
    let base = Base::load(&options.origin).await?;
    let identity = base.identity(traffic).await?;
    options.regions.check_partition(identity.partition)?;
    let own = Caller::new(Arc::clone(traffic), Arc::clone(base.keeper()));
    let (resolved, own) = futures::join!(
        options.targets.resolve(&base, &identity, traffic),
        list_regions(&base, &own, &identity.account)
    );
    let (mut targets, failed) = resolved?;
    if let Some(shard) = options.shard {
        let left = targets.iter_mut().filter(|target| target.skip.is_none());
        left.for_each(|target| target.skip = shard.skips(&target.account));
    }
    let (inventory, messages) = mpsc::channel(WAITING);
    let mut scan = Scan {
        base,
        identity,
        traffic: Arc::clone(traffic),
        role: options.role.clone(),
        regions: options.regions.clone(),
        listed: Vec::new(),
        asked_itself: false,
        asked: Vec::new(),
        plan: Arc::new(Plan::of(&options.needs)),
        places: Arc::new(Semaphore::new(options.concurrency.max(1) * PLACES)),
        inventory,
        done: Done::default(),
        units: None,
    };
    scan.asked_itself = own.is_ok();
    scan.listed = match own {
        Ok(listed) => listed,
        Err(_) => scan.regions_elsewhere(&targets).await,
    };
    if !scan.listed.is_empty() {
        scan.regions.check(&scan.listed)?;
        let none_left = scan.listed.iter().all(|listed| {
            let one = Listed { enabled: true, ..listed.clone() };
            scan.regions.of(&[one]).read.is_empty()
        });
        if none_left {
            return Err(SessionError::NoRegions);
        }
    }
    Ok((scan, targets, failed, messages))
}

impl Scan {
    /// The regions of the partition, as one of the first accounts that can say sees them. Nobody needs to
    /// be able to.
    async fn regions_elsewhere(&mut self, targets: &[Target]) -> Vec<Listed> {
        let chosen = !self.regions.only.is_empty() || !self.regions.exclude.is_empty();
        let others = targets.iter().filter(|target| chosen && target.skip.is_none());
        for target in others.take(ASKED) {
            let Ok(keeper) = self.credentials(&target.account).await else { continue };
            self.asked.push((target.account.clone(), Arc::clone(&keeper)));
            let caller = self.caller(&keeper);
            let listed = list_regions(&self.base, &caller, &target.account).await;
            if let Ok(listed) = listed {
                return listed;
            }
        }
        Vec::new()
    }

    /// The regions as an account sees them; the caller's own has been asked already.
    async fn regions_of(
        &self,
        account: &AccountId,
        caller: &Caller,
    ) -> Result<Vec<Listed>, CallError> {
        if self.asked_itself && *account == self.identity.account {
            return Ok(self.listed.clone());
        }
        list_regions(&self.base, caller, account).await
    }

    fn caller(&self, keeper: &Arc<Keeper>) -> Caller {
        Caller::new(Arc::clone(&self.traffic), Arc::clone(keeper))
    }

    /// The caller's own credentials for the caller's own account, those of the role for any other.
    async fn credentials(&self, account: &AccountId) -> Result<Arc<Keeper>, CallError> {
        if *account == self.identity.account && !self.role.in_own_account {
            return Ok(Arc::clone(self.base.keeper()));
        }
        if let Some(keeper) = self.asked.iter().find(|(asked, _)| asked == account) {
            return Ok(Arc::clone(&keeper.1));
        }
        self.base.assume(&self.traffic, &self.role, self.identity.partition, account).await
    }

    async fn send(&self, message: Message) {
        // The owner of the inventory goes last.
        let _ = self.inventory.send(message.into()).await;
    }

    /// The sweeps that are still to be made, place by place: the account as a whole, then its
    /// regions.
    fn left(&self, account: &AccountId, regions: &Regions) -> Vec<Left> {
        let whole = std::iter::once(None);
        let places = whole.chain(regions.read.iter().cloned().map(Some));
        let left = places.map(|region| {
            let scope = if region.is_some() { Scope::Region } else { Scope::Account };
            let is_left =
                |sweep: &&'static Sweep| !self.done.has(account, region.as_ref(), sweep.name);
            (region.clone(), self.plan.sweeps(scope).filter(is_left).collect::<Vec<_>>())
        });
        left.filter(|(_, sweeps)| !sweeps.is_empty()).collect()
    }
}

/// The regions as an account sees them.
async fn list_regions(
    base: &Base,
    caller: &Caller,
    account: &AccountId,
) -> Result<Vec<Listed>, CallError> {
    let region = base.region();
    let client = base.clients(region).ec2();
    let caller = caller.at(Some(account.clone()), Some(region.clone()));
    regions::list(&caller, &client).await
}

/// A place with the sweeps that are still to be made there.
type Left = (Option<Region>, Vec<&'static Sweep>);

/// Puts a message where it belongs.
fn take(builder: &mut Builder, stats: &mut ScanStats, message: Message) {
    match message {
        Message::Add(record, place, id, mut draft) => {
            super::missing::locate(record, &place, &mut draft);
            builder.add_draft(record, &place, &id, draft);
        }
        Message::Contribute(record, place, id, mut draft) => {
            super::missing::locate(record, &place, &mut draft);
            builder.contribute_draft(record, &place, &id, draft);
        }
        Message::Cover(record, place, coverage) => builder.cover(record, &place, coverage),
        Message::Gap(reason, about) => builder.gap(reason, about),
        Message::BrokenOff => stats.broken_off += 1,
        Message::Account(account) => {
            if account.status == AccountStatus::Scanned {
                stats.accounts += 1;
                stats.regions += account.regions.len();
            }
            builder.account(*account);
        }
    }
}

/// Reads one account in a task of its own; should it break, the account was not read.
async fn guarded_account(scan: Arc<Scan>, target: Target) {
    if tokio::spawn(account(Arc::clone(&scan), target.clone())).await.is_err() {
        let reason = Reason::new(ReasonKind::Failed, "", "reading the account broke");
        let status = AccountStatus::Failed(reason);
        scan.send(entry(&scan, &target, status, Regions::default())).await;
    }
}

/// Reads one account.
async fn account(scan: Arc<Scan>, target: Target) {
    tracing::info!(account = %target.account, skipped = target.skip.as_deref(), "account");
    if let Some(why) = &target.skip {
        let status = AccountStatus::Skipped(why.clone());
        scan.send(entry(&scan, &target, status, Regions::default())).await;
        return;
    }
    let known = scan.done.regions(&target.account);
    let is_done = known.is_some_and(|regions| scan.left(&target.account, regions).is_empty());
    let was_read = is_done || read_if_open(&scan, &target).await;
    scan.traffic.limiter().forget(&target.account);
    scan.traffic.progress().tell(Event::AccountDone { account: &target.account, was_read });
}

/// Reads an account, where its role can be assumed.
async fn read_if_open(scan: &Arc<Scan>, target: &Target) -> bool {
    match scan.credentials(&target.account).await {
        Ok(keeper) => {
            read_account(scan, target, keeper).await;
            true
        }
        Err(error) => {
            let reason = error.reason(&ASSUME_ROLE, Some(&target.account), None);
            scan.traffic.progress().tell(Event::Gap(&reason));
            let status = AccountStatus::Failed(reason);
            scan.send(entry(scan, target, status, Regions::default())).await;
            false
        }
    }
}

fn entry(scan: &Scan, target: &Target, status: AccountStatus, regions: Regions) -> Message {
    Message::Account(Box::new(account_of(scan, target, status, regions)))
}

fn account_of(
    scan: &Scan,
    target: &Target,
    status: AccountStatus,
    regions: Regions,
) -> InventoryAccount {
    let mut all = regions.read;
    all.extend(regions.unsure);
    all.sort();
    InventoryAccount {
        id: target.account.clone(),
        name: target.name.clone(),
        partition: scan.identity.partition,
        organizational_units: target.units.clone(),
        status,
        regions: all,
        excluded_regions: regions.left_out,
    }
}

async fn read_account(scan: &Arc<Scan>, target: &Target, keeper: Arc<Keeper>) {
    let account = &target.account;
    let opened = Opened {
        base: scan.base.clone(),
        account: account.clone(),
        partition: scan.identity.partition,
        left_out: Vec::new(),
        caller: scan.caller(&keeper),
        plan: Arc::clone(&scan.plan),
        inventory: scan.inventory.clone(),
        units: scan.units.clone(),
    };
    let (regions, opened) = match scan.done.regions(account).cloned() {
        Some(regions) => {
            let opened = Opened { left_out: regions.left_out.clone(), ..opened };
            (regions, Arc::new(opened))
        }
        None => begin(scan, target, opened).await,
    };
    let left = scan.left(account, &regions);
    scan.traffic.progress().tell(Event::AccountBegun { account, places: left.len() });
    let mut open = JoinSet::new();
    for (region, sweeps) in left {
        let permit = Arc::clone(&scan.places).acquire_owned().await;
        let opened = Arc::clone(&opened);
        open.spawn(async move {
            sweep_place(opened, region, sweeps).await;
            drop(permit);
        });
    }
    while open.join_next().await.is_some() {
        scan.traffic.progress().tell(Event::PlaceDone);
    }
}

/// Finds out which regions an account has, and says what is known without asking further.
async fn begin(scan: &Arc<Scan>, target: &Target, opened: Opened) -> (Regions, Arc<Opened>) {
    let (regions, gap) = match scan.regions_of(&target.account, &opened.caller).await {
        Ok(listed) => (scan.regions.of(&listed), None),
        Err(error) => {
            let partition = scan.identity.partition;
            (scan.regions.without_list(partition, &scan.listed), Some(error))
        }
    };
    let opened = Arc::new(Opened { left_out: regions.left_out.clone(), ..opened });
    let whole = Cell::new(Arc::clone(&opened), None);
    let account = account_of(scan, target, AccountStatus::Scanned, regions.clone());
    whole.account_entry(account).await;
    whole.regions(&regions).await;
    if let Some(error) = gap {
        regions_unsure(&whole, &error, &regions.unsure).await;
    }
    itself(&whole).await;
    for region in &regions.read {
        itself(&whole.beside(region)).await;
    }
    whole.done(journal::ACCOUNT).await;
    (regions, opened)
}

/// Notes that regions may be enabled of which nothing is known.
async fn regions_unsure(whole: &Cell, error: &CallError, unsure: &[Region]) {
    let reason = whole.note(&DESCRIBE_REGIONS, error, None);
    for region in unsure {
        let cell = whole.beside(region);
        cell.cover_as(RegionFacts::record(), Coverage::Cut(reason.clone())).await;
        for record in whole.plan().sweeps(Scope::Region).flat_map(|sweep| sweep.types) {
            cell.cover_as(record(), Coverage::Cut(reason.clone())).await;
        }
    }
}

/// Runs the sweeps of one place.
async fn sweep_place(opened: Arc<Opened>, region: Option<Region>, sweeps: Vec<&'static Sweep>) {
    let mut running = JoinSet::new();
    for sweep in sweeps {
        let cell = Cell::new(Arc::clone(&opened), region.clone());
        let cell = Arc::new(cell);
        running.spawn(guarded(sweep, cell));
    }
    while running.join_next().await.is_some() {}
}

/// Runs a sweep in a task of its own; should it break, its types are not read.
async fn guarded(sweep: &'static Sweep, cell: Arc<Cell>) {
    let span = tracing::info_span!(
        "sweep",
        name = sweep.name,
        account = %cell.account(),
        region = cell.region_name()
    );
    let work = tokio::spawn((sweep.run)(Arc::clone(&cell)).instrument(span));
    if work.await.is_err() {
        let what = format!("the sweep `{}` broke", sweep.name);
        let reason = Reason {
            account: Some(cell.account().clone()),
            region: cell.place().region.clone(),
            ..Reason::new(ReasonKind::Failed, "", what)
        };
        cell.note_reason(reason.clone(), None);
        for record in sweep.types {
            cell.cover_as(record(), Coverage::Cut(reason.clone())).await;
        }
        cell.flush().await;
        return;
    }
    cell.done(sweep.name).await;
}

/// What is known of a place without asking.
async fn itself(cell: &Cell) {
    if cell.place().region.is_some() {
        let name = cell.region_name().to_owned();
        let facts = RegionFacts { name: name.as_str().into(), ..RegionFacts::default() };
        cell.contribute(&name, facts).await;
        cell.cover_as(RegionFacts::record(), Coverage::Whole).await;
    } else {
        let facts = AccountFacts {
            id: cell.account().as_str().into(),
            partition: cell.partition().as_str().into(),
            ..AccountFacts::default()
        };
        cell.contribute(cell.account().as_str(), facts).await;
        cell.cover_as(AccountFacts::record(), Coverage::Whole).await;
    }
}
