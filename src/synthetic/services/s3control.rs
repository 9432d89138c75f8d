//! S3 settings of an account, and its access points.

use std::sync::Arc;

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{AccessPoint, Region};
use crate::synthetic::xml::Xml;

use super::s3::public_access_block;

const SIZES: Sizes = Sizes { field: "maxResults", default: 1000, most: 1000, token: "nextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    if context.get("AccountId") != Some(context.account.id.as_str()) {
        return Err(Refusal::new(403, "AccessDenied", "Access Denied"));
    }
    let region = context.region()?;
    match context.request.operation.as_str() {
        "GetPublicAccessBlock" => account_block(context),
        "ListAccessPoints" => list(context, &region),
        "GetAccessPoint" => point(context, &region).map(|point| settings(context, point)),
        "GetAccessPointPolicy" => point(context, &region).and_then(|point| policy(context, point)),
        "GetAccessPointPolicyStatus" => {
            point(context, &region).and_then(|point| status(context, point))
        }
        _ => Err(context.unknown_operation()),
    }
}

fn account_block(context: &Context<'_>) -> Result<Answer, Refusal> {
    match &context.account.public_access_block {
        Some(block) => Ok(context.rest("PublicAccessBlockConfiguration", |xml| {
            public_access_block(xml, block);
        })),
        None => Err(Refusal::new(
            404,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )),
    }
}

fn list(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let page = context.page(&region.access_points, SIZES)?;
    Ok(context.rest("ListAccessPointsResult", |xml| {
        xml.list("AccessPointList", "AccessPoint", page.items, |xml, point| {
            facts(xml, context, point);
        });
        xml.maybe("NextToken", page.next);
    }))
}

fn facts(xml: &mut Xml, context: &Context<'_>, point: &AccessPoint) {
    let (partition, region) = (context.partition(), &context.request.region);
    let account = &context.account.id;
    xml.leaf("Name", &point.name);
    xml.leaf("NetworkOrigin", if point.vpc.is_some() { "VPC" } else { "Internet" });
    if let Some(vpc) = &point.vpc {
        xml.node("VpcConfiguration", |xml| xml.leaf("VpcId", vpc));
    }
    xml.leaf("Bucket", &point.bucket);
    let arn = format!("arn:{partition}:s3:{region}:{account}:accesspoint/{}", point.name);
    xml.leaf("AccessPointArn", arn);
    xml.leaf("BucketAccountId", account);
}

fn point<'r>(context: &Context<'_>, region: &'r Arc<Region>) -> Result<&'r AccessPoint, Refusal> {
    let name = context.required("Name")?;
    region.access_points.iter().find(|point| point.name == name).ok_or_else(|| {
        Refusal::new(404, "NoSuchAccessPoint", "The specified accesspoint does not exist")
    })
}

fn settings(context: &Context<'_>, point: &AccessPoint) -> Answer {
    context.rest("GetAccessPointResult", |xml| {
        facts(xml, context, point);
        xml.node("PublicAccessBlockConfiguration", |xml| public_access_block(xml, &point.block));
    })
}

fn no_policy() -> Refusal {
    Refusal::new(404, "NoSuchAccessPointPolicy", "The specified accesspoint does not have a policy")
}

fn policy(context: &Context<'_>, point: &AccessPoint) -> Result<Answer, Refusal> {
    let policy = point.policy.as_ref().ok_or_else(no_policy)?;
    Ok(context.rest("GetAccessPointPolicyResult", |xml| xml.leaf("Policy", policy)))
}

fn status(context: &Context<'_>, point: &AccessPoint) -> Result<Answer, Refusal> {
    point.policy.as_ref().ok_or_else(no_policy)?;
    Ok(context.rest("GetAccessPointPolicyStatusResult", |xml| {
        xml.node("PolicyStatus", |xml| xml.leaf("IsPublic", point.policy_is_public));
    }))
}
