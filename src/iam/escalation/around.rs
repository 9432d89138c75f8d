//! The users and roles of an account, laid out once for all who may turn into them.
//!
//! An account may have thousands of roles, and each of them may try each method on each of the others.
//! Whom a trust policy lets in is mostly the same for all callers of the account, so it is asked once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::document::Document;
use super::super::principal::{Caller, PrincipalPattern};
use super::super::truth::Truth;
use super::desk::Field;
use super::subject::{Other, Place, Surroundings, admits};
use super::table::{METHODS, Method, Target};

/// Users or roles that a method can turn into in the same way, by their places in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The services among those of the method that the trust policies may let in.
    pub(super) services: Vec<&'static str>,
    /// Whether the trust policies let the principal or one of the services in.
    pub(super) trust: Truth,
    /// Whether they name the principal itself and not its account.
    pub(super) direct: bool,
    pub(super) members: Vec<usize>,
}

impl Group {
    /// So many, with nothing asked of them.
    fn of(number: usize) -> Self {
        let members = (0..number).collect();
        Self { services: Vec::new(), trust: Truth::True, direct: false, members }
    }
}

/// Resources that policies may tell apart, each with its place in the list.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) list: Vec<String>,
    pub(super) places: HashMap<String, usize>,
}

impl Names {
    fn new<'s>(all: impl Iterator<Item = &'s str>) -> Self {
        let mut names = Self::default();
        for name in all {
            if !names.places.contains_key(name) {
                names.places.insert(name.to_owned(), names.list.len());
                names.list.push(name.to_owned());
            }
        }
        names
    }
}

/// The surroundings with what follows from them alone.
pub(super) struct Neighbours<'a> {
    around: &'a Surroundings<'a>,
    /// For each distinct list of services that a method passes roles to.
    passed: BTreeMap<&'static [&'static str], Vec<Arc<Group>>>,
    /// The account of the roles; whom its principals can assume if trust policies do not tell them
    /// apart; and the roles whose trust policies do.
    account: Option<Box<str>>,
    assumed: Vec<Arc<Group>>,
    telling: Vec<usize>,
    /// Everybody, for methods that need no trust.
    users: Arc<Group>,
    roles: Arc<Group>,
    /// All users, roles and policies that must be told apart, and by place those of a field.
    named: Vec<&'a str>,
    fields: Mutex<BTreeMap<(Place, Field), Arc<Names>>>,
}

impl<'a> Neighbours<'a> {
    pub(super) fn new(around: &'a Surroundings<'a>) -> Self {
        let mut named = Vec::new();
        for other in around.users.iter().chain(&around.roles).flatten() {
            named.push(other.arn);
            named.extend(other.managed.iter().flatten().copied());
        }
        let users = around.users.as_deref().unwrap_or_default();
        let roles = around.roles.as_deref().unwrap_or_default();
        let lists = METHODS.iter().map(|method| method.passed_to.as_slice());
        let passed = lists.filter(|list| !list.is_empty()).map(|list| (list, passed(roles, list)));
        let anybody = roles.iter().find_map(|role| Caller::parse(role.arn));
        let account = anybody.as_ref().and_then(|caller| caller.account()).map(Box::from);
        let (telling, alike): (Vec<usize>, Vec<usize>) =
            (0..roles.len()).partition(|at| roles.get(*at).is_some_and(tells_callers_apart));
        let assumed = assumed(roles, &alike, anybody.as_ref());
        Self {
            around,
            passed: passed.collect(),
            account,
            assumed,
            telling,
            users: Arc::new(Group::of(users.len())),
            roles: Arc::new(Group::of(roles.len())),
            named,
            fields: Mutex::default(),
        }
    }

    /// Whether trust policies are known.
    pub(super) fn knows_roles(&self) -> bool {
        self.around.roles.is_some()
    }

