//! Which statements matched, recorded only when somebody wants to know why.

use super::super::document::Effect;
use super::super::truth::Truth;

/// The place of a policy in the evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// A service control policy of a level, from 0.
    Scp(usize),
    /// A resource control policy of a level, from 0.
    Rcp(usize),
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The policy of the resource.
    Resource,
    /// The policies of the caller and its groups.
    Identity,
    /// The permissions boundary of the caller.
    Boundary,
    /// The session policy.
    Session,
}

/// A statement that matched a request, or may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Matched {
    /// Where its policy stands.
    pub layer: Layer,
    /// The number of the document in its set, from 0.
    pub document: usize,
    /// The number of the statement in its document, from 0.
    pub statement: usize,
    /// Allow or deny.
    pub effect: Effect,
    /// True or unknown.
    pub truth: Truth,
}

/// Takes notes, or does not.
pub(super) trait Trace {
    fn matched(&mut self, matched: Matched);
    /// Whether the evaluation should go on when the answer is certain.
    fn wants_all(&self) -> bool;
}

/// Takes no notes.
pub(super) struct Silent;

impl Trace for Silent {
    fn matched(&mut self, _matched: Matched) {}

    fn wants_all(&self) -> bool {
        false
    }
}

/// Keeps everything.
#[derive(Default)]
pub(super) struct Record(pub Vec<Matched>);

impl Trace for Record {
    fn matched(&mut self, matched: Matched) {
        self.0.push(matched);
    }

    fn wants_all(&self) -> bool {
        true
    }
}
