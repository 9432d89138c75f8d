//! Asking: for each case, is there a request that some statement allows and none denies?

use std::collections::BTreeMap;

use super::super::atoms::Family;
use super::super::document::{Effect, Statement};
use super::super::principal;
use super::super::search::{Answer, Point, Question, Region, Steps, search};
use super::super::space::{Axis, Bounds, Extent, Frame, Rule, Space, Substitution, Value};
use super::super::truth::Truth;
use super::caller::Reach;
use super::case::Case;
use super::policy::{self, Fit};

/// Which statements may grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) enum Grants {
    /// Those that do not name the calling service: who names a service wants its calls.
    Unasked,
    /// Those that name the calling service.
    Named,
}

/// A request that gets in, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) struct Entry {
    pub(in crate::iam) truth: Truth,
    pub(in crate::iam) reach: Reach,
    /// The statement that grants, by its place in the list.
    pub(in crate::iam) statement: usize,
    pub(in crate::iam) values: BTreeMap<Axis, Value>,
    pub(in crate::iam) principal: principal::Caller,
    /// Why the answer is not certain.
    pub(in crate::iam) doubt: Option<String>,
}

/// The answer for a case; no entry and no doubt is a proof that nobody gets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::iam) struct Reply {
    pub(in crate::iam) entry: Option<Entry>,
    pub(in crate::iam) doubt: Option<String>,
}

/// More IPv4 addresses than a /8 has, or more IPv6 addresses than a /32, are the world
/// (S3 User Guide, the meaning of public).
const WORLD_V4: u128 = 1 << 24;
const WORLD_V6: u128 = 1 << 96;

/// The most spaces laid out: one for each set of values that policy variables stand for.
const SPACES: usize = 256;

const CROSSED: &str = "callers and statements cross each other in too many ways";

/// Statements with the spaces laid out for them so far.
pub(in crate::iam) struct Desk<'a> {
    statements: Vec<&'a Statement>,
    spaces: Vec<(Substitution, Space)>,
    /// How many principals and values the statements name together.
    names: usize,
    pub(in crate::iam) steps: Steps,
}

impl<'a> Desk<'a> {
    /// Lays out the spaces that the cases need.
    pub(in crate::iam) fn new(
        statements: Vec<&'a Statement>,
        bounds: &Bounds,
        cases: &[Case<'_>],
    ) -> Self {
        let rules: Vec<Rule<'a>> = statements.iter().map(|s| policy::rule(s)).collect();
        let mut groups: BTreeMap<&Substitution, Vec<&dyn Frame>> = BTreeMap::new();
        for case in cases {
            groups.entry(&case.variables).or_default().push(case);
        }
        let spaces = groups
            .into_iter()
            .take(SPACES)
            .map(|(variables, frames)| {
                (variables.clone(), Space::new(&rules, &frames, variables, bounds))
            })
            .collect();
        let named = statements.iter().filter_map(|statement| statement.principal.as_ref());
        let conditions = statements.iter().flat_map(|statement| statement.conditions.iter());
        let names = named.map(|element| element.patterns.len()).sum::<usize>()
            + conditions.map(|condition| condition.operands.len()).sum::<usize>();
        Self { statements, spaces, names, steps: Steps::default() }
    }

    /// Answers a case.
    pub(in crate::iam) fn ask(&mut self, case: &Case<'_>, grants: Grants) -> Reply {
        let Some(at) = self.spaces.iter().position(|(own, _)| *own == case.variables) else {
            let doubt = "policy variables stand for too many values to look at each";
            return Reply { entry: None, doubt: Some(doubt.into()) };
        };
        let size = self.spaces.get(at).map_or(0, |(_, space)| space.size());
        if self.steps.take(1 + (self.names + size) / 8).is_none() {
            return Reply { entry: None, doubt: Some(CROSSED.into()) };
        }
        let who = policy::principal(case.scenario.caller);
        let fits: Vec<Fit> =
            self.statements.iter().map(|s| policy::fit(s, case.scenario.caller, &who)).collect();
        let Some((_, space)) = self.spaces.get(at) else { return Reply::default() };
        let within = space.within(case, Extent::Listed);
        let _ = self.steps.take(1 + space.looked() / 8);
        let view = View { statements: &self.statements, fits: &fits, space, grants };
        if !view.may_grant() {
            return Reply::default();
        }
        if case.exact {
            match view.search(within.clone(), Certainty::Certain, &mut self.steps) {
                (Answer::Found(point), allows) => {
                    return view.entry(case, who, &point, &allows, within, &mut self.steps);
                }
                (Answer::Nothing, _) if view.is_exact() => return Reply::default(),
                (Answer::Nothing | Answer::OutOfSteps, _) => {}
            }
        }
        let within = space.within(case, Extent::Everything);
        match view.search(within, Certainty::Possible, &mut self.steps) {
            (Answer::Found(point), allows) => {
                let values = with_variables(space.values(&point), &case.variables);
                let statement = granting(&point, &allows);
                let entry = Entry {
                    truth: Truth::Unknown,
                    reach: case.reach.clone(),
                    statement,
                    values,
                    principal: who,
                    doubt: Some(view.doubt(case, statement, &point)),
                };
                Reply { entry: Some(entry), doubt: None }
            }
            (Answer::Nothing, _) => Reply::default(),
            (Answer::OutOfSteps, _) => Reply { entry: None, doubt: Some(CROSSED.into()) },
        }
    }
}

/// Whether grants are taken by what certainly or by what possibly matches; denials the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Certain,
    Possible,
}

