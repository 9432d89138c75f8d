//! `html`: one file that an auditor can mail. It opens without any request, and begins with the
//! answer.
//!
//! The page is drawn by the script in it from the JSON in it. What comes from accounts is data only:
//! it stands in a `script` element that no browser runs, with `<` written as `\u003c` so that
//! nothing ends the element early, and reaches the page as text nodes. The Content-Security-Policy in
//! the file allows this very script and this very style by their hashes, and no request at all.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::json::Head;
use super::text::{head, plain, time};
use super::{Options, TOOL, escape};
use crate::check::{CheckId, Evidence, Severity, Verdict};
use crate::finding::trend::Point;
use crate::finding::{Exception, Finding, Fingerprint, Location, Scan, Tags};
use crate::inventory::Reason;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = concat!(
    include_str!("html/core.js"),
    include_str!("html/list.js"),
    include_str!("html/views.js")
);

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{TOOL}: {}, {}", head(&scan.gate.policy, 100), time(scan.scanned_at));
    let title = markup(&title);
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once('{') {
        out.write_all(before.as_bytes())?;
        let (name, after) = after.split_once('}').unwrap_or_default();
        match name {
            "policy" => out.write_all(policy().as_bytes())?,
            "title" => out.write_all(title.as_bytes())?,
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            _ => data(scan, out)?,
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// What the page may do: run this script, use this style, and nothing else.
fn policy() -> String {
    let (script, style) = (hash(SCRIPT), hash(STYLE));
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; \
         img-src data:; base-uri 'none'; form-action 'none'"
    )
}

fn hash(text: &str) -> String {
    base64(&Sha256::digest(text.as_bytes()))
}

/// Base64 as RFC 4648 has it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap_or_default();
            let digit = DIGITS.get(index).filter(|_| at <= chunk.len());
            text.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
    text
}

/// Text for HTML content and attributes.
fn markup(text: &str) -> String {
    let text = plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

fn data(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let known: BTreeSet<&CheckId> = scan.checks.iter().map(|check| &check.id).collect();
    let findings = Findings { findings: &scan.findings, known };
    escape::in_script(&Document { head: Head::new(scan), trend: &scan.trend, findings }, out)
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    /// Earlier scans of a history and this one; empty without a history.
    #[serde(skip_serializing_if = "<[Point]>::is_empty")]
    trend: &'a [Point],
    findings: Findings<'a>,
}

struct Findings<'a> {
    findings: &'a [Finding],
    known: BTreeSet<&'a CheckId>,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = |finding| Row::new(finding, &self.known);
        serializer.collect_seq(self.findings.iter().map(row))
    }
}

/// A verdict in as few bytes as the page needs: what is empty, or told by the check, is left out.
#[derive(Serialize)]
struct Row<'a> {
    id: Fingerprint,
    check: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    verdict: Verdict,
    severity: Severity,
    account: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    r#type: &'a str,
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a [Evidence]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a BTreeMap<String, Json>>,
    /// The texts of the check's remediation that this resource's values fill.
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'a Exception>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Place<'a>>,
    #[serde(skip_serializing_if = "<[CheckId]>::is_empty")]
    implied_by: &'a [CheckId],
    #[serde(skip_serializing_if = "<[CheckId]>::is_empty")]
    implies: &'a [CheckId],
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: usize,
}

impl<'a> Row<'a> {
    fn new(finding: &'a Finding, known: &BTreeSet<&CheckId>) -> Self {
        let (resource, detail) = (finding.resource(), &*finding.details);
        let list = |empty: bool| if empty { None } else { Some(()) };
        let place = |location: &'a Location| Place { path: &location.path, line: location.line };
        Self {
            id: finding.fingerprint,
            check: finding.check().as_str(),
            title: Some(finding.title()).filter(|_| !known.contains(finding.check())),
            verdict: finding.verdict,
            severity: finding.severity(),
            account: finding.account().as_str(),
            region: finding.region().map(|region| region.as_str()),
            r#type: &resource.r#type,
            resource: &resource.id,
            arn: resource.arn.as_deref(),
            name: resource.name.as_deref(),
            tags: list(resource.tags.is_empty()).map(|()| &resource.tags),
            messages: list(detail.messages.is_empty()).map(|()| detail.messages.as_slice()),
            evidence: list(detail.evidence.is_empty()).map(|()| detail.evidence.as_slice()),
            unknown: detail.unknown.iter().map(reason).collect(),
            remediation: list(detail.remediation.is_empty()).map(|()| {
                detail.remediation.iter().map(|(kind, text)| (&**kind, &**text)).collect()
            }),
            params: list(finding.params().is_empty()).map(|()| finding.params()),
            exception: detail.exception.as_deref(),
            location: detail.location.as_deref().map(place),
            implied_by: &detail.implied_by,
            implies: &detail.implies,
        }
    }
}

