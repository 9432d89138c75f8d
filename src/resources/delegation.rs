//! The accounts that an organization lets administer a service for all of it.

use super::account::{Account, DESCRIBE_ORGANIZATION};
use crate::part;

calls! {
    /// The accounts that administer a service for the organization. Only the management account and
    /// delegated administrators may ask.
    LIST_DELEGATED_ADMINISTRATORS: "organizations" "ListDelegatedAdministrators"
        needs ["organizations:ListDelegatedAdministrators"] absent [];
}

part! {
    /// An account that administers a service for the organization.
    pub struct DelegatedAdministrator("DelegatedAdministrator", shown as account_id)
        from DESCRIBE_ORGANIZATION
    {
        /// The account's id.
        account_id: String,
        /// The service, as a principal: `access-analyzer.amazonaws.com`.
        service_principal: String,
    }
    relations {
        /// The account. Unknown when it was not scanned.
        account: one Account where "account_id" = "id" within Everywhere;
    }
}
