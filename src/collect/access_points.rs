//! S3 access points of a region, each with its settings and policy.

use aws_sdk_s3control::Client;
use aws_sdk_s3control::types::AccessPoint as Listed;
use futures::stream::{self, StreamExt};

use super::convert::{field, left_out, text};
use super::place::{Cell, Fetched};
use super::sweep::{Sweep, sweep};
use crate::inventory::Slot;
use crate::resources::access_point::{
    AccessPoint, GET_ACCESS_POINT, GET_ACCESS_POINT_POLICY, GET_ACCESS_POINT_POLICY_STATUS,
    LIST_ACCESS_POINTS,
};
use crate::resources::s3::PublicAccessBlock;
use crate::session::Walk;

/// The sweeps of access points.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "s3-access-points",
    Region,
    [AccessPoint],
    [LIST_ACCESS_POINTS, GET_ACCESS_POINT, GET_ACCESS_POINT_POLICY, GET_ACCESS_POINT_POLICY_STATUS,],
    access_points
)];

/// How many access points of a region are read at the same time, each with up to three calls.
const AT_ONCE: usize = 8;

async fn access_points(cell: &Cell) {
    let s3control = cell.clients().s3control();
    let call = &LIST_ACCESS_POINTS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = s3control.list_access_points().account_id(cell.account().as_str());
            request.max_results(1000).set_next_token(token).send()
        })
        .await
    {
        let listed = walk.items(page.access_point_list);
        walk.then(page.next_token);
        stream::iter(listed)
            .for_each_concurrent(AT_ONCE, |listed| access_point(cell, &s3control, listed))
            .await;
    }
    cell.cover::<AccessPoint>(call, walk.end()).await;
}

/// Makes one call about an access point.
macro_rules! ask {
    ($cell:ident, $client:ident, $name:expr, $call:path, $operation:ident) => {
        $cell.fetch(
            &$call,
            $cell.caller().call(&$call, || {
                $client.$operation().account_id($cell.account().as_str()).name($name).send()
            }),
        )
    };
}

async fn access_point(cell: &Cell, s3control: &Client, listed: Listed) {
    let name = listed.name.as_str();
    let (settings, policy, status) = futures::join!(
        ask!(cell, s3control, name, GET_ACCESS_POINT, get_access_point),
        ask!(cell, s3control, name, GET_ACCESS_POINT_POLICY, get_access_point_policy),
        ask!(cell, s3control, name, GET_ACCESS_POINT_POLICY_STATUS, get_access_point_policy_status),
    );
    if gone(&settings) || gone(&policy) || gone(&status) {
        return;
    }
    let about = Some(name);
    let settings = cell.settle(&GET_ACCESS_POINT, about, settings);
    let policy = cell.settle(&GET_ACCESS_POINT_POLICY, about, policy);
    let status = cell.settle(&GET_ACCESS_POINT_POLICY_STATUS, about, status);
    let arn = format!(
        "arn:{}:s3:{}:{}:accesspoint/{name}",
        cell.partition(),
        cell.region_name(),
        cell.account()
    );
    let facts = AccessPoint {
        name: name.into(),
        arn: arn.as_str().into(),
        bucket_name: text(Some(listed.bucket.clone())),
        bucket_account_id: listed.bucket_account_id.clone().into(),
        network_origin: Slot::Known(listed.network_origin.as_str().to_owned()),
        vpc_id: listed.vpc_configuration.as_ref().map(|it| it.vpc_id.clone()).into(),
        public_access_block: field(&settings, |it| {
            let block = it.public_access_block_configuration.as_ref();
            block.map_or_else(left_out, |block| {
                Slot::Known(PublicAccessBlock {
                    block_public_acls: block.block_public_acls.into(),
                    ignore_public_acls: block.ignore_public_acls.into(),
                    block_public_policy: block.block_public_policy.into(),
                    restrict_public_buckets: block.restrict_public_buckets.into(),
                })
            })
        }),
        policy: field(&policy, |it| it.policy.clone().map_or_else(left_out, Slot::Known)),
        policy_is_public: field(&status, |it| {
            it.policy_status.as_ref().map_or_else(left_out, |it| Slot::Known(it.is_public))
        }),
    };
    cell.add(name, facts).await;
}

fn gone<T>(fetched: &Fetched<T>) -> bool {
    fetched.failed_with("NoSuchAccessPoint")
}
