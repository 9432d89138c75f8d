//! One account as a whole, or one region of it, as a sweep sees it: clients, the plan, and the way
//! to the inventory.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::plan::Plan;
use crate::aws::{AccountId, Partition, Region};
use crate::inventory::{Account, Coverage, Draft, Place, Reason, Record, Slot};
use crate::schema::{Call, RecordType};
use crate::session::{Base, CallError, Caller, Clients, Event, Keeper};

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
}

/// An account whose credentials are there.
pub(super) struct Opened {
    pub base: Base,
    pub keeper: Arc<Keeper>,
    pub account: AccountId,
    pub partition: Partition,
    /// The regions that the user left out.
    pub left_out: Vec<Region>,
    /// A caller with the account's credentials, of no region.
    pub caller: Caller,
    pub plan: Arc<Plan>,
    pub inventory: mpsc::Sender<Message>,
}

/// A place to sweep.
pub(super) struct Cell {
    opened: Arc<Opened>,
    place: Place,
    caller: Caller,
    clients: Clients,
    gaps: Mutex<Vec<(Reason, Option<String>)>>,
}

impl Cell {
    /// A region of an account; without one, the account as a whole, whose global services answer in
    /// the partition's home region.
    pub(super) fn new(opened: Arc<Opened>, region: Option<Region>) -> Self {
        let asked = region.clone().unwrap_or_else(|| opened.partition.home_region());
        let caller = opened.caller.at(Some(opened.account.clone()), region.clone());
        let clients = opened.base.clients(&opened.keeper, &asked);
        let place = Place { account: opened.account.clone(), region };
        Self { opened, place, caller, clients, gaps: Mutex::default() }
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
        (caller, self.opened.base.clients(&self.opened.keeper, region))
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

    async fn send(&self, message: Message) {
        // The owner outlives all sweeps; without it there is nobody to tell.
        let _ = self.opened.inventory.send(message).await;
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
