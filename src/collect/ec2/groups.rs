//! Security groups with their rules, and the prefix lists that rules name.

use std::collections::HashMap;

use aws_sdk_ec2::types::{ManagedPrefixList, SecurityGroup as Group, SecurityGroupRule};
use futures::stream::{self, StreamExt};

use super::super::convert::{int, items, missing, text};
use super::super::place::Cell;
use super::tags;
use crate::inventory::{CidrText, Reason, Slot};
use crate::resources::prefix_list::{
    DESCRIBE_MANAGED_PREFIX_LISTS, GET_MANAGED_PREFIX_LIST_ENTRIES, PrefixList, PrefixListEntry,
};
use crate::resources::security_group::{
    DESCRIBE_SECURITY_GROUP_RULES, DESCRIBE_SECURITY_GROUPS, Rule, RuleSource, SecurityGroup,
};
use crate::session::Walk;

/// How many prefix lists are read at the same time.
const LISTS_AT_ONCE: usize = 8;

/// The rules of a group: inbound and outbound.
#[derive(Default)]
struct Rules {
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
}

/// First the groups, then the rules: so a group that is read has all the rules it had by then.
pub(super) async fn security_groups(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_SECURITY_GROUPS;
    let mut walk = Walk::default();
    let mut groups = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_security_groups().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for (id, group) in walk.named(page.security_groups, |it| it.group_id.clone()) {
            groups.push((id, group_facts(group)));
        }
        walk.then(page.next_token);
    }
    let end = walk.end();
    let rules = if cell.wants(&DESCRIBE_SECURITY_GROUP_RULES) && !groups.is_empty() {
        Some(rules(cell, &ec2).await)
    } else {
        None
    };
    let mut rules = rules;
    for (id, group) in groups {
        let group = match &mut rules {
            None => group,
            Some((by_group, cut)) => {
                let Rules { ingress, egress } = by_group.remove(&id).unwrap_or_default();
                SecurityGroup {
                    ingress: items(ingress, cut.clone()),
                    egress: items(egress, cut.clone()),
                    ..group
                }
            }
        };
        cell.add(&id, group).await;
    }
    cell.cover::<SecurityGroup>(call, end).await;
}

/// All rules of the region by their group, and why there may be more.
async fn rules(cell: &Cell, ec2: &aws_sdk_ec2::Client) -> (HashMap<String, Rules>, Option<Reason>) {
    let call = &DESCRIBE_SECURITY_GROUP_RULES;
    let mut walk = Walk::default();
    let mut by_group: HashMap<String, Rules> = HashMap::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_security_group_rules().max_results(1000).set_next_token(token).send()
        })
        .await
    {
        for rule in walk.items(page.security_group_rules) {
            match (rule.group_id.clone(), rule.is_egress) {
                (Some(group), Some(is_egress)) => {
                    let rules = by_group.entry(group).or_default();
                    let list = if is_egress { &mut rules.egress } else { &mut rules.ingress };
                    list.push(rule_facts(rule));
                }
                _ => walk.cut("ItemWithoutId"),
            }
        }
        walk.then(page.next_token);
    }
    let cut = walk.end().err().map(|error| cell.note(call, &error, None));
    // The API gives them in no order.
    for rules in by_group.values_mut() {
        for list in [&mut rules.ingress, &mut rules.egress] {
            list.sort_by(|a, b| a.id.known().cmp(&b.id.known()));
        }
    }
    (by_group, cut)
}

fn group_facts(group: Group) -> SecurityGroup {
    SecurityGroup {
        id: group.group_id.into(),
        arn: group.security_group_arn.into(),
        name: group.group_name.into(),
        description: group.description.into(),
        vpc_id: text(group.vpc_id),
        owner_id: group.owner_id.into(),
        tags: tags(group.tags),
        ..SecurityGroup::default()
    }
}

fn rule_facts(rule: SecurityGroupRule) -> Rule {
    let source = source(&rule);
    Rule {
        id: rule.security_group_rule_id.into(),
        protocol: rule.ip_protocol.into(),
        from_port: int(rule.from_port),
        to_port: int(rule.to_port),
        source: Slot::Known(RuleSource { text: source }),
        description: text(rule.description),
    }
}

/// The one source of a rule.
fn source(rule: &SecurityGroupRule) -> Slot<String> {
    let referenced = rule.referenced_group_info.as_ref().and_then(|group| {
        let id = group.group_id.as_deref()?;
        let foreign = group
            .user_id
            .as_deref()
            .filter(|user| rule.group_owner_id.as_deref().is_some_and(|owner| owner != *user));
        Some(foreign.map_or_else(|| id.to_owned(), |user| format!("{user}/{id}")))
    });
    let text = rule.cidr_ipv4.clone().or_else(|| rule.cidr_ipv6.clone());
    match text.or_else(|| rule.prefix_list_id.clone()).or(referenced) {
        Some(text) => Slot::Known(text),
        None => Slot::Unknown(missing("the rule names no source that we know")),
    }
}

/// The prefix lists of the region, those of AWS included, with their ranges.
pub(super) async fn prefix_lists(cell: &Cell) {
    let ec2 = cell.clients().ec2();
    let call = &DESCRIBE_MANAGED_PREFIX_LISTS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            ec2.describe_managed_prefix_lists().max_results(100).set_next_token(token).send()
        })
        .await
    {
        let lists = walk.items(page.prefix_lists);
        walk.then(page.next_token);
        if lists.iter().any(|list| list.prefix_list_id.is_none()) {
            walk.cut("ItemWithoutId");
        }
        stream::iter(lists)
            .for_each_concurrent(LISTS_AT_ONCE, |list| prefix_list(cell, &ec2, list))
            .await;
    }
    cell.cover::<PrefixList>(call, walk.end()).await;
}

async fn prefix_list(cell: &Cell, ec2: &aws_sdk_ec2::Client, list: ManagedPrefixList) {
    let Some(id) = list.prefix_list_id else { return };
    let mut facts = PrefixList {
        id: id.as_str().into(),
        arn: list.prefix_list_arn.into(),
        name: list.prefix_list_name.into(),
        owner_id: list.owner_id.into(),
        address_family: list.address_family.into(),
        entries: Slot::Pending,
    };
    let call = &GET_MANAGED_PREFIX_LIST_ENTRIES;
    if cell.wants(call) {
        let pages = cell
            .caller()
            .pages(
                call,
                |token| {
                    let request = ec2.get_managed_prefix_list_entries().prefix_list_id(&id);
                    request.max_results(100).set_next_token(token).send()
                },
                |page| (page.entries, page.next_token),
            )
            .await;
        if pages.cut.as_ref().is_some_and(|error| error.code == "InvalidPrefixListID.NotFound") {
            // Deleted since it was listed.
            return;
        }
        let cut = pages.cut.map(|error| cell.note(call, &error, Some(&id)));
        let entries = pages.items.into_iter().map(|entry| PrefixListEntry {
            cidr: entry.cidr.map(CidrText).into(),
            description: text(entry.description),
        });
        facts.entries = items(entries.collect(), cut);
    }
    cell.add(&id, facts).await;
}
