//! The space of requests that a question ranges over: one dimension for the action, one for the
//! resource, one for each condition key, each with its finitely many values to try; and for each
//! statement the region of requests that it matches.
//!
//! Each statement has two regions. The *inner* one holds requests that it certainly matches, the
//! *outer* one those that it may match: they differ where a policy variable has no known value or
//! where AWS does not document the meaning. Grants by their inner region against denials by their
//! outer one prove that somebody gets in; the other way round they prove that nobody does.
//!
//! The module knows statements and condition keys, but not who calls: what is known about the keys
//! of a caller comes in as [`Frame`]s.

mod axis;
mod candidates;
mod grants;
mod spell;
mod text;
mod value;
mod variables;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::atoms::{AddressRange, Bits, Budget, Domain};
use super::condition::Condition;
use super::pattern::{Pattern, ResourcePattern};
use super::search::{Point, Region};

pub use axis::Axes;
use axis::KeyAxis;
pub(in crate::iam) use spell::{arn as spell_arn, pattern as spell_with};
use text::TextAxis;
pub use value::{Allowed, Fact, Substitution, Value, arn, glob, literal};
pub(in crate::iam) use variables::fresh_values_suffice;

/// One statement, as far as requests are concerned: its principals are the caller's business.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// `Action` or `NotAction`.
    pub actions: Terms<'a, Pattern>,
    /// `Resource` or `NotResource`; `None` where the policy's own resource is meant.
    pub resources: Option<Terms<'a, ResourcePattern>>,
    /// The conditions, all of which must hold.
    pub conditions: &'a [Condition],
}

/// A list of patterns, or everything but what it matches.
#[derive(Debug)]
pub struct Terms<'a, T> {
    /// Whether the element is the `Not…` form.
    pub negated: bool,
    /// The patterns of the element.
    pub patterns: &'a [T],
}

impl<T> Clone for Terms<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Terms<'_, T> {}

/// A way for requests to come about, with what is known about their condition keys.
pub trait Frame {
    /// What is known about a key, given in lower case.
    fn fact(&self, key: &str) -> Fact;
}

/// A frame that knows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unframed;

impl Frame for Unframed {
    fn fact(&self, _key: &str) -> Fact {
        Fact::free()
    }
}

/// Which requests of a frame are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Those whose values were looked at: what is found among them is real.
    Listed,
    /// All: what is not found among them does not exist.
    Everything,
}

/// What a dimension is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// The action, in lower case.
    Action,
    /// The ARN of the resource.
    Resource,
    /// A condition key, in lower case.
    Key(Box<str>),
}

/// The requests that a statement matches; `None` stands for none.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    /// Certainly matched.
    pub inner: Option<Region>,
    /// Possibly matched: a superset.
    pub outer: Option<Region>,
}

/// The limits of a space.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The actions there are, in lower case.
    pub actions: Domain,
    /// Known actions that do not count, in lower case.
    pub excluded: Vec<String>,
    /// The resources there are.
    pub resources: Domain,
    /// The work that dimensions may take; spaces with clones of it share it.
    pub budget: Budget,
    /// Axes that spaces over the same documents share; only while those documents live.
    pub axes: Option<Axes>,
    /// Actions and resources, if all spaces with clones of these bounds have the same rules.
    pub texts: Option<Texts>,
}

/// Actions and resources that spaces over the same rules share.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    known: Rc<RefCell<Known>>,
    grants: Option<Rc<[bool]>>,
}

#[derive(Debug, Default)]
struct Known {
    actions: Option<Rc<TextAxis>>,
    /// Those without policy variables; others differ from space to space.
    resources: Option<Rc<TextAxis>>,
}

impl Texts {
    /// For questions about one rule that grants and none that takes away: which rules grant, while
    /// all others take away. Only then values are left out that such a question does not need.
    pub fn one_of(grants: impl IntoIterator<Item = bool>) -> Self {
        Self { known: Rc::default(), grants: Some(grants.into_iter().collect()) }
    }

