//! The product of all patterns of a key: which sets of patterns can one value match, and a
//! shortest value for each.
//!
//! Literals are kept apart from wildcard patterns. A value is either still on the way to a literal
//! (a node of their trie) or has left the trie for good; so thousands of literals cost a node a
//! character, and only wildcard patterns multiply. They do multiply: `*a*b*` a few hundred times
//! has exponentially many atoms. A budget bounds the work; when it ends, the atoms found so far
//! are realizable all the same, but there may be more, and `complete` says so.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::alphabet::{Alphabet, Domain};
use super::automaton::{Automaton, Positions};
use super::pattern::Pattern;

/// One realizable combination of matched patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// A shortest value that realizes the combination.
    pub witness: String,
    /// The indices of the patterns that the value matches, ascending.
    pub accepts: Vec<usize>,
}

/// All atoms of a key, or as many as the budget allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atoms {
    /// The atoms, shortest witness first.
    pub atoms: Vec<Atom>,
    /// Whether every realizable combination is among them.
    pub complete: bool,
}

/// How much work a product may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Machine-word operations; about a nanosecond each.
    pub work: usize,
    /// Atoms kept.
    pub atoms: usize,
}

impl Default for Budget {
    /// Some tens of milliseconds, and more atoms than any policy in the field has.
    fn default() -> Self {
        Self { work: 8_000_000, atoms: 20_000 }
    }
}

/// The atoms of the values in `domain` with regard to `patterns`.
pub fn atoms(patterns: &[Pattern], domain: &Domain, budget: Budget) -> Atoms {
    Product::new(patterns, domain, budget).run()
}

/// What was read so far: a node of the trie of literals if a literal may still follow, and the
/// state of the wildcard patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    node: Option<usize>,
    glob: usize,
}

#[derive(Debug, Default)]
struct Node {
    next: BTreeMap<char, usize>,
    /// The patterns that are the literal ending here.
    ends: Vec<usize>,
}

struct Visit {
    state: State,
    /// The visit this one came from, and the character read.
    from: Option<(usize, char)>,
}

struct Product<'a> {
    domain: &'a Domain,
    budget: Budget,
    trie: Vec<Node>,
    alphabet: Alphabet,
    automaton: Automaton,
    /// For each pattern of the automaton the index the caller knows it by; patterns of the domain
    /// come after these.
    names: Vec<usize>,
    states: Vec<Positions>,
    index: HashMap<Positions, usize>,
    /// Per wildcard state and symbol, the next state once known.
    steps: Vec<Vec<Option<usize>>>,
    visits: Vec<Visit>,
    /// Per wildcard state and symbol: already followed off the trie.
    followed: Vec<Vec<bool>>,
    work: usize,
}

impl<'a> Product<'a> {
    fn new(patterns: &'a [Pattern], domain: &'a Domain, budget: Budget) -> Self {
        let mut trie = vec![Node::default()];
        let mut literals = Vec::new();
        let mut names = Vec::new();
        let mut globs: Vec<&Pattern> = Vec::new();
        for (index, pattern) in patterns.iter().enumerate() {
            if let Some(text) = pattern.as_literal() {
                plant(&mut trie, &text, index);
                literals.push(text);
            } else {
                names.push(index);
                globs.push(pattern);
            }
        }
        globs.extend(domain.within());
        let alphabet = Alphabet::new(&globs, &literals, domain);
        let mut symbols = alphabet.named.clone();
        symbols.extend(alphabet.others.first());
        let automaton = Automaton::new(&globs, &symbols);
        Self {
            domain,
            budget,
            trie,
            alphabet,
            automaton,
            names,
            states: Vec::new(),
            index: HashMap::new(),
            steps: Vec::new(),
            visits: Vec::new(),
            followed: Vec::new(),
            work: 0,
        }
    }

