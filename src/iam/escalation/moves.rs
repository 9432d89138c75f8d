//! Each method against each target: what a principal can turn into, or make of itself.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::principal::Caller;
use super::super::space::Frame;
use super::super::truth::Truth;
use super::around::{Group, Neighbours};
use super::call::Call;
use super::cases::{Substituted, cases};
use super::desk::{ABSENT, Candidate, Desk, Field, Grant, values_of};
use super::effort::Effort;
use super::subject::{Other, Place, Species, Subject, Surroundings, places};
use super::table::{METHODS, Method, Step, Target};

/// A method that works, or may.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The method.
    pub method: &'static Method,
    /// How sure it is that the principal may make the requests.
    pub verdict: Verdict,
    /// The requests: action and an example of a resource.
    pub requests: Vec<(&'static str, String)>,
    /// The ARN of the user or role that the principal turns into, where those of the account are
    /// known.
    pub target: Option<String>,
    /// Whether that is more than the principal has; unknown also where it is only assumed.
    pub gain: Truth,
    /// Circumstances under which the requests are allowed: condition keys with values.
    pub assuming: Vec<(String, String)>,
    /// The reason why it is not decided; else empty.
    pub doubt: String,
}

/// How sure a method is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It could not be decided.
    Undecided,
    /// It works under circumstances that may come about.
    Conditional,
    /// It works.
    Certain,
}

/// What was found for a principal.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// The methods, in the order of the table, then by target.
    pub findings: Vec<Finding>,
    /// Why the list may lack something.
    pub doubt: Option<String>,
}

/// Values of a key that all steps share, tried one after another.
const VALUES: usize = 64;

/// Everything that a principal could do with a method, whether or not it gains by it.
#[must_use]
pub fn moves(subject: &Subject<'_>, surroundings: &Surroundings<'_>) -> Outcome {
    moves_among(subject, &Neighbours::new(surroundings))
}

/// [`moves`] in surroundings that were laid out before.
pub(super) fn moves_among(subject: &Subject<'_>, neighbours: &Neighbours<'_>) -> Outcome {
    let (places, complete) = places(subject);
    let mut doubt = if places.is_empty() {
        Some("the principal is neither a user nor a role".to_owned())
    } else if complete {
        None
    } else {
        Some("the policies name too many accounts to look at each".to_owned())
    };
    let mut findings: Vec<Finding> = Vec::new();
    let effort = Rc::new(Effort::default());
    for place in &places {
        if effort.is_spent() {
            doubt = Some("the policies name too many accounts to look at each".to_owned());
            break;
        }
        for case in cases(subject, place) {
            let found = Room::new(subject, neighbours, place, &case, &effort).findings();
            let open = found.iter().any(|finding| finding.verdict == Verdict::Undecided);
            findings.extend(found);
            // Values are only given to variables where that can settle something.
            if !open {
                break;
            }
        }
    }
    Outcome { findings: surest(findings), doubt }
}

/// The surest finding of each method and target, in the order of the table and by target.
fn surest(mut findings: Vec<Finding>) -> Vec<Finding> {
    let rank = |finding: &Finding| METHODS.iter().position(|own| std::ptr::eq(own, finding.method));
    findings.sort_by(|a, b| (rank(a), &a.target).cmp(&(rank(b), &b.target)));
    findings.dedup_by(|next, kept| {
        let same = std::ptr::eq(next.method, kept.method) && next.target == kept.target;
        if same && kept.verdict < next.verdict {
            std::mem::swap(next, kept);
        }
        same
    });
    findings
}

/// A principal in a place, with everything laid out.
struct Room<'a> {
    subject: &'a Subject<'a>,
    neighbours: &'a Neighbours<'a>,
    place: &'a Place,
    case: &'a Substituted,
    desks: BTreeMap<Field, Desk>,
    /// By field, for each of the users or roles that a step in it can be about.
    places: BTreeMap<Field, Rc<[Places]>>,
    caller: Option<Caller>,
    effort: Rc<Effort>,
}

/// The places of resources of one user or role; nothing if they are not known.
type Places = Option<Rc<[usize]>>;

/// What is known of the target that a method turns into.
struct Aim<'a> {
    other: &'a Other<'a>,
    services: &'a [&'static str],
    /// Whether the trust policy lets the principal or the service in.
    trust: Truth,
    /// Layers of policies that need not allow, because the trust policy names the principal.
    unasked: usize,
}

