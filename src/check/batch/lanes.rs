//! Lanes: the values of one variable for many evaluations side by side.

use crate::check::eval::{Frame, NOWHERE, Presence, end_of};
use crate::check::plan::{Load, Truth, Val};
use crate::inventory::{Row, Slots, Store, Value};

/// The values of a variable: the resources of a batch, or the elements of a list of each. What
/// stands for a value is its place in the arena.
#[derive(Default)]
pub(super) struct Lanes {
    slot: usize,
    /// Where each element stands; of resources, the slot of their first field.
    places: Vec<u32>,
    /// From the slot of one field of a resource to that of the next.
    stride: u32,
    /// The lane, among those of the variable around it, whose list each element is of: in the order
    /// of these. Resources have none.
    parents: Vec<u32>,
    /// The numbers of all lanes, and of as many more as were ever there.
    numbers: Vec<u32>,
}

impl Lanes {
    /// Makes them those of another variable, which has no values yet.
    pub(super) fn restart(&mut self, slot: usize) {
        self.slot = slot;
        self.places.clear();
        self.parents.clear();
    }

    /// Adds resources of one type, which stand side by side.
    pub(super) fn add_rows(&mut self, rows: &[Row]) {
        self.stride = rows.first().map_or(1, |row| row.stride);
        debug_assert!(rows.iter().all(|row| row.stride == self.stride), "of one type");
        self.places.extend(rows.iter().map(|row| row.first));
        self.number();
    }

    /// Adds the elements of the lists in these places, each of the lane that is picked at the same
    /// position. An unknown list is one element that may stand for any number. Says no where they
    /// are more than so many.
    pub(super) fn add_elements(
        &mut self,
        store: &Store,
        picked: &[u32],
        lists: &[u32],
        most: usize,
    ) -> bool {
        for (parent, list) in picked.iter().zip(lists) {
            match store.slot(*list) {
                Value::List { at, len, .. } => {
                    if self.places.len() + len as usize > most {
                        return false;
                    }
                    self.places.extend(at..at + len);
                }
                _ => self.places.push(NOWHERE),
            }
            self.parents.resize(self.places.len(), *parent);
        }
        self.number();
        true
    }

    fn number(&mut self) {
        let known = self.numbers.len();
        let numbers = (known..self.places.len()).filter_map(|number| u32::try_from(number).ok());
        self.numbers.extend(numbers);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// All of them, picked.
    pub(super) fn all(&self) -> &[u32] {
        self.numbers.get(..self.places.len()).unwrap_or_default()
    }

    /// The lane that an element belongs to, and whether it is in the list.
    #[inline]
    pub(super) fn element(&self, store: &Store, lane: usize) -> Option<(u32, Presence)> {
        let (parent, place) = (self.parents.get(lane)?, self.places.get(lane)?);
        Some((*parent, Presence::of(store.slot(*place))))
    }

    #[inline]
    fn place(&self, lane: u32) -> u32 {
        self.places.get(lane as usize).copied().unwrap_or(NOWHERE)
    }

    /// Where the fields of a resource are.
    #[inline]
    fn row(&self, first: u32) -> Row {
        Row { first, stride: self.stride }
    }
}

/// The variables that a condition may name: the lanes that it is asked about, and those around them.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) lanes: &'s Lanes,
    pub(super) around: Option<&'s Scope<'s>>,
}

impl<'s> Scope<'s> {
    /// The scope and the lane around a lane; none around a resource.
    #[inline]
    fn out(&self, lane: u32) -> Option<(&'s Scope<'s>, u32)> {
        Some((self.around?, *self.lanes.parents.get(lane as usize)?))
    }

    /// Sets all variables of a frame to their values for a lane.
    pub(super) fn fill(&self, store: &Store, mut lane: u32, frame: &mut Frame<'_>) {
        let mut scope = self;
        while let Some(around) = scope.out(lane) {
            let value = store.slot(scope.lanes.place(lane));
            frame.set(scope.lanes.slot, Val::Stored(value));
            (scope, lane) = around;
        }
        let row = scope.lanes.row(scope.lanes.place(lane));
        frame.set(scope.lanes.slot, Val::Stored(Value::Record(row)));
    }

