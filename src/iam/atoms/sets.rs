//! Keys with several values: a request holds a non-empty set of values, and a set operator asks
//! whether all of them, or any of them, pass a test.
//!
//! The verdicts on a union of two sets follow from the verdicts on both: *all* is the conjunction,
//! *any* the disjunction. So the combinations that some set realizes are the closure of those that
//! single values realize, and no subset needs to be tried twice.

use std::collections::{HashSet, VecDeque};

use super::bits::Bits;

/// A question about all values of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetTest {
    /// Every value is among these atoms.
    All(Bits),
    /// Some value is among these atoms.
    Any(Bits),
}

/// One realizable combination of verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAtom {
    /// The values of a set that realizes it: atoms of the single values, ascending.
    pub members: Vec<usize>,
    /// The tests that the set passes.
    pub passed: Bits,
}

/// All combinations, or as many as the limit allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAtoms {
    /// The combinations, smallest set first.
    pub atoms: Vec<SetAtom>,
    /// Whether every realizable combination is among them.
    pub complete: bool,
}

/// The combinations of verdicts that non-empty sets over `values` atoms realize, at most `limit`.
pub fn set_atoms(values: usize, tests: &[SetTest], limit: usize) -> SetAtoms {
    let single = |value: usize| {
        Bits::filter(tests.len(), |test| {
            tests.get(test).is_some_and(|test| match test {
                SetTest::All(of) | SetTest::Any(of) => of.contains(value),
            })
        })
    };
    let all = Bits::filter(tests.len(), |test| matches!(tests.get(test), Some(SetTest::All(_))));
    let mut seen = HashSet::new();
    let mut singles = Vec::new();
    for value in 0..values {
        let passed = single(value);
        if seen.insert(passed.clone()) {
            singles.push(SetAtom { members: vec![value], passed });
        }
    }
    let mut complete = singles.len() <= limit;
    let mut queue: VecDeque<SetAtom> = singles.iter().cloned().collect();
    let mut found = Vec::new();
    while let Some(atom) = queue.pop_front() {
        for other in &singles {
            let passed = union(&atom.passed, &other.passed, &all);
            if seen.contains(&passed) {
                continue;
            }
            if seen.len() >= limit {
                complete = false;
                break;
            }
            seen.insert(passed.clone());
            let mut members = atom.members.clone();
            members.extend(&other.members);
            members.sort_unstable();
            members.dedup();
            queue.push_back(SetAtom { members, passed });
        }
        found.push(atom);
    }
    SetAtoms { atoms: found, complete }
}

/// The verdicts on the union of two sets.
fn union(a: &Bits, b: &Bits, all: &Bits) -> Bits {
    let mut any = a.clone();
    any.add(b);
    let both = a.and(b);
    let mut passed = any.minus(all);
    passed.add(&both.and(all));
    passed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every non-empty subset, one by one.
    fn by_hand(values: usize, tests: &[SetTest]) -> HashSet<Vec<bool>> {
        (1usize..1 << values)
            .map(|subset| {
                let members: Vec<usize> = (0..values).filter(|v| subset >> v & 1 == 1).collect();
                tests
                    .iter()
                    .map(|test| match test {
                        SetTest::All(of) => members.iter().all(|v| of.contains(*v)),
                        SetTest::Any(of) => members.iter().any(|v| of.contains(*v)),
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn closure_finds_exactly_what_subsets_realize() {
        let bits = |mask: usize| Bits::filter(5, |n| mask >> n & 1 == 1);
        for seed in 0..200usize {
            let mask = |k: usize| (seed * 7919 + k * 104_729 + seed * k * 31) % 32;
            let tests: Vec<SetTest> = (0..4)
                .map(|k| match (seed >> k) & 1 {
                    0 => SetTest::All(bits(mask(k))),
                    _ => SetTest::Any(bits(mask(k))),
                })
                .collect();
            let found = set_atoms(5, &tests, 1000);
            let verdicts: HashSet<Vec<bool>> = found
                .atoms
                .iter()
                .map(|atom| (0..tests.len()).map(|t| atom.passed.contains(t)).collect())
                .collect();
            assert!(found.complete);
            assert_eq!(verdicts.len(), found.atoms.len());
            assert_eq!(verdicts, by_hand(5, &tests));
        }
    }
}
