//! Classic load balancers.

use super::account::Account;
use super::s3::Bucket;
use super::security_group::SecurityGroup;
use super::tag::Tag;
use crate::inventory::Items;
use crate::{part, resource};

calls! {
    /// The classic load balancers of a region.
    DESCRIBE_LOAD_BALANCERS: "elasticloadbalancing" "DescribeLoadBalancers"
        needs ["elasticloadbalancing:DescribeLoadBalancers"] absent [];
    /// The attributes of a classic load balancer.
    DESCRIBE_LOAD_BALANCER_ATTRIBUTES: "elasticloadbalancing" "DescribeLoadBalancerAttributes"
        needs ["elasticloadbalancing:DescribeLoadBalancerAttributes"] absent [];
    /// The policies of a classic load balancer, with what they resolve to.
    DESCRIBE_LOAD_BALANCER_POLICIES: "elasticloadbalancing" "DescribeLoadBalancerPolicies"
        needs ["elasticloadbalancing:DescribeLoadBalancerPolicies"] absent [];
    /// The tags of classic load balancers.
    DESCRIBE_TAGS: "elasticloadbalancing" "DescribeTags"
        needs ["elasticloadbalancing:DescribeTags"] absent [];
}

part! {
    /// A listener of a classic load balancer.
    pub struct ClassicListener("ClassicListener", shown as load_balancer_port) {
        /// The port that clients use.
        load_balancer_port: i64,
        /// The protocol that clients use.
        #[one_of("HTTP", "HTTPS", "TCP", "SSL")]
        protocol: String,
        /// The port of the instances.
        instance_port: i64,
        /// The protocol of the instances.
        #[one_of("HTTP", "HTTPS", "TCP", "SSL")]
        instance_protocol: String,
        /// The ARN of the certificate; absent without TLS.
        ssl_certificate_id: Option<String>,
        /// The names of its policies.
        policy_names: Items<String>,
        /// The TLS protocols and ciphers that its TLS policy switches on, such as
        /// `Protocol-TLSv1.2`, `ECDHE-RSA-AES128-GCM-SHA256`; empty without TLS.
        tls_options: Items<String> => DESCRIBE_LOAD_BALANCER_POLICIES,
    }
}

resource! {
    /// A classic load balancer.
    pub struct LoadBalancer(
        "AWS::ElasticLoadBalancing::LoadBalancer", load_balancer, Region, name
    ) from DESCRIBE_LOAD_BALANCERS {
        /// The load balancer's name, unique in its account and region.
        name: String,
        /// Its DNS name.
        dns_name: String,
        /// Whether it has public addresses.
        #[one_of("internet-facing", "internal")]
        scheme: String,
        /// The VPC's id; absent for those of the time before VPCs.
        vpc_id: Option<String>,
        /// The ids of its security groups.
        group_ids: Items<String>,
        /// Its listeners.
        listeners: Items<ClassicListener>,
        /// Whether it writes access logs.
        access_log_enabled: bool => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// The bucket of its access logs; absent when none is named.
        access_log_bucket: Option<String> => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// The prefix of its access logs; absent when none is named.
        access_log_prefix: Option<String> => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        /// How requests that may smuggle others are treated (`elb.http.desyncmitigationmode`).
        #[one_of("monitor", "defensive", "strictest")]
        desync_mitigation_mode: String => DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
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
