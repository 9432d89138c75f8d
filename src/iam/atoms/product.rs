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
use std::ops::Range;
use std::rc::Rc;

use super::alphabet::{Alphabet, Domain};
use super::automaton::Automaton;
use super::pattern::{Pattern, Token};
use super::states::States;
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
const RESERVE: usize = 40_000_000;
const ORDINARY: usize = 2_000_000;
const LITTLE: usize = 100_000;

impl Budget {
    /// The work that one product may take, in operations of about a nanosecond, and the atoms that
    /// are kept.
    pub fn new(work: usize, atoms: usize) -> Self {
        let purse = work.saturating_mul(PRODUCTS).saturating_add(RESERVE);
        Self { work, atoms, purse: Rc::new(Cell::new(purse)) }
    }

    /// The same, but at most so much work for one product.
    #[must_use]
    pub fn at_most(&self, work: usize) -> Self {
        Self { work: self.work.min(work), ..self.clone() }
    }

    /// What is left in the purse.
    pub fn left(&self) -> usize {
        self.purse.get()
    }

    /// What may be taken at once.
    pub fn limit(&self) -> usize {
        let left = self.purse.get();
        let some = left.saturating_sub(RESERVE).max(left.min(ORDINARY)).max(LITTLE);
        self.work.min(some)
    }

    /// Whether nothing is left in the purse.
    pub fn is_empty(&self) -> bool {
        self.purse.get() == 0
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
        Self::new(80_000_000, 20_000)
    }
}

/// The atoms of the values in `domain` with regard to `patterns`; none if the budget does not even
/// suffice to begin.
pub fn atoms(patterns: &[Pattern], domain: &Domain, budget: &Budget) -> Atoms {
    let tokens: usize = patterns.iter().map(|pattern| pattern.tokens().len() + 1).sum();
    let none = Atoms { atoms: Vec::new(), complete: false };
    if !budget.spend(tokens.saturating_mul(READING)) {
        return none;
    }
    let folded = folded(patterns, domain);
    let patterns = folded.as_deref().unwrap_or(patterns);
    Product::new(patterns, domain, budget).map_or(none, Product::run)
}

/// What it costs to look at a token before anything is multiplied.
const READING: usize = 30;

