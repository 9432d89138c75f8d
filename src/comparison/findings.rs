//! Which findings are new, fixed or changed, and what changed them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Side, sight};
use crate::check::{CheckId, Verdict};
use crate::finding::{Finding, Fingerprint};

/// What a finding says, as a gate sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It fails, and nothing excuses it.
    Open,
    /// It fails, and an exception accepts it.
    Accepted,
    /// It could not be decided.
    Unknown,
    /// It holds.
    Pass,
    /// The check does not speak about the resource.
    NotApplicable,
    /// There is no such finding.
    Absent,
}

impl Standing {
    fn of(finding: Option<&Finding>) -> Self {
        match finding.map(|it| it.verdict) {
            None => Self::Absent,
            Some(Verdict::Pass) => Self::Pass,
            Some(Verdict::Unknown) => Self::Unknown,
            Some(Verdict::NotApplicable) => Self::NotApplicable,
            Some(Verdict::Fail) if finding.is_some_and(Finding::is_unexcused_failure) => Self::Open,
            Some(Verdict::Fail) => Self::Accepted,
        }
    }

    fn fails(self) -> bool {
        matches!(self, Self::Open | Self::Accepted)
    }

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "fail",
            Self::Accepted => "accepted",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
            Self::NotApplicable => "not applicable",
            Self::Absent => "absent",
        }
    }
}

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It fails now and did not.
    New,
    /// It failed and does not any more, as somebody has seen.
    Fixed,
    /// Anything else.
    Changed,
}

impl Kind {
    /// All kinds in the order of reports.
    pub const ALL: [Self; 3] = [Self::New, Self::Fixed, Self::Changed];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Fixed => "fixed",
            Self::Changed => "changed",
        }
    }
}

/// What made a finding change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The resource came or went.
    Resource,
    /// A setting of the resource, or of one that it depends on.
    Setting,
    /// Nothing but the time that passed.
    Time,
    /// The check's logic, or that it is evaluated at all.
    Check,
    /// The check's parameters.
    Parameter,
    /// The severity in force.
    Severity,
    /// An exception that began, ended or went.
    Exception,
    /// What could be read.
    Visibility,
}

impl Cause {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Setting => "setting",
            Self::Time => "time",
            Self::Check => "check",
            Self::Parameter => "parameter",
            Self::Severity => "severity",
            Self::Exception => "exception",
            Self::Visibility => "visibility",
        }
    }
}

/// A finding that came, went or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The kind.
    pub kind: Kind,
    /// What it said.
    pub was: Standing,
    /// What it says.
    pub is: Standing,
    /// What made the difference.
    pub causes: Vec<Cause>,
    /// Whether it is for the worse.
    pub worse: bool,
    /// The finding of the old scan.
    pub old: Option<Finding>,
    /// The finding of the new scan.
    pub new: Option<Finding>,
}

impl Change {
    /// The finding as it is now, or as it was last.
    pub fn finding(&self) -> Option<&Finding> {
        self.new.as_ref().or(self.old.as_ref())
    }

    /// The causes in words.
    pub fn causes(&self) -> String {
        self.causes.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
    }
}

type Pair<'a> = (Option<&'a Finding>, Option<&'a Finding>);

/// Compares the findings of two scans by their fingerprints.
pub(super) fn compare(old: Side<'_>, new: Side<'_>, aged: Option<&[Finding]>) -> Vec<Change> {
    let mut pairs: BTreeMap<Fingerprint, Pair<'_>> = BTreeMap::new();
    old.scan.findings.iter().for_each(|it| pairs.entry(it.fingerprint).or_default().0 = Some(it));
    new.scan.findings.iter().for_each(|it| pairs.entry(it.fingerprint).or_default().1 = Some(it));
    let aged = aged.unwrap_or_default().iter().map(|it| (it.fingerprint, it.verdict));
    let judge = Judge { old, new, aged: aged.collect() };
    let mut changes: Vec<Change> =
        pairs.into_values().filter_map(|pair| judge.change(pair)).collect();
    changes.sort_by(|a, b| order(a).cmp(&order(b)));
    changes
}

fn order(change: &Change) -> impl Ord {
    let place = change.finding().map(|it| {
        (
            Reverse(it.severity()),
            it.check().clone(),
            it.account().clone(),
            it.region().cloned(),
            it.resource().id.clone(),
        )
    });
    (change.kind, place)
}

