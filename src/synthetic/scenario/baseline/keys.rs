//! KMS keys as they should be.

use serde_json::{Value, json};

use crate::synthetic::mix::mix;
use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{Key, Region};

/// In each region the key for logs and data, and one that AWS manages for S3.
pub fn fill(site: &Site<'_>, region: &mut Region) {
    let own = site.key(&region.name);
    let id = own.rsplit('/').next().unwrap_or_default().to_owned();
    region.keys = vec![
        Key {
            id,
            aliases: vec!["alias/data".to_owned()],
            description: "Logs and data".to_owned(),
            policy: policy(site, &[logs(site, &region.name)]),
            ..key(site, &region.name, "data")
        },
        Key {
            aliases: vec!["alias/aws/s3".to_owned()],
            aws_managed: true,
            policy: policy(site, &[]),
            ..key(site, &region.name, "aws-s3")
        },
    ];
}

/// A symmetric key that rotates once a year and that the account alone uses.
pub fn key(site: &Site<'_>, region: &str, name: &str) -> Key {
    let id = mix(17, &[site.account, region, name]);
    Key {
        id: format!("{:08x}-0000-4000-9000-{:012x}", id >> 32, id >> 16),
        aliases: vec![format!("alias/{name}")],
        state: "Enabled".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        created: site.days_ago(600),
        rotation_days: Some(365),
        policy: policy(site, &[]),
        ..Key::default()
    }
}

/// The usual policy, which leaves all to IAM, with more statements.
pub fn policy(site: &Site<'_>, more: &[Value]) -> String {
    let mut statements = vec![json!({
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{}:iam::{}:root", site.partition, site.account)},
        "Action": "kms:*",
        "Resource": "*",
    })];
    statements.extend(more.iter().cloned());
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Lets CloudWatch Logs encrypt the account's own log groups.
fn logs(site: &Site<'_>, region: &str) -> Value {
    json!({
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": format!("logs.{region}.amazonaws.com")},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*",
            "kms:Describe*"],
        "Resource": "*",
        "Condition": {"ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": site.arn("logs", region, "*"),
        }},
    })
}
