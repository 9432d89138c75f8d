//! The analyzers of a region, and their open findings about access from outside.

use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::types::{AnalyzerSummary, Criterion, FindingSummaryV2};

use super::convert::{items, missing, text};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot};
use crate::resources::access_analyzer::{
    Analyzer, AnalyzerFinding, LIST_ANALYZERS, LIST_FINDINGS_V2,
};
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] =
    &[sweep!("access-analyzer", Region, [Analyzer], [LIST_ANALYZERS, LIST_FINDINGS_V2], analyzers)];

/// No more findings of an analyzer are read: nobody looks through them one by one.
const MOST_FINDINGS: usize = 2_000;

async fn analyzers(cell: &Cell) {
    let client = cell.clients().access_analyzer();
    let call = &LIST_ANALYZERS;
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            client.list_analyzers().max_results(100).set_next_token(token).send()
        })
        .await
    {
        found.extend(page.analyzers);
        walk.then(page.next_token);
    }
    for analyzer in found {
        let facts = facts(cell, &analyzer);
        let active_findings = match analyzer.r#type.as_str() {
            "ACCOUNT" | "ORGANIZATION" => findings(cell, &client, &analyzer.arn).await,
            _ => Slot::Absent,
        };
        cell.add(&analyzer.name, Analyzer { active_findings, ..facts }).await;
    }
    cell.cover::<Analyzer>(call, walk.end()).await;
}

fn facts(cell: &Cell, given: &AnalyzerSummary) -> Analyzer {
    let kind = given.r#type.as_str();
    let organization_region = (kind == "ORGANIZATION").then(|| cell.region_name().to_owned());
    Analyzer {
        name: given.name.as_str().into(),
        arn: given.arn.as_str().into(),
        analyzer_type: kind.into(),
        status: given.status.as_str().into(),
        organization_region: organization_region.into(),
        ..Analyzer::default()
    }
}

async fn findings(cell: &Cell, client: &Client, arn: &str) -> Slot<Items<AnalyzerFinding>> {
    let call = &LIST_FINDINGS_V2;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let mut walk = Walk::default();
    let mut found: Vec<AnalyzerFinding> = Vec::new();
    let active = Criterion::builder().eq("ACTIVE").build();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = client.list_findings_v2().analyzer_arn(arn).max_results(100);
            request.filter("status", active.clone()).set_next_token(token).send()
        })
        .await
    {
        found.extend(page.findings.into_iter().map(finding));
        if found.len() >= MOST_FINDINGS && page.next_token.is_some() {
            return items(found, Some(missing("there are more findings than are read")));
        }
        walk.then(page.next_token);
    }
    let cut = walk.end().err().map(|error| cell.note(call, &error, Some(arn)));
    items(found, cut)
}

fn finding(given: FindingSummaryV2) -> AnalyzerFinding {
    AnalyzerFinding {
        id: given.id.into(),
        resource: text(given.resource),
        resource_type: given.resource_type.as_str().into(),
        resource_owner_account: given.resource_owner_account.into(),
        finding_type: given.finding_type.map(|word| word.as_str().to_owned()).into(),
    }
}
