//! The organization that an account is in.

use super::convert::{field, left_out};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::Slot;
use crate::resources::account::{Account, DESCRIBE_ORGANIZATION, Organization};

pub(super) const SWEEPS: &[Sweep] =
    &[sweep!("organization", Account, [], [DESCRIBE_ORGANIZATION], organization)];

/// Every member may ask which organization it is in.
async fn organization(cell: &Cell) {
    let client = cell.clients().organizations();
    let call = &DESCRIBE_ORGANIZATION;
    let answer =
        cell.fetch(call, cell.caller().call(call, || client.describe_organization().send())).await;
    let answer = cell.settle(call, None, answer);
    let organization = field(&answer, |answer| {
        answer.organization.as_ref().map_or_else(left_out, |it| Slot::Known(facts(it)))
    });
    let account = Account { organization, ..Account::default() };
    cell.contribute(cell.account().as_str(), account).await;
}

fn facts(given: &aws_sdk_organizations::types::Organization) -> Organization {
    Organization {
        id: given.id.clone().into(),
        management_account_id: given.master_account_id.clone().into(),
    }
}
