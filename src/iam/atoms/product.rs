//! The product of all patterns of a key: which sets of patterns can one value match, and a
//! shortest value for each.
//!
//! Literals and prefixes are kept apart from other wildcard patterns. A value is either still on the
//! way to one of them (a node of their tree) or has left the tree for good; so thousands of them cost
//! a node a character, and only other patterns multiply. They do multiply: `*a*b*` a few hundred times
//! has exponentially many atoms. A budget bounds the work; when it ends, the atoms found so far
//! are realizable all the same, but there may be more, and `complete` says so.

use std::cell::Cell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use super::alphabet::{Alphabet, Domain};
use super::automaton::{Automaton, Positions};
use super::pattern::Pattern;
use super::trie::{ROOT, Shape, Trie, shape};

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

/// How much work a product may take. Clones draw on the same purse: a document may make many keys
/// hard at the same time, and together they must not take much longer than one.
#[derive(Debug, Clone)]
pub struct Budget {
    work: usize,
    atoms: usize,
    purse: Rc<Cell<usize>>,
}

/// How many times the work of one product the purse holds.
const PRODUCTS: usize = 2;

/// What is kept back for keys with ordinary patterns when others have taken much, what one of them
/// may then take, and what is left to each when that is gone too.
const RESERVE: usize = 60_000_000;
const ORDINARY: usize = 2_000_000;
const LITTLE: usize = 100_000;

impl Budget {
    /// The work that one product may take, in operations of about a nanosecond, and the atoms that
    /// are kept.
    pub fn new(work: usize, atoms: usize) -> Self {
        let purse = work.saturating_mul(PRODUCTS).saturating_add(RESERVE);
        Self { work, atoms, purse: Rc::new(Cell::new(purse)) }
    }

    /// What may be taken at once.
    fn limit(&self) -> usize {
        let left = self.purse.get();
        let some = left.saturating_sub(RESERVE).max(left.min(ORDINARY)).max(LITTLE);
        self.work.min(some)
    }

    /// Takes this much work from the purse, if it may be taken at once.
    pub fn spend(&self, work: usize) -> bool {
        let affordable = work <= self.limit();
        if affordable {
            self.purse.set(self.purse.get().saturating_sub(work));
        }
        affordable
    }
}

impl Default for Budget {
    /// Some tenths of a second in the worst case, and more atoms than any policy in the field has.
    fn default() -> Self {
        Self::new(120_000_000, 20_000)
    }
}

/// The atoms of the values in `domain` with regard to `patterns`; none if the budget does not even
/// suffice to begin.
pub fn atoms(patterns: &[Pattern], domain: &Domain, budget: &Budget) -> Atoms {
    let product = Product::new(patterns, domain, budget);
    product.map_or(Atoms { atoms: Vec::new(), complete: false }, Product::run)
}

/// What was read so far: a node of the tree of literals and prefixes if one of them may still
/// follow, the last prefix passed, and the state of all other patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    node: Option<usize>,
    anchor: usize,
    glob: usize,
}

struct Visit {
    state: State,
    /// The visit this one came from, and the character read.
    from: Option<(usize, char)>,
}

/// What was done off the tree behind a prefix in a wildcard state: there the way does not matter.
#[derive(Debug, Clone)]
struct Beyond {
    /// The state itself was queued.
    queued: bool,
    /// The symbols followed.
    followed: Vec<bool>,
}

struct Product<'a> {
    domain: &'a Domain,
    budget: &'a Budget,
    limit: usize,
    trie: Trie,
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
    beyond: HashMap<(usize, usize), Beyond>,
    work: usize,
}

