//! Access points, endpoint services and policies of log groups as they should be.

use serde_json::{Value, json};

use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{AccessPoint, EndpointService, LogPolicy, PublicAccessBlock, Region};

/// In the home region: an access point for the VPC and one for the internet that an application role
/// uses, a service that the own organization's production may reach, and log delivery.
pub fn fill(site: &Site<'_>, region: &mut Region) {
    let name = region.name.clone();
    if name != site.home() {
        return;
    }
    let data = format!("{}-{}-data", site.prefix, site.role());
    let app = json!({"AWS": site.arn("iam", "", "role/app-server")});
    region.access_points = vec![
        AccessPoint {
            vpc: Some(site.id("vpc", &name, "main")),
            ..access_point(site, &name, "analytics", &data, None)
        },
        access_point(site, &name, "uploads", &data, Some(&app)),
    ];
    region.endpoint_services = vec![EndpointService {
        id: site.id("vpce-svc", &name, "reports"),
        acceptance: true,
        principals: vec![format!("arn:{}:iam::{}:root", site.partition, site.management)],
        tags: site.named("reports", "platform"),
    }];
    region.log_policies = vec![LogPolicy {
        name: "delivery".to_owned(),
        document: json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "Delivery",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": site.arn("logs", &name, "log-group:/vpc/*"),
            "Condition": {"StringEquals": {"aws:SourceAccount": site.account}},
        }]})
        .to_string(),
    }];
}

/// An access point of the internet that blocks public access, whose objects the principal may get.
pub fn access_point(
    site: &Site<'_>,
    region: &str,
    name: &str,
    bucket: &str,
    reader: Option<&Value>,
) -> AccessPoint {
    let name = format!("{}-{name}", site.role());
    let policy = reader.map(|principal| {
        let objects = site.arn("s3", region, &format!("accesspoint/{name}/object/*"));
        json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:GetObject",
            "Resource": objects,
        }]})
        .to_string()
    });
    AccessPoint {
        name,
        bucket: bucket.to_owned(),
        vpc: None,
        block: PublicAccessBlock::ALL,
        policy,
        policy_is_public: false,
    }
}
