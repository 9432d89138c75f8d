//! AWS Config.

use serde_json::{Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::mix::mix;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{DeliveryChannel, Recorder, Recording};

/// Aggregators come by pages; recorders and channels do not, as there is one at most.
const SIZES: Sizes = Sizes { field: "Limit", default: 25, most: 100, token: "NextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    let config = &region.config;
    let list = |name: &str, items: Vec<Value>| Ok(Answer::Json(json!({name: items})));
    let recorder = config.recorder.iter();
    let channel = config.channel.iter();
    match context.request.operation.as_str() {
        "DescribeConfigurationRecorders" => list(
            "ConfigurationRecorders",
            recorder.map(|recorder| render_recorder(context, recorder)).collect(),
        ),
        "DescribeConfigurationRecorderStatus" => {
            list("ConfigurationRecordersStatus", recorder.map(recorder_status).collect())
        }
        "DescribeDeliveryChannels" => list(
            "DeliveryChannels",
            channel.map(|it| json!({"name": it.name, "s3BucketName": it.bucket})).collect(),
        ),
        "DescribeDeliveryChannelStatus" => {
            list("DeliveryChannelsStatus", channel.map(channel_status).collect())
        }
        "DescribeConfigurationAggregators" => aggregators(context, &config.aggregators),
        _ => Err(context.unknown_operation()),
    }
}

fn arn(context: &Context<'_>, kind: &str, name: &str) -> String {
    let (partition, region) = (context.partition(), &context.request.region);
    let id = mix(21, &[&context.account.id, region, name]) & 0xffff_ffff;
    format!("arn:{partition}:config:{region}:{}:{kind}/{name}/{id:08x}", context.account.id)
}

fn render_recorder(context: &Context<'_>, recorder: &Recorder) -> Value {
    let (strategy, only, except): (_, &[String], &[String]) = match &recorder.recording {
        Recording::Everything => ("ALL_SUPPORTED_RESOURCE_TYPES", &[], &[]),
        Recording::Only(types) => ("INCLUSION_BY_RESOURCE_TYPES", types, &[]),
        Recording::Except(types) => ("EXCLUSION_BY_RESOURCE_TYPES", &[], types),
    };
    json!({
        "arn": arn(context, "configuration-recorder", &recorder.name),
        "name": recorder.name,
        "roleARN": recorder.role,
        "recordingGroup": {
            "allSupported": matches!(recorder.recording, Recording::Everything),
            "includeGlobalResourceTypes": recorder.global_types,
            "resourceTypes": only,
            "exclusionByResourceTypes": {"resourceTypes": except},
            "recordingStrategy": {"useOnly": strategy},
        },
        "recordingMode": {"recordingFrequency": "CONTINUOUS"},
        "recordingScope": "PAID",
    })
}

fn recorder_status(recorder: &Recorder) -> Value {
    let started = recorder.started.as_second();
    let mut status = json!({
        "name": recorder.name,
        "recording": recorder.running,
        "lastStartTime": started,
        "lastStatus": if recorder.error.is_some() { "Failure" } else { "Success" },
        "lastStatusChangeTime": started,
    });
    if let Some(map) = status.as_object_mut() {
        if let Some(error) = &recorder.error {
            map.insert("lastErrorCode".to_owned(), json!(error));
        }
        if !recorder.running {
            map.insert("lastStopTime".to_owned(), json!(started + 86_400));
        }
    }
    status
}

fn channel_status(channel: &DeliveryChannel) -> Value {
    let info = match &channel.error {
        Some(error) => json!({"lastStatus": "Failure", "lastErrorCode": error}),
        None => json!({"lastStatus": "Success"}),
    };
    json!({
        "name": channel.name,
        "configHistoryDeliveryInfo": info,
        "configSnapshotDeliveryInfo": info,
        "configStreamDeliveryInfo": {"lastStatus": "Not_Applicable"},
    })
}

fn aggregators(
    context: &Context<'_>,
    all: &[crate::synthetic::world::Aggregator],
) -> Result<Answer, Refusal> {
    let page = context.page(all, SIZES)?;
    let render = |one: &crate::synthetic::world::Aggregator| {
        let role = format!("arn:{}:iam::{}:role/config", context.partition(), context.account.id);
        json!({
            "ConfigurationAggregatorName": one.name,
            "ConfigurationAggregatorArn": arn(context, "config-aggregator", &one.name),
            "OrganizationAggregationSource": {
                "RoleArn": role,
                "AllAwsRegions": one.regions.is_empty(),
                "AwsRegions": one.regions,
            },
        })
    };
    let items: Vec<Value> = page.items.iter().map(render).collect();
    Ok(Answer::Json(json!({"ConfigurationAggregators": items, "NextToken": page.next})))
}
