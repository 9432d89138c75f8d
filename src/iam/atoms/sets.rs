//! Keys with several values: a request holds a non-empty set of values, and a set operator asks
//! whether all of them, or any of them, pass a test.
//!
//! The verdicts on a union of two sets follow from the verdicts on both: *all* is the smaller of the
//! two, *any* the greater. So the combinations that some set realizes are the closure of those that
//! single values realize, and no subset needs to be tried twice. Verdicts are any ordered type, so
//! that truth values with an unknown in the middle work like booleans.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

use super::product::Budget;

/// How the verdicts on single values make up the verdict on a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetTest {
    /// Every value must pass: the smallest verdict counts.
    All,
    /// Some value must pass: the greatest verdict counts.
    Any,
}

/// The sets that realize every combination of verdicts, or as many as the limit allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAtoms {
    /// One set a combination, the smallest first: indices of values, ascending.
    pub members: Vec<Vec<usize>>,
    /// Whether every realizable combination is among them.
    pub complete: bool,
}

/// What it costs to unite two sets, beside the tests.
const UNION: usize = 60;

/// The sets to try for `verdicts`, the row of verdicts of each single value, one for each of
/// `tests`. At most `limit` sets, and as many as the budget allows.
pub fn set_atoms<T: Ord + Hash + Clone>(
    tests: &[SetTest],
    verdicts: &[Vec<T>],
    limit: usize,
    budget: &Budget,
) -> SetAtoms {
    let mut seen: HashSet<Vec<T>> = HashSet::new();
    let mut singles = Vec::new();
    for (value, row) in verdicts.iter().enumerate() {
        if seen.insert(row.clone()) {
            singles.push((vec![value], row.clone()));
        }
    }
    let mut complete = singles.len() <= limit;
    let mut queue: VecDeque<(Vec<usize>, Vec<T>)> = singles.iter().cloned().collect();
    let mut found = Vec::new();
    let cost = singles.len() * (tests.len() * 4 + UNION);
    while let Some((members, row)) = queue.pop_front() {
        if !budget.spend(cost) || budget.is_empty() {
            complete = false;
            break;
        }
        for (other, single) in &singles {
            let both = union(tests, &row, single);
            if seen.contains(&both) {
                continue;
            }
            if seen.len() >= limit {
                complete = false;
                break;
            }
            seen.insert(both.clone());
            let mut members = members.clone();
            members.extend(other);
            members.sort_unstable();
            members.dedup();
            queue.push_back((members, both));
        }
        found.push(members);
    }
    SetAtoms { members: found, complete }
}

/// The verdicts on the union of two sets.
fn union<T: Ord + Clone>(tests: &[SetTest], a: &[T], b: &[T]) -> Vec<T> {
    tests
        .iter()
        .zip(a.iter().zip(b))
        .map(|(test, (a, b))| match test {
            SetTest::All => a.min(b).clone(),
            SetTest::Any => a.max(b).clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(tests: &[SetTest], verdicts: &[Vec<u8>], members: &[usize]) -> Vec<u8> {
        tests
            .iter()
            .enumerate()
            .map(|(test, kind)| {
                let values = members.iter().map(|value| verdicts[*value][test]);
                match kind {
                    SetTest::All => values.min(),
                    SetTest::Any => values.max(),
                }
                .expect("sets have members")
            })
            .collect()
    }

    #[test]
    fn closure_finds_exactly_what_subsets_realize() {
        for seed in 0..200usize {
            let tests: Vec<SetTest> =
                (0..4).map(|k| [SetTest::All, SetTest::Any][(seed >> k) & 1]).collect();
            let verdicts: Vec<Vec<u8>> = (0..5)
                .map(|v| {
                    (0..4)
                        .map(|t| ((seed * 7919 + v * 31 + t * t * 17 + v * t) % 3) as u8)
                        .collect()
                })
                .collect();
            let found = set_atoms(&tests, &verdicts, 1000, &Budget::default());
            let ours: HashSet<Vec<u8>> =
                found.members.iter().map(|set| verdict(&tests, &verdicts, set)).collect();
            let theirs: HashSet<Vec<u8>> = (1usize..1 << 5)
                .map(|subset| (0..5).filter(|v| subset >> v & 1 == 1).collect::<Vec<_>>())
                .map(|members| verdict(&tests, &verdicts, &members))
                .collect();
            assert!(found.complete);
            assert_eq!(ours.len(), found.members.len());
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_limit_is_kept_and_told() {
        let verdicts: Vec<Vec<bool>> = (0..20).map(|v| (0..20).map(|t| v == t).collect()).collect();
        let found = set_atoms(&[SetTest::Any; 20], &verdicts, 100, &Budget::default());
        assert!(!found.complete);
        assert!(found.members.len() <= 100);
    }
}
