//! Classic load balancers of a region.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancing::Client;
use aws_sdk_elasticloadbalancing::types::{
    ListenerDescription, LoadBalancerDescription, PolicyDescription,
};
use futures::stream::{self, StreamExt};

use super::convert::{field, left_out, text, texts};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot};
use crate::resources::elb::{
    ClassicListener, DESCRIBE_LOAD_BALANCER_ATTRIBUTES, DESCRIBE_LOAD_BALANCER_POLICIES,
    DESCRIBE_LOAD_BALANCERS, DESCRIBE_TAGS, LoadBalancer,
};
use crate::resources::tag::Tag;
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "elb-load-balancers",
    Region,
    [LoadBalancer],
    [
        DESCRIBE_LOAD_BALANCERS,
        DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        DESCRIBE_LOAD_BALANCER_POLICIES,
        DESCRIBE_TAGS,
    ],
    load_balancers
)];

/// How many load balancers are read at the same time. AWS allows bursts of forty calls.
const AT_ONCE: usize = 8;

/// How many names `DescribeTags` takes.
const TAGS_AT_ONCE: usize = 20;

/// The code of a load balancer that is gone since it was listed.
const GONE: &str = "LoadBalancerNotFound";

/// The attribute that says how requests that may smuggle others are treated.
const DESYNC: &str = "elb.http.desyncmitigationmode";

async fn load_balancers(cell: &Cell) {
    let elb = cell.clients().elb();
    let call = &DESCRIBE_LOAD_BALANCERS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| {
            elb.describe_load_balancers().page_size(400).set_marker(marker).send()
        })
        .await
    {
        let listed = walk.items(page.load_balancer_descriptions);
        walk.then(page.next_marker);
        if listed.iter().any(|it| it.load_balancer_name.is_none()) {
            walk.cut("ItemWithoutId");
        }
        let names: Vec<String> =
            listed.iter().filter_map(|it| it.load_balancer_name.clone()).collect();
        let tags = all_tags(cell, &elb, &names).await;
        stream::iter(listed)
            .for_each_concurrent(AT_ONCE, |listed| read(cell, &elb, &tags, listed))
            .await;
    }
    cell.cover::<LoadBalancer>(call, walk.end()).await;
}

async fn read(cell: &Cell, elb: &Client, tags: &Tags, listed: LoadBalancerDescription) {
    let Some(name) = listed.load_balancer_name.clone() else { return };
    let caller = cell.caller();
    let (attributes, policies) = futures::join!(
        cell.fetch(
            &DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
            caller.call(&DESCRIBE_LOAD_BALANCER_ATTRIBUTES, || {
                elb.describe_load_balancer_attributes().load_balancer_name(&name).send()
            })
        ),
        cell.fetch(
            &DESCRIBE_LOAD_BALANCER_POLICIES,
            caller.call(&DESCRIBE_LOAD_BALANCER_POLICIES, || {
                elb.describe_load_balancer_policies().load_balancer_name(&name).send()
            })
        ),
    );
    if attributes.failed_with(GONE) || policies.failed_with(GONE) {
        return;
    }
    let attributes = cell.settle(&DESCRIBE_LOAD_BALANCER_ATTRIBUTES, Some(&name), attributes);
    let policies = cell.settle(&DESCRIBE_LOAD_BALANCER_POLICIES, Some(&name), policies);
    let policies =
        field(&policies, |it| it.policy_descriptions.clone().map_or_else(left_out, Slot::Known));
    let log = field(&attributes, |it| {
        let log = it.load_balancer_attributes.as_ref().and_then(|all| all.access_log.clone());
        log.map_or_else(left_out, Slot::Known)
    });
    let listeners = listed.listener_descriptions.unwrap_or_default().into_iter();
    let balancer = LoadBalancer {
        name: name.as_str().into(),
        dns_name: listed.dns_name.into(),
        scheme: listed.scheme.into(),
        vpc_id: text(listed.vpc_id),
        group_ids: texts(listed.security_groups),
        listeners: Slot::Known(listeners.map(|it| listener(it, &policies)).collect()),
        access_log_enabled: field(&log, |log| log.enabled.into()),
        access_log_bucket: field(&log, |log| text(log.s3_bucket_name.clone())),
        access_log_prefix: field(&log, |log| text(log.s3_bucket_prefix.clone())),
        desync_mitigation_mode: field(&attributes, |it| {
            let all = it.load_balancer_attributes.as_ref();
            let more = all.and_then(|all| all.additional_attributes.as_ref());
            let mode = more.into_iter().flatten().find(|it| it.key.as_deref() == Some(DESYNC));
            mode.and_then(|it| it.value.clone()).map_or_else(left_out, Slot::Known)
        }),
        tags: tags.get(&name).cloned().unwrap_or_default(),
    };
    cell.add(&name, balancer).await;
}

