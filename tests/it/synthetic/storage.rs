//! S3 and S3 Control.

use aws_sdk_s3::Client;
use postura::synthetic::Faults;
use postura::synthetic::world::{Account, Bucket, Grantee, PublicAccessBlock};

use super::{Aws, code, run, time, twice};

fn block_of(read: &aws_sdk_s3::types::PublicAccessBlockConfiguration) -> PublicAccessBlock {
    PublicAccessBlock {
        block_public_acls: read.block_public_acls() == Some(true),
        ignore_public_acls: read.ignore_public_acls() == Some(true),
        block_public_policy: read.block_public_policy() == Some(true),
        restrict_public_buckets: read.restrict_public_buckets() == Some(true),
    }
}

#[test]
fn buckets_are_listed_with_region_and_date() {
    twice(async |aws| {
        for account in aws.accounts() {
            let s3 = Client::new(&aws.config(&account.id, "us-east-1"));
            let pages = s3.list_buckets().max_buckets(3).into_paginator().send();
            let pages = pages.try_collect().await.expect("pages");
            let read: Vec<_> = pages.iter().flat_map(|page| page.buckets()).collect();
            assert_eq!(read.len(), account.buckets.len());
            for own in &account.buckets {
                let found = read.iter().find(|one| one.name() == Some(own.name.as_str()));
                let found = found.expect("the bucket");
                assert_eq!(found.bucket_region(), Some(own.region.as_str()));
                assert_eq!(time(found.creation_date()), Some(own.created));
            }
        }
    });
}

#[test]
fn every_setting_of_every_bucket_comes_through() {
    run(async {
        let aws = Aws::demo(Faults::default());
        for account in aws.accounts() {
            for own in &account.buckets {
                let s3 = Client::new(&aws.config(&account.id, &own.region));
                access(&s3, own).await;
                protection(&s3, own).await;
                keeping(&s3, own).await;
            }
        }
    });
}

