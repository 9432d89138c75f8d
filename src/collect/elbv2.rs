//! Application, network and gateway load balancers of a region.

mod facts;
mod listeners;
mod tags;

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancer as ListedBalancer;
use futures::stream::{self, StreamExt};

use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Reason, Slot};
use crate::resources::elbv2::{
    DESCRIBE_LISTENERS, DESCRIBE_LOAD_BALANCER_ATTRIBUTES, DESCRIBE_LOAD_BALANCERS, DESCRIBE_RULES,
    DESCRIBE_SSL_POLICIES, DESCRIBE_TAGS, LoadBalancer,
};
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "elbv2-load-balancers",
    Region,
    [LoadBalancer],
    [
        DESCRIBE_LOAD_BALANCERS,
        DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        DESCRIBE_LISTENERS,
        DESCRIBE_RULES,
        DESCRIBE_SSL_POLICIES,
        DESCRIBE_TAGS,
    ],
    load_balancers
)];

/// How many load balancers are read at the same time. AWS allows bursts of forty calls.
const AT_ONCE: usize = 8;

/// The codes of what is gone since it was listed.
const GONE: &[&str] = &["LoadBalancerNotFound", "ListenerNotFound"];

/// The TLS protocols of each policy, or why they are not known; nothing when no check needs them.
type Protocols = Slot<Result<HashMap<String, Vec<String>>, Reason>>;

async fn load_balancers(cell: &Cell) {
    let elb = cell.clients().elbv2();
    let call = &DESCRIBE_LOAD_BALANCERS;
    let mut walk = Walk::default();
    let mut protocols = None;
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| {
            elb.describe_load_balancers().page_size(400).set_marker(marker).send()
        })
        .await
    {
        let listed = walk.items(page.load_balancers);
        walk.then(page.next_marker);
        if listed.iter().any(|it| it.load_balancer_arn.is_none()) {
            walk.cut("ItemWithoutId");
        }
        if listed.is_empty() {
            continue;
        }
        if protocols.is_none() {
            protocols = Some(listeners::protocols(cell, &elb).await);
        }
        let known = protocols.as_ref().unwrap_or(&Slot::Pending);
        let arns: Vec<String> =
            listed.iter().filter_map(|it| it.load_balancer_arn.clone()).collect();
        let tags = tags::of(cell, &elb, &arns).await;
        stream::iter(listed)
            .for_each_concurrent(AT_ONCE, |listed| {
                let tags = listed.load_balancer_arn.as_ref().and_then(|arn| tags.get(arn));
                read(cell, &elb, known, tags.cloned().unwrap_or_default(), listed)
            })
            .await;
    }
    cell.cover::<LoadBalancer>(call, walk.end()).await;
}

async fn read(
    cell: &Cell,
    elb: &Client,
    protocols: &Protocols,
    tags: Slot<Items<crate::resources::tag::Tag>>,
    listed: ListedBalancer,
) {
    let Some(arn) = listed.load_balancer_arn.clone() else { return };
    let call = &DESCRIBE_LOAD_BALANCER_ATTRIBUTES;
    let request = elb.describe_load_balancer_attributes().load_balancer_arn(&arn);
    let (attributes, listeners) = futures::join!(
        cell.fetch(call, cell.caller().call(call, || request.clone().send())),
        listeners::of(cell, elb, protocols, &arn),
    );
    let is_gone = GONE.iter().any(|code| attributes.failed_with(code));
    let (Some(listeners), false) = (listeners, is_gone) else { return };
    let attributes = cell.settle(call, Some(&arn), attributes);
    let balancer = LoadBalancer { listeners, tags, ..facts::of(listed, &attributes) };
    cell.add(&arn, balancer).await;
}
