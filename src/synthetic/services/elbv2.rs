//! Application, network and gateway load balancers.

use std::sync::Arc;

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::mix::mix;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{DefaultAction, Listener, LoadBalancer, Region};
use crate::synthetic::xml::Xml;

const SIZES: Sizes = Sizes { field: "PageSize", default: 400, most: 400, token: "Marker" };

/// DescribeTags takes no more ARNs than this.
const MAX_TAGGED: usize = 20;

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    match context.request.operation.as_str() {
        "DescribeLoadBalancers" => describe(context, &region),
        "DescribeLoadBalancerAttributes" => {
            let one = find(context, &region, context.required("LoadBalancerArn")?)?;
            Ok(attributes(context, one))
        }
        "DescribeListeners" => listeners(context, &region),
        "DescribeRules" => rules(context, &region),
        "DescribeSSLPolicies" => tls_policies(context),
        "DescribeTags" => tags(context, &region),
        _ => Err(context.unknown_operation()),
    }
}

/// What stands between account and name in ARNs of its kind.
fn path(one: &LoadBalancer) -> String {
    let kind = match one.kind.as_str() {
        "application" => "app",
        "network" => "net",
        _ => "gwy",
    };
    format!("{kind}/{}/{:016x}", one.name, mix(6, &[&one.name, &one.vpc]))
}

fn arn(context: &Context<'_>, one: &LoadBalancer) -> String {
    format!("{}:loadbalancer/{}", prefix(context), path(one))
}

fn listener_arn(context: &Context<'_>, one: &LoadBalancer, listener: &Listener) -> String {
    let id = mix(7, &[&one.name, &listener.port.to_string()]);
    format!("{}:listener/{}/{id:016x}", prefix(context), path(one))
}

fn prefix(context: &Context<'_>) -> String {
    let (partition, region) = (context.partition(), &context.request.region);
    format!("arn:{partition}:elasticloadbalancing:{region}:{}", context.account.id)
}

fn find<'r>(
    context: &Context<'_>,
    region: &'r Region,
    wanted: &str,
) -> Result<&'r LoadBalancer, Refusal> {
    region.load_balancers.iter().find(|one| arn(context, one) == wanted).ok_or_else(|| {
        let message = format!("Load balancers '[{wanted}]' not found");
        Refusal::new(400, "LoadBalancerNotFound", message)
    })
}

fn describe(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let arns = context.request.params.list("LoadBalancerArns");
    let chosen: Vec<&LoadBalancer> = match arns.as_slice() {
        [] => region.load_balancers.iter().collect(),
        arns => arns.iter().map(|arn| find(context, region, arn)).collect::<Result<_, _>>()?,
    };
    let page = context.page(&chosen, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("LoadBalancers", "member", page.items, |xml, one| {
            description(xml, context, one);
        });
        xml.maybe("NextMarker", page.next);
    }))
}

fn description(xml: &mut Xml, context: &Context<'_>, one: &LoadBalancer) {
    let (region, domain) = (&context.request.region, context.organization.domain());
    xml.leaf("LoadBalancerArn", arn(context, one));
    xml.leaf("DNSName", format!("{}-1234567890.elb.{region}.{domain}", one.name));
    xml.leaf("CreatedTime", one.created);
    xml.leaf("LoadBalancerName", &one.name);
    xml.leaf("Scheme", &one.scheme);
    xml.leaf("VpcId", &one.vpc);
    xml.node("State", |xml| xml.leaf("Code", "active"));
    xml.leaf("Type", &one.kind);
    xml.list("AvailabilityZones", "member", &one.zones, |xml, (zone, subnet)| {
        xml.leaf("ZoneName", zone);
        xml.leaf("SubnetId", subnet);
    });
    xml.texts("SecurityGroups", "member", &one.groups);
    xml.leaf("IpAddressType", "ipv4");
}

fn attributes(context: &Context<'_>, one: &LoadBalancer) -> Answer {
    let log = one.access_log.clone().unwrap_or_default();
    let mut entries = vec![
        ("deletion_protection.enabled", one.deletion_protection.to_string()),
        ("load_balancing.cross_zone.enabled", "true".to_owned()),
    ];
    if one.kind != "gateway" {
        entries.push(("access_logs.s3.enabled", one.access_log.is_some().to_string()));
        entries.push(("access_logs.s3.bucket", log.bucket));
        entries.push(("access_logs.s3.prefix", log.prefix));
    }
    if one.kind == "application" {
        let drop = one.drop_invalid_headers.to_string();
        entries.push(("routing.http.drop_invalid_header_fields.enabled", drop));
        let mode = if one.desync.is_empty() { "defensive" } else { &one.desync };
        entries.push(("routing.http.desync_mitigation_mode", mode.to_owned()));
        entries.push(("idle_timeout.timeout_seconds", "60".to_owned()));
    }
    context.query(|xml| {
        xml.list("Attributes", "member", entries, |xml, (key, value)| {
            xml.leaf("Key", key);
            xml.leaf("Value", value);
        });
    })
}

