//! What a region has by default for storage, images and instance metadata.

use aws_sdk_ec2::types::InstanceMetadataDefaultsResponse;

use super::super::convert::{field, items, left_out};
use super::super::place::Cell;
use super::word;
use crate::inventory::{Items, Slot};
use crate::resources::region::{
    DESCRIBE_PUBLIC_SNAPSHOTS, DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
    DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS, GET_EBS_ENCRYPTION_BY_DEFAULT,
    GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE, GET_INSTANCE_METADATA_DEFAULTS,
    GET_SERIAL_CONSOLE_ACCESS_STATUS, GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
    InstanceMetadataDefaults, Region,
};

/// Reads the settings that some check needs, all at once.
pub(super) async fn facts(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let caller = cell.caller();
    let (encryption, snapshots, images, metadata, public) = futures::join!(
        cell.fetch(
            &GET_EBS_ENCRYPTION_BY_DEFAULT,
            caller.call(&GET_EBS_ENCRYPTION_BY_DEFAULT, || {
                ec2.get_ebs_encryption_by_default().send()
            })
        ),
        cell.fetch(
            &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
            caller.call(&GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE, || {
                ec2.get_snapshot_block_public_access_state().send()
            })
        ),
        cell.fetch(
            &GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE,
            caller.call(&GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE, || {
                ec2.get_image_block_public_access_state().send()
            })
        ),
        cell.fetch(
            &GET_INSTANCE_METADATA_DEFAULTS,
            caller.call(&GET_INSTANCE_METADATA_DEFAULTS, || {
                ec2.get_instance_metadata_defaults().send()
            })
        ),
        public_snapshots(cell, &ec2),
    );
    let encryption = cell.settle(&GET_EBS_ENCRYPTION_BY_DEFAULT, None, encryption);
    let snapshots = cell.settle(&GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE, None, snapshots);
    let images = cell.settle(&GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE, None, images);
    let metadata = cell.settle(&GET_INSTANCE_METADATA_DEFAULTS, None, metadata);
    let region = Region {
        name: cell.region_name().into(),
        ebs_encryption_by_default: field(&encryption, |it| it.ebs_encryption_by_default.into()),
        snapshot_block_public_access: field(&snapshots, |it| word!(it.state.as_ref())),
        image_block_public_access: field(&images, |it| {
            it.image_block_public_access_state.clone().into()
        }),
        instance_metadata_defaults: field(&metadata, |it| {
            it.account_level.as_ref().map_or_else(left_out, |given| Slot::Known(defaults(given)))
        }),
        public_snapshot_ids: public,
        ..access(cell, &ec2).await
    };
    cell.contribute(cell.region_name(), region).await;
}

/// Whether instances are reached past the filters of the network.
async fn access(cell: &Cell, ec2: &aws_sdk_ec2::Client) -> Region {
    let caller = cell.caller();
    let (console, block, exclusions) = futures::join!(
        cell.fetch(
            &GET_SERIAL_CONSOLE_ACCESS_STATUS,
            caller.call(&GET_SERIAL_CONSOLE_ACCESS_STATUS, || {
                ec2.get_serial_console_access_status().send()
            })
        ),
        cell.fetch(
            &DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
            caller.call(&DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS, || {
                ec2.describe_vpc_block_public_access_options().send()
            })
        ),
        exclusions(cell, ec2),
    );
    let console = cell.settle(&GET_SERIAL_CONSOLE_ACCESS_STATUS, None, console);
    let block = cell.settle(&DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS, None, block);
    Region {
        serial_console_access_enabled: field(&console, |it| {
            it.serial_console_access_enabled.map_or_else(left_out, Slot::Known)
        }),
        vpc_block_public_access_mode: field(&block, |it| {
            let options = it.vpc_block_public_access_options.as_ref();
            let mode = options.and_then(|it| it.internet_gateway_block_mode.as_ref());
            mode.map_or_else(left_out, |mode| Slot::Known(mode.as_str().to_owned()))
        }),
        vpc_block_public_access_exclusions: exclusions,
        ..Region::default()
    }
}

/// The VPCs and subnets that are left out; those that were deleted stay in the list for a while.
async fn exclusions(cell: &Cell, ec2: &aws_sdk_ec2::Client) -> Slot<Items<String>> {
    let call = &DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let pages = cell
        .caller()
        .pages(
            call,
            |token| {
                let request = ec2.describe_vpc_block_public_access_exclusions();
                request.max_results(1000).set_next_token(token).send()
            },
            |page| (page.vpc_block_public_access_exclusions, page.next_token),
        )
        .await;
    let cut = pages.cut.map(|error| cell.note(call, &error, None));
    let gone = |state: &str| matches!(state, "delete-complete" | "disable-complete");
    let there = pages
        .items
        .into_iter()
        .filter(|it| !it.state.as_ref().is_some_and(|state| gone(state.as_str())));
    items(there.filter_map(|it| it.resource_arn).collect(), cut)
}

fn defaults(given: &InstanceMetadataDefaultsResponse) -> InstanceMetadataDefaults {
    // The word for no preference is the same as none, and -1 stands for no limit of its own.
    let stated = |word: &str| (word != "no-preference").then(|| word.to_owned());
    InstanceMetadataDefaults {
        http_tokens: given.http_tokens.as_ref().and_then(|word| stated(word.as_str())).into(),
        http_endpoint: given.http_endpoint.as_ref().and_then(|word| stated(word.as_str())).into(),
        http_put_response_hop_limit: given
            .http_put_response_hop_limit
            .filter(|limit| *limit >= 0)
            .map(i64::from)
            .into(),
    }
}

async fn public_snapshots(cell: &Cell, ec2: &aws_sdk_ec2::Client) -> Slot<Items<String>> {
    let call = &DESCRIBE_PUBLIC_SNAPSHOTS;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let pages = cell
        .caller()
        .pages(
            call,
            |token| {
                let request = ec2.describe_snapshots().owner_ids("self");
                let request = request.restorable_by_user_ids("all").max_results(1000);
                request.set_next_token(token).send()
            },
            |page| {
                let ids = page
                    .snapshots
                    .map(|all| all.into_iter().filter_map(|it| it.snapshot_id).collect());
                (ids, page.next_token)
            },
        )
        .await;
    let cut = pages.cut.map(|error| cell.note(call, &error, None));
    items(pages.items, cut)
}
