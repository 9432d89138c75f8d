//! The product of all patterns of a key: which sets of tests can one value pass, and a shortest value
//! for each.
//!
//! Literals and prefixes are kept apart from other wildcard patterns. A value is either still on the
//! way to one of them (a node of their tree) or has left the tree for good; so thousands of them cost
//! a node a character, and only other patterns multiply. They do multiply: `*a*b*` a few hundred times
//! has exponentially many atoms. A budget bounds the work; when it ends, the atoms found so far
//! are realizable all the same, but there may be more, and `complete` says so.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::alphabet::{Alphabet, Domain};
use super::automaton::{Automaton, Positions};
use super::pattern::Pattern;
use super::trie::{ROOT, Shape, Trie, shape};

/// One realizable combination of passed tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// A shortest value that realizes the combination.
    pub witness: String,
    /// The indices of the tests that the value passes, ascending.
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
    /// Units of about a nanosecond.
    pub work: usize,
    /// Atoms kept.
    pub atoms: usize,
}

impl Default for Budget {
    /// Some tens of milliseconds, and more atoms than any policy in the field has.
    fn default() -> Self {
        Self { work: 12_000_000, atoms: 20_000 }
    }
}

/// The atoms of the values in `domain` with regard to `tests`: a value passes a test if one of its
/// patterns matches.
pub fn atoms(tests: &[Vec<Pattern>], domain: &Domain, budget: Budget) -> Atoms {
    Product::new(tests, domain, budget).run()
}

/// What was read so far: a node of the tree of literals and prefixes if one of them may still
/// follow, and the place in the product of everything else.
#[derive(Debug, Clone, Copy)]
struct State {
    node: Option<usize>,
    place: usize,
}

/// What counts off the tree: the groups that a prefix has settled, and the state of the automaton.
#[derive(Debug)]
struct Place {
    passed: usize,
    glob: usize,
    /// The place itself was queued off the tree.
    queued: bool,
    /// The symbols followed off the tree.
    followed: Vec<bool>,
}

struct Visit {
    state: State,
    /// The visit this one came from, and the character read.
    from: Option<(usize, char)>,
}

struct Product<'a> {
    domain: &'a Domain,
    budget: Budget,
    trie: Trie,
    alphabet: Alphabet,
    automaton: Automaton,
    /// The tests that each group of patterns belongs to.
    groups: Vec<Vec<usize>>,
    /// The groups that have patterns in the automaton, in its order; behind them comes the domain.
    wild: Vec<usize>,
    globs: Interner<Positions>,
    passed: Interner<Vec<usize>>,
    places: Interner<(usize, usize)>,
    rows: Vec<Place>,
    /// Per automaton state and symbol, the next state once known.
    steps: Vec<Vec<Option<usize>>>,
    visits: Vec<Visit>,
    work: usize,
}

