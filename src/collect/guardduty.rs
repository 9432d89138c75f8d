//! The GuardDuty detector of a region: settings, findings, filters, and who administers it.

mod facts;
mod findings;

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::operation::describe_organization_configuration::DescribeOrganizationConfigurationOutput;
use futures::stream::{self, StreamExt};

use super::convert::{field, items, left_out};
use super::place::{Cell, Fetched};
use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot};
use crate::resources::guardduty::{
    DESCRIBE_ORGANIZATION_CONFIGURATION, Detector, DetectorFilter, GET_ADMINISTRATOR_ACCOUNT,
    GET_DETECTOR, GET_FILTER, GET_FINDINGS, LIST_DETECTORS, LIST_FILTERS, LIST_FINDINGS,
    OrganizationConfiguration,
};
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "guardduty",
    Region,
    [Detector],
    [
        LIST_DETECTORS,
        GET_DETECTOR,
        LIST_FINDINGS,
        GET_FINDINGS,
        LIST_FILTERS,
        GET_FILTER,
        GET_ADMINISTRATOR_ACCOUNT,
        DESCRIBE_ORGANIZATION_CONFIGURATION,
    ],
    detectors
)];

/// How many filters are read at the same time.
const FILTERS_AT_ONCE: usize = 4;

async fn detectors(cell: &Cell) {
    let guardduty = cell.clients().guardduty();
    let call = &LIST_DETECTORS;
    let mut walk = Walk::default();
    let mut ids = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            guardduty.list_detectors().max_results(50).set_next_token(token).send()
        })
        .await
    {
        ids.extend(walk.items(page.detector_ids));
        walk.then(page.next_token);
    }
    for id in ids {
        detector(cell, &guardduty, &id).await;
    }
    cell.cover::<Detector>(call, walk.end()).await;
}

/// The account and region as an ARN of detectors, without the id of one.
fn place(cell: &Cell, account: &str) -> String {
    format!("arn:{}:guardduty:{}:{account}:detector", cell.partition(), cell.region_name())
}

async fn detector(cell: &Cell, guardduty: &Client, id: &str) {
    let caller = cell.caller();
    let (settings, open_findings, filters, administered) = futures::join!(
        cell.fetch(
            &GET_DETECTOR,
            caller.call(&GET_DETECTOR, || guardduty.get_detector().detector_id(id).send())
        ),
        findings::open(cell, guardduty, id),
        filters(cell, guardduty, id),
        administration(cell, guardduty, id),
    );
    let settings = cell.settle(&GET_DETECTOR, Some(id), settings);
    let (administrator, organization_configuration) = administered;
    let detector = Detector {
        id: id.into(),
        place: place(cell, cell.account().as_str()).into(),
        status: field(&settings, |it| {
            it.status.as_ref().map(|word| word.as_str().to_owned()).into()
        }),
        features: field(&settings, facts::features),
        open_findings,
        filters,
        administrator_place: administrator.clone().map(|id| place(cell, &id)),
        administrator_id: administrator,
        organization_configuration,
    };
    cell.add(id, detector).await;
}

async fn filters(cell: &Cell, guardduty: &Client, id: &str) -> Slot<Items<DetectorFilter>> {
    let call = &LIST_FILTERS;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let pages = cell
        .caller()
        .pages(
            call,
            |token| {
                let request = guardduty.list_filters().detector_id(id).max_results(50);
                request.set_next_token(token).send()
            },
            |page| (page.filter_names, page.next_token),
        )
        .await;
    let cut = pages.cut.map(|error| cell.note(call, &error, Some(id)));
    let read = async |name: String| {
        let call = &GET_FILTER;
        let answer = cell
            .fetch(
                call,
                cell.caller().call(call, || {
                    guardduty.get_filter().detector_id(id).filter_name(&name).send()
                }),
            )
            .await;
        let answer = cell.settle(call, Some(&name), answer);
        facts::filter(name, &answer)
    };
    let filters = stream::iter(pages.items).map(read).buffered(FILTERS_AT_ONCE).collect().await;
    items(filters, cut)
}

/// The account that administers the detector, and, where its own does, how the organization's
/// accounts are enrolled. AWS refuses to tell a member the latter, so no member asks.
async fn administration(
    cell: &Cell,
    guardduty: &Client,
    id: &str,
) -> (Slot<String>, Slot<OrganizationConfiguration>) {
    let (call, about) = (&GET_ADMINISTRATOR_ACCOUNT, &DESCRIBE_ORGANIZATION_CONFIGURATION);
    let answer = cell
        .fetch(
            call,
            cell.caller()
                .call(call, || guardduty.get_administrator_account().detector_id(id).send()),
        )
        .await;
    let answer = cell.settle(call, Some(id), answer);
    let administrator =
        field(&answer, |it| it.administrator.as_ref().and_then(|it| it.account_id.clone()).into());
    let enrolment = match &administrator {
        Slot::Known(_) => Slot::Absent,
        Slot::Unknown(reason) => Slot::Unknown(reason.clone()),
        Slot::Pending => Slot::Pending,
        Slot::Absent => {
            let answer = cell
                .fetch(
                    about,
                    cell.caller().call(about, || {
                        guardduty.describe_organization_configuration().detector_id(id).send()
                    }),
                )
                .await;
            organization(cell, id, answer)
        }
    };
    (administrator, if cell.wants(about) { enrolment } else { Slot::Pending })
}

fn organization(
    cell: &Cell,
    id: &str,
    answer: Fetched<DescribeOrganizationConfigurationOutput>,
) -> Slot<OrganizationConfiguration> {
    let answer = cell.settle(&DESCRIBE_ORGANIZATION_CONFIGURATION, Some(id), answer);
    field(&answer, |it| {
        #[expect(deprecated, reason = "older organizations have only this one")]
        let older = it.auto_enable.map(|new| if new { "NEW" } else { "NONE" });
        let members = it.auto_enable_organization_members.as_ref().map(|word| word.as_str());
        members.or(older).map_or_else(left_out, |word| {
            Slot::Known(OrganizationConfiguration { auto_enable_organization_members: word.into() })
        })
    })
}
