//! The listeners of a load balancer, their rules, and what their TLS policies allow.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    Action as GivenAction, Listener as ListedListener, Rule as GivenRule,
};

use super::super::convert::{int, items, missing, text};
use super::super::place::Cell;
use super::{GONE, Protocols};
use crate::inventory::{Items, Slot};
use crate::resources::elbv2::{
    Action, DESCRIBE_LISTENERS, DESCRIBE_RULES, DESCRIBE_SSL_POLICIES, Listener, ListenerRule,
};
use crate::session::Walk;

/// The TLS policies of the region.
pub(super) async fn protocols(cell: &Cell, elb: &Client) -> Protocols {
    let call = &DESCRIBE_SSL_POLICIES;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let pages = cell
        .caller()
        .pages(
            call,
            |marker| elb.describe_ssl_policies().page_size(400).set_marker(marker).send(),
            |page| (page.ssl_policies, page.next_marker),
        )
        .await;
    Slot::Known(match pages.cut {
        Some(error) => Err(cell.note(call, &error, None)),
        None => {
            let policies = pages.items.into_iter();
            let policies =
                policies.filter_map(|it| Some((it.name?, it.ssl_protocols.unwrap_or_default())));
            Ok(policies.collect::<HashMap<_, _>>())
        }
    })
}

/// The listeners of a load balancer; `None` when it is gone since it was listed.
pub(super) async fn of(
    cell: &Cell,
    elb: &Client,
    protocols: &Protocols,
    arn: &str,
) -> Option<Slot<Items<Listener>>> {
    let call = &DESCRIBE_LISTENERS;
    if !cell.wants(call) {
        return Some(Slot::Pending);
    }
    let mut walk = Walk::default();
    let mut listeners = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| {
            let request = elb.describe_listeners().load_balancer_arn(arn);
            request.page_size(400).set_marker(marker).send()
        })
        .await
    {
        for listed in walk.items(page.listeners) {
            listeners.extend(listener(cell, elb, protocols, listed).await);
        }
        walk.then(page.next_marker);
    }
    match walk.end() {
        Ok(()) => Some(items(listeners, None)),
        Err(error) if GONE.contains(&error.code.as_str()) => None,
        Err(error) => Some(items(listeners, Some(cell.note(call, &error, Some(arn))))),
    }
}

/// One listener; `None` when it is gone since it was listed.
async fn listener(
    cell: &Cell,
    elb: &Client,
    protocols: &Protocols,
    listed: ListedListener,
) -> Option<Listener> {
    let rules = rules(cell, elb, listed.listener_arn.as_deref()).await?;
    Some(Listener {
        arn: listed.listener_arn.into(),
        port: int(listed.port),
        protocol: listed.protocol.map(|it| it.as_str().to_owned()).into(),
        tls_protocols: tls_protocols(protocols, listed.ssl_policy.as_deref()),
        ssl_policy: text(listed.ssl_policy),
        default_actions: actions(listed.default_actions),
        rules,
    })
}

fn tls_protocols(protocols: &Protocols, policy: Option<&str>) -> Slot<Items<String>> {
    let Slot::Known(known) = protocols else { return Slot::Pending };
    let Some(policy) = policy else { return Slot::Known(Items::default()) };
    match known {
        Err(reason) => Slot::Unknown(reason.clone()),
        Ok(known) => match known.get(policy) {
            Some(protocols) => Slot::Known(protocols.clone().into()),
            None => Slot::Unknown(missing("the TLS policy is not in the list of policies")),
        },
    }
}

/// The rules of a listener; `None` when it is gone.
async fn rules(
    cell: &Cell,
    elb: &Client,
    listener: Option<&str>,
) -> Option<Slot<Items<ListenerRule>>> {
    let call = &DESCRIBE_RULES;
    let Some(arn) = listener.filter(|_| cell.wants(call)) else { return Some(Slot::Pending) };
    let pages = cell
        .caller()
        .pages(
            call,
            |marker| {
                let request = elb.describe_rules().listener_arn(arn);
                request.page_size(400).set_marker(marker).send()
            },
            |page| (page.rules, page.next_marker),
        )
        .await;
    if pages.cut.as_ref().is_some_and(|error| GONE.contains(&error.code.as_str())) {
        return None;
    }
    let cut = pages.cut.map(|error| cell.note(call, &error, Some(arn)));
    Some(items(pages.items.into_iter().map(rule).collect(), cut))
}

fn rule(rule: GivenRule) -> ListenerRule {
    ListenerRule {
        arn: rule.rule_arn.into(),
        priority: rule.priority.into(),
        actions: actions(rule.actions),
    }
}

/// Actions in the order in which they take place.
fn actions(given: Option<Vec<GivenAction>>) -> Slot<Items<Action>> {
    let mut given = given.unwrap_or_default();
    given.sort_by_key(|action| action.order);
    let actions = given.into_iter().map(|action| Action {
        kind: action.r#type.map(|kind| kind.as_str().to_owned()).into(),
        redirect_protocol: action.redirect_config.and_then(|redirect| redirect.protocol).into(),
    });
    Slot::Known(actions.collect())
}
