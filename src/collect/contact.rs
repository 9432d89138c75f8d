//! The contact for questions of security, once an account.

use super::convert::{field, left_out};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::Slot;
use crate::resources::account::Account;
use crate::resources::contact::{AlternateContact, GET_ALTERNATE_CONTACT};

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] =
    &[sweep!("account-contact", Account, [], [GET_ALTERNATE_CONTACT], contact)];

async fn contact(cell: &Cell) {
    let client = cell.clients().account();
    let call = &GET_ALTERNATE_CONTACT;
    let kind = aws_sdk_account::types::AlternateContactType::Security;
    let answer = cell
        .fetch(
            call,
            cell.caller().call(call, || {
                client.get_alternate_contact().alternate_contact_type(kind.clone()).send()
            }),
        )
        .await;
    let answer = cell.settle(call, None, answer);
    let contact = field(&answer, |answer| {
        answer.alternate_contact.as_ref().map_or_else(left_out, |it| {
            Slot::Known(AlternateContact {
                name: it.name.clone().into(),
                email_address: it.email_address.clone().into(),
            })
        })
    });
    let account = Account { security_contact: contact, ..Account::default() };
    cell.contribute(cell.account().as_str(), account).await;
}
