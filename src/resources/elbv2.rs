//! Application, network and gateway load balancers.
//!
//! IAM knows one service for both kinds of load balancers, the APIs are two: the calls here say
//! `elasticloadbalancingv2`, their actions `elasticloadbalancing`.

use super::account::Account;
use super::s3::Bucket;
use super::security_group::SecurityGroup;
use super::tag::Tag;
use crate::inventory::Items;
use crate::{part, resource};

calls! {
    /// The application, network and gateway load balancers of a region.
    DESCRIBE_LOAD_BALANCERS: "elasticloadbalancingv2" "DescribeLoadBalancers"
        needs ["elasticloadbalancing:DescribeLoadBalancers"] absent [];
    /// The attributes of a load balancer.
    DESCRIBE_LOAD_BALANCER_ATTRIBUTES: "elasticloadbalancingv2" "DescribeLoadBalancerAttributes"
        needs ["elasticloadbalancing:DescribeLoadBalancerAttributes"] absent [];
    /// The listeners of a load balancer.
    DESCRIBE_LISTENERS: "elasticloadbalancingv2" "DescribeListeners"
        needs ["elasticloadbalancing:DescribeListeners"] absent [];
    /// The rules of a listener, the default one included.
    DESCRIBE_RULES: "elasticloadbalancingv2" "DescribeRules"
        needs ["elasticloadbalancing:DescribeRules"] absent [];
    /// The TLS policies of a region with the protocols that they allow.
    DESCRIBE_SSL_POLICIES: "elasticloadbalancingv2" "DescribeSSLPolicies"
        needs ["elasticloadbalancing:DescribeSSLPolicies"] absent [];
    /// The tags of load balancers.
    DESCRIBE_TAGS: "elasticloadbalancingv2" "DescribeTags"
        needs ["elasticloadbalancing:DescribeTags"] absent [];
}

part! {
    /// What a listener's rule does with a request.
    pub struct Action("ListenerAction", shown as kind) {
        /// The kind of action (`Type`).
        #[one_of(
            "forward", "redirect", "fixed-response", "authenticate-oidc", "authenticate-cognito",
            "jwt-validation"
        )]
        kind: String,
        /// The protocol that a redirect leads to: `HTTPS`, `HTTP`, or `#{protocol}` for the same as
        /// before; absent for other kinds.
        redirect_protocol: Option<String>,
    }
}

part! {
    /// A rule of a listener.
    pub struct ListenerRule("ListenerRule", shown as priority) {
        /// The rule's ARN.
        arn: String,
        /// Its priority, or `default`.
        priority: String,
        /// What it does, in order.
        actions: Items<Action>,
    }
}

part! {
    /// A listener of a load balancer.
    pub struct Listener("Listener", shown as port) {
        /// The listener's ARN.
        arn: String,
        /// The port that clients use; absent for gateway load balancers.
        port: Option<i64>,
        /// The protocol that clients use; absent for gateway load balancers.
        #[one_of("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC")]
        protocol: Option<String>,
        /// The name of the TLS policy; absent without TLS.
        ssl_policy: Option<String>,
        /// The TLS protocols that the policy allows, such as `TLSv1.2`; empty without TLS.
        tls_protocols: Items<String> => DESCRIBE_SSL_POLICIES,
        /// What happens to requests that no rule matches.
        default_actions: Items<Action>,
        /// The rules, the default one included.
        rules: Items<ListenerRule> => DESCRIBE_RULES,
    }
}

resource! {
    /// An application, network or gateway load balancer.
    pub struct LoadBalancer(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", load_balancer, Region, arn
    ) from DESCRIBE_LOAD_BALANCERS {
        /// The load balancer's ARN.
        arn: String,
        /// Its name, unique in its account and region.
        name: String,
        /// Its kind (`Type`).
        #[one_of("application", "network", "gateway")]
        kind: String,
        /// Whether it has public addresses; absent for gateway load balancers.
        #[one_of("internet-facing", "internal")]
        scheme: Option<String>,
        /// Its DNS name; absent for gateway load balancers.
        dns_name: Option<String>,
        /// The VPC's id.
        vpc_id: String,
        /// The ids of its security groups.
        group_ids: Items<String>,
        /// Its listeners.
        listeners: Items<Listener> => DESCRIBE_LISTENERS,
        /// Whether it writes access logs (`access_logs.s3.enabled`); absent for gateway load
        /// balancers, which have none.
        access_log_enabled: Option<bool> => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// The bucket of its access logs (`access_logs.s3.bucket`); absent when none is named.
        access_log_bucket: Option<String> => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// The prefix of its access logs (`access_logs.s3.prefix`); absent when none is named.
        access_log_prefix: Option<String> => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// Whether it cannot be deleted by a slip (`deletion_protection.enabled`).
        deletion_protection_enabled: bool => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// Whether malformed headers are dropped; absent where it is no application load balancer
        /// (`routing.http.drop_invalid_header_fields.enabled`).
        drop_invalid_header_fields: Option<bool> => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// How requests that may smuggle others are treated; absent where it is no application load
        /// balancer (`routing.http.desync_mitigation_mode`).
        #[one_of("monitor", "defensive", "strictest")]
        desync_mitigation_mode: Option<String> => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// Its tags.
        tags: Items<Tag> => DESCRIBE_TAGS,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// Its security groups.
        security_groups: many SecurityGroup where "group_ids" = "id" within Region;
        /// The bucket of its access logs. Unknown when it is none of a scanned account or none is
        /// named.
        log_bucket: one Bucket where "access_log_bucket" = "name" within Everywhere;
    }
}
