//! The accounts that administer a service for the organization. Its management account is asked, and
//! no other: members would only hear that they may not ask.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Organization;

use super::convert::{field, items, left_out};
use super::place::Cell;
use crate::inventory::{Items, Slot};
use crate::resources::delegation::{DelegatedAdministrator, LIST_DELEGATED_ADMINISTRATORS};

/// The services whose administrators some check asks for.
const SERVICES: &[&str] = &["config.amazonaws.com", "access-analyzer.amazonaws.com"];

/// The administrators, given what the organization says of itself.
pub(super) async fn administrators(
    cell: &Cell,
    client: &Client,
    organization: &Slot<Organization>,
) -> Slot<Items<DelegatedAdministrator>> {
    if !cell.wants(&LIST_DELEGATED_ADMINISTRATORS) {
        return Slot::Pending;
    }
    let is_management = field(organization, |it| match &it.master_account_id {
        Some(id) => Slot::Known(id == cell.account().as_str()),
        None => left_out(),
    });
    match is_management {
        Slot::Known(true) => list(cell, client).await,
        // An account of no organization, or a member.
        Slot::Known(false) | Slot::Absent => Slot::Known(Items::default()),
        other => other.map(|_| Items::default()),
    }
}

async fn list(cell: &Cell, client: &Client) -> Slot<Items<DelegatedAdministrator>> {
    let call = &LIST_DELEGATED_ADMINISTRATORS;
    let (mut found, mut missing) = (Vec::new(), None);
    for service in SERVICES {
        let pages = cell
            .caller()
            .pages(
                call,
                |token| {
                    let request = client.list_delegated_administrators();
                    request.service_principal(*service).set_next_token(token).send()
                },
                |page| (page.delegated_administrators, page.next_token),
            )
            .await;
        found.extend(pages.items.into_iter().map(|it| DelegatedAdministrator {
            account_id: it.id.into(),
            service_principal: (*service).into(),
        }));
        if let Some(error) = pages.cut {
            missing = Some(cell.note(call, &error, None));
            break;
        }
    }
    items(found, missing)
}
