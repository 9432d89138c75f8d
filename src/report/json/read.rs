//! Reads the `json` report back, so that it can be written in another format later.
//!
//! The text is hostile: every name goes through its constructor, and a mistake tells its line and
//! column. Keys that this version does not know are ignored, since later ones only add keys.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use thiserror::Error;

use super::VERSION;
use crate::aws::{AccountId, Partition, Region};
use crate::check::{CheckId, Evidence, Severity, Verdict};
use crate::finding::{
    Assessed, CheckSummary, Compliance, Detail, Exception, Finding, Fingerprint, GateResult,
    Location, Resource, Rule, Scan, ScanStats, Site, State,
};
use crate::inventory::{Account, AccountStatus, Gap, Reason};

/// Why a text is no `json` report.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Not JSON, or not of the form of the report.
    #[error("{line}:{column}: {message}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// JSON of another kind.
    #[error("1:1: not the results of `-o json`")]
    Other {
        /// What it looks like, and what reads that.
        help: Option<&'static str>,
    },
    /// A later version of the format.
    #[error("1:1: format version {0} is not known")]
    Version(u64),
}

impl ReadError {
    /// What to do about it, where we know.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Form { .. } => None,
            Self::Other { help } => help.map(str::to_owned),
            Self::Version(_) => Some(format!("this postura reads version {VERSION}")),
        }
    }
}

impl From<serde_json::Error> for ReadError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let message = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        Self::Form { line, column: column.max(1), message }
    }
}

/// The scan that a `json` report was written from.
///
/// # Errors
/// When the text is not such a report.
pub fn read(text: &str) -> Result<Scan, ReadError> {
    other_kind(text)?;
    let document: Document = serde_json::from_str(text)?;
    Ok(document.into_scan())
}

/// Refuses what is JSON but no report, by its first keys.
fn other_kind(text: &str) -> Result<(), ReadError> {
    #[derive(Deserialize)]
    struct Keys {
        version: Option<Json>,
        check: Option<IgnoredAny>,
        postura_snapshot: Option<IgnoredAny>,
        runs: Option<IgnoredAny>,
    }
    let first = serde_json::Deserializer::from_str(text).into_iter::<Keys>().next();
    let keys = match first {
        Some(Ok(keys)) => keys,
        Some(Err(error)) => return Err(error.into()),
        None => return Err(ReadError::Form { line: 1, column: 1, message: "empty file".into() }),
    };
    let help = match keys {
        Keys { postura_snapshot: Some(_), .. } => {
            Some("a snapshot is read by `postura scan --snapshot FILE`")
        }
        Keys { runs: Some(_), .. } => Some("this is SARIF, which leaves out what passed"),
        Keys { version: Some(Json::Number(version)), .. } => {
            let version = version.as_u64().unwrap_or_default();
            let known = version == u64::from(VERSION);
            return if known { Ok(()) } else { Err(ReadError::Version(version)) };
        }
        Keys { check: Some(_), .. } => Some("this is `-o jsonl`; write the scan with `-o json`"),
        Keys { .. } => None,
    };
    Err(ReadError::Other { help })
}

#[derive(Deserialize)]
struct Document {
    #[serde(deserialize_with = "seconds")]
    scanned_at: i64,
    policy: PolicyIn,
    accounts: Vec<AccountIn>,
    summary: SummaryIn,
    checks: Vec<CheckIn>,
    gaps: Vec<Gap>,
    #[serde(deserialize_with = "findings")]
    findings: Vec<Finding>,
}