struct View<'a> {
    statements: &'a [&'a Statement],
    fits: &'a [Fit],
    space: &'a Space,
    grants: Grants,
}

impl View<'_> {
    fn allows(&self, statement: &Statement, fit: &Fit) -> bool {
        let asked = match self.grants {
            Grants::Unasked => !fit.service,
            Grants::Named => fit.service,
        };
        statement.effect == Effect::Allow && asked && !fit.truth.is_false()
    }

    fn may_grant(&self) -> bool {
        self.statements.iter().zip(self.fits).any(|(statement, fit)| self.allows(statement, fit))
    }

    /// Whether what possibly matches certainly does, and all values are there.
    fn is_exact(&self) -> bool {
        self.space.partial().is_empty()
            && self.fits.iter().all(|fit| !fit.truth.is_unknown())
            && self.space.rules().iter().all(|regions| regions.inner == regions.outer)
    }

    /// Searches; also returns the statements of the regions that could grant.
    fn search(&self, within: Region, how: Certainty, steps: &mut Steps) -> (Answer, Vec<usize>) {
        let mut allows = Vec::new();
        let mut grants = Vec::new();
        let mut denials = Vec::new();
        let all = self.statements.iter().zip(self.fits).zip(self.space.rules());
        for (index, ((statement, fit), regions)) in all.enumerate() {
            let certain = fit.truth.is_true();
            match (statement.effect, how) {
                (Effect::Allow, Certainty::Certain) if certain && self.allows(statement, fit) => {
                    allows.extend(regions.inner.as_ref().map(|_| index));
                    grants.extend(&regions.inner);
                }
                (Effect::Allow, Certainty::Possible) if self.allows(statement, fit) => {
                    allows.extend(regions.outer.as_ref().map(|_| index));
                    grants.extend(&regions.outer);
                }
                (Effect::Deny, Certainty::Certain) if !fit.truth.is_false() => {
                    denials.extend(&regions.outer);
                }
                (Effect::Deny, Certainty::Possible) if certain => denials.extend(&regions.inner),
                (Effect::Allow | Effect::Deny, _) => {}
            }
        }
        let mut question =
            Question { within: Region::default(), layers: vec![grants], without: denials };
        let mut answer = Answer::Nothing;
        for part in self.space.parts(within) {
            question.within = part;
            match search(&question, steps) {
                Answer::Found(point) => return (Answer::Found(point), allows),
                Answer::OutOfSteps => answer = Answer::OutOfSteps,
                Answer::Nothing => {}
            }
        }
        (answer, allows)
    }

    /// A certain entry. Through a public address it is the world's only if enough addresses get in.
    fn entry(
        &self,
        case: &Case<'_>,
        principal: principal::Caller,
        point: &Point,
        allows: &[usize],
        within: Region,
        steps: &mut Steps,
    ) -> Reply {
        let reach = match case.reach {
            Reach::World if !self.is_world(&within, steps) => Reach::Outsider,
            ref reach => reach.clone(),
        };
        let entry = Entry {
            truth: Truth::True,
            reach,
            statement: granting(point, allows),
            values: with_variables(self.space.values(point), &case.variables),
            principal,
            doubt: None,
        };
        Reply { entry: Some(entry), doubt: None }
    }

    /// Whether the addresses that get in are more than a few networks.
    fn is_world(&self, within: &Region, steps: &mut Steps) -> bool {
        let key = Axis::Key("aws:sourceip".into());
        let Some((dimension, values)) = self.space.axis(&key) else { return true };
        let size = values.len();
        let side = |atom: usize| super::super::atoms::Bits::filter(size, |own| own == atom);
        let allowed = within.side(dimension);
        let absent = within.clone();
        let mut v4 = 0u128;
        let mut v6 = 0u128;
        for (atom, range) in self.space.ranges(dimension) {
            if allowed.is_some_and(|allowed| !allowed.contains(*atom)) {
                continue;
            }
            let mut one = within.clone();
            one.limit(dimension, &side(*atom));
            if let (Answer::Found(_), _) = self.search(one, Certainty::Certain, steps) {
                match range.family {
                    Family::V4 => v4 = v4.saturating_add(range.size()),
                    Family::V6 => v6 = v6.saturating_add(range.size()),
                }
            }
            if v4 > WORLD_V4 || v6 > WORLD_V6 {
                return true;
            }
        }
        // Without an address at all, as through a VPC endpoint, there is nothing to count.
        let mut without = absent;
        without.limit(dimension, &side(0));
        matches!(self.search(without, Certainty::Certain, steps), (Answer::Found(_), _))
    }

    /// Why an answer is not certain.
    fn doubt(&self, case: &Case<'_>, statement: usize, point: &Point) -> String {
        let unlisted = self.space.values(point).into_iter().filter(|(_, v)| *v == Value::Unlisted);
        let axes: Vec<Axis> = unlisted.map(|(axis, _)| axis).collect();
        if !axes.is_empty() {
            return too_many(&axes);
        }
        if !case.exact {
            return "it depends on the value of a policy variable".into();
        }
        if self.fits.iter().any(|fit| fit.truth.is_unknown()) {
            return "whether a principal of the policy is meant is not known".into();
        }
        let label = self.statements.get(statement).map_or_else(String::new, |s| s.label());
        format!("AWS does not document what a part of {label} or of a denial means")
    }
}

/// Adds what policy variables stand for.
pub(in crate::iam) fn with_variables(
    mut values: BTreeMap<Axis, Value>,
    variables: &Substitution,
) -> BTreeMap<Axis, Value> {
    for (key, value) in variables.fixed() {
        let value = value.map_or(Value::Absent, |value| Value::One(value.to_owned()));
        values.entry(Axis::Key(key.into())).or_insert(value);
    }
    values
}

fn granting(point: &Point, allows: &[usize]) -> usize {
    point.granted_by.first().and_then(|at| allows.get(*at)).copied().unwrap_or_default()
}

fn too_many(axes: &[Axis]) -> String {
    let names: Vec<&str> = axes
        .iter()
        .map(|axis| match axis {
            Axis::Action => "actions",
            Axis::Resource => "resources",
            Axis::Key(key) => key,
        })
        .collect();
    format!("there are too many different patterns on {}", names.join(", "))
}
