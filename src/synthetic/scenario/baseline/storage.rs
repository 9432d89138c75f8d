//! Buckets as they should be.

use serde_json::{Value, json};

use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    Bucket, BucketLogging, Encryption, ObjectLock, PublicAccessBlock, Versioning,
};

/// A data bucket in the home region and one for copies in the second, a log bucket in each busy region, and in the management
/// account the bucket of the trails.
pub fn buckets(site: &Site<'_>, busy: &[&str]) -> Vec<Bucket> {
    let data = format!("{}-{}-data", site.prefix, site.role());
    let mut all = vec![bucket(site, &data, site.home(), Vec::new())];
    if let Some(second) = busy.get(1) {
        let copies = format!("{}-{}-replica", site.prefix, site.role());
        all.push(bucket(site, &copies, second, Vec::new()));
    }
    all.extend(busy.iter().map(|region| log_bucket(site, region)));
    if site.is_management() {
        all.push(trail_bucket(site));
    }
    all
}

/// A private, encrypted, versioned, logged bucket whose policy demands TLS; `more` statements can
/// be added to the policy.
pub fn bucket(site: &Site<'_>, name: &str, region: &str, more: Vec<Value>) -> Bucket {
    let mut statements = vec![tls_only(site, name)];
    statements.extend(more);
    Bucket {
        name: name.to_owned(),
        region: region.to_owned(),
        created: site.days_ago(500),
        policy: Some(json!({"Version": "2012-10-17", "Statement": statements}).to_string()),
        public_access_block: Some(PublicAccessBlock::ALL),
        encryption: Some(Encryption {
            algorithm: "aws:kms".to_owned(),
            key: Some(site.key(region)),
            bucket_key: true,
        }),
        versioning: Some(Versioning { enabled: true, mfa_delete: true }),
        logging: Some(BucketLogging {
            target: site.log_bucket(region),
            prefix: format!("s3/{name}/"),
        }),
        ownership: Some("BucketOwnerEnforced".to_owned()),
        object_lock: Some(ObjectLock::default()),
        tags: site.tags("platform"),
        ..Bucket::default()
    }
}

fn tls_only(site: &Site<'_>, name: &str) -> Value {
    let arn = site.bucket_arn(name);
    json!({
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

/// Receives logs of S3 and of load balancers; encrypted with S3's own keys, since log delivery of
/// load balancers cannot use others.
fn log_bucket(site: &Site<'_>, region: &str) -> Bucket {
    let name = site.log_bucket(region);
    let objects = format!("{}/*", site.bucket_arn(&name));
    let delivery = |sid: &str, service: &str| {
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "s3:PutObject",
            "Resource": objects,
            "Condition": {"StringEquals": {"aws:SourceAccount": site.account}},
        })
    };
    let statements = vec![
        delivery("BucketLogs", "logging.s3.amazonaws.com"),
        delivery("BalancerLogs", "logdelivery.elasticloadbalancing.amazonaws.com"),
    ];
    Bucket {
        encryption: Some(Encryption { algorithm: "AES256".to_owned(), ..Encryption::default() }),
        logging: None,
        // S3 delivers its logs to no bucket with Object Lock.
        object_lock: None,
        tags: site.tags("security"),
        ..bucket(site, &name, region, statements)
    }
}

fn trail_bucket(site: &Site<'_>) -> Bucket {
    let name = site.trail_bucket();
    let arn = site.bucket_arn(&name);
    let within = json!({"StringEquals": {"aws:SourceOrgID": site.organization}});
    let statements = vec![
        json!({
            "Sid": "TrailAclCheck",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": arn,
            "Condition": within,
        }),
        json!({
            "Sid": "TrailWrite",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": format!("{arn}/AWSLogs/*"),
            "Condition": within,
        }),
    ];
    Bucket {
        object_lock: Some(ObjectLock { mode: Some("COMPLIANCE".to_owned()), days: 400 }),
        tags: site.tags("security"),
        ..bucket(site, &name, site.home(), statements)
    }
}