async fn access(s3: &Client, own: &Bucket) {
    let name = &own.name;
    let policy = s3.get_bucket_policy().bucket(name).send().await;
    let status = s3.get_bucket_policy_status().bucket(name).send().await;
    match &own.policy {
        None => {
            assert_eq!(code(policy), "NoSuchBucketPolicy");
            assert_eq!(code(status), "NoSuchBucketPolicy");
        }
        Some(document) => {
            assert_eq!(policy.expect("a policy").policy(), Some(document.as_str()));
            let status = status.expect("a status").policy_status.expect("a status");
            assert_eq!(status.is_public(), Some(own.policy_is_public), "{name}");
        }
    }
    let acl = s3.get_bucket_acl().bucket(name).send().await.expect("an acl");
    assert_eq!(acl.grants().len(), own.grants.len() + 1);
    for (read, own) in acl.grants().iter().skip(1).zip(&own.grants) {
        assert_eq!(read.permission().map(|one| one.as_str()), Some(own.permission.as_str()));
        let grantee = read.grantee().expect("a grantee");
        match &own.grantee {
            Grantee::Group(uri) => {
                assert_eq!(grantee.uri(), Some(uri.as_str()));
                assert_eq!(grantee.r#type().as_str(), "Group");
            }
            Grantee::Canonical(id) => assert_eq!(grantee.id(), Some(id.as_str())),
        }
    }
    let block = s3.get_public_access_block().bucket(name).send().await;
    match own.public_access_block {
        None => assert_eq!(code(block), "NoSuchPublicAccessBlockConfiguration"),
        Some(flags) => {
            let read = block.expect("flags").public_access_block_configuration;
            assert_eq!(block_of(&read.expect("flags")), flags);
        }
    }
    let ownership = s3.get_bucket_ownership_controls().bucket(name).send().await;
    match &own.ownership {
        None => assert_eq!(code(ownership), "OwnershipControlsNotFoundError"),
        Some(value) => {
            let controls = ownership.expect("controls").ownership_controls.expect("controls");
            assert_eq!(controls.rules()[0].object_ownership().as_str(), value);
        }
    }
    let location = s3.get_bucket_location().bucket(name).send().await.expect("a location");
    let constraint = location.location_constraint().map_or("", |one| one.as_str());
    assert_eq!(constraint, if own.region == "us-east-1" { "" } else { &own.region });
}

async fn protection(s3: &Client, own: &Bucket) {
    let name = &own.name;
    let encryption = s3.get_bucket_encryption().bucket(name).send().await;
    match &own.encryption {
        None => assert_eq!(code(encryption), "ServerSideEncryptionConfigurationNotFoundError"),
        Some(own) => {
            let read = encryption.expect("rules").server_side_encryption_configuration;
            let rules = read.expect("rules").rules;
            let rule = rules[0].apply_server_side_encryption_by_default().expect("a default");
            assert_eq!(rule.sse_algorithm().as_str(), own.algorithm);
            assert_eq!(rule.kms_master_key_id(), own.key.as_deref());
            assert_eq!(rules[0].bucket_key_enabled(), Some(own.bucket_key));
        }
    }
    let read = s3.get_bucket_versioning().bucket(name).send().await.expect("versioning");
    let status = read.status().map(|status| status.as_str());
    let expected =
        own.versioning.as_ref().map(|one| if one.enabled { "Enabled" } else { "Suspended" });
    assert_eq!(status, expected);
    let mfa = read.mfa_delete().map(|status| status.as_str()) == Some("Enabled");
    assert_eq!(mfa, own.versioning.as_ref().is_some_and(|one| one.mfa_delete));
    let lock = s3.get_object_lock_configuration().bucket(name).send().await;
    match &own.object_lock {
        None => assert_eq!(code(lock), "ObjectLockConfigurationNotFoundError"),
        Some(own) => {
            let read = lock.expect("a lock").object_lock_configuration.expect("a lock");
            let retention = read.rule().and_then(|rule| rule.default_retention());
            let mode = retention.and_then(|one| one.mode()).map(|mode| mode.as_str());
            assert_eq!(mode, own.mode.as_deref());
            let days = own.mode.as_ref().and_then(|_| own.days.try_into().ok());
            assert_eq!(retention.and_then(|one| one.days()), days);
        }
    }
}

async fn keeping(s3: &Client, own: &Bucket) {
    let name = &own.name;
    let logging = s3.get_bucket_logging().bucket(name).send().await.expect("logging");
    let read = logging.logging_enabled().map(|one| (one.target_bucket(), one.target_prefix()));
    let expected = own.logging.as_ref().map(|one| (one.target.as_str(), one.prefix.as_str()));
    assert_eq!(read, expected);
    let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(name).send().await;
    if own.lifecycle.is_empty() {
        assert_eq!(code(lifecycle), "NoSuchLifecycleConfiguration");
    } else {
        let read = lifecycle.expect("rules");
        assert_eq!(read.rules().len(), own.lifecycle.len());
        for (read, own) in read.rules().iter().zip(&own.lifecycle) {
            assert_eq!(read.id(), Some(own.id.as_str()));
            let days = read.expiration().and_then(|one| one.days());
            assert_eq!(days, own.expire_days.and_then(|days| days.try_into().ok()));
            assert_eq!(read.filter().and_then(|one| one.prefix()), Some(own.prefix.as_str()));
            let class = read.transitions().first().and_then(|one| one.storage_class());
            let class = class.map(|class| class.as_str());
            assert_eq!(class, own.transition.as_ref().map(|(_, class)| class.as_str()));
        }
    }
    let website = s3.get_bucket_website().bucket(name).send().await;
    match &own.website {
        None => assert_eq!(code(website), "NoSuchWebsiteConfiguration"),
        Some(own) => {
            let index = website.expect("a website").index_document.expect("a document");
            assert_eq!(index.suffix(), own);
        }
    }
    let tags = s3.get_bucket_tagging().bucket(name).send().await;
    if own.tags.is_empty() {
        assert_eq!(code(tags), "NoSuchTagSet");
    } else {
        let read = tags.expect("tags");
        let read: Vec<_> = read.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
        let expected: Vec<_> =
            own.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(read, expected);
    }
}

#[test]
fn buckets_answer_only_in_their_region_and_to_their_owner() {
    run(async {
        let aws = Aws::demo(Faults::default());
        let accounts = aws.accounts();
        let [first, second, ..] = accounts.as_slice() else { panic!("two accounts") };
        let bucket = |account: &Account| account.buckets[0].clone();
        let own = bucket(first);
        let elsewhere = Client::new(&aws.config(&first.id, "ap-southeast-2"));
        let status = elsewhere.get_bucket_versioning().bucket(&own.name).send().await;
        assert_eq!(code(status), "PermanentRedirect");
        let s3 = Client::new(&aws.config(&first.id, &own.region));
        let foreign = s3.get_bucket_acl().bucket(bucket(second).name).send().await;
        assert_eq!(code(foreign), "AccessDenied");
        let nowhere = s3.get_bucket_acl().bucket("acme-nowhere").send().await;
        assert_eq!(code(nowhere), "NoSuchBucket");
        s3.head_bucket().bucket(&own.name).send().await.expect("it is there");
    });
}

#[test]
fn block_public_access_of_the_account_comes_through() {
    run(async {
        let aws = Aws::demo(Faults::default());
        for account in aws.accounts() {
            let control = aws_sdk_s3control::Client::new(&aws.config(&account.id, "us-east-1"));
            let read = control.get_public_access_block().account_id(&account.id).send().await;
            match account.public_access_block {
                None => assert_eq!(code(read), "NoSuchPublicAccessBlockConfiguration"),
                Some(own) => {
                    let read = read.expect("flags").public_access_block_configuration;
                    let read = read.expect("flags");
                    assert_eq!(read.block_public_acls(), Some(own.block_public_acls));
                    let restrict = Some(own.restrict_public_buckets);
                    assert_eq!(read.restrict_public_buckets(), restrict);
                }
            }
        }
    });
}