    /// Adds the places of the values at the end of a way, for each picked lane. Each step is a loop of its
    /// own, so short that the reads of many lanes are under way at once.
    pub(super) fn gather(
        &self,
        slots: Slots<'_>,
        load: &Load<'_>,
        picked: &[u32],
        found: &mut Vec<u32>,
    ) {
        if self.lanes.slot != load.slot {
            found.extend(picked.iter().map(|lane| self.fetch(slots, load, *lane)));
            return;
        }
        let steps = match (&*load.steps, self.around) {
            // A resource is no value that stands in a place. No condition asks of it as a whole.
            ([], None) => return found.resize(picked.len(), NOWHERE),
            ([first, others @ ..], None) => {
                self.own(picked, found, |place| self.lanes.row(place).slot(first.place));
                others
            }
            (steps, Some(_)) => {
                self.own(picked, found, |place| place);
                steps
            }
        };
        for step in steps {
            found.iter_mut().for_each(|place| *place = end_of(slots, *place, &[*step]));
        }
    }

    #[inline]
    fn own(&self, picked: &[u32], found: &mut Vec<u32>, begin: impl Fn(u32) -> u32) {
        if picked.len() == self.lanes.len() {
            found.extend(self.lanes.places.iter().map(|place| begin(*place)));
        } else {
            found.extend(picked.iter().map(|lane| begin(self.lanes.place(*lane))));
        }
    }

    /// The place of the value at the end of a way, for one lane.
    fn fetch(&self, slots: Slots<'_>, load: &Load<'_>, mut lane: u32) -> u32 {
        let mut scope = self;
        while scope.lanes.slot != load.slot {
            let Some(around) = scope.out(lane) else { return NOWHERE };
            (scope, lane) = around;
        }
        let place = scope.lanes.place(lane);
        match (&*load.steps, scope.around) {
            (steps, Some(_)) => end_of(slots, place, steps),
            ([step, others @ ..], None) => {
                end_of(slots, scope.lanes.row(place).slot(step.place), others)
            }
            ([], None) => NOWHERE,
        }
    }
}

/// The truth for a lane.
#[inline]
pub(super) fn truth_of(truths: &[Truth], lane: u32) -> Truth {
    truths.get(lane as usize).copied().unwrap_or(Truth::Unknown)
}

/// Sets the truth for a lane.
#[inline]
pub(super) fn set(truths: &mut [Truth], lane: u32, truth: Truth) {
    if let Some(place) = truths.get_mut(lane as usize) {
        *place = truth;
    }
}

/// Sets the truth for each picked lane. Lanes are picked in order and once each, so that as many as
/// there are truths are all of them.
pub(super) fn fill(truths: &mut [Truth], picked: &[u32], truth: Truth) {
    if picked.len() == truths.len() {
        truths.fill(truth);
    } else {
        picked.iter().for_each(|lane| set(truths, *lane, truth));
    }
}

/// Puts those of the picked lanes into `kept` whose truth is another.
pub(super) fn keep_unless(kept: &mut Vec<u32>, picked: &[u32], truths: &[Truth], truth: Truth) {
    if picked.len() == truths.len() {
        let offered = picked.iter().zip(truths);
        keep(kept, offered.map(|(lane, found)| (*lane, *found != truth)));
    } else {
        keep(kept, picked.iter().map(|lane| (*lane, truth_of(truths, *lane) != truth)));
    }
}

/// Puts those lanes into `kept` that are to stay. It branches on no lane: which ones stay is nothing
/// that a processor could foresee.
#[inline]
pub(super) fn keep(kept: &mut Vec<u32>, offered: impl ExactSizeIterator<Item = (u32, bool)>) {
    kept.resize(offered.len(), 0);
    let mut count = 0;
    for (lane, stays) in offered {
        if let Some(place) = kept.get_mut(count) {
            *place = lane;
        }
        count += usize::from(stays);
    }
    kept.truncate(count);
}
