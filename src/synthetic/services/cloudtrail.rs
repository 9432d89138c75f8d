//! CloudTrail: own trails, and those of the organization as member accounts see them.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Account, FieldSelector, Selectors, Trail};

const SIZES: Sizes = Sizes { field: "", default: 1000, most: 1000, token: "NextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    match context.request.operation.as_str() {
        "ListTrails" => list(context),
        "DescribeTrails" => Ok(describe(context)),
        "GetTrailStatus" => with_trail(context, |_, trail| status(trail)),
        "GetEventSelectors" => with_trail(context, selectors),
        "GetInsightSelectors" => insights(context),
        _ => Err(context.unknown_operation()),
    }
}

/// A trail that the account sees: its own, or one of the organization.
struct Visible {
    arn: String,
    account: Arc<Account>,
    index: usize,
}

impl Visible {
    fn trail(&self) -> Option<&Trail> {
        self.account.trails.get(self.index)
    }
}

fn visible(context: &Context<'_>) -> Vec<Visible> {
    let mut seen = Vec::new();
    for account in &context.organization.accounts {
        let own = account.id == context.account.id;
        for (index, trail) in account.trails.iter().enumerate() {
            if own || trail.organization {
                let (partition, region) = (context.partition(), &trail.home_region);
                let arn = format!(
                    "arn:{partition}:cloudtrail:{region}:{}:trail/{}",
                    account.id, trail.name
                );
                seen.push(Visible { arn, account: Arc::clone(account), index });
            }
        }
    }
    seen
}

fn list(context: &Context<'_>) -> Result<Answer, Refusal> {
    let seen = visible(context);
    let page = context.page(&seen, SIZES)?;
    let trails: Vec<Value> = page
        .items
        .iter()
        .filter_map(|one| {
            let trail = one.trail()?;
            let (name, home) = (&trail.name, &trail.home_region);
            Some(json!({"TrailARN": one.arn, "Name": name, "HomeRegion": home}))
        })
        .collect();
    Ok(Answer::Json(json!({"Trails": trails, "NextToken": page.next})))
}

/// Trails of this region, and with `includeShadowTrails` (the default) also the multi-region
/// trails of others; names or ARNs narrow the list.
fn describe(context: &Context<'_>) -> Answer {
    let shadows = context.get("includeShadowTrails") != Some("false");
    let named = context.request.params.list("trailNameList");
    let here = &context.request.region;
    let seen = visible(context);
    let trails: Vec<Value> = seen
        .iter()
        .filter_map(|one| Some((one, one.trail()?)))
        .filter(|(_, trail)| trail.home_region == *here || (shadows && trail.multi_region))
        .filter(|(one, trail)| {
            let is = |name: &&str| **name == one.arn || **name == trail.name;
            named.is_empty() || named.iter().any(is)
        })
        .map(|(one, trail)| describe_one(&one.arn, trail))
        .collect();
    Answer::Json(json!({"trailList": trails}))
}

fn describe_one(arn: &str, trail: &Trail) -> Value {
    let custom = match &trail.selectors {
        Selectors::Advanced(_) => true,
        Selectors::Classic(list) => !matches!(
            list.as_slice(),
            [only] if only.data.is_empty() && only.read_write == "All" && only.management
        ),
    };
    without_nulls(json!({
        "Name": trail.name,
        "TrailARN": arn,
        "HomeRegion": trail.home_region,
        "S3BucketName": trail.bucket,
        "S3KeyPrefix": trail.prefix,
        "IncludeGlobalServiceEvents": trail.global_events,
        "IsMultiRegionTrail": trail.multi_region,
        "IsOrganizationTrail": trail.organization,
        "LogFileValidationEnabled": trail.validation,
        "CloudWatchLogsLogGroupArn": trail.log_group,
        "CloudWatchLogsRoleArn": trail.log_group.as_ref().map(|_| format!(
            "arn:aws:iam::{}:role/cloudtrail-to-logs",
            arn.split(':').nth(4).unwrap_or_default()
        )),
        "KmsKeyId": trail.key,
        "HasCustomEventSelectors": custom,
        "HasInsightSelectors": !trail.insights.is_empty(),
    }))
}

/// Finds the trail by ARN from any region, by name only in its home region.
fn with_trail(
    context: &Context<'_>,
    render: impl FnOnce(&str, &Trail) -> Value,
) -> Result<Answer, Refusal> {
    let name = context.get("Name").or(context.get("TrailName")).unwrap_or_default();
    let seen = visible(context);
    let mut trails = seen.iter().filter_map(|one| Some((one, one.trail()?)));
    let here = &context.request.region;
    let found = trails
        .find(|(one, trail)| one.arn == name || (trail.name == name && trail.home_region == *here));
    let (one, trail) = found.ok_or_else(|| {
        Refusal::new(400, "TrailNotFoundException", format!("Unknown trail: {name}"))
    })?;
    Ok(Answer::Json(render(&one.arn, trail)))
}

/// A trail without Insights answers with an error.
fn insights(context: &Context<'_>) -> Result<Answer, Refusal> {
    let answer = with_trail(context, |arn, trail| {
        let selectors = trail.insights.iter().map(|kind| json!({"InsightType": kind}));
        json!({"TrailARN": arn, "InsightSelectors": selectors.collect::<Vec<_>>()})
    })?;
    match &answer {
        Answer::Json(value) if value["InsightSelectors"] == json!([]) => {
            let message = "The trail does not have Insights enabled";
            Err(Refusal::new(400, "InsightNotEnabledException", message))
        }
        _ => Ok(answer),
    }
}

fn status(trail: &Trail) -> Value {
    let status = &trail.status;
    let seconds = |time: Option<Timestamp>| time.map(Timestamp::as_second);
    without_nulls(json!({
        "IsLogging": status.logging,
        "LatestDeliveryTime": seconds(status.delivered),
        "LatestDeliveryError": status.delivery_error,
        "LatestCloudWatchLogsDeliveryTime": seconds(status.logs_delivered),
        "LatestCloudWatchLogsDeliveryError": status.logs_error,
        "LatestDigestDeliveryTime": seconds(status.digest_delivered),
    }))
}

fn selectors(arn: &str, trail: &Trail) -> Value {
    match &trail.selectors {
        Selectors::Classic(list) => {
            let list: Vec<Value> = list
                .iter()
                .map(|one| {
                    let resource = |data: &crate::synthetic::world::DataResource| {
                        json!({"Type": data.kind, "Values": data.values})
                    };
                    json!({
                        "ReadWriteType": one.read_write,
                        "IncludeManagementEvents": one.management,
                        "ExcludeManagementEventSources": one.excluded,
                        "DataResources": one.data.iter().map(resource).collect::<Vec<_>>(),
                    })
                })
                .collect();
            json!({"TrailARN": arn, "EventSelectors": list})
        }
        Selectors::Advanced(list) => {
            let list: Vec<Value> = list
                .iter()
                .map(|(name, fields)| {
                    let fields: Vec<Value> = fields.iter().map(field).collect();
                    json!({"Name": name, "FieldSelectors": fields})
                })
                .collect();
            json!({"TrailARN": arn, "AdvancedEventSelectors": list})
        }
    }
}

fn field(selector: &FieldSelector) -> Value {
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    without_nulls(json!({
        "Field": selector.field,
        "Equals": some(&selector.equals),
        "NotEquals": some(&selector.not_equals),
        "StartsWith": some(&selector.starts_with),
    }))
}

/// CloudTrail leaves out what is not set.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, item)| !item.is_null());
            Value::Object(kept.collect::<Map<_, _>>())
        }
        other => other,
    }
}
