//! From the answers about a bucket to its fields.

use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::operation::get_bucket_encryption::GetBucketEncryptionOutput;
use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
use aws_sdk_s3::operation::get_bucket_ownership_controls::GetBucketOwnershipControlsOutput;
use aws_sdk_s3::operation::get_bucket_policy::GetBucketPolicyOutput;
use aws_sdk_s3::operation::get_bucket_policy_status::GetBucketPolicyStatusOutput;
use aws_sdk_s3::operation::get_bucket_tagging::GetBucketTaggingOutput;
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::operation::get_object_lock_configuration::GetObjectLockConfigurationOutput;
use aws_sdk_s3::operation::get_public_access_block::GetPublicAccessBlockOutput;
use aws_sdk_s3::types::{
    ExpirationStatus, Grant, LifecycleRule as GivenRule, ObjectLockEnabled,
    ServerSideEncryptionRule,
};

use super::super::convert::{int, left_out, text, time};
use crate::inventory::{Items, Slot};
use crate::resources::s3::{
    AclGrant, BucketEncryption, LifecycleRule, ObjectLock, PublicAccessBlock,
};
use crate::resources::tag::Tag;

/// A list whose absence says that it is empty.
pub(super) fn empty_if_absent<T>(list: Slot<Items<T>>) -> Slot<Items<T>> {
    match list {
        Slot::Absent => Slot::Known(Items::default()),
        other => other,
    }
}

pub(super) fn policy(answer: &GetBucketPolicyOutput) -> Slot<String> {
    answer
        .policy
        .clone()
        // The body is the document itself, so that only here is it seen that its end is missing.
        .filter(|policy| serde_json::from_str::<serde::de::IgnoredAny>(policy).is_ok())
        .map_or_else(left_out, Slot::Known)
}

pub(super) fn is_public(answer: &GetBucketPolicyStatusOutput) -> Slot<bool> {
    let status = answer.policy_status.as_ref().and_then(|status| status.is_public);
    status.map_or_else(left_out, Slot::Known)
}

pub(super) fn grants(answer: &GetBucketAclOutput) -> Slot<Items<AclGrant>> {
    let Some(grants) = &answer.grants else { return left_out() };
    Slot::Known(grants.iter().map(grant).collect())
}

fn grant(grant: &Grant) -> AclGrant {
    let grantee = grant.grantee.as_ref();
    let given = grantee.and_then(|grantee| {
        let group = grantee.uri.as_ref().map(|uri| (uri, "Group"));
        let user = grantee.id.as_ref().map(|id| (id, "CanonicalUser"));
        let mail = grantee.email_address.as_ref().map(|it| (it, "AmazonCustomerByEmail"));
        group.or(user).or(mail)
    });
    AclGrant {
        grantee: given.map(|(name, _)| name.clone()).map_or_else(left_out, Slot::Known),
        grantee_type: given.map(|(_, kind)| kind.to_owned()).map_or_else(left_out, Slot::Known),
        permission: grant.permission.as_ref().map(|word| word.as_str().to_owned()).into(),
    }
}

pub(super) fn owner(answer: &GetBucketAclOutput) -> Slot<String> {
    answer.owner.as_ref().and_then(|owner| owner.id.clone()).map_or_else(left_out, Slot::Known)
}

pub(super) fn public_access_block(answer: &GetPublicAccessBlockOutput) -> Slot<PublicAccessBlock> {
    let Some(block) = &answer.public_access_block_configuration else { return left_out() };
    Slot::Known(PublicAccessBlock {
        block_public_acls: block.block_public_acls.into(),
        ignore_public_acls: block.ignore_public_acls.into(),
        block_public_policy: block.block_public_policy.into(),
        restrict_public_buckets: block.restrict_public_buckets.into(),
    })
}

pub(super) fn ownership(answer: &GetBucketOwnershipControlsOutput) -> Slot<String> {
    let rule = answer.ownership_controls.as_ref().and_then(|controls| controls.rules.first());
    let word = rule.map(|rule| rule.object_ownership.as_str().to_owned());
    word.map_or_else(left_out, Slot::Known)
}

