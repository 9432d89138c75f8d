//! Everything about one bucket, as far as some check needs it.

use aws_sdk_s3::Client;

use super::super::convert::field;
use super::super::place::{Cell, Fetched};
use super::facts;
use crate::aws::Region;
use crate::inventory::Slot;
use crate::resources::s3::{
    Bucket, GET_BUCKET_ACL, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE_CONFIGURATION,
    GET_BUCKET_LOGGING, GET_BUCKET_OWNERSHIP_CONTROLS, GET_BUCKET_POLICY, GET_BUCKET_POLICY_STATUS,
    GET_BUCKET_TAGGING, GET_BUCKET_VERSIONING, GET_BUCKET_WEBSITE, GET_OBJECT_LOCK_CONFIGURATION,
    GET_PUBLIC_ACCESS_BLOCK,
};
use crate::schema::Call;
use crate::session::Caller;

/// Reads buckets of one region.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    cell: &'a Cell,
    region: Region,
    caller: Caller,
    s3: Client,
}

/// Makes one call about a bucket.
macro_rules! ask {
    ($reader:ident, $name:ident, $call:path, $operation:ident) => {
        $reader.cell.fetch(
            &$call,
            $reader.caller.call(&$call, || $reader.s3.$operation().bucket($name).send()),
        )
    };
}

impl<'a> Reader<'a> {
    pub(super) fn new(cell: &'a Cell, region: Region) -> Self {
        let (caller, clients) = cell.elsewhere(&region);
        Self { cell, region, caller, s3: clients.s3() }
    }

    /// Adds to what the list says of a bucket; `None` when it is gone since.
    pub(super) async fn read(&self, name: &str, listed: Bucket) -> Option<Bucket> {
        let (policy, status, acl, block, ownership) = futures::join!(
            ask!(self, name, GET_BUCKET_POLICY, get_bucket_policy),
            ask!(self, name, GET_BUCKET_POLICY_STATUS, get_bucket_policy_status),
            ask!(self, name, GET_BUCKET_ACL, get_bucket_acl),
            ask!(self, name, GET_PUBLIC_ACCESS_BLOCK, get_public_access_block),
            ask!(self, name, GET_BUCKET_OWNERSHIP_CONTROLS, get_bucket_ownership_controls),
        );
        let (encryption, versioning, logging, lifecycle, lock, tagging, website) = futures::join!(
            ask!(self, name, GET_BUCKET_ENCRYPTION, get_bucket_encryption),
            ask!(self, name, GET_BUCKET_VERSIONING, get_bucket_versioning),
            ask!(self, name, GET_BUCKET_LOGGING, get_bucket_logging),
            ask!(
                self,
                name,
                GET_BUCKET_LIFECYCLE_CONFIGURATION,
                get_bucket_lifecycle_configuration
            ),
            ask!(self, name, GET_OBJECT_LOCK_CONFIGURATION, get_object_lock_configuration),
            ask!(self, name, GET_BUCKET_TAGGING, get_bucket_tagging),
            ask!(self, name, GET_BUCKET_WEBSITE, get_bucket_website),
        );
        let is_gone = gone(&policy)
            || gone(&status)
            || gone(&acl)
            || gone(&block)
            || gone(&ownership)
            || gone(&encryption)
            || gone(&versioning)
            || gone(&logging)
            || gone(&lifecycle)
            || gone(&lock)
            || gone(&tagging)
            || gone(&website);
        if is_gone {
            return None;
        }
        let policy = self.settle(&GET_BUCKET_POLICY, name, policy);
        let status = self.settle(&GET_BUCKET_POLICY_STATUS, name, status);
        let acl = self.settle(&GET_BUCKET_ACL, name, acl);
        let block = self.settle(&GET_PUBLIC_ACCESS_BLOCK, name, block);
        let ownership = self.settle(&GET_BUCKET_OWNERSHIP_CONTROLS, name, ownership);
        let encryption = self.settle(&GET_BUCKET_ENCRYPTION, name, encryption);
        let versioning = self.settle(&GET_BUCKET_VERSIONING, name, versioning);
        let logging = self.settle(&GET_BUCKET_LOGGING, name, logging);
        let lifecycle = self.settle(&GET_BUCKET_LIFECYCLE_CONFIGURATION, name, lifecycle);
        let lock = self.settle(&GET_OBJECT_LOCK_CONFIGURATION, name, lock);
        let tagging = self.settle(&GET_BUCKET_TAGGING, name, tagging);
        let website = self.settle(&GET_BUCKET_WEBSITE, name, website);
        Some(Bucket {
            policy: field(&policy, facts::policy),
            policy_is_public: field(&status, facts::is_public),
            acl_grants: field(&acl, facts::grants),
            owner_id: field(&acl, facts::owner),
            public_access_block: field(&block, facts::public_access_block),
            object_ownership: field(&ownership, facts::ownership),
            encryption: field(&encryption, facts::encryption),
            versioning: field(&versioning, |it| {
                it.status.as_ref().map(|status| status.as_str().to_owned()).into()
            }),
            mfa_delete: field(&versioning, |it| {
                it.mfa_delete.as_ref().map(|status| status.as_str().to_owned()).into()
            }),
            logging_target_bucket: field(&logging, |it| {
                it.logging_enabled.as_ref().map(|logging| logging.target_bucket.clone()).into()
            }),
            logging_target_prefix: field(&logging, |it| {
                it.logging_enabled.as_ref().map(|logging| logging.target_prefix.clone()).into()
            }),
            lifecycle_rules: facts::empty_if_absent(field(&lifecycle, facts::lifecycle)),
            object_lock: field(&lock, facts::object_lock),
            website: field(&website, facts::website),
            tags: facts::empty_if_absent(field(&tagging, facts::tags)),
            ..listed
        })
    }

    fn settle<T>(&self, call: &'static Call, name: &str, fetched: Fetched<T>) -> Slot<T> {
        self.cell.settle_at(call, Some(&self.region), Some(name), fetched)
    }
}

fn gone<T>(fetched: &Fetched<T>) -> bool {
    fetched.failed_with("NoSuchBucket")
}
