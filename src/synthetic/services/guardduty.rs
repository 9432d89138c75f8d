//! GuardDuty.

use serde_json::{Map, Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Detector, Filter, Finding};

const SIZES: Sizes = Sizes { field: "maxResults", default: 50, most: 50, token: "nextToken" };

/// The features of a detector.
const FEATURES: &[&str] = &[
    "CLOUD_TRAIL",
    "DNS_LOGS",
    "FLOW_LOGS",
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "EKS_RUNTIME_MONITORING",
    "RUNTIME_MONITORING",
];

/// The parts of runtime monitoring.
const AGENTS: &[&str] =
    &["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"];

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    if context.request.operation == "ListDetectors" {
        let ids: Vec<&str> = region.detector.iter().map(|it| it.id.as_str()).collect();
        let page = context.page(&ids, SIZES)?;
        return Ok(Answer::Json(json!({"detectorIds": page.items, "nextToken": page.next})));
    }
    let id = context.required("detectorId")?;
    let detector = region.detector.as_ref().filter(|detector| detector.id == id);
    let detector = detector.ok_or_else(|| {
        bad_request("The request is rejected because the input detectorId is not owned")
    })?;
    match context.request.operation.as_str() {
        "GetDetector" => Ok(settings(detector)),
        "ListFindings" => list_findings(context, detector),
        "GetFindings" => Ok(get_findings(context, detector)),
        "ListFilters" => {
            let page = context.page(&detector.filters, SIZES)?;
            let names: Vec<&str> = page.items.iter().map(|it| it.name.as_str()).collect();
            Ok(Answer::Json(json!({"filterNames": names, "nextToken": page.next})))
        }
        "GetFilter" => filter(context, detector),
        "GetAdministratorAccount" => Ok(Answer::Json(match &detector.administrator {
            Some(id) => json!({"administrator": {
                "accountId": id, "relationshipStatus": "Enabled",
            }}),
            None => json!({}),
        })),
        "DescribeOrganizationConfiguration" => match &detector.enrols {
            Some(enrols) => Ok(Answer::Json(json!({
                "autoEnable": enrols != "NONE",
                "autoEnableOrganizationMembers": enrols,
                "memberAccountLimitReached": false,
            }))),
            None => Err(bad_request(
                "The request failed because you do not have required AWS Organization master \
                 permission.",
            )),
        },
        _ => Err(context.unknown_operation()),
    }
}

fn bad_request(message: &str) -> Refusal {
    Refusal::new(400, "BadRequestException", message)
}

fn settings(detector: &Detector) -> Answer {
    let status = |name: &str| {
        if detector.features.iter().any(|it| it == name) { "ENABLED" } else { "DISABLED" }
    };
    let parts = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| json!({"name": name, "status": status(name)})).collect()
    };
    let feature = |name: &&str| {
        let mut value = json!({"name": name, "status": status(name)});
        if let (true, Some(map)) = (name.ends_with("RUNTIME_MONITORING"), value.as_object_mut()) {
            let agents = if name.starts_with("EKS") { AGENTS.get(..1) } else { Some(AGENTS) };
            map.insert("additionalConfiguration".into(), json!(parts(agents.unwrap_or_default())));
        }
        value
    };
    Answer::Json(json!({
        "status": if detector.enabled { "ENABLED" } else { "DISABLED" },
        "findingPublishingFrequency": "FIFTEEN_MINUTES",
        "createdAt": "2024-01-01T00:00:00.000Z",
        "features": FEATURES.iter().map(feature).collect::<Vec<_>>(),
    }))
}

/// By archive state and least severity, the two conditions that are understood here.
fn list_findings(context: &Context<'_>, detector: &Detector) -> Result<Answer, Refusal> {
    let least = context.get("findingCriteria.criterion.severity.greaterThanOrEqual");
    let least: f64 = least.and_then(|text| text.parse().ok()).unwrap_or(0.0);
    let archived = context.request.params.list("findingCriteria.criterion.service.archived.equals");
    let matches = |one: &&Finding| {
        let state = if one.archived { "true" } else { "false" };
        one.severity >= least && (archived.is_empty() || archived.contains(&state))
    };
    let ids: Vec<&str> =
        detector.findings.iter().filter(matches).map(|it| it.id.as_str()).collect();
    let page = context.page(&ids, SIZES)?;
    Ok(Answer::Json(json!({"findingIds": page.items, "nextToken": page.next})))
}

fn get_findings(context: &Context<'_>, detector: &Detector) -> Answer {
    let wanted = context.request.params.list("findingIds");
    let found = detector.findings.iter().filter(|one| wanted.contains(&one.id.as_str()));
    let findings: Vec<Value> = found.map(|one| render(context, detector, one)).collect();
    Answer::Json(json!({"findings": findings}))
}

fn render(context: &Context<'_>, detector: &Detector, finding: &Finding) -> Value {
    let account = &context.account.id;
    let (partition, region) = (context.partition(), &context.request.region);
    let resource = match &finding.instance {
        Some(id) => json!({"resourceType": "Instance", "instanceDetails": {"instanceId": id}}),
        None => json!({"resourceType": "AccessKey"}),
    };
    json!({
        "id": finding.id,
        "arn": format!(
            "arn:{partition}:guardduty:{region}:{account}:detector/{}/finding/{}",
            detector.id, finding.id
        ),
        "accountId": account,
        "partition": partition,
        "region": region,
        "schemaVersion": "2.0",
        "type": finding.kind,
        "severity": finding.severity,
        "createdAt": finding.updated.to_string(),
        "updatedAt": finding.updated.to_string(),
        "resource": resource,
        "service": {"serviceName": "guardduty", "archived": finding.archived, "count": 1},
    })
}

fn filter(context: &Context<'_>, detector: &Detector) -> Result<Answer, Refusal> {
    let name = context.required("filterName")?;
    let filter: &Filter =
        detector.filters.iter().find(|filter| filter.name == name).ok_or_else(|| {
            bad_request("The request is rejected because the filter is not found")
        })?;
    let criteria: Map<String, Value> = filter
        .criteria
        .iter()
        .map(|(field, values)| (field.clone(), json!({"equals": values})))
        .collect();
    Ok(Answer::Json(json!({
        "name": filter.name,
        "action": if filter.archives { "ARCHIVE" } else { "NOOP" },
        "rank": 1,
        "findingCriteria": {"criterion": criteria},
        "tags": {},
    })))
}
