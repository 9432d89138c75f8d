//! Exposure: who gets in through the policy of a resource, decided exactly, with a witness.
//!
//! The question is *does a request exist that comes from outside and is allowed*. Requests are
//! infinite in number, but a policy tells only finitely many apart (see [`super::atoms`]); callers,
//! too, fall into finitely many classes, and AWS vouches for many condition keys of each class
//! (`facts`). For each class the search of [`super::search`] finds a request or proves that there is
//! none. Where the policy depends on something that cannot be known, the answer is unknown, never
//! "nobody".
//!
//! The resource's policy alone is looked at, with resource control policies if given: what other
//! accounts allow their own principals is theirs to decide, and counts as allowed.

pub(in crate::iam) mod ask;
mod batch;
pub(in crate::iam) mod caller;
mod case;
pub(in crate::iam) mod facts;
mod federation;
mod kind;
pub(in crate::iam) mod mentions;
pub(in crate::iam) mod policy;
mod replay;
mod trust;
pub(in crate::iam) mod witness;

use std::collections::BTreeSet;

use super::document::{Document, Effect, Statement};
use super::space::{Axes, Bounds, Rule, Texts, fresh_values_suffice};
use super::truth::Truth;
use ask::{Desk, Entry, Grants, Reply};
use caller::{Caller, Identity, callers};
use case::{Case, Setting, cases};
use facts::Naming;

pub use batch::exposure_line;
pub use batch::request;
pub(in crate::iam) use batch::{document as read_document, truth as truth_json};
pub use caller::Reach;
pub(in crate::iam) use kind::action_characters;
pub use kind::{NoKind, ResourceKind};
pub use replay::replay;
pub use trust::Trust;
pub use witness::Witness;

/// A policy to ask about.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// The policy.
    pub policy: &'a Document,
    /// Resource control policies of the owner's organization and account; only their denials count,
    /// since a full-access policy is always attached beside them.
    pub controls: &'a [Document],
    /// What the policy is attached to.
    pub kind: ResourceKind,
    /// The ARN of the resource, if it is known; else every resource of its kind is meant.
    pub resource: Option<&'a str>,
    /// The id of the account that owns the resource.
    pub owner: &'a str,
    /// Whom and what the owner trusts.
    pub trust: &'a Trust,
}

/// What a policy gives away. Statements are numbered as in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// Anyone in the world gets in.
    pub public: Finding,
    /// Somebody outside the account and the trust given gets in.
    pub external: Finding,
    /// Somebody in another trusted account or organization gets in.
    pub within_organization: Finding,
    /// Services that anyone can make call: a statement names them without saying on whose behalf.
    /// One finding a service.
    pub confused_deputies: Vec<Finding>,
    /// Providers of OpenID Connect whose tokens get in whatever their subject. One a provider.
    pub open_federation: Vec<Finding>,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is so; unknown where it cannot be decided.
    pub answer: Truth,
    /// A request that gets in, or that may if the answer is unknown.
    pub witness: Option<Witness>,
    /// The statement that lets it in.
    pub statement: Option<usize>,
    /// The reason, in a sentence without a full stop.
    pub why: String,
}

/// Answers all questions about a policy.
pub fn exposure(inquiry: &Inquiry<'_>) -> Exposure {
    let documents = || std::iter::once(inquiry.policy).chain(inquiry.controls);
    let names = policy::names(documents());
    let mentions = policy::mentions(documents(), &names);
    let everybody = callers(inquiry.owner, inquiry.trust, &names, &mentions);
    let internet = facts::internet(inquiry.trust);
    let statements = inquiry.policy.statements.iter().chain(
        inquiry
            .controls
            .iter()
            .flat_map(|document| document.statements.iter())
            .filter(|statement| statement.effect == Effect::Deny),
    );
    let statements: Vec<&Statement> = statements.collect();
    let rules: Vec<Rule<'_>> = statements.iter().map(|statement| policy::rule(statement)).collect();
    let setting = Setting {
        owner: inquiry.owner,
        trust: inquiry.trust,
        mentions: &mentions,
        named: &names.arns,
        internet: &internet,
        fresh_suffices: mentions.variables.is_empty()
            || fresh_values_suffice(&rules, &facts::is_bound),
        endpoint: inquiry.kind == ResourceKind::Endpoint,
    };
    let cases: Vec<Case<'_>> =
        everybody.list.iter().flat_map(|caller| cases(&setting, caller)).collect();
    let bounds = Bounds {
        actions: inquiry.kind.actions(),
        resources: inquiry.kind.resources(inquiry.resource),
        excluded: inquiry.kind.excluded_actions(),
        budget: super::atoms::Budget::default(),
        axes: Some(Axes::default()),
        texts: Some(Texts::one_of(statements.iter().map(|own| own.effect == Effect::Allow))),
    };
    let desk = Desk::new(statements.clone(), &bounds, &cases);
    let mut hearing = Hearing { desk, statements, cases: &cases, owner: inquiry.owner };
    let doubt = (!everybody.complete)
        .then(|| "too many accounts or organizations to tell apart".to_owned());
    hearing.answer(doubt)
}

struct Hearing<'a> {
    desk: Desk<'a>,
    statements: Vec<&'a Statement>,
    cases: &'a [Case<'a>],
    owner: &'a str,
}

