//! Whether an account is a member of an organization, whose control policies then apply to it.

use crate::inventory::{Inventory, Record};
use crate::resources::account::Account;
use crate::resources::kleene::{optional, required};

/// What is known of an account's organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// The account is in no organization.
    None,
    /// It is the management account of this organization; control policies do not apply to it.
    Management(String),
    /// It is a member of this organization.
    Member(String),
    /// It is not known.
    Unknown,
}

impl Membership {
    /// The membership of an account.
    pub fn of(inventory: &Inventory, account: &str) -> Self {
        let Some(entry) = inventory.resources_in(Account::record(), account).first() else {
            return Self::Unknown;
        };
        let organization = match optional(inventory.view(entry).part("organization")) {
            Ok(Some(organization)) => organization,
            Ok(None) => return Self::None,
            Err(_) => return Self::Unknown,
        };
        let id = required(organization.text("id"));
        match (id, required(organization.text("management_account_id"))) {
            (Ok(id), Ok(management)) if management == account => Self::Management(id.to_owned()),
            (Ok(id), Ok(_)) => Self::Member(id.to_owned()),
            (Ok(_), Err(_)) | (Err(_), _) => Self::Unknown,
        }
    }

    /// Whether control policies may apply to the account.
    pub fn may_be_controlled(&self) -> bool {
        match self {
            Self::None | Self::Management(_) => false,
            Self::Member(_) | Self::Unknown => true,
        }
    }

    /// The id of the organization, if it is known.
    pub fn organization(&self) -> Option<&str> {
        match self {
            Self::Management(id) | Self::Member(id) => Some(id),
            Self::None | Self::Unknown => None,
        }
    }
}