/// Numbers for values, in the order in which they appear.
struct Interner<T> {
    values: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T: Clone + Eq + std::hash::Hash> Interner<T> {
    fn new() -> Self {
        Self { values: Vec::new(), numbers: HashMap::new() }
    }

    fn number(&mut self, value: T) -> usize {
        if let Some(known) = self.numbers.get(&value) {
            return *known;
        }
        let fresh = self.values.len();
        self.values.push(value.clone());
        self.numbers.insert(value, fresh);
        fresh
    }
}

/// Patterns by the tests that they belong to: patterns with the same tests form a group.
fn grouped(tests: &[Vec<Pattern>]) -> Vec<(Vec<usize>, Vec<&Pattern>)> {
    let mut owners: HashMap<&Pattern, BTreeSet<usize>> = HashMap::new();
    let mut order = Vec::new();
    for (test, patterns) in tests.iter().enumerate() {
        for pattern in patterns {
            let own = owners.entry(pattern).or_insert_with(|| {
                order.push(pattern);
                BTreeSet::new()
            });
            own.insert(test);
        }
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<&Pattern>> = BTreeMap::new();
    for pattern in order {
        let own = owners.get(pattern).into_iter().flatten().copied().collect();
        groups.entry(own).or_default().push(pattern);
    }
    groups.into_iter().collect()
}

impl<'a> Product<'a> {
    fn new(tests: &'a [Vec<Pattern>], domain: &'a Domain, budget: Budget) -> Self {
        let mut trie = Trie::new();
        let mut texts = Vec::new();
        let (mut groups, mut wild) = (Vec::new(), Vec::new());
        let mut globs: Vec<Vec<&Pattern>> = Vec::new();
        for (group, (tests, patterns)) in grouped(tests).into_iter().enumerate() {
            let mut rest = Vec::new();
            for pattern in patterns {
                match shape(pattern) {
                    Shape::Literal(text) => {
                        trie.literal(&text, group);
                        texts.push(text);
                    }
                    Shape::Prefix(text) => {
                        trie.prefix(&text, group);
                        texts.push(text);
                    }
                    Shape::Other => rest.push(pattern),
                }
            }
            groups.push(tests);
            if !rest.is_empty() {
                wild.push(group);
                globs.push(rest);
            }
        }
        globs.push(domain.within().iter().collect());
        let patterns: Vec<&Pattern> = globs.iter().flatten().copied().collect();
        let alphabet = Alphabet::new(&patterns, &texts, domain);
        let mut symbols = alphabet.named.clone();
        symbols.extend(alphabet.others.first());
        let automaton = Automaton::new(&globs, &symbols);
        Self {
            domain,
            budget,
            trie,
            alphabet,
            automaton,
            groups,
            wild,
            globs: Interner::new(),
            passed: Interner::new(),
            places: Interner::new(),
            rows: Vec::new(),
            steps: Vec::new(),
            visits: Vec::new(),
            work: 0,
        }
    }

    fn run(mut self) -> Atoms {
        let start = self.automaton.start();
        let glob = self.glob(start);
        let nothing = self.passed.number(Vec::new());
        let place = self.place(nothing, glob);
        let place = self.enter(ROOT, place);
        self.visits.push(Visit { state: State { node: Some(ROOT), place }, from: None });
        let mut queue = VecDeque::from([0]);
        let mut seen: HashSet<Vec<usize>> = HashSet::new();
        let mut found = Vec::new();
        let mut complete = true;
        while let Some(visit) = queue.pop_front() {
            let Some(state) = self.visits.get(visit).map(|visit| visit.state) else { continue };
            if let Some(accepts) = self.accepts(state)
                && seen.insert(accepts.clone())
            {
                found.push(Atom { witness: self.witness(visit), accepts });
            }
            if self.work > self.budget.work || found.len() >= self.budget.atoms {
                complete = false;
                break;
            }
            self.follow_tree(visit, state, &mut queue);
            self.follow_others(visit, state, &mut queue);
        }
        Atoms { atoms: found, complete }
    }

    /// The tests passed in this state, or nothing if the value is outside the domain.
    fn accepts(&mut self, state: State) -> Option<Vec<usize>> {
        let row = self.rows.get(state.place)?;
        let at = self.globs.values.get(row.glob)?;
        let mut inside = !self.domain.is_limited();
        let mut accepts = Vec::new();
        for group in self.automaton.accepted(at) {
            match self.wild.get(group).and_then(|group| self.groups.get(*group)) {
                Some(tests) => accepts.extend(tests),
                None => inside = true,
            }
        }
        self.work += self.wild.len() * 4 + 50;
        if !inside {
            return None;
        }
        let passed = self.passed.values.get(row.passed).into_iter().flatten();
        let ended = state.node.map_or(&[][..], |node| self.trie.literals(node));
        for group in passed.chain(ended) {
            accepts.extend(self.groups.get(*group).into_iter().flatten());
        }
        accepts.sort_unstable();
        accepts.dedup();
        self.work += accepts.len() * 10;
        Some(accepts)
    }

    /// Reads on along the tree of literals and prefixes.
    fn follow_tree(&mut self, visit: usize, state: State, queue: &mut VecDeque<usize>) {
        let Some(node) = state.node else { return };
        for (c, node) in self.trie.edges(node) {
            let Some(symbol) = self.symbol(c) else { continue };
            if let Some(place) = self.step(state.place, symbol) {
                let place = self.enter(node, place);
                self.push(State { node: Some(node), place }, (visit, c), queue);
            }
        }
    }

    /// The place at a node of the tree: the prefixes that end there settle their groups.
    fn enter(&mut self, node: usize, place: usize) -> usize {
        let ending = self.trie.prefixes(node);
        let Some((passed, glob)) = self.rows.get(place).map(|row| (row.passed, row.glob)) else {
            return place;
        };
        if ending.is_empty() {
            return place;
        }
        let mut all = self.passed.values.get(passed).cloned().unwrap_or_default();
        let mut positions = self.globs.values.get(glob).cloned().unwrap_or_default();
        for group in ending {
            if let Ok(slot) = self.wild.binary_search(group) {
                self.automaton.forget(&mut positions, slot);
            }
            if !all.contains(group) {
                all.push(*group);
            }
        }
        all.sort_unstable();
        self.work += all.len() + self.automaton.cost() * 8;
        let passed = self.passed.number(all);
        let glob = self.glob(positions);
        self.place(passed, glob)
    }

    /// Reads on with characters that leave the tree, once for each symbol at each place.
    fn follow_others(&mut self, visit: usize, state: State, queue: &mut VecDeque<usize>) {
        let symbols = self.alphabet.named.len() + usize::from(!self.alphabet.others.is_empty());
        self.work += symbols * 4;
        for symbol in 0..symbols {
            let row = self.rows.get(state.place).and_then(|row| row.followed.get(symbol));
            if row == Some(&true) {
                continue;
            }
            let Some(c) = self.character(symbol, state.node) else { continue };
            let slot = self.rows.get_mut(state.place).and_then(|row| row.followed.get_mut(symbol));
            slot.into_iter().for_each(|slot| *slot = true);
            let Some(place) = self.step(state.place, symbol) else { continue };
            let queued =
                self.rows.get_mut(place).map(|row| std::mem::replace(&mut row.queued, true));
            if queued == Some(false) {
                self.push(State { node: None, place }, (visit, c), queue);
            }
        }
    }

    /// A character of this symbol that does not lead on along the tree.
    fn character(&self, symbol: usize, node: Option<usize>) -> Option<char> {
        match self.alphabet.named.get(symbol) {
            Some(c) => Some(*c).filter(|c| !self.trie.leads_on(node, *c)),
            None => self.alphabet.others.iter().copied().find(|c| !self.trie.leads_on(node, *c)),
        }
    }

    /// The symbol that a character of a literal belongs to; nothing if the domain excludes it.
    fn symbol(&self, c: char) -> Option<usize> {
        match self.alphabet.named.binary_search(&c) {
            Ok(symbol) => Some(symbol),
            Err(_) => self.domain.allows(c).then_some(self.alphabet.named.len()),
        }
    }

    /// The place after a symbol; nothing if the value can no longer be in the domain.
    fn step(&mut self, place: usize, symbol: usize) -> Option<usize> {
        let (passed, glob) = self.rows.get(place).map(|row| (row.passed, row.glob))?;
        self.work += 60;
        let known = self.steps.get(glob).and_then(|row| row.get(symbol)).copied().flatten();
        let next = match known {
            Some(next) => next,
            None => {
                self.work += self.automaton.cost() * 8 + self.wild.len() * 4 + 150;
                let next = self.automaton.step(self.globs.values.get(glob)?, symbol);
                let domain = self.wild.len();
                let live = !self.domain.is_limited() || self.automaton.is_live(&next, domain);
                let next = if live { self.glob(next) } else { DEAD };
                let slot = self.steps.get_mut(glob).and_then(|row| row.get_mut(symbol));
                slot.into_iter().for_each(|slot| *slot = Some(next));
                next
            }
        };
        (next != DEAD).then(|| self.place(passed, next))
    }

    fn glob(&mut self, positions: Positions) -> usize {
        let number = self.globs.number(positions);
        if number == self.steps.len() {
            self.steps.push(vec![None; self.alphabet.named.len() + 1]);
        }
        number
    }

    fn place(&mut self, passed: usize, glob: usize) -> usize {
        let number = self.places.number((passed, glob));
        if number == self.rows.len() {
            let followed = vec![false; self.alphabet.named.len() + 1];
            self.rows.push(Place { passed, glob, queued: false, followed });
            self.work += 100;
        }
        number
    }

    fn push(&mut self, state: State, from: (usize, char), queue: &mut VecDeque<usize>) {
        self.work += 20;
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
        self.work += characters.len() * 4;
        characters.iter().rev().collect()
    }
}

/// Marks a step that leaves the domain for good.
const DEAD: usize = usize::MAX;

#[cfg(test)]
mod tests;
