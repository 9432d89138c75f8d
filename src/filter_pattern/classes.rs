//! The string cases of a proof: one sample for every way in which a string can belong to some of
//! several languages and not to the others.
//!
//! The samples come from walking the joint automaton of all languages breadth first, so they are
//! complete (every string behaves as one of them) unless the budget ends the walk, and short.

use std::collections::{BTreeSet, VecDeque};

use super::language::{Automaton, Language, States};

/// What [`classes`] found.
#[derive(Debug)]
pub(super) struct Classes {
    /// One string a case, readable ones first.
    pub(super) samples: Vec<String>,
    /// Whether every string behaves as one of the samples.
    pub(super) complete: bool,
}

/// Finds a sample for each case. `preferred` strings stand for their case where they can;
/// the work in automaton positions
/// visited is taken from `budget`, which ends the walk when it is spent.
pub(super) fn classes(languages: &[&Language], preferred: &[&str], budget: &mut usize) -> Classes {
    let automaton = Automaton::new(languages);
    let mut found: BTreeSet<Vec<bool>> = BTreeSet::new();
    let mut samples: Vec<String> = Vec::new();
    let mut note = |signature: Vec<bool>, text: &str| {
        if found.insert(signature) {
            samples.push(text.to_owned());
        }
    };
    for text in preferred {
        note(automaton.accepted(&automaton.read(text)), text);
    }
    let complete = walk(&automaton, &alphabet(languages), budget, &mut note);
    Classes { samples, complete }
}

/// Visits every reachable set of positions once; false when the budget ended the walk.
fn walk(
    automaton: &Automaton<'_>,
    alphabet: &[char],
    budget: &mut usize,
    note: &mut impl FnMut(Vec<bool>, &str),
) -> bool {
    let alphabet: Vec<(char, States)> =
        alphabet.iter().map(|character| (*character, automaton.readers(*character))).collect();
    let mut seen: BTreeSet<States> = BTreeSet::new();
    let mut queue: VecDeque<(States, String)> = VecDeque::new();
    seen.insert(automaton.start());
    queue.push_back((automaton.start(), String::new()));
    while let Some((states, text)) = queue.pop_front() {
        note(automaton.accepted(&states), &text);
        for (character, readers) in &alphabet {
            match budget.checked_sub(automaton.size()) {
                Some(left) => *budget = left,
                None => return false,
            }
            let next = automaton.step(&states, readers);
            if seen.insert(next.clone()) {
                let mut longer = text.clone();
                longer.push(*character);
                queue.push_back((next, longer));
            }
        }
    }
    true
}

/// One character for each stretch of code points that no language tells apart.
fn alphabet(languages: &[&Language]) -> Vec<char> {
    let mut borders: BTreeSet<u32> = BTreeSet::from([0]);
    for item in languages.iter().flat_map(|language| language.sequences.iter().flatten()) {
        borders.extend(item.set.borders());
    }
    let starts: Vec<u32> = borders.into_iter().collect();
    let ends = starts.iter().skip(1).copied().chain([u32::from(char::MAX) + 1]);
    starts.iter().zip(ends).filter_map(|(start, end)| representative(*start, end)).collect()
}

/// A readable character of `start..end` where there is one.
fn representative(start: u32, end: u32) -> Option<char> {
    ('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9')
        .chain(' '..='~')
        .find(|character| (start..end).contains(&u32::from(*character)))
        .or_else(|| (start..end).find_map(char::from_u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_globs_have_four_cases() {
        let (first, second) = (Language::glob("a*"), Language::glob("*b"));
        let found = classes(&[&first, &second], &[], &mut 100_000);
        assert!(found.complete);
        let signatures: BTreeSet<(bool, bool)> =
            found.samples.iter().map(|text| (first.accepts(text), second.accepts(text))).collect();
        assert_eq!(signatures.len(), 4);
        assert_eq!(found.samples.len(), 4);
    }

    #[test]
    fn a_contained_language_has_no_case_of_its_own() {
        let (inner, outer) = (Language::literal("AccessDenied"), Language::glob("AccessDenied*"));
        let found = classes(&[&inner, &outer], &["other"], &mut 100_000);
        assert_eq!(found.samples.first().map(String::as_str), Some("other"));
        assert_eq!(found.samples.len(), 3, "both, outer only, neither: {:?}", found.samples);
    }

    #[test]
    fn the_budget_ends_a_walk_that_would_explode() {
        let globs: Vec<Language> =
            (0..60).map(|n| Language::glob(&format!("*{n}*x{n}*y{n}*"))).collect();
        let found = classes(&globs.iter().collect::<Vec<_>>(), &[], &mut 100_000);
        assert!(!found.complete);
        assert!(!found.samples.is_empty());
    }
}
