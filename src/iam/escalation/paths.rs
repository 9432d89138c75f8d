//! Paths over several principals: one that gains nothing by itself may turn into one that does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rayon::prelude::*;

use super::around::Neighbours;
use super::moves::{Finding, Outcome, Verdict, moves_among};
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

/// What is known of a principal's ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The ARN of the principal.
    pub start: String,
    /// Its shortest path to something that is, or may be, more than it has.
    pub path: Option<Path>,
    /// Where no path was found: why there may be one all the same.
    pub doubt: Option<String>,
}

/// For each principal with an ARN that has one: its shortest path to something that is, or may be,
/// more than it has. Methods that could not be decided are not used.
#[must_use]
pub fn paths(subjects: &[Subject<'_>], surroundings: &Surroundings<'_>) -> Vec<Path> {
    survey(subjects, surroundings).into_iter().filter_map(|found| found.path).collect()
}

/// The paths of all principals with an ARN, sorted by it, and whether those without one are known to have none.
#[must_use]
pub fn survey(subjects: &[Subject<'_>], surroundings: &Surroundings<'_>) -> Vec<Survey> {
    let neighbours = Neighbours::new(surroundings);
    let one = |subject: &Subject<'_>| {
        let Outcome { mut findings, mut doubt } = moves_among(subject, &neighbours);
        let open = |it: &&Finding| it.verdict == Verdict::Undecided && !it.gain.is_false();
        if let Some(finding) = findings.iter().find(open) {
            let why = format!("{}: {}", finding.method.id, finding.doubt);
            doubt.get_or_insert(why);
        }
        findings.retain(|finding| finding.verdict > Verdict::Undecided);
        Moves::new(findings, doubt)
    };
    let by_arn: BTreeMap<&str, Moves> =
        subjects.par_iter().filter_map(|subject| Some((subject.arn?, one(subject)))).collect();
    by_arn.keys().map(|start| surveyed(start, &by_arn)).collect()
}

/// What a principal can do, and why that may not be all.
struct Moves {
    /// What leads to more than it has, or may: the surest.
    end: Option<Finding>,
    /// The first way to turn into each of the others.
    turns: Vec<Finding>,
    doubt: Option<String>,
}

impl Moves {
    fn new(mut findings: Vec<Finding>, doubt: Option<String>) -> Self {
        let ends = findings.iter().filter(|finding| !finding.gain.is_false());
        let end = ends.max_by_key(|finding| (finding.verdict, finding.target.is_none())).cloned();
        let mut seen = BTreeSet::new();
        findings
            .retain(|finding| finding.target.as_ref().is_some_and(|it| seen.insert(it.clone())));
        Self { end, turns: findings, doubt }
    }
}

/// Breadth first, so that the first end found is a nearest one.
fn surveyed(start: &str, by_arn: &BTreeMap<&str, Moves>) -> Survey {
    let mut reached: BTreeMap<&str, Option<(&str, &Finding)>> = BTreeMap::from([(start, None)]);
    let mut queue = VecDeque::from([start]);
    let mut doubt = None;
    while let Some(here) = queue.pop_front() {
        let Some(Moves { end, turns, doubt: own }) = by_arn.get(here) else { continue };
        if doubt.is_none() {
            doubt.clone_from(own);
        }
        if let Some(last) = end {
            let path = Some(walked(start, here, last, &reached));
            return Survey { start: start.to_owned(), path, doubt: None };
        }
        for finding in turns {
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
    Survey { start: start.to_owned(), path: None, doubt }
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
