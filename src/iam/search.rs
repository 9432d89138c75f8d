//! The search behind every exposure question: is there a point in the space of requests that some
//! statement grants and none takes away?
//!
//! A request is a point: one atom for each dimension (action, resource, each condition key, …). A
//! statement is a [`Region`]: the points whose atoms lie in a given set on each dimension it tests.
//! The question is then geometry: does a region stick out of a union of regions? It is answered by
//! splitting the region along one remover at a time, the one that leaves the fewest pieces first.
//! That is exact; a limit on steps keeps hostile documents from taking for ever.
//!
//! The module knows numbers only: no keys, no statements, no meaning.

use super::atoms::Bits;

/// A product of sets: on each listed dimension the point's atom must be in the set. Dimensions not
/// listed do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Region {
    sides: Vec<(usize, Bits)>,
}

impl Region {
    /// The region that leaves out nothing.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Restricts a dimension further.
    pub fn limit(&mut self, dimension: usize, to: &Bits) {
        match self.sides.binary_search_by_key(&dimension, |(own, _)| *own) {
            Ok(at) => {
                if let Some((_, side)) = self.sides.get_mut(at) {
                    side.keep(to);
                }
            }
            Err(at) => self.sides.insert(at, (dimension, to.clone())),
        }
    }

    /// What both regions have in common; `None` if that is nothing.
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        let mut common = self.clone();
        for (dimension, side) in &other.sides {
            common.limit(*dimension, side);
        }
        (!common.is_empty()).then_some(common)
    }

    /// The atoms allowed on a dimension, if it is restricted.
    pub fn side(&self, dimension: usize) -> Option<&Bits> {
        self.sides
            .binary_search_by_key(&dimension, |(own, _)| *own)
            .ok()
            .and_then(|at| self.sides.get(at))
            .map(|(_, side)| side)
    }

    /// The restricted dimensions with their sets, ascending.
    pub fn sides(&self) -> impl Iterator<Item = (usize, &Bits)> {
        self.sides.iter().map(|(dimension, side)| (*dimension, side))
    }

    /// Whether no point is in the region.
    pub fn is_empty(&self) -> bool {
        self.sides.iter().any(|(_, side)| side.is_empty())
    }

    /// The size of its sets.
    fn words(&self) -> usize {
        self.sides.iter().map(|(_, side)| 1 + side.size() / 64).sum()
    }

    /// A point of the region: on each restricted dimension the first atom. `None` if it is empty.
    fn point(&self) -> Option<Vec<(usize, usize)>> {
        self.sides.iter().map(|(dimension, side)| Some((*dimension, side.first()?))).collect()
    }

    fn meets(&self, other: &Self) -> bool {
        other.sides.iter().all(|(dimension, side)| match self.side(*dimension) {
            Some(own) => own.meets(side),
            None => !side.is_empty(),
        })
    }

    /// The dimensions on which this region sticks out of `other`.
    fn protrusions<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (usize, &'a Bits)> {
        other.sides().filter(|(dimension, side)| match self.side(*dimension) {
            Some(own) => !own.within(side),
            None => !side.is_full(),
        })
    }

    /// Takes a set of atoms away from a dimension.
    fn cut(&mut self, dimension: usize, away: &Bits) {
        let rest = away.complement();
        self.limit(dimension, &rest);
    }
}

/// What is asked: a point in `within`, in some region of every layer, and in none of `without`.
#[derive(Debug, Clone, Default)]
pub struct Question<'a> {
    /// Where to look.
    pub within: Region,
    /// Each layer must grant: its regions are alternatives.
    pub layers: Vec<Vec<&'a Region>>,
    /// What takes away.
    pub without: Vec<&'a Region>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// There is such a point.
    Found(Point),
    /// There is none: a proof.
    Nothing,
    /// The limit of steps was reached first.
    OutOfSteps,
}

/// A point that answers a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The atom on each dimension that matters, ascending by dimension; on other dimensions any
    /// atom will do.
    pub atoms: Vec<(usize, usize)>,
    /// For each layer the region that grants, by its index in the layer.
    pub granted_by: Vec<usize>,
}

/// A purse of steps shared by the searches of one question.
#[derive(Debug, Clone)]
pub struct Steps {
    left: usize,
    /// How many steps a comparison takes: regions of many dimensions take longer.
    each: usize,
}

impl Steps {
    /// So many comparisons of two regions.
    pub fn new(limit: usize) -> Self {
        Self { left: limit, each: 1 }
    }

    /// Half the default, for one of two searches that belong together.
    pub fn half() -> Self {
        Self::new(Self::default().left / 2)
    }

    /// Whether all are used up.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Takes so many steps; nothing if they are used up.
    pub fn take(&mut self, count: usize) -> Option<()> {
        self.left = self.left.saturating_sub(count.saturating_mul(self.each));
        (self.left > 0).then_some(())
    }
}

impl Default for Steps {
    /// Some hundred milliseconds.
    fn default() -> Self {
        Self::new(3_000_000)
    }
}

/// The words of a region that a comparison looks at in one step.
const WORDS: usize = 32;

/// Answers a question exactly, or says that the steps did not suffice.
pub fn search(question: &Question<'_>, steps: &mut Steps) -> Answer {
    if question.within.is_empty() {
        return Answer::Nothing;
    }
    let regions = question.layers.iter().flatten().chain(&question.without);
    let (count, words) =
        regions.fold((1, 0), |(count, words), region| (count + 1, words + region.words()));
    steps.each = 1 + words / (count * WORDS);
    let mut granted_by = Vec::new();
    let found = descend(question, &question.within, &mut granted_by, steps);
    steps.each = 1;
    match found {
        Some(Some(atoms)) => Answer::Found(Point { atoms, granted_by }),
        Some(None) => Answer::Nothing,
        None => Answer::OutOfSteps,
    }
}