fn listeners(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let wanted = context.required("LoadBalancerArn")?;
    let one = find(context, region, wanted)?;
    let page = context.page(&one.listeners, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("Listeners", "member", page.items, |xml, listener| {
            xml.leaf("ListenerArn", listener_arn(context, one, listener));
            xml.leaf("LoadBalancerArn", wanted);
            xml.leaf("Port", listener.port);
            xml.leaf("Protocol", &listener.protocol);
            xml.list("Certificates", "member", &listener.certificate, |xml, arn| {
                xml.leaf("CertificateArn", arn);
            });
            xml.maybe("SslPolicy", listener.tls_policy.as_ref());
            xml.list("DefaultActions", "member", [&listener.action], |xml, action| {
                default_action(xml, context, one, action);
            });
        });
        xml.maybe("NextMarker", page.next);
    }))
}

/// The rules of a listener: here each has the default one and no other.
fn rules(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let wanted = context.required("ListenerArn")?;
    let all = region
        .load_balancers
        .iter()
        .flat_map(|one| one.listeners.iter().map(move |listener| (one, listener)));
    let (one, listener) = all
        .into_iter()
        .find(|(one, listener)| listener_arn(context, one, listener) == wanted)
        .ok_or_else(|| {
            let message = format!("Listeners '[{wanted}]' not found");
            Refusal::new(400, "ListenerNotFound", message)
        })?;
    let arn = wanted.replace(":listener/", ":listener-rule/");
    let page = context.page(std::slice::from_ref(listener), SIZES)?;
    Ok(context.query(|xml| {
        xml.list("Rules", "member", page.items, |xml, listener| {
            xml.leaf("RuleArn", format!("{arn}/{:016x}", mix(9, &[wanted])));
            xml.leaf("Priority", "default");
            xml.leaf("IsDefault", true);
            xml.list("Actions", "member", [&listener.action], |xml, action| {
                default_action(xml, context, one, action);
            });
        });
        xml.maybe("NextMarker", page.next);
    }))
}

/// The TLS policies of AWS that the scenarios use, with their protocols.
const TLS_POLICIES: [(&str, &[&str]); 4] = [
    ("ELBSecurityPolicy-2016-08", &["TLSv1", "TLSv1.1", "TLSv1.2"]),
    ("ELBSecurityPolicy-TLS-1-2-2017-01", &["TLSv1.2"]),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", &["TLSv1.2", "TLSv1.3"]),
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", &["TLSv1.3"]),
];

fn tls_policies(context: &Context<'_>) -> Result<Answer, Refusal> {
    let page = context.page(&TLS_POLICIES, SIZES)?;
    Ok(context.query(|xml| {
        xml.list("SslPolicies", "member", page.items, |xml, (name, protocols)| {
            xml.leaf("Name", name);
            xml.texts("SslProtocols", "member", *protocols);
        });
        xml.maybe("NextMarker", page.next);
    }))
}

fn default_action(
    xml: &mut Xml,
    context: &Context<'_>,
    one: &LoadBalancer,
    action: &DefaultAction,
) {
    match action {
        DefaultAction::Forward => {
            let id = mix(8, &[&one.name]);
            let target = format!("{}:targetgroup/{}/{id:016x}", prefix(context), one.name);
            xml.leaf("Type", "forward");
            xml.leaf("TargetGroupArn", target);
        }
        DefaultAction::RedirectToHttps => {
            xml.leaf("Type", "redirect");
            xml.node("RedirectConfig", |xml| {
                xml.leaf("Protocol", "HTTPS");
                xml.leaf("Port", "443");
                xml.leaf("Host", "#{host}");
                xml.leaf("Path", "/#{path}");
                xml.leaf("Query", "#{query}");
                xml.leaf("StatusCode", "HTTP_301");
            });
        }
        DefaultAction::FixedResponse(status) => {
            xml.leaf("Type", "fixed-response");
            xml.node("FixedResponseConfig", |xml| {
                xml.leaf("StatusCode", status);
                xml.leaf("ContentType", "text/plain");
            });
        }
    }
}

fn tags(context: &Context<'_>, region: &Arc<Region>) -> Result<Answer, Refusal> {
    let arns = context.request.params.list("ResourceArns");
    if arns.is_empty() || arns.len() > MAX_TAGGED {
        return Err(Refusal::invalid(context.request.service, "between 1 and 20 ARNs"));
    }
    let found: Vec<_> = arns
        .iter()
        .map(|arn| Ok((*arn, find(context, region, arn)?)))
        .collect::<Result<_, Refusal>>()?;
    Ok(context.query(|xml| {
        xml.list("TagDescriptions", "member", found, |xml, (arn, one)| {
            xml.leaf("ResourceArn", arn);
            super::tags(xml, "Tags", &one.tags);
        });
    }))
}
