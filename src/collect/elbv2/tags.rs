//! The tags of load balancers, twenty at a time.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;

use super::super::convert::left_out;
use super::super::place::Cell;
use super::GONE;
use crate::inventory::{Items, Slot};
use crate::resources::elbv2::DESCRIBE_TAGS;
use crate::resources::tag::Tag;

/// How many ARNs the call takes.
const AT_ONCE: usize = 20;

/// Tags by ARN.
pub(super) type Tags = HashMap<String, Slot<Items<Tag>>>;

/// The tags of those load balancers. A batch that holds one that is gone fails as a whole, and is
/// asked again one by one.
pub(super) async fn of(cell: &Cell, elb: &Client, arns: &[String]) -> Tags {
    let mut tags = Tags::new();
    if !cell.wants(&DESCRIBE_TAGS) {
        return tags;
    }
    for batch in arns.chunks(AT_ONCE) {
        if !some(cell, elb, batch, &mut tags).await {
            for arn in batch {
                // Who is gone is dropped with its attributes.
                some(cell, elb, std::slice::from_ref(arn), &mut tags).await;
            }
        }
    }
    tags
}

/// Adds the tags of a batch; `false` when one of it is gone.
async fn some(cell: &Cell, elb: &Client, batch: &[String], tags: &mut Tags) -> bool {
    let call = &DESCRIBE_TAGS;
    let request = elb.describe_tags().set_resource_arns(Some(batch.to_vec()));
    match cell.caller().call(call, || request.clone().send()).await {
        Ok(answer) => {
            for arn in batch {
                tags.insert(arn.clone(), left_out());
            }
            for described in answer.tag_descriptions.unwrap_or_default() {
                let list = described.tags.unwrap_or_default().into_iter();
                let list = list.map(|tag| Tag {
                    key: tag.key.into(),
                    value: tag.value.unwrap_or_default().into(),
                });
                let arn = described.resource_arn.unwrap_or_default();
                tags.insert(arn, Slot::Known(list.collect()));
            }
            true
        }
        Err(error) if GONE.contains(&error.code.as_str()) => false,
        Err(error) => {
            let reason = cell.note(call, &error, batch.first().map(String::as_str));
            for arn in batch {
                tags.insert(arn.clone(), Slot::Unknown(reason.clone()));
            }
            true
        }
    }
}