pub(super) fn encryption(answer: &GetBucketEncryptionOutput) -> Slot<BucketEncryption> {
    let Some(configuration) = &answer.server_side_encryption_configuration else {
        return left_out();
    };
    let by_default = |rule: &ServerSideEncryptionRule| {
        let default = rule.apply_server_side_encryption_by_default.as_ref()?;
        Some(BucketEncryption {
            sse_algorithm: default.sse_algorithm.as_str().to_owned().into(),
            kms_master_key_id: text(default.kms_master_key_id.clone()),
            bucket_key_enabled: rule.bucket_key_enabled.unwrap_or(false).into(),
        })
    };
    configuration.rules.iter().find_map(by_default).into()
}

pub(super) fn lifecycle(
    answer: &GetBucketLifecycleConfigurationOutput,
) -> Slot<Items<LifecycleRule>> {
    let Some(rules) = &answer.rules else { return left_out() };
    Slot::Known(rules.iter().map(rule).collect())
}

fn rule(rule: &GivenRule) -> LifecycleRule {
    let filter = rule.filter.as_ref();
    let both = filter.and_then(|filter| filter.and.as_ref());
    #[expect(deprecated, reason = "rules of older buckets still have their prefix there")]
    let prefix = rule.prefix.clone();
    let prefix = filter
        .and_then(|filter| filter.prefix.clone())
        .or_else(|| both.and_then(|both| both.prefix.clone()))
        .or(prefix);
    let has_other_filter = filter.is_some_and(|filter| {
        filter.tag.is_some()
            || filter.object_size_greater_than.is_some()
            || filter.object_size_less_than.is_some()
    }) || both.is_some_and(|both| {
        both.tags.as_ref().is_some_and(|tags| !tags.is_empty())
            || both.object_size_greater_than.is_some()
            || both.object_size_less_than.is_some()
    });
    let expiration = rule.expiration.as_ref();
    let old = rule.noncurrent_version_expiration.as_ref();
    LifecycleRule {
        id: rule.id.clone().into(),
        enabled: (rule.status == ExpirationStatus::Enabled).into(),
        prefix: text(prefix),
        has_other_filter: has_other_filter.into(),
        expiration_days: int(expiration.and_then(|it| it.days)),
        expiration_date: time(expiration.and_then(|it| it.date)),
        noncurrent_version_expiration_days: int(old.and_then(|it| it.noncurrent_days)),
    }
}

pub(super) fn object_lock(answer: &GetObjectLockConfigurationOutput) -> Slot<ObjectLock> {
    let Some(lock) = &answer.object_lock_configuration else { return left_out() };
    let retention = lock.rule.as_ref().and_then(|rule| rule.default_retention.as_ref());
    let days = retention.and_then(|it| {
        let years = it.years.map(|years| i64::from(years) * 365);
        it.days.map(i64::from).or(years)
    });
    Slot::Known(ObjectLock {
        enabled: (lock.object_lock_enabled == Some(ObjectLockEnabled::Enabled)).into(),
        default_retention_mode: retention
            .and_then(|it| it.mode.as_ref())
            .map(|mode| mode.as_str().to_owned())
            .into(),
        default_retention_days: days.into(),
    })
}

pub(super) fn website(answer: &GetBucketWebsiteOutput) -> Slot<String> {
    let index = answer.index_document.as_ref().map(|index| index.suffix.clone());
    let host = answer.redirect_all_requests_to.as_ref().map(|to| to.host_name.clone());
    index.or(host).map_or_else(left_out, Slot::Known)
}

pub(super) fn tags(answer: &GetBucketTaggingOutput) -> Slot<Items<Tag>> {
    let tag = |tag: &aws_sdk_s3::types::Tag| Tag {
        key: tag.key.clone().into(),
        value: tag.value.clone().into(),
    };
    Slot::Known(answer.tag_set.iter().map(tag).collect())
}
