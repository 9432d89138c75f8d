//! CloudTrail trails of all regions, once an account.
//!
//! The list names every trail with its home region, and each home region tells the settings of its
//! own. The region that the user works in is asked as well: it shows the trails of other regions and
//! of the organization that record there.

mod facts;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::describe_trails::DescribeTrailsOutput;
use aws_sdk_cloudtrail::operation::get_insight_selectors::GetInsightSelectorsOutput;
use aws_sdk_cloudtrail::types::Trail as DescribedTrail;
use futures::stream::{self, StreamExt};

use super::convert::field;
use super::place::{Cell, Fetched};
use super::sweep::{Sweep, sweep};
use crate::aws::Region;
use crate::inventory::{Coverage, Reason, Record};
use crate::resources::trail::{
    DESCRIBE_TRAILS, GET_EVENT_SELECTORS, GET_INSIGHT_SELECTORS, GET_TRAIL_STATUS, LIST_TRAILS,
    Trail,
};
use crate::session::{CallError, Caller, Walk};

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "cloudtrail-trails",
    Account,
    [Trail],
    [LIST_TRAILS, DESCRIBE_TRAILS, GET_TRAIL_STATUS, GET_EVENT_SELECTORS, GET_INSIGHT_SELECTORS],
    trails
)];

/// How many trails are read at the same time.
const TRAILS_AT_ONCE: usize = 8;

/// What is known of the trails so far, by ARN.
#[derive(Default)]
struct Found {
    /// Names and home regions.
    listed: BTreeMap<String, (Option<String>, Option<String>)>,
    described: BTreeMap<String, DescribedTrail>,
    /// Why the trails of a home region were not described.
    undescribed: BTreeMap<Region, Reason>,
    /// Why there may be more trails.
    cut: Option<Reason>,
}

async fn trails(cell: &Cell) {
    let mut found = Found::default();
    let mut regions = list(cell, &mut found).await;
    regions.insert(cell.near().clone());
    let described: Vec<_> = stream::iter(regions)
        .map(|region| describe(cell, region))
        .buffer_unordered(TRAILS_AT_ONCE)
        .collect()
        .await;
    for (region, result) in described {
        match result {
            Ok(trails) => found.described.extend(trails),
            Err(reason) => {
                if region == *cell.near() {
                    found.cut.get_or_insert_with(|| reason.clone());
                }
                found.undescribed.insert(region, reason);
            }
        }
    }
    let arns: BTreeSet<&String> = found.listed.keys().chain(found.described.keys()).collect();
    stream::iter(arns).for_each_concurrent(TRAILS_AT_ONCE, |arn| trail(cell, &found, arn)).await;
    let coverage = found.cut.map_or(Coverage::Whole, Coverage::Cut);
    cell.cover_as(Trail::record(), coverage).await;
}

/// Lists the trails, and returns their home regions.
async fn list(cell: &Cell, found: &mut Found) -> BTreeSet<Region> {
    let near = cell.near();
    let (caller, clients) = cell.elsewhere(near);
    let cloudtrail = clients.cloudtrail();
    let mut walk = Walk::default();
    let mut regions = BTreeSet::new();
    while let Some(page) = walk
        .next(&caller, &LIST_TRAILS, |token| cloudtrail.list_trails().set_next_token(token).send())
        .await
    {
        for trail in walk.items(page.trails) {
            let home = trail.home_region.as_deref().and_then(|region| region.parse().ok());
            match (trail.trail_arn, home) {
                (Some(arn), Some(home)) => {
                    regions.insert(home);
                    found.listed.insert(arn, (trail.name, trail.home_region));
                }
                _ => walk.cut("ItemWithoutId"),
            }
        }
        walk.then(page.next_token);
    }
    if let Err(error) = walk.end() {
        found.cut = Some(cell.note_at(&LIST_TRAILS, &error, Some(near), None));
    }
    regions
}

type Described = Result<Vec<(String, DescribedTrail)>, Reason>;

