//! A baseline: the failures that an earlier scan already had, by fingerprint.
//!
//! A finding is *new* when the baseline has no failure of its fingerprint. A verdict that was
//! unknown then and fails now is new; a check whose parameters changed keeps its fingerprints, so
//! what fails by the new parameters on a resource that failed before is not new; a resource that was
//! renamed or made anew is another resource.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use crate::check::Verdict;
use crate::finding::{Finding, Fingerprint};

/// The version of result files that is read.
const VERSION: u32 = 1;

/// The failures of an earlier scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    failures: BTreeSet<Fingerprint>,
}

/// Why a file is no baseline.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// Neither `json` nor `jsonl` results.
    #[error("this is no result file of postura")]
    NotResults(#[source] serde_json::Error),
    /// Results of another version of the format.
    #[error("these results have format version {0}, and this postura reads version {VERSION}")]
    Version(u32),
    /// JSON Lines whose last line is missing.
    #[error("the results are cut short: the line with the summary is missing")]
    Truncated,
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    fingerprint: Fingerprint,
    verdict: Verdict,
}

#[derive(Deserialize)]
struct LastLine {
    version: u32,
    #[serde(rename = "summary")]
    _summary: IgnoredAny,
    findings: Option<IgnoredAny>,
}

impl Baseline {
    /// The failures among findings; excepted ones too, since an exception that ends is no news about
    /// the account.
    pub fn of(findings: &[Finding]) -> Self {
        let failures = findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
        Self { failures: failures.map(|finding| finding.fingerprint).collect() }
    }

    /// The failures of `json` or `jsonl` results.
    ///
    /// # Errors
    /// When the text is neither, is cut short, or has another version.
    pub fn from_results(text: &str) -> Result<Self, BaselineError> {
        let entries = match serde_json::from_str::<Document>(text) {
            Ok(document) if document.version == VERSION => document.findings,
            Ok(document) => return Err(BaselineError::Version(document.version)),
            Err(error) => {
                lines(text).map_err(|other| other.unwrap_or(BaselineError::NotResults(error)))?
            }
        };
        let failures = entries.into_iter().filter(|entry| entry.verdict == Verdict::Fail);
        Ok(Self { failures: failures.map(|entry| entry.fingerprint).collect() })
    }

    /// Whether a failure of that fingerprint was there.
    pub fn holds_failure(&self, fingerprint: &Fingerprint) -> bool {
        self.failures.contains(fingerprint)
    }

    /// The number of failures.
    pub fn len(&self) -> usize {
        self.failures.len()
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.failures.is_empty()
    }
}

/// The findings of JSON Lines. An error of `None` means that it is something else altogether.
fn lines(text: &str) -> Result<Vec<Entry>, Option<BaselineError>> {
    let lines: Vec<&str> = text.lines().collect();
    let Some((last, findings)) = lines.split_last() else { return Err(None) };
    let entries: Result<Vec<Entry>, _> =
        findings.iter().map(|line| serde_json::from_str(line)).collect();
    let entries = entries.map_err(|_| None)?;
    match serde_json::from_str::<LastLine>(last) {
        Ok(last) if last.findings.is_some() => Err(None),
        Ok(last) if last.version == VERSION => Ok(entries),
        Ok(last) => Err(Some(BaselineError::Version(last.version))),
        Err(_) if serde_json::from_str::<Entry>(last).is_ok() => {
            Err(Some(BaselineError::Truncated))
        }
        Err(_) => Err(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAIL: &str =
        r#"{"fingerprint":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","verdict":"fail","check":"x"}"#;
    const UNKNOWN: &str =
        r#"{"fingerprint":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","verdict":"unknown"}"#;

    fn known(baseline: &Baseline, digits: &str) -> bool {
        baseline.holds_failure(&digits.repeat(16).parse().unwrap())
    }

    #[test]
    fn json_and_json_lines_give_the_same_failures() {
        let json = format!(r#"{{"version":1,"findings":[{FAIL},{UNKNOWN}]}}"#);
        let jsonl = format!("{FAIL}\n{UNKNOWN}\n{{\"version\":1,\"summary\":{{}}}}\n");
        for text in [json, jsonl] {
            let baseline = Baseline::from_results(&text).unwrap();
            assert!(known(&baseline, "aa") && !known(&baseline, "bb"), "unknown was no failure");
            assert_eq!(baseline.len(), 1);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let error = |text: &str| Baseline::from_results(text).unwrap_err();
        assert!(matches!(error(""), BaselineError::NotResults(_)));
        assert!(matches!(error("{}"), BaselineError::NotResults(_)));
        assert!(matches!(error(r#"{"version":2,"findings":[]}"#), BaselineError::Version(2)));
        assert!(matches!(error(&format!("{FAIL}\n{FAIL}\n")), BaselineError::Truncated));
        assert!(matches!(error(r#"{"version":1,"findings":[{}]}"#), BaselineError::NotResults(_)));
    }
}