fn listener(
    given: ListenerDescription,
    policies: &Slot<Vec<PolicyDescription>>,
) -> ClassicListener {
    let names = given.policy_names.unwrap_or_default();
    let Some(listener) = given.listener else {
        return ClassicListener { policy_names: texts(Some(names)), ..ClassicListener::default() };
    };
    let is_tls = matches!(listener.protocol.to_ascii_uppercase().as_str(), "HTTPS" | "SSL");
    let options = if is_tls {
        field(policies, |policies| Slot::Known(switched_on(policies, &names).into()))
    } else {
        Slot::Known(Items::default())
    };
    ClassicListener {
        load_balancer_port: i64::from(listener.load_balancer_port).into(),
        // AWS keeps the spelling of whoever made the listener.
        protocol: listener.protocol.to_ascii_uppercase().into(),
        instance_port: i64::from(listener.instance_port).into(),
        instance_protocol: listener.instance_protocol.map(|it| it.to_ascii_uppercase()).into(),
        ssl_certificate_id: text(listener.ssl_certificate_id),
        policy_names: texts(Some(names)),
        tls_options: options,
    }
}

/// The protocols and ciphers that the named policies switch on.
fn switched_on(policies: &[PolicyDescription], names: &[String]) -> Vec<String> {
    let of_listener = policies.iter().filter(|policy| {
        policy.policy_name.as_ref().is_some_and(|name| names.contains(name))
            && policy.policy_type_name.as_deref() == Some("SSLNegotiationPolicyType")
    });
    let attributes = of_listener.flat_map(|it| it.policy_attribute_descriptions.iter().flatten());
    attributes
        .filter(|it| it.attribute_value.as_deref() == Some("true"))
        .filter_map(|it| it.attribute_name.clone())
        .collect()
}

type Tags = HashMap<String, Slot<Items<Tag>>>;

/// The tags of the load balancers, twenty at a time. A batch that holds one that is gone fails as a
/// whole, and is asked again one by one.
async fn all_tags(cell: &Cell, elb: &Client, names: &[String]) -> Tags {
    let mut tags = Tags::new();
    if !cell.wants(&DESCRIBE_TAGS) {
        return tags;
    }
    let batches: Vec<&[String]> = names.chunks(TAGS_AT_ONCE).collect();
    for batch in batches {
        if let Err(code) = some_tags(cell, elb, batch, &mut tags).await
            && code == GONE
        {
            for name in batch {
                // Who is gone is dropped with its attributes.
                let _ = some_tags(cell, elb, std::slice::from_ref(name), &mut tags).await;
            }
        }
    }
    tags
}

/// Adds the tags of a batch, or returns the code of a load balancer that is gone.
async fn some_tags(
    cell: &Cell,
    elb: &Client,
    batch: &[String],
    tags: &mut Tags,
) -> Result<(), String> {
    let call = &DESCRIBE_TAGS;
    let request = elb.describe_tags().set_load_balancer_names(Some(batch.to_vec()));
    match cell.caller().call(call, || request.clone().send()).await {
        Ok(answer) => {
            for name in batch {
                tags.insert(name.clone(), left_out());
            }
            for described in answer.tag_descriptions.unwrap_or_default() {
                let list = described.tags.unwrap_or_default().into_iter();
                let list = list.map(|tag| Tag {
                    key: tag.key.into(),
                    value: tag.value.unwrap_or_default().into(),
                });
                let name = described.load_balancer_name.unwrap_or_default();
                tags.insert(name, Slot::Known(list.collect()));
            }
            Ok(())
        }
        Err(error) if error.code == GONE => Err(error.code),
        Err(error) => {
            let reason = cell.note(call, &error, batch.first().map(String::as_str));
            for name in batch {
                tags.insert(name.clone(), Slot::Unknown(reason.clone()));
            }
            Ok(())
        }
    }
}
