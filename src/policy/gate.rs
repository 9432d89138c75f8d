//! The gate: what of a finished scan makes a run fail, and the exit codes.

use std::fmt;
use std::process::{ExitCode, Termination};

use super::baseline::Baseline;
use crate::check::{Severity, Verdict};
use crate::finding::{Finding, GateResult};
use crate::inventory::{Account, AccountStatus, Gap, ReasonKind, Shard};

/// What the process tells its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: the gate passed, and the scan was as complete as the policy asks.
    Passed,
    /// 1: the scan was complete enough, and failures or unknown verdicts failed the gate.
    Failed,
    /// 2: nothing was decided: usage, configuration, credentials.
    CouldNotRun,
    /// 3: the scan was less complete than the policy tolerates, whether or not something failed:
    /// what is missing might have failed too.
    Incomplete,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::CouldNotRun => 2,
            Self::Incomplete => 3,
        }
    }
}

impl From<&GateResult> for Exit {
    fn from(gate: &GateResult) -> Self {
        match (gate.incomplete, gate.passed) {
            (true, _) => Self::Incomplete,
            (false, true) => Self::Passed,
            (false, false) => Self::Failed,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

/// From which severity on an open failure fails the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// From this one on.
    From(Severity),
    /// No failure fails the gate.
    Never,
}

/// How many of something are tolerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Any number.
    Any,
    /// So many.
    AtMost(u64),
}

impl Limit {
    fn allows(self, count: u64) -> bool {
        match self {
            Self::Any => true,
            Self::AtMost(most) => count <= most,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any number"),
            Self::AtMost(0) => f.write_str("none"),
            Self::AtMost(most) => write!(f, "{most}"),
        }
    }
}

/// What an exception that matches nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// It is reported.
    Warn,
    /// It fails the gate.
    Fail,
}

/// The rules of a gate as far as a file gives them; what is not given comes from the policy that is
/// extended, in the end from [`Gate::default`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// From which severity on an open failure fails.
    pub fail_on: Option<Threshold>,
    /// Tolerated unknown verdicts by severity.
    pub max_unknown: Vec<(Severity, Limit)>,
    /// Tolerated gaps.
    pub max_gaps: Option<Limit>,
    /// The percentage of accounts that must have been scanned.
    pub min_accounts: Option<u64>,
    /// The percentage of applicable verdicts that must be pass or fail.
    pub min_decided: Option<u64>,
    /// Whether only findings that the baseline lacks fail.
    pub only_new: Option<bool>,
    /// What unused exceptions do.
    pub unused_exceptions: Option<Unused>,
}

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// From which severity on an open failure fails.
    pub fail_on: Threshold,
    /// Tolerated unknown verdicts by severity; any number where nothing is said.
    pub max_unknown: Vec<(Severity, Limit)>,
    /// Tolerated gaps.
    pub max_gaps: Limit,
    /// The percentage of accounts that must have been scanned.
    pub min_accounts: u64,
    /// The percentage of applicable verdicts that must be pass or fail.
    pub min_decided: u64,
    /// Whether only findings that the baseline lacks fail.
    pub only_new: bool,
    /// What unused exceptions do.
    pub unused_exceptions: Unused,
}

/// Strict: high and critical failures fail, every account must be scanned and no gap is tolerated.
impl Default for Gate {
    fn default() -> Self {
        Self {
            fail_on: Threshold::From(Severity::High),
            max_unknown: Vec::new(),
            max_gaps: Limit::AtMost(0),
            min_accounts: 100,
            min_decided: 0,
            only_new: false,
            unused_exceptions: Unused::Warn,
        }
    }
}

impl Gate {
    /// The gate with the rules of one more layer.
    #[must_use]
    pub fn with(mut self, rules: &Rules) -> Self {
        self.fail_on = rules.fail_on.unwrap_or(self.fail_on);
        self.max_gaps = rules.max_gaps.unwrap_or(self.max_gaps);
        self.min_accounts = rules.min_accounts.unwrap_or(self.min_accounts);
        self.min_decided = rules.min_decided.unwrap_or(self.min_decided);
        self.only_new = rules.only_new.unwrap_or(self.only_new);
        self.unused_exceptions = rules.unused_exceptions.unwrap_or(self.unused_exceptions);
        for (severity, limit) in &rules.max_unknown {
            self.max_unknown.retain(|(known, _)| known != severity);
            self.max_unknown.push((*severity, *limit));
        }
        self.max_unknown.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
        self
    }

    /// The rules as sentences, for people.
    pub fn sentences(&self) -> Vec<String> {
        let new = if self.only_new { "new " } else { "" };
        let fails = match self.fail_on {
            Threshold::From(severity) => {
                format!("{new}open failures of severity {severity} or worse fail the gate")
            }
            Threshold::Never => "no failure fails the gate".to_owned(),
        };
        let mut sentences = vec![fails];
        sentences.extend(self.max_unknown.iter().map(|(severity, limit)| {
            format!("unknown verdicts of severity {severity} are tolerated: {limit}")
        }));
        sentences.push(format!("gaps are tolerated: {}", self.max_gaps));
        sentences.push(format!("{}% of the accounts must be scanned", self.min_accounts));
        if self.min_decided > 0 {
            sentences.push(format!("{}% of the verdicts must be decided", self.min_decided));
        }
        if self.unused_exceptions == Unused::Fail {
            sentences.push("an exception that matches nothing fails the gate".to_owned());
        }
        sentences
    }
}

