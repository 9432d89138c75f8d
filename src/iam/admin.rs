//! What a principal's policies amount to: everything, all of IAM, only with MFA.
//!
//! Decided by content, not by name: `*`, `*:*`, `**`, `arn:*`, a split over `a*` to `z*`, a `NotAction`
//! that leaves out next to nothing all come out the same, and denials, the boundary and service
//! control policies take away what they cover. A condition does not make an administrator harmless:
//! a pair of action and resource counts as granted if some request for it is allowed.

mod probe;

use super::atoms::{Bits, Budget, Domain, Pattern as Atoms, Token};
use super::document::{Document, Effect, Kind, Statement};
use super::exposure::policy::rule;
use super::exposure::witness::witness_of;
use super::exposure::{Witness, action_characters};
use super::search::{Answer, Point, Question, Region, Steps, search};
use super::space::{Axis, Bounds, Extent, Fact, Frame, Rule, Space, Substitution};
use super::truth::Truth;

/// The policies that decide about a principal's requests in its own account.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policies<'a> {
    /// Identity policies of the user and its groups, or of the role.
    pub identity: &'a [Document],
    /// The permissions boundary.
    pub boundary: Option<&'a Document>,
    /// Service control policies by level, root first; each level must allow.
    pub controls: &'a [Vec<Document>],
}

/// An answer about a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Whether it is so; unknown where it cannot be decided.
    pub answer: Truth,
    /// A request that speaks against it.
    pub counterexample: Option<Witness>,
    /// The reason, in a sentence without a full stop.
    pub why: String,
}

/// How far a principal is an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// Every action on every resource is granted.
    pub full: Answered,
    /// Every action of IAM on every resource of IAM is granted: the rest is then the principal's to
    /// take.
    pub iam: Answered,
}

impl Administrator {
    /// Whether the principal is an administrator or can make itself one at once.
    pub fn is_equivalent(&self) -> Truth {
        self.full.answer.or(self.iam.answer)
    }
}

/// Whether policies grant every action on every resource.
pub fn grants_everything(policies: &Policies<'_>) -> Answered {
    let anything = [Token::OneInSegment, Token::RunInSegment];
    let all = anything.into_iter().chain([Token::Char(':')]).chain(anything);
    covers(
        policies,
        Atoms::new(all),
        "arn:?*:?*:*:*:?*",
        "every action on every resource",
        &probe::OF_ALL,
    )
}

/// Whether policies grant every action of IAM on every resource of IAM, as those do that grant everything:
/// whoever has that gives itself the rest.
pub fn grants_iam(policies: &Policies<'_>) -> Answered {
    let anything = [Token::OneInSegment, Token::RunInSegment];
    let iam = "iam:".chars().map(Token::Char).chain(anything);
    covers(policies, Atoms::new(iam), "arn:aws*:iam:::?*", "every action of IAM", &probe::OF_IAM)
}

/// Whether policies make an administrator.
pub fn administrator(policies: &Policies<'_>) -> Administrator {
    Administrator { full: grants_everything(policies), iam: grants_iam(policies) }
}

/// Whether every request of a principal needs MFA: none is allowed while
/// `aws:MultiFactorAuthPresent` is false or absent. `exempt` are patterns of actions that may be used
/// without, such as those for setting MFA up.
pub fn mfa_enforced(policies: &Policies<'_>, exempt: &[&str]) -> Answered {
    let deny = serde_json::json!({
        "Version": "2008-10-17",
        "Statement": [{"Effect": "Deny", "Action": exempt, "Resource": "*"}],
    });
    let exemption = match Document::parse(&deny.to_string(), Kind::Identity) {
        Ok(document) => document,
        Err(error) => return unknown(format!("the exempt actions cannot be read: {error}")),
    };
    let anything = [Token::OneInSegment, Token::RunInSegment];
    let all = anything.into_iter().chain([Token::Char(':')]).chain(anything);
    let bounds = bounds(Atoms::new(all), &["arn:?*:?*:*:*:?*"], true);
    let stack = Stack::new(policies, (!exempt.is_empty()).then_some(&exemption));
    let frames = [Session::WithoutToken, Session::WithoutMfa];
    let views: Vec<&dyn Frame> = frames.iter().map(|frame| frame as &dyn Frame).collect();
    let space = Space::new(&stack.rules, &views, &Substitution::default(), &bounds);
    let mut steps = Steps::default();
    for (certain, answer) in [(true, Truth::False), (false, Truth::Unknown)] {
        for frame in &frames {
            let extent = if certain { Extent::Listed } else { Extent::Everything };
            match stack.search(&space, space.within(frame, extent), certain, &mut steps) {
                Answer::Found(point) => {
                    let witness = witness_of(&space.values(&point), None, &stack.statements);
                    let verb = if certain { "is" } else { "may be" };
                    let why = format!("{} {verb} allowed without MFA", witness.action);
                    return Answered { answer, counterexample: Some(witness), why };
                }
                Answer::OutOfSteps => return unknown(CROSSED.into()),
                Answer::Nothing => {}
            }
        }
    }
    Answered {
        answer: Truth::True,
        counterexample: None,
        why: "no request is allowed without MFA".into(),
    }
}

