//! Decides requests of an inventory's principals, with the reasons and with what was not known.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::target::Target;
use super::{Membership, Principal, Principals};
use crate::iam::condition::{Keys, Present};
use crate::iam::document::{Document, Effect, Statement};
use crate::iam::evaluate::{Decision, Layer, Matched, Policies, PolicySet, decide, explain};
use crate::iam::pattern::Piece;
use crate::iam::principal::Caller;
use crate::iam::request::{Context, ContextValue, Request, Unlisted};
use crate::iam::truth::Truth;
use crate::inventory::Inventory;
use crate::resources::organization::{ControlKind, chain};

/// What requests look like unless somebody says otherwise: made over TLS, and by the caller itself.
const ASSUMED: [(&str, &str); 2] =
    [("aws:SecureTransport", "true"), ("aws:ViaAWSService", "false")];

/// What is asked of every principal.
#[derive(Debug, Clone)]
pub struct Question {
    /// The action, `service:Name`.
    pub action: String,
    /// The resource.
    pub target: Target,
    /// Condition keys with their values, as they were given.
    pub context: Vec<(String, Vec<String>)>,
    /// What holds for all other keys.
    pub unlisted: Unlisted,
}

/// A statement that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciding {
    /// Whether it allows.
    pub allows: bool,
    /// The statement, by its `Sid` or number.
    pub statement: String,
    /// The policy that it stands in.
    pub policy: String,
}

/// The answer about one principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How the principal is called.
    pub principal: String,
    /// The decision.
    pub decision: Decision,
    /// The reasons, in a sentence without a full stop.
    pub why: String,
    /// The statements that decide, or on which the answer hangs.
    pub statements: Vec<Deciding>,
    /// The condition keys on which an unknown answer hangs.
    pub depends_on: Vec<String>,
    /// What may still change the answer and was not seen, and what was assumed.
    pub notes: Vec<String>,
}

/// Decides for one principal.
pub fn can(inventory: &Inventory, principal: &Principal, question: &Question) -> Answer {
    Case::new(inventory, principal, question, None).answer()
}

/// Decides for all users and roles and for the root user of each account: those who can, then those
/// of whom it is not known, each in the order of their names. The rest cannot.
pub fn who_can(
    inventory: &Inventory,
    principals: &Principals<'_>,
    question: &Question,
) -> Vec<Answer> {
    let roots: Vec<Principal> = inventory.accounts.iter().filter_map(root).collect();
    let everybody: Vec<&Principal> = principals.list.iter().chain(&roots).collect();
    let organizations = Organizations::of(inventory);
    let mut answers: Vec<Answer> = everybody
        .par_iter()
        .filter_map(|principal| {
            let case = Case::new(inventory, principal, question, Some(&organizations));
            case.is_open().then(|| case.answer())
        })
        .filter(|answer| matches!(answer.decision, Decision::Allow | Decision::Unknown))
        .collect();
    answers.sort_by(|a, b| (a.decision, &a.principal).cmp(&(b.decision, &b.principal)));
    answers
}

fn root(account: &crate::inventory::Account) -> Option<Principal> {
    let arn = format!("arn:{}:iam::{}:root", account.partition, account.id);
    Some(Principal::stranger(Caller::parse(&arn)?, &arn))
}

/// The places of all accounts in their organizations, looked up once.
struct Organizations(Vec<(String, Standing)>);

/// Where an account stands in its organization.
#[derive(Clone)]
struct Standing {
    membership: Membership,
    /// The service control policies that limit its principals, by level; nothing where they are not
    /// known.
    service: Option<Vec<PolicySet>>,
    /// The resource control policies that limit who gets at its resources, likewise.
    resource: Option<Vec<PolicySet>>,
}

impl Standing {
    fn of(inventory: &Inventory, account: &str) -> Self {
        let levels = |kind| {
            let set =
                |level: Vec<Document>| PolicySet::new(level.into_iter().map(Arc::new).collect());
            let levels = chain(inventory, account, kind).ok()?;
            Some(levels.into_iter().map(set).collect())
        };
        Self {
            membership: Membership::of(inventory, account),
            service: levels(ControlKind::Service),
            resource: levels(ControlKind::Resource),
        }
    }

    fn unknown() -> Self {
        Self { membership: Membership::Unknown, service: None, resource: None }
    }
}

impl Organizations {
    fn of(inventory: &Inventory) -> Self {
        let one = |account: &crate::inventory::Account| {
            let id = account.id.to_string();
            let standing = Standing::of(inventory, &id);
            (id, standing)
        };
        Self(inventory.accounts.iter().map(one).collect())
    }

