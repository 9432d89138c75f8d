//! Policies: which checks count, with what severity and parameters, which failures are accepted, and
//! what fails the gate.
//!
//! A policy is a YAML file in layers: those of the policies it extends, its own, and one of its
//! environments. `source` is a file as written, [`Policy::load`] joins the layers and resolves every
//! name, or returns all mistakes; a policy with a mistake stops the run, since one that mutes
//! nothing and one that mutes everything are equally wrong. Policies know findings, and nothing of
//! reports, files or clocks.

mod baseline;
mod edit;
mod exception;
pub mod framework;
pub mod gate;
mod glob;
mod import;
mod library;
mod lint;
mod overrides;
mod read;
mod schema;
mod scope;
mod select;
mod source;

use std::sync::Arc;

use thiserror::Error;

use crate::check::CheckId;
use crate::diagnostic::Diagnostic;
use crate::finding::{Finding, Scan, roots};

use exception::Accepted;
use source::{ExceptionLimits, Layer, Override};

pub use baseline::{Baseline, BaselineError};
pub use edit::{AcceptError, Acceptance, accept};
pub use exception::Sight;
pub use framework::{Assessment, Framework, Frameworks};
pub use gate::{Exit, Gate};
pub use glob::{Pattern, PatternError};
pub use import::{Import, Peers, import};
pub use library::{embedded_frameworks, embedded_names, embedded_policies, embedded_title};
pub use lint::lint;
pub use overrides::{Effective, ParamTest};
pub use schema::schema;
pub use scope::{Place, RegionScope, Scope};
pub use select::{CheckMeta, Selector};
pub use source::Day;

/// The policy that is used when none is named.
pub const DEFAULT: &str = "baseline";

/// What a policy is resolved against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The checks of the library, custom ones included.
    pub checks: &'a [CheckMeta],
    /// The frameworks.
    pub frameworks: &'a Frameworks,
    /// Reads a file by its path; only the edge of the program touches the disk.
    pub read: &'a dyn Fn(&str) -> std::io::Result<String>,
    /// Decides whether a check takes a value for a parameter.
    pub test_param: ParamTest<'a>,
    /// The environment, if one is chosen.
    pub environment: Option<&'a str>,
    /// The day of the scan: how far ahead exceptions may reach is counted from it.
    pub today: Day,
}

/// Why a policy cannot be used.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// No policy or framework has that name.
    #[error("no policy or framework is called `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// What may be meant.
        help: Option<String>,
    },
    /// The policy has no such environment.
    #[error("the policy `{policy}` has no environment `{name}`")]
    Environment {
        /// The policy.
        policy: String,
        /// The name.
        name: String,
        /// What may be meant.
        help: Option<String>,
    },
    /// A file could not be read.
    #[error("cannot read the policy `{path}`")]
    Read {
        /// Its path.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The files have mistakes.
    #[error("the policy has {} mistakes", .0.len())]
    Invalid(Vec<Diagnostic>),
}

impl PolicyError {
    /// Advice, where there is some.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { help, .. } | Self::Environment { help, .. } => help.clone(),
            Self::Read { .. } | Self::Invalid(_) => None,
        }
    }
}

/// A policy, resolved against a library of checks.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name; with an environment, `name (environment)`.
    pub name: String,
    /// What it is for.
    pub title: String,
    /// The gate.
    pub gate: Gate,
    /// The framework, where the policy is one.
    pub framework: Option<Framework>,
    checks: Vec<CheckMeta>,
    overrides: Vec<(usize, Override)>,
    exceptions: Vec<Accepted>,
    limits: ExceptionLimits,
}

impl Policy {
    /// Loads a policy: an embedded one by its name, a framework by its id, or a file by its path
    /// (anything with a `/` or ending in `.yaml`).
    ///
    /// # Errors
    /// An unknown name, a file that cannot be read, or every mistake of the files involved.
    pub fn load(name: &str, context: &Context<'_>) -> Result<Self, PolicyError> {
        library::load(name, context)
    }

    /// The checks that the policy holds, sorted by id.
    pub fn checks(&self) -> &[CheckMeta] {
        &self.checks
    }

    /// Whether the policy holds a check.
    pub fn selects(&self, check: &CheckId) -> bool {
        self.meta(check).is_some()
    }

