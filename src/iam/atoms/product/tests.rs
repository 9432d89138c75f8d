use std::collections::BTreeSet;

use super::super::pattern::Case;
use super::*;

fn strings(alphabet: &[char], up_to: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..up_to {
        last = last
            .iter()
            .flat_map(|text| alphabet.iter().map(move |c| format!("{text}{c}")))
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn accepted(patterns: &[Pattern], text: &str) -> Vec<usize> {
    (0..patterns.len()).filter(|index| patterns[*index].matches(text)).collect()
}

/// The product against trying every string up to a length: small patterns need no longer ones.
fn agrees(patterns: &[Pattern], domain: &Domain, alphabet: &[char], inside: &dyn Fn(&str) -> bool) {
    let found = atoms(patterns, domain, &Budget::default());
    assert!(found.complete);
    for atom in &found.atoms {
        assert!(inside(&atom.witness), "{} is outside", atom.witness);
        assert_eq!(accepted(patterns, &atom.witness), atom.accepts, "{patterns:?}");
    }
    let ours: BTreeSet<Vec<usize>> = found.atoms.into_iter().map(|atom| atom.accepts).collect();
    let theirs: BTreeSet<Vec<usize>> = strings(alphabet, 5)
        .iter()
        .filter(|text| inside(text))
        .map(|text| accepted(patterns, text))
        .collect();
    assert_eq!(ours, theirs, "{patterns:?}");
}

fn small_pattern(seed: u64) -> Pattern {
    let mut seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = |of: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % of
    };
    let length = draw(3) + 1;
    let text: String =
        (0..length).map(|_| ['a', 'b', '*', '?', 'a', '*'][draw(6) as usize]).collect();
    match draw(4) {
        0 => Pattern::literal(&text.replace('?', "b"), Case::Sensitive),
        1 => Pattern::glob(&text, Case::Insensitive),
        _ => Pattern::glob(&text, Case::Sensitive),
    }
}

#[test]
fn atoms_are_exactly_the_combinations_that_strings_realize() {
    for seed in 0..60u64 {
        let patterns: Vec<Pattern> = (0..3).map(|k| small_pattern(seed * 3 + k + 1)).collect();
        let alphabet = ['a', 'b', 'A', 'B', '*', 'x'];
        agrees(&patterns, &Domain::any(), &alphabet, &|_| true);
        agrees(&patterns, &Domain::text(), &alphabet, &|text| !text.is_empty());
        let few = Domain::any().over(['a', 'b']);
        agrees(&patterns, &few, &['a', 'b'], &|text| text.chars().all(|c| "ab".contains(c)));
        let within = Pattern::glob("a*b", Case::Sensitive);
        let domain = Domain::of(vec![within.clone()]);
        agrees(&patterns, &domain, &alphabet, &|text| within.matches(text));
    }
}

#[test]
fn a_finite_wildcard_language_is_not_stretched_past_its_literals() {
    let patterns = [
        Pattern::glob("a?", Case::Sensitive),
        Pattern::literal("aa", Case::Sensitive),
        Pattern::literal("ab", Case::Sensitive),
    ];
    let found = atoms(&patterns, &Domain::any().over(['a', 'b']), &Budget::default());
    assert!(!found.atoms.iter().any(|atom| atom.accepts == [0]));
    let found = atoms(&patterns, &Domain::any(), &Budget::default());
    assert!(found.atoms.iter().any(|atom| atom.accepts == [0]));
}

#[test]
fn thousands_of_literals_are_cheap_and_complete() {
    let mut patterns: Vec<Pattern> = (0..5000)
        .map(|n| Pattern::literal(&format!("service{}:Action{n}", n % 50), Case::Sensitive))
        .collect();
    patterns.push(Pattern::glob("service1*:*7", Case::Sensitive));
    let found = atoms(&patterns, &Domain::any(), &Budget::default());
    assert!(found.complete);
    assert_eq!(found.atoms.len(), 5000 + 2);
}

#[test]
fn hundreds_of_crossing_patterns_end_with_a_partial_answer() {
    let patterns: Vec<Pattern> = (0..500u32)
        .map(|n| {
            let letter = |k: u32| char::from_u32(97 + (n * 7 + k * 11) % 26).expect("a letter");
            Pattern::glob(&format!("*{}*{}*", letter(1), letter(n)), Case::Sensitive)
        })
        .collect();
    let found = atoms(&patterns, &Domain::any(), &Budget::default());
    assert!(!found.complete);
    for atom in found.atoms.iter().take(50) {
        assert_eq!(accepted(&patterns, &atom.witness), atom.accepts);
    }
}

#[test]
fn thousands_of_prefixes_are_cheap_and_complete() {
    let patterns: Vec<Pattern> = (0..3000)
        .map(|n| Pattern::glob(&format!("arn:aws:s3:::bucket{n}/*"), Case::Sensitive))
        .collect();
    let within = Domain::of(vec![Pattern::arn("arn:*:s3:*:*:?*").expect("six segments")]);
    for domain in [Domain::any(), within] {
        let found = atoms(&patterns, &domain, &Budget::default());
        assert!(found.complete);
        assert_eq!(found.atoms.len(), 3001);
    }
}