/// Where letter case matters to no pattern: the patterns over lower case, where literals are
/// literals again.
fn folded(patterns: &[Pattern], domain: &Domain) -> Option<Vec<Pattern>> {
    let all = || {
        patterns
            .iter()
            .chain(domain.within())
            .chain(domain.also())
            .flat_map(|pattern| pattern.tokens())
    };
    let cased = |c: char| c.is_ascii_alphabetic() || !c.is_ascii();
    let folds = all().any(|token| matches!(token, Token::Fold(_)));
    if !folds || !domain.is_free() || all().any(|t| matches!(t, Token::Char(c) if cased(*c))) {
        return None;
    }
    let lower = |token: &Token| match *token {
        Token::Fold(c) => Token::Char(c),
        token => token,
    };
    Some(patterns.iter().map(|p| Pattern::new(p.tokens().iter().map(lower))).collect())
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

struct Product<'a> {
    domain: &'a Domain,
    budget: &'a Budget,
    limit: usize,
    trie: Trie,
    alphabet: Alphabet,
    automaton: Automaton,
    /// For each pattern of the automaton the index the caller knows it by; patterns of the domain
    /// come after these, first the one that must match in any case.
    names: Vec<usize>,
    states: States,
    /// Per wildcard state and symbol, the next state once known.
    steps: Vec<u32>,
    /// The positions after a step, while they are looked up.
    scratch: Vec<u64>,
    visits: Vec<Visit>,
    /// Places off the tree, each behind a prefix in a wildcard state: there the way does not matter.
    places: HashMap<(usize, usize), usize>,
    /// Per place, whether it was queued, which symbols were followed, and whether all were.
    done: Vec<bool>,
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
        globs.extend(domain.also());
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
        let words = automaton.words();
        Some(Self {
            domain,
            budget,
            limit,
            trie,
            alphabet,
            automaton,
            names,
            states: States::new(words),
            steps: Vec::new(),
            scratch: vec![0; words],
            visits: Vec::new(),
            places: HashMap::new(),
            done: Vec::new(),
            work,
        })
    }

    fn run(mut self) -> Atoms {
        self.scratch.copy_from_slice(self.automaton.start());
        let glob = self.intern();
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
        let at = self.states.get(state.glob);
        let mut accepts = Vec::new();
        let within = self.names.len() + usize::from(self.domain.also().is_some());
        let mut inside = !self.domain.is_limited();
        let mut met = self.domain.also().is_none();
        for pattern in self.automaton.accepted(at) {
            match self.names.get(pattern) {
                Some(name) => accepts.push(*name),
                None if pattern < within => met = true,
                None => inside = true,
            }
        }
        if !(inside && met) {
            return None;
        }
        accepts.extend(self.trie.prefixes(state.anchor));
        accepts.extend(state.node.map_or(&[][..], |node| self.trie.literals(node)));
        accepts.sort_unstable();
        self.work += self.automaton.words() * 2 + accepts.len() * 16 + 40;
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

    /// Reads on with characters that leave the tree, once for each symbol in each place beyond it.
    fn follow_others(&mut self, visit: usize, state: State, queue: &mut VecDeque<usize>) {
        let symbols = self.alphabet.named.len() + usize::from(!self.alphabet.others.is_empty());
        let place = self.place(state.anchor, state.glob);
        let all = place + 1 + self.alphabet.named.len() + 1;
        if self.is_done(all) {
            return;
        }
        let mut left = false;
        for symbol in 0..symbols {
            if self.is_done(place + 1 + symbol) {
                continue;
            }
            let Some(c) = self.character(symbol, state.node) else {
                left = true;
                continue;
            };
            self.mark_done(place + 1 + symbol);
            let Some(glob) = self.step(state.glob, symbol) else { continue };
            let there = if glob == state.glob { place } else { self.place(state.anchor, glob) };
            if !self.mark_done(there) {
                self.push(State { node: None, anchor: state.anchor, glob }, (visit, c), queue);
            }
        }
        if !left {
            self.mark_done(all);
        }
    }

    /// Where the marks of a place off the tree begin.
    fn place(&mut self, anchor: usize, glob: usize) -> usize {
        let fresh = self.done.len();
        let place = *self.places.entry((anchor, glob)).or_insert(fresh);
        if place == fresh {
            self.done.resize(fresh + self.alphabet.named.len() + 3, false);
        }
        place
    }

    fn is_done(&self, mark: usize) -> bool {
        self.done.get(mark).copied().unwrap_or(false)
    }

    /// Sets a mark; whether it was set before.
    fn mark_done(&mut self, mark: usize) -> bool {
        self.done.get_mut(mark).is_some_and(|done| std::mem::replace(done, true))
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
        let at = glob * (self.alphabet.named.len() + 1) + symbol;
        match self.steps.get(at) {
            Some(&UNKNOWN) => {}
            Some(&DEAD) | None => return None,
            Some(known) => return usize::try_from(*known).ok(),
        }
        self.work += self.automaton.words() * 4 + 16;
        self.automaton.step(self.states.get(glob), symbol, &mut self.scratch);
        let next = self.is_live().then(|| self.intern());
        let known = next.and_then(|next| u32::try_from(next).ok()).unwrap_or(DEAD);
        self.steps.get_mut(at).into_iter().for_each(|slot| *slot = known);
        next
    }

    /// Whether a value behind the state in `scratch` may be in the domain.
    fn is_live(&self) -> bool {
        let own = self.names.len();
        let within = own + usize::from(self.domain.also().is_some());
        let end = within + self.domain.within().len();
        let live = |patterns: Range<usize>| self.automaton.is_live(&self.scratch, patterns);
        (own == within || live(own..within)) && (!self.domain.is_limited() || live(within..end))
    }

    /// The number of the state in `scratch`.
    fn intern(&mut self) -> usize {
        let before = self.states.len();
        let number = self.states.number(&self.scratch);
        if number == before {
            // Kept and looked up by its bits: a state costs more than the steps that lead to it.
            let symbols = self.alphabet.named.len() + 1;
            self.work += self.automaton.words() * 12 + symbols * 4 + 150;
            self.steps.resize((number + 1) * symbols, UNKNOWN);
        }
        number
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

/// Marks a step that was not taken yet, and one that leaves the domain for good.
const UNKNOWN: u32 = u32::MAX;
const DEAD: u32 = u32::MAX - 1;

#[cfg(test)]
mod tests;
