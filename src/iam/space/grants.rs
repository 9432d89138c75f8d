//! Actions or resources to try where each request asked about needs one rule that grants it, and
//! all that other rules can do is take it away.
//!
//! Which other rules grant a value does not matter then. Of the values that one rule matches, one is
//! enough for each way in which the removers treat them; and none that is treated worse than
//! another. So a few samples of a pattern come first: a value that no remover takes away stands for
//! the whole rule, and one that only such removers take away as hold the whole pattern stands for
//! the pattern. Only where no sample does is the pattern multiplied with those of the removers that
//! it may share a value with. Patterns of different grants are never multiplied.

mod removers;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::super::atoms::{Atom, Atoms, Budget, Domain, Pattern, atoms};
use super::text::{Element, Line};
use removers::{Removers, Treatment};

/// What is asked: values of a domain.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    /// All patterns of the elements.
    pub(super) patterns: &'a [Pattern],
    /// The elements of the rules, in their order.
    pub(super) elements: &'a [Element],
    /// Which rules grant; the others remove.
    pub(super) grants: &'a [bool],
    /// Patterns of values that do not count.
    pub(super) excluded: &'a HashSet<usize>,
    /// Whether a value is of another kind than most: such a one stands for itself alone.
    pub(super) special: &'a dyn Fn(&str) -> bool,
    pub(super) domain: &'a Domain,
    pub(super) budget: &'a Budget,
}

impl Sought<'_> {
    fn pattern(&self, at: usize) -> Option<&Pattern> {
        self.patterns.get(at)
    }
}

/// Values enough to decide, each with all the patterns of removers and of negated elements that it
/// matches, and some of the others; and which of them are special.
pub(super) fn values(sought: &Sought<'_>) -> (Atoms, Vec<bool>) {
    let mut found = Values::new(*sought);
    let mut named: BTreeSet<usize> = BTreeSet::new();
    for (element, grants) in sought.elements.iter().zip(sought.grants) {
        match element {
            _ if !grants => {}
            Some((false, lines)) => found.rule(lines),
            Some((true, lines)) => {
                named.extend(lines.iter().flat_map(Line::patterns));
                found.rest(lines);
            }
            None => found.rest(&[]),
        }
    }
    for atom in &mut found.atoms {
        let matches = |at: &usize| sought.pattern(*at).is_some_and(|p| p.matches(&atom.witness));
        let more: Vec<usize> = named.iter().copied().filter(matches).collect();
        add_all(&mut atom.accepts, &more);
    }
    (Atoms { atoms: found.atoms, complete: found.complete }, found.special)
}

struct Values<'a> {
    sought: Sought<'a>,
    removers: Removers,
    /// The patterns of removers and of excluded values: literals and others.
    literals: Vec<usize>,
    globs: Vec<usize>,
    languages: HashMap<usize, Rc<[Atom]>>,
    atoms: Vec<Atom>,
    special: Vec<bool>,
    places: HashMap<(String, bool), usize>,
    complete: bool,
    /// The work that may still be taken.
    work: usize,
}

impl<'a> Values<'a> {
    fn new(sought: Sought<'a>) -> Self {
        let removers = Removers::new(&sought);
        let tracked: BTreeSet<usize> =
            sought.excluded.iter().copied().chain(removers.patterns()).collect();
        let is_literal = |at: &usize| sought.pattern(*at).is_some_and(Pattern::is_literal);
        let (literals, globs) = tracked.into_iter().partition(is_literal);
        Self {
            removers,
            literals,
            globs,
            languages: HashMap::new(),
            atoms: Vec::new(),
            special: Vec::new(),
            places: HashMap::new(),
            complete: true,
            work: sought.budget.limit(),
            sought,
        }
    }

    /// Adds values of a rule that grants what its lines match.
    fn rule(&mut self, lines: &[Line]) {
        let mut seen: HashSet<(bool, bool, Treatment)> = HashSet::new();
        for line in lines {
            for pattern in line.patterns() {
                let literal = self.sought.pattern(pattern).is_some_and(Pattern::is_literal);
                for atom in self.language(pattern).iter() {
                    let special = literal && (self.sought.special)(&atom.witness);
                    let certain = line.certain.is_some_and(|own| self.accepts(atom, own));
                    let treatment = self.removers.treatment(atom);
                    let done = certain && !special && self.removers.spare(&treatment);
                    if seen.insert((certain, special, treatment)) {
                        let mut atom = atom.clone();
                        add_all(&mut atom.accepts, line.certain.filter(|_| certain).as_slice());
                        self.add(atom, special);
                    }
                    if done {
                        return;
                    }
                }
            }
        }
    }

