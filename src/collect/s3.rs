//! S3: the account's buckets, each read in its own region, and the account's Block Public Access.

mod bucket;
mod facts;

use std::collections::BTreeMap;

use aws_sdk_s3::types::Bucket as ListedBucket;
use futures::stream::{self, StreamExt};

use super::convert::field;
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::aws::Region;
use crate::inventory::{Coverage, Reason, ReasonKind, Record, Slot};
use crate::resources::account::{Account, GET_ACCOUNT_PUBLIC_ACCESS_BLOCK};
use crate::resources::s3::{
    Bucket, GET_BUCKET_ACL, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE_CONFIGURATION,
    GET_BUCKET_LOGGING, GET_BUCKET_OWNERSHIP_CONTROLS, GET_BUCKET_POLICY, GET_BUCKET_POLICY_STATUS,
    GET_BUCKET_TAGGING, GET_BUCKET_VERSIONING, GET_BUCKET_WEBSITE, GET_OBJECT_LOCK_CONFIGURATION,
    GET_PUBLIC_ACCESS_BLOCK, LIST_BUCKETS, PublicAccessBlock,
};
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[
    sweep!(
        "s3-buckets",
        Account,
        [Bucket],
        [
            LIST_BUCKETS,
            GET_BUCKET_POLICY,
            GET_BUCKET_POLICY_STATUS,
            GET_BUCKET_ACL,
            GET_PUBLIC_ACCESS_BLOCK,
            GET_BUCKET_OWNERSHIP_CONTROLS,
            GET_BUCKET_ENCRYPTION,
            GET_BUCKET_VERSIONING,
            GET_BUCKET_LOGGING,
            GET_BUCKET_LIFECYCLE_CONFIGURATION,
            GET_OBJECT_LOCK_CONFIGURATION,
            GET_BUCKET_TAGGING,
            GET_BUCKET_WEBSITE,
        ],
        buckets
    ),
    sweep!("s3-account", Account, [], [GET_ACCOUNT_PUBLIC_ACCESS_BLOCK], account),
];

/// How many buckets of an account are read at the same time, each with up to twelve calls.
const BUCKETS_AT_ONCE: usize = 16;

/// Reads the buckets. Those in a region that the user left out are left out as well.
async fn buckets(cell: &Cell) {
    let near = cell.near().clone();
    let (caller, clients) = cell.elsewhere(&near);
    let s3 = clients.s3();
    let call = &LIST_BUCKETS;
    let mut walk = Walk::default();
    let mut left_out = None;
    let mut readers: BTreeMap<Region, bucket::Reader<'_>> = BTreeMap::new();
    while let Some(page) = walk
        .next(&caller, call, |token| {
            s3.list_buckets().max_buckets(1000).set_continuation_token(token).send()
        })
        .await
    {
        let listed = walk.items(page.buckets);
        walk.then(page.continuation_token);
        let mut work = Vec::new();
        for bucket in listed {
            let Some(name) = bucket.name.clone() else {
                walk.cut("ItemWithoutId");
                continue;
            };
            let region = region_of(&bucket);
            match region.as_ref().filter(|region| cell.leaves_out(region)) {
                Some(region) => left_out = Some(region.clone()),
                None => {
                    let asked = region.clone().unwrap_or_else(|| near.clone());
                    let reader = readers
                        .entry(asked.clone())
                        .or_insert_with(|| bucket::Reader::new(cell, asked));
                    work.push((reader.clone(), name, listed_facts(cell, bucket, region)));
                }
            }
        }
        stream::iter(work)
            .for_each_concurrent(BUCKETS_AT_ONCE, |(reader, name, listed)| async move {
                if let Some(bucket) = reader.read(&name, listed).await {
                    cell.add(&name, bucket).await;
                }
            })
            .await;
    }
    cell.cover::<Bucket>(call, walk.end()).await;
    if let Some(region) = left_out {
        let reason = Reason {
            account: Some(cell.account().clone()),
            region: Some(region),
            ..Reason::new(ReasonKind::NotScanned, "", "region left out")
        };
        cell.cover_as(Bucket::record(), Coverage::Cut(reason)).await;
    }
}

fn region_of(bucket: &ListedBucket) -> Option<Region> {
    bucket.bucket_region.as_deref()?.parse().ok()
}

/// What the list says of a bucket.
fn listed_facts(cell: &Cell, bucket: ListedBucket, region: Option<Region>) -> Bucket {
    let arn = bucket.name.as_ref().map(|name| format!("arn:{}:s3:::{name}", cell.partition()));
    Bucket {
        name: bucket.name.into(),
        arn: arn.into(),
        region: region.map(|region| region.to_string()).into(),
        creation_date: super::convert::time(bucket.creation_date),
        ..Bucket::default()
    }
}

/// Block Public Access of the account.
async fn account(cell: &Cell) {
    let call = &GET_ACCOUNT_PUBLIC_ACCESS_BLOCK;
    let (caller, clients) = cell.elsewhere(cell.near());
    let s3control = clients.s3control();
    let request = s3control.get_public_access_block().account_id(cell.account().as_str());
    let fetched = cell.fetch(call, caller.call(call, || request.clone().send())).await;
    let answer = cell.settle(call, None, fetched);
    let facts = Account {
        public_access_block: field(&answer, |it| {
            it.public_access_block_configuration.as_ref().map_or_else(
                super::convert::left_out,
                |block| {
                    Slot::Known(PublicAccessBlock {
                        block_public_acls: block.block_public_acls.into(),
                        ignore_public_acls: block.ignore_public_acls.into(),
                        block_public_policy: block.block_public_policy.into(),
                        restrict_public_buckets: block.restrict_public_buckets.into(),
                    })
                },
            )
        }),
        ..Account::default()
    };
    cell.contribute(cell.account().as_str(), facts).await;
}
