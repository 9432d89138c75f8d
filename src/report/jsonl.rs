//! `jsonl`: JSON Lines for pipes. One finding a line, as in [`json`](super::json), then one last
//! line with everything else: `version`, `tool`, `scanned_at`, `policy`, `accounts`, `summary`,
//! `checks`, `gaps`. A file without that last line was cut short.

use std::io::{self, Write};

use super::json::{FindingV1, Head};
use super::{Options, escape};
use crate::finding::Scan;

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in &scan.findings {
        escape::compact(&FindingV1::new(finding), out)?;
        out.write_all(b"\n")?;
    }
    escape::compact(&Head::new(scan), out)?;
    out.write_all(b"\n")
}
