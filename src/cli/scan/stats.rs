//! `--stats`: how each API fared, as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::cli::Failure;
use crate::cli::output::written;
use crate::collect::ScanStats;
use crate::session::CallCount;

/// The version of the file.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Stats {
    postura_stats: u32,
    elapsed_ms: u64,
    accounts: usize,
    regions: usize,
    /// Whether a signal or a deadline ended it.
    stopped: bool,
    /// Sweeps that ended early and may be made by another run.
    broken_off: usize,
    requests: u64,
    requests_per_second: f64,
    throttled: u64,
    retries: u64,
    /// The most memory that the program has had, where the system says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_memory_bytes: Option<u64>,
    calls: BTreeMap<String, Call>,
}

#[derive(Serialize)]
struct Call {
    requests: u64,
    errors: u64,
    throttled: u64,
    retries: u64,
    /// Time from sending to the end of the answer, added up.
    busy_ms: u64,
    /// Time that calls waited for their turn under the limits, added up.
    waited_ms: u64,
    latency_ms: Latency,
}

#[derive(Serialize)]
struct Latency {
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

/// Writes the file.
pub fn write(path: &Path, stats: &ScanStats) -> Result<(), Failure> {
    let sum = |of: fn(&CallCount) -> u64| stats.calls.values().map(of).sum();
    let requests = stats.requests();
    let calls = stats.calls.iter().map(|(call, count)| (call.to_string(), of(count)));
    let document = Stats {
        postura_stats: VERSION,
        elapsed_ms: whole(stats.elapsed),
        accounts: stats.accounts,
        regions: stats.regions,
        stopped: stats.stopped,
        broken_off: stats.broken_off,
        requests,
        requests_per_second: requests as f64 / stats.elapsed.as_secs_f64().max(0.001),
        throttled: sum(|count| count.throttled),
        retries: sum(|count| count.retries),
        peak_memory_bytes: peak_memory(),
        calls: calls.collect(),
    };
    written(Some(path), |out| {
        serde_json::to_writer_pretty(&mut *out, &document)?;
        out.write_all(b"\n")
    })
}

fn of(count: &CallCount) -> Call {
    let share = |share| count.latencies.within(share).map_or(0.0, milliseconds);
    Call {
        requests: count.requests,
        errors: count.errors,
        throttled: count.throttled,
        retries: count.retries,
        busy_ms: whole(count.busy),
        waited_ms: whole(count.waited),
        latency_ms: Latency {
            p50: share(0.5),
            p95: share(0.95),
            p99: share(0.99),
            max: milliseconds(count.latencies.longest()),
        },
    }
}

fn whole(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// The high-water mark of Linux.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}
