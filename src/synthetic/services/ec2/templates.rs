//! Launch templates and their versions.

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{LaunchTemplate, Region, TemplateVersion};
use crate::synthetic::xml::Xml;

use super::{set, tag_set};

/// How both lists page.
const SIZES: Sizes = Sizes { field: "MaxResults", default: 200, most: 200, token: "NextToken" };

pub fn templates(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.launch_templates, SIZES)?;
    Ok(set(context, "launchTemplates", page, |xml, one| {
        xml.leaf("launchTemplateId", &one.id);
        xml.leaf("launchTemplateName", &one.name);
        xml.leaf("createTime", one.created);
        xml.leaf("defaultVersionNumber", one.default_version);
        xml.leaf("latestVersionNumber", one.versions.len());
        tag_set(xml, &one.tags);
    }))
}

/// The versions asked for, of all templates: `$Default` and `$Latest`, each listed by itself.
pub fn versions(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let wanted = context.request.params.list("LaunchTemplateVersion");
    let found: Vec<(&LaunchTemplate, usize, &TemplateVersion)> = region
        .launch_templates
        .iter()
        .flat_map(|one| {
            let named = wanted.iter().filter_map(|word| match *word {
                "$Default" => Some(one.default_version),
                "$Latest" => Some(one.versions.len()),
                _ => None,
            });
            named.filter_map(move |number| {
                Some((one, number, one.versions.get(number.checked_sub(1)?)?))
            })
        })
        .collect();
    let page = context.page(&found, SIZES)?;
    Ok(set(context, "launchTemplateVersionSet", page, |xml, (one, number, version)| {
        xml.leaf("launchTemplateId", &one.id);
        xml.leaf("launchTemplateName", &one.name);
        xml.leaf("versionNumber", number);
        xml.leaf("defaultVersion", *number == one.default_version);
        xml.leaf("createTime", one.created);
        xml.node("launchTemplateData", |xml| data(xml, version));
    }))
}

fn data(xml: &mut Xml, version: &TemplateVersion) {
    xml.leaf("instanceType", "m7g.large");
    if let Some(required) = version.tokens_required {
        xml.node("metadataOptions", |xml| {
            xml.leaf("httpTokens", if required { "required" } else { "optional" });
            xml.leaf("httpEndpoint", "enabled");
        });
    }
    if let Some(public) = version.public_ip {
        xml.list("networkInterfaceSet", "item", [public], |xml, public| {
            xml.leaf("deviceIndex", 0);
            xml.leaf("associatePublicIpAddress", public);
        });
    }
}
