//! Privilege escalation: which users and roles can become an administrator, and how.

use rayon::prelude::*;

use super::{Membership, Principal, Principals};
use crate::inventory::{Coverage, Inventory, Record};
use crate::resources::iam_role::Role;
use crate::resources::iam_user::User;
use crate::resources::organization::{ControlKind, chain};
pub use crate::resources::standing::{Standing, is_certain};

use crate::resources::standing::Room;

/// What a principal can become.
#[derive(Debug, Clone, PartialEq)]
pub struct Escalation {
    /// The principal's ARN.
    pub principal: String,
    /// Whether it is an administrator, can become one, or neither.
    pub outcome: Standing,
    /// What may change the answer and was not seen.
    pub notes: Vec<String>,
}

/// The users and roles of an inventory with what each can become, in the order of their ARNs.
pub fn escalations(inventory: &Inventory, principals: &Principals<'_>) -> Vec<Escalation> {
    let accounts: Vec<_> = inventory.accounts.iter().collect();
    let mut all: Vec<Escalation> = accounts
        .par_iter()
        .flat_map(|account| of_account(inventory, principals, account))
        .collect();
    all.sort_by(|a, b| a.principal.cmp(&b.principal));
    all
}

fn of_account(
    inventory: &Inventory,
    principals: &Principals<'_>,
    account: &crate::inventory::Account,
) -> Vec<Escalation> {
    let own = |it: &&Principal| it.account() == Some(account.id.as_str());
    let list: Vec<&Principal> = principals.list.iter().filter(own).collect();
    let whole =
        |record| matches!(inventory.coverage(record, &account.id, None), Some(Coverage::Whole));
    let controls = chain(inventory, account.id.as_str(), ControlKind::Service);
    let notes = match &controls {
        Ok(_) => Vec::new(),
        Err(_) => notes(&Membership::of(inventory, account.id.as_str())),
    };
    let room = Room {
        whole: [whole(User::record()), whole(Role::record())],
        list: list.clone(),
        controls: controls.as_deref().unwrap_or_default(),
    };
    let one = |(principal, outcome): (&Principal, Standing)| {
        let notes = match &outcome {
            Standing::Administrator | Standing::Path(_) => notes.clone(),
            Standing::Confined | Standing::Unknown(_) => Vec::new(),
        };
        Escalation { principal: principal.name.clone(), outcome, notes }
    };
    list.into_iter().zip(room.standings()).map(one).collect()
}

fn notes(membership: &Membership) -> Vec<String> {
    match membership {
        Membership::None | Membership::Management(_) => Vec::new(),
        Membership::Member(id) => vec![format!(
            "service control policies of organization {id} are not in the snapshot and may prevent it"
        )],
        Membership::Unknown => vec![
            "whether the account is in an organization is not in the snapshot; its service control \
             policies may prevent it"
                .to_owned(),
        ],
    }
}