/// The trails that a region shows.
async fn describe(cell: &Cell, region: Region) -> (Region, Described) {
    let (caller, clients) = cell.elsewhere(&region);
    let cloudtrail = clients.cloudtrail();
    let answer = caller
        .call(&DESCRIBE_TRAILS, || cloudtrail.describe_trails().include_shadow_trails(true).send())
        .await;
    let described = match answer {
        Ok(DescribeTrailsOutput { trail_list: Some(trails), .. }) => {
            let trails = trails.into_iter();
            Ok(trails.filter_map(|trail| Some((trail.trail_arn.clone()?, trail))).collect())
        }
        Ok(_) => {
            let error = CallError::failed("ListLeftOut");
            Err(cell.note_at(&DESCRIBE_TRAILS, &error, Some(&region), None))
        }
        Err(error) => Err(cell.note_at(&DESCRIBE_TRAILS, &error, Some(&region), None)),
    };
    (region, described)
}

/// The Insights of an own trail; the accounts of an organization may not ask for those of its trail.
async fn insights(
    cell: &Cell,
    is_own: bool,
    caller: &Caller,
    cloudtrail: &Client,
    arn: &str,
) -> Fetched<GetInsightSelectorsOutput> {
    if !is_own {
        return Fetched(None);
    }
    let call = &GET_INSIGHT_SELECTORS;
    let work = caller.call(call, || cloudtrail.get_insight_selectors().trail_name(arn).send());
    cell.fetch(call, work).await
}

/// Reads one trail, unless it is gone since it was listed.
async fn trail(cell: &Cell, found: &Found, arn: &str) {
    let described = found.described.get(arn);
    let (name, home) = found.listed.get(arn).cloned().unwrap_or_default();
    let home = home.or_else(|| described.and_then(|trail| trail.home_region.clone()));
    let home: Option<Region> = home.and_then(|home| home.parse().ok());
    let mut facts = match described {
        Some(trail) => facts::described(trail),
        None => match home.as_ref().and_then(|home| found.undescribed.get(home)) {
            Some(reason) => facts::undescribed(name, reason),
            // Its home region was asked and does not know it any more.
            None => return,
        },
    };
    facts.arn = arn.into();
    facts.home_region = home.as_ref().map(ToString::to_string).into();
    facts.owner_account_id = facts::owner(arn);
    let asked = home.unwrap_or_else(|| cell.near().clone());
    let is_own = facts.owner_account_id.known().is_some_and(|id| id == cell.account().as_str());
    let (caller, clients) = cell.elsewhere(&asked);
    let cloudtrail = clients.cloudtrail();
    let (status, selectors, insights) = futures::join!(
        cell.fetch(
            &GET_TRAIL_STATUS,
            caller.call(&GET_TRAIL_STATUS, || cloudtrail.get_trail_status().name(arn).send())
        ),
        cell.fetch(
            &GET_EVENT_SELECTORS,
            caller.call(&GET_EVENT_SELECTORS, || {
                cloudtrail.get_event_selectors().trail_name(arn).send()
            })
        ),
        insights(cell, is_own, &caller, &cloudtrail, arn),
    );
    let not_found = "TrailNotFoundException";
    if is_own && (status.failed_with(not_found) || selectors.failed_with(not_found)) {
        return;
    }
    let status = cell.settle_at(&GET_TRAIL_STATUS, Some(&asked), Some(arn), status);
    let selectors = cell.settle_at(&GET_EVENT_SELECTORS, Some(&asked), Some(arn), selectors);
    let insights = cell.settle_at(&GET_INSIGHT_SELECTORS, Some(&asked), Some(arn), insights);
    let trail = Trail {
        insight_types: facts::insights(&insights),
        status: field(&status, facts::status),
        event_selectors: field(&selectors, facts::classic),
        advanced_event_selectors: field(&selectors, facts::advanced),
        ..facts
    };
    cell.add(arn, trail).await;
}
