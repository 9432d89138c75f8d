//! `-v` and `RUST_LOG`: what the program does, on standard error.

use std::io;

use tracing_subscriber::EnvFilter;

/// Begins to log. Without `-v` only what `RUST_LOG` asks for.
pub fn begin(level: u8) {
    let words = match level {
        0 if std::env::var_os("RUST_LOG").is_none() => return,
        0 => None,
        1 => Some("postura=info"),
        2 => Some("postura=debug"),
        _ => Some("postura=trace,aws=debug,hyper_util=debug"),
    };
    let filter = words.map_or_else(EnvFilter::from_default_env, EnvFilter::new);
    // A second one, of tests in the same process, stays with the first.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
}
