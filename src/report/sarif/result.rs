//! Findings as SARIF results: one for each check and declaring block, or for each check and
//! resource where no declaration is known.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use serde_sarif::sarif::{Message, PropertyBag, Result, ResultLevel};
use sha2::{Digest, Sha256};

use super::super::consequences;
use super::part::Part;
use super::{place, rule};
use crate::check::{CheckId, Severity};
use crate::finding::{Finding, Location, Resource, Scan};
use crate::report::text::{head, plain};

/// The most resources that a message names.
const MAX_NAMED: usize = 10;

/// The most characters of a message.
const MAX_MESSAGE: usize = 4_000;

/// The findings of one result, in the order of the scan; never empty.
pub(super) struct Group<'a> {
    first: &'a Finding,
    others: Vec<&'a Finding>,
    id: String,
}

/// The results of a run.
pub(super) fn groups<'a>(scan: &'a Scan, part: &Part) -> Vec<Group<'a>> {
    let open = |finding: &&Finding| {
        *finding.account() == part.account && finding.is_open_failure() && part.holds(finding)
    };
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut by_place: BTreeMap<(&CheckId, &str, usize), usize> = BTreeMap::new();
    for finding in scan.findings.iter().filter(open) {
        let declared = finding.details.location.as_deref();
        let key = declared.map(|it| (finding.check(), it.path.as_str(), it.line));
        let known = key.and_then(|key| by_place.get(&key)).and_then(|at| groups.get_mut(*at));
        if let Some(group) = known {
            group.others.push(finding);
            continue;
        }
        if let Some(key) = key {
            by_place.insert(key, groups.len());
        }
        groups.push(Group { first: finding, others: Vec::new(), id: identity(finding) });
    }
    groups
}

/// What stays the same from scan to scan: the finding's fingerprint, or for a declared resource
/// a like hash over what declares it, whatever file or line it is in and how many instances it has.
fn identity(finding: &Finding) -> String {
    let Some(declared) = finding.details.location.as_ref().and_then(|it| it.declared_as.as_deref())
    else {
        return finding.fingerprint.to_string();
    };
    let parts = [
        "postura/v1",
        finding.check().as_str(),
        finding.partition().as_str(),
        finding.account().as_str(),
        "",
        declared,
    ];
    let digest = Sha256::digest(parts.join("\0").as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl<'a> Group<'a> {
    pub(super) fn check(&self) -> &'a CheckId {
        self.first.check()
    }

    pub(super) fn first(&self) -> &'a Finding {
        self.first
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    fn severity(&self) -> Severity {
        self.findings().map(|finding| finding.severity()).max().unwrap_or(Severity::Info)
    }

    /// The result, with the place of its rule in the run.
    pub(super) fn to_result(&self, rule_index: Option<usize>) -> Result {
        let declared = self.first.details.location.as_deref();
        let location =
            declared.map_or_else(|| place::of_resource(self.first), place::of_declaration);
        let mut result = Result::builder()
            .rule_id(self.check().as_str())
            .level(level(self.severity()))
            .message(Message::builder().text(self.message()).build())
            .locations(vec![location])
            .fingerprints(BTreeMap::from([("postura/v1".to_owned(), self.id.clone())]))
            .properties(self.properties())
            .build();
        result.rule_index = rule_index.and_then(|index| i64::try_from(index).ok());
        result.partial_fingerprints = line_hash(declared, &self.id)
            .map(|hash| BTreeMap::from([("primaryLocationLineHash".to_owned(), hash)]));
        let callers = declared.map(place::of_callers).unwrap_or_default();
        result.related_locations = (!callers.is_empty()).then_some(callers);
        result
    }

    /// The resource and what is wrong with it; several resources of one block as a list.
    fn message(&self) -> String {
        let mut text = match self.others.as_slice() {
            [] => sentence(self.first),
            others => {
                let count = others.len() + 1;
                let mut text = format!("{} ({count} resources).", plain(self.first.title()));
                for finding in self.findings().take(MAX_NAMED) {
                    text.push_str(&format!("\n- {}", sentence(finding)));
                }
                if count > MAX_NAMED {
                    text.push_str(&format!("\n- and {} more", count - MAX_NAMED));
                }
                text
            }
        };
        text = head(&text, MAX_MESSAGE).into_owned();
        let callers = self.first.details.location.iter().flat_map(|it| &it.called_from);
        for (id, caller) in (1..).zip(callers) {
            let path = unlinked(&caller.path);
            text.push_str(&format!("\nCalled from [{path}:{}]({id}).", caller.line));
        }
        text
    }

    fn properties(&self) -> PropertyBag {
        let resources: Vec<Json> = self.findings().map(resource).collect();
        PropertyBag::builder()
            .additional_properties(BTreeMap::from([
                ("severity".to_owned(), json!(self.severity())),
                ("resources".to_owned(), Json::Array(resources)),
            ]))
            .build()
    }
}

fn level(severity: Severity) -> ResultLevel {
    match rule::level(severity) {
        "error" => ResultLevel::Error,
        "warning" => ResultLevel::Warning,
        _ => ResultLevel::Note,
    }
}

/// For a virtual path our own id in the form of a line hash; for a real file only the hash that the
/// uploading action will compute as well, or it warns about every result.
fn line_hash(declared: Option<&Location>, id: &str) -> Option<String> {
    match declared {
        Some(declared) => declared.line_hash.clone(),
        None => Some(format!("{}:1", id.get(..16).unwrap_or(id))),
    }
}

fn sentence(finding: &Finding) -> String {
    let region = finding.region_or_global();
    let name = name(finding.resource());
    let place = format!("{} ({region}, account {})", unlinked(&name), finding.account());
    let messages: Vec<String> = if finding.details.messages.is_empty() {
        vec![unlinked(finding.title())]
    } else {
        finding.details.messages.iter().map(|message| unlinked(message)).collect()
    };
    let more = consequences(finding).map(|text| format!("; {}", unlinked(&text)));
    format!("{place}: {}{}", messages.join("; "), more.unwrap_or_default())
}

fn name(resource: &Resource) -> String {
    match resource.name.as_deref() {
        Some(name) if !name.is_empty() && name != resource.id => {
            format!("{} `{name}`", resource.id)
        }
        _ => resource.id.clone(),
    }
}

/// Plain text in which nothing reads as SARIF's `[text](target)`.
fn unlinked(text: &str) -> String {
    plain(text).replace("](", "] (")
}

fn resource(finding: &Finding) -> Json {
    json!({
        "type": finding.resource().r#type,
        "id": finding.resource().id,
        "arn": finding.resource().arn,
        "name": finding.resource().name,
        "region": finding.region(),
        "fingerprint": finding.fingerprint,
        "remediation": finding.details.remediation.iter().map(|(kind, text)| (kind, text)).collect::<BTreeMap<_, _>>(),
    })
}
