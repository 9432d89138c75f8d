//! SNS topics and their subscriptions.

use std::sync::Arc;

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::mix::mix;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Region, Topic};

/// SNS gives 100 at a time and takes no page size.
const SIZES: Sizes = Sizes { field: "", default: 100, most: 100, token: "NextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    match context.request.operation.as_str() {
        "ListTopics" => list_topics(context, &region),
        "GetTopicAttributes" => {
            let topic = topic(context, &region)?;
            Ok(attributes(context, topic))
        }
        "ListSubscriptionsByTopic" => {
            let topic = topic(context, &region)?;
            subscriptions(context, topic)
        }
        _ => Err(context.unknown_operation()),
    }
}

fn arn(context: &Context<'_>, topic: &Topic) -> String {
    let (partition, region) = (context.partition(), &context.request.region);
    format!("arn:{partition}:sns:{region}:{}:{}", context.account.id, topic.name)
}

fn list_topics(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let page = context.page(&region.topics, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("Topics", "member", page.items, |xml, topic| {
            xml.leaf("TopicArn", arn(context, topic));
        });
        xml.maybe("NextToken", page.next);
    }))
}

/// The topic that the request names. SNS tells nothing about topics of other accounts.
fn topic<'r>(context: &Context<'_>, region: &'r Arc<Region>) -> Result<&'r Topic, Refusal> {
    let wanted = context.required("TopicArn")?;
    let own = format!(
        "arn:{}:sns:{}:{}:",
        context.partition(),
        context.request.region,
        context.account.id
    );
    if !wanted.starts_with(&own) {
        let service = context.request.service;
        let caller = context.caller.arn(context.partition());
        let action = service.action(&context.request.operation);
        let why = "no resource-based policy allows the action";
        return Err(Refusal::denied(service, &caller, &action, why));
    }
    region
        .topics
        .iter()
        .find(|topic| arn(context, topic) == wanted)
        .ok_or_else(|| Refusal::new(404, "NotFound", "Topic does not exist"))
}

fn attributes(context: &Context<'_>, topic: &Topic) -> Answer {
    let confirmed = topic.subscriptions.iter().filter(|one| one.confirmed).count();
    let pending = topic.subscriptions.len() - confirmed;
    let mut entries = vec![
        ("TopicArn", arn(context, topic)),
        ("Owner", context.account.id.clone()),
        ("Policy", topic.policy.clone()),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("SubscriptionsPending", pending.to_string()),
        ("SubscriptionsDeleted", "0".to_owned()),
    ];
    entries.extend(topic.key.clone().map(|key| ("KmsMasterKeyId", key)));
    context.query(|xml| {
        xml.list("Attributes", "entry", entries, |xml, (key, value)| {
            xml.leaf("key", key);
            xml.leaf("value", value);
        });
    })
}

fn subscriptions(context: &Context<'_>, topic: &Topic) -> Result<Answer, Refusal> {
    let page = context.page(&topic.subscriptions, SIZES)?;
    let topic = arn(context, topic);
    Ok(context.query(|xml| {
        xml.list("Subscriptions", "member", page.items, |xml, one| {
            let id = mix(5, &[&topic, &one.endpoint]);
            let own = format!("{topic}:{:08x}-0000-4000-8000-{:012x}", id >> 32, id >> 16);
            let arn = if one.confirmed { own } else { "PendingConfirmation".to_owned() };
            xml.leaf("SubscriptionArn", arn);
            xml.leaf("Owner", &context.account.id);
            xml.leaf("Protocol", &one.protocol);
            xml.leaf("Endpoint", &one.endpoint);
            xml.leaf("TopicArn", &topic);
        });
        xml.maybe("NextToken", page.next);
    }))
}