    fn get(&self, account: Option<&str>) -> Standing {
        let found = self.0.iter().find(|(id, _)| Some(id.as_str()) == account);
        found.map_or_else(Standing::unknown, |(_, standing)| standing.clone())
    }
}

/// A principal with a question.
struct Case<'a> {
    principal: &'a Principal,
    question: &'a Question,
    request: Request,
    policies: Policies,
    caller_in: Standing,
    owner_in: Standing,
}

impl<'a> Case<'a> {
    fn new(
        inventory: &Inventory,
        principal: &'a Principal,
        question: &'a Question,
        organizations: Option<&Organizations>,
    ) -> Self {
        let target = &question.target;
        let standing = |account: Option<&str>| match (organizations, account) {
            (Some(organizations), account) => organizations.get(account),
            (None, Some(account)) => Standing::of(inventory, account),
            (None, None) => Standing::unknown(),
        };
        let owner = target.account.as_deref();
        let (caller_in, owner_in) = (standing(principal.account()), standing(owner));
        let policies = Policies {
            identity: principal.identity.clone(),
            boundary: principal.boundary.clone(),
            resource: target.policy.clone(),
            scps: caller_in.service.clone().unwrap_or_default(),
            rcps: owner_in.resource.clone().unwrap_or_default(),
            ..Policies::default()
        };
        let memberships = [&caller_in.membership, &owner_in.membership];
        let context = context(principal, question, memberships, &[]);
        let request = request(principal, question, context);
        Self { principal, question, request, policies, caller_in, owner_in }
    }

    /// Whether anything but a denial is possible, found without looking for reasons.
    fn is_open(&self) -> bool {
        let open = |policies: &Policies| {
            matches!(decide(&self.request, policies), Decision::Allow | Decision::Unknown)
        };
        open(&self.policies) || self.lists().is_some_and(|policies| open(&policies))
    }

    fn answer(mut self) -> Answer {
        let mut notes = Vec::new();
        let mut doubt = None;
        if self.is_foreign()
            && let Some(restricted) = &self.question.target.restricted
        {
            let before = decide(&self.request, &self.policies);
            let kept =
                Policies { resource: Some(restricted.denials.clone()), ..self.policies.clone() };
            let after = decide(&self.request, &kept);
            match restricted.holds {
                Truth::True => self.policies = kept,
                Truth::Unknown if before != after => {
                    doubt = Some("whether Block Public Access restricts the bucket is not known");
                }
                Truth::Unknown | Truth::False => {}
            }
            if restricted.holds.is_true() && before != after {
                notes
                    .push("Block Public Access restricts the bucket to its own account".to_owned());
            }
        }
        if let Some(policies) = self.lists()
            && decide(&self.request, &self.policies) == Decision::ImplicitDeny
            && decide(&self.request, &policies) == Decision::Unknown
        {
            self.policies = policies;
        }
        let verdict = explain(&self.request, &self.policies);
        let (decision, why) = match doubt {
            Some(doubt) => (Decision::Unknown, doubt.to_owned()),
            None => (verdict.decision, verdict.why),
        };
        if matches!(decision, Decision::Allow) {
            notes.extend(self.controls());
        }
        notes.extend(self.assumptions(decision));
        let statements = &verdict.statements;
        Answer {
            principal: self.principal.name.clone(),
            decision,
            why,
            depends_on: match decision {
                Decision::Unknown => self.open_keys(statements),
                Decision::Allow | Decision::ImplicitDeny | Decision::ExplicitDeny => Vec::new(),
            },
            statements: statements.iter().filter_map(|it| self.deciding(it)).collect(),
            notes,
        }
    }

    /// Whether the caller is neither of the owner's account nor a service.
    fn is_foreign(&self) -> bool {
        let service = matches!(self.request.caller(), Caller::Service(_));
        !service && !self.request.same_account().is_true()
    }

    /// The policies if access control lists that are not evaluated may let the caller in.
    fn lists(&self) -> Option<Policies> {
        let target = &self.question.target;
        let why = target.lists.as_ref().filter(|_| self.is_foreign())?;
        if self.request.caller() == &Caller::Anonymous && target.ignores_public_lists {
            return None;
        }
        let policy = self.policies.resource.clone().unwrap_or_default();
        Some(Policies { resource: Some(policy.with_missing(why)), ..self.policies.clone() })
    }

