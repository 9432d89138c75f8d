//! Times of one thread, for benchmarks on a machine that others use too.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The measurements of which the best counts.
const PASSES: usize = 5;

/// The clock of a thread ticks every few milliseconds: a measurement takes so long that this is a hundredth of it.
const LONG: Duration = Duration::from_millis(400);

/// The best time of some measurements in nanoseconds, for each of `count` things that a pass goes through, and what
/// the pass found. A measurement is of as many passes as take long enough.
pub fn best(count: usize, mut pass: impl FnMut() -> usize) -> (f64, usize) {
    let mut found = 0;
    let times = (0..PASSES).map(|_| {
        let (start, mut passes) = (cpu_time(), 0);
        loop {
            found = black_box(pass());
            passes += 1;
            let took = cpu_time() - start;
            if took >= LONG {
                break took / passes;
            }
        }
    });
    let best = times.min().unwrap_or_default();
    (best.as_secs_f64() * 1e9 / count as f64, found)
}

/// The time that this thread had a processor: others use this machine too. Where the system does not tell, any time.
pub fn cpu_time() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/thread-self/schedstat");
    let time = text.ok().and_then(|text| text.split(' ').next()?.parse().ok());
    time.map_or_else(|| BEGAN.elapsed(), Duration::from_nanos)
}
