//! IAM Access Analyzer.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Analyzer, AnalyzerFinding, Region};

const SIZES: Sizes = Sizes { field: "maxResults", default: 100, most: 100, token: "nextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    match context.request.operation.as_str() {
        "ListAnalyzers" => analyzers(context, &region),
        "ListFindingsV2" => findings(context, &region),
        _ => Err(context.unknown_operation()),
    }
}

fn arn(context: &Context<'_>, region: &Region, analyzer: &Analyzer) -> String {
    let (partition, account) = (context.partition(), &context.account.id);
    format!("arn:{partition}:access-analyzer:{}:{account}:analyzer/{}", region.name, analyzer.name)
}

fn analyzers(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let page = context.page(&region.analyzers, SIZES)?;
    let render = |one: &Analyzer| {
        json!({
            "arn": arn(context, region, one),
            "name": one.name,
            "type": one.kind,
            "status": one.status,
            "createdAt": one.created.to_string(),
        })
    };
    let items: Vec<Value> = page.items.iter().map(render).collect();
    Ok(Answer::Json(json!({"analyzers": items, "nextToken": page.next})))
}

fn findings(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let wanted = context.required("analyzerArn")?;
    let analyzer =
        region.analyzers.iter().find(|one| arn(context, region, one) == wanted).ok_or_else(
            || Refusal::new(404, "ResourceNotFoundException", "The analyzer is not found"),
        )?;
    let statuses = context.request.params.list("filter.status.eq");
    let matches =
        |one: &&AnalyzerFinding| statuses.is_empty() || statuses.contains(&one.status.as_str());
    let found: Vec<&AnalyzerFinding> = analyzer.findings.iter().filter(matches).collect();
    let page = context.page(&found, SIZES)?;
    let time = analyzer.created.to_string();
    let render = |one: &&AnalyzerFinding| {
        json!({
            "id": one.id,
            "resource": one.resource,
            "resourceType": one.kind,
            "resourceOwnerAccount": one.owner,
            "status": one.status,
            "findingType": "ExternalAccess",
            "createdAt": time,
            "updatedAt": time,
            "analyzedAt": time,
        })
    };
    let items: Vec<Value> = page.items.iter().map(render).collect();
    Ok(Answer::Json(json!({"findings": items, "nextToken": page.next})))
}
