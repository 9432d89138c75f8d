//! Instances, volumes, snapshots, and settings of the region about them.

use crate::synthetic::context::Context;
use crate::synthetic::mix::ec2_id;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Image, Instance, NetworkInterface, Region, Snapshot};
use crate::synthetic::xml::Xml;

use super::connect::{association, group_set};
use super::{SIZES, set, tag_set};

/// Each instance is a reservation of its own.
pub fn instances(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.instances, SIZES)?;
    Ok(set(context, "reservationSet", page, |xml, one| {
        xml.leaf("reservationId", ec2_id("r", &[&one.id]));
        xml.leaf("ownerId", &context.account.id);
        xml.list("groupSet", "item", None::<()>, |_, ()| {});
        xml.list("instancesSet", "item", [one], |xml, one| instance(xml, region, one));
    }))
}

fn instance(xml: &mut Xml, region: &Region, one: &Instance) {
    xml.leaf("instanceId", &one.id);
    xml.leaf("imageId", &one.image);
    xml.node("instanceState", |xml| {
        xml.leaf("code", if one.state == "running" { 16 } else { 80 });
        xml.leaf("name", &one.state);
    });
    xml.leaf("instanceType", &one.kind);
    xml.leaf("launchTime", one.launched);
    let subnet = region.network.subnets.iter().find(|subnet| subnet.id == one.subnet);
    xml.node("placement", |xml| {
        xml.maybe("availabilityZone", subnet.map(|subnet| &subnet.zone));
        xml.leaf("tenancy", "default");
    });
    xml.node("monitoring", |xml| {
        xml.leaf("state", if one.monitoring { "enabled" } else { "disabled" });
    });
    xml.leaf("subnetId", &one.subnet);
    xml.leaf("vpcId", &one.vpc);
    xml.leaf("privateIpAddress", &one.private_ip);
    xml.maybe("ipAddress", one.public_ip.as_ref());
    group_set(xml, region, &one.groups);
    xml.leaf("architecture", "x86_64");
    xml.leaf("rootDeviceType", "ebs");
    xml.leaf("rootDeviceName", "/dev/xvda");
    let volumes = one.volumes.iter().zip('a'..='z');
    xml.list("blockDeviceMapping", "item", volumes, |xml, (volume, letter)| {
        xml.leaf("deviceName", format!("/dev/xvd{letter}"));
        xml.node("ebs", |xml| {
            xml.leaf("volumeId", volume);
            xml.leaf("status", "attached");
            xml.leaf("deleteOnTermination", true);
        });
    });
    let interfaces = region.network.interfaces.iter().filter(|it| one.interfaces.contains(&it.id));
    xml.list("networkInterfaceSet", "item", interfaces, |xml, it| interface(xml, region, it));
    if let Some(profile) = &one.profile {
        xml.node("iamInstanceProfile", |xml| xml.leaf("arn", profile));
    }
    xml.node("metadataOptions", |xml| {
        let metadata = &one.metadata;
        xml.leaf("state", "applied");
        xml.leaf("httpTokens", if metadata.tokens_required { "required" } else { "optional" });
        xml.leaf("httpPutResponseHopLimit", metadata.hop_limit);
        xml.leaf("httpEndpoint", if metadata.enabled { "enabled" } else { "disabled" });
        xml.leaf("instanceMetadataTags", "disabled");
    });
    tag_set(xml, &one.tags);
}

fn interface(xml: &mut Xml, region: &Region, one: &NetworkInterface) {
    xml.leaf("networkInterfaceId", &one.id);
    xml.leaf("subnetId", &one.subnet);
    xml.leaf("vpcId", &one.vpc);
    xml.leaf("status", "in-use");
    xml.leaf("privateIpAddress", &one.private_ip);
    group_set(xml, region, &one.groups);
    association(xml, one.public_ip.as_ref());
}

pub fn volumes(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.volumes, SIZES)?;
    Ok(set(context, "volumeSet", page, |xml, one| {
        xml.leaf("volumeId", &one.id);
        xml.leaf("size", one.size);
        xml.leaf("availabilityZone", &one.zone);
        xml.leaf("status", if one.instance.is_some() { "in-use" } else { "available" });
        xml.leaf("createTime", one.created);
        xml.list("attachmentSet", "item", &one.instance, |xml, instance| {
            xml.leaf("volumeId", &one.id);
            xml.leaf("instanceId", instance);
            xml.leaf("device", "/dev/xvda");
            xml.leaf("status", "attached");
        });
        xml.leaf("volumeType", "gp3");
        xml.leaf("encrypted", one.encrypted);
        xml.maybe("kmsKeyId", one.key.as_ref());
        tag_set(xml, &one.tags);
    }))
}

