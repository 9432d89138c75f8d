//! Classic load balancers.

use std::sync::Arc;

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{ClassicBalancer, Region};
use crate::synthetic::xml::Xml;

const SIZES: Sizes = Sizes { field: "PageSize", default: 400, most: 400, token: "Marker" };

/// DescribeTags takes no more names than this.
const MAX_TAGGED: usize = 20;

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    match context.request.operation.as_str() {
        "DescribeLoadBalancers" => describe(context, &region),
        "DescribeLoadBalancerAttributes" => {
            let name = context.required("LoadBalancerName")?;
            Ok(attributes(context, find(&region, name)?))
        }
        "DescribeLoadBalancerPolicies" => {
            let name = context.required("LoadBalancerName")?;
            Ok(policies(context, find(&region, name)?))
        }
        "DescribeTags" => tags(context, &region),
        _ => Err(context.unknown_operation()),
    }
}

fn find<'r>(region: &'r Region, name: &str) -> Result<&'r ClassicBalancer, Refusal> {
    region.classic_balancers.iter().find(|one| one.name == name).ok_or_else(|| {
        let message = format!("There is no ACTIVE Load Balancer named '{name}'");
        Refusal::new(400, "LoadBalancerNotFound", message)
    })
}

fn describe(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let names = context.request.params.list("LoadBalancerNames");
    let chosen: Vec<&ClassicBalancer> = match names.as_slice() {
        [] => region.classic_balancers.iter().collect(),
        names => names.iter().map(|name| find(region, name)).collect::<Result<_, _>>()?,
    };
    let page = context.page(&chosen, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("LoadBalancerDescriptions", "member", page.items, |xml, one| {
            description(xml, context, one);
        });
        xml.maybe("NextMarker", page.next);
    }))
}

fn description(xml: &mut Xml, context: &Context<'_>, one: &ClassicBalancer) {
    let (region, domain) = (&context.request.region, context.organization.domain());
    xml.leaf("LoadBalancerName", &one.name);
    xml.leaf("DNSName", format!("{}-1234567890.{region}.elb.{domain}", one.name));
    xml.list("ListenerDescriptions", "member", &one.listeners, |xml, listener| {
        xml.node("Listener", |xml| {
            xml.leaf("Protocol", &listener.protocol);
            xml.leaf("LoadBalancerPort", listener.port);
            xml.leaf("InstanceProtocol", &listener.instance_protocol);
            xml.leaf("InstancePort", listener.instance_port);
            xml.maybe("SSLCertificateId", listener.certificate.as_ref());
        });
        xml.texts("PolicyNames", "member", &listener.policy);
    });
    xml.node("Policies", |xml| {
        let policies = one.listeners.iter().filter_map(|listener| listener.policy.as_ref());
        xml.texts("AppCookieStickinessPolicies", "member", None::<&str>);
        xml.texts("LBCookieStickinessPolicies", "member", None::<&str>);
        xml.texts("OtherPolicies", "member", policies);
    });
    xml.texts("Subnets", "member", &one.subnets);
    xml.leaf("VPCId", &one.vpc);
    xml.texts("SecurityGroups", "member", &one.groups);
    xml.leaf("CreatedTime", one.created);
    xml.leaf("Scheme", &one.scheme);
}

/// The TLS policies of a load balancer's listeners, each with what it switches on.
fn policies(context: &Context<'_>, one: &ClassicBalancer) -> Answer {
    let names = one.listeners.iter().filter_map(|listener| listener.policy.as_ref());
    context.query(|xml| {
        xml.list("PolicyDescriptions", "member", names, |xml, name| {
            // The policies before 2017 allow what is broken by now.
            let is_old = !name.contains("2017");
            let options = [
                ("Reference-Security-Policy", name.as_str()),
                ("Protocol-TLSv1", if is_old { "true" } else { "false" }),
                ("Protocol-TLSv1.1", if is_old { "true" } else { "false" }),
                ("Protocol-TLSv1.2", "true"),
                ("ECDHE-RSA-AES128-GCM-SHA256", "true"),
            ];
            xml.leaf("PolicyName", name);
            xml.leaf("PolicyTypeName", "SSLNegotiationPolicyType");
            xml.list("PolicyAttributeDescriptions", "member", options, |xml, (key, value)| {
                xml.leaf("AttributeName", key);
                xml.leaf("AttributeValue", value);
            });
        });
    })
}

fn attributes(context: &Context<'_>, one: &ClassicBalancer) -> Answer {
    context.query(|xml| {
        xml.node("LoadBalancerAttributes", |xml| {
            xml.node("CrossZoneLoadBalancing", |xml| xml.leaf("Enabled", true));
            xml.node("AccessLog", |xml| {
                xml.leaf("Enabled", one.access_log.is_some());
                if let Some(log) = &one.access_log {
                    xml.leaf("S3BucketName", &log.bucket);
                    xml.leaf("EmitInterval", 60);
                    xml.leaf("S3BucketPrefix", &log.prefix);
                }
            });
            xml.node("ConnectionDraining", |xml| {
                xml.leaf("Enabled", true);
                xml.leaf("Timeout", 300);
            });
            xml.node("ConnectionSettings", |xml| xml.leaf("IdleTimeout", 60));
            let mode = if one.desync.is_empty() { "defensive" } else { &one.desync };
            xml.list("AdditionalAttributes", "member", [mode], |xml, mode| {
                xml.leaf("Key", "elb.http.desyncmitigationmode");
                xml.leaf("Value", mode);
            });
        });
    })
}

fn tags(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let names = context.request.params.list("LoadBalancerNames");
    if names.is_empty() || names.len() > MAX_TAGGED {
        return Err(Refusal::invalid(context.request.service, "between 1 and 20 names"));
    }
    let found: Vec<_> = names.iter().map(|name| find(region, name)).collect::<Result<_, _>>()?;
    Ok(context.query(|xml| {
        xml.list("TagDescriptions", "member", found, |xml, one| {
            xml.leaf("LoadBalancerName", &one.name);
            super::tags(xml, "Tags", &one.tags);
        });
    }))
}
