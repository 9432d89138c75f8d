//! CloudWatch Logs.

use serde_json::{Map, Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{LogGroup, MetricFilter};

/// Lists of CloudWatch Logs come 50 at a time, and never more.
const SIZES: Sizes = Sizes { field: "limit", default: 50, most: 50, token: "nextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    match context.request.operation.as_str() {
        "DescribeLogGroups" => groups(context),
        "DescribeMetricFilters" => filters(context),
        "DescribeResourcePolicies" => policies(context),
        _ => Err(context.unknown_operation()),
    }
}

fn groups(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    let prefix = context.get("logGroupNamePrefix").unwrap_or_default();
    let found: Vec<&LogGroup> =
        region.log_groups.iter().filter(|group| group.name.starts_with(prefix)).collect();
    list(context, "logGroups", &found, |group| {
        let arn = format!(
            "arn:{}:logs:{}:{}:log-group:{}",
            context.partition(),
            region.name,
            context.account.id,
            group.name
        );
        let mut value = Map::new();
        value.insert("logGroupName".into(), json!(group.name));
        value.insert("creationTime".into(), json!(group.created.as_millisecond()));
        value.insert("metricFilterCount".into(), json!(group.filters.len()));
        value.insert("arn".into(), json!(format!("{arn}:*")));
        value.insert("logGroupArn".into(), json!(arn));
        value.insert("storedBytes".into(), json!(0));
        value.insert("logGroupClass".into(), json!("STANDARD"));
        value.insert("deletionProtectionEnabled".into(), json!(group.protected));
        if let Some(days) = group.retention {
            value.insert("retentionInDays".into(), json!(days));
        }
        if let Some(key) = &group.key {
            value.insert("kmsKeyId".into(), json!(key));
        }
        Value::Object(value)
    })
}

fn filters(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    let wanted = context.get("logGroupName");
    if let Some(name) = wanted
        && !region.log_groups.iter().any(|group| group.name == name)
    {
        let message = "The specified log group does not exist.";
        return Err(Refusal::new(400, "ResourceNotFoundException", message));
    }
    let found: Vec<(&LogGroup, &MetricFilter)> = region
        .log_groups
        .iter()
        .filter(|group| wanted.is_none_or(|name| group.name == name))
        .flat_map(|group| group.filters.iter().map(move |filter| (group, filter)))
        .collect();
    list(context, "metricFilters", &found, |(group, filter)| {
        json!({
            "filterName": filter.name,
            "filterPattern": filter.pattern,
            "logGroupName": group.name,
            "creationTime": group.created.as_millisecond(),
            "metricTransformations": [{
                "metricName": filter.metric,
                "metricNamespace": filter.namespace,
                "metricValue": "1",
            }],
        })
    })
}

fn policies(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    list(
        context,
        "resourcePolicies",
        &region.log_policies,
        |policy| json!({"policyName": policy.name, "policyDocument": policy.document, "lastUpdatedTime": 0}),
    )
}

fn list<T>(
    context: &Context<'_>,
    name: &str,
    items: &[T],
    render: impl Fn(&T) -> Value,
) -> Result<Answer, Refusal> {
    let page = context.page(items, SIZES)?;
    let mut answer = Map::new();
    answer.insert(name.to_owned(), page.items.iter().map(render).collect());
    if let Some(next) = page.next {
        answer.insert("nextToken".to_owned(), Value::String(next));
    }
    Ok(Answer::Json(Value::Object(answer)))
}
