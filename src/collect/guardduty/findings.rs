//! The findings of a detector that nobody archived.

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::{Condition, Finding, FindingCriteria, OrderBy, SortCriteria};

use super::super::convert::{items, missing};
use super::super::place::Cell;
use super::facts;
use crate::inventory::{Items, Reason, Slot};
use crate::resources::guardduty::{DetectorFinding, GET_FINDINGS, LIST_FINDINGS};
use crate::session::{CallError, Walk};

/// No more findings of a detector are read.
const MOST_FINDINGS: usize = 2_000;

/// How many findings one call brings.
const BATCH: usize = 50;

/// The lowest severity that is read: medium.
const LEAST_SEVERITY: i64 = 4;

/// The findings of medium severity and more that are not archived.
pub(super) async fn open(
    cell: &Cell,
    guardduty: &Client,
    id: &str,
) -> Slot<Items<DetectorFinding>> {
    if !cell.wants(&LIST_FINDINGS) || !cell.wants(&GET_FINDINGS) {
        return Slot::Pending;
    }
    let (ids, mut cut) = ids(cell, guardduty, id).await;
    let mut found = Vec::new();
    for batch in ids.chunks(BATCH) {
        match details(cell, guardduty, id, batch).await {
            Ok(findings) => {
                // One that was archived meanwhile is not open; one that is left out is not known.
                if findings.len() < batch.len() {
                    cut = cut.or(Some(missing("the reply left findings out")));
                }
                let archived = |it: &Finding| {
                    it.service.as_ref().is_some_and(|service| service.archived == Some(true))
                };
                found.extend(findings.into_iter().filter(|it| !archived(it)).map(facts::finding));
            }
            Err(error) => {
                cut = Some(cell.note(&GET_FINDINGS, &error, Some(id)));
                break;
            }
        }
    }
    items(found, cut)
}

fn criteria() -> FindingCriteria {
    let archived = Condition::builder().equals("false").build();
    let severity = Condition::builder().greater_than_or_equal(LEAST_SEVERITY).build();
    let criteria = FindingCriteria::builder().criterion("service.archived", archived);
    criteria.criterion("severity", severity).build()
}

fn severest_first() -> SortCriteria {
    SortCriteria::builder().attribute_name("severity").order_by(OrderBy::Desc).build()
}

async fn ids(cell: &Cell, guardduty: &Client, id: &str) -> (Vec<String>, Option<Reason>) {
    let call = &LIST_FINDINGS;
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = guardduty.list_findings().detector_id(id).max_results(50);
            let request = request.finding_criteria(criteria()).sort_criteria(severest_first());
            request.set_next_token(token).send()
        })
        .await
    {
        found.extend(walk.items(page.finding_ids));
        let more = page.next_token.as_deref().is_some_and(|token| !token.is_empty());
        if found.len() >= MOST_FINDINGS && more {
            return (found, Some(missing("there are more findings than are read")));
        }
        walk.then(page.next_token);
    }
    let cut = walk.end().err().map(|error| cell.note(call, &error, Some(id)));
    (found, cut)
}

async fn details(
    cell: &Cell,
    guardduty: &Client,
    id: &str,
    batch: &[String],
) -> Result<Vec<Finding>, CallError> {
    let call = &GET_FINDINGS;
    let answer = cell
        .caller()
        .call(call, || {
            let request = guardduty.get_findings().detector_id(id);
            request.set_finding_ids(Some(batch.to_vec())).send()
        })
        .await?;
    answer.findings.ok_or_else(|| CallError::failed("ListLeftOut"))
}
