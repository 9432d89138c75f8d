//! What a scan tells while it goes on; the terminal decides what to show of it.

use crate::aws::AccountId;
use crate::inventory::Reason;
use crate::schema::Call;

/// Something happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// So many accounts will be read.
    Accounts(usize),
    /// An account is being read, in so many places: its regions, and itself as a whole.
    AccountBegun {
        /// The account.
        account: &'a AccountId,
        /// The number of places.
        places: usize,
    },
    /// A region of an account, or the account as a whole, was read.
    PlaceDone,
    /// An account was read, or could not be.
    AccountDone {
        /// The account.
        account: &'a AccountId,
        /// Whether its role could be assumed.
        was_read: bool,
    },
    /// A request was answered.
    Answered(&'static Call),
    /// A request was answered by *slow down*.
    Throttled(&'static Call),
    /// Something could not be read.
    Gap(&'a Reason),
}

/// Hears what happens. It is called from many threads and returns at once.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn tell(&self, event: Event<'_>);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn tell(&self, _: Event<'_>) {}
}
