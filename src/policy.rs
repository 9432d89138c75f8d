//! Policies: what must hold, and what fails the gate; and the frameworks whose requirements checks
//! speak to. A policy that cannot be read stops the program: it never means *nothing must hold*.

use std::collections::BTreeSet;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use thiserror::Error;

use crate::check::{Severity, Verdict};
use crate::diagnostic::did_you_mean;
use crate::finding::{Finding, GateResult};
use crate::inventory::{Account, AccountStatus, Gap, ReasonKind};

static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// The policy where none is named.
pub const DEFAULT: &str = "baseline";

/// Why a policy or framework cannot be used.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// No policy has that name.
    #[error("there is no policy `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// What may be meant.
        help: Option<String>,
    },
    /// The file is no policy.
    #[error("the policy `{name}` is broken: {why}")]
    Broken {
        /// Its name.
        name: String,
        /// What is wrong and where.
        why: String,
    },
}

impl PolicyError {
    /// Advice, where there is some.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { help, .. } => help.clone(),
            Self::Broken { .. } => None,
        }
    }
}

/// What must hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The name by which the command line knows it.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Which checks are evaluated.
    #[serde(default)]
    pub checks: Choice,
    /// What fails the gate.
    pub gate: Gate,
}

/// Which checks a policy evaluates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Only checks at least as severe.
    pub severity: Option<Severity>,
    /// Only checks that speak to one of these frameworks.
    #[serde(default)]
    pub frameworks: Vec<String>,
    /// Not these checks.
    #[serde(default)]
    pub exclude: Vec<String>,
}

/// What fails the gate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The mildest severity at which a failure fails the gate; without it no failure does.
    pub fail_on: Option<Severity>,
    /// The mildest severity at which an unknown verdict fails the gate; without it none does.
    pub unknown_fails_on: Option<Severity>,
    /// Whether gaps and accounts that could not be read are tolerated.
    #[serde(default)]
    pub tolerate_gaps: bool,
}

impl Policy {
    /// An embedded policy by name, or any policy from the text of a file.
    ///
    /// # Errors
    /// When the text is no policy.
    pub fn parse(name: &str, text: &str) -> Result<Self, PolicyError> {
        serde_saphyr::from_str(text).map_err(|error| PolicyError::Broken {
            name: name.to_owned(),
            why: error.to_string(),
        })
    }

    /// An embedded policy.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn embedded(name: &str) -> Result<Self, PolicyError> {
        let file = POLICIES.get_file(format!("{name}.yaml")).and_then(|file| file.contents_utf8());
        match file {
            Some(text) => Self::parse(name, text),
            None => Err(PolicyError::Unknown {
                name: name.to_owned(),
                help: did_you_mean(name, names().iter().map(String::as_str))
                    .or_else(|| Some(format!("known are {}", names().join(", ")))),
            }),
        }
    }

    /// Whether the policy evaluates a check.
    pub fn selects(&self, id: &str, severity: Severity, controls: &[String]) -> bool {
        let choice = &self.checks;
        let speaks = |framework: &String| {
            controls.iter().any(|it| it.split_once('/').is_some_and(|(name, _)| name == framework))
        };
        choice.severity.is_none_or(|least| severity >= least)
            && (choice.frameworks.is_empty() || choice.frameworks.iter().any(speaks))
            && !choice.exclude.iter().any(|it| it == id)
    }

    /// What the gate says of a scan.
    pub fn decide(&self, findings: &[Finding], accounts: &[Account], gaps: &[Gap]) -> GateResult {
        let count = |least: Option<Severity>, of: &dyn Fn(&Finding) -> bool| {
            let counts = |it: &&Finding| least.is_some_and(|least| it.severity >= least) && of(it);
            findings.iter().filter(counts).count()
        };
        let failures = count(self.gate.fail_on, &Finding::is_open_failure);
        let unknowns =
            count(self.gate.unknown_fails_on, &|it| it.verdict == Verdict::Unknown);
        let mut reasons = Vec::new();
        let least = |severity: Option<Severity>| severity.map_or("", Severity::as_str);
        if failures > 0 {
            let least = least(self.gate.fail_on);
            reasons.push(format!("{} of severity {least} or worse", plural(failures, "failure")));
        }
        if unknowns > 0 {
            let least = least(self.gate.unknown_fails_on);
            let verdicts = plural(unknowns, "unknown verdict");
            reasons.push(format!("{verdicts} of severity {least} or worse"));
        }
        let unread = accounts.iter().filter(|it| matches!(it.status, AccountStatus::Failed(_)));
        let unread = unread.count();
        let real = |gap: &&Gap| gap.reason.kind != ReasonKind::NotAssumed;
        let gaps = gaps.iter().filter(real).count();
        let incomplete = !self.gate.tolerate_gaps && unread + gaps > 0;
        if incomplete && unread > 0 {
            reasons.push(format!("{} could not be read", plural(unread, "account")));
        }
        if incomplete && gaps > 0 {
            reasons.push(format!("{} in what was read", plural(gaps, "gap")));
        }
        GateResult {
            policy: self.id.clone(),
            passed: failures + unknowns == 0,
            incomplete,
            reasons,
            warnings: Vec::new(),
        }
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The names of the embedded policies, sorted.
pub fn names() -> Vec<String> {
    let stem = |file: &include_dir::File<'_>| {
        file.path().to_str().and_then(|path| path.strip_suffix(".yaml")).map(str::to_owned)
    };
    let mut names: Vec<String> = POLICIES.files().filter_map(stem).collect();
    names.sort();
    names
}

