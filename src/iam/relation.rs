//! Comparison of two policies: does one allow a request that the other does not?
//!
//! What AWS calls `CheckNoNewAccess` is `relation(new, old).a_within_b`. `CheckAccessNotGranted` and
//! `CheckNoPublicAccess` are questions about one policy; the latter is
//! [`super::exposure::exposure`]'s `public`.
//!
//! Nothing is assumed about requests but what follows from who makes them, so that "within" holds
//! for all of them. For resource policies callers are enumerated as for exposure.

mod batch;
mod frame;
mod relevant;

use super::atoms::{Budget, Domain, Pattern as Atoms, Token};
use super::document::{Document, Effect, Statement};
use super::exposure::ask::with_variables;
use super::exposure::policy::{self, rule};
use super::exposure::witness::witness_of;
use super::exposure::{Witness, action_characters};
use super::principal;
use super::search::{Answer, Question, Region, Steps, search};
use super::space::{Axes, Bounds, Extent, Rule, Space, Terms, Texts};
use super::truth::Truth;
use frame::{Stance, stances};

pub use batch::{compare_texts, relation_line};

/// How two policies relate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Whether all that the first allows the second allows, too.
    pub a_within_b: Inclusion,
    /// Whether all that the second allows the first allows, too.
    pub b_within_a: Inclusion,
}

/// Whether one policy is within another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Whether it is so; unknown where it cannot be decided.
    pub answer: Truth,
    /// A request that the one allows and the other does not, unless the answer is true.
    pub witness: Option<Witness>,
    /// The statement of the one that allows it, by its place in the document.
    pub statement: Option<usize>,
    /// The reason, in a sentence without a full stop.
    pub why: String,
}

/// Compares two policies of the same kind.
pub fn relation(a: &Document, b: &Document) -> Relation {
    let budget = Budget::default();
    let a_within_b = within_budget(a, b, &budget, Steps::half());
    Relation { a_within_b, b_within_a: within_budget(b, a, &budget, Steps::half()) }
}

/// `CheckNoNewAccess`: whether a new version of a policy allows nothing that the existing one does
/// not.
pub fn check_no_new_access(existing: &Document, new: &Document) -> Inclusion {
    within(new, existing)
}

/// `CheckAccessNotGranted`: whether a policy allows none of these actions on any of these resources.
/// Both are patterns as in policies; no actions or no resources stand for all of them. Unknown if
/// one of them is no pattern.
pub fn check_access_not_granted(
    policy: &Document,
    actions: &[&str],
    resources: &[&str],
) -> Inclusion {
    let list = |texts: &[&str]| {
        serde_json::Value::from(if texts.is_empty() { vec!["*"] } else { texts.to_vec() })
    };
    let mut statement = serde_json::json!({
        "Effect": "Deny", "Action": list(actions), "Resource": list(resources),
    });
    if policy.kind.has_principal()
        && let Some(fields) = statement.as_object_mut()
    {
        fields.insert("Principal".into(), "*".into());
        if policy.kind == super::document::Kind::Trust {
            fields.remove("Resource");
        }
    }
    let mut everything = statement.clone();
    for (name, value) in [("Effect", "Allow"), ("Action", "*"), ("Resource", "*")] {
        if let Some(slot) = everything.get_mut(name) {
            *slot = value.into();
        }
    }
    let rest = serde_json::json!({"Version": "2008-10-17", "Statement": [everything, statement]});
    match Document::parse(&rest.to_string(), policy.kind) {
        Ok(rest) => within(policy, &rest),
        Err(error) => Inclusion {
            answer: Truth::Unknown,
            witness: None,
            statement: None,
            why: format!("it cannot be decided: {error}"),
        },
    }
}

/// Whether everything that `a` allows `b` allows, too.
pub fn within(a: &Document, b: &Document) -> Inclusion {
    within_budget(a, b, &Budget::default(), Steps::default())
}