    fn run(mut self) -> Atoms {
        let start = self.automaton.start();
        let glob = self.intern(start);
        self.visits.push(Visit { state: State { node: Some(0), glob }, from: None });
        let mut queue = VecDeque::from([0]);
        let mut seen: HashMap<Vec<usize>, ()> = HashMap::new();
        let mut found = Vec::new();
        let mut complete = true;
        while let Some(visit) = queue.pop_front() {
            let Some(state) = self.visits.get(visit).map(|visit| visit.state) else { continue };
            if let Some(accepts) = self.accepts(state)
                && seen.insert(accepts.clone(), ()).is_none()
            {
                found.push(Atom { witness: self.witness(visit), accepts });
            }
            if self.work > self.budget.work || found.len() >= self.budget.atoms {
                complete = false;
                break;
            }
            self.follow_literals(visit, state, &mut queue);
            self.follow_others(visit, state, &mut queue);
        }
        Atoms { atoms: found, complete }
    }

    /// The patterns matched in this state, or nothing if the value is outside the domain.
    fn accepts(&mut self, state: State) -> Option<Vec<usize>> {
        let at = self.states.get(state.glob)?;
        let mut accepts = Vec::new();
        let mut inside = !self.domain.is_limited();
        for pattern in self.automaton.accepted(at) {
            match self.names.get(pattern) {
                Some(name) => accepts.push(*name),
                None => inside = true,
            }
        }
        self.work += self.names.len() / 8 + 1;
        if let Some(node) = state.node.and_then(|node| self.trie.get(node)) {
            accepts.extend(&node.ends);
            accepts.sort_unstable();
        }
        inside.then_some(accepts)
    }

    /// Reads on along the trie of literals.
    fn follow_literals(&mut self, visit: usize, state: State, queue: &mut VecDeque<usize>) {
        let Some(node) = state.node.and_then(|node| self.trie.get(node)) else { return };
        let next: Vec<(char, usize)> = node.next.iter().map(|(c, node)| (*c, *node)).collect();
        for (c, node) in next {
            let Some(symbol) = self.symbol(c) else { continue };
            if let Some(glob) = self.step(state.glob, symbol) {
                self.push(State { node: Some(node), glob }, (visit, c), queue);
            }
        }
    }

    /// Reads on with characters that lead to no literal, once for each wildcard state and symbol:
    /// off the trie the way there makes no difference.
    fn follow_others(&mut self, visit: usize, state: State, queue: &mut VecDeque<usize>) {
        let symbols = self.alphabet.named.len() + usize::from(!self.alphabet.others.is_empty());
        for symbol in 0..symbols {
            let followed = self.followed.get(state.glob).and_then(|row| row.get(symbol));
            if followed == Some(&true) {
                continue;
            }
            let Some(c) = self.character(symbol, state.node) else { continue };
            if let Some(slot) =
                self.followed.get_mut(state.glob).and_then(|row| row.get_mut(symbol))
            {
                *slot = true;
            }
            if let Some(glob) = self.step(state.glob, symbol)
                && !self.is_followed_up(glob)
            {
                self.push(State { node: None, glob }, (visit, c), queue);
            }
        }
    }

    /// Whether this wildcard state was reached off the trie before.
    fn is_followed_up(&mut self, glob: usize) -> bool {
        let symbols = self.alphabet.named.len() + 1;
        let Some(row) = self.followed.get_mut(glob) else { return true };
        // The slot behind the symbols notes that the state itself was queued off the trie.
        row.get_mut(symbols).is_none_or(|slot| std::mem::replace(slot, true))
    }

    /// A character of this symbol that does not lead on along the trie.
    fn character(&self, symbol: usize, node: Option<usize>) -> Option<char> {
        let edges = node.and_then(|node| self.trie.get(node)).map(|node| &node.next);
        let leads_on = |c: &char| edges.is_some_and(|edges| edges.contains_key(c));
        match self.alphabet.named.get(symbol) {
            Some(c) => Some(*c).filter(|c| !leads_on(c)),
            None => self.alphabet.others.iter().copied().find(|c| !leads_on(c)),
        }
    }

