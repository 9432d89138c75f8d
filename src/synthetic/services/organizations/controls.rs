//! Control policies and what they are attached to.

use serde_json::{Value, json};

use super::{arn, list};
use crate::synthetic::context::Context;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{ControlPolicy, Organization};

/// The types of policies that are enabled at the root.
pub fn enabled(organization: &Organization) -> Vec<Value> {
    let mut kinds: Vec<&str> = organization.policies.iter().map(|it| it.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(|kind| json!({"Type": kind, "Status": "ENABLED"})).collect()
}

fn summary(organization: &Organization, policy: &ControlPolicy) -> Value {
    let kind = policy.kind.to_ascii_lowercase();
    let own = arn(organization, &format!("policy/{kind}"), &policy.id);
    let arn = if policy.aws_managed {
        format!("arn:{}:organizations::aws:policy/{kind}/{}", organization.partition, policy.id)
    } else {
        own
    };
    json!({
        "Id": policy.id,
        "Arn": arn,
        "Name": policy.name,
        "Description": "",
        "Type": policy.kind,
        "AwsManaged": policy.aws_managed,
    })
}

pub fn policies(context: &Context<'_>) -> Result<Answer, Refusal> {
    let organization = context.organization;
    let kind = context.required("Filter")?;
    let found = organization.policies.iter().filter(|policy| policy.kind == kind);
    let items: Vec<Value> = found.map(|policy| summary(organization, policy)).collect();
    list(context, "Policies", &items)
}

fn policy<'a>(context: &Context<'a>) -> Result<&'a ControlPolicy, Refusal> {
    let id = context.required("PolicyId")?;
    let policies = &context.organization.policies;
    policies.iter().find(|policy| policy.id == id).ok_or_else(|| {
        Refusal::new(400, "PolicyNotFoundException", "You specified a policy that doesn't exist")
    })
}

pub fn policy_content(context: &Context<'_>) -> Result<Answer, Refusal> {
    let policy = policy(context)?;
    let summary = summary(context.organization, policy);
    let policy = json!({"PolicySummary": summary, "Content": policy.document});
    Ok(Answer::Json(json!({"Policy": policy})))
}

pub fn targets(context: &Context<'_>) -> Result<Answer, Refusal> {
    let organization = context.organization;
    let target = |id: &String| {
        let (kind, name) = match id.split('-').next() {
            Some("r") => ("ROOT", "root"),
            Some("ou") => ("ORGANIZATIONAL_UNIT", "ou"),
            _ => ("ACCOUNT", "account"),
        };
        json!({"TargetId": id, "Arn": arn(organization, name, id), "Name": id, "Type": kind})
    };
    let items: Vec<Value> = policy(context)?.targets.iter().map(target).collect();
    list(context, "Targets", &items)
}
