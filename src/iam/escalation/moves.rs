//! Each method against each target: what a principal can turn into, or make of itself.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::document::Document;
use super::super::exposure::caller::Names;
use super::super::exposure::policy;
use super::super::principal::Caller;
use super::super::space::{Frame, Substitution};
use super::super::truth::Truth;
use super::call::{Call, name};
use super::desk::{ABSENT, Desk, Effort, Field, Grant, values_of};
use super::subject::{Other, Place, Species, Subject, Surroundings, admits, places};
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

/// Accounts and roles beyond this many are not looked at one by one.
const TARGETS: usize = 2_000;
/// Values of a key that all steps share, tried one after another.
const VALUES: usize = 64;

/// Everything that a principal could do with a method, whether or not it gains by it.
#[must_use]
pub fn moves(subject: &Subject<'_>, surroundings: &Surroundings<'_>) -> Outcome {
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
            let found = Room::new(subject, surroundings, place, &case, &effort).findings();
            let open = found.iter().any(|finding| finding.verdict == Verdict::Undecided);
            for finding in found {
                keep_better(&mut findings, finding);
            }
            // Values are only given to variables where that can settle something.
            if !open {
                break;
            }
        }
    }
    let rank = |finding: &Finding| METHODS.iter().position(|method| method == finding.method);
    findings.sort_by_cached_key(|finding| (rank(finding), finding.target.clone()));
    Outcome { findings, doubt }
}

fn keep_better(findings: &mut Vec<Finding>, finding: Finding) {
    let same = findings
        .iter_mut()
        .find(|own| own.method == finding.method && own.target == finding.target);
    match same {
        Some(own) if own.verdict < finding.verdict => *own = finding,
        Some(_) => {}
        None => findings.push(finding),
    }
}

/// What policy variables stand for, and what that assumes.
struct Substituted {
    variables: Substitution,
    assuming: Vec<(String, String)>,
}

/// First with nothing assumed about variables whose value is not known; then with values of their
/// own for all, and with all of them absent.
fn cases(subject: &Subject<'_>, place: &Place) -> Vec<Substituted> {
    let documents = documents(subject);
    let mentions = policy::mentions(documents.iter().copied(), &Names::default());
    let mut known = Substitution::default();
    let user = place.species != Species::Role;
    known.set("aws:username", user.then(|| name(&place.own)));
    known.set("aws:principalaccount", Some(&place.account));
    known.set("aws:principaltype", Some(if user { "User" } else { "AssumedRole" }));
    for (key, values) in &subject.keys {
        match values.as_slice() {
            [] => known.set(key, None),
            [only] => known.set(key, Some(only)),
            _ => {}
        }
    }
    let fixed: Vec<String> = known.fixed().map(|(key, _)| key.to_owned()).collect();
    let open: Vec<&str> = mentions
        .variables
        .iter()
        .map(|key| &**key)
        .filter(|key| !fixed.iter().any(|own| own == key))
        .collect();
    let mut cases = vec![Substituted { variables: known.clone(), assuming: Vec::new() }];
    if !open.is_empty() {
        for value in [Some("some-value"), None] {
            let mut variables = known.clone();
            let mut assuming = Vec::new();
            for key in &open {
                variables.set(key, value);
                assuming.push(((*key).to_owned(), value.unwrap_or("absent").to_owned()));
            }
            cases.push(Substituted { variables, assuming });
        }
    }
    cases
}

fn documents<'a>(subject: &Subject<'a>) -> Vec<&'a Document> {
    let own = subject.policies.iter().copied().chain(subject.boundary);
    own.chain(subject.controls.iter().flatten().copied()).collect()
}

/// A principal in a place, with everything laid out.
struct Room<'a> {
    subject: &'a Subject<'a>,
    surroundings: &'a Surroundings<'a>,
    place: &'a Place,
    case: &'a Substituted,
    named: Vec<&'a str>,
    desks: BTreeMap<Field, Desk>,
    caller: Option<Caller>,
    effort: Rc<Effort>,
}

/// What is known of the target that a method turns into.
struct Aim<'a> {
    other: &'a Other<'a>,
    services: Vec<&'a str>,
    /// Whether the trust policy lets the principal or the service in.
    trust: Truth,
    /// Layers of policies that need not allow, because the trust policy names the principal.
    unasked: usize,
}