impl<'a> Product<'a> {
    fn new(patterns: &'a [Pattern], domain: &'a Domain, budget: &'a Budget) -> Option<Self> {
        let mut trie = Trie::new();
        let mut texts = Vec::new();
        let mut names = Vec::new();
        let mut globs: Vec<&Pattern> = Vec::new();
        for (index, pattern) in patterns.iter().enumerate() {
            match shape(pattern) {
                Shape::Literal(text) => {
                    trie.literal(&text, index);
                    texts.push(text);
                }
                Shape::Prefix(text) => {
                    trie.prefix(&text, index);
                    texts.push(text);
                }
                Shape::Other => {
                    names.push(index);
                    globs.push(pattern);
                }
            }
        }
        trie.tie();
        globs.extend(domain.within());
        let alphabet = Alphabet::new(&globs, &texts, domain);
        let mut symbols = alphabet.named.clone();
        symbols.extend(alphabet.others.first());
        let tokens: usize = globs.iter().map(|pattern| pattern.tokens().len() + 1).sum();
        let work = tokens.saturating_mul(symbols.len()) / 2;
        let limit = budget.limit();
        if work > limit {
            return None;
        }
        let automaton = Automaton::new(&globs, &symbols);
        Some(Self {
            domain,
            budget,
            limit,
            trie,
            alphabet,
            automaton,
            names,
            states: Vec::new(),
            index: HashMap::new(),
            steps: Vec::new(),
            visits: Vec::new(),
            beyond: HashMap::new(),
            work,
        })
    }

    fn run(mut self) -> Atoms {
        let start = self.automaton.start();
        let glob = self.intern(start);
        let state = State { node: Some(ROOT), anchor: ROOT, glob };
        self.visits.push(Visit { state, from: None });
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
            if self.work > self.limit || found.len() >= self.budget.atoms {
                complete = false;
                break;
            }
            self.follow_tree(visit, state, &mut queue);
            self.follow_others(visit, state, &mut queue);
        }
        self.budget.spend(self.work.min(self.limit));
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
        if !inside {
            return None;
        }
        accepts.extend(self.trie.prefixes(state.anchor));
        accepts.extend(state.node.map_or(&[][..], |node| self.trie.literals(node)));
        accepts.sort_unstable();
        self.work += self.names.len() + accepts.len() * 8 + 1;
        Some(accepts)
    }

    /// Reads on along the tree of literals and prefixes.
    fn follow_tree(&mut self, visit: usize, state: State, queue: &mut VecDeque<usize>) {
        let Some(node) = state.node else { return };
        for (c, node) in self.trie.edges(node) {
            let Some(symbol) = self.symbol(c) else { continue };
            if let Some(glob) = self.step(state.glob, symbol) {
                let anchor = self.trie.anchor(node);
                self.push(State { node: Some(node), anchor, glob }, (visit, c), queue);
            }
        }
    }

    /// Reads on with characters that leave the tree, once for each symbol in each state beyond it.
    fn follow_others(&mut self, visit: usize, state: State, queue: &mut VecDeque<usize>) {
        let symbols = self.alphabet.named.len() + usize::from(!self.alphabet.others.is_empty());
        let place = (state.anchor, state.glob);
        let fresh = Beyond { queued: false, followed: vec![false; symbols] };
        let mut beyond = self.beyond.remove(&place).unwrap_or_else(|| fresh.clone());
        for (symbol, followed) in beyond.followed.iter_mut().enumerate() {
            if *followed {
                continue;
            }
            let Some(c) = self.character(symbol, state.node) else { continue };
            *followed = true;
            let Some(glob) = self.step(state.glob, symbol) else { continue };
            let next = State { node: None, anchor: state.anchor, glob };
            if (next.anchor, next.glob) == place {
                if !std::mem::replace(&mut beyond.queued, true) {
                    self.push(next, (visit, c), queue);
                }
                continue;
            }
            let there =
                self.beyond.entry((next.anchor, next.glob)).or_insert_with(|| fresh.clone());
            if !std::mem::replace(&mut there.queued, true) {
                self.push(next, (visit, c), queue);
            }
        }
        self.beyond.insert(place, beyond);
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
        let fresh = self.states.len();
        // Kept and looked up by its bits: a state costs more than the steps that lead to it.
        self.work += self.automaton.cost() * 32 + self.alphabet.named.len() * 4 + 400;
        self.states.push(positions.clone());
        self.index.insert(positions, fresh);
        self.steps.push(vec![None; self.alphabet.named.len() + 1]);
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

#[cfg(test)]
mod tests;
