//! One account as a whole, or one region of it, as a sweep sees it: clients, the plan, and the way
//! to the inventory.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::journal;
use super::plan::Plan;
use crate::aws::{AccountId, Partition, Region};
use crate::inventory::{Account, Coverage, Draft, Place, Reason, ReasonKind, Record, Slot};
use crate::schema::{Call, RecordType};
use crate::session::{Base, CallError, Caller, Clients, Event, Regions};

/// What goes to the owner of the inventory.
pub(super) enum Message {
    /// A whole resource.
    Add(&'static RecordType, Place, String, Draft),
    /// A part of what is known of a resource.
    Contribute(&'static RecordType, Place, String, Draft),
    /// How far a type was read.
    Cover(&'static RecordType, Place, Coverage),
    /// What could not be read.
    Gap(Reason, Option<String>),
    /// How an account takes part.
    Account(Box<Account>),
    /// A sweep ended early, in a way that the next run may not.
    BrokenOff,
}

/// A message on its way, with its line for the journal; some lines have no message.
pub(super) struct Parcel {
    pub message: Option<Message>,
    /// Empty where no journal is kept.
    pub line: Vec<u8>,
    /// Whether the line ends a unit.
    pub is_last: bool,
}

impl From<Message> for Parcel {
    fn from(message: Message) -> Self {
        Self { message: Some(message), line: Vec::new(), is_last: false }
    }
}

/// An account whose credentials are there.
pub(super) struct Opened {
    pub base: Base,
    pub account: AccountId,
    pub partition: Partition,
    /// The regions that the user left out.
    pub left_out: Vec<Region>,
    /// A caller with the account's credentials, of no region.
    pub caller: Caller,
    pub plan: Arc<Plan>,
    pub inventory: mpsc::Sender<Parcel>,
    /// Numbers for the units of the journal, where one is kept.
    pub units: Option<Arc<AtomicU64>>,
}

impl Opened {
    /// A number for what will be read.
    pub(super) fn unit(&self) -> Option<u64> {
        self.units.as_ref().map(|units| units.fetch_add(1, Ordering::Relaxed))
    }
}

/// A place to sweep.
pub(super) struct Cell {
    opened: Arc<Opened>,
    place: Place,
    caller: Caller,
    clients: Clients,
    gaps: Mutex<Vec<(Reason, Option<String>)>>,
    unit: Option<u64>,
    /// Whether something is missing that the next run may read: the scan was stopped, or credentials
    /// ended and could not be renewed.
    broken_off: AtomicBool,
}

impl Cell {
    /// A region of an account, or without one the account as a whole.
    pub(super) fn new(opened: Arc<Opened>, region: Option<Region>) -> Self {
        let unit = opened.unit();
        Self::of_unit(opened, region, unit)
    }

    /// A region of the same account, as part of the same unit.
    pub(super) fn beside(&self, region: &Region) -> Self {
        let opened = Arc::clone(&self.opened);
        Self::of_unit(opened, Some(region.clone()), self.unit)
    }

    fn of_unit(opened: Arc<Opened>, region: Option<Region>, unit: Option<u64>) -> Self {
        // Services that are none of a region's answer in the partition's home.
        let home = opened.partition.home_region();
        let clients = opened.base.clients(region.as_ref().unwrap_or(&home));
        let caller = opened.caller.at(Some(opened.account.clone()), region.clone());
        let place = Place { account: opened.account.clone(), region };
        let broken_off = AtomicBool::new(false);
        Self { opened, place, caller, clients, gaps: Mutex::default(), unit, broken_off }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.opened.plan
    }

    pub(super) fn account(&self) -> &AccountId {
        &self.place.account
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn partition(&self) -> Partition {
        self.opened.partition
    }

    /// The name of the region; empty for the account as a whole.
    pub(super) fn region_name(&self) -> &str {
        self.place.region.as_ref().map_or("", Region::as_str)
    }

    /// Whether the user left a region out.
    pub(super) fn leaves_out(&self, region: &Region) -> bool {
        self.opened.left_out.contains(region)
    }

    /// The region that the user works in.
    pub(super) fn near(&self) -> &Region {
        self.opened.base.region()
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(super) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Caller and clients for another region of the same account.
    pub(super) fn elsewhere(&self, region: &Region) -> (Caller, Clients) {
        let caller = self.caller.at(Some(self.place.account.clone()), Some(region.clone()));
        (caller, self.opened.base.clients(region))
    }

    /// Whether some check needs the call.
    pub(super) fn wants(&self, call: &Call) -> bool {
        self.opened.plan.calls(call)
    }

    /// Whether some check looks at the type.
    pub(super) fn has<R: Record>(&self) -> bool {
        self.opened.plan.has(R::record().name)
    }

    /// Makes a call that a check may need; `Pending` when none does.
    pub(super) async fn fetch<T>(
        &self,
        call: &'static Call,
        work: impl Future<Output = Result<T, CallError>>,
    ) -> Fetched<T> {
        if self.wants(call) { Fetched(Some(work.await)) } else { Fetched(None) }
    }

    /// What a call brought, as a slot; an error is noted as a gap.
    pub(super) fn settle<T>(
        &self,
        call: &'static Call,
        about: Option<&str>,
        fetched: Fetched<T>,
    ) -> Slot<T> {
        self.settle_at(call, self.place.region.as_ref(), about, fetched)
    }

    /// The same for a call to another region.
    pub(super) fn settle_at<T>(
        &self,
        call: &'static Call,
        region: Option<&Region>,
        about: Option<&str>,
        fetched: Fetched<T>,
    ) -> Slot<T> {
        match fetched.0 {
            None => Slot::Pending,
            Some(Ok(value)) => Slot::Known(value),
            Some(Err(error)) if error.is_absent() => Slot::Absent,
            Some(Err(error)) => Slot::Unknown(self.note_at(call, &error, region, about)),
        }
    }

    /// Notes a call that failed, and gives the reason for everything that depends on it.
    pub(super) fn note(
        &self,
        call: &'static Call,
        error: &CallError,
        about: Option<&str>,
    ) -> Reason {
        self.note_at(call, error, self.place.region.as_ref(), about)
    }

    /// The same for a call to another region.
    pub(super) fn note_at(
        &self,
        call: &'static Call,
        error: &CallError,
        region: Option<&Region>,
        about: Option<&str>,
    ) -> Reason {
        let reason = error.reason(call, Some(&self.place.account), region);
        self.note_reason(reason.clone(), about);
        reason
    }

    /// Notes a gap for a reason of the sweep's own.
    pub(super) fn note_reason(&self, reason: Reason, about: Option<&str>) {
        self.caller.traffic().progress().tell(Event::Gap(&reason));
        if matches!(reason.kind, ReasonKind::Interrupted | ReasonKind::NotAssumed) {
            self.broken_off.store(true, Ordering::Relaxed);
        }
        let mut gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        gaps.push((reason, about.map(str::to_owned)));
    }

    /// Hands over a whole resource.
    pub(super) async fn add<R: Record>(&self, id: &str, resource: R) {
        let draft = R::draft(resource);
        self.send(Message::Add(R::record(), self.place.clone(), id.into(), draft)).await;
    }

    /// Hands over a part of what is known of a resource.
    pub(super) async fn contribute<R: Record>(&self, id: &str, resource: R) {
        let draft = R::draft(resource);
        self.send(Message::Contribute(R::record(), self.place.clone(), id.into(), draft)).await;
    }

    /// Says how far a type was read, by the end of its list.
    pub(super) async fn cover<R: Record>(&self, call: &'static Call, end: Result<(), CallError>) {
        let coverage = match end {
            Ok(()) => Coverage::Whole,
            Err(error) => Coverage::Cut(self.note(call, &error, None)),
        };
        self.cover_as(R::record(), coverage).await;
    }

    /// Says how far a type was read.
    pub(super) async fn cover_as(&self, record: &'static RecordType, coverage: Coverage) {
        self.send(Message::Cover(record, self.place.clone(), coverage)).await;
    }

    /// Hands over the gaps noted so far.
    pub(super) async fn flush(&self) {
        let gaps = std::mem::take(&mut *self.gaps.lock().unwrap_or_else(PoisonError::into_inner));
        for (reason, about) in gaps {
            self.send(Message::Gap(reason, about)).await;
        }
    }

    /// Hands over how the account takes part.
    pub(super) async fn account_entry(&self, account: Account) {
        self.send(Message::Account(Box::new(account))).await;
    }

    /// Keeps in the journal which regions the account has.
    pub(super) async fn regions(&self, regions: &Regions) {
        if let Some(unit) = self.unit {
            self.mark(journal::regions_line(unit, regions), false).await;
        }
    }

    /// Says that everything of a unit was handed over. What was broken off is read again by the next
    /// run, and is not done.
    pub(super) async fn done(&self, sweep: &str) {
        self.flush().await;
        let is_stopped = self.caller.traffic().stop().is_stopped();
        match self.unit {
            _ if is_stopped || self.broken_off.load(Ordering::Relaxed) => {
                let _ = self.opened.inventory.send(Message::BrokenOff.into()).await;
            }
            Some(unit) => self.mark(journal::done_line(unit, &self.place, sweep), true).await,
            None => {}
        }
    }

    async fn mark(&self, line: Vec<u8>, is_last: bool) {
        let _ = self.opened.inventory.send(Parcel { message: None, line, is_last }).await;
    }

    async fn send(&self, message: Message) {
        let line = self.unit.map_or_else(Vec::new, |unit| journal::line(unit, &message));
        // The owner outlives all sweeps; without it there is nobody to tell.
        let _ = self.opened.inventory.send(Parcel { line, ..Parcel::from(message) }).await;
    }
}

/// What a call brought; nothing when no check needs it.
pub(super) struct Fetched<T>(pub(super) Option<Result<T, CallError>>);

impl<T> Fetched<T> {
    /// Whether the call failed with that code.
    pub(super) fn failed_with(&self, code: &str) -> bool {
        matches!(&self.0, Some(Err(error)) if error.code == code)
    }
}