impl<'a> Room<'a> {
    fn new(
        subject: &'a Subject<'a>,
        surroundings: &'a Surroundings<'a>,
        place: &'a Place,
        case: &'a Substituted,
        effort: &Rc<Effort>,
    ) -> Self {
        let mut named: Vec<&str> = Vec::new();
        named.extend(subject.groups.iter().flatten().copied());
        named.extend(subject.managed.iter().flatten().copied());
        for other in surroundings.users.iter().chain(&surroundings.roles).flatten().take(TARGETS) {
            named.push(other.arn);
            named.extend(other.managed.iter().flatten().copied());
        }
        let caller = Caller::parse(&place.own);
        let effort = Rc::clone(effort);
        Self { subject, surroundings, place, case, named, desks: BTreeMap::new(), caller, effort }
    }

    /// Where a step is decided, laid out when it is first needed.
    fn desk(&mut self, step: &'static Step) -> &mut Desk {
        let field = Field::of(step);
        let (subject, place, case, effort) = (self.subject, self.place, self.case, &self.effort);
        self.desks.entry(field).or_insert_with_key(|field| {
            let calls = calls(subject, place, case, field);
            let frames: Vec<&dyn Frame> = calls.iter().map(|call| call as &dyn Frame).collect();
            let around = (self.named.as_slice(), self.surroundings.roles.is_some(), effort);
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
            if method.retired.is_some() || !species {
                continue;
            }
            match self.others(method) {
                None => findings.extend(self.attempt(method, None)),
                Some(others) => {
                    for other in others.iter().take(TARGETS) {
                        if other.arn != self.place.own
                            && let Some(aim) = self.aim(method, other)
                        {
                            findings.extend(self.attempt(method, Some(&aim)));
                        }
                    }
                }
            }
        }
        findings
    }

    /// The users or roles of the account, if the method turns into one and they are known.
    fn others(&self, method: &Method) -> Option<&'a [Other<'a>]> {
        let aims = |target| method.steps.iter().any(|step| step.target == target);
        if aims(Target::OtherUser) {
            return self.surroundings.users.as_deref();
        }
        let roles = aims(Target::OtherRole) || aims(Target::PassedRole);
        if roles { self.surroundings.roles.as_deref() } else { None }
    }

    /// Whether a user or role can be turned into by a method, its trust policy considered.
    fn aim(&self, method: &'static Method, other: &'a Other<'a>) -> Option<Aim<'a>> {
        let mut aim =
            Aim { other, services: method.passed_to.clone(), trust: Truth::True, unasked: 0 };
        let does = |action| method.steps.iter().any(|step| step.action == action);
        if does("iam:PassRole") {
            aim.trust = Truth::Unknown;
            if let Some(trust) = other.trust {
                let admitted = |service: &&str| {
                    admits(trust, &Caller::Service((*service).into()), "sts:assumerole").0
                };
                aim.services.retain(|service| !admitted(service).is_false());
                aim.trust = Truth::any(aim.services.iter().map(admitted));
            }
        } else if does("sts:AssumeRole") {
            aim.trust = Truth::Unknown;
            if let (Some(trust), Some(caller)) = (other.trust, &self.caller) {
                let (admitted, direct) = admits(trust, caller, "sts:assumerole");
                aim.trust = admitted;
                if direct {
                    let boundary =
                        self.place.species != Species::Role && self.subject.boundary.is_some();
                    aim.unasked = 1 + usize::from(boundary);
                }
            }
        }
        (!aim.trust.is_false()).then_some(aim)
    }

    /// Tries a method, on a known user or role or on whatever there may be.
    fn attempt(&mut self, method: &'static Method, aim: Option<&Aim<'_>>) -> Option<Finding> {
        let services = aim.map_or(method.passed_to.as_slice(), |aim| &aim.services);
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
            let mut room = Room::new(&subject, self.surroundings, self.place, &case, &self.effort);
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
    fn candidates(&mut self, step: &'static Step, aim: Option<&Aim<'_>>) -> Vec<usize> {
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
