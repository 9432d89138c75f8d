//! Whether a principal may make one request: for some resource of a kind, whatever the
//! circumstances, or under circumstances that it can bring about.

use std::collections::BTreeMap;

use super::super::atoms::{Bits, Budget, Domain, Pattern as Language};
use super::super::data;
use super::super::document::{Document, Effect, Statement, Version};
use super::super::exposure::policy;
use super::super::pattern::{Pattern, ResourcePattern};
use super::super::search::{Answer, Point, Question, Region, Steps, search};
use super::super::space::{
    Axis, Bounds, Frame, Rule, Space, Substitution, Terms, Value, arn, literal,
};
use super::call::in_time;
use super::subject::{Place, Subject};
use super::table::{METHODS, Step, Target};

/// Comparisons of regions for one request.
const STEPS: usize = 300_000;

/// How sure a grant is, the surest last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grant {
    /// No request of this kind is allowed.
    No,
    /// It cannot be decided; the reason.
    Open(String),
    /// Under these circumstances: condition keys with their values.
    If(Vec<(String, String)>),
    /// Whatever the circumstances.
    Yes,
}

/// Everything that decides about the requests of one principal in one place.
pub(super) struct Desk<'a> {
    place: &'a Place,
    layers: Vec<Vec<usize>>,
    denials: Vec<usize>,
    space: Space,
    /// Values of the resource axis with their kinds told apart.
    resources: Vec<String>,
    granted: BTreeMap<(String, Vec<String>, usize), Grant>,
}

impl<'a> Desk<'a> {
    /// Lays out the space. `named` are resources that must be told apart from all others.
    pub(super) fn new(
        subject: &Subject<'_>,
        place: &'a Place,
        named: &[&str],
        variables: &Substitution,
        frames: &[&dyn Frame],
    ) -> Self {
        let mut statements: Vec<&Statement> = Vec::new();
        let mut layers = Vec::new();
        let mut denials = Vec::new();
        for documents in documents(subject) {
            let mut layer = Vec::new();
            for statement in documents.into_iter().flat_map(|document| document.statements.iter()) {
                match statement.effect {
                    Effect::Allow => layer.push(statements.len()),
                    Effect::Deny => denials.push(statements.len()),
                }
                statements.push(statement);
            }
            layers.push(layer);
        }
        let templates = templates(place, named);
        let marks = Marks::new(&templates);
        let mut rules: Vec<Rule<'_>> = statements.iter().map(|s| policy::rule(s)).collect();
        rules.push(marks.rule());
        let within = templates.iter().map(|template| language(template)).chain([literal("*")]);
        let bounds = Bounds {
            actions: Domain::of(actions().map(|action| literal(&action)).collect()),
            resources: Domain::of(within.collect()),
            budget: Budget::default(),
        };
        let space = Space::new(&rules, frames, variables, &bounds);
        let resources = match space.axis(&Axis::Resource) {
            Some((_, values)) => values.iter().map(text).collect(),
            None => Vec::new(),
        };
        Self { place, layers, denials, space, resources, granted: BTreeMap::new() }
    }

    /// The resources that a step can be about, as places in the list of resources.
    pub(super) fn candidates(&self, step: &Step) -> Vec<usize> {
        let templates: Vec<String> = match step.target {
            _ if data::wildcard_only(step.action) == Some(true) => vec!["*".to_owned()],
            Target::Any => vec![service_template(self.place, step.action)],
            target => target.templates().iter().map(|t| fill(t, self.place)).collect(),
        };
        let patterns: Vec<Language> = templates.iter().map(|text| language(text)).collect();
        let fits = |resource: &str| {
            resource == "*" && templates.iter().any(|text| text == "*")
                || patterns.iter().any(|pattern| pattern.matches(resource))
        };
        let own = Target::OtherUser == step.target || Target::OtherRole == step.target;
        let places = self.resources.iter().enumerate();
        let fitting = places.filter(|(_, resource)| fits(resource));
        fitting.filter(|(_, arn)| !own || **arn != self.place.own).map(|(at, _)| at).collect()
    }

