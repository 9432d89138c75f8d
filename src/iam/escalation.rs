//! Privilege escalation: which ways lead a principal from its permissions to more.
//!
//! A method of the table (`data/escalation.tsv`, see [`Method`]) is a list of requests that one
//! principal must be allowed to make, on targets that belong together: the function that it updates
//! is the function that it invokes, the user that it makes a key for is not itself, a role is passed
//! to the very service that runs it and that the role trusts. Each request is decided over all
//! values of all condition keys, with boundary, service control policies and denials; a denial on
//! something else does not silence a method, one on everything does. Unlike a list of actions, this
//! does not report rights that cannot be used, nor miss those that a wildcard or `NotAction` hides.
//!
//! What a principal could gain is compared with what is known of the account; for a principal on
//! its own, whatever a method needs is assumed to exist.

mod around;
mod batch;
mod call;
mod cases;
mod desk;
mod effort;
mod moves;
mod paths;
mod resources;
mod subject;
mod table;

#[cfg(test)]
mod tests;

pub use batch::escalation_line;
pub use moves::{Finding, Outcome, Verdict, moves};
pub use paths::{Path, Survey, paths, survey};
pub use subject::{Other, Subject, Surroundings};
pub use table::{Class, METHODS, Method, Step, Target};

/// The ways to more permissions: [`moves`] without those to users and roles that are known to have
/// no more, and without those of which a part suffices.
#[must_use]
pub fn escalations(subject: &Subject<'_>, surroundings: &Surroundings<'_>) -> Outcome {
    let mut outcome = moves(subject, surroundings);
    outcome.findings.retain(|finding| !finding.gain.is_false());
    let all = outcome.findings.clone();
    outcome.findings.retain(|finding| {
        !all.iter().any(|other| {
            other.method.takes_less_than(finding.method)
                && other.verdict >= finding.verdict
                && (other.target == finding.target || other.target.is_none())
        })
    });
    outcome
}
