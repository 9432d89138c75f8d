//! CloudWatch Logs: log groups and metric filters of a region.

use aws_sdk_cloudwatchlogs::types::{
    LogGroup as ListedGroup, MetricFilter as ListedFilter, MetricTransformation as Given,
};

use super::convert::{int, items, text};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot, Time};
use crate::resources::logs::{
    DESCRIBE_LOG_GROUPS, DESCRIBE_METRIC_FILTERS, DESCRIBE_RESOURCE_POLICIES, LogGroup,
    LogResourcePolicy, MetricFilter, MetricTransformation,
};
use crate::resources::region::Region;
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[
    sweep!("logs-groups", Region, [LogGroup], [DESCRIBE_LOG_GROUPS], groups),
    sweep!("logs-resource-policies", Region, [], [DESCRIBE_RESOURCE_POLICIES], policies),
    sweep!("logs-metric-filters", Region, [MetricFilter], [DESCRIBE_METRIC_FILTERS], filters),
];

async fn groups(cell: &Cell) {
    let logs = cell.clients().logs();
    let call = &DESCRIBE_LOG_GROUPS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            logs.describe_log_groups().limit(50).set_next_token(token).send()
        })
        .await
    {
        for (name, group) in walk.named(page.log_groups, |it| it.log_group_name.clone()) {
            cell.add(&name, group_facts(group)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<LogGroup>(call, walk.end()).await;
}

fn group_facts(group: ListedGroup) -> LogGroup {
    let arn = group.log_group_arn.or(group.arn);
    LogGroup {
        name: group.log_group_name.into(),
        arn: arn.map(|arn| arn.strip_suffix(":*").unwrap_or(&arn).to_owned()).into(),
        creation_time: group.creation_time.map(|at| Time(at.div_euclid(1000))).into(),
        retention_in_days: int(group.retention_in_days),
        kms_key_id: text(group.kms_key_id),
        stored_bytes: group.stored_bytes.into(),
        deletion_protection_enabled: group.deletion_protection_enabled.into(),
    }
}

/// The policies that hold for all log groups of the region.
async fn policies(cell: &Cell) {
    let logs = cell.clients().logs();
    let call = &DESCRIBE_RESOURCE_POLICIES;
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            logs.describe_resource_policies().limit(50).set_next_token(token).send()
        })
        .await
    {
        let policies = walk.items(page.resource_policies).into_iter();
        found.extend(policies.map(|policy| LogResourcePolicy {
            name: policy.policy_name.into(),
            document: policy.policy_document.into(),
        }));
        walk.then(page.next_token);
    }
    let missing = walk.end().err().map(|error| cell.note(call, &error, None));
    let facts = Region { log_resource_policies: items(found, missing), ..Region::default() };
    cell.contribute(cell.region_name(), facts).await;
}

async fn filters(cell: &Cell) {
    let logs = cell.clients().logs();
    let call = &DESCRIBE_METRIC_FILTERS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            logs.describe_metric_filters().limit(50).set_next_token(token).send()
        })
        .await
    {
        for filter in walk.items(page.metric_filters) {
            match (&filter.log_group_name, &filter.filter_name) {
                (Some(group), Some(name)) => {
                    let id = format!("{group}:{name}");
                    cell.add(&id, filter_facts(cell, &id, filter)).await;
                }
                _ => walk.cut("ItemWithoutId"),
            }
        }
        walk.then(page.next_token);
    }
    cell.cover::<MetricFilter>(call, walk.end()).await;
}

fn filter_facts(cell: &Cell, id: &str, filter: ListedFilter) -> MetricFilter {
    let arn = filter.log_group_name.as_ref().map(|group| {
        let (partition, region, account) = (cell.partition(), cell.region_name(), cell.account());
        format!("arn:{partition}:logs:{region}:{account}:log-group:{group}")
    });
    let transformations = filter.metric_transformations.unwrap_or_default();
    let names = transformations.iter().map(|it| it.metric_name.clone()).collect::<Items<_>>();
    MetricFilter {
        id: id.into(),
        name: filter.filter_name.into(),
        log_group_name: filter.log_group_name.into(),
        log_group_arn: arn.into(),
        // An empty pattern, which matches everything, may be left out.
        filter_pattern: filter.filter_pattern.unwrap_or_default().into(),
        metric_names: Slot::Known(names),
        metric_transformations: Slot::Known(transformations.into_iter().map(metric).collect()),
    }
}

fn metric(given: Given) -> MetricTransformation {
    let mut dimensions: Vec<String> = given.dimensions.unwrap_or_default().into_keys().collect();
    dimensions.sort();
    MetricTransformation {
        metric_name: given.metric_name.into(),
        metric_namespace: given.metric_namespace.into(),
        metric_value: given.metric_value.into(),
        dimensions: Slot::Known(dimensions.into()),
    }
}
