//! Rules of EventBridge's default bus.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{EventRule, Region};

const SIZES: Sizes = Sizes { field: "Limit", default: 100, most: 100, token: "NextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    match context.request.operation.as_str() {
        "ListRules" => rules(context, &region),
        "ListTargetsByRule" => targets(context, &region),
        _ => Err(context.unknown_operation()),
    }
}

fn rules(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let page = context.page(&region.event_rules, SIZES)?;
    let render = |rule: &EventRule| {
        let (partition, account) = (context.partition(), &context.account.id);
        let arn = format!("arn:{partition}:events:{}:{account}:rule/{}", region.name, rule.name);
        let mut value = json!({
            "Name": rule.name,
            "Arn": arn,
            "State": if rule.enabled { "ENABLED" } else { "DISABLED" },
            "EventBusName": "default",
        });
        if let Some(map) = value.as_object_mut() {
            match &rule.pattern {
                Some(pattern) => map.insert("EventPattern".to_owned(), json!(pattern)),
                None => map.insert("ScheduleExpression".to_owned(), json!("rate(1 day)")),
            };
        }
        value
    };
    let items: Vec<Value> = page.items.iter().map(render).collect();
    Ok(Answer::Json(json!({"Rules": items, "NextToken": page.next})))
}

fn targets(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let name = context.required("Rule")?;
    let rule = region.event_rules.iter().find(|rule| rule.name == name).ok_or_else(|| {
        let message = format!("Rule {name} does not exist on EventBus default.");
        Refusal::new(400, "ResourceNotFoundException", message)
    })?;
    let page = context.page(&rule.targets, SIZES)?;
    let items: Vec<Value> = page
        .items
        .iter()
        .map(|arn| json!({"Id": arn.rsplit(':').next().unwrap_or_default(), "Arn": arn}))
        .collect();
    Ok(Answer::Json(json!({"Targets": items, "NextToken": page.next})))
}
