//! `jsonl`: JSON Lines for pipes. One finding a line, as in [`json`](super::json), then one last
//! line with everything else: `version`, `tool`, `scanned_at`, `policy`, `accounts`, `summary`,
//! `checks`, `gaps`. A file without that last line was cut short.

use std::io::{self, Write};

use super::Options;
use super::json::{FindingV1, Head};
use crate::finding::Scan;

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in &scan.findings {
        serde_json::to_writer(&mut *out, &FindingV1::new(finding))?;
        out.write_all(b"\n")?;
    }
    serde_json::to_writer(&mut *out, &Head::new(scan))?;
    out.write_all(b"\n")
}
