//! EBS volumes and snapshots.

use aws_sdk_ec2::types::{
    Snapshot as ListedSnapshot, SnapshotAttributeName, Volume as ListedVolume,
};
use futures::stream::{self, StreamExt};

use super::super::convert::{field, int, left_out, text, time};
use super::super::place::Cell;
use super::{tags, word};
use crate::inventory::Slot;
use crate::resources::snapshot::{DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS, Snapshot};
use crate::resources::volume::{DESCRIBE_VOLUMES, Volume};
use crate::session::Walk;

/// How many snapshots are asked for their permissions at the same time.
const SNAPSHOTS_AT_ONCE: usize = 8;

/// The code of a snapshot that is gone since it was listed.
const GONE: &str = "InvalidSnapshot.NotFound";

/// The volumes of the region.
pub(super) async fn volumes(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_VOLUMES;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_volumes().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, volume) in walk.named(page.volumes, |it| it.volume_id.clone()) {
            cell.add(&id, volume_facts(volume)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<Volume>(call, walk.end()).await;
}

fn volume_facts(volume: ListedVolume) -> Volume {
    let attachments = volume.attachments.unwrap_or_default().into_iter();
    Volume {
        id: volume.volume_id.into(),
        encrypted: volume.encrypted.into(),
        kms_key_id: text(volume.kms_key_id),
        size: int(volume.size),
        state: word!(volume.state),
        snapshot_id: text(volume.snapshot_id),
        instance_ids: Slot::Known(attachments.filter_map(|it| it.instance_id).collect()),
        tags: tags(volume.tags),
    }
}

/// The snapshots that the account owns. The public ones alone are read with the region's facts, by
/// the same call: this sweep is for checks that look at each.
pub(super) async fn snapshots(cell: &Cell) {
    if !cell.has::<Snapshot>() {
        return;
    }
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_SNAPSHOTS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = ec2.describe_snapshots().owner_ids("self");
            request.max_results(1000).set_next_token(token).send()
        })
        .await
    {
        let listed = walk.items(page.snapshots);
        walk.then(page.next_token);
        if listed.iter().any(|it| it.snapshot_id.is_none()) {
            walk.cut("ItemWithoutId");
        }
        stream::iter(listed)
            .for_each_concurrent(SNAPSHOTS_AT_ONCE, |listed| snapshot(cell, &ec2, listed))
            .await;
    }
    cell.cover::<Snapshot>(call, walk.end()).await;
}

async fn snapshot(cell: &Cell, ec2: &aws_sdk_ec2::Client, listed: ListedSnapshot) {
    let Some(id) = listed.snapshot_id else { return };
    let call = &DESCRIBE_SNAPSHOT_ATTRIBUTE;
    let name = SnapshotAttributeName::CreateVolumePermission;
    let request = ec2.describe_snapshot_attribute().snapshot_id(&id).attribute(name);
    let fetched = cell.fetch(call, cell.caller().call(call, || request.clone().send())).await;
    if fetched.failed_with(GONE) {
        return;
    }
    let permissions = cell.settle(call, Some(&id), fetched);
    let shared = field(&permissions, |it| {
        let Some(permissions) = &it.create_volume_permissions else { return left_out() };
        Slot::Known(permissions.iter().filter_map(|one| one.user_id.clone()).collect())
    });
    let facts = Snapshot {
        id: id.as_str().into(),
        volume_id: listed.volume_id.into(),
        owner_id: listed.owner_id.into(),
        encrypted: listed.encrypted.into(),
        start_time: time(listed.start_time),
        description: listed.description.unwrap_or_default().into(),
        tags: tags(listed.tags),
        shared_account_ids: shared,
    };
    cell.add(&id, facts).await;
}
