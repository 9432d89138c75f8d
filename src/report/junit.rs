//! `junit`: the XML that continuous integration shows as tests. A check is a suite, a resource a
//! case. An unknown verdict is an error, since a green test would claim what was not seen; so is
//! every gap and every account that could not be read, in a suite of their own. Excepted and
//! inapplicable verdicts are skipped.

use std::io::{self, Write};

use super::text::{head, plain};
use super::{Options, failure_text};
use crate::check::Verdict;
use crate::finding::{Finding, Scan};
use crate::inventory::AccountStatus;

/// The longest text of a case.
const MAX_TEXT: usize = 10_000;

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let unread = unread(scan);
    let all: Vec<&Finding> = scan.findings.iter().collect();
    writeln!(out, "<testsuites name=\"postura\" {}>", counts(&all, unread.len()))?;
    if !unread.is_empty() {
        writeln!(out, "  <testsuite name=\"reading\" {}>", counts(&[], unread.len()))?;
        for (name, why) in &unread {
            let (name, why) = (escape(name), escape(why));
            writeln!(
                out,
                "    <testcase name=\"{name}\" classname=\"reading\"><error type=\"gap\" \
                 message=\"{why}\"/></testcase>"
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    for check in &scan.checks {
        let cases: Vec<&Finding> =
            scan.findings.iter().filter(|finding| *finding.check() == check.id).collect();
        if cases.is_empty() {
            continue;
        }
        let name = escape(check.id.as_str());
        writeln!(out, "  <testsuite name=\"{name}\" {}>", counts(&cases, 0))?;
        cases.into_iter().try_for_each(|finding| case(finding, out))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// What could not be read: its place, and why.
fn unread(scan: &Scan) -> Vec<(String, String)> {
    let accounts = scan.accounts.iter().filter_map(|account| match &account.status {
        AccountStatus::Failed(reason) => Some((account.id.to_string(), reason.to_string())),
        AccountStatus::Scanned | AccountStatus::Skipped(_) => None,
    });
    let gaps = scan.gaps.iter().map(|gap| {
        let account = gap.reason.account.as_ref().map_or("all", |account| account.as_str());
        let region = gap.reason.region.as_ref().map_or("global", |region| region.as_str());
        (format!("{account} {region} {}", gap.reason.action), gap.reason.to_string())
    });
    accounts.chain(gaps).collect()
}

fn counts(findings: &[&Finding], unread: usize) -> String {
    let count = |holds: &dyn Fn(&Finding) -> bool| findings.iter().filter(|it| holds(it)).count();
    let failures = count(&Finding::is_open_failure);
    let unknown = count(&|it| it.verdict == Verdict::Unknown);
    let passed = count(&|it| it.verdict == Verdict::Pass);
    let skipped = findings.len() - failures - unknown - passed;
    let (tests, errors) = (findings.len() + unread, unknown + unread);
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn case(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let region = finding.region_or_global();
    let name = format!("{} {region} {}", finding.account(), finding.resource().id);
    let class = escape(&format!("{}.{}", finding.severity(), finding.check()));
    write!(out, "    <testcase name=\"{}\" classname=\"{class}\"", escape(&name))?;
    match finding.verdict {
        Verdict::Pass => return writeln!(out, "/>"),
        Verdict::Fail if finding.is_unexcused_failure() && !finding.is_open_failure() => {
            let roots: Vec<&str> =
                finding.details.implied_by.iter().map(|it| it.as_str()).collect();
            let why = format!("follows from {}", roots.join(", "));
            write!(out, "><skipped message=\"{}\"/>", escape(&why))?;
        }
        Verdict::Fail => match finding.details.exception.as_ref().filter(|it| it.in_force) {
            None => {
                let text = escape(&failure_text(finding));
                let kind = finding.severity();
                write!(
                    out,
                    "><failure type=\"{kind}\" message=\"{}\">{text}</failure>",
                    escape(finding.title())
                )?;
            }
            Some(exception) => {
                let why = format!("accepted by {}: {}", exception.owner, exception.reason);
                write!(out, "><skipped message=\"{}\"/>", escape(&why))?;
            }
        },
        Verdict::Unknown => {
            let reasons: Vec<String> =
                finding.details.unknown.iter().map(ToString::to_string).collect();
            let why = escape(&reasons.join("; "));
            write!(out, "><error type=\"unknown\" message=\"{why}\"/>")?;
        }
        Verdict::NotApplicable => {
            write!(
                out,
                "><skipped message=\"{}\"/>",
                escape(&finding.details.messages.join("; "))
            )?;
        }
    }
    writeln!(out, "</testcase>")
}

/// Text for XML content and attributes; what XML cannot hold has been written out before.
fn escape(text: &str) -> String {
    head(&plain(text), MAX_TEXT)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}