impl<'a> Room<'a> {
    fn new(
        subject: &'a Subject<'a>,
        neighbours: &'a Neighbours<'a>,
        place: &'a Place,
        case: &'a Substituted,
        effort: &Rc<Effort>,
    ) -> Self {
        let caller = Caller::parse(&place.own);
        let effort = Rc::clone(effort);
        let (desks, places) = Default::default();
        Self { subject, neighbours, place, case, desks, places, caller, effort }
    }

    /// Where a step is decided, laid out when it is first needed.
    fn desk(&mut self, step: &'static Step) -> &mut Desk {
        let field = Field::of(step);
        let (subject, place, case, effort) = (self.subject, self.place, self.case, &self.effort);
        self.desks.entry(field).or_insert_with_key(|field| {
            let calls = calls(subject, place, case, field);
            let frames: Vec<&dyn Frame> = calls.iter().map(|call| call as &dyn Frame).collect();
            let around = (self.neighbours, effort);
            Desk::new(subject, place, field, around, &case.variables, &frames)
        })
    }

    fn findings(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for method in METHODS.iter() {
            let species = match self.place.species {
                Species::User => !method.needs_role(),
                Species::Role => !method.needs_user(),
                Species::Either => true,
            };
            if method.retired.is_some()
                || !species
                || method.steps.iter().any(|step| self.desk(step).is_closed())
            {
                continue;
            }
            match self.neighbours.others(method) {
                None => findings.extend(self.attempt(method, None)),
                Some(others) => self.turn(method, others, &mut findings),
            }
        }
        findings
    }

    /// Tries a method on the users or roles of the account: once on those that neither trust nor
    /// policies tell apart.
    fn turn(&mut self, method: &'static Method, others: &'a [Other<'a>], to: &mut Vec<Finding>) {
        for group in self.neighbours.groups(method, self.caller.as_ref()) {
            for alike in self.alike(method, others, &group) {
                let Some((first, rest)) = alike.split_first() else { continue };
                let Some(found) = self.attempt(method, Some(&self.aim(&group, first))) else {
                    continue;
                };
                for other in rest {
                    to.extend(if method.is_about(Target::RolePolicy) {
                        // It is about a policy of this very role.
                        self.attempt(method, Some(&self.aim(&group, other)))
                    } else {
                        Some(found.on(first, other))
                    });
                }
                to.push(found);
            }
        }
    }

    /// The members of a group but the principal itself, by what policies tell apart.
    fn alike(
        &mut self,
        method: &'static Method,
        others: &'a [Other<'a>],
        group: &Group,
    ) -> Vec<Vec<&'a Other<'a>>> {
        let step = |targets: &[Target]| method.steps.iter().find(|it| targets.contains(&it.target));
        let own = step(&[Target::OtherUser, Target::OtherRole, Target::PassedRole]);
        let own = own.map(|step| self.places(step, others));
        let policies = step(&[Target::RolePolicy]).map(|step| self.places(step, others));
        let places = |of: &Option<Rc<[Places]>>, at| of.as_ref()?.get(at).cloned().flatten();
        let mut alike: BTreeMap<_, Vec<&Other<'_>>> = BTreeMap::new();
        for at in &group.members {
            if let Some(other) = others.get(*at).filter(|other| other.arn != self.place.own) {
                alike.entry((places(&own, *at), places(&policies, *at))).or_default().push(other);
            }
        }
        alike.into_values().collect()
    }