/// What the gate looks at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The findings, exceptions applied.
    pub findings: &'a [Finding],
    /// The accounts.
    pub accounts: &'a [Account],
    /// The gaps.
    pub gaps: &'a [Gap],
    /// Whether the scan was stopped before its end.
    pub interrupted: bool,
}

/// What was noted while exceptions were applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Exceptions that match nothing, one sentence each.
    pub unused: Vec<String>,
    /// Other things to know, one sentence each.
    pub warnings: Vec<String>,
}

/// Decides. Open failures, and verdicts that are unknown beyond what is tolerated, fail the gate;
/// gaps, accounts that could not be read and an early stop make the scan incomplete.
pub fn decide(
    policy: &str,
    gate: &Gate,
    subject: Subject<'_>,
    baseline: Option<&Baseline>,
    notes: Notes,
) -> GateResult {
    let mut warnings = notes.warnings;
    let failures = failures(gate, subject, baseline, &mut warnings);
    let mut failed = failures;
    failed.extend(undecided(gate, subject.findings));
    match gate.unused_exceptions {
        Unused::Warn => warnings.extend(notes.unused),
        Unused::Fail => failed.extend(notes.unused),
    }
    let missing = missing(gate, subject);
    GateResult {
        policy: policy.to_owned(),
        passed: failed.is_empty(),
        incomplete: !missing.is_empty(),
        reasons: failed.into_iter().chain(missing).collect(),
        warnings,
        compliance: None,
    }
}

fn failures(
    gate: &Gate,
    subject: Subject<'_>,
    baseline: Option<&Baseline>,
    warnings: &mut Vec<String>,
) -> Vec<String> {
    let Threshold::From(threshold) = gate.fail_on else { return Vec::new() };
    let known = match (gate.only_new, baseline) {
        (true, Some(baseline)) => Some(baseline),
        (true, None) => {
            warnings.push("the policy counts new findings only, but there is no baseline".into());
            None
        }
        (false, _) => None,
    };
    let counts = |finding: &&Finding| {
        finding.is_open_failure()
            && known.is_none_or(|baseline| !baseline.holds_failure(&finding.fingerprint))
    };
    if let Some(baseline) = known {
        let open = subject.findings.iter().filter(|finding| finding.is_open_failure());
        let old = open.filter(|finding| baseline.holds_failure(&finding.fingerprint)).count();
        if old > 0 {
            let s = if old == 1 { "" } else { "s" };
            warnings.push(format!("not counted: {old} open failure{s} that the baseline has"));
        }
    }
    let new = if known.is_some() { "new " } else { "" };
    Severity::ALL
        .into_iter()
        .filter(|severity| *severity >= threshold)
        .filter_map(|severity| {
            let open = subject.findings.iter().filter(counts);
            let count = open.filter(|finding| finding.severity() == severity).count();
            let failures = if count == 1 { "failure" } else { "failures" };
            (count > 0).then(|| format!("{count} {new}open {failures} of severity {severity}"))
        })
        .collect()
}

fn missing(gate: &Gate, subject: Subject<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    if subject.interrupted {
        missing.push("the scan was stopped before its end".to_owned());
    }
    missing.extend(missing_accounts(gate, subject.accounts));
    // An account that could not be entered is counted as an account.
    let real = |gap: &&Gap| gap.reason.kind != ReasonKind::NotAssumed;
    let gaps = count(subject.gaps.iter().filter(real).count());
    if !gate.max_gaps.allows(gaps) {
        let limit = gate.max_gaps;
        missing.push(format!("{gaps} gaps in what was read, and the policy tolerates {limit}"));
    }
    missing
}

fn undecided(gate: &Gate, findings: &[Finding]) -> Vec<String> {
    let mut undecided = Vec::new();
    let unknown = |finding: &&Finding| finding.verdict == Verdict::Unknown;
    for (severity, limit) in &gate.max_unknown {
        let found = findings.iter().filter(unknown);
        let found = count(found.filter(|finding| finding.severity() == *severity).count());
        if !limit.allows(found) {
            let noun = if found == 1 { "verdict" } else { "verdicts" };
            undecided.push(format!(
                "{found} unknown {noun} of severity {severity}, and the policy tolerates {limit}"
            ));
        }
    }
    let applicable =
        findings.iter().filter(|finding| finding.verdict != Verdict::NotApplicable).count();
    let decided = applicable - findings.iter().filter(unknown).count();
    if below(decided, applicable, gate.min_decided) {
        undecided.push(format!(
            "{decided} of {applicable} verdicts are decided, and the policy asks for {}%",
            gate.min_decided
        ));
    }
    undecided
}

fn missing_accounts(gate: &Gate, accounts: &[Account]) -> Option<String> {
    let scanned =
        accounts.iter().filter(|account| account.status == AccountStatus::Scanned).count();
    let failed = accounts
        .iter()
        .filter(|account| matches!(account.status, AccountStatus::Failed(_)))
        .count();
    let wanted = scanned + failed;
    // A shard may be empty: its scan is as complete as it can be.
    let is_shard = accounts.iter().any(|account| Shard::named_by(&account.status).is_some());
    if wanted == 0 && !is_shard {
        return Some("no account was scanned".into());
    }
    below(scanned, wanted, gate.min_accounts).then(|| {
        format!(
            "{scanned} of {wanted} accounts were scanned, and the policy asks for {}%",
            gate.min_accounts
        )
    })
}

/// Whether a part is less than a percentage of the whole; an empty whole is not.
fn below(part: usize, whole: usize, percent: u64) -> bool {
    count(part) * 100 < count(whole) * percent
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
