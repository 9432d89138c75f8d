//! Faults of KMS keys.

use serde_json::{Value, json};

use crate::synthetic::scenario::baseline::{key, key_policy};
use crate::synthetic::scenario::site::{Site, in_region};
use crate::synthetic::world::{Account, Key, KeyGrant};

fn shared(principal: &Value, condition: Option<Value>) -> Value {
    let mut statement = json!({
        "Sid": "Shared",
        "Effect": "Allow",
        "Principal": principal,
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*",
    });
    if let (Some(condition), Some(map)) = (condition, statement.as_object_mut()) {
        map.insert("Condition".to_owned(), condition);
    }
    statement
}

pub fn production(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    let partner = json!({"AWS": format!("arn:{}:iam::999988887777:root", site.partition)});
    let organization = json!({"StringEquals": {"aws:PrincipalOrgID": site.organization}});
    in_region(account, &home, |region| {
        region.keys.extend([
            // Never rotates.
            Key { rotation_days: None, ..key(site, &home, "archive") },
            // Rotates too seldom.
            Key { rotation_days: Some(2560), ..key(site, &home, "billing") },
            // Cannot rotate by themselves: signs tokens; has material from elsewhere (traps).
            Key { spec: "RSA_2048".to_owned(), rotation_days: None, ..key(site, &home, "tokens") },
            Key { origin: "EXTERNAL".to_owned(), rotation_days: None, ..key(site, &home, "byok") },
            // A partner decrypts, by the policy of one key and by a grant on another.
            Key {
                policy: key_policy(site, &[shared(&partner, None)]),
                ..key(site, &home, "exchange")
            },
            Key {
                grants: vec![KeyGrant {
                    id: "granted-to-partner".to_owned(),
                    grantee: format!("arn:{}:iam::999988887777:role/reader", site.partition),
                    operations: vec!["Decrypt".to_owned()],
                }],
                ..key(site, &home, "reports")
            },
            // Everybody, but only of the own organization (a trap).
            Key {
                policy: key_policy(site, &[shared(&json!("*"), Some(organization))]),
                ..key(site, &home, "everywhere")
            },
        ]);
    });
}

pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    // The condition names the service that asks and not for whom (a trap).
    let via = json!({"StringEquals": {
        "kms:ViaService": format!("s3.{home}.amazonaws.com"),
    }});
    in_region(account, &home, |region| {
        region.keys.extend([
            Key {
                policy: key_policy(site, &[shared(&json!({"AWS": "*"}), Some(via))]),
                ..key(site, &home, "open")
            },
            Key {
                state: "PendingDeletion".to_owned(),
                deletion: site.now.checked_add(jiff::SignedDuration::from_hours(240)).ok(),
                rotation_days: None,
                ..key(site, &home, "old-data")
            },
        ]);
    });
}