    /// The axes of these rules, those known or new ones.
    fn of(
        rules: &[Rule<'_>],
        variables: &Substitution,
        bounds: &Bounds,
    ) -> (Rc<TextAxis>, Rc<TextAxis>) {
        let actions = || Rc::new(TextAxis::actions(rules, bounds));
        let resources = |starred| Rc::new(TextAxis::resources(rules, variables, bounds, starred));
        let Some(texts) = &bounds.texts else { return (actions(), resources(false)) };
        let mut known = texts.known.borrow_mut();
        let actions = Rc::clone(known.actions.get_or_insert_with(actions));
        let resources = || resources(actions.bare.is_some());
        let patterns = rules.iter().filter_map(|rule| rule.resources).flat_map(|own| own.patterns);
        let varied = patterns.into_iter().any(|resource| resource.pattern().has_variable());
        let resources = if varied {
            resources()
        } else {
            Rc::clone(known.resources.get_or_insert_with(resources))
        };
        (actions, resources)
    }
}

/// Per dimension and extent, the values that facts allow.
type Sided = BTreeMap<(usize, Extent), Vec<(Fact, Bits)>>;

/// The dimensions of a question and the regions of its statements.
#[derive(Debug)]
pub struct Space {
    axes: Vec<(Axis, Vec<Value>)>,
    /// The ranges that values stand for, where they are addresses.
    ranges: BTreeMap<usize, Vec<(usize, AddressRange)>>,
    rules: Vec<Regions>,
    partial: Vec<Axis>,
    /// The actions without resources, and the resource that they are asked about.
    bare: Option<(Bits, Bits)>,
    /// What facts say about the values of dimensions, as far as it was asked: most callers share
    /// most facts.
    sides: RefCell<Sided>,
    looked: Cell<usize>,
}

impl Space {
    /// Lays out the space for `rules`, so fine that every fact of `frames` is a union of values.
    /// Policy variables stand for what `variables` says.
    pub fn new(
        rules: &[Rule<'_>],
        frames: &[&dyn Frame],
        variables: &Substitution,
        bounds: &Bounds,
    ) -> Self {
        let mut space = Self {
            axes: Vec::new(),
            ranges: BTreeMap::new(),
            rules: vec![Regions::default(); rules.len()],
            partial: Vec::new(),
            bare: None,
            sides: RefCell::default(),
            looked: Cell::default(),
        };
        let mut sides = vec![Some((Region::everything(), Region::everything())); rules.len()];
        let (actions, resources) = Texts::of(rules, variables, bounds);
        space.bare = actions.bare.clone().zip(resources.star).map(|(bare, star)| {
            (bare, Bits::filter(resources.values.len(), |value| value == star))
        });
        for (axis, text) in [(Axis::Action, actions), (Axis::Resource, resources)] {
            let dimension = space.axes.len();
            for (rule, side) in sides.iter_mut().enumerate() {
                limit(side, dimension, text.sides(rule));
            }
            space.admit(axis, text.values.clone(), text.complete);
        }
        for (key, conditions) in by_key(rules) {
            let effort = (&bounds.budget, bounds.axes.as_ref());
            let axis = KeyAxis::new(key, &conditions, frames, variables, effort);
            let dimension = space.axes.len();
            for (rule, condition) in &conditions {
                if let Some(side) = sides.get_mut(*rule) {
                    limit(side, dimension, axis.sides(condition));
                }
            }
            let found = axis.found();
            if !found.ranges.is_empty() {
                space.ranges.insert(dimension, found.ranges.clone());
            }
            space.admit(Axis::Key(key.into()), found.values.clone(), found.complete);
        }
        for (regions, side) in space.rules.iter_mut().zip(sides) {
            if let Some((inner, outer)) = side {
                regions.inner = (!inner.is_empty()).then_some(inner);
                regions.outer = (!outer.is_empty()).then_some(outer);
            }
        }
        space
    }

    fn admit(&mut self, axis: Axis, values: Vec<Value>, complete: bool) {
        if !complete {
            self.partial.push(axis.clone());
        }
        self.axes.push((axis, values));
    }

    /// The regions of the rules, in the order given.
    pub fn rules(&self) -> &[Regions] {
        &self.rules
    }

    /// The dimensions whose values are not all there, because they were too many. They have a last
    /// value [`Value::Unlisted`] for the others, which statements match possibly but not certainly.
    pub fn partial(&self) -> &[Axis] {
        &self.partial
    }

    /// The requests that can come about in a frame: those looked at, or all of them.
    pub fn within(&self, frame: &dyn Frame, extent: Extent) -> Region {
        let mut region = Region::everything();
        for (dimension, (axis, values)) in self.axes.iter().enumerate() {
            let fact = match axis {
                Axis::Action | Axis::Resource => Fact::present(),
                Axis::Key(key) => frame.fact(key),
            };
            region.limit(dimension, &self.side(dimension, values, fact, extent));
        }
        region
    }

    /// A region without what no request is: actions that have resources with some ARN, and those
    /// that have none with `*`, as far as the axes tell them apart.
    pub fn parts(&self, region: Region) -> Vec<Region> {
        let Some((bare, star)) = &self.bare else { return vec![region] };
        let mut plain = region.clone();
        plain.limit(ACTIONS, &bare.complement());
        plain.limit(RESOURCES, &star.complement());
        let mut other = region;
        other.limit(ACTIONS, bare);
        other.limit(RESOURCES, star);
        vec![plain, other]
    }

    /// The values of a dimension that a fact allows.
    fn side(&self, dimension: usize, values: &[Value], fact: Fact, extent: Extent) -> Bits {
        let mut sides = self.sides.borrow_mut();
        let known = sides.entry((dimension, extent)).or_default();
        if let Some((_, side)) = known.iter().find(|(own, _)| *own == fact) {
            return side.clone();
        }
        let allowed = |value: &Value| {
            (*value != Value::Unlisted || extent == Extent::Everything) && fact.allows(value)
        };
        self.looked.set(self.looked.get() + values.len() * (1 + fact.values.patterns().count()));
        let side = Bits::filter(values.len(), |at| values.get(at).is_some_and(allowed));
        if known.len() < FACTS {
            known.push((fact, side.clone()));
        }
        side
    }

    /// The values that were compared with patterns of facts since this was last asked.
    pub fn looked(&self) -> usize {
        self.looked.take()
    }

    /// About how many values and statements there are to look at for each caller.
    pub fn size(&self) -> usize {
        self.axes.iter().map(|(_, values)| 1 + values.len() / 8).sum::<usize>() + self.rules.len()
    }

    /// The dimension of an axis, with its values.
    pub fn axis(&self, wanted: &Axis) -> Option<(usize, &[Value])> {
        let at = self.axes.iter().position(|(axis, _)| axis == wanted)?;
        self.axes.get(at).map(|(_, values)| (at, values.as_slice()))
    }

    /// The dimensions in order.
    pub fn axes(&self) -> impl Iterator<Item = (&Axis, &[Value])> {
        self.axes.iter().map(|(axis, values)| (axis, values.as_slice()))
    }

    /// The values of a dimension that stand for ranges of addresses.
    pub fn ranges(&self, dimension: usize) -> &[(usize, AddressRange)] {
        self.ranges.get(&dimension).map_or(&[], Vec::as_slice)
    }

    /// The values that a point stands for.
    pub fn values(&self, point: &Point) -> BTreeMap<Axis, Value> {
        let named = point.atoms.iter().filter_map(|(dimension, atom)| {
            let (axis, values) = self.axes.get(*dimension)?;
            Some((axis.clone(), values.get(*atom)?.clone()))
        });
        named.collect()
    }
}

/// The dimensions of actions and of resources.
const ACTIONS: usize = 0;
const RESOURCES: usize = 1;

/// The most facts kept for a dimension.
const FACTS: usize = 16;

/// Inner and outer region while they are being built.
type Sides = Option<(Region, Region)>;

fn limit(sides: &mut Sides, dimension: usize, to: Option<(Bits, Bits)>) {
    if let (Some((inner, outer)), Some((certain, possible))) = (sides, to) {
        if !certain.is_full() {
            inner.limit(dimension, &certain);
        }
        if !possible.is_full() {
            outer.limit(dimension, &possible);
        }
    }
}

/// All conditions by their key, each with the index of its rule.
fn by_key<'a>(rules: &[Rule<'a>]) -> BTreeMap<&'a str, Vec<(usize, &'a Condition)>> {
    let mut keys: BTreeMap<&str, Vec<(usize, &Condition)>> = BTreeMap::new();
    for (index, rule) in rules.iter().enumerate() {
        for condition in rule.conditions {
            keys.entry(&condition.key).or_default().push((index, condition));
        }
    }
    keys
}
