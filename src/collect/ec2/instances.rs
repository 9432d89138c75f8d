//! Instances, network interfaces and machine images.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    GroupIdentifier, Instance as ListedInstance, InstanceMetadataOptionsResponse,
    NetworkInterface as ListedInterface,
};

use super::super::convert::{int, text, time};
use super::super::place::Cell;
use super::{tags, word};
use crate::inventory::{Items, Slot};
use crate::resources::image::{DESCRIBE_IMAGES, Image};
use crate::resources::instance::{DESCRIBE_INSTANCES, Instance, MetadataOptions};
use crate::resources::network_interface::{DESCRIBE_NETWORK_INTERFACES, NetworkInterface};
use crate::session::Walk;

/// The instances of the region.
pub(super) async fn instances(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_INSTANCES;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_instances().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for reservation in walk.items(page.reservations) {
            for instance in walk.items(reservation.instances) {
                let owner = reservation.owner_id.clone();
                match instance.instance_id.clone() {
                    Some(id) => cell.add(&id, instance_facts(instance, owner)).await,
                    None => walk.cut("ItemWithoutId"),
                }
            }
        }
        walk.then(page.next_token);
    }
    cell.cover::<Instance>(call, walk.end()).await;
}

fn instance_facts(instance: ListedInstance, owner: Option<String>) -> Instance {
    let interfaces = instance.network_interfaces.unwrap_or_default();
    let mut v6: BTreeSet<String> = instance.ipv6_address.into_iter().collect();
    let mut groups: BTreeSet<String> = ids(instance.security_groups);
    for interface in interfaces {
        groups.extend(ids(interface.groups));
        let addresses = interface.ipv6_addresses.unwrap_or_default();
        v6.extend(addresses.into_iter().filter_map(|address| address.ipv6_address));
    }
    let list = instance.tags.clone().unwrap_or_default();
    let name = list.into_iter().find(|tag| tag.key.as_deref() == Some("Name"));
    Instance {
        id: instance.instance_id.into(),
        name: text(name.and_then(|tag| tag.value)),
        owner_id: owner.into(),
        state: word!(instance.state.and_then(|state| state.name)),
        instance_type: word!(instance.instance_type),
        image_id: instance.image_id.into(),
        launch_time: time(instance.launch_time),
        vpc_id: text(instance.vpc_id),
        subnet_id: text(instance.subnet_id),
        public_ip_address: text(instance.public_ip_address),
        private_ip_address: text(instance.private_ip_address),
        ipv6_addresses: Slot::Known(v6.into_iter().collect()),
        group_ids: Slot::Known(groups.into_iter().collect()),
        iam_instance_profile_arn: instance.iam_instance_profile.and_then(|it| it.arn).into(),
        metadata_options: instance.metadata_options.map(metadata).into(),
        tags: tags(instance.tags),
    }
}

fn metadata(options: InstanceMetadataOptionsResponse) -> MetadataOptions {
    MetadataOptions {
        http_tokens: word!(options.http_tokens),
        http_endpoint: word!(options.http_endpoint),
        http_put_response_hop_limit: int(options.http_put_response_hop_limit),
    }
}

fn ids(groups: Option<Vec<GroupIdentifier>>) -> BTreeSet<String> {
    groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id).collect()
}

/// The network interfaces of the region.
pub(super) async fn network_interfaces(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_NETWORK_INTERFACES;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_network_interfaces().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, interface) in
            walk.named(page.network_interfaces, |it| it.network_interface_id.clone())
        {
            cell.add(&id, interface_facts(interface)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<NetworkInterface>(call, walk.end()).await;
}

fn interface_facts(interface: ListedInterface) -> NetworkInterface {
    let v6 = interface.ipv6_addresses.unwrap_or_default().into_iter();
    let v6: Items<String> = v6.filter_map(|address| address.ipv6_address).collect();
    NetworkInterface {
        id: interface.network_interface_id.into(),
        vpc_id: interface.vpc_id.into(),
        subnet_id: interface.subnet_id.into(),
        owner_id: interface.owner_id.into(),
        interface_type: word!(interface.interface_type),
        status: word!(interface.status),
        description: interface.description.unwrap_or_default().into(),
        requester_managed: interface.requester_managed.into(),
        private_ip_address: text(interface.private_ip_address),
        public_ip: text(interface.association.and_then(|association| association.public_ip)),
        ipv6_addresses: Slot::Known(v6),
        group_ids: Slot::Known(ids(interface.groups).into_iter().collect()),
        instance_id: text(interface.attachment.and_then(|attachment| attachment.instance_id)),
    }
}

/// The machine images that the account owns.
pub(super) async fn images(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_IMAGES;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = ec2.describe_images().owners("self").include_disabled(true);
            request.max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for image in walk.items(page.images) {
            let Some(id) = image.image_id.clone() else {
                walk.cut("ItemWithoutId");
                continue;
            };
            let facts = Image {
                id: image.image_id.into(),
                name: text(image.name),
                public: image.public.into(),
                state: word!(image.state),
                tags: tags(image.tags),
            };
            cell.add(&id, facts).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<Image>(call, walk.end()).await;
}
