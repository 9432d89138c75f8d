//! `markdown`: a job summary or pull-request comment in GitHub's Markdown, at most 1 MiB long.
//!
//! What comes from accounts stands in `<code>` with all punctuation as entities: there it cannot
//! become a link, an image, a mention or a reference. Where the limit would be passed, the mildest
//! findings are left out and counted.

mod advice;

use std::fmt::Write as _;
use std::io::{self, Write};

use self::advice::advice;
use super::summary::Summary;
use super::text::{count_of, counted, head, middle_cut, plain, time};
use super::{Options, TOOL, TOOL_VERSION, consequences, implied};
use crate::check::{Severity, Verdict};
use crate::finding::trend::Point;
use crate::finding::{Compliance, Finding, Scan, State};
use crate::inventory::{AccountStatus, Reason};

/// GitHub drops a step's summary beyond 1 MiB; the room below is for the last note.
const MAX_BYTES: usize = (1 << 20) - 4_096;

/// The longest text of a cell.
const MAX_CELL: usize = 600;

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut text = answer(scan);
    if let Some(compliance) = &scan.gate.compliance {
        text.push_str(&requirements(compliance));
    }
    text.push_str(&trend(&scan.trend));
    let end = [unknowns(scan), not_read(scan), footer(scan)].concat();
    let end = head(&end, MAX_BYTES / 4).into_owned();
    failures(scan, &mut text, MAX_BYTES.saturating_sub(end.len()));
    text.push_str(&end);
    out.write_all(text.as_bytes())
}

fn answer(scan: &Scan) -> String {
    let gate = &scan.gate;
    let decision = match (gate.passed, gate.incomplete) {
        (true, false) => "✅ Gate passed",
        (true, true) => "⚠️ Nothing failed the gate, but the scan is incomplete",
        (false, false) => "❌ Gate failed",
        (false, true) => "❌ Gate failed, and the scan is incomplete",
    };
    let mut text = format!("## {decision}\n\n");
    for reason in &gate.reasons {
        let _ = writeln!(text, "- {}", code(reason));
    }
    for warning in &gate.warnings {
        let _ = writeln!(text, "- warning: {}", code(warning));
    }
    let summary = Summary::of(scan);
    let accounts = &summary.accounts;
    let _ = writeln!(
        text,
        "\n{} scanned, {} skipped, {} failed. {}, {}, {}.\n",
        counted(accounts.scanned, "account"),
        accounts.skipped,
        accounts.failed,
        counted(summary.regions, "region"),
        counted(summary.resources, "resource"),
        counted(summary.gaps, "gap"),
    );
    text.push_str("| severity | fail | excepted | unknown | pass | not applicable |\n");
    text.push_str("|---|---:|---:|---:|---:|---:|\n");
    let named = summary.verdicts.iter().map(|(severity, counts)| (severity.as_str(), counts));
    for (name, counts) in named.chain([("all", &summary.total)]) {
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} |",
            counts.fail, counts.excepted, counts.unknown, counts.pass, counts.not_applicable
        );
    }
    if let Some(more) = implied(&summary) {
        let _ = writeln!(text, "\n{more}.");
    }
    text
}

fn requirements(compliance: &Compliance) -> String {
    let mut text = format!("\n### {}\n\n", escape(&compliance.title));
    let counts: Vec<String> = State::ALL
        .into_iter()
        .map(|state| format!("{} {}", compliance.count(state), state.as_str()))
        .collect();
    let _ = writeln!(text, "{}.\n", counts.join(", "));
    text.push_str("| requirement | | state | failures | unknown |\n|---|---|---|---:|---:|\n");
    for it in &compliance.requirements {
        if !matches!(it.state, State::NotMet | State::Unknown) {
            continue;
        }
        let (id, title) = (escape(&it.id), escape(&it.title));
        let state = it.state.as_str();
        let _ = writeln!(text, "| {id} | {title} | {state} | {} | {} |", it.failures, it.unknown);
    }
    text
}

/// Open failures over the last scans, a line a severity.
fn trend(points: &[Point]) -> String {
    let [first, .., last] = points else { return String::new() };
    let day = |point: &Point| time(point.scanned_at).chars().take(10).collect::<String>();
    let mut text = format!(
        "\n### {} from {} to {}\n\n",
        counted(count_of(points.len()), "scan"),
        day(first),
        day(last)
    );
    text.push_str("| severity | open failures | first | last |\n|---|---|---:|---:|\n");
    for severity in Severity::ALL {
        let counts: Vec<u64> = points.iter().map(|point| point.failures(severity)).collect();
        if counts.iter().all(|count| *count == 0) {
            continue;
        }
        let (from, to) = (first.failures(severity), last.failures(severity));
        let _ = writeln!(text, "| {severity} | {} | {from} | {to} |", bars(&counts));
    }
    let passed = points.iter().filter(|point| point.passed && !point.incomplete).count();
    let _ = writeln!(text, "\nThe gate passed in {passed} of them.");
    text
}