fn within_budget(a: &Document, b: &Document, budget: &Budget, steps: Steps) -> Inclusion {
    let met: Vec<_> = relevant::actions(&a.statements, &b.statements).collect();
    let statements: Vec<&Statement> =
        a.statements.iter().chain(met.iter().map(|(it, _)| *it)).collect();
    let of_b = met.iter().map(|(statement, patterns)| {
        let all = rule(statement);
        Rule { actions: Terms { patterns, ..all.actions }, ..all }
    });
    let rules: Vec<Rule<'_>> = a.statements.iter().map(rule).chain(of_b).collect();
    let stances = stances([a, b], &rules);
    let mut groups: Vec<(&super::space::Substitution, Vec<&Stance>)> = Vec::new();
    for stance in &stances.list {
        match groups.iter_mut().find(|(variables, _)| **variables == stance.variables) {
            Some((_, group)) => group.push(stance),
            None => groups.push((&stance.variables, vec![stance])),
        }
    }
    let named = statements.iter().map(|statement| {
        let principals = statement.principal.as_ref().map_or(0, |element| element.patterns.len());
        principals + statement.conditions.iter().map(|c| c.operands.len()).sum::<usize>()
    });
    let mut contest =
        Contest { names: named.sum(), statements: &statements, first: a.statements.len(), steps };
    let mut doubt: Option<Inclusion> =
        (!stances.complete).then(|| undecided("too many principals to tell apart"));
    if groups.len() > SPACES {
        doubt = Some(undecided("policy variables stand for too many values to look at each"));
    }
    let bounds = bounds(budget);
    for (variables, group) in groups.into_iter().take(SPACES) {
        let frames: Vec<&dyn super::space::Frame> =
            group.iter().map(|stance| *stance as &dyn super::space::Frame).collect();
        let space = Space::new(&rules, &frames, variables, &bounds);
        for stance in group {
            match contest.decide(&space, stance) {
                Some(found) if found.answer.is_false() => return found,
                Some(found) => {
                    doubt = doubt.filter(|own| own.witness.is_some()).or(Some(found));
                }
                None => {}
            }
        }
    }
    doubt.unwrap_or_else(|| Inclusion {
        answer: Truth::True,
        witness: None,
        statement: None,
        why: "every request that the first policy allows is allowed by the second".into(),
    })
}

fn undecided(reason: &str) -> Inclusion {
    Inclusion {
        answer: Truth::Unknown,
        witness: None,
        statement: None,
        why: format!("it cannot be decided: {reason}"),
    }
}

/// Every action and every resource, also `*`, which stands for the resource of actions without one.
fn bounds(budget: &Budget) -> Bounds {
    let name = [Token::OneInSegment, Token::RunInSegment];
    let action = name.into_iter().chain([Token::Char(':')]).chain(name);
    let arn = Atoms::arn("arn:?*:?*:*:*:?*").unwrap_or_else(Atoms::anything);
    Bounds {
        actions: Domain::of(vec![Atoms::new(action)]).over(action_characters()),
        resources: Domain::of(vec![arn, Atoms::new([Token::Char('*')])]),
        excluded: Vec::new(),
        budget: budget.clone(),
        axes: Some(Axes::default()),
        texts: Some(Texts::default()),
    }
}

/// The most spaces laid out: one for each set of values that policy variables stand for.
const SPACES: usize = 256;

struct Contest<'a> {
    statements: &'a [&'a Statement],
    /// How many statements belong to the first policy.
    first: usize,
    /// How many principals and values the statements name together.
    names: usize,
    steps: Steps,
}

/// One side's regions.
#[derive(Default)]
struct Side<'a> {
    allows: Vec<&'a Region>,
    /// The statements of `allows`.
    sources: Vec<usize>,
    denials: Vec<&'a Region>,
}

