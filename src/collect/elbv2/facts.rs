//! From a load balancer and its attributes to its fields.

use aws_sdk_elasticloadbalancingv2::operation::describe_load_balancer_attributes::DescribeLoadBalancerAttributesOutput;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancer as ListedBalancer;

use super::super::convert::{field, left_out, missing, text, texts};
use crate::inventory::Slot;
use crate::resources::elbv2::LoadBalancer;

type Attributes = Slot<DescribeLoadBalancerAttributesOutput>;

/// Everything but listeners and tags.
pub(super) fn of(listed: ListedBalancer, attributes: &Attributes) -> LoadBalancer {
    let kind = listed.r#type.map(|kind| kind.as_str().to_owned());
    let is = |kinds: &[&str]| kind.as_deref().is_some_and(|kind| kinds.contains(&kind));
    let logs = is(&["application", "network"]);
    let application = is(&["application"]);
    LoadBalancer {
        arn: listed.load_balancer_arn.into(),
        name: listed.load_balancer_name.into(),
        scheme: listed.scheme.map(|scheme| scheme.as_str().to_owned()).into(),
        dns_name: text(listed.dns_name),
        vpc_id: listed.vpc_id.into(),
        group_ids: texts(listed.security_groups),
        access_log_enabled: flag(attributes, "access_logs.s3.enabled", logs),
        access_log_bucket: optional(attributes, "access_logs.s3.bucket"),
        access_log_prefix: optional(attributes, "access_logs.s3.prefix"),
        deletion_protection_enabled: flag(attributes, "deletion_protection.enabled", true),
        drop_invalid_header_fields: flag(
            attributes,
            "routing.http.drop_invalid_header_fields.enabled",
            application,
        ),
        desync_mitigation_mode: optional_if(
            attributes,
            "routing.http.desync_mitigation_mode",
            application,
        ),
        kind: kind.into(),
        ..LoadBalancer::default()
    }
}

fn optional(attributes: &Attributes, key: &str) -> Slot<String> {
    field(attributes, |answer| {
        let Some(all) = &answer.attributes else { return left_out() };
        let value = all.iter().find(|it| it.key.as_deref() == Some(key));
        text(value.and_then(|it| it.value.clone()))
    })
}

/// An attribute that this kind of load balancer always has, or never.
fn optional_if(attributes: &Attributes, key: &str, has_it: bool) -> Slot<String> {
    match optional(attributes, key) {
        Slot::Absent if has_it => left_out(),
        other => other,
    }
}

fn flag(attributes: &Attributes, key: &str, has_it: bool) -> Slot<bool> {
    match optional_if(attributes, key, has_it) {
        Slot::Known(word) => match word.as_str() {
            "true" => Slot::Known(true),
            "false" => Slot::Known(false),
            _ => Slot::Unknown(missing("the reply does not say true or false")),
        },
        other => other.map(|_| false),
    }
}
