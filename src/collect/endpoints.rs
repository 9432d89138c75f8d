//! VPC endpoints of a region, and the endpoint services that it offers.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{ServiceConfiguration, Tag as Ec2Tag, VpcEndpoint as Listed};
use futures::stream::{self, StreamExt};

use super::convert::{items, text};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot};
use crate::resources::tag::Tag;
use crate::resources::vpc_endpoint::{
    DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS, DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS,
    DESCRIBE_VPC_ENDPOINTS, EndpointService, VpcEndpoint,
};
use crate::session::Walk;

/// The sweeps of endpoints.
pub(super) const SWEEPS: &[Sweep] = &[
    sweep!("ec2-vpc-endpoints", Region, [VpcEndpoint], [DESCRIBE_VPC_ENDPOINTS], endpoints),
    sweep!(
        "ec2-endpoint-services",
        Region,
        [EndpointService],
        [DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS, DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS],
        services
    ),
];

/// How many services of a region are asked for their permissions at the same time.
const AT_ONCE: usize = 4;

async fn endpoints(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_VPC_ENDPOINTS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_vpc_endpoints().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, endpoint) in walk.named(page.vpc_endpoints, |it| it.vpc_endpoint_id.clone()) {
            cell.add(&id, endpoint_facts(endpoint)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<VpcEndpoint>(call, walk.end()).await;
}

fn endpoint_facts(endpoint: Listed) -> VpcEndpoint {
    VpcEndpoint {
        id: endpoint.vpc_endpoint_id.into(),
        owner_id: endpoint.owner_id.into(),
        vpc_id: endpoint.vpc_id.into(),
        endpoint_type: endpoint.vpc_endpoint_type.map(|word| word.as_str().to_owned()).into(),
        service_name: text(endpoint.service_name),
        // The API has been seen to write `available` and `Available`.
        state: endpoint.state.map(|word| word.as_str().to_ascii_lowercase()).into(),
        policy: text(endpoint.policy_document),
        requester_managed: endpoint.requester_managed.into(),
        tags: tags(endpoint.tags),
    }
}

async fn services(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = ec2.describe_vpc_endpoint_service_configurations();
            request.max_results(1000).set_next_token(token).send()
        })
        .await
    {
        let mut found = Vec::new();
        found.extend(walk.named(page.service_configurations, |it| it.service_id.clone()));
        walk.then(page.next_token);
        stream::iter(found)
            .for_each_concurrent(AT_ONCE, |(id, service)| service_facts(cell, &ec2, id, service))
            .await;
    }
    cell.cover::<EndpointService>(call, walk.end()).await;
}

async fn service_facts(cell: &Cell, ec2: &Client, id: String, service: ServiceConfiguration) {
    let facts = EndpointService {
        id: id.as_str().into(),
        name: service.service_name.into(),
        state: service.service_state.map(|word| word.as_str().to_owned()).into(),
        acceptance_required: service.acceptance_required.into(),
        tags: tags(service.tags),
        allowed_principals: principals(cell, ec2, &id).await,
    };
    cell.add(&id, facts).await;
}

async fn principals(cell: &Cell, ec2: &Client, id: &str) -> Slot<Items<String>> {
    let call = &DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = ec2.describe_vpc_endpoint_service_permissions().service_id(id);
            request.max_results(1000).set_next_token(token).send()
        })
        .await
    {
        found.extend(
            walk.named(page.allowed_principals, |it| it.principal.clone())
                .into_iter()
                .map(|(name, _)| name),
        );
        walk.then(page.next_token);
    }
    let missing = walk.end().err().map(|error| cell.note(call, &error, Some(id)));
    items(found, missing)
}

fn tags(tags: Option<Vec<Ec2Tag>>) -> Slot<Items<Tag>> {
    let tags = tags.unwrap_or_default().into_iter();
    let tag =
        |tag: Ec2Tag| Tag { key: tag.key.into(), value: tag.value.unwrap_or_default().into() };
    Slot::Known(tags.map(tag).collect())
}
