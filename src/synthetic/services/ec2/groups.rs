//! Security groups and prefix lists.

use crate::synthetic::context::Context;
use crate::synthetic::mix::mix;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Peer, Region, SecurityGroup, SecurityRule};
use crate::synthetic::xml::Xml;

use super::{HUNDREDS, SIZES, set, tag_set};

pub fn groups(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let wanted = context.request.params.list("GroupId");
    let found: Vec<&SecurityGroup> = region
        .network
        .security_groups
        .iter()
        .filter(|group| wanted.is_empty() || wanted.contains(&group.id.as_str()))
        .collect();
    let page = context.page(&found, SIZES)?;
    Ok(set(context, "securityGroupInfo", page, |xml, group| {
        xml.leaf("ownerId", &context.account.id);
        xml.leaf("groupId", &group.id);
        xml.leaf("groupName", &group.name);
        xml.leaf("groupDescription", &group.description);
        xml.leaf("vpcId", &group.vpc);
        xml.leaf("securityGroupArn", arn(context, region, "security-group", &group.id));
        permissions(xml, "ipPermissions", group, false);
        permissions(xml, "ipPermissionsEgress", group, true);
        tag_set(xml, &group.tags);
    }))
}

fn arn(context: &Context<'_>, region: &Region, kind: &str, id: &str) -> String {
    let (partition, account) = (context.partition(), &context.account.id);
    format!("arn:{partition}:ec2:{}:{account}:{kind}/{id}", region.name)
}

/// Rules with the same protocol and ports share one permission, as in DescribeSecurityGroups.
fn permissions(xml: &mut Xml, name: &str, group: &SecurityGroup, egress: bool) {
    let rules: Vec<&SecurityRule> =
        group.rules.iter().filter(|rule| rule.egress == egress).collect();
    let mut traffic: Vec<(&str, Option<(i32, i32)>)> = Vec::new();
    for rule in &rules {
        let key = (rule.protocol.as_str(), rule.ports);
        if !traffic.contains(&key) {
            traffic.push(key);
        }
    }
    xml.list(name, "item", traffic, |xml, (protocol, ports)| {
        let same: Vec<&SecurityRule> = rules
            .iter()
            .copied()
            .filter(|rule| rule.protocol == protocol && rule.ports == ports)
            .collect();
        permission(xml, protocol, ports, &same);
    });
}

fn permission(xml: &mut Xml, protocol: &str, ports: Option<(i32, i32)>, rules: &[&SecurityRule]) {
    xml.leaf("ipProtocol", protocol);
    if let Some((from, to)) = ports {
        xml.leaf("fromPort", from);
        xml.leaf("toPort", to);
    }
    peers(xml, "groups", rules, |xml, peer| match peer {
        Peer::Group { id, account } => {
            xml.leaf("userId", account);
            xml.leaf("groupId", id);
            true
        }
        Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::PrefixList(_) => false,
    });
    peers(xml, "ipRanges", rules, |xml, peer| match peer {
        Peer::Ipv4(range) => {
            xml.leaf("cidrIp", range);
            true
        }
        Peer::Group { .. } | Peer::Ipv6(_) | Peer::PrefixList(_) => false,
    });
    peers(xml, "ipv6Ranges", rules, |xml, peer| match peer {
        Peer::Ipv6(range) => {
            xml.leaf("cidrIpv6", range);
            true
        }
        Peer::Group { .. } | Peer::Ipv4(_) | Peer::PrefixList(_) => false,
    });
    peers(xml, "prefixListIds", rules, |xml, peer| match peer {
        Peer::PrefixList(id) => {
            xml.leaf("prefixListId", id);
            true
        }
        Peer::Group { .. } | Peer::Ipv4(_) | Peer::Ipv6(_) => false,
    });
}

/// One list of peers; `write` says whether the peer belongs into it.
fn peers(
    xml: &mut Xml,
    name: &str,
    rules: &[&SecurityRule],
    write: impl Fn(&mut Xml, &Peer) -> bool,
) {
    let belongs = |rule: &&&SecurityRule| write(&mut Xml::default(), &rule.peer);
    xml.list(name, "item", rules.iter().filter(belongs), |xml, rule| {
        write(xml, &rule.peer);
        xml.maybe("description", rule.description.as_ref());
    });
}

pub fn rules(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let all: Vec<(&SecurityGroup, usize, &SecurityRule)> = region
        .network
        .security_groups
        .iter()
        .flat_map(|group| {
            group.rules.iter().enumerate().map(move |(index, rule)| (group, index, rule))
        })
        .collect();
    let page = context.page(&all, SIZES)?;
    Ok(set(context, "securityGroupRuleSet", page, |xml, (group, index, rule)| {
        let id = format!("sgr-0{:016x}", mix(9, &[&group.id, &index.to_string()]));
        let arn = arn(context, region, "security-group-rule", &id);
        rule_fields(xml, context, group, rule);
        xml.leaf("securityGroupRuleId", id);
        xml.leaf("securityGroupRuleArn", arn);
        tag_set(xml, &[]);
    }))
}

/// DescribeSecurityGroupRules writes -1 as port where all protocols are meant.
fn rule_fields(xml: &mut Xml, context: &Context<'_>, group: &SecurityGroup, rule: &SecurityRule) {
    let (from, to) = rule.ports.unwrap_or((-1, -1));
    xml.leaf("groupId", &group.id);
    xml.leaf("groupOwnerId", &context.account.id);
    xml.leaf("isEgress", rule.egress);
    xml.leaf("ipProtocol", &rule.protocol);
    xml.leaf("fromPort", from);
    xml.leaf("toPort", to);
    match &rule.peer {
        Peer::Ipv4(range) => xml.leaf("cidrIpv4", range),
        Peer::Ipv6(range) => xml.leaf("cidrIpv6", range),
        Peer::PrefixList(id) => xml.leaf("prefixListId", id),
        Peer::Group { id, account } => xml.node("referencedGroupInfo", |xml| {
            xml.leaf("groupId", id);
            xml.leaf("userId", account);
            xml.leaf("vpcId", &group.vpc);
        }),
    }
    xml.maybe("description", rule.description.as_ref());
}

pub fn prefix_lists(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.network.prefix_lists, HUNDREDS)?;
    Ok(set(context, "prefixListSet", page, |xml, list| {
        xml.leaf("prefixListId", &list.id);
        xml.leaf("addressFamily", &list.family);
        xml.leaf("state", "create-complete");
        xml.leaf("prefixListArn", arn(context, region, "prefix-list", &list.id));
        xml.leaf("prefixListName", &list.name);
        xml.leaf("maxEntries", list.entries.len().max(10));
        xml.leaf("version", 1);
        xml.leaf("ownerId", &context.account.id);
        tag_set(xml, &list.tags);
    }))
}

pub fn prefix_list_entries(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let id = context.required("PrefixListId")?;
    let list = region.network.prefix_lists.iter().find(|one| one.id == id).ok_or_else(|| {
        let message = format!("The prefix list ID '{id}' does not exist");
        Refusal::new(400, "InvalidPrefixListID.NotFound", message)
    })?;
    let page = context.page(&list.entries, HUNDREDS)?;
    Ok(set(context, "entrySet", page, |xml, (cidr, description)| {
        xml.leaf("cidr", cidr);
        xml.leaf("description", description);
    }))
}