type Atoms = Vec<(usize, usize)>;

/// Chooses a region of the next layer; `None` when out of steps.
fn descend(
    question: &Question<'_>,
    region: &Region,
    granted_by: &mut Vec<usize>,
    steps: &mut Steps,
) -> Option<Option<Atoms>> {
    let Some(layer) = question.layers.get(granted_by.len()) else {
        return stick_out(region.clone(), &question.without, steps);
    };
    for (index, choice) in layer.iter().enumerate() {
        steps.take(1)?;
        let Some(common) = region.overlap(choice) else { continue };
        granted_by.push(index);
        if let Some(point) = descend(question, &common, granted_by, steps)? {
            return Some(Some(point));
        }
        granted_by.pop();
    }
    Some(None)
}

/// A point of `region` in none of `removers`; `None` when out of steps.
fn stick_out(mut region: Region, removers: &[&Region], steps: &mut Steps) -> Option<Option<Atoms>> {
    let mut near: Vec<&Region> = removers.to_vec();
    loop {
        steps.take(near.len() + 1)?;
        near.retain(|remover| region.meets(remover));
        let best = near.iter().enumerate().map(|(at, remover)| {
            let mut sticking = region.protrusions(remover);
            (sticking.by_ref().take(usize::from(u8::MAX)).count(), at)
        });
        let Some((pieces, at)) = best.min() else { return Some(region.point()) };
        if pieces == 0 {
            return Some(None);
        }
        let remover = near.swap_remove(at);
        if pieces > 1 {
            return split(&region, remover, &near, steps);
        }
        let only: Vec<(usize, Bits)> = region
            .protrusions(remover)
            .map(|(dimension, side)| (dimension, side.clone()))
            .collect();
        for (dimension, side) in only {
            region.cut(dimension, &side);
        }
    }
}

/// Searches the pieces of `region` outside `remover`, one for each dimension it sticks out on.
fn split(
    region: &Region,
    remover: &Region,
    others: &[&Region],
    steps: &mut Steps,
) -> Option<Option<Atoms>> {
    let mut rest = region.clone();
    for (dimension, side) in region.protrusions(remover) {
        let mut piece = rest.clone();
        piece.cut(dimension, side);
        if !piece.is_empty()
            && let Some(point) = stick_out(piece, others, steps)?
        {
            return Some(Some(point));
        }
        rest.limit(dimension, side);
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(seed: &mut u64, of: u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed % of
    }

    fn region(seed: &mut u64) -> Region {
        let mut region = Region::everything();
        for dimension in 0..3 {
            if draw(seed, 3) > 0 {
                let mask = draw(seed, 15) + 1;
                region.limit(dimension, &Bits::filter(4, |atom| mask >> atom & 1 == 1));
            }
        }
        region
    }

    fn holds(region: &Region, point: &[usize]) -> bool {
        region.sides().all(|(dimension, side)| side.contains(point[dimension]))
    }

    #[test]
    fn the_search_agrees_with_trying_every_point() {
        let mut seed = 88_172_645_463_325_252;
        let (mut yes, mut no) = (0, 0);
        for _ in 0..3000 {
            let layers: Vec<Vec<Region>> =
                (0..2).map(|_| (0..2).map(|_| region(&mut seed)).collect()).collect();
            let without: Vec<Region> = (0..4).map(|_| region(&mut seed)).collect();
            let question = Question {
                within: region(&mut seed),
                layers: layers.iter().map(|layer| layer.iter().collect()).collect(),
                without: without.iter().collect(),
            };
            let good = |point: &[usize]| {
                holds(&question.within, point)
                    && layers.iter().all(|layer| layer.iter().any(|region| holds(region, point)))
                    && !without.iter().any(|region| holds(region, point))
            };
            let any = (0..64).any(|n| good(&[n / 16, n / 4 % 4, n % 4]));
            match search(&question, &mut Steps::default()) {
                Answer::Found(found) => {
                    let mut point = [0; 3];
                    for (dimension, atom) in &found.atoms {
                        point[*dimension] = *atom;
                    }
                    assert!(good(&point));
                    for (layer, index) in layers.iter().zip(&found.granted_by) {
                        assert!(holds(&layer[*index], &point));
                    }
                    yes += 1;
                }
                Answer::Nothing => {
                    assert!(!any);
                    no += 1;
                }
                Answer::OutOfSteps => panic!("a small question ran out of steps"),
            }
        }
        assert!(yes > 300 && no > 300, "{yes} {no}");
    }

    #[test]
    fn a_hard_question_ends_by_its_steps() {
        let dimensions = 40;
        let mut seed = 7;
        let without: Vec<Region> = (0..400)
            .map(|_| {
                let mut region = Region::everything();
                for _ in 0..3 {
                    let atom = draw(&mut seed, 2) as usize;
                    let dimension = draw(&mut seed, dimensions) as usize;
                    region.limit(dimension, &Bits::filter(2, |own| own == atom));
                }
                region
            })
            .collect();
        let question = Question { without: without.iter().collect(), ..Question::default() };
        let mut steps = Steps::new(2000);
        assert_eq!(search(&question, &mut steps), Answer::OutOfSteps);
        assert!(steps.is_empty());
    }
}
