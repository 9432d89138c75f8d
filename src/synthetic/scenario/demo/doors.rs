//! Faults of access points, endpoint services and policies of log groups.

use serde_json::json;

use crate::synthetic::scenario::baseline::{access_point, bucket};
use crate::synthetic::scenario::site::{Site, in_region};
use crate::synthetic::world::{
    AccessPoint, Account, EndpointService, LogPolicy, PublicAccessBlock,
};

/// A service for a partner that connects without being asked, and a policy for a log group that is
/// public on paper, but not for the groups that exist (a trap).
pub fn production(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    in_region(account, &home, |region| {
        region.endpoint_services.push(EndpointService {
            id: site.id("vpce-svc", &home, "partners"),
            acceptance: false,
            principals: vec![format!("arn:{}:iam::999988887777:root", site.partition)],
            ..EndpointService::default()
        });
        region.log_policies.push(log_policy(site, &home, "retired", "/retired/*"));
    });
}

pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    let shared = format!("{}-shared-through-point", site.prefix);
    let open = PublicAccessBlock::default();
    // A bucket that leaves everything to its access points, one of which lets everybody in.
    account.buckets.push(crate::synthetic::world::Bucket {
        public_access_block: None,
        ..bucket(
            site,
            &shared,
            &home,
            vec![json!({
                "Sid": "ByAccessPoint",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [site.bucket_arn(&shared), format!("{}/*", site.bucket_arn(&shared))],
                "Condition": {"StringEquals": {"s3:DataAccessPointAccount": site.account}},
            })],
        )
    });
    in_region(account, &home, |region| {
        region.access_points.push(AccessPoint {
            block: open,
            policy_is_public: true,
            ..access_point(site, &home, "open", &shared, Some(&json!("*")))
        });
        region.endpoint_services.push(EndpointService {
            id: site.id("vpce-svc", &home, "anybody"),
            acceptance: true,
            principals: vec!["*".to_owned()],
            ..EndpointService::default()
        });
        region.log_policies.push(log_policy(site, &home, "ingest", "/app/*"));
    });
}

/// Everybody may write to these log groups and read them.
fn log_policy(site: &Site<'_>, region: &str, name: &str, groups: &str) -> LogPolicy {
    LogPolicy {
        name: name.to_owned(),
        document: json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "Ingest",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:FilterLogEvents"],
            "Resource": site.arn("logs", region, &format!("log-group:{groups}")),
        }]})
        .to_string(),
    }
}
