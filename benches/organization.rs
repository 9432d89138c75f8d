//! Scans of large organizations: `cargo bench --bench organization [-- PART…]`, with the parts `server`,
//! `client`, `latency`, `throttle`, `size` and `soak`; without a name all but the soak.
//!
//! The synthetic organization is served by a process of its own, and but for `client` the scan is one too:
//! the built program, judgement and report included. Times are those of the reading (`--stats`), since the
//! bounds are about that; the rest is told beside them. All run on the same cores, which makes every figure an
//! upper bound of what a client alone would take.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark may stop at what cannot happen")]
#![expect(clippy::indexing_slicing, reason = "the JSON was made here and has what is asked for")]

#[path = "organization/bare.rs"]
mod bare;
#[path = "organization/client.rs"]
mod client;
#[path = "organization/program.rs"]
mod program;
#[path = "organization/server.rs"]
mod server;

use std::time::{Duration, Instant};

use program::{Scanned, Served};

/// That of the program, for the client is measured in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The injected latency of the parts about waiting.
const LATENCY: Duration = Duration::from_millis(50);
/// The requests at the same time that the program makes where nothing else is said.
const CONCURRENCY: f64 = 128.0;

/// The steps before the first account is entered (who we are, the root, its units, their accounts), and those
/// in an account before its first region is read and from there to its end (role, regions, a list, a detail).
const PREFIX: f64 = 4.0;
const ACCOUNT: f64 = 4.0;

/// What AWS lets the management account ask of `organizations:DescribePolicy`: so many requests at once, and so
/// many a second. No other limit is as low where accounts are small.
const POLICIES: (f64, f64) = (2.0, 2.0);

/// The least time in which a scan can be answered: the steps that wait for each other, and between them never
/// more requests on their way than allowed, nor more policies of the organization than AWS hands out.
fn bound(scan: &Scanned) -> f64 {
    let latency = LATENCY.as_secs_f64();
    let (burst, rate) = POLICIES;
    let limited = latency + (scan.policies - burst) / rate;
    let crowded = scan.requests * latency / CONCURRENCY;
    PREFIX * latency + f64::max(ACCOUNT * latency, crowded).max(limited)
}

fn latency() {
    for (accounts, regions) in [(1, 17), (20, 17), (1_000, 4)] {
        let served = Served::start(accounts, regions, 5, &["--latency", "50"]);
        let scan = served.scan();
        assert_eq!(scan.gaps, 0, "a request was lost");
        let bound = bound(&scan);
        println!(
            "{accounts} accounts x {regions} regions at 50 ms: {:.0} requests in {:.1} s, bound {bound:.1} s, ratio \
             {:.2} ({:.1} s of one core; the whole program {:.1} s)",
            scan.requests,
            scan.reading,
            scan.reading / bound,
            scan.cpu,
            scan.wall
        );
    }
}

fn throttle() {
    let calm = Served::start(100, 4, 20, &["--latency", "50"]).scan();
    let slow = Served::start(100, 4, 20, &["--latency", "50", "--throttle", "30%"]).scan();
    assert_eq!(slow.findings, calm.findings, "a request was lost");
    assert_eq!(slow.gaps, 0, "a request was lost");
    println!(
        "30% throttled: {:.0} requests in {:.1} s, without {:.0} in {:.1} s, ratio {:.2}; {} findings in both",
        slow.requests,
        slow.reading,
        calm.requests,
        calm.reading,
        slow.reading / calm.reading,
        calm.findings
    );
}

/// The largest last: the most memory of a process is never forgotten, but each scan is a process of its own.
fn size() {
    let mut last: Option<Scanned> = None;
    for accounts in [125, 250, 500, 1_000] {
        let scan = Served::start(accounts, 4, 810, &[]).scan();
        println!(
            "{accounts} accounts, {} resources: {:.0} requests and {:.1} s to read, {:.1} s in all, {:.1} s of one \
             core, {:.2} GiB, {} findings",
            scan.resources,
            scan.requests,
            scan.reading,
            scan.wall,
            scan.cpu,
            scan.memory / f64::from(1 << 30),
            scan.findings
        );
        if let Some(last) = last {
            let exponent = |new: f64, old: f64| {
                (new / old).ln() / (scan.resources as f64 / last.resources as f64).ln()
            };
            println!(
                "  exponent: reading {:.2}, in all {:.2}, memory {:.2}",
                exponent(scan.reading, last.reading),
                exponent(scan.wall, last.wall),
                exponent(scan.memory, last.memory)
            );
        }
        last = Some(scan);
    }
}

/// Ten minutes of scans as fast as they go, against one server: neither memory nor descriptors may grow. The
/// server lives as long as the soak; each scan is large enough to show what its own process gathers.
fn soak() {
    let served = Served::start(200, 4, 100, &[]);
    let began = Instant::now();
    let mut rounds = 0;
    while began.elapsed() < Duration::from_secs(600) {
        let scan = served.scan();
        rounds += 1;
        let (memory, files) = served.holds();
        println!(
            "round {rounds}: {:.0} requests, {:.0} a second, scan {:.0} MB at most; server {:.0} MB, {files} descriptors",
            scan.requests,
            scan.requests / scan.reading,
            scan.memory / 1e6,
            memory / 1e6
        );
    }
}

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let all: [(&str, fn()); 6] = [
        ("server", server::measure),
        ("client", client::measure),
        ("latency", latency),
        ("throttle", throttle),
        ("size", size),
        ("soak", soak),
    ];
    for (name, part) in all {
        if parts.iter().any(|it| it == name) || parts.is_empty() && name != "soak" {
            part();
        }
    }
}
