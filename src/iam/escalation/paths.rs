//! Paths over several principals: one that gains nothing by itself may turn into one that does.

use std::collections::{BTreeMap, VecDeque};

use rayon::prelude::*;

use super::moves::{Finding, Verdict, moves};
use super::subject::{Subject, Surroundings};

/// The shortest way from a principal to more permissions.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The ARN of the principal that starts.
    pub start: String,
    /// What is done in turn: each hop but the last turns into the principal of the next one.
    pub hops: Vec<Finding>,
    /// The least sure of the hops.
    pub verdict: Verdict,
}

/// For each principal with an ARN that has one: its shortest path to something that is, or may be,
/// more than it has. Methods that could not be decided are not used.
#[must_use]
pub fn paths(subjects: &[Subject<'_>], surroundings: &Surroundings<'_>) -> Vec<Path> {
    let one = |subject: &Subject<'_>| {
        let mut found = moves(subject, surroundings).findings;
        found.retain(|finding| finding.verdict > Verdict::Undecided);
        found
    };
    let by_arn: BTreeMap<&str, Vec<Finding>> =
        subjects.par_iter().filter_map(|subject| Some((subject.arn?, one(subject)))).collect();
    by_arn.keys().filter_map(|start| path(start, &by_arn)).collect()
}

/// Breadth first, so that the first end found is a nearest one.
fn path(start: &str, by_arn: &BTreeMap<&str, Vec<Finding>>) -> Option<Path> {
    let mut reached: BTreeMap<&str, Option<(&str, &Finding)>> = BTreeMap::from([(start, None)]);
    let mut queue = VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        let found = by_arn.get(here)?;
        let ends = found.iter().filter(|finding| !finding.gain.is_false());
        if let Some(last) = ends.max_by_key(|finding| (finding.verdict, finding.target.is_none())) {
            return Some(walked(start, here, last, &reached));
        }
        for finding in found {
            let Some((next, _)) =
                finding.target.as_deref().and_then(|target| by_arn.get_key_value(target))
            else {
                continue;
            };
            if !reached.contains_key(next) {
                reached.insert(next, Some((here, finding)));
                queue.push_back(next);
            }
        }
    }
    None
}

fn walked(
    start: &str,
    end: &str,
    last: &Finding,
    reached: &BTreeMap<&str, Option<(&str, &Finding)>>,
) -> Path {
    let mut hops = vec![last.clone()];
    let mut here = end;
    while let Some(Some((before, finding))) = reached.get(here) {
        hops.push((*finding).clone());
        here = before;
    }
    hops.reverse();
    let verdict = hops.iter().map(|hop| hop.verdict).min().unwrap_or(Verdict::Undecided);
    Path { start: start.to_owned(), hops, verdict }
}
