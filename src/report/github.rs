//! `github`: workflow commands that GitHub Actions shows as annotations. GitHub keeps ten errors and
//! ten warnings a step, so the worst of each are written and the rest is summed up.

use std::io::{self, Write};

use super::text::{count_of, counted, plain};
use super::{Options, failure_text};
use crate::check::Severity;
use crate::finding::{Finding, Scan};

/// The most annotations of a level that GitHub keeps for a step.
const MAX: usize = 10;

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<&Finding> = scan.findings.iter().filter(|it| it.is_open_failure()).collect();
    let (errors, warnings): (Vec<&Finding>, Vec<&Finding>) =
        open.iter().partition(|finding| finding.severity() >= Severity::High);
    for (level, findings) in [("error", &errors), ("warning", &warnings)] {
        for finding in findings.iter().take(MAX) {
            annotate(level, finding, out)?;
        }
    }
    let hidden = errors.len().saturating_sub(MAX) + warnings.len().saturating_sub(MAX);
    let mut sentences = vec![counted(count_of(open.len()), "open failure")];
    if hidden > 0 {
        sentences.push(format!("{hidden} of them are not shown as annotations"));
    }
    if !scan.gaps.is_empty() {
        sentences.push(format!("{} in what was read", counted(count_of(scan.gaps.len()), "gap")));
    }
    sentences.extend(scan.gate.reasons.iter().cloned());
    let text = data(&plain(&sentences.join("; ")));
    writeln!(out, "::notice title={}::{text}", property("postura"))
}

fn annotate(level: &str, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{}: {}", finding.severity(), plain(finding.title()));
    let title = property(&title);
    let place = finding.details.location.as_ref().map(|location| {
        format!("file={},line={},", property(&plain(&location.path)), location.line)
    });
    let text = data(&failure_text(finding));
    writeln!(out, "::{level} {}title={title}::{text}", place.unwrap_or_default())
}

/// A message as workflow commands spell it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property as workflow commands spell it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
