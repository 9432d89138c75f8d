//! CloudWatch alarms of a region, and the SNS topics that they notify.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{
    AlarmType, CompositeAlarm, Dimension, Metric, MetricAlarm, MetricDataQuery,
};
use futures::stream::{self, StreamExt};

use super::convert::{field, int, left_out, missing, text, texts};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::aws::Arn;
use crate::inventory::{Items, Slot};
use crate::resources::alarm::{Alarm, AlarmMetric, DESCRIBE_ALARMS};
use crate::resources::sns::{GET_TOPIC_ATTRIBUTES, Topic};
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "cloudwatch-alarms",
    Region,
    [Alarm, Topic],
    [DESCRIBE_ALARMS, GET_TOPIC_ATTRIBUTES],
    alarms
)];

/// How many topics are read at the same time.
const TOPICS_AT_ONCE: usize = 8;

async fn alarms(cell: &Cell) {
    let cloudwatch = cell.clients().cloudwatch();
    let call = &DESCRIBE_ALARMS;
    let mut walk = Walk::default();
    let mut topics = BTreeSet::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = cloudwatch.describe_alarms().max_records(100);
            let request = request.alarm_types(AlarmType::MetricAlarm);
            request.alarm_types(AlarmType::CompositeAlarm).set_next_token(token).send()
        })
        .await
    {
        // A kind that a page has none of may be left out, but not both.
        if page.metric_alarms.is_none() && page.composite_alarms.is_none() {
            walk.cut("ListLeftOut");
        }
        let metric = page.metric_alarms.unwrap_or_default().into_iter().map(metric_alarm);
        let composite = page.composite_alarms.unwrap_or_default().into_iter().map(composite_alarm);
        for alarm in metric.chain(composite) {
            topics.extend(own_topics(cell, &alarm));
            match alarm.name.known().cloned() {
                Some(name) => cell.add(&name, alarm).await,
                None => walk.cut("ItemWithoutId"),
            }
        }
        walk.then(page.next_token);
    }
    let end = walk.end();
    if cell.has::<Topic>() {
        read_topics(cell, topics).await;
        cell.cover::<Topic>(call, end.clone()).await;
    }
    cell.cover::<Alarm>(call, end).await;
}

fn metric_alarm(alarm: MetricAlarm) -> Alarm {
    let mut metrics: Vec<AlarmMetric> = Vec::new();
    if alarm.metric_name.is_some() {
        metrics.push(AlarmMetric {
            metric_name: alarm.metric_name.into(),
            namespace: alarm.namespace.into(),
            dimensions: dimensions(alarm.dimensions),
        });
    }
    let queries = alarm.metrics.unwrap_or_default().into_iter();
    metrics.extend(queries.filter_map(inside));
    let names = metrics.iter().filter_map(|metric| metric.metric_name.known().cloned());
    let names: Items<String> = names.collect();
    let statistic = alarm.statistic.map(|word| word.as_str().to_owned());
    Alarm {
        name: alarm.alarm_name.into(),
        arn: alarm.alarm_arn.into(),
        is_composite: false.into(),
        alarm_rule: Slot::Absent,
        actions_enabled: alarm.actions_enabled.into(),
        alarm_actions: texts(alarm.alarm_actions),
        state_value: alarm.state_value.map(|word| word.as_str().to_owned()).into(),
        metric_names: Slot::Known(names),
        metrics: Slot::Known(metrics.into()),
        comparison_operator: alarm.comparison_operator.map(|word| word.as_str().to_owned()).into(),
        threshold: alarm.threshold.map(|threshold| threshold.to_string()).into(),
        period: int(alarm.period),
        statistic: statistic.or(alarm.extended_statistic).into(),
    }
}

/// The metric inside a query; expressions have none of their own.
fn inside(query: MetricDataQuery) -> Option<AlarmMetric> {
    let Metric { metric_name, namespace, dimensions: given, .. } = query.metric_stat?.metric?;
    Some(AlarmMetric {
        metric_name: metric_name.into(),
        namespace: namespace.into(),
        dimensions: dimensions(given),
    })
}

fn dimensions(given: Option<Vec<Dimension>>) -> Slot<Items<String>> {
    let mut texts: Vec<String> = given
        .unwrap_or_default()
        .into_iter()
        .map(|it| format!("{}={}", it.name.unwrap_or_default(), it.value.unwrap_or_default()))
        .collect();
    texts.sort();
    Slot::Known(texts.into())
}

fn composite_alarm(alarm: CompositeAlarm) -> Alarm {
    Alarm {
        name: alarm.alarm_name.into(),
        arn: alarm.alarm_arn.into(),
        is_composite: true.into(),
        alarm_rule: text(alarm.alarm_rule),
        actions_enabled: alarm.actions_enabled.into(),
        alarm_actions: texts(alarm.alarm_actions),
        state_value: alarm.state_value.map(|word| word.as_str().to_owned()).into(),
        metrics: Slot::Known(Items::default()),
        metric_names: Slot::Known(Items::default()),
        comparison_operator: Slot::Absent,
        threshold: Slot::Absent,
        period: Slot::Absent,
        statistic: Slot::Absent,
    }
}

/// The topics of this account and region that an alarm notifies.
fn own_topics(cell: &Cell, alarm: &Alarm) -> Vec<String> {
    let actions = alarm.alarm_actions.known().map(|actions| actions.items.as_slice());
    let is_own = |arn: &&String| {
        arn.parse::<Arn>().is_ok_and(|arn| {
            arn.service() == "sns"
                && arn.region() == cell.region_name()
                && arn.account() == cell.account().as_str()
        })
    };
    actions.unwrap_or_default().iter().filter(is_own).cloned().collect()
}

async fn read_topics(cell: &Cell, topics: BTreeSet<String>) {
    let sns = cell.clients().sns();
    let call = &GET_TOPIC_ATTRIBUTES;
    let read = |arn: String| {
        let sns = sns.clone();
        async move {
            let request = sns.get_topic_attributes().topic_arn(&arn);
            let caller = cell.caller();
            let fetched = cell.fetch(call, caller.call(call, || request.clone().send())).await;
            if fetched.failed_with("NotFound") || fetched.failed_with("NotFoundException") {
                return;
            }
            let answer = cell.settle(call, Some(&arn), fetched);
            let attribute = |name: &str| {
                field(&answer, |it| match &it.attributes {
                    Some(attributes) => text(attributes.get(name).cloned()),
                    None => left_out(),
                })
            };
            let topic = Topic {
                name: arn.rsplit(':').next().map(str::to_owned).into(),
                subscriptions_confirmed: number(attribute("SubscriptionsConfirmed")),
                subscriptions_pending: number(attribute("SubscriptionsPending")),
                policy: attribute("Policy"),
                kms_master_key_id: attribute("KmsMasterKeyId"),
                arn: arn.as_str().into(),
            };
            cell.add(&arn, topic).await;
        }
    };
    stream::iter(topics).for_each_concurrent(TOPICS_AT_ONCE, read).await;
}

/// A count that is given as text.
fn number(text: Slot<String>) -> Slot<i64> {
    match text {
        Slot::Known(text) => match text.parse() {
            Ok(number) => Slot::Known(number),
            Err(_) => Slot::Unknown(missing("the reply has no number there")),
        },
        other => other.map(|_| 0),
    }
}