/// Own snapshots, or with `RestorableBy=all` only the public ones; other owners have none here.
pub fn snapshots(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let params = &context.request.params;
    let (owners, restorable) = (params.list("Owner"), params.list("RestorableBy"));
    let own = owners.is_empty()
        || owners.iter().any(|owner| *owner == "self" || *owner == context.account.id);
    let found: Vec<&Snapshot> = region
        .snapshots
        .iter()
        .filter(|one| own && (!restorable.contains(&"all") || one.public))
        .collect();
    let page = context.page(&found, SIZES)?;
    Ok(set(context, "snapshotSet", page, |xml, one| {
        xml.leaf("snapshotId", &one.id);
        xml.leaf("volumeId", &one.volume);
        xml.leaf("status", "completed");
        xml.leaf("startTime", one.created);
        xml.leaf("progress", "100%");
        xml.leaf("ownerId", &context.account.id);
        xml.leaf("volumeSize", one.size);
        xml.leaf("description", &one.description);
        xml.leaf("encrypted", one.encrypted);
        tag_set(xml, &one.tags);
    }))
}

/// Who may make volumes of a snapshot.
pub fn snapshot_attribute(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let id = context.required("SnapshotId")?;
    let Some(one) = region.snapshots.iter().find(|one| one.id == id) else {
        let message = format!("The snapshot '{id}' does not exist.");
        return Err(Refusal::new(400, "InvalidSnapshot.NotFound", message));
    };
    let everybody = one.public.then_some(("group", "all"));
    let accounts = one.shared_with.iter().map(|account| ("userId", account.as_str()));
    Ok(context.ec2(|xml| {
        xml.leaf("snapshotId", id);
        xml.list(
            "createVolumePermission",
            "item",
            everybody.into_iter().chain(accounts),
            |xml, (kind, who)| xml.leaf(kind, who),
        );
    }))
}

pub fn serial_console(context: &Context<'_>, region: &Region) -> Answer {
    context.ec2(|xml| {
        xml.leaf("serialConsoleAccessEnabled", region.ebs.serial_console);
        xml.leaf("managedBy", "account");
    })
}

pub fn images(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let owners = context.request.params.list("Owner");
    let own = owners.is_empty()
        || owners.iter().any(|owner| *owner == "self" || *owner == context.account.id);
    let found: Vec<&Image> = region.images.iter().filter(|_| own).collect();
    let page = context.page(&found, SIZES)?;
    Ok(set(context, "imagesSet", page, |xml, one| {
        xml.leaf("imageId", &one.id);
        xml.leaf("imageOwnerId", &context.account.id);
        xml.leaf("name", &one.name);
        xml.leaf("imageState", "available");
        xml.leaf("isPublic", one.public);
        xml.leaf("creationDate", one.created);
        tag_set(xml, &one.tags);
    }))
}

pub fn encryption_by_default(context: &Context<'_>, region: &Region) -> Answer {
    context.ec2(|xml| xml.leaf("ebsEncryptionByDefault", region.ebs.encryption_by_default))
}

pub fn snapshot_block(context: &Context<'_>, region: &Region) -> Answer {
    let state = match region.ebs.snapshot_block.as_str() {
        "" => "unblocked",
        state => state,
    };
    context.ec2(|xml| {
        xml.leaf("state", state);
        xml.leaf("managedBy", "account");
    })
}

pub fn image_block(context: &Context<'_>, region: &Region) -> Answer {
    let blocked = region.ebs.image_block;
    context.ec2(|xml| {
        let state = if blocked { "block-new-sharing" } else { "unblocked" };
        xml.leaf("imageBlockPublicAccessState", state);
        xml.leaf("managedBy", "account");
    })
}

pub fn metadata_defaults(context: &Context<'_>, region: &Region) -> Answer {
    context.ec2(|xml| {
        xml.node("accountLevel", |xml| {
            if let Some(required) = region.ebs.metadata_tokens_required {
                xml.leaf("httpTokens", if required { "required" } else { "optional" });
            }
            xml.leaf("managedBy", "account");
        });
    })
}