/// A bar for each number, as high as it is beside the greatest.
fn bars(counts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |count: &u64| {
        let height = usize::try_from(count.saturating_mul(7).div_ceil(most)).unwrap_or(7);
        BARS.get(height).copied().unwrap_or('█')
    };
    counts.iter().map(bar).collect()
}

/// Adds open failures, the worst first, as far as they fit.
fn failures(scan: &Scan, text: &mut String, limit: usize) {
    let open: Vec<&Finding> = scan.findings.iter().filter(|it| it.is_open_failure()).collect();
    if open.is_empty() {
        text.push_str("\nNo open failures.\n");
        return;
    }
    let _ = writeln!(text, "\n### {}", counted(count_of(open.len()), "open failure"));
    let mut written = 0;
    'all: for group in open.chunk_by(|a, b| a.check() == b.check() && a.severity() == b.severity())
    {
        let Some(first) = group.first() else { continue };
        let heading = format!(
            "\n#### {}: {}\n\n`{}`\n\n{}| account | region | resource | |\n|---|---|---|---|\n",
            first.severity(),
            escape(first.title()),
            first.check(),
            advice(scan.checks.iter().find(|check| check.id == *first.check()), group),
        );
        let mut pending = Some(heading);
        for finding in group {
            let row = row(finding);
            let heading = pending.as_ref().map_or(0, String::len);
            if text.len() + heading + row.len() > limit {
                break 'all;
            }
            text.push_str(&pending.take().unwrap_or_default());
            text.push_str(&row);
            written += 1;
        }
    }
    if written < open.len() {
        let _ = writeln!(
            text,
            "\n{} of {} open failures are shown, the most severe ones: a summary has room for no \
             more.",
            written,
            open.len()
        );
    }
}

fn row(finding: &Finding) -> String {
    let region = finding.region_or_global();
    let place =
        finding.details.location.as_ref().map(|location| {
            format!("<br>{}", code(&format!("{}:{}", location.path, location.line)))
        });
    let more = consequences(finding);
    let messages: Vec<String> =
        finding.details.messages.iter().chain(more.as_ref()).map(|message| code(message)).collect();
    format!(
        "| {} | {region} | {}{} | {} |\n",
        finding.account(),
        code(&middle_cut(&finding.resource().id, 120)),
        place.unwrap_or_default(),
        messages.join("<br>")
    )
}

fn unknowns(scan: &Scan) -> String {
    let mut sums: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for finding in scan.findings.iter().filter(|it| it.verdict == Verdict::Unknown) {
        let reasons: std::collections::BTreeSet<String> =
            finding.details.unknown.iter().map(Reason::to_string).collect();
        for reason in reasons {
            *sums.entry(reason).or_default() += 1;
        }
    }
    if sums.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n### Unknown, because of\n\n| verdicts | reason |\n|---:|---|\n");
    for (reason, count) in sums {
        let _ = writeln!(text, "| {count} | {} |", code(&reason));
    }
    text
}

fn not_read(scan: &Scan) -> String {
    let mut text = String::new();
    for account in &scan.accounts {
        let why = match &account.status {
            AccountStatus::Scanned => continue,
            AccountStatus::Skipped(why) => format!("skipped: {why}"),
            AccountStatus::Failed(reason) => format!("failed: {reason}"),
        };
        let _ = writeln!(text, "| {} | | {} | |", account.id, code(&why));
    }
    for gap in &scan.gaps {
        let account = gap.reason.account.as_ref().map_or("", |account| account.as_str());
        let region = gap.reason.region.as_ref().map_or("global", |region| region.as_str());
        let reason = code(&gap.reason.to_string());
        let _ = writeln!(text, "| {account} | {region} | {reason} | {} |", gap.count);
    }
    if text.is_empty() {
        return text;
    }
    format!("\n### Not read\n\n| account | region | | times |\n|---|---|---|---:|\n{text}")
}

fn footer(scan: &Scan) -> String {
    let policy = code(&scan.gate.policy);
    format!("\n{TOOL} {TOOL_VERSION}, policy {policy}, read {}\n", time(scan.scanned_at))
}

/// Text as text: nothing in it is Markdown or HTML.
pub(crate) fn escape(text: &str) -> String {
    let text = plain(text);
    let text = head(&text, MAX_CELL);
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            ' ' | ',' | '-' | '(' | ')' | '/' | ';' | '%' => escaped.push(character),
            // A full stop and a colon would make addresses into links.
            _ if character.is_ascii_punctuation() => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The same as code.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}