    /// The symbol that a character of a literal belongs to; nothing if the domain excludes it.
    fn symbol(&self, c: char) -> Option<usize> {
        match self.alphabet.named.binary_search(&c) {
            Ok(symbol) => Some(symbol),
            Err(_) => self.domain.allows(c).then_some(self.alphabet.named.len()),
        }
    }

    /// The wildcard state after a symbol; nothing if the value can no longer be in the domain.
    fn step(&mut self, glob: usize, symbol: usize) -> Option<usize> {
        if let Some(Some(known)) = self.steps.get(glob).and_then(|row| row.get(symbol)) {
            return (*known != DEAD).then_some(*known);
        }
        self.work += self.automaton.cost() * 4 + 16;
        let next = self.automaton.step(self.states.get(glob)?, symbol);
        let live = !self.domain.is_limited() || self.automaton.is_live(&next, self.names.len());
        let next = if live { self.intern(next) } else { DEAD };
        if let Some(slot) = self.steps.get_mut(glob).and_then(|row| row.get_mut(symbol)) {
            *slot = Some(next);
        }
        live.then_some(next)
    }

    fn intern(&mut self, positions: Positions) -> usize {
        if let Some(known) = self.index.get(&positions) {
            return *known;
        }
        let symbols = self.alphabet.named.len() + 1;
        let fresh = self.states.len();
        self.states.push(positions.clone());
        self.index.insert(positions, fresh);
        self.steps.push(vec![None; symbols]);
        self.followed.push(vec![false; symbols + 1]);
        fresh
    }

    fn push(&mut self, state: State, from: (usize, char), queue: &mut VecDeque<usize>) {
        self.work += 8;
        queue.push_back(self.visits.len());
        self.visits.push(Visit { state, from: Some(from) });
    }

    fn witness(&mut self, visit: usize) -> String {
        let mut characters = Vec::new();
        let mut at = self.visits.get(visit);
        while let Some((from, c)) = at.and_then(|visit| visit.from) {
            characters.push(c);
            at = self.visits.get(from);
        }
        self.work += characters.len();
        characters.iter().rev().collect()
    }
}

/// Marks a step that leaves the domain for good.
const DEAD: usize = usize::MAX;

fn plant(trie: &mut Vec<Node>, text: &str, pattern: usize) {
    let mut at = 0;
    for c in text.chars() {
        let fresh = trie.len();
        let Some(node) = trie.get_mut(at) else { return };
        at = *node.next.entry(c).or_insert(fresh);
        if at == fresh {
            trie.push(Node::default());
        }
    }
    if let Some(node) = trie.get_mut(at) {
        node.ends.push(pattern);
    }
}

#[cfg(test)]
mod tests {
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
    fn agrees(
        patterns: &[Pattern],
        domain: &Domain,
        alphabet: &[char],
        inside: &dyn Fn(&str) -> bool,
    ) {
        let found = atoms(patterns, domain, Budget::default());
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
            (0..length).map(|_| ['a', 'b', '*', '?', 'a'][draw(5) as usize]).collect();
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
        let found = atoms(&patterns, &Domain::any().over(['a', 'b']), Budget::default());
        assert!(!found.atoms.iter().any(|atom| atom.accepts == [0]));
        let found = atoms(&patterns, &Domain::any(), Budget::default());
        assert!(found.atoms.iter().any(|atom| atom.accepts == [0]));
    }

    #[test]
    fn thousands_of_literals_are_cheap_and_complete() {
        let mut patterns: Vec<Pattern> = (0..5000)
            .map(|n| Pattern::literal(&format!("service{}:Action{n}", n % 50), Case::Sensitive))
            .collect();
        patterns.push(Pattern::glob("service1*:*7", Case::Sensitive));
        let found = atoms(&patterns, &Domain::any(), Budget::default());
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
        let found = atoms(&patterns, &Domain::any(), Budget::default());
        assert!(!found.complete);
        for atom in found.atoms.iter().take(50) {
            assert_eq!(accepted(&patterns, &atom.witness), atom.accepts);
        }
    }
}
