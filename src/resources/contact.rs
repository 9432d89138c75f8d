//! Whom AWS writes to about an account.

use crate::part;

calls! {
    /// The contact for questions of security. AWS says `ResourceNotFoundException` when there is none.
    GET_ALTERNATE_CONTACT: "account" "GetAlternateContact"
        needs ["account:GetAlternateContact"] absent ["ResourceNotFoundException"];
}

part! {
    /// A contact of an account besides its owner. Phone number and title are not read.
    pub struct AlternateContact("AlternateContact", shown as email_address) {
        /// The contact's name.
        name: String,
        /// The address that AWS writes to.
        email_address: String,
    }
}
