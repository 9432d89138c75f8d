//! `csv`: every verdict as a line of a spreadsheet (RFC 4180), for auditors.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe.

use std::borrow::Cow;
use std::io::{self, Write};

use super::Options;
use super::text::plain;
use crate::finding::{Finding, Scan};

const COLUMNS: [&str; 18] = [
    "severity",
    "verdict",
    "check",
    "title",
    "account",
    "region",
    "resource_type",
    "resource_id",
    "resource_name",
    "arn",
    "messages",
    "unknown",
    "exception_owner",
    "exception_reason",
    "exception_expires",
    "exception_holds",
    "controls",
    "fingerprint",
];

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    line(COLUMNS.map(Cow::Borrowed), out)?;
    scan.findings.iter().try_for_each(|finding| line(cells(finding), out))
}

fn cells(finding: &Finding) -> [Cow<'_, str>; 18] {
    let text = |text: &Option<String>| Cow::Owned(text.clone().unwrap_or_default());
    let exception = finding.details.exception.as_ref();
    let joined =
        |texts: &mut dyn Iterator<Item = String>| Cow::Owned(texts.collect::<Vec<_>>().join("; "));
    [
        finding.severity().as_str().into(),
        finding.verdict.as_str().into(),
        finding.check().as_str().into(),
        Cow::Borrowed(finding.title()),
        finding.account().as_str().into(),
        finding.region_or_global().into(),
        Cow::Borrowed(&finding.resource().r#type),
        Cow::Borrowed(&finding.resource().id),
        text(&finding.resource().name),
        text(&finding.resource().arn),
        joined(&mut finding.details.messages.iter().cloned()),
        joined(&mut finding.details.unknown.iter().map(ToString::to_string)),
        exception.map_or("", |it| &it.owner).into(),
        exception.map_or("", |it| &it.reason).into(),
        exception.and_then(|it| it.expires.as_deref()).unwrap_or_default().into(),
        exception.map_or("", |it| if it.in_force { "yes" } else { "no" }).into(),
        joined(&mut finding.controls().iter().cloned()),
        finding.fingerprint.to_string().into(),
    ]
}

fn line(cells: [Cow<'_, str>; 18], out: &mut dyn Write) -> io::Result<()> {
    let cells = cells.map(|text| cell(&text));
    write!(out, "{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let text = plain(text);
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let guard = if formula { "'" } else { "" };
    if text.contains(['"', ',', '\'', ';']) || formula {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("  @SUM(A1)"), "\"'  @SUM(A1)\"");
        assert_eq!(cell("-1"), "\"'-1\"");
        assert_eq!(cell("＝1"), "\"'＝1\"");
        assert_eq!(cell("a\r\nb\t"), "a\\r\\nb\\t");
    }
}
