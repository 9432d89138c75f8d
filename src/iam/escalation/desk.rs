//! Whether a principal may make one request: for some resource of a kind, whatever the
//! circumstances, or under circumstances that it can bring about.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::LazyLock;

use super::super::atoms::{Bits, Budget, Domain, Pattern as Language, Token};
use super::super::document::{Document, Effect, Polarity, Statement, Version};
use super::super::exposure::policy;
use super::super::pattern::{Case, Pattern, ResourcePattern};
use super::super::search::{Answer, Point, Question, Region};
use super::super::space::{
    Axis, Bounds, Extent, Frame, Rule, Space, Substitution, Terms, Value, literal,
};
use super::around::Neighbours;
use super::call::{CLOCK, in_time};
use super::effort::Effort;
use super::resources::{Likeness, Resources};
use super::subject::{Place, Subject, statements};
use super::table::{METHODS, Step, Target};

/// What it takes to lay out one statement, as a size of requests.
const LAYING: usize = 80;

/// How circumstances say that a key is not there.
pub(super) const ABSENT: &str = "absent";

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

/// The requests that have the same resources: one space suffices for them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// Those on resources of these ARNs.
    Resources(&'static [&'static str]),
    /// Those on some resource of a service, by its prefix.
    Service(&'static str),
    /// Those without resources.
    Nothing,
}

/// The names of resources, where a colon stands in them.
const SERVICE: &[(&str, &[&str])] = &[
    (
        "autoscaling",
        &[
            "autoScalingGroup:?*:autoScalingGroupName/?*",
            "launchConfiguration:?*:launchConfigurationName/?*",
        ],
    ),
    ("codedeploy", &["application:?*", "deploymentgroup:?*", "deploymentconfig:?*", "instance:?*"]),
];

impl Field {
    /// The field of a step.
    pub(super) fn of(step: &Step) -> Self {
        if step.wildcard_only {
            return Self::Nothing;
        }
        match step.target {
            Target::Any => Self::Service(step.action.split(':').next().unwrap_or_default()),
            target => Self::Resources(target.templates()),
        }
    }

    /// The actions of all methods in this field, in lower case.
    fn actions(&self) -> &'static [String] {
        static ACTIONS: LazyLock<BTreeMap<Field, Vec<String>>> = LazyLock::new(|| {
            let mut fields: BTreeMap<Field, BTreeSet<String>> = BTreeMap::new();
            for step in METHODS.iter().flat_map(|method| method.steps.iter()) {
                fields.entry(Field::of(step)).or_default().insert(step.action.to_ascii_lowercase());
            }
            fields.into_iter().map(|(field, set)| (field, set.into_iter().collect())).collect()
        });
        ACTIONS.get(self).map_or(&[], Vec::as_slice)
    }

    /// The ARNs of its resources.
    pub(super) fn languages(&self, place: &Place) -> Vec<Language> {
        let Place { partition, account, .. } = place;
        let fill = |text: &&str| language(&text.replace("{p}", partition).replace("{a}", account));
        match self {
            Self::Resources(templates) => templates.iter().map(fill).collect(),
            Self::Service(prefix) => SERVICE
                .iter()
                .find(|(service, _)| service == prefix)
                .map_or(&["?*"][..], |(_, names)| names)
                .iter()
                .flat_map(|name| {
                    let arn = |account| format!("arn:{partition}:{prefix}:*:{account}:{name}");
                    [language(&arn(account.as_str())), language(&arn(""))]
                })
                .collect(),
            Self::Nothing => vec![literal("*")],
        }
    }
}

/// Everything that decides about the requests of one principal in one field.
pub(super) struct Desk {
    own: String,
    layers: Vec<Vec<usize>>,
    denials: Vec<usize>,
    /// Nothing where no policy could allow anything.
    space: Option<Space>,
    likeness: Likeness,
    resources: Resources,
    granted: BTreeMap<(&'static str, Vec<String>, usize, usize), Grant>,
    effort: Rc<Effort>,
}

/// A resource that a step can be about: its place among those that are told apart, and its name if
/// another one speaks for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'s> {
    place: usize,
    name: Option<&'s str>,
}

