//! What a history keeps of a scan: numbers by severity, account and framework, on one small line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Scan;
use crate::aws::AccountId;
use crate::check::{Severity, Verdict};

/// The version of the lines.
pub const VERSION: u32 = 1;

/// The most scans of a trend.
const MAX: usize = 30;

/// The numbers of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The version of the line.
    pub version: u32,
    /// When it was scanned, seconds since 1970-01-01T00:00:00Z.
    pub scanned_at: i64,
    /// The policy.
    pub policy: String,
    /// Whether nothing failed the gate.
    pub passed: bool,
    /// Whether gaps went beyond what the policy tolerates.
    pub incomplete: bool,
    /// By severity.
    pub severities: BTreeMap<Severity, Counts>,
    /// Open failures by account; accounts that were scanned and have none are there with 0.
    pub accounts: BTreeMap<AccountId, u64>,
    /// Open failures by framework, as far as its requirements are spoken to.
    pub frameworks: BTreeMap<String, u64>,
}

/// The numbers of a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Open failures.
    pub fail: u64,
    /// Failures that an exception accepts.
    pub excepted: u64,
    /// Undecided.
    pub unknown: u64,
}

impl Point {
    /// The numbers of a scan.
    pub fn of(scan: &Scan) -> Self {
        let mut point = Self {
            version: VERSION,
            scanned_at: scan.scanned_at,
            policy: scan.gate.policy.clone(),
            passed: scan.gate.passed,
            incomplete: scan.gate.incomplete,
            severities: BTreeMap::new(),
            accounts: BTreeMap::new(),
            frameworks: BTreeMap::new(),
        };
        let read = scan.accounts.iter().filter(|it| it.was_scanned());
        point.accounts.extend(read.map(|it| (it.id.clone(), 0)));
        for finding in &scan.findings {
            let counts = point.severities.entry(finding.severity()).or_default();
            match finding.verdict {
                Verdict::Unknown => counts.unknown += 1,
                Verdict::Fail if !finding.is_unexcused_failure() => counts.excepted += 1,
                // Its root is counted.
                Verdict::Fail if !finding.is_open_failure() => {}
                Verdict::Fail => {
                    counts.fail += 1;
                    *point.accounts.entry(finding.account().clone()).or_default() += 1;
                    let mut names: Vec<&str> = finding
                        .controls()
                        .iter()
                        .filter_map(|it| it.split_once('/').map(|(name, _)| name))
                        .collect();
                    names.sort_unstable();
                    names.dedup();
                    for name in names {
                        *point.frameworks.entry(name.to_owned()).or_default() += 1;
                    }
                }
                Verdict::Pass | Verdict::NotApplicable => {}
            }
        }
        point
    }

    /// The open failures of a severity.
    pub fn failures(&self, severity: Severity) -> u64 {
        self.severities.get(&severity).map_or(0, |it| it.fail)
    }
}

/// The scans by the same policy up to this one, the oldest first, with this one at the end.
pub fn trend(history: &[Point], now: Point) -> Vec<Point> {
    let earlier =
        history.iter().filter(|it| it.policy == now.policy && it.scanned_at < now.scanned_at);
    let mut points: Vec<Point> = earlier.cloned().collect();
    points.sort_by_key(|it| it.scanned_at);
    points.push(now);
    points.drain(..points.len().saturating_sub(MAX));
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::sample;

    #[test]
    fn a_scan_is_counted_by_severity_account_and_framework() {
        let point = Point::of(&sample::scan());
        let text = serde_json::to_string(&point).unwrap();
        insta::assert_snapshot!(text, @r#"
            {"version":1,"scanned_at":1767323045,"policy":"baseline","passed":false,"incomplete":true,"severities":{"medium":{"fail":0,"excepted":0,"unknown":1},"high":{"fail":3,"excepted":1,"unknown":0},"critical":{"fail":2,"excepted":0,"unknown":0}},"accounts":{"111122223333":5,"444455556666":0},"frameworks":{"cis-aws-7.0":5}}
            "#);
        assert_eq!(serde_json::from_str::<Point>(&text).unwrap(), point);
        let open = sample::scan().findings.iter().filter(|it| it.is_open_failure()).count();
        let sum: u64 = point.accounts.values().sum();
        assert_eq!(sum, u64::try_from(open).unwrap());
    }

    #[test]
    fn a_trend_holds_earlier_scans_of_the_same_policy_only() {
        let at = |scanned_at, policy: &str| Point {
            scanned_at,
            policy: policy.into(),
            ..Point::of(&sample::scan())
        };
        let history = [at(3, "a"), at(1, "a"), at(2, "b"), at(9, "a"), at(5, "a")];
        let times = |points: &[Point]| points.iter().map(|it| it.scanned_at).collect::<Vec<_>>();
        assert_eq!(times(&trend(&history, at(5, "a"))), [1, 3, 5]);
        let many: Vec<Point> = (0..100).map(|time| at(time, "a")).collect();
        let trend = trend(&many, at(100, "a"));
        assert_eq!((trend.len(), trend[0].scanned_at), (MAX, 71));
    }
}