impl Contest<'_> {
    /// A request in this stance that the first policy allows and the second does not, if there is or
    /// may be one.
    fn decide(&mut self, space: &Space, stance: &Stance) -> Option<Inclusion> {
        if self.steps.take(1 + (self.names + space.size()) / 8).is_none() {
            return Some(undecided("callers and statements cross each other in too many ways"));
        }
        let who = stance.caller.as_ref().map(policy::principal);
        let within = space.within(stance, Extent::Listed);
        let _ = self.steps.take(1 + space.looked() / 8);
        if stance.exact
            && let Answer::Found(found) = self.search(space, stance, who.as_ref(), &within, true)
        {
            return Some(self.inclusion(space, stance, found, Truth::False));
        }
        let within = space.within(stance, Extent::Everything);
        match self.search(space, stance, who.as_ref(), &within, false) {
            Answer::Found(found) => Some(self.inclusion(space, stance, found, Truth::Unknown)),
            Answer::Nothing => None,
            Answer::OutOfSteps => {
                Some(undecided("the statements cross each other in too many ways"))
            }
        }
    }

    /// Looks among what the first certainly allows and the second certainly does not, or else among
    /// what may be so. The statement that allows replaces the region in the answer.
    fn search(
        &mut self,
        space: &Space,
        stance: &Stance,
        who: Option<&principal::Caller>,
        within: &Region,
        certain: bool,
    ) -> Answer {
        let (mut own, mut other) = (Side::default(), Side::default());
        for (index, (statement, regions)) in self.statements.iter().zip(space.rules()).enumerate() {
            let first = index < self.first;
            let fit = match (&stance.caller, who) {
                (Some(caller), Some(who)) => policy::fit(statement, caller, who).truth,
                _ => Truth::True,
            };
            // A grant of the first and a denial of the second speak for the request.
            let for_it = (statement.effect == Effect::Allow) == first;
            let small = for_it == certain;
            let region = match (small, fit) {
                (true, Truth::True) => regions.inner.as_ref(),
                (false, Truth::True | Truth::Unknown) => regions.outer.as_ref(),
                (true, Truth::Unknown | Truth::False) | (false, Truth::False) => None,
            };
            let side = if first { &mut own } else { &mut other };
            match (statement.effect, region) {
                (_, None) => {}
                (Effect::Allow, Some(region)) => {
                    side.allows.push(region);
                    side.sources.push(index);
                }
                (Effect::Deny, Some(region)) => side.denials.push(region),
            }
        }
        let mut answer = Answer::Nothing;
        let without = own.denials.iter().chain(&other.allows).copied().collect();
        let questions = [
            Question { within: within.clone(), layers: vec![own.allows.clone()], without },
            Question {
                within: within.clone(),
                layers: vec![own.allows.clone(), other.denials],
                without: own.denials,
            },
        ];
        for question in &questions {
            match search(question, &mut self.steps) {
                Answer::Found(mut point) => {
                    let at = point.granted_by.first().copied().unwrap_or_default();
                    point.granted_by = own.sources.get(at).copied().into_iter().collect();
                    return Answer::Found(point);
                }
                Answer::OutOfSteps => answer = Answer::OutOfSteps,
                Answer::Nothing => {}
            }
        }
        answer
    }

    fn inclusion(
        &self,
        space: &Space,
        stance: &Stance,
        found: super::search::Point,
        answer: Truth,
    ) -> Inclusion {
        let statement = found.granted_by.first().copied();
        let values = with_variables(space.values(&found), &stance.variables);
        let witness = witness_of(&values, stance.caller.as_ref(), self.statements);
        let label = statement.and_then(|at| self.statements.get(at)).map(|s| s.label());
        let what = format!("{} on {}", witness.action, witness.resource);
        let why = format!(
            "{} {} {what}, which the other policy {} not",
            label.unwrap_or_default(),
            if answer.is_false() { "allows" } else { "may allow" },
            if answer.is_false() { "does" } else { "may" },
        );
        Inclusion { answer, witness: Some(witness), statement, why }
    }
}

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;
