//! Decides requests: the order in which AWS puts policies together, within an account and across.
//!
//! Source: IAM User Guide, reference_policies_evaluation-logic and the pages below it; Organizations
//! User Guide, SCP and RCP evaluation; KMS Developer Guide, key policies. Everything is computed in
//! three values, so that a policy or condition key that is not known makes the decision unknown exactly
//! where it could change it. This module does no I/O and keeps no state.

mod explain;
mod layers;
mod policies;
mod statement;
mod trace;

pub use policies::{Policies, PolicySet};
pub use statement::{Grants, applies, grants_to};
pub use trace::{Layer, Matched};

use super::request::Request;
use super::truth::Truth;
use layers::{Outcome, Sides};
use trace::{Record, Silent, Trace};

/// What AWS answers to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Allowed.
    Allow,
    /// Not allowed, since nothing allows it.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
    /// What is not known could change the answer.
    Unknown,
}

impl Decision {
    /// How batches and reports call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "Allowed",
            Self::ImplicitDeny => "ImplicitlyDenied",
            Self::ExplicitDeny => "ExplicitlyDenied",
            Self::Unknown => "Unknown",
        }
    }
}

/// A decision with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// Whether the request is allowed. Can be false although the decision is unknown: when only the
    /// kind of the denial is.
    pub allowed: Truth,
    /// The statements that decide it: those that deny; or those that allow and are needed; or those on
    /// which an unknown answer hangs. In the order of the layers, then of documents and statements.
    pub statements: Vec<Matched>,
    /// The reasons in words, one sentence.
    pub why: String,
}

/// Decides a request. Does not allocate.
#[must_use]
pub fn decide(request: &Request, policies: &Policies) -> Decision {
    evaluate(request, policies, &mut Silent).decision()
}

/// Decides a request and says why.
#[must_use]
pub fn explain(request: &Request, policies: &Policies) -> Verdict {
    let mut record = Record::default();
    let outcome = evaluate(request, policies, &mut record);
    explain::verdict(request, policies, &outcome, record)
}

fn evaluate(request: &Request, policies: &Policies, trace: &mut impl Trace) -> Outcome {
    if request.always_allowed() {
        return Outcome::settled(Truth::True);
    }
    let sides = Sides::of(request, policies);
    let mut outcome = layers::outcome(request, policies, sides, trace);
    if request.refused().is_some() {
        outcome.allowed = Truth::False;
    }
    outcome
}

#[cfg(test)]
mod tests;