    /// The place of a resource by its ARN.
    pub(super) fn find(&self, arn: &str) -> Option<usize> {
        self.resources.iter().position(|own| own == arn)
    }

    /// A resource by its place.
    pub(super) fn resource(&self, at: usize) -> &str {
        self.resources.get(at).map_or("*", String::as_str)
    }

    /// Whether a step is allowed on a resource. `unasked` leaves out what must allow, so that only
    /// denials count: the layers up to that number.
    pub(super) fn ask(
        &mut self,
        step: &Step,
        services: &[&str],
        frame: &dyn Frame,
        resource: usize,
        unasked: usize,
    ) -> Grant {
        let services = services.iter().map(|service| (*service).to_owned()).collect();
        let key = (format!("{} {unasked}", step.action), services, resource);
        if let Some(known) = self.granted.get(&key) {
            return known.clone();
        }
        let grant = self.decide(step.action, frame, resource, unasked);
        self.granted.insert(key, grant.clone());
        grant
    }

    fn decide(&self, action: &str, frame: &dyn Frame, resource: usize, unasked: usize) -> Grant {
        let Some(within) = self.within(action, frame, resource) else { return Grant::No };
        let rules = self.space.rules();
        let inner = |at: &usize| rules.get(*at).and_then(|rule| rule.inner.as_ref());
        let outer = |at: &usize| rules.get(*at).and_then(|rule| rule.outer.as_ref());
        let asked = self.layers.get(unasked..).unwrap_or_default();
        let unlimited = |at: &usize| inner(at).filter(|region| is_unlimited(region, &within));
        let possible: Vec<&Region> = self.denials.iter().filter_map(outer).collect();
        // Whatever the circumstances: grants that no key limits, denials as if every key fitted.
        let firm: Vec<Region> =
            possible.iter().filter_map(|region| without_keys(region, &within)).collect();
        let ask = |layers: Vec<Vec<&Region>>, without: Vec<&Region>| {
            let question = Question { within: within.clone(), layers, without };
            search(&question, &mut Steps::new(STEPS))
        };
        if let Answer::Found(_) = ask(chosen(asked, unlimited), firm.iter().collect()) {
            return Grant::Yes;
        }
        if let Answer::Found(point) = ask(chosen(asked, inner), possible) {
            return Grant::If(self.circumstances(&point, &within));
        }
        match ask(chosen(asked, outer), self.denials.iter().filter_map(inner).collect()) {
            Answer::Found(_) => Grant::Open(
                "it depends on a policy variable or on a part of a policy whose meaning AWS does \
                 not document"
                    .to_owned(),
            ),
            Answer::OutOfSteps => {
                Grant::Open("the statements cross each other in too many ways".to_owned())
            }
            Answer::Nothing if !self.space.partial().is_empty() => {
                Grant::Open("the policies have too many different patterns".to_owned())
            }
            Answer::Nothing => Grant::No,
        }
    }

    /// The requests of this action on this resource that can come about.
    fn within(&self, action: &str, frame: &dyn Frame, resource: usize) -> Option<Region> {
        let mut within = self.space.within(frame);
        let lower = action.to_ascii_lowercase();
        let (actions, names) = self.space.axis(&Axis::Action)?;
        let at = names.iter().position(|value| text(value) == lower)?;
        within.limit(actions, &Bits::filter(names.len(), |own| own == at));
        let (resources, arns) = self.space.axis(&Axis::Resource)?;
        within.limit(resources, &Bits::filter(arns.len(), |own| own == resource));
        for (dimension, (axis, values)) in self.space.axes().enumerate() {
            if let Axis::Key(key) = axis {
                let possible = Bits::filter(values.len(), |at| {
                    values.get(at).is_none_or(|value| in_time(key, value))
                });
                within.limit(dimension, &possible);
            }
        }
        (!within.is_empty()).then_some(within)
    }

