//! The organization that an account is in.

use super::convert::{field, left_out};
use super::delegation;
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::Slot;
use crate::resources::account::{Account, DESCRIBE_ORGANIZATION, Organization};
use crate::resources::delegation::LIST_DELEGATED_ADMINISTRATORS;

pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "organization",
    Account,
    [],
    [DESCRIBE_ORGANIZATION, LIST_DELEGATED_ADMINISTRATORS],
    organization
)];

/// Every member may ask which organization it is in.
async fn organization(cell: &Cell) {
    let client = cell.clients().organizations();
    let call = &DESCRIBE_ORGANIZATION;
    let answer =
        cell.fetch(call, cell.caller().call(call, || client.describe_organization().send())).await;
    let answer = cell.settle(call, None, answer);
    let given =
        field(&answer, |answer| answer.organization.clone().map_or_else(left_out, Slot::Known));
    let organization = field(&given, |given| Slot::Known(facts(given)));
    let delegated_administrators = delegation::administrators(cell, &client, &given).await;
    let account = Account { organization, delegated_administrators, ..Account::default() };
    cell.contribute(cell.account().as_str(), account).await;
}

fn facts(given: &aws_sdk_organizations::types::Organization) -> Organization {
    Organization {
        id: given.id.clone().into(),
        management_account_id: given.master_account_id.clone().into(),
        ..Organization::default()
    }
}
