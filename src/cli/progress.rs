//! What a scan shows while it goes on: a line that changes on a terminal, else a line every few
//! seconds. Counting costs the scan nothing; a thread of its own draws.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::session::{Event, Progress};

/// How often the line of a terminal is drawn again.
const DRAWN: Duration = Duration::from_millis(200);

/// How often a line is written where there is no terminal.
const WRITTEN: Duration = Duration::from_secs(5);

/// Shows progress on standard error until it is dropped.
pub struct Shown {
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

/// How far the scan is.
#[derive(Debug, Default)]
struct Counters {
    accounts: AtomicU64,
    begun: AtomicU64,
    done: AtomicU64,
    places: AtomicU64,
    places_done: AtomicU64,
    calls: AtomicU64,
    throttled: AtomicU64,
    gaps: AtomicU64,
    is_over: AtomicBool,
}

impl Shown {
    /// Begins to show.
    pub fn new() -> Self {
        let counters = Arc::new(Counters::default());
        let shared = Arc::clone(&counters);
        let show = move || {
            if io::stderr().is_terminal() { draw(&shared) } else { write(&shared) }
        };
        // Without a thread nothing is shown, and the scan goes on.
        let thread = std::thread::Builder::new().name("progress".into()).spawn(show).ok();
        Self { counters, thread }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.counters.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

impl Progress for Shown {
    fn tell(&self, event: Event<'_>) {
        let it = &self.counters;
        let (counter, by) = match event {
            Event::Accounts(count) => (&it.accounts, count as u64),
            Event::AccountBegun { places, .. } => {
                it.begun.fetch_add(1, Ordering::Relaxed);
                (&it.places, places as u64)
            }
            Event::PlaceDone => (&it.places_done, 1),
            Event::AccountDone { .. } => (&it.done, 1),
            Event::Answered(_) => (&it.calls, 1),
            Event::Throttled(_) => (&it.throttled, 1),
            Event::Gap(_) => (&it.gaps, 1),
        };
        counter.fetch_add(by, Ordering::Relaxed);
    }
}

/// Draws one line again and again.
fn draw(counters: &Counters) {
    let bar = ProgressBar::new(1000);
    let style = ProgressStyle::with_template("{spinner} {bar:24} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let began = Instant::now();
    while !counters.is_over.load(Ordering::Acquire) {
        let now = counters.read(began.elapsed());
        bar.set_position((now.share() * 1000.0) as u64);
        bar.set_message(now.line());
        bar.tick();
        std::thread::park_timeout(DRAWN);
    }
    bar.finish_and_clear();
}

/// Writes a line now and then.
fn write(counters: &Counters) {
    let began = Instant::now();
    let mut next = WRITTEN;
    while !counters.is_over.load(Ordering::Acquire) {
        let elapsed = began.elapsed();
        if elapsed >= next {
            next = elapsed + WRITTEN;
            let _ = writeln!(io::stderr(), "{}", counters.read(elapsed).line());
        }
        std::thread::park_timeout(next.saturating_sub(began.elapsed()));
    }
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Moment {
    elapsed: Duration,
    accounts: u64,
    begun: u64,
    done: u64,
    places: u64,
    places_done: u64,
    calls: u64,
    throttled: u64,
    gaps: u64,
}

impl Counters {
    fn read(&self, elapsed: Duration) -> Moment {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Moment {
            elapsed,
            accounts: read(&self.accounts),
            begun: read(&self.begun),
            done: read(&self.done),
            places: read(&self.places),
            places_done: read(&self.places_done),
            calls: read(&self.calls),
            throttled: read(&self.throttled),
            gaps: read(&self.gaps),
        }
    }
}

impl Moment {
    /// The part of the work that is done: places read of all places, those of accounts that are not
    /// yet begun taken to be as many as those of the others.
    fn share(&self) -> f64 {
        let waiting = self.accounts.saturating_sub(self.begun.max(self.done));
        let each = self.places as f64 / self.begun.max(1) as f64;
        let all = self.places as f64 + waiting as f64 * each;
        if all > 0.0 { self.places_done as f64 / all } else { 0.0 }
    }

    /// The time left if it goes on as it went; `None` while there is nothing to tell it from.
    fn left(&self) -> Option<Duration> {
        let share = self.share();
        let left = self.elapsed.as_secs_f64() * (1.0 - share) / share;
        (share >= 0.02).then(|| Duration::try_from_secs_f64(left).ok()).flatten()
    }

    fn line(&self) -> String {
        let rate = self.calls as f64 / self.elapsed.as_secs_f64().max(0.001);
        let left = match self.left() {
            Some(left) => format!("about {} left", time(left)),
            None => "time left not known yet".into(),
        };
        let Self { accounts, done, places, places_done, calls, throttled, gaps, .. } = self;
        format!(
            "{done}/{accounts} accounts, {places_done}/{places} places, {calls} calls \
             ({rate:.0}/s), {throttled} throttled, {gaps} gaps, {} so far, {left}",
            time(self.elapsed)
        )
    }
}

fn time(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_counts_accounts_that_are_not_begun() {
        let moment = Moment {
            elapsed: Duration::from_secs(60),
            accounts: 100,
            begun: 50,
            done: 20,
            places: 250,
            places_done: 100,
            calls: 6000,
            ..Moment::default()
        };
        assert!((moment.share() - 0.2).abs() < 1e-9);
        assert_eq!(
            moment.line(),
            "20/100 accounts, 100/250 places, 6000 calls (100/s), 0 throttled, 0 gaps, 60 s so \
             far, about 4 min left"
        );
        let begun = Moment { elapsed: Duration::from_secs(5), accounts: 3, ..Moment::default() };
        assert!(begun.line().ends_with("time left not known yet"), "{}", begun.line());
    }
}