impl Hearing<'_> {
    fn answer(&mut self, doubt: Option<String>) -> Exposure {
        let mut world = Verdict { doubt: doubt.clone(), ..Verdict::default() };
        let mut outside = Verdict { doubt: doubt.clone(), ..Verdict::default() };
        let mut inside = Verdict { doubt, ..Verdict::default() };
        for case in self.cases.iter().filter(|case| case.reach == Reach::World) {
            if world.is_certain() {
                break;
            }
            let reply = self.desk.ask(case, Grants::Unasked);
            let far = reply.entry.as_ref().is_none_or(|entry| entry.reach == Reach::World);
            if far {
                world.hear(&reply, case.scenario.caller);
            }
            outside.hear(&reply, case.scenario.caller);
        }
        for case in self.cases {
            let verdict = match case.reach {
                Reach::World => continue,
                Reach::Outsider | Reach::Unclear(_) => &mut outside,
                Reach::Member => &mut inside,
            };
            if !verdict.is_certain() {
                let reply = self.desk.ask(case, Grants::Unasked);
                verdict.hear(&reply, case.scenario.caller);
            }
        }
        Exposure {
            public: self.finding(&world, "anyone in the world"),
            external: self.finding(&outside, "somebody outside the zone of trust"),
            within_organization: self.finding(&inside, "another account inside the zone of trust"),
            confused_deputies: self.confused_deputies(),
            open_federation: self.open_federation(),
        }
    }

    /// For each service that a statement names: does it get in on behalf of a stranger?
    fn confused_deputies(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut done = BTreeSet::new();
        for case in self.cases.iter().filter(|case| case.reach == Reach::World) {
            let Identity::Service { name, .. } = &case.scenario.caller.identity else { continue };
            if done.contains(name) {
                continue;
            }
            let reply = self.desk.ask(case, Grants::Named);
            let mut verdict = Verdict::default();
            verdict.hear(&reply, case.scenario.caller);
            if !verdict.answer().is_false() {
                done.insert(name.clone());
                findings.push(self.finding(&verdict, &format!("{name} on behalf of anyone")));
            }
        }
        findings
    }

    /// For each provider: does it vouch for a subject of which the policy says nothing?
    fn open_federation(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut done = BTreeSet::new();
        for case in self.cases.iter().filter(|case| case.scenario.naming == Naming::Fresh) {
            let Identity::Federated { provider } = &case.scenario.caller.identity else { continue };
            let oidc =
                matches!(federation::Provider::parse(provider), federation::Provider::Oidc(_));
            if !oidc || done.contains(provider) {
                continue;
            }
            let reply = self.desk.ask(case, Grants::Unasked);
            let mut verdict = Verdict::default();
            verdict.hear(&reply, case.scenario.caller);
            if !verdict.answer().is_false() {
                done.insert(provider.clone());
                let who = format!("any subject of the identity provider {provider}");
                findings.push(self.finding(&verdict, &who));
            }
        }
        findings
    }

    fn finding(&self, verdict: &Verdict<'_>, who: &str) -> Finding {
        let answer = verdict.answer();
        let Some((entry, caller)) = &verdict.entry else {
            let why = match &verdict.doubt {
                Some(doubt) => format!("it cannot be decided whether {who} gets in: {doubt}"),
                None => format!("no request from {who} is allowed"),
            };
            return Finding { answer, witness: None, statement: None, why };
        };
        let witness = witness::witness(entry, caller, &self.statements);
        let confirmed = replay(&witness, &self.statements, self.owner);
        let answer = if confirmed.is_true() { answer } else { answer.and(Truth::Unknown) };
        let statement = self.statements.get(entry.statement);
        let label = statement.map_or_else(String::new, |statement| statement.label());
        let grant = format!("{label} lets {} do {}", witness.principal, witness.action);
        let why = match (answer, entry_doubt(entry)) {
            (Truth::True, _) => format!("{who} gets in: {grant}"),
            (_, Some(doubt)) => format!("{who} may get in: {grant}, but {doubt}"),
            (_, None) => {
                format!("{who} may get in: {grant}, but the evaluator does not confirm it")
            }
        };
        Finding { answer, witness: Some(witness), statement: Some(entry.statement), why }
    }
}

fn entry_doubt(entry: &Entry) -> Option<&str> {
    match &entry.reach {
        Reach::Unclear(reason) => Some(reason),
        Reach::World | Reach::Outsider | Reach::Member => entry.doubt.as_deref(),
    }
}

/// What has been heard about one question.
#[derive(Default)]
struct Verdict<'a> {
    entry: Option<(Entry, &'a Caller)>,
    doubt: Option<String>,
}

impl<'a> Verdict<'a> {
    fn hear(&mut self, reply: &Reply, caller: &'a Caller) {
        if let Some(entry) = &reply.entry {
            let better = self.entry.as_ref().is_none_or(|(own, _)| truth(own) < truth(entry));
            if better {
                self.entry = Some((entry.clone(), caller));
            }
        }
        if self.doubt.is_none() {
            self.doubt.clone_from(&reply.doubt);
        }
    }

    fn is_certain(&self) -> bool {
        self.answer().is_true()
    }

    fn answer(&self) -> Truth {
        match (&self.entry, &self.doubt) {
            (Some((entry, _)), _) => truth(entry),
            (None, Some(_)) => Truth::Unknown,
            (None, None) => Truth::False,
        }
    }
}

fn truth(entry: &Entry) -> Truth {
    match entry.reach {
        Reach::Unclear(_) => Truth::Unknown,
        Reach::World | Reach::Outsider | Reach::Member => entry.truth,
    }
}

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;