    /// Severity and parameters in force for a check at a place; `None` for a check that the policy
    /// does not hold.
    pub fn effective(&self, check: &CheckId, place: &Place<'_>) -> Option<Effective> {
        Some(overrides::effective(&self.overrides, self.meta(check)?, place))
    }

    /// Whether anything but the check's own severity and parameters can be in force for it: callers
    /// may ask [`Policy::effective`] once for all places where it cannot.
    pub fn overrides(&self, check: &CheckId) -> bool {
        self.overrides.iter().any(|(_, it)| it.check.value.matches(check.as_str()))
    }

    /// The overrides in words, the most general layer first.
    pub fn overrides_in_words(&self) -> Vec<String> {
        self.overrides.iter().map(|(_, it)| it.to_string()).collect()
    }

    /// The exceptions in words, the first that counts first, as of a day.
    pub fn exceptions_in_words(&self, context: &Context<'_>) -> Vec<String> {
        lint::exceptions(self, context)
    }

    /// What exceptions are allowed, in words.
    pub fn limits_in_words(&self) -> Vec<String> {
        self.limits.sentences()
    }

    /// Marks the failures that exceptions of the policy accept.
    pub fn except(&self, findings: &mut [Finding], sight: Sight<'_>, today: Day) -> gate::Notes {
        exception::apply(&self.exceptions, &self.limits, findings, sight, today)
    }

    /// Applies exceptions, folds what follows from other failures into its roots, and applies the
    /// gate. The day of the scan is the day by which exceptions
    /// expire.
    pub fn judge(&self, scan: &mut Scan, baseline: Option<&Baseline>, interrupted: bool) -> Exit {
        let evaluated = |check: &CheckId| scan.checks.iter().any(|it| it.id == *check);
        let left_out = self.checks.iter().map(|check| &check.id).filter(|id| !evaluated(id));
        let left_out: Vec<CheckId> = left_out.cloned().collect();
        let whole = scan.gaps.is_empty() && !interrupted;
        let sight = Sight { accounts: &scan.accounts, left_out: &left_out, whole };
        let notes = self.except(&mut scan.findings, sight, Day::of(scan.scanned_at));
        roots::mark(&mut scan.findings, &scan.checks);
        let subject = gate::Subject {
            findings: &scan.findings,
            accounts: &scan.accounts,
            gaps: &scan.gaps,
            interrupted,
        };
        scan.gate = gate::decide(&self.name, &self.gate, subject, baseline, notes);
        scan.gate.compliance = self.framework.as_ref().map(|it| framework::assess(it, scan));
        Exit::from(&scan.gate)
    }

    fn meta(&self, check: &CheckId) -> Option<&CheckMeta> {
        let at = self.checks.binary_search_by(|known| known.id.cmp(check)).ok()?;
        self.checks.get(at)
    }

    /// Joins layers, the most general first.
    fn join(name: String, title: String, layers: &[Arc<Layer>], context: &Context<'_>) -> Self {
        let mut selected: Vec<CheckMeta> = Vec::new();
        let mut gate = Gate::default();
        let mut limits = ExceptionLimits::default();
        let mut overrides = Vec::new();
        let mut exceptions = Vec::new();
        for (depth, layer) in layers.iter().enumerate() {
            let added = context.checks.iter().filter(|check| {
                layer.checks.iter().any(|selector| selector.matches(check))
                    && !selected.iter().any(|known| known.id == check.id)
            });
            selected.extend(added.cloned().collect::<Vec<_>>());
            selected.retain(|check| !layer.exclude.iter().any(|selector| selector.matches(check)));
            gate = gate.with(&layer.gate);
            limits = ExceptionLimits {
                max_days: layer.limits.max_days.or(limits.max_days),
                max_severity: layer.limits.max_severity.or(limits.max_severity),
                ticket_required: layer.limits.ticket_required.or(limits.ticket_required),
            };
            overrides.extend(layer.overrides.iter().map(|it| (depth, it.clone())));
            // Exceptions of the more special layer come first.
            exceptions.splice(0..0, Accepted::of(layer));
        }
        selected.sort_by(|a, b| a.id.cmp(&b.id));
        let framework = None;
        Self { name, title, gate, framework, checks: selected, overrides, exceptions, limits }
    }
}

#[cfg(test)]
mod tests;
