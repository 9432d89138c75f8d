//! Launch templates, with their default and latest versions in one list for the region.

use std::collections::HashMap;

use aws_sdk_ec2::types::{
    LaunchTemplate as ListedTemplate, LaunchTemplateVersion as ListedVersion,
    ResponseLaunchTemplateData,
};

use super::super::convert::{int, items};
use super::super::place::Cell;
use super::{tags, word};
use crate::inventory::{Reason, Slot};
use crate::resources::launch_template::{
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, DESCRIBE_LAUNCH_TEMPLATES, LaunchTemplate,
    TemplateInterface, TemplateVersion,
};
use crate::session::Walk;

/// The versions of templates by their ids, and why there may be more.
type Versions = (HashMap<String, Vec<TemplateVersion>>, Option<Reason>);

/// The launch templates of the region.
pub(super) async fn launch_templates(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_LAUNCH_TEMPLATES;
    let mut walk = Walk::default();
    let mut templates = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_launch_templates().max_results(200).set_next_token(token).send()
        })
        .await
    {
        templates.extend(walk.named(page.launch_templates, |it| it.launch_template_id.clone()));
        walk.then(page.next_token);
    }
    let end = walk.end();
    let wanted = cell.wants(&DESCRIBE_LAUNCH_TEMPLATE_VERSIONS) && !templates.is_empty();
    let mut versions = if wanted { Some(versions(cell, &ec2).await) } else { None };
    for (id, template) in templates {
        let versions = versions.as_mut().map_or(Slot::Pending, |(by_template, cut)| {
            let found = by_template.remove(&id).unwrap_or_default();
            // A template has a default version at least; one that the list lacks was made since.
            let gone = found.is_empty() && cut.is_none();
            let missing =
                gone.then(|| super::super::convert::missing("its versions were not listed"));
            items(found, cut.clone().or(missing))
        });
        let facts = LaunchTemplate { versions, ..template_facts(template) };
        cell.add(&id, facts).await;
    }
    cell.cover::<LaunchTemplate>(call, end).await;
}

fn template_facts(template: ListedTemplate) -> LaunchTemplate {
    LaunchTemplate {
        id: template.launch_template_id.into(),
        name: template.launch_template_name.into(),
        default_version_number: template.default_version_number.into(),
        latest_version_number: template.latest_version_number.into(),
        tags: tags(template.tags),
        ..LaunchTemplate::default()
    }
}

/// The default and the latest version of every template, each once.
async fn versions(cell: &Cell, ec2: &aws_sdk_ec2::Client) -> Versions {
    let call = &DESCRIBE_LAUNCH_TEMPLATE_VERSIONS;
    let mut walk = Walk::default();
    let mut found: HashMap<String, Vec<TemplateVersion>> = HashMap::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = ec2.describe_launch_template_versions().versions("$Default");
            request.versions("$Latest").max_results(200).set_next_token(token).send()
        })
        .await
    {
        for version in walk.items(page.launch_template_versions) {
            let Some(id) = version.launch_template_id.clone() else {
                walk.cut("ItemWithoutId");
                continue;
            };
            let list = found.entry(id).or_default();
            let facts = version_facts(version);
            if !list.iter().any(|known| known.version_number == facts.version_number) {
                list.push(facts);
            }
        }
        walk.then(page.next_token);
    }
    let cut = walk.end().err().map(|error| cell.note(call, &error, None));
    // The API gives them in no order.
    for list in found.values_mut() {
        list.sort_by_key(|version| version.version_number.known().copied());
    }
    (found, cut)
}

fn version_facts(version: ListedVersion) -> TemplateVersion {
    let head = TemplateVersion {
        version_number: version.version_number.into(),
        is_default: version.default_version.into(),
        ..TemplateVersion::default()
    };
    match version.launch_template_data {
        Some(data) => with_data(head, data),
        None => TemplateVersion {
            http_tokens: super::super::convert::left_out(),
            http_endpoint: super::super::convert::left_out(),
            network_interfaces: super::super::convert::left_out(),
            ..head
        },
    }
}

fn with_data(head: TemplateVersion, data: ResponseLaunchTemplateData) -> TemplateVersion {
    let metadata = data.metadata_options;
    let tokens = metadata.as_ref().and_then(|it| it.http_tokens.clone());
    let endpoint = metadata.as_ref().and_then(|it| it.http_endpoint.clone());
    let interfaces = data.network_interfaces.unwrap_or_default().into_iter();
    let interfaces = interfaces.map(|interface| TemplateInterface {
        device_index: int(interface.device_index),
        associate_public_ip_address: interface.associate_public_ip_address.into(),
    });
    TemplateVersion {
        http_tokens: word!(tokens),
        http_endpoint: word!(endpoint),
        network_interfaces: Slot::Known(interfaces.collect()),
        ..head
    }
}