const CROSSED: &str = "the statements cross each other in too many ways";

fn unknown(reason: String) -> Answered {
    Answered {
        answer: Truth::Unknown,
        counterexample: None,
        why: format!("it cannot be decided: {reason}"),
    }
}

fn bounds(actions: Atoms, resources: &[&str], star: bool) -> Bounds {
    let mut within: Vec<Atoms> = resources.iter().filter_map(|text| Atoms::arn(text)).collect();
    if star {
        within.push(Atoms::new([Token::Char('*')]));
    }
    Bounds {
        actions: Domain::of(vec![actions]).over(action_characters()),
        resources: Domain::of(within),
        excluded: Vec::new(),
        budget: Budget::default(),
        axes: None,
        texts: None,
    }
}

/// What is known about the session of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    /// Nothing but that it is no service.
    Any,
    /// Long-term credentials: keys about the session are absent.
    WithoutToken,
    /// A session that was opened without MFA.
    WithoutMfa,
}

impl Frame for Session {
    fn fact(&self, key: &str) -> Fact {
        match (key, self) {
            ("aws:principalisawsservice", _) => Fact::exactly(["false"]),
            ("aws:securetransport", _) => Fact::exactly(["true", "false"]),
            ("aws:currenttime" | "aws:epochtime", _) => Fact::present(),
            (
                "aws:principalservicename"
                | "aws:principalservicenameslist"
                | "aws:sourcearn"
                | "aws:sourceaccount"
                | "aws:sourceorgid"
                | "aws:sourceorgpaths",
                _,
            ) => Fact::absent(),
            ("aws:multifactorauthpresent", Self::WithoutMfa) => Fact::exactly(["false"]),
            ("aws:multifactorauthage", Self::WithoutMfa | Self::WithoutToken) => Fact::absent(),
            ("aws:multifactorauthpresent" | "aws:tokenissuetime", Self::WithoutToken) => {
                Fact::absent()
            }
            _ => Fact::free(),
        }
    }
}

/// Whether every pair of these actions and resources is granted.
fn covers(
    policies: &Policies<'_>,
    actions: Atoms,
    resources: &str,
    what: &str,
    probes: &[(&str, &str)],
) -> Answered {
    let stack = Stack::new(policies, None);
    if let Some(missing) = (0..stack.depth).find_map(|at| probe::missing(stack.of(at), probes)) {
        return never(missing);
    }
    let bounds = bounds(actions, &[resources, &resources.replace(":iam:::", ":iam::*:")], false);
    let space = Space::new(&stack.rules, &[&Session::Any], &Substitution::default(), &bounds);
    let (listed, all) = (
        space.within(&Session::Any, Extent::Listed),
        space.within(&Session::Any, Extent::Everything),
    );
    let mut steps = Steps::default();
    let mut answer = Truth::True;
    for cell in cells(&space) {
        let place = |region: &Region| {
            let mut place = region.clone();
            cell.iter().for_each(|(dimension, bits)| place.limit(*dimension, bits));
            place
        };
        match stack.search(&space, place(&listed), true, &mut steps) {
            Answer::Found(_) => continue,
            Answer::OutOfSteps => return unknown(CROSSED.into()),
            Answer::Nothing => {}
        }
        match stack.search(&space, place(&all), false, &mut steps) {
            Answer::Found(_) => answer = Truth::Unknown,
            Answer::OutOfSteps => return unknown(CROSSED.into()),
            Answer::Nothing => {
                let atoms =
                    cell.iter().filter_map(|(dimension, bits)| Some((*dimension, bits.first()?)));
                let point = Point { atoms: atoms.collect(), granted_by: Vec::new() };
                let missing = witness_of(&space.values(&point), None, &stack.statements);
                return never(missing);
            }
        }
    }
    match answer {
        Truth::True => Answered {
            answer,
            counterexample: None,
            why: format!("{what} is allowed by some request"),
        },
        Truth::Unknown | Truth::False => unknown(
            "it depends on a policy variable, or there are too many different patterns".into(),
        ),
    }
}

