//! The reasons of a decision, in words and as the statements that decide it.

use super::super::document::Effect;
use super::super::principal::Caller;
use super::super::request::Request;
use super::layers::{Outcome, Sides};
use super::trace::{Layer, Matched, Record};
use super::{Decision, Policies, Verdict};

/// Puts a verdict together from what the layers said.
pub(super) fn verdict(
    request: &Request,
    policies: &Policies,
    outcome: &Outcome,
    record: Record,
) -> Verdict {
    let decision = outcome.decision();
    let mut matched = record.0;
    matched.sort_unstable();
    let statements: Vec<Matched> = matched
        .into_iter()
        .filter(|m| match decision {
            Decision::Allow => m.effect == Effect::Allow && m.truth.is_true(),
            Decision::ImplicitDeny => m.effect == Effect::Allow,
            Decision::ExplicitDeny => m.effect == Effect::Deny && m.truth.is_true(),
            Decision::Unknown => m.truth.is_unknown(),
        })
        .collect();
    let why = match decision {
        Decision::Allow => allow(request, policies, &statements),
        Decision::ImplicitDeny => implicit(request, policies, outcome),
        Decision::ExplicitDeny => {
            format!("denied by {}", list(policies, &statements))
        }
        Decision::Unknown => unknown(request, policies, outcome, &statements),
    };
    let allowed = outcome.allowed.and(!outcome.deny);
    Verdict { decision, allowed, statements, why }
}

fn allow(request: &Request, policies: &Policies, statements: &[Matched]) -> String {
    if request.always_allowed() {
        return "nobody needs a permission for this action, and no policy can deny it".to_owned();
    }
    let root = matches!(request.caller(), Caller::Root(_));
    match (root, statements.is_empty()) {
        (true, true) => "the root user needs no permission in its account".to_owned(),
        (true, false) => format!("the root user needs none; {}", list(policies, statements)),
        (false, _) => format!("allowed by {}", list(policies, statements)),
    }
}

/// The first layer that should have allowed and did not.
fn implicit(request: &Request, policies: &Policies, outcome: &Outcome) -> String {
    if let Some(reason) = request.refused() {
        return reason.to_owned();
    }
    let asked = format!("`{}` on `{}`", request.action(), request.matched_resource());
    if outcome.scps.is_false() {
        return format!("no service control policy of some level allows {asked}");
    }
    if outcome.endpoint.is_false() {
        return format!("the endpoint policy does not allow {asked}");
    }
    let resource = || match policies.resource {
        Some(_) => format!("the resource policy does not allow {} {asked}", request.caller()),
        None => format!("there is no resource policy that allows {} {asked}", request.caller()),
    };
    if request.caller().account().is_none() {
        return resource();
    }
    let needs_resource = request.same_account().is_false() || request.needs_resource_grant();
    if needs_resource && outcome.resource.any().is_false() {
        return resource();
    }
    if outcome.identity.is_false() {
        return format!("no identity policy allows {asked}");
    }
    if outcome.boundary.is_false() {
        return format!("the permissions boundary does not allow {asked}");
    }
    match (request.caller(), &policies.session) {
        (Caller::FederatedUser { .. }, None) => {
            "a federated session without session policy has no permissions".to_owned()
        }
        _ => format!("the session policy does not allow {asked}"),
    }
}

fn unknown(
    request: &Request,
    policies: &Policies,
    outcome: &Outcome,
    statements: &[Matched],
) -> String {
    let mut reasons = Vec::new();
    for (layer, reason) in missing(request, policies) {
        reasons.push(format!("{} not known: {reason}", name(layer)));
    }
    if !statements.is_empty() {
        reasons.push(format!(
            "what is not known of the request decides whether {} applies",
            list(policies, statements)
        ));
    }
    let settled = outcome.deny.is_false() && request.same_account().is_unknown();
    if settled || reasons.is_empty() {
        reasons.push("the account that owns the resource is not known".to_owned());
    }
    reasons.join("; ")
}

/// The layers that take part and are not wholly known.
fn missing<'a>(request: &Request, policies: &'a Policies) -> Vec<(Layer, &'a str)> {
    let sides = Sides::of(request, policies);
    let scps = (0..policies.scps.len()).filter(|_| sides.scps).map(Layer::Scp);
    let rcps = (0..policies.rcps.len()).filter(|_| sides.rcps).map(Layer::Rcp);
    let mut layers: Vec<Layer> = scps.chain(rcps).collect();
    layers.extend([Layer::Endpoint, Layer::Resource]);
    if sides.own {
        layers.extend([Layer::Identity, Layer::Session]);
    }
    if sides.boundary {
        layers.push(Layer::Boundary);
    }
    let reason = |layer| policies.layer(layer).and_then(|set| set.missing());
    layers.into_iter().filter_map(|layer| reason(layer).map(|r| (layer, r))).collect()
}

fn name(layer: Layer) -> String {
    match layer {
        Layer::Scp(level) => format!("service control policies of level {}", level + 1),
        Layer::Rcp(level) => format!("resource control policies of level {}", level + 1),
        Layer::Endpoint => "the endpoint policy".to_owned(),
        Layer::Resource => "the resource policy".to_owned(),
        Layer::Identity => "identity policies".to_owned(),
        Layer::Boundary => "the permissions boundary".to_owned(),
        Layer::Session => "the session policy".to_owned(),
    }
}

/// The statements in words, at most five of them.
fn list(policies: &Policies, statements: &[Matched]) -> String {
    const SHOWN: usize = 5;
    let mut parts: Vec<String> = statements.iter().take(SHOWN).map(|m| one(policies, m)).collect();
    if statements.len() > SHOWN {
        parts.push(format!("{} more", statements.len() - SHOWN));
    }
    parts.join(", ")
}

fn one(policies: &Policies, matched: &Matched) -> String {
    let Some(set) = policies.layer(matched.layer) else { return String::new() };
    let label = set
        .statement(matched.document, matched.statement)
        .map_or_else(String::new, |statement| statement.label());
    let document = match set.documents().len() {
        0 | 1 => String::new(),
        _ => format!(" (document {})", matched.document + 1),
    };
    format!("{label} of {}{document}", name(matched.layer))
}