    /// Adds values of a rule that grants what these lines do not match.
    fn rest(&mut self, lines: &[Line]) {
        let tracked: Vec<usize> = self.literals.iter().chain(&self.globs).copied().collect();
        let own: Vec<usize> = lines.iter().flat_map(Line::patterns).collect();
        let all: BTreeSet<usize> = tracked.iter().chain(&own).copied().collect();
        let all: Vec<usize> = all.into_iter().collect();
        let mut samples = Vec::new();
        let everything = Pattern::anything();
        let mut best = self.spared(&everything, (&tracked, &all), &own, &mut samples);
        if best.is_none() {
            let within = self.sought.domain;
            best = samples.into_iter().find(|atom| self.is_best(atom, &tracked, within));
        }
        match best {
            Some(best) => self.add(best, false),
            None => {
                let product = self.product(&all, self.sought.domain);
                product.into_iter().for_each(|atom| self.add(atom, false));
            }
        }
    }

    fn accepts(&self, atom: &Atom, pattern: usize) -> bool {
        atom.accepts.contains(&pattern)
            || self.sought.pattern(pattern).is_some_and(|own| own.matches(&atom.witness))
    }

    /// Values that match a pattern, so many that every other is treated like one of them, or worse.
    fn language(&mut self, at: usize) -> Rc<[Atom]> {
        if let Some(known) = self.languages.get(&at) {
            return Rc::clone(known);
        }
        let found: Rc<[Atom]> = match self.sought.patterns.get(at) {
            Some(pattern) if pattern.is_literal() => self.one(at, pattern.shortest()),
            Some(pattern) => self.many(at, pattern),
            None => Vec::new(),
        }
        .into();
        self.languages.insert(at, Rc::clone(&found));
        found
    }

    /// A literal: no other one matches its value.
    fn one(&mut self, at: usize, text: String) -> Vec<Atom> {
        let inside = self.sought.domain.contains(&text);
        let patterns: Vec<usize> = self.globs.iter().copied().chain([at]).collect();
        let found = inside.then(|| self.atom(text, &patterns)).flatten();
        found.into_iter().collect()
    }

    fn many(&mut self, at: usize, pattern: &Pattern) -> Vec<Atom> {
        self.take((self.globs.len() + self.literals.len()) * GLANCE);
        let meets =
            |own: &usize| self.sought.pattern(*own).is_some_and(|own| own.may_meet(pattern));
        let near: Vec<usize> =
            self.globs.iter().chain(&self.literals).copied().filter(meets).collect();
        let all: Vec<usize> = near.iter().copied().chain([at]).collect();
        let mut found = Vec::new();
        if let Some(spared) = self.spared(pattern, (&near, &all), &[], &mut found) {
            return vec![spared];
        }
        let within = self.sought.domain.clone().meeting(pattern.clone());
        if let Some(best) = found.iter().find(|atom| self.is_best(atom, &near, &within)) {
            return vec![best.clone()];
        }
        let mut product = self.product(&near, &within);
        for atom in &mut product {
            add_all(&mut atom.accepts, &[at]);
        }
        product.extend(found.into_iter().filter(|_| !self.complete));
        product
    }

    /// A value that matches a pattern, none of `but`, and that no remover takes away, if one of a few
    /// samples is: short ones, then one of each pattern near by that spares from a remover. The
    /// others go to `samples`.
    fn spared(
        &mut self,
        pattern: &Pattern,
        (near, all): (&[usize], &[usize]),
        but: &[usize],
        samples: &mut Vec<Atom>,
    ) -> Option<Atom> {
        let domain = self.sought.domain;
        let within = || domain.clone().meeting(pattern.clone());
        let mut texts = FILLINGS.map(|(first, others)| pattern.filled(first, others)).to_vec();
        texts.dedup();
        texts.retain(|text| domain.contains(text));
        if texts.is_empty() {
            texts.extend(self.product(&[], &within()).into_iter().map(|atom| atom.witness));
        }
        texts.sort_by_key(|text| (self.sought.special)(text));
        let sparing = near.iter().copied().filter(|own| self.removers.spares(*own));
        let sparing: Vec<usize> = sparing.take(SAMPLES).collect();
        let mut sparing = sparing.into_iter();
        loop {
            for text in texts.drain(..) {
                let Some(atom) = self.atom(text, all) else { continue };
                if but.iter().any(|own| atom.accepts.contains(own)) {
                    continue;
                }
                if self.removers.spare(&self.removers.treatment(&atom)) {
                    return Some(atom);
                }
                samples.push(atom);
            }
            let next = sparing.next()?;
            if self.work == 0 {
                self.complete = false;
                return None;
            }
            texts = self.both(pattern, next, &within());
        }
    }