fn never(missing: Witness) -> Answered {
    let why = format!("{} on {} is never allowed", missing.action, missing.resource);
    Answered { answer: Truth::False, counterexample: Some(missing), why }
}

/// The pairs of actions and resources that statements tell apart, one for each way to be told apart.
fn cells(space: &Space) -> Vec<[(usize, Bits); 2]> {
    let actions = classes(space, &Axis::Action);
    let resources = classes(space, &Axis::Resource);
    actions
        .iter()
        .flat_map(|action| resources.iter().map(|resource| [action.clone(), resource.clone()]))
        .collect()
}

/// One value of each class of values that all statements treat alike.
fn classes(space: &Space, axis: &Axis) -> Vec<(usize, Bits)> {
    let Some((dimension, values)) = space.axis(axis) else { return Vec::new() };
    let mut seen = std::collections::HashSet::new();
    (0..values.len())
        .filter(|value| {
            let has = |region: &Option<Region>| {
                region.as_ref().is_some_and(|region| {
                    region.side(dimension).is_none_or(|side| side.contains(*value))
                })
            };
            let verdicts = space.rules().iter().flat_map(|r| [has(&r.inner), has(&r.outer)]);
            seen.insert(verdicts.collect::<Vec<bool>>())
        })
        .map(|value| (dimension, Bits::filter(values.len(), |own| own == value)))
        .collect()
}

/// All statements in layers: every layer must allow, and every denial counts.
struct Stack<'a> {
    statements: Vec<&'a Statement>,
    /// The layer of each statement.
    layers: Vec<usize>,
    depth: usize,
    rules: Vec<Rule<'a>>,
}

impl<'a> Stack<'a> {
    fn new(policies: &Policies<'a>, denials: Option<&'a Document>) -> Self {
        let mut stack = Self { statements: vec![], layers: vec![], depth: 0, rules: vec![] };
        stack.layer(policies.identity);
        if let Some(boundary) = policies.boundary {
            stack.layer(std::slice::from_ref(boundary));
        }
        policies.controls.iter().for_each(|level| stack.layer(level));
        if let Some(denials) = denials {
            stack.layer(std::slice::from_ref(denials));
            stack.depth -= 1;
        }
        stack
    }

    fn layer(&mut self, documents: &'a [Document]) {
        for statement in documents.iter().flat_map(|document| document.statements.iter()) {
            self.rules.push(rule(statement));
            self.statements.push(statement);
            self.layers.push(self.depth);
        }
        self.depth += 1;
    }

    /// The statements of a layer.
    fn of(&self, layer: usize) -> impl Iterator<Item = &'a Statement> + Clone {
        let all = self.statements.iter().zip(&self.layers);
        all.filter(move |(_, own)| **own == layer).map(|(statement, _)| *statement)
    }

    /// Looks for a request that is certainly, or else possibly, allowed.
    fn search(&self, space: &Space, within: Region, certain: bool, steps: &mut Steps) -> Answer {
        let mut layers = vec![Vec::new(); self.depth];
        let mut without = Vec::new();
        for ((statement, layer), regions) in
            self.statements.iter().zip(&self.layers).zip(space.rules())
        {
            let (small, large) = (regions.inner.as_ref(), regions.outer.as_ref());
            match statement.effect {
                Effect::Allow => {
                    let region = if certain { small } else { large };
                    layers.get_mut(*layer).into_iter().for_each(|layer| layer.extend(region));
                }
                Effect::Deny => without.extend(if certain { large } else { small }),
            }
        }
        search(&Question { within, layers, without }, steps)
    }
}

#[cfg(test)]
mod tests;
