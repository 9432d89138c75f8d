//! The rules of the default event bus of a region, where they send events to, and who hears of that.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_eventbridge::types::{Rule as Listed, Target};
use futures::stream::{self, StreamExt};

use super::convert::{field, items, left_out, missing, text};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::aws::Arn;
use crate::inventory::{Items, Slot};
use crate::resources::event_rule::{LIST_RULES, LIST_TARGETS_BY_RULE, Rule, RuleTarget};
use crate::resources::sns::GET_TOPIC_ATTRIBUTES;
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "event-rules",
    Region,
    [Rule],
    [LIST_RULES, LIST_TARGETS_BY_RULE, GET_TOPIC_ATTRIBUTES],
    rules
)];

/// How many rules or topics are read at the same time.
const AT_ONCE: usize = 8;

async fn rules(cell: &Cell) {
    let events = cell.clients().events();
    let call = &LIST_RULES;
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            events.list_rules().limit(100).set_next_token(token).send()
        })
        .await
    {
        found.extend(walk.named(page.rules, |it| it.name.clone()));
        walk.then(page.next_token);
    }
    let read = async |(name, rule): (String, Listed)| {
        let targets = match rule.event_pattern {
            Some(_) => targets(cell, &name).await,
            None => Slot::Absent,
        };
        (name, rule, targets)
    };
    let found: Vec<_> = stream::iter(found).map(read).buffered(AT_ONCE).collect().await;
    let topics = topics(cell, found.iter().filter_map(|(_, _, targets)| targets.known())).await;
    for (name, rule, targets) in found {
        let targets = targets.map(|list| Items {
            items: list.items.iter().map(|it| target(cell, it, &topics)).collect(),
            missing: list.missing,
        });
        cell.add(&name, Rule { targets, ..facts(rule) }).await;
    }
    cell.cover::<Rule>(call, walk.end()).await;
}

fn facts(rule: Listed) -> Rule {
    Rule {
        name: rule.name.into(),
        arn: rule.arn.into(),
        state: rule.state.map(|word| word.as_str().to_owned()).into(),
        event_pattern: text(rule.event_pattern),
        schedule_expression: text(rule.schedule_expression),
        managed_by: text(rule.managed_by),
        ..Rule::default()
    }
}

async fn targets(cell: &Cell, name: &str) -> Slot<Items<Target>> {
    let events = cell.clients().events();
    let call = &LIST_TARGETS_BY_RULE;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let pages = cell
        .caller()
        .pages(
            call,
            |token| {
                let request = events.list_targets_by_rule().rule(name).limit(100);
                request.set_next_token(token).send()
            },
            |page| (page.targets, page.next_token),
        )
        .await;
    let cut = pages.cut.map(|error| cell.note(call, &error, Some(name)));
    items(pages.items, cut)
}

fn target(cell: &Cell, given: &Target, topics: &BTreeMap<String, Slot<i64>>) -> RuleTarget {
    let is_topic = given.arn.parse::<Arn>().is_ok_and(|arn| arn.service() == "sns");
    let confirmed = match topics.get(&given.arn) {
        Some(confirmed) => confirmed.clone(),
        None if !cell.wants(&GET_TOPIC_ATTRIBUTES) => Slot::Pending,
        None if is_topic => Slot::Unknown(missing("the topic belongs to another account")),
        None => Slot::Absent,
    };
    RuleTarget {
        id: given.id.as_str().into(),
        arn: given.arn.as_str().into(),
        topic_subscriptions_confirmed: confirmed,
    }
}

/// The number of confirmed subscriptions of each topic of this account and region.
async fn topics(
    cell: &Cell,
    targets: impl Iterator<Item = &Items<Target>>,
) -> BTreeMap<String, Slot<i64>> {
    if !cell.wants(&GET_TOPIC_ATTRIBUTES) {
        return BTreeMap::new();
    }
    let is_own = |arn: &&String| {
        arn.parse::<Arn>().is_ok_and(|arn| {
            arn.service() == "sns"
                && arn.region() == cell.region_name()
                && arn.account() == cell.account().as_str()
        })
    };
    let arns = targets.flat_map(|list| &list.items).map(|target| &target.arn);
    let arns: BTreeSet<String> = arns.filter(is_own).cloned().collect();
    let read = async |arn: String| {
        let confirmed = confirmed(cell, &arn).await;
        (arn, confirmed)
    };
    stream::iter(arns).map(read).buffered(AT_ONCE).collect().await
}

async fn confirmed(cell: &Cell, arn: &str) -> Slot<i64> {
    let sns = cell.clients().sns();
    let call = &GET_TOPIC_ATTRIBUTES;
    let request = sns.get_topic_attributes().topic_arn(arn);
    let fetched = cell.fetch(call, cell.caller().call(call, || request.clone().send())).await;
    if fetched.failed_with("NotFound") || fetched.failed_with("NotFoundException") {
        return Slot::Absent;
    }
    let answer = cell.settle(call, Some(arn), fetched);
    field(&answer, |it| {
        let count = it.attributes.as_ref().and_then(|all| all.get("SubscriptionsConfirmed"));
        count.and_then(|text| text.parse().ok()).map_or_else(left_out, Slot::Known)
    })
}