/// A reason with its place.
fn reason(reason: &Reason) -> String {
    let such_as = if reason.more_accounts > 0 { "such as " } else { "" };
    let account = reason.account.as_ref().map(|account| format!("{such_as}account {account}"));
    let place: Vec<String> =
        account.into_iter().chain(reason.region.as_ref().map(ToString::to_string)).collect();
    if place.is_empty() { reason.to_string() } else { format!("{reason} ({})", place.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::sample;

    fn page(scan: &Scan) -> String {
        let mut out = Vec::new();
        write(scan, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// What stands between a tag and the next end tag of that name.
    fn within<'a>(page: &'a str, tag: &str, end: &str) -> &'a str {
        let (_, rest) = page.split_once(tag).unwrap();
        rest.split_once(end).unwrap().0
    }

    fn data_of(page: &str) -> Json {
        let data = within(page, "<script type=\"application/json\" id=\"data\">", "</script>");
        serde_json::from_str(data).unwrap()
    }

    #[test]
    fn base64_equals_the_vectors_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn the_policy_allows_what_is_in_the_file_and_no_request() {
        let page = page(&sample::scan());
        let script = hash(within(&page, "<script>", "</script>"));
        let style = hash(within(&page, "<style>", "</style>"));
        let policy = within(&page, "Content-Security-Policy\" content=\"", "\">");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains(&format!("script-src 'sha256-{script}';")), "{policy}");
        assert!(policy.contains(&format!("style-src 'sha256-{style}';")), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn nothing_is_loaded_and_no_text_becomes_markup() {
        for asset in [PAGE, STYLE, SCRIPT] {
            let known = asset.replace("http://www.w3.org/2000/svg", "").replace("\"https://\"", "");
            let loads =
                ["http:", "https:", "//cdn", "url(", "@import", " src=", "fetch(", "import("];
            for bad in loads.iter().chain(&["XMLHttpRequest", "WebSocket", "sendBeacon"]) {
                assert!(!known.contains(bad), "{bad}");
            }
            let markup =
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("];
            for bad in markup.iter().chain(&["new Function", "DOMParser", "srcdoc", "javascript:"])
            {
                assert!(!known.contains(bad), "{bad}");
            }
        }
    }

    #[test]
    fn hostile_texts_stay_in_the_data_and_come_out_as_they_were() {
        let attack =
            "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>{title}'\"&";
        let mut scan = sample::scan();
        scan.gate.policy = attack.into();
        for finding in &mut scan.findings {
            Arc::make_mut(&mut finding.site).resource.id = attack.into();
            Arc::make_mut(&mut finding.site).resource.tags =
                [(attack.to_owned(), "x".repeat(4_096))].into_iter().collect();
            finding.details.messages = vec![attack.into()];
        }
        let page = page(&scan);
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<img") && !page.contains("<!--"));
        let data = data_of(&page);
        assert_eq!(data["policy"]["name"], attack);
        assert_eq!(data["findings"][0]["resource"], attack);
        assert_eq!(data["findings"].as_array().unwrap().len(), scan.findings.len());
    }

    #[test]
    fn a_finding_without_its_check_brings_its_title() {
        let mut scan = sample::scan();
        scan.checks.clear();
        let data = data_of(&page(&scan));
        assert_eq!(data["findings"][0]["title"], scan.findings[0].title());
        assert!(data_of(&page(&sample::scan()))["findings"][0].get("title").is_none());
    }

    #[test]
    fn twenty_thousand_findings_are_a_file_that_can_be_mailed() {
        let mut scan = sample::scan();
        let open = scan.findings.iter().find(|it| it.details.location.is_some()).unwrap().clone();
        scan.findings = vec![open; 20_000];
        let page = page(&scan);
        assert!(page.len() < 15_000_000, "{} bytes", page.len());
        assert!(PAGE.len() + STYLE.len() + SCRIPT.len() < 64_000);
    }
}