    /// The users or roles of the account, if the method turns into one and they are known.
    pub(super) fn others(&self, method: &Method) -> Option<&'a [Other<'a>]> {
        if method.is_about(Target::OtherUser) {
            return self.around.users.as_deref();
        }
        let roles = method.is_about(Target::OtherRole) || method.is_about(Target::PassedRole);
        if roles { self.around.roles.as_deref() } else { None }
    }

    /// The users or roles that a method can turn a caller into, trust policies considered.
    pub(super) fn groups(&self, method: &Method, caller: Option<&Caller>) -> Vec<Arc<Group>> {
        let does = |action| method.steps.iter().any(|step| step.action == action);
        if does("iam:PassRole") {
            return self.passed.get(method.passed_to.as_slice()).cloned().unwrap_or_default();
        }
        if !does("sts:AssumeRole") {
            let users = method.is_about(Target::OtherUser);
            return vec![Arc::clone(if users { &self.users } else { &self.roles })];
        }
        let roles = self.around.roles.as_deref().unwrap_or_default();
        let account = caller.and_then(|caller| caller.account());
        if account.is_some() && account == self.account.as_deref() {
            let mut groups = self.assumed.clone();
            groups.extend(assumed(roles, &self.telling, caller));
            return groups;
        }
        assumed(roles, &self.roles.members, caller)
    }

    /// The names that are resources of a field.
    pub(super) fn names(&self, place: &Place, field: &Field) -> Arc<Names> {
        // Whose field it is does not matter, only where.
        let place = Place { own: String::new(), ..place.clone() };
        let mut fields = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        let found = fields.entry((place, field.clone())).or_insert_with_key(|(place, field)| {
            let within = field.languages(place);
            let inside = |arn: &&str| within.iter().any(|language| language.matches(arn));
            Arc::new(Names::new(self.named.iter().copied().filter(inside)))
        });
        Arc::clone(found)
    }
}

fn passed(roles: &[Other<'_>], services: &[&'static str]) -> Vec<Arc<Group>> {
    let mut groups = Vec::new();
    for (at, role) in roles.iter().enumerate() {
        let mut services = services.to_vec();
        let mut trust = Truth::Unknown;
        if let Some(document) = role.trust {
            let admitted = |service: &&str| {
                admits(document, &Caller::Service((*service).into()), "sts:assumerole").0
            };
            services.retain(|service| !admitted(service).is_false());
            trust = Truth::any(services.iter().map(admitted));
        }
        put(&mut groups, at, services, (trust, false));
    }
    groups.into_iter().map(Arc::new).collect()
}

fn assumed(roles: &[Other<'_>], among: &[usize], caller: Option<&Caller>) -> Vec<Arc<Group>> {
    let mut groups = Vec::new();
    for at in among {
        let document = roles.get(*at).and_then(|role| role.trust);
        let trust = match (document, caller) {
            (Some(document), Some(caller)) => admits(document, caller, "sts:assumerole"),
            _ => (Truth::Unknown, false),
        };
        put(&mut groups, *at, Vec::new(), trust);
    }
    groups.into_iter().map(Arc::new).collect()
}

/// Puts a role to those that are trusted alike; nowhere if it lets nobody in.
fn put(
    groups: &mut Vec<Group>,
    at: usize,
    services: Vec<&'static str>,
    (trust, direct): (Truth, bool),
) {
    if trust.is_false() {
        return;
    }
    let alike =
        |own: &&mut Group| (&own.services, own.trust, own.direct) == (&services, trust, direct);
    match groups.iter_mut().find(alike) {
        Some(group) => group.members.push(at),
        None => groups.push(Group { services, trust, direct, members: vec![at] }),
    }
}

/// Whether a trust policy may treat two callers of the role's account differently.
fn tells_callers_apart(role: &Other<'_>) -> bool {
    let names = |pattern: &PrincipalPattern| match pattern {
        PrincipalPattern::User { .. }
        | PrincipalPattern::Role { .. }
        | PrincipalPattern::Session { .. }
        | PrincipalPattern::FederatedUser { .. } => true,
        PrincipalPattern::Everyone
        | PrincipalPattern::Account(_)
        | PrincipalPattern::Service(_)
        | PrincipalPattern::Federated(_)
        | PrincipalPattern::CanonicalUser(_)
        | PrincipalPattern::Deleted(_) => false,
    };
    let apart = |document: &Document| {
        let elements = document.statements.iter().filter_map(|it| it.principal.as_ref());
        elements.flat_map(|element| &element.patterns).any(names)
    };
    role.trust.is_some_and(apart)
}
