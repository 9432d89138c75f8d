//! How the layers combine: which take part for a caller, and what each must say.

use super::super::document::Effect;
use super::super::principal::Caller;
use super::super::request::Request;
use super::super::truth::Truth;
use super::statement::{Grants, applies, grants_to};
use super::trace::{Layer, Matched, Trace};
use super::{Decision, Policies, PolicySet};

/// Which layers take part in a decision.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    /// Service control policies.
    pub scps: bool,
    /// Resource control policies.
    pub rcps: bool,
    /// Policies of the caller; callers without account have none.
    pub own: bool,
    /// The permissions boundary; the root user has none.
    pub boundary: bool,
    /// Whether the caller has a permissions boundary.
    pub bounded: Truth,
}

impl Sides {
    /// The layers that take part for a request.
    pub(super) fn of(request: &Request, policies: &Policies) -> Self {
        let caller = request.caller();
        let account = caller.account();
        let managed = policies.management_account.as_deref();
        let linked = caller.is_service_linked();
        let outside = |account: Option<&str>| managed.is_none() || account != managed;
        let root = matches!(caller, Caller::Root(_));
        let bounded = match &policies.boundary {
            _ if root || account.is_none() => Truth::False,
            None => Truth::False,
            Some(set) if set.documents().is_empty() && set.missing().is_some() => Truth::Unknown,
            Some(_) => Truth::True,
        };
        Self {
            scps: account.is_some() && !linked && outside(account),
            rcps: request.supports_rcp()
                && !linked
                && !policies.aws_managed_key
                && outside(request.resource_account()),
            own: account.is_some(),
            boundary: account.is_some() && !root,
            bounded,
        }
    }
}

/// What every layer says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// Whether some statement denies.
    pub deny: Truth,
    /// Whether every level of service control policies allows.
    pub scps: Truth,
    /// Whether the endpoint's policy allows.
    pub endpoint: Truth,
    /// How the resource's policy allows.
    pub resource: Grants,
    /// Whether the policies of the caller allow.
    pub identity: Truth,
    /// Whether the boundary allows.
    pub boundary: Truth,
    /// Whether the session policy allows.
    pub session: Truth,
    /// All of it together, denials aside.
    pub allowed: Truth,
}

impl Outcome {
    /// A decision without policies.
    pub(super) fn settled(allowed: Truth) -> Self {
        Self {
            deny: Truth::False,
            scps: Truth::True,
            endpoint: Truth::True,
            resource: Grants::NONE,
            identity: Truth::False,
            boundary: Truth::True,
            session: Truth::True,
            allowed,
        }
    }

    /// The decision that follows.
    pub(super) fn decision(&self) -> Decision {
        match (self.deny, self.allowed) {
            (Truth::True, _) => Decision::ExplicitDeny,
            (Truth::False, Truth::True) => Decision::Allow,
            (Truth::False, Truth::False) => Decision::ImplicitDeny,
            (Truth::Unknown, _) | (Truth::False, Truth::Unknown) => Decision::Unknown,
        }
    }
}

/// Evaluates every layer that takes part.
pub(super) fn outcome(
    request: &Request,
    policies: &Policies,
    sides: Sides,
    trace: &mut impl Trace,
) -> Outcome {
    let mut walk = Walk { request, bounded: sides.bounded, deny: Truth::False, trace };
    let mut out = Outcome::settled(Truth::False);
    if sides.scps {
        for (level, set) in policies.scps.iter().enumerate() {
            out.scps = out.scps.and(walk.set(Layer::Scp(level), set).any());
        }
    }
    if sides.rcps {
        for (level, set) in policies.rcps.iter().enumerate() {
            // RCPFullAWSAccess allows at every level, so that only denials count.
            walk.set(Layer::Rcp(level), set);
        }
    }
    out.endpoint = walk.optional(Layer::Endpoint, policies.endpoint.as_ref());
    if let Some(set) = &policies.resource {
        out.resource = walk.set(Layer::Resource, set);
    }
    if sides.own {
        out.identity = match request.caller() {
            Caller::Root(_) => Truth::True,
            _ => walk.set(Layer::Identity, &policies.identity).any(),
        };
        if sides.boundary {
            out.boundary = walk.optional(Layer::Boundary, policies.boundary.as_ref());
        }
        out.session = match (request.caller(), &policies.session) {
            (_, Some(set)) => walk.set(Layer::Session, set).any(),
            // The session of a federated user has what its session policy gives, hence nothing.
            (Caller::FederatedUser { .. }, None) => Truth::False,
            (_, None) => Truth::True,
        };
    }
    out.deny = walk.deny;
    out.allowed = out.scps.and(out.endpoint).and(base(request, sides, &out));
    out
}

/// Whether caller's and resource's policies allow together.
fn base(request: &Request, sides: Sides, out: &Outcome) -> Truth {
    let Grants { account, limited, direct } = out.resource;
    if !sides.own {
        return out.resource.any();
    }
    let limits = out.boundary.and(out.session);
    let own = out.identity.and(limits);
    let granted = direct.or(limited.and(limits));
    let within =
        if request.needs_resource_grant() { granted.or(account.and(own)) } else { granted.or(own) };
    let across = out.resource.any().and(own);
    match request.same_account() {
        Truth::True => within,
        Truth::False => across,
        Truth::Unknown if within == across => within,
        Truth::Unknown => Truth::Unknown,
    }
}

/// One pass over the layers.
struct Walk<'a, T> {
    request: &'a Request,
    bounded: Truth,
    deny: Truth,
    trace: &'a mut T,
}

impl<T: Trace> Walk<'_, T> {
    fn optional(&mut self, layer: Layer, set: Option<&PolicySet>) -> Truth {
        set.map_or(Truth::True, |set| self.set(layer, set).any())
    }

    /// How a set allows; its denials are added to those of the other layers.
    fn set(&mut self, layer: Layer, set: &PolicySet) -> Grants {
        let mut allow = Grants::NONE;
        if set.missing().is_some() {
            allow = Grants::UNKNOWN;
            self.deny = self.deny.or(Truth::Unknown);
        }
        for (document, index, statement) in set.candidates(self.request.service()) {
            let fits = applies(statement, self.request);
            if fits.is_false() {
                continue;
            }
            let grants = grants_to(statement, self.request.caller(), self.bounded).and(fits);
            let truth = grants.any();
            if truth.is_false() {
                continue;
            }
            let effect = statement.effect;
            self.trace.matched(Matched { layer, document, statement: index, effect, truth });
            match effect {
                Effect::Allow => allow = allow.or(grants),
                Effect::Deny => self.deny = self.deny.or(truth),
            }
            if self.deny.is_true() && !self.trace.wants_all() {
                break;
            }
        }
        allow
    }
}