    /// Which control policies that were not seen could still deny what is allowed.
    fn controls(&self) -> Vec<String> {
        let unseen = || vec![PolicySet::unknown("not in the snapshot")];
        let mut notes = Vec::new();
        let sides = [
            (&self.caller_in, "service control policies", "caller", true),
            (&self.owner_in, "resource control policies", "resource", false),
        ];
        for (standing, what, whose, service) in sides {
            let seen = if service { &standing.service } else { &standing.resource };
            if seen.is_some() {
                continue;
            }
            let mut policies = self.policies.clone();
            if service {
                policies.scps = unseen();
            } else {
                policies.rcps = unseen();
            }
            let matters = decide(&self.request, &policies) != Decision::Allow;
            if !matters {
                continue;
            }
            match &standing.membership {
                Membership::None | Membership::Management(_) => {}
                Membership::Member(id) => notes.push(format!(
                    "{what} of organization {id} are not in the snapshot and may deny it"
                )),
                Membership::Unknown => notes.push(format!(
                    "whether the {whose}'s account is in an organization is not in the snapshot; its \
                     {what} may deny it"
                )),
            }
        }
        notes
    }

    /// The assumptions that the answer rests on.
    fn assumptions(&self, decision: Decision) -> Vec<String> {
        let memberships = [&self.caller_in.membership, &self.owner_in.membership];
        let rests = |key: &str| {
            let context = context(self.principal, self.question, memberships, &[key]);
            let request = request(self.principal, self.question, context);
            decide(&request, &self.policies) != decision
        };
        let given =
            |key: &str| self.question.context.iter().any(|(own, _)| own.eq_ignore_ascii_case(key));
        let assumed = ASSUMED.iter().filter(|(key, _)| !given(key) && rests(key));
        assumed.map(|(key, value)| format!("assuming {key} is {value}")).collect()
    }

    /// The keys of statements that are open because the request does not say.
    fn open_keys(&self, statements: &[Matched]) -> Vec<String> {
        let mut keys = BTreeSet::new();
        for statement in statements.iter().filter_map(|matched| self.statement(matched)) {
            let tested = statement.conditions.iter().map(|condition| &*condition.key);
            let resources = statement.resource.iter().flat_map(|it| it.patterns.iter());
            let variables =
                resources.flat_map(|it| it.pattern().pieces()).filter_map(|piece| match piece {
                    Piece::Variable(variable) => Some(&*variable.key),
                    Piece::Literal(_) | Piece::One { .. } | Piece::Run { .. } => None,
                });
            let open = |key: &&str| matches!(self.request.context().key(key), Present::Unknown);
            keys.extend(tested.chain(variables).filter(open).map(str::to_owned));
        }
        keys.into_iter().collect()
    }

    fn statement(&self, matched: &Matched) -> Option<&Statement> {
        self.policies.layer(matched.layer)?.statement(matched.document, matched.statement)
    }

    fn deciding(&self, matched: &Matched) -> Option<Deciding> {
        let policy = match matched.layer {
            Layer::Identity => self.principal.sources.get(matched.document)?.clone(),
            Layer::Boundary => "the permissions boundary".to_owned(),
            Layer::Resource => "the resource policy".to_owned(),
            Layer::Session => "the session policy".to_owned(),
            Layer::Endpoint => "the endpoint policy".to_owned(),
            Layer::Scp(_) => "a service control policy".to_owned(),
            Layer::Rcp(_) => "a resource control policy".to_owned(),
        };
        Some(Deciding {
            allows: matched.effect == Effect::Allow,
            statement: self.statement(matched)?.label(),
            policy,
        })
    }
}

fn request(principal: &Principal, question: &Question, context: Context) -> Request {
    let target = &question.target;
    let owner = target.account.as_deref();
    Request::new(principal.caller.clone(), &question.action, &target.resource, owner, context)
}

/// The condition keys: those given, those assumed but for `open`, and those that follow from caller
/// and resource.
fn context(
    principal: &Principal,
    question: &Question,
    [caller_in, owner_in]: [&Membership; 2],
    open: &[&str],
) -> Context {
    let mut context = Context::new(question.unlisted);
    let one = |text: &str| ContextValue::One(text.into());
    for (key, values) in &question.context {
        let value = match values.as_slice() {
            [only] => one(only),
            many => ContextValue::Many(many.iter().map(|value| value.as_str().into()).collect()),
        };
        context.insert(key, value);
    }
    let mut add = |key: &str, value: ContextValue| {
        if context.value(&key.to_ascii_lowercase()).is_none() {
            context.insert(key, value);
        }
    };
    for (key, value) in ASSUMED {
        add(key, if open.contains(&key) { ContextValue::Unknown } else { one(value) });
    }
    for (key, value) in &principal.tags {
        add(&format!("aws:PrincipalTag/{key}"), one(value));
    }
    if let Some(arn) = &principal.arn {
        add("aws:PrincipalArn", one(arn));
    }
    if let Some(id) = caller_in.organization() {
        add("aws:PrincipalOrgID", one(id));
    }
    if let Some(id) = owner_in.organization() {
        add("aws:ResourceOrgID", one(id));
    }
    context.with_derived(&principal.caller, question.target.account.as_deref())
}
