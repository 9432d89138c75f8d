//! VPCs, subnets and flow logs.

use aws_sdk_ec2::types::{
    FlowLog as LoggedFlows, Subnet as ListedSubnet, SubnetCidrBlockStateCode, Vpc as ListedVpc,
    VpcCidrBlockStateCode,
};

use super::super::convert::text;
use super::super::place::Cell;
use super::{tags, word};
use crate::inventory::{CidrText, Items, Slot};
use crate::resources::flow_log::{DESCRIBE_FLOW_LOGS, FlowLog};
use crate::resources::vpc::{DESCRIBE_SUBNETS, DESCRIBE_VPCS, Subnet, Vpc};
use crate::session::Walk;

/// The VPCs of the region.
pub(super) async fn vpcs(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_VPCS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_vpcs().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, vpc) in walk.named(page.vpcs, |it| it.vpc_id.clone()) {
            cell.add(&id, vpc_facts(vpc)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<Vpc>(call, walk.end()).await;
}

fn vpc_facts(vpc: ListedVpc) -> Vpc {
    let v4 = vpc.cidr_block_association_set.unwrap_or_default().into_iter().filter_map(|block| {
        let state = block.cidr_block_state.and_then(|state| state.state);
        is_associated(state.as_ref()).then_some(block.cidr_block).flatten()
    });
    let v6 = vpc.ipv6_cidr_block_association_set.unwrap_or_default().into_iter();
    let v6 = v6.filter_map(|block| {
        let state = block.ipv6_cidr_block_state.and_then(|state| state.state);
        is_associated(state.as_ref()).then_some(block.ipv6_cidr_block).flatten()
    });
    let mut blocks: Vec<String> = v4.chain(v6).collect();
    if let Some(first) = vpc.cidr_block.filter(|first| !blocks.contains(first)) {
        blocks.insert(0, first);
    }
    Vpc {
        id: vpc.vpc_id.into(),
        owner_id: vpc.owner_id.into(),
        is_default: vpc.is_default.into(),
        cidr_blocks: Slot::Known(blocks.into_iter().map(CidrText).collect()),
        state: word!(vpc.state),
        tags: tags(vpc.tags),
    }
}

fn is_associated(state: Option<&VpcCidrBlockStateCode>) -> bool {
    state.is_none_or(|state| *state == VpcCidrBlockStateCode::Associated)
}

/// The subnets of the region.
pub(super) async fn subnets(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_SUBNETS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_subnets().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, subnet) in walk.named(page.subnets, |it| it.subnet_id.clone()) {
            cell.add(&id, subnet_facts(subnet)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<Subnet>(call, walk.end()).await;
}

fn subnet_facts(subnet: ListedSubnet) -> Subnet {
    let v6 = subnet.ipv6_cidr_block_association_set.unwrap_or_default().into_iter();
    let v6 = v6.filter_map(|block| {
        let state = block.ipv6_cidr_block_state.and_then(|state| state.state);
        let associated = state.is_none_or(|state| state == SubnetCidrBlockStateCode::Associated);
        associated.then_some(block.ipv6_cidr_block).flatten().map(CidrText)
    });
    let v6: Items<CidrText> = v6.collect();
    Subnet {
        id: subnet.subnet_id.into(),
        arn: subnet.subnet_arn.into(),
        vpc_id: subnet.vpc_id.into(),
        owner_id: subnet.owner_id.into(),
        availability_zone: subnet.availability_zone.into(),
        cidr_block: text(subnet.cidr_block).map(CidrText),
        ipv6_cidr_blocks: Slot::Known(v6),
        map_public_ip_on_launch: subnet.map_public_ip_on_launch.into(),
        assign_ipv6_address_on_creation: subnet.assign_ipv6_address_on_creation.into(),
        default_for_az: subnet.default_for_az.into(),
        tags: tags(subnet.tags),
    }
}

/// The flow logs of the region.
pub(super) async fn flow_logs(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_FLOW_LOGS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_flow_logs().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, log) in walk.named(page.flow_logs, |it| it.flow_log_id.clone()) {
            cell.add(&id, flow_log_facts(log)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<FlowLog>(call, walk.end()).await;
}

fn flow_log_facts(log: LoggedFlows) -> FlowLog {
    let destination = text(log.log_destination);
    let bucket = destination.known().and_then(|arn| bucket_of(arn));
    FlowLog {
        id: log.flow_log_id.into(),
        resource_id: log.resource_id.into(),
        flow_log_status: log.flow_log_status.into(),
        traffic_type: word!(log.traffic_type),
        log_destination_type: word!(log.log_destination_type),
        log_group_name: text(log.log_group_name),
        log_destination_bucket: bucket.into(),
        log_destination: destination,
        deliver_logs_status: text(log.deliver_logs_status),
        deliver_logs_error_message: text(log.deliver_logs_error_message),
        tags: tags(log.tags),
    }
}

/// The bucket of `arn:aws:s3:::bucket/prefix`.
fn bucket_of(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':');
    let service = parts.nth(2)?;
    let resource = parts.nth(2)?;
    let bucket = resource.split('/').next().filter(|bucket| !bucket.is_empty())?;
    (service == "s3").then(|| bucket.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_found_in_destinations() {
        assert_eq!(bucket_of("arn:aws-cn:s3:::flows/a/b").as_deref(), Some("flows"));
        assert_eq!(bucket_of("arn:aws:s3:::flows").as_deref(), Some("flows"));
        assert_eq!(bucket_of("arn:aws:logs:eu-west-1:111122223333:log-group:flows"), None);
        assert_eq!(bucket_of("flows"), None);
    }
}