struct Judge<'a> {
    old: Side<'a>,
    new: Side<'a>,
    /// The verdicts of the old inventory at the time of the new scan.
    aged: BTreeMap<Fingerprint, Verdict>,
}

impl Judge<'_> {
    fn change(&self, (old, new): Pair<'_>) -> Option<Change> {
        let (was, is) = (Standing::of(old), Standing::of(new));
        let causes = self.causes(old, new);
        let kind = match (was, is) {
            _ if !was.fails() && is.fails() => Kind::New,
            (_, Standing::Pass | Standing::NotApplicable) if was.fails() => Kind::Fixed,
            (_, Standing::Absent) if was.fails() => match causes.as_slice() {
                [Cause::Resource] => Kind::Fixed,
                _ => Kind::Changed,
            },
            _ if was.fails() && is.fails() => {
                if was == is && !differs(old?, new?) {
                    return None;
                }
                Kind::Changed
            }
            (Standing::Unknown, Standing::Unknown | Standing::Absent) => return None,
            (Standing::Unknown, _) | (_, Standing::Unknown) => Kind::Changed,
            _ => return None,
        };
        let raised = old.zip(new).is_some_and(|(old, new)| new.severity() > old.severity());
        let lost = is == Standing::Absent && causes == [Cause::Visibility] && self.took_part(old?);
        let worse = match is {
            Standing::Open => was != Standing::Open || raised,
            Standing::Unknown => true,
            Standing::Absent => lost,
            Standing::Accepted | Standing::Pass | Standing::NotApplicable => false,
        };
        Some(Change { kind, was, is, causes, worse, old: old.cloned(), new: new.cloned() })
    }

    /// Whether the account of an old finding is part of the new scan: one that is not is reported
    /// as an account.
    fn took_part(&self, old: &Finding) -> bool {
        self.new.scan.accounts.iter().any(|it| it.id == *old.account())
    }

    fn causes(&self, old: Option<&Finding>, new: Option<&Finding>) -> Vec<Cause> {
        match (old, new) {
            (Some(old), Some(new)) => self.causes_of_both(old, new),
            (Some(only), None) => vec![missing(self.new, only)],
            (None, Some(only)) => vec![missing(self.old, only)],
            (None, None) => Vec::new(),
        }
    }

    fn causes_of_both(&self, old: &Finding, new: &Finding) -> Vec<Cause> {
        let mut causes = Vec::new();
        let unknown = |it: &Finding| it.verdict == Verdict::Unknown;
        let turned = old.verdict != new.verdict;
        if turned && (unknown(old) || unknown(new)) {
            causes.push(Cause::Visibility);
        }
        let digests = digest(self.old, old.check()).zip(digest(self.new, new.check()));
        if digests.is_some_and(|(old, new)| old != new) {
            causes.push(Cause::Check);
        }
        if old.params() != new.params() {
            causes.push(Cause::Parameter);
        }
        // Where nothing else explains it, the account did it: passing findings carry no evidence
        // that could be compared.
        if causes.is_empty() && (turned || old.details.evidence != new.details.evidence) {
            let aged = self.aged.get(&new.fingerprint);
            let by_time = turned && aged == Some(&new.verdict);
            causes.push(if by_time { Cause::Time } else { Cause::Setting });
        }
        if old.severity() != new.severity() {
            causes.push(Cause::Severity);
        }
        let accepted = |it: &Finding| it.details.exception.as_ref().is_some_and(|it| it.in_force);
        if !turned && accepted(old) != accepted(new) {
            causes.push(Cause::Exception);
        }
        causes.sort();
        causes
    }
}

/// Why a finding is not in a scan.
fn missing(side: Side<'_>, finding: &Finding) -> Cause {
    if !side.scan.checks.iter().any(|it| it.id == *finding.check()) {
        return Cause::Check;
    }
    let resource = &finding.resource().r#type;
    if sight::sees(side, resource, finding.account(), finding.region()) {
        Cause::Resource
    } else {
        Cause::Visibility
    }
}

fn digest<'a>(side: Side<'a>, id: &CheckId) -> Option<&'a str> {
    let check = side.scan.checks.iter().find(|it| it.id == *id)?;
    Some(check.digest.as_str()).filter(|it| !it.is_empty())
}

/// Whether two failures of the same fingerprint say different things.
fn differs(old: &Finding, new: &Finding) -> bool {
    old.severity() != new.severity()
        || old.details.messages != new.details.messages
        || old.details.evidence != new.details.evidence
        || old.params() != new.params()
}
