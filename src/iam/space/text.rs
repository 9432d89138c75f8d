//! Actions and resources: the values to try, and for each rule those that its element matches.

use std::collections::{HashMap, HashSet};

use super::super::atoms::{self, Atom, Bits, Domain, atoms};
use super::super::data;
use super::super::pattern::{Case, Pattern, Piece, Resolved, Variables};
use super::axis::Pair;
use super::grants::{self, Sought};
use super::spell;
use super::value::{Substitution, Value, literal};
use super::{Bounds, Rule, Terms};

/// Actions or resources.
#[derive(Debug)]
pub(super) struct TextAxis {
    pub(super) values: Vec<Value>,
    pub(super) complete: bool,
    /// The actions that have no resource: they are asked about `*`.
    pub(super) bare: Option<Bits>,
    /// Where `*` stands among resources, if there are such actions.
    pub(super) star: Option<usize>,
    sides: Vec<Option<Pair>>,
}

/// The element of a rule: its lines, and whether it means everything else. A rule without the
/// element is about every value.
pub(super) type Element = Option<(bool, Vec<Line>)>;

impl TextAxis {
    pub(super) fn actions(rules: &[Rule<'_>], bounds: &Bounds) -> Self {
        let mut elements = Vec::new();
        let mut book = Book::default();
        for rule in rules {
            let lines = rule.actions.patterns.iter().map(|pattern| {
                let spelled = spell::pattern(pattern, Case::Sensitive, &Substitution::default());
                let line = spelled.map(|pattern| book.number(pattern));
                Line { certain: line, possible: line }
            });
            elements.push(Some((rule.actions.negated, lines.collect())));
        }
        let excluded = bounds.excluded.iter().map(|name| book.number(literal(name))).collect();
        let mut found = found(&book, &elements, &bounds.actions, bounds, &excluded);
        let bare = found.special.iter().any(|special| *special).then(|| {
            let special = |at: usize| found.special.get(at) == Some(&true);
            Bits::filter(found.size(), special)
        });
        found.special.clear();
        Self { bare, ..Self::new(&book, &elements, found) }
    }

    /// `starred`: whether to look at `*`, too.
    pub(super) fn resources(
        rules: &[Rule<'_>],
        variables: &Substitution,
        bounds: &Bounds,
        starred: bool,
    ) -> Self {
        let mut elements = Vec::new();
        let mut book = Book::default();
        for rule in rules {
            elements.push(rule.resources.map(|Terms { negated, patterns }| {
                let lines = patterns.iter().map(|resource| {
                    let pattern = resource.pattern();
                    let spelled = spell::pattern(pattern, Case::Sensitive, variables);
                    let line = spelled.map(|pattern| book.number(pattern));
                    let padded = resource
                        .possible()
                        .and_then(|pattern| spell::pattern(pattern, Case::Sensitive, variables))
                        .map(|pattern| book.number(pattern));
                    let certain = line.filter(|_| is_resolved(pattern, variables));
                    Line { certain, possible: padded.or(line) }
                });
                (negated, lines.collect())
            }));
        }
        let mut found = found(&book, &elements, &bounds.resources, bounds, &HashSet::new());
        let star = starred.then_some(found.atoms.len());
        found.atoms.extend(star.map(|_| book.atom("*")));
        Self { star, ..Self::new(&book, &elements, found) }
    }

    fn new(book: &Book, elements: &[Element], found: Found) -> Self {
        let listed = found.atoms.len();
        let size = found.size();
        let mut matched = vec![Bits::empty(size); book.patterns.len()];
        for (value, atom) in found.atoms.iter().enumerate() {
            for pattern in &atom.accepts {
                if let Some(set) = matched.get_mut(*pattern) {
                    set.insert(value);
                }
            }
        }
        let side = |(negated, lines): &(bool, Vec<Line>)| {
            let (mut certain, mut possible) = (Bits::empty(size), Bits::empty(size));
            for line in lines {
                let set = |at: Option<usize>| at.and_then(|at| matched.get(at));
                if let Some(set) = set(line.certain) {
                    certain.add(set);
                    possible.add(set);
                }
                if let Some(set) = set(line.possible) {
                    possible.add(set);
                }
            }
            if size > listed {
                possible.insert(listed);
            }
            if *negated {
                (possible.complement(), certain.complement())
            } else {
                (certain, possible)
            }
        };
        let unlisted = (!found.complete).then_some(Value::Unlisted);
        let sides = elements.iter().map(|element| element.as_ref().map(side)).collect();
        let values = found.atoms.into_iter().map(|atom| Value::One(atom.witness));
        let values = values.chain(unlisted).collect();
        Self { sides, values, complete: found.complete, bare: None, star: None }
    }

    pub(super) fn sides(&self, rule: usize) -> Option<Pair> {
        self.sides.get(rule).cloned().flatten()
    }
}

/// The values found for an axis.
struct Found {
    atoms: Vec<Atom>,
    /// Which of them are of another kind than the rest.
    special: Vec<bool>,
    complete: bool,
}

impl Found {
    /// How many values there are, with the one for those not listed.
    fn size(&self) -> usize {
        self.atoms.len() + usize::from(!self.complete)
    }
}

fn found(
    book: &Book,
    elements: &[Element],
    domain: &Domain,
    bounds: &Bounds,
    excluded: &HashSet<usize>,
) -> Found {
    let (patterns, budget) = (&book.patterns, &bounds.budget);
    let Some(grants) = bounds.texts.as_ref().and_then(|texts| texts.grants.as_deref()) else {
        let mut found = atoms(patterns, domain, budget);
        if !excluded.is_empty() {
            found.atoms.retain(|atom| !atom.accepts.iter().any(|own| excluded.contains(own)));
        }
        return Found { atoms: found.atoms, special: Vec::new(), complete: found.complete };
    };
    let special = &|action: &str| data::wildcard_only(action) == Some(true);
    let sought = Sought { patterns, elements, grants, excluded, special, domain, budget };
    let (found, special) = grants::values(&sought);
    Found { atoms: found.atoms, special, complete: found.complete }
}

/// The numbers of a pattern's certain and possible language; `None` matches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Line {
    pub(super) certain: Option<usize>,
    pub(super) possible: Option<usize>,
}

impl Line {
    /// Its patterns, the certain one first.
    pub(super) fn patterns(&self) -> impl Iterator<Item = usize> + use<> {
        let apart = self.possible.filter(|possible| self.certain != Some(*possible));
        self.certain.into_iter().chain(apart)
    }
}

/// Distinct patterns, numbered.
#[derive(Default)]
struct Book {
    patterns: Vec<atoms::Pattern>,
    numbers: HashMap<atoms::Pattern, usize>,
}

impl Book {
    fn number(&mut self, pattern: atoms::Pattern) -> usize {
        let fresh = self.patterns.len();
        let number = *self.numbers.entry(pattern.clone()).or_insert(fresh);
        if number == fresh {
            self.patterns.push(pattern);
        }
        number
    }

    /// A value with the patterns that match it.
    fn atom(&self, text: &str) -> Atom {
        let matching = self.patterns.iter().enumerate().filter(|(_, own)| own.matches(text));
        Atom { witness: text.into(), accepts: matching.map(|(at, _)| at).collect() }
    }
}

fn is_resolved(pattern: &Pattern, variables: &Substitution) -> bool {
    pattern.pieces().iter().all(|piece| match piece {
        Piece::Variable(variable) => !matches!(variables.resolve(&variable.key), Resolved::Unknown),
        Piece::Literal(_) | Piece::One { .. } | Piece::Run { .. } => true,
    })
}