    /// For each user or role the places of what a step on it can be about.
    fn places(&mut self, step: &'static Step, others: &[Other<'_>]) -> Rc<[Places]> {
        let field = Field::of(step);
        if let Some(known) = self.places.get(&field) {
            return Rc::clone(known);
        }
        let desk = self.desk(step);
        let of = |other: &Other<'_>| {
            if step.target != Target::RolePolicy {
                return Some(desk.place(other.arn).into_iter().collect());
            }
            let managed = other.managed.as_ref()?;
            let mut places: Vec<usize> = managed.iter().filter_map(|arn| desk.place(arn)).collect();
            places.sort_unstable();
            places.dedup();
            Some(places.into())
        };
        let found: Rc<[Places]> = others.iter().map(of).collect();
        self.places.insert(field, Rc::clone(&found));
        found
    }

    fn aim<'g>(&self, group: &'g Group, other: &'g Other<'g>) -> Aim<'g> {
        let boundary = self.place.species != Species::Role && self.subject.boundary.is_some();
        let unasked = if group.direct { 1 + usize::from(boundary) } else { 0 };
        Aim { other, services: &group.services, trust: group.trust, unasked }
    }

    /// Tries a method, on a known user or role or on whatever there may be.
    fn attempt(&mut self, method: &'static Method, aim: Option<&Aim<'_>>) -> Option<Finding> {
        let services = aim.map_or(method.passed_to.as_slice(), |aim| aim.services);
        let mut total = Grant::Yes;
        let mut requests = Vec::new();
        let mut done: Vec<Target> = Vec::new();
        for step in &method.steps {
            if done.contains(&step.target) {
                continue;
            }
            let together: Vec<&'static Step> = match step.target {
                Target::Any => vec![step],
                target => method.steps.iter().filter(|step| step.target == target).collect(),
            };
            if step.target != Target::Any {
                done.push(step.target);
            }
            let (grant, resource) = self.best(&together, services, aim);
            total = both(total, grant);
            if total == Grant::No {
                return None;
            }
            requests.extend(together.iter().map(|step| (step.action, resource.clone())));
        }
        if let Grant::If(circumstances) = &total
            && let Some(key) = conflict(circumstances)
        {
            return self.reconcile(method, aim, &key, requests);
        }
        Some(self.finding(method, aim, total, requests))
    }

    /// Tries a method with one value after another of a key that all its steps share.
    fn reconcile(
        &self,
        method: &'static Method,
        aim: Option<&Aim<'_>>,
        key: &str,
        requests: Vec<(&'static str, String)>,
    ) -> Option<Finding> {
        let step = method.steps.first()?;
        let (place, variables) = (self.place, &self.case.variables);
        let call = Call::new(place, step, &[], variables, &self.subject.keys);
        let (values, complete) = values_of(self.subject, key, variables, &call);
        for value in values.iter().take(VALUES) {
            let present = value != ABSENT;
            let mut subject = self.subject.clone();
            let fixed = if present { vec![value.clone()] } else { Vec::new() };
            subject.keys.insert(key.to_owned(), fixed);
            let mut variables = self.case.variables.clone();
            variables.set(key, present.then_some(value));
            let mut assuming = self.case.assuming.clone();
            assuming.push((key.to_owned(), value.clone()));
            let case = Substituted { variables, assuming };
            let mut room = Room::new(&subject, self.neighbours, self.place, &case, &self.effort);
            let found = room.attempt(method, aim);
            if found.as_ref().is_some_and(|finding| finding.verdict > Verdict::Undecided) {
                return found;
            }
        }
        let open = Grant::Open(format!("its steps want different values of {key}"));
        let all = complete && values.len() <= VALUES;
        (!all).then(|| self.finding(method, aim, open, requests))
    }

    /// The surest grant for steps on one target, and the target.
    fn best(
        &mut self,
        steps: &[&'static Step],
        services: &[&str],
        aim: Option<&Aim<'_>>,
    ) -> (Grant, String) {
        let mut best = (Grant::No, String::new());
        let Some(first) = steps.first() else { return best };
        for candidate in self.candidates(first, aim) {
            let mut grant = Grant::Yes;
            for step in steps {
                let (place, case) = (self.place, self.case);
                let call = Call::new(place, step, services, &case.variables, &self.subject.keys);
                let unasked = match step.action {
                    "sts:AssumeRole" => aim.map_or(0, |aim| aim.unasked),
                    _ => 0,
                };
                let services = call.passed_to;
                let answer = self.desk(step).ask(step, services, &call, candidate, unasked);
                grant = both(grant, answer);
                if grant <= best.0 {
                    break;
                }
            }
            if grant > best.0 {
                best = (grant, self.desk(first).resource(candidate).to_owned());
            }
            if best.0 == Grant::Yes {
                break;
            }
        }
        best
    }

    /// The resources that a step can be about, which those on the same target share.
    fn candidates<'s>(
        &mut self,
        step: &'static Step,
        aim: Option<&'s Aim<'_>>,
    ) -> Vec<Candidate<'s>>
    where
        'a: 's,
    {
        let (subject, place) = (self.subject, self.place);
        let own = [place.own.as_str()];
        let only: Option<&[&str]> = match step.target {
            Target::OwnUser | Target::OwnRole if place.known => Some(&own),
            Target::OtherUser | Target::OtherRole | Target::PassedRole => {
                aim.map(|aim| std::slice::from_ref(&aim.other.arn))
            }
            Target::RolePolicy => aim.and_then(|aim| aim.other.managed.as_deref()),
            Target::OwnGroup => subject.groups.as_deref(),
            Target::OwnPolicy => subject.managed.as_deref(),
            _ => None,
        };
        let but: &[&str] = match step.target {
            Target::JoinedGroup => subject.groups.as_deref().unwrap_or_default(),
            _ => &[],
        };
        self.desk(step).candidates(step, only, but)
    }

    fn finding(
        &self,
        method: &'static Method,
        aim: Option<&Aim<'_>>,
        grant: Grant,
        requests: Vec<(&'static str, String)>,
    ) -> Finding {
        let (mut verdict, mut assuming, doubt) = match grant {
            Grant::Yes => (Verdict::Certain, Vec::new(), String::new()),
            Grant::If(circumstances) => (Verdict::Conditional, circumstances, String::new()),
            Grant::Open(why) => (Verdict::Undecided, Vec::new(), why),
            Grant::No => (Verdict::Undecided, Vec::new(), String::new()),
        };
        if !self.case.assuming.is_empty() {
            assuming.extend(self.case.assuming.iter().cloned());
            verdict = verdict.min(Verdict::Conditional);
        }
        if aim.is_some_and(|aim| aim.trust.is_unknown()) {
            let what = "trust policy of the role".to_owned();
            assuming.push((what, "lets the caller in".to_owned()));
            verdict = verdict.min(Verdict::Conditional);
        }
        Finding {
            method,
            verdict,
            requests,
            target: aim.map(|aim| aim.other.arn.to_owned()),
            gain: aim.map_or(Truth::Unknown, |aim| aim.other.privileged),
            assuming,
            doubt,
        }
    }
}

impl Finding {
    /// The same on another target that nothing tells apart from the first.
    fn on(&self, first: &Other<'_>, other: &Other<'_>) -> Self {
        let named = |resource: &String| match resource == first.arn {
            true => other.arn.to_owned(),
            false => resource.clone(),
        };
        let requests = self.requests.iter().map(|(action, resource)| (*action, named(resource)));
        Self {
            requests: requests.collect(),
            target: Some(other.arn.to_owned()),
            gain: other.privileged,
            ..self.clone()
        }
    }
}

/// One request for each way in which what is known of the keys can differ.
fn calls<'a>(
    subject: &'a Subject<'_>,
    place: &'a Place,
    case: &'a Substituted,
    field: &Field,
) -> Vec<Call<'a>> {
    let mut calls: Vec<Call<'a>> = Vec::new();
    for method in METHODS.iter() {
        for step in method.steps.iter().filter(|step| Field::of(step) == *field) {
            let call = Call::new(place, step, &method.passed_to, &case.variables, &subject.keys);
            let iam = |action: &str| action.starts_with("iam:");
            let alike = |own: &Call<'_>| {
                own.passed_to == call.passed_to && iam(own.action) == iam(call.action)
            };
            if !calls.iter().any(alike) {
                calls.push(call);
            }
        }
    }
    calls
}

/// A key of the principal, and no single request, that circumstances give different values.
fn conflict(circumstances: &[(String, String)]) -> Option<String> {
    circumstances.iter().find_map(|(key, _)| {
        let values = circumstances.iter().filter(|(other, _)| other == key).count();
        let shared = key.starts_with("aws:principal") || key == "aws:userid";
        (shared && values > 1).then(|| key.clone())
    })
}

/// Both requests: the less sure of two grants, with the circumstances of both.
fn both(first: Grant, second: Grant) -> Grant {
    match (first, second) {
        (Grant::If(mut first), Grant::If(second)) => {
            first.extend(second);
            first.sort();
            first.dedup();
            Grant::If(first)
        }
        (first, second) => first.min(second),
    }
}
