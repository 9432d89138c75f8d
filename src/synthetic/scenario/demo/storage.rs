//! Faults of buckets.

use serde_json::json;

use crate::synthetic::scenario::baseline::bucket;
use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    Account, Bucket, BucketLogging, Encryption, Grant, Grantee, LifecycleRule, PublicAccessBlock,
    Versioning,
};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

pub fn production(site: &Site<'_>, account: &mut Account) {
    let home = site.home();
    let name = |suffix: &str| format!("{}-{}", site.prefix, suffix);
    account.buckets.extend([
        // A public policy that Block Public Access of the account stops: not reachable (a trap).
        Bucket {
            public_access_block: None,
            policy_is_public: true,
            ..reader(site, &name("press-kit"), home, &json!("*"), None)
        },
        // Open to one account of a partner, which may also change the policy.
        Bucket {
            policy: Some(partner_policy(site, &name("partner-exchange"))),
            ..bucket(site, &name("partner-exchange"), home, Vec::new())
        },
        // Old: no encryption setting, no versioning, no logging, ACLs in use, plain HTTP.
        Bucket {
            policy: None,
            encryption: None,
            versioning: None,
            logging: None,
            ownership: None,
            object_lock: None,
            created: site.days_ago(2900),
            tags: Vec::new(),
            ..bucket(site, &name("archive-2018"), home, Vec::new())
        },
        // Demands TLS for uploads only (a trap), versioning suspended.
        Bucket {
            policy: Some(tls_for_puts(site, &name("uploads"))),
            versioning: Some(Versioning { enabled: false, mfa_delete: false }),
            ..bucket(site, &name("uploads"), home, Vec::new())
        },
        // Logs to a bucket that is not there.
        Bucket {
            logging: Some(BucketLogging {
                target: name("logs-gone"),
                prefix: "reports/".to_owned(),
            }),
            ..bucket(site, &name("reports"), "us-east-1", Vec::new())
        },
    ]);
    // Logs of load balancers vanish after a month.
    if let Some(logs) = account.buckets.iter_mut().find(|one| one.name == site.log_bucket(home)) {
        logs.versioning = Some(Versioning { enabled: true, mfa_delete: false });
        logs.lifecycle = vec![LifecycleRule {
            id: "expire".to_owned(),
            enabled: true,
            expire_days: Some(30),
            transition: Some((7, "STANDARD_IA".to_owned())),
            noncurrent_days: Some(7),
            ..LifecycleRule::default()
        }];
    }
}

pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    account.public_access_block = None;
    public_bucket(site, account);
    let home = site.home();
    let name = |suffix: &str| format!("{}-{}", site.prefix, suffix);
    let half = PublicAccessBlock {
        restrict_public_buckets: false,
        block_public_policy: false,
        ..PublicAccessBlock::ALL
    };
    let grant = |group: &str, permission: &str| Grant {
        grantee: Grantee::Group(group.to_owned()),
        permission: permission.to_owned(),
    };
    account.buckets.extend([
        // Everybody may list by ACL; any AWS account may write.
        Bucket {
            public_access_block: None,
            ownership: Some("ObjectWriter".to_owned()),
            grants: vec![grant(ALL_USERS, "READ"), grant(AUTHENTICATED, "WRITE")],
            versioning: Some(Versioning { enabled: true, mfa_delete: false }),
            object_lock: None,
            ..bucket(site, &name("dropbox"), home, vec![any_trail(site, &name("dropbox"))])
        },
        // The same grants without effect, since ACLs are off (a trap); its logs go to the bucket
        // above, where everybody can list them.
        Bucket {
            public_access_block: None,
            logging: Some(BucketLogging { target: name("dropbox"), prefix: "open/".to_owned() }),
            grants: vec![grant(ALL_USERS, "READ")],
            ..bucket(site, &name("formerly-open"), home, Vec::new())
        },
        // Only two of the four flags.
        Bucket {
            public_access_block: Some(half),
            encryption: Some(Encryption {
                algorithm: "AES256".to_owned(),
                ..Encryption::default()
            }),
            ..bucket(site, &name("experiments"), "us-east-1", Vec::new())
        },
        // Principal "*", confined to the office network: S3 does not call it public (a trap).
        Bucket {
            public_access_block: Some(half),
            ..reader(
                site,
                &name("office-share"),
                home,
                &json!({"AWS": "*"}),
                Some(json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})),
            )
        },
        // Everybody whose address lies in one of two halves of the internet (a trap).
        Bucket {
            public_access_block: None,
            policy_is_public: true,
            ..reader(
                site,
                &name("half-and-half"),
                home,
                &json!("*"),
                Some(json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})),
            )
        },
    ]);
}

/// Readable by everybody, with nothing in the way.
pub fn public_bucket(site: &Site<'_>, account: &mut Account) {
    account.public_access_block = None;
    let name = format!("{}-{}-website", site.prefix, site.role());
    account.buckets.push(Bucket {
        public_access_block: None,
        policy_is_public: true,
        website: Some("index.html".to_owned()),
        ..reader(site, &name, site.home(), &json!("*"), None)
    });
}

/// A bucket whose objects the principal may get, under the condition.
fn reader(
    site: &Site<'_>,
    name: &str,
    region: &str,
    principal: &serde_json::Value,
    condition: Option<serde_json::Value>,
) -> Bucket {
    let mut statement = json!({
        "Sid": "Read",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": format!("{}/*", site.bucket_arn(name)),
    });
    if let (Some(condition), Some(map)) = (condition, statement.as_object_mut()) {
        map.insert("Condition".to_owned(), condition);
    }
    bucket(site, name, region, vec![statement])
}

/// Lets CloudTrail write for whoever asks it to.
fn any_trail(site: &Site<'_>, name: &str) -> serde_json::Value {
    json!({
        "Sid": "AnyTrail",
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:PutObject", "s3:GetBucketAcl"],
        "Resource": [site.bucket_arn(name), format!("{}/*", site.bucket_arn(name))],
    })
}

fn partner_policy(site: &Site<'_>, name: &str) -> String {
    let arn = site.bucket_arn(name);
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Partner",
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{}:iam::999988887777:root", site.partition)},
            "Action": ["s3:GetObject", "s3:PutObject", "s3:PutBucketPolicy"],
            "Resource": [arn, format!("{arn}/*")],
        }],
    })
    .to_string()
}

fn tls_for_puts(site: &Site<'_>, name: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "DenyPlainUploads",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": format!("{}/*", site.bucket_arn(name)),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }],
    })
    .to_string()
}
