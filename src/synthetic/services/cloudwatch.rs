//! CloudWatch alarms.

use serde_json::{Map, Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Alarm, AlarmMetric};

const SIZES: Sizes = Sizes { field: "MaxRecords", default: 50, most: 100, token: "NextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    match context.request.operation.as_str() {
        "DescribeAlarms" => describe(context),
        _ => Err(context.unknown_operation()),
    }
}

/// Without `AlarmTypes` only metric alarms come, as the API reference says.
fn describe(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    let kinds = context.request.params.list("AlarmTypes");
    let wanted = |alarm: &&Alarm| match (&alarm.watches, kinds.is_empty()) {
        (AlarmMetric::Composite { .. }, _) => kinds.contains(&"CompositeAlarm"),
        (AlarmMetric::Metric { .. } | AlarmMetric::Math { .. }, true) => true,
        (AlarmMetric::Metric { .. } | AlarmMetric::Math { .. }, false) => {
            kinds.contains(&"MetricAlarm")
        }
    };
    let found: Vec<&Alarm> = region.alarms.iter().filter(wanted).collect();
    let page = context.page(&found, SIZES)?;
    let (composite, metric): (Vec<&Alarm>, Vec<&Alarm>) = page
        .items
        .iter()
        .copied()
        .partition(|alarm| matches!(alarm.watches, AlarmMetric::Composite { .. }));
    let render = |alarms: Vec<&Alarm>| -> Vec<Value> {
        alarms.into_iter().map(|alarm| render(context, alarm)).collect()
    };
    let mut answer = Map::new();
    answer.insert("CompositeAlarms".into(), Value::Array(render(composite)));
    answer.insert("MetricAlarms".into(), Value::Array(render(metric)));
    if let Some(next) = page.next {
        answer.insert("NextToken".into(), Value::String(next));
    }
    Ok(Answer::Json(Value::Object(answer)))
}

fn render(context: &Context<'_>, alarm: &Alarm) -> Value {
    let arn = format!(
        "arn:{}:cloudwatch:{}:{}:alarm:{}",
        context.partition(),
        context.request.region,
        context.account.id,
        alarm.name
    );
    let time = json!({"$time": alarm.updated.as_second()});
    let mut value = json!({
        "AlarmName": alarm.name,
        "AlarmArn": arn,
        "AlarmConfigurationUpdatedTimestamp": time,
        "StateUpdatedTimestamp": time,
        "ActionsEnabled": alarm.actions_enabled,
        "AlarmActions": alarm.actions,
        "OKActions": [],
        "InsufficientDataActions": [],
        "StateValue": alarm.state,
    });
    let more = match &alarm.watches {
        AlarmMetric::Composite { rule } => json!({"AlarmRule": rule}),
        AlarmMetric::Metric { namespace, name } => json!({
            "Namespace": namespace,
            "MetricName": name,
            "Statistic": "Sum",
            "Dimensions": [],
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        }),
        AlarmMetric::Math { expression, metrics } => {
            let mut queries = vec![json!({
                "Id": "result",
                "Expression": expression,
                "ReturnData": true,
            })];
            queries.extend(metrics.iter().map(|(id, namespace, name)| {
                let metric = json!({"Namespace": namespace, "MetricName": name});
                json!({
                    "Id": id,
                    "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"},
                    "ReturnData": false,
                })
            }));
            json!({
                "Metrics": queries,
                "EvaluationPeriods": 1,
                "Threshold": 1.0,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            })
        }
    };
    if let (Some(map), Value::Object(more)) = (value.as_object_mut(), more) {
        map.extend(more);
    }
    value
}