    /// Values that match this pattern and that one.
    fn both(&mut self, pattern: &Pattern, other: usize, within: &Domain) -> Vec<String> {
        let Some(own) = self.sought.pattern(other) else { return Vec::new() };
        let joined = [pattern.joined(own), own.joined(pattern)].into_iter().flatten();
        let joined = joined.chain([own.shortest()]);
        if let Some(text) =
            joined.into_iter().find(|text| within.contains(text) && own.matches(text))
        {
            return vec![text];
        }
        let found = if own.is_literal() { Vec::new() } else { self.product(&[other], within) };
        let both = found.into_iter().filter(|atom| !atom.accepts.is_empty());
        both.map(|atom| atom.witness).collect()
    }

    /// Whether no other value of the language is treated better than this one: what takes it away
    /// takes them all, and what may spare others spares it.
    fn is_best(&mut self, atom: &Atom, near: &[usize], within: &Domain) -> bool {
        self.work > 0
            && self.removers.is_spared(atom, near)
            && self.removers.matching(atom).into_iter().all(|patterns| {
                patterns.iter().any(|own| {
                    let found = self.run(&[*own], within);
                    found.complete && found.atoms.iter().all(|atom| !atom.accepts.is_empty())
                })
            })
    }

    /// This value with those of the patterns that match it; nothing if it does not count.
    fn atom(&mut self, witness: String, patterns: &[usize]) -> Option<Atom> {
        self.take(patterns.len() * (GLANCE + witness.len()));
        let matches = |own: &usize| self.sought.pattern(*own).is_some_and(|p| p.matches(&witness));
        let mut accepts: Vec<usize> = patterns.iter().copied().filter(matches).collect();
        accepts.sort_unstable();
        accepts.dedup();
        let atom = Atom { witness, accepts };
        self.counts(&atom).then_some(atom)
    }

    fn counts(&self, atom: &Atom) -> bool {
        !atom.accepts.iter().any(|own| self.sought.excluded.contains(own))
    }

    fn product(&mut self, of: &[usize], domain: &Domain) -> Vec<Atom> {
        let mut found = self.run(of, domain);
        self.complete &= found.complete;
        found.atoms.retain(|atom| self.counts(atom));
        found.atoms
    }

    fn run(&mut self, of: &[usize], domain: &Domain) -> Atoms {
        let patterns: Vec<Pattern> =
            of.iter().filter_map(|at| self.sought.pattern(*at).cloned()).collect();
        let before = self.sought.budget.left();
        let mut found = atoms(&patterns, domain, &self.sought.budget.at_most(self.work));
        self.work = self.work.saturating_sub(before.saturating_sub(self.sought.budget.left()));
        for atom in &mut found.atoms {
            atom.accepts = atom.accepts.iter().filter_map(|own| of.get(*own).copied()).collect();
            atom.accepts.sort_unstable();
        }
        found
    }

    fn take(&mut self, work: usize) {
        self.work = self.work.saturating_sub(work);
        self.complete &= self.sought.budget.spend(work);
    }

    fn add(&mut self, atom: Atom, special: bool) {
        let fresh = self.atoms.len();
        if fresh >= MOST {
            self.complete = false;
            return;
        }
        let place = *self.places.entry((atom.witness.clone(), special)).or_insert(fresh);
        match self.atoms.get_mut(place) {
            Some(known) => add_all(&mut known.accepts, &atom.accepts),
            None => {
                self.atoms.push(atom);
                self.special.push(special);
            }
        }
    }
}

fn add_all(accepts: &mut Vec<usize>, more: &[usize]) {
    accepts.extend_from_slice(more);
    accepts.sort_unstable();
    accepts.dedup();
}

/// What stands for the runs of a pattern in its samples, the first and the others: nothing, then
/// the partition, which few ARNs leave open otherwise, then something.
const FILLINGS: [(&str, &str); 3] = [("", ""), ("aws", ""), ("x", "x")];

/// What it costs to see whether two patterns may meet.
const GLANCE: usize = 16;

/// The most patterns of removers of which a sample is taken.
const SAMPLES: usize = 64;

/// The most values kept.
const MOST: usize = 20_000;

#[cfg(test)]
mod tests;