impl Desk {
    /// Lays out the space. `neighbours` and those that the subject names are told apart from all others.
    pub(super) fn new(
        subject: &Subject<'_>,
        place: &Place,
        field: &Field,
        (neighbours, effort): (&Neighbours<'_>, &Rc<Effort>),
        variables: &Substitution,
        frames: &[&dyn Frame],
    ) -> Self {
        let actions = field.actions();
        let Relevant { statements, layers, denials } = Relevant::new(subject, actions);
        let granted = BTreeMap::new();
        let _ = effort.request(statements.len() * LAYING);
        let effort = Rc::clone(effort);
        let own = place.own.clone();
        // A trust policy that names the principal can do without its own policies.
        let role = Field::Resources(Target::OtherRole.templates());
        let first = usize::from(neighbours.knows_roles() && *field == role);
        if layers.iter().skip(first).any(Vec::is_empty) {
            let (space, likeness, resources) = Default::default();
            return Self { own, layers, denials, space, likeness, resources, granted, effort };
        }
        let within = field.languages(place);
        let inside = |arn: &&str| within.iter().any(|language| language.matches(arn));
        let own_names = subject.groups.iter().chain(&subject.managed).flatten().copied();
        let alone = [own.as_str()].into_iter().chain(own_names).filter(inside).map(str::to_owned);
        let names = neighbours.names(place, field);
        let likeness = Likeness::new(names, alone.collect(), &statements, variables);
        let marks = Marks::new(actions, likeness.speakers());
        let mut rules: Vec<Rule<'_>> = statements.iter().map(|s| policy::rule(s)).collect();
        rules.push(marks.rule());
        rules.extend(ticks(&statements));
        let bounds = Bounds {
            actions: Domain::of(actions.iter().map(|action| literal(action)).collect()),
            excluded: Vec::new(),
            resources: Domain::of(within),
            budget: effort.budget.clone(),
            axes: Some(effort.axes.clone()),
            texts: None,
        };
        let space = Space::new(&rules, frames, variables, &bounds);
        let resources = Resources::new(&space);
        let space = Some(space);
        Self { own, layers, denials, space, likeness, resources, granted, effort }
    }

    /// The resources that a step can be about: `only` those, if they are given, `but` not those.
    pub(super) fn candidates<'s>(
        &self,
        step: &Step,
        only: Option<&[&'s str]>,
        but: &[&str],
    ) -> Vec<Candidate<'s>> {
        let one = |arn: &&'s str| Some(Candidate { place: self.place(arn)?, name: Some(arn) });
        let mut fitting: Vec<Candidate<'s>> = match only {
            Some(arns) => arns.iter().filter_map(one).collect(),
            None => self.resources.all().map(|place| Candidate { place, name: None }).collect(),
        };
        fitting.sort_by_key(|candidate| candidate.place);
        fitting.dedup_by_key(|candidate| candidate.place);
        let other = matches!(step.target, Target::OtherUser | Target::OtherRole);
        if other || !but.is_empty() {
            fitting.retain(|candidate| {
                let name = self.resource(*candidate);
                let is_own = other && name == self.own;
                !is_own && !but.contains(&name)
            });
        }
        fitting
    }

    /// Whether no request can be allowed, whatever it is about.
    pub(super) fn is_closed(&self) -> bool {
        self.space.is_none()
    }

    /// The place of what speaks for a resource; all with the same place are decided alike.
    pub(super) fn place(&self, arn: &str) -> Option<usize> {
        self.resources.place(self.likeness.speaker(arn)?)
    }

    /// The name of a resource.
    pub(super) fn resource<'s>(&'s self, candidate: Candidate<'s>) -> &'s str {
        candidate.name.unwrap_or_else(|| self.resources.name(candidate.place))
    }

    /// Whether a step is allowed on a resource. `unasked` leaves out what must allow, so that only
    /// denials count: the layers up to that number.
    pub(super) fn ask(
        &mut self,
        step: &'static Step,
        services: &[&str],
        frame: &dyn Frame,
        candidate: Candidate<'_>,
        unasked: usize,
    ) -> Grant {
        let services = services.iter().map(|service| (*service).to_owned()).collect();
        let resource = self.resources.alike(candidate.place);
        let key = (step.action, services, resource, unasked);
        if let Some(known) = self.granted.get(&key) {
            return known.clone();
        }
        let grant = self.decide(step.action, frame, resource, unasked);
        self.granted.insert(key, grant.clone());
        grant
    }

    fn decide(&self, action: &str, frame: &dyn Frame, resource: usize, unasked: usize) -> Grant {
        let Some(space) = &self.space else { return Grant::No };
        if !self.effort.request(space.size()) {
            return Grant::Open("the statements cross each other in too many ways".to_owned());
        }
        let within = requests(space, action, frame, resource, Extent::Listed);
        let rules = space.rules();
        let inner = |at: &usize| rules.get(*at).and_then(|rule| rule.inner.as_ref());
        let outer = |at: &usize| rules.get(*at).and_then(|rule| rule.outer.as_ref());
        let asked = self.layers.get(unasked..).unwrap_or_default();
        let unlimited = |at: &usize| inner(at).filter(|region| is_unlimited(region, &within));
        let possible: Vec<&Region> = self.denials.iter().filter_map(outer).collect();
        // Whatever the circumstances: grants that no key limits, denials as if every key fitted.
        let firm: Vec<Region> =
            possible.iter().filter_map(|region| without_keys(region, &within)).collect();
        let ask = |within: &Region, layers: Vec<Vec<&Region>>, without: Vec<&Region>| {
            let question = Question { within: within.clone(), layers, without };
            self.effort.search(&question)
        };
        if let Answer::Found(_) = ask(&within, chosen(asked, unlimited), firm.iter().collect()) {
            return Grant::Yes;
        }
        let denied = possible.clone();
        if let Answer::Found(point) = ask(&within, chosen(asked, inner), possible) {
            let granting = point.granted_by.iter().zip(chosen(asked, inner));
            let granting = granting.filter_map(|(at, layer)| layer.get(*at).copied());
            let asked: Vec<&Region> = granting.collect();
            return Grant::If(circumstances(space, &point, &within, &asked, &denied));
        }
        let certain: Vec<&Region> = self.denials.iter().filter_map(inner).collect();
        let everything = requests(space, action, frame, resource, Extent::Everything);
        match ask(&everything, chosen(asked, outer), certain) {
            Answer::Found(_) if !space.partial().is_empty() => {
                Grant::Open("the policies have too many different patterns".to_owned())
            }
            Answer::Found(_) => Grant::Open(
                "it depends on a policy variable or on a part of a policy whose meaning AWS does \
                 not document"
                    .to_owned(),
            ),
            Answer::OutOfSteps => {
                Grant::Open("the statements cross each other in too many ways".to_owned())
            }
            Answer::Nothing => Grant::No,
        }
    }
}