    /// The keys of a point that could have been otherwise.
    fn circumstances(&self, point: &Point, within: &Region) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (dimension, atom) in &point.atoms {
            let Some((Axis::Key(key), values)) = self.space.axes().nth(*dimension) else {
                continue;
            };
            if within.side(*dimension).is_some_and(|side| side.len() > 1) {
                let value = match values.get(*atom) {
                    Some(Value::One(value)) => value.clone(),
                    Some(Value::Many(values)) => values.join(", "),
                    Some(Value::Absent) | None => "absent".to_owned(),
                };
                found.push((key.to_string(), value));
            }
        }
        found
    }
}

/// The documents of each layer: those that may allow, and each that must.
fn documents<'a>(subject: &Subject<'a>) -> Vec<Vec<&'a Document>> {
    let mut layers = vec![subject.policies.clone()];
    layers.extend(subject.boundary.map(|boundary| vec![boundary]));
    layers.extend(subject.controls.iter().cloned());
    layers
}

/// The regions of each layer that a choice leaves.
fn chosen<'r>(
    layers: &[Vec<usize>],
    choose: impl Fn(&usize) -> Option<&'r Region>,
) -> Vec<Vec<&'r Region>> {
    layers.iter().map(|layer| layer.iter().filter_map(&choose).collect()).collect()
}

/// Whether a region takes every circumstance that can come about.
fn is_unlimited(region: &Region, within: &Region) -> bool {
    let mut keys = region.sides().filter(|(dimension, _)| *dimension > 1);
    keys.all(|(dimension, side)| within.side(dimension).is_some_and(|own| own.within(side)))
}

/// The region as if its keys fitted; nothing if they cannot.
fn without_keys(region: &Region, within: &Region) -> Option<Region> {
    let mut bare = Region::everything();
    for (dimension, side) in region.sides() {
        if dimension <= 1 {
            bare.limit(dimension, side);
        } else if within.side(dimension).is_some_and(|own| !own.meets(side)) {
            return None;
        }
    }
    Some(bare)
}

/// The actions of all methods, in lower case.
fn actions() -> impl Iterator<Item = String> {
    let all = METHODS.iter().flat_map(|method| method.steps.iter());
    let names: std::collections::BTreeSet<String> =
        all.map(|step| step.action.to_ascii_lowercase()).collect();
    names.into_iter()
}

/// The ARNs of everything that a step can be about, as patterns, with those named.
fn templates(place: &Place, named: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = vec![place.own.clone()];
    all.extend(named.iter().map(|arn| (*arn).to_owned()));
    for step in METHODS.iter().flat_map(|method| method.steps.iter()) {
        match step.target {
            Target::Any => all.push(service_template(place, step.action)),
            target => all.extend(target.templates().iter().map(|t| fill(t, place))),
        }
    }
    all.sort();
    all.dedup();
    all
}

fn fill(template: &str, place: &Place) -> String {
    template.replace("{p}", &place.partition).replace("{a}", &place.account)
}

/// Any resource of an action's service.
fn service_template(place: &Place, action: &str) -> String {
    let service = action.split(':').next().unwrap_or_default();
    format!("arn:{}:{service}:*:*:?*", place.partition)
}

fn language(template: &str) -> Language {
    if template.contains(['*', '?']) && template != "*" { arn(template) } else { literal(template) }
}

fn text(value: &Value) -> String {
    match value {
        Value::One(text) => text.clone(),
        Value::Absent | Value::Many(_) => String::new(),
    }
}

/// Patterns that no policy has, so that the space tells apart what the methods tell apart.
struct Marks {
    actions: Vec<Pattern>,
    resources: Vec<ResourcePattern>,
}

impl Marks {
    fn new(templates: &[String]) -> Self {
        let parse = |text: &String| ResourcePattern::parse(text, Version::V2008).ok();
        Self {
            actions: actions().map(|action| Pattern::action(&action)).collect(),
            resources: templates.iter().filter_map(parse).collect(),
        }
    }

    fn rule(&self) -> Rule<'_> {
        Rule {
            actions: Terms { negated: false, patterns: &self.actions },
            resources: Some(Terms { negated: false, patterns: &self.resources }),
            conditions: &[],
        }
    }
}