impl Document {
    fn into_scan(self) -> Scan {
        let accounts: Vec<Account> = self.accounts.into_iter().map(Account::from).collect();
        let mut findings = self.findings;
        set_partitions(&mut findings, &accounts);
        Scan {
            scanned_at: self.scanned_at,
            resources: self.summary.resources_by_type,
            checks: self.checks.into_iter().map(CheckSummary::from).collect(),
            findings,
            gaps: self.gaps,
            gate: self.policy.into(),
            stats: ScanStats { calls: self.summary.calls, elapsed_ms: self.summary.elapsed_ms },
            accounts,
            trend: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct SummaryIn {
    resources_by_type: BTreeMap<String, u64>,
    #[serde(default)]
    calls: BTreeMap<String, u64>,
    elapsed_ms: Option<u64>,
}

#[derive(Deserialize)]
struct PolicyIn {
    name: String,
    passed: bool,
    incomplete: bool,
    reasons: Vec<String>,
    warnings: Vec<String>,
    compliance: Option<ComplianceIn>,
}

impl From<PolicyIn> for GateResult {
    fn from(policy: PolicyIn) -> Self {
        Self {
            policy: policy.name,
            passed: policy.passed,
            incomplete: policy.incomplete,
            reasons: policy.reasons,
            warnings: policy.warnings,
            compliance: policy.compliance.map(Compliance::from),
        }
    }
}

#[derive(Deserialize)]
struct ComplianceIn {
    framework: String,
    title: String,
    requirements: Vec<RequirementIn>,
}

#[derive(Deserialize)]
struct RequirementIn {
    id: String,
    title: String,
    #[serde(deserialize_with = "state")]
    state: State,
    checks: Vec<String>,
    failures: u64,
    unknown: u64,
}

impl From<ComplianceIn> for Compliance {
    fn from(compliance: ComplianceIn) -> Self {
        let assessed = |it: RequirementIn| {
            let RequirementIn { id, title, state, checks, failures, unknown } = it;
            Assessed { id, title, state, checks, failures, unknown }
        };
        Self {
            framework: compliance.framework,
            title: compliance.title,
            requirements: compliance.requirements.into_iter().map(assessed).collect(),
        }
    }
}

#[derive(Deserialize)]
struct AccountIn {
    id: AccountId,
    name: Option<String>,
    partition: Partition,
    organizational_units: Vec<String>,
    status: StatusIn,
    why: Option<String>,
    reason: Option<Reason>,
    regions: Vec<Region>,
    excluded_regions: Vec<Region>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum StatusIn {
    Scanned,
    Skipped,
    Failed,
}

impl From<AccountIn> for Account {
    fn from(account: AccountIn) -> Self {
        let why = account.why.unwrap_or_default();
        let status = match account.status {
            StatusIn::Scanned => AccountStatus::Scanned,
            StatusIn::Skipped => AccountStatus::Skipped(why),
            StatusIn::Failed => {
                let reason = account.reason;
                AccountStatus::Failed(reason.unwrap_or_else(|| Reason::from_words(&why)))
            }
        };
        Self {
            id: account.id,
            name: account.name,
            partition: account.partition,
            organizational_units: account.organizational_units,
            status,
            regions: account.regions,
            excluded_regions: account.excluded_regions,
        }
    }
}

#[derive(Deserialize)]
struct CheckIn {
    id: CheckId,
    title: String,
    severity: Severity,
    resource: String,
    description: String,
    risk: String,
    #[serde(deserialize_with = "in_order")]
    remediation: Vec<(String, String)>,
    controls: Vec<String>,
    links: Vec<String>,
    #[serde(default)]
    iac: Vec<String>,
    #[serde(default)]
    digest: String,
}

impl From<CheckIn> for CheckSummary {
    fn from(check: CheckIn) -> Self {
        Self {
            id: check.id,
            title: check.title,
            severity: check.severity,
            resource: check.resource,
            description: check.description,
            risk: check.risk,
            remediation: check.remediation,
            controls: check.controls,
            links: check.links,
            iac: check.iac,
            // The findings say what follows from what.
            implied_by: Vec::new(),
            digest: check.digest,
        }
    }
}

#[derive(Deserialize)]
struct FindingIn {
    check: CheckId,
    verdict: Verdict,
    severity: Severity,
    title: String,
    account: AccountId,
    region: Option<Region>,
    resource: Resource,
    messages: Vec<String>,
    evidence: Vec<Evidence>,
    unknown: Vec<Reason>,
    params: BTreeMap<String, Json>,
    #[serde(default, deserialize_with = "in_order")]
    remediation: Vec<(String, String)>,
    controls: Vec<String>,
    fingerprint: Fingerprint,
    exception: Option<Exception>,
    location: Option<Location>,
    #[serde(default)]
    implied_by: Vec<CheckId>,
    #[serde(default)]
    implies: Vec<CheckId>,
}

/// The rules and sites that were read, each once: a report repeats them for every finding, and
/// there may be millions.
#[derive(Default)]
struct Shared {
    rules: HashSet<Arc<Rule>>,
    sites: HashSet<Arc<Site>>,
}

impl Shared {
    /// The finding, with what it has in common with others shared.
    fn finding(&mut self, read: FindingIn) -> Finding {
        let rule = Rule {
            check: read.check,
            title: read.title,
            severity: read.severity,
            params: read.params,
            controls: read.controls,
        };
        let site = Site {
            account: read.account,
            // Findings do not tell it, accounts do.
            partition: Partition::default(),
            region: read.region,
            resource: read.resource,
        };
        let detail = Detail {
            messages: read.messages,
            evidence: read.evidence,
            unknown: read.unknown,
            remediation: read.remediation,
            exception: read.exception.map(Box::new),
            location: read.location.map(Box::new),
            implied_by: read.implied_by,
            implies: read.implies,
        };
        Finding {
            rule: shared(&mut self.rules, rule),
            site: shared(&mut self.sites, site),
            verdict: read.verdict,
            fingerprint: read.fingerprint,
            details: detail.into(),
        }
    }
}

fn shared<T: Eq + Hash>(known: &mut HashSet<Arc<T>>, value: T) -> Arc<T> {
    if let Some(known) = known.get(&value) {
        return Arc::clone(known);
    }
    let new = Arc::new(value);
    known.insert(Arc::clone(&new));
    new
}

/// Reads findings one by one: a list of them as they are written would take ten times the room.
fn findings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Finding>, D::Error> {
    struct Each;

    impl<'de> Visitor<'de> for Each {
        type Value = Vec<Finding>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut shared = Shared::default();
            let mut findings = Vec::new();
            while let Some(read) = list.next_element::<FindingIn>()? {
                findings.push(shared.finding(read));
            }
            Ok(findings)
        }
    }

    deserializer.deserialize_seq(Each)
}

/// Writes the partitions of the accounts into the findings, which share what they shared.
fn set_partitions(findings: &mut [Finding], accounts: &[Account]) {
    let other = accounts.iter().filter(|account| account.partition != Partition::default());
    let partitions: BTreeMap<&AccountId, Partition> =
        other.map(|account| (&account.id, account.partition)).collect();
    let mut sites: HashMap<Arc<Site>, Arc<Site>> = HashMap::new();
    for finding in findings {
        let Some(partition) = partitions.get(finding.account()).copied() else { continue };
        let site = sites
            .entry(Arc::clone(&finding.site))
            .or_insert_with_key(|site| Arc::new(Site { partition, ..Site::clone(site) }));
        finding.site = Arc::clone(site);
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time: jiff::Timestamp =
        text.parse().map_err(|_| D::Error::custom(format!("`{text}` is not a time")))?;
    Ok(time.as_second())
}

fn state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<State, D::Error> {
    let word = String::deserialize(deserializer)?;
    let known = State::ALL.into_iter().find(|state| state.as_str() == word);
    known.ok_or_else(|| D::Error::custom(format!("`{word}` is no state of a requirement")))
}

/// The texts of an object in the order in which they stand there.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    let map = serde_json::Map::deserialize(deserializer)?;
    let text = |(key, value): (String, Json)| match value {
        Json::String(text) => Ok((key, text)),
        _ => Err(D::Error::custom(format!("`{key}` is not a text"))),
    };
    map.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::sample;
    use crate::report::{Format, Options, write};

    fn render(format: Format, scan: &Scan) -> Vec<u8> {
        let mut out = Vec::new();
        write(format, scan, &Options::default(), &mut out).unwrap();
        out
    }

    fn document() -> String {
        String::from_utf8(render(Format::Json, &sample::scan())).unwrap()
    }

    #[test]
    fn a_scan_comes_back_whole_and_every_format_is_the_same() {
        let mut scan = sample::scan();
        let requirement = |state| Assessed {
            id: "1.1".into(),
            title: "Root".into(),
            state,
            checks: vec!["iam-root-no-access-keys".into()],
            failures: 1,
            unknown: 0,
        };
        scan.gate.compliance = Some(Compliance {
            framework: "cis".into(),
            title: "CIS".into(),
            requirements: State::ALL.map(requirement).into(),
        });
        let back = read(&String::from_utf8(render(Format::Json, &scan)).unwrap()).unwrap();
        assert_eq!(back, scan);
        for format in Format::ALL {
            assert_eq!(render(format, &back), render(format, &scan), "{format}");
        }
    }

    #[test]
    fn what_findings_have_in_common_is_read_once() {
        let mut scan = sample::scan();
        scan.accounts[0].partition = Partition::AwsCn;
        let own = scan.accounts[0].id.clone();
        for finding in scan.findings.iter_mut().filter(|it| *it.account() == own) {
            Arc::make_mut(&mut finding.site).partition = Partition::AwsCn;
        }
        let again = scan.findings[0].clone();
        scan.findings.insert(1, again);
        let back = read(&String::from_utf8(render(Format::Json, &scan)).unwrap()).unwrap();
        assert_eq!(back, scan);
        let (first, second) = (&back.findings[0], &back.findings[1]);
        assert_eq!(first.partition(), Partition::AwsCn);
        assert!(Arc::ptr_eq(&first.rule, &second.rule) && Arc::ptr_eq(&first.site, &second.site));
        let passes = |it: &&Finding| it.verdict == Verdict::Pass;
        assert!(back.findings.iter().filter(passes).all(|it| !it.details.take_room()));
    }

    #[test]
    fn a_mistake_tells_its_place() {
        let spoilt = |from: &str, to: &str| {
            let text = document().replacen(from, to, 1);
            let line = text.lines().position(|line| line.contains(to)).unwrap() + 1;
            let error = read(&text).unwrap_err();
            let told = match &error {
                ReadError::Form { line, .. } => *line,
                other => panic!("{other}"),
            };
            assert_eq!(told, line, "{error}");
            error.to_string()
        };
        assert!(spoilt("\"111122223333\"", "\"1111\"").contains("`1111` is not an account id"));
        assert!(spoilt("\"verdict\": \"fail\"", "\"verdict\": \"bad\"").contains("variant `bad`"));
        assert!(spoilt("2026-01-02T03:04:05Z", "yesterday").contains("`yesterday` is not a time"));
        assert!(spoilt("\"fingerprint\": \"", "\"fingerprint\": \"x").contains("32 hexadecimal"));
        let cut = document();
        let error = read(&cut[..cut.len() / 2]).unwrap_err().to_string();
        assert!(error.contains("EOF"), "{error}");
    }

    #[test]
    fn other_files_are_told_apart() {
        let error = |text: &str| {
            let error = read(text).unwrap_err();
            format!("{error}; {}", error.help().unwrap_or_default())
        };
        assert!(error("{\"postura_snapshot\":1}\n{}").contains("scan --snapshot"));
        assert!(error("{\"check\":\"x\"}\n{}").contains("-o jsonl"));
        assert!(error("{\"version\":\"2.1.0\",\"runs\":[]}").contains("SARIF"));
        assert!(error("{\"version\":2}").contains("version 2 is not known; this postura reads"));
        assert!(error("{}").contains("not the results of `-o json`"));
        assert!(error("").contains("empty file"));
        assert!(error("[1").contains("1:"));
        let deep = format!("\"value\": {}{}", "[".repeat(9_999), "]".repeat(9_999));
        assert!(error(&document().replacen("\"value\": null", &deep, 1)).contains("recursion"));
    }
}