/// The requests of an action on a resource that can come about.
fn requests(
    space: &Space,
    action: &str,
    frame: &dyn Frame,
    resource: usize,
    extent: Extent,
) -> Region {
    let mut within = space.within(frame, extent);
    let lower = action.to_ascii_lowercase();
    for (dimension, (axis, values)) in space.axes().enumerate() {
        let possible = |at: usize| match (axis, values.get(at)) {
            (Axis::Action, Some(Value::One(name))) => *name == lower,
            (Axis::Action, Some(Value::Unlisted)) => extent == Extent::Everything,
            (Axis::Resource, _) => at == resource,
            (Axis::Key(key), Some(value)) => in_time(key, value),
            (Axis::Action | Axis::Key(_), _) => false,
        };
        within.limit(dimension, &Bits::filter(values.len(), possible));
    }
    within
}

/// The keys of a point on which a grant or a denial depends.
fn circumstances(
    space: &Space,
    point: &Point,
    within: &Region,
    granting: &[&Region],
    denials: &[&Region],
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (dimension, atom) in &point.atoms {
        let Some((Axis::Key(key), values)) = space.axes().nth(*dimension) else { continue };
        let Some(own) = within.side(*dimension) else { continue };
        let limits = |region: &&Region| {
            region.side(*dimension).is_some_and(|side| !own.within(side) && own.meets(side))
        };
        if !granting.iter().chain(denials).any(limits) {
            continue;
        }
        let value = match values.get(*atom) {
            Some(Value::One(value)) => value.clone(),
            Some(Value::Many(values)) => values.join(", "),
            Some(Value::Absent | Value::Unlisted) | None => ABSENT.to_owned(),
        };
        found.push((key.to_string(), value));
    }
    found
}

