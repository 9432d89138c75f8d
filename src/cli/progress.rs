//! What a scan shows on a terminal while it goes on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::session::{Event, Progress};

/// A line on standard error: accounts, places, calls, throttles, gaps.
pub struct Terminal {
    bar: ProgressBar,
    calls: AtomicU64,
    throttled: AtomicU64,
    gaps: AtomicU64,
    accounts: AtomicU64,
    done: AtomicU64,
}

impl Terminal {
    /// An empty line.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} places  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(120));
        let zero = AtomicU64::default;
        Self { bar, calls: zero(), throttled: zero(), gaps: zero(), accounts: zero(), done: zero() }
    }

    fn draw(&self) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.bar.set_message(format!(
            "{}/{} accounts  {} calls  {} throttled  {} gaps",
            read(&self.done),
            read(&self.accounts),
            read(&self.calls),
            read(&self.throttled),
            read(&self.gaps),
        ));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Terminal {
    fn tell(&self, event: Event<'_>) {
        let add = |counter: &AtomicU64, by: u64| counter.fetch_add(by, Ordering::Relaxed);
        match event {
            Event::Accounts(count) => {
                add(&self.accounts, u64::try_from(count).unwrap_or_default());
            }
            Event::AccountBegun { places, .. } => {
                self.bar.inc_length(u64::try_from(places).unwrap_or_default());
            }
            Event::PlaceDone => self.bar.inc(1),
            Event::AccountDone { .. } => {
                add(&self.done, 1);
            }
            Event::Answered(_) => {
                add(&self.calls, 1);
            }
            Event::Throttled(_) => {
                add(&self.throttled, 1);
            }
            Event::Gap(_) => {
                add(&self.gaps, 1);
            }
        }
        self.draw();
    }
}
