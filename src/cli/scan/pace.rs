//! How fast and how long a scan may go: shared by `scan` and `demo`.

use std::path::PathBuf;
use std::time::Duration;

use crate::collect::{self, Options};
use crate::session::Share;

/// Arguments about speed and time.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "How fast")]
pub struct PaceArgs {
    /// How many requests may be on their way at the same time.
    #[arg(long, value_name = "N", default_value_t = collect::CONCURRENCY)]
    concurrency: usize,
    /// The part of AWS's request quotas that the scan may use, of each API in each account and
    /// region; the rest is for production. [default: 50%]
    #[arg(long, value_name = "PERCENT")]
    api_share: Option<Share>,
    /// End after this time with what was read until then, and exit with 3: 90s, 15m, 2h.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// Write how each API fared (requests, waits, retries, latencies) to this file, as JSON.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub stats: Option<PathBuf>,
    /// Say on standard error what is done; -vv with every call, in the spans of its sweep.
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

impl PaceArgs {
    /// Sets the pace of a scan. Where nothing is said, its share of the quotas stays as it is.
    pub fn set(&self, options: &mut Options) {
        options.concurrency = self.concurrency.max(1);
        options.deadline = self.timeout;
        options.share = self.api_share.unwrap_or(options.share);
    }
}

/// A time such as `90s`, `15m`, `2h` or `1h30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time: write 90s, 15m or 2h");
    let mut seconds: u64 = 0;
    let mut number = String::new();
    for letter in text.trim().chars() {
        let unit = match letter {
            '0'..='9' => {
                number.push(letter);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return Err(wrong()),
        };
        let count: u64 = std::mem::take(&mut number).parse().map_err(|_| wrong())?;
        let more = count.checked_mul(unit).and_then(|more| seconds.checked_add(more));
        seconds = more.ok_or_else(wrong)?;
    }
    if !number.is_empty() || seconds == 0 {
        return Err(wrong());
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "90", "0s", "m", "1d", "-1s", "1.5h", "999999999999999999h", "5m3"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