/// The statements that can matter to some actions.
struct Relevant<'a> {
    statements: Vec<&'a Statement>,
    /// Per layer those that allow, by their place.
    layers: Vec<Vec<usize>>,
    denials: Vec<usize>,
}

impl<'a> Relevant<'a> {
    fn new(subject: &Subject<'a>, actions: &[String]) -> Self {
        let matters = |statement: &&Statement| {
            let hit = |pattern: &Pattern| {
                actions.iter().any(|action| pattern.matches_plain(action, Case::Sensitive))
            };
            statement.action.polarity == Polarity::Except
                || statement.action.patterns.iter().any(hit)
        };
        let mut relevant = Self { statements: Vec::new(), layers: Vec::new(), denials: Vec::new() };
        for documents in layers(subject) {
            let mut layer = Vec::new();
            let all = documents.into_iter().flat_map(|document| document.statements.iter());
            for statement in all.filter(matters) {
                match statement.effect {
                    Effect::Allow => layer.push(relevant.statements.len()),
                    Effect::Deny => relevant.denials.push(relevant.statements.len()),
                }
                relevant.statements.push(statement);
            }
            relevant.layers.push(layer);
        }
        relevant
    }
}

/// The values of a key that the policies tell apart, and whether they are all.
pub(super) fn values_of(
    subject: &Subject<'_>,
    key: &str,
    variables: &Substitution,
    frame: &dyn Frame,
) -> (Vec<String>, bool) {
    let testing =
        statements(subject).filter(|statement| statement.conditions.iter().any(|c| *c.key == *key));
    let rules: Vec<Rule<'_>> =
        testing.map(|statement| Rule { resources: None, ..policy::rule(statement) }).collect();
    let one = Domain::of(vec![literal("*")]);
    let bounds = Bounds {
        actions: one.clone(),
        excluded: Vec::new(),
        resources: one,
        budget: Budget::default(),
        axes: None,
        texts: None,
    };
    let space = Space::new(&rules, &[frame], variables, &bounds);
    let axis = space.axis(&Axis::Key(key.into())).map_or(&[][..], |(_, values)| values);
    let mut complete = space.partial().is_empty();
    let mut found = Vec::new();
    for value in axis {
        match value {
            Value::One(text) => found.push(text.clone()),
            Value::Absent => found.push(ABSENT.to_owned()),
            Value::Many(_) | Value::Unlisted => complete = false,
        }
    }
    (found, complete)
}

/// The statements of the clock on keys that are in use.
fn ticks(statements: &[&Statement]) -> Vec<Rule<'static>> {
    let uses =
        |key: &str| statements.iter().flat_map(|s| s.conditions.iter()).any(|own| *own.key == *key);
    let all = CLOCK.iter().flat_map(|document| document.statements.iter());
    let used = all.filter(|statement| statement.conditions.iter().all(|c| uses(&c.key)));
    used.map(|statement| policy::rule(statement)).collect()
}

/// The documents of each layer: those that may allow, and each that must.
fn layers<'a>(subject: &Subject<'a>) -> Vec<Vec<&'a Document>> {
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

/// The ARNs of a template: its wildcards take no colon, which no such name has.
fn language(template: &str) -> Language {
    Language::new(template.chars().map(|character| match character {
        '*' => Token::RunInSegment,
        '?' => Token::OneInSegment,
        other => Token::Char(other),
    }))
}

/// Patterns that no policy has, so that the space tells apart what the methods tell apart.
struct Marks {
    actions: Vec<Pattern>,
    resources: Vec<ResourcePattern>,
}

impl Marks {
    fn new<'s>(actions: &[String], resources: impl Iterator<Item = &'s str>) -> Self {
        let parse = |text: &str| ResourcePattern::parse(text, Version::V2008).ok();
        Self {
            actions: actions.iter().map(|action| Pattern::action(action)).collect(),
            resources: resources.filter_map(parse).collect(),
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