/// A framework: requirements that checks speak to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Framework {
    /// Its id, such as `cis-aws-7.0`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its requirements.
    pub requirements: Vec<Requirement>,
}

/// A requirement of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Requirement {
    /// Its number.
    pub id: String,
    /// What it asks for, in our words.
    pub title: String,
}

/// The embedded frameworks, sorted by file name.
///
/// # Errors
/// When one is broken.
pub fn frameworks() -> Result<Vec<Framework>, PolicyError> {
    let mut files: Vec<_> =
        POLICIES.get_dir("frameworks").into_iter().flat_map(Dir::files).collect();
    files.sort_by_key(|file| file.path());
    let parse = |file: &&include_dir::File<'_>| {
        let name = file.path().display().to_string();
        let text = file.contents_utf8().unwrap_or_default();
        serde_saphyr::from_str(text)
            .map_err(|error| PolicyError::Broken { name, why: error.to_string() })
    };
    files.iter().map(parse).collect()
}

/// Every requirement of the embedded frameworks, as `framework/requirement`.
///
/// # Errors
/// When a framework is broken.
pub fn controls() -> Result<BTreeSet<String>, PolicyError> {
    let all = frameworks()?;
    let ids = all.iter().flat_map(|framework| {
        framework.requirements.iter().map(move |it| format!("{}/{}", framework.id, it.id))
    });
    Ok(ids.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_policy_and_framework_can_be_read() {
        for name in names() {
            assert_eq!(Policy::embedded(&name).unwrap().id, name);
        }
        assert!(names().contains(&DEFAULT.to_owned()));
        assert!(!frameworks().unwrap().is_empty());
    }

    #[test]
    fn a_broken_or_misspelt_policy_is_an_error() {
        assert!(Policy::parse("x", "id: x\ntitle: x\ngate: {fail_onn: high}").is_err());
        assert!(Policy::parse("x", "").is_err());
        let error = Policy::embedded("baselin").unwrap_err();
        assert_eq!(error.help().as_deref(), Some("did you mean `baseline`?"));
    }

    #[test]
    fn gaps_make_a_scan_incomplete_even_when_nothing_failed() {
        let policy = Policy::embedded(DEFAULT).unwrap();
        let reason = crate::inventory::Reason::new(ReasonKind::Denied, "s3:GetBucketPolicy", "no");
        let gap = Gap { reason, count: 1, example: None };
        let result = policy.decide(&[], &[], &[gap]);
        assert!(result.passed && result.incomplete);
        assert_eq!(result.reasons, ["1 gap in what was read"]);
    }
}
