//! The operations, one file a service: from the world to the answer, before its envelope.
//! They know the request and the world, and nothing of connections or faults.

use super::context::Context;
use super::refusal::Refusal;
use super::reply::Answer;
use super::request::Service;
use super::xml::Xml;

mod access_analyzer;
mod account;
mod cloudtrail;
mod cloudwatch;
mod config;
mod ec2;
mod elb;
mod elbv2;
mod events;
mod guardduty;
mod iam;
mod kms;
mod logs;
mod organizations;
mod s3;
mod s3control;
mod sns;
mod sts;

/// Answers a request.
pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let service = context.request.service;
    if service.is_global() {
        // Any enabled region will do; an account without regions of its own has the global one.
        let region = &context.request.region;
        let closed = !context.account.regions.iter().any(|one| &one.name == region);
        if closed && region != context.organization.global_region() {
            return Err(Refusal::unknown_credentials(service));
        }
    } else {
        context.region()?;
    }
    match service {
        Service::Sts => sts::answer(context),
        Service::Organizations => organizations::answer(context),
        Service::Ec2 => ec2::answer(context),
        Service::Iam => iam::answer(context),
        Service::S3 => s3::answer(context),
        Service::S3Control => s3control::answer(context),
        Service::CloudTrail => cloudtrail::answer(context),
        Service::Kms => kms::answer(context),
        Service::Logs => logs::answer(context),
        Service::CloudWatch => cloudwatch::answer(context),
        Service::Sns => sns::answer(context),
        Service::Elb => elb::answer(context),
        Service::ElbV2 => elbv2::answer(context),
        Service::Config => config::answer(context),
        Service::Events => events::answer(context),
        Service::GuardDuty => guardduty::answer(context),
        Service::AccessAnalyzer => access_analyzer::answer(context),
        Service::Account => account::answer(context),
    }
}

/// Tags in the form of the query services: `Key` and `Value` inside `member`.
fn tags(xml: &mut Xml, name: &str, tags: &[super::world::Tag]) {
    xml.list(name, "member", tags, |xml, (key, value)| {
        xml.leaf("Key", key);
        xml.leaf("Value", value);
    });
}
