//! IAM, once an account: everybody and all policies in one paged call, everybody's credentials in
//! one report.

mod account;
mod authorization;
mod identities;
mod report;

use super::sweep::{Sweep, sweep};
use crate::resources::account as account_facts;
use crate::resources::iam_group::Group;
use crate::resources::iam_policy::{GET_ACCOUNT_AUTHORIZATION_DETAILS, ManagedPolicy};
use crate::resources::iam_role::{LIST_ROLES, Role};
use crate::resources::iam_user::{GENERATE_CREDENTIAL_REPORT, GET_CREDENTIAL_REPORT, User};
use crate::resources::server_certificate::{LIST_SERVER_CERTIFICATES, ServerCertificate};

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[
    sweep!(
        "iam-identities",
        Account,
        [User, Group, Role, ManagedPolicy],
        [
            GET_ACCOUNT_AUTHORIZATION_DETAILS,
            LIST_ROLES,
            GENERATE_CREDENTIAL_REPORT,
            GET_CREDENTIAL_REPORT,
            account_facts::LIST_VIRTUAL_MFA_DEVICES,
        ],
        identities::identities
    ),
    sweep!(
        "iam-account",
        Account,
        [],
        [
            account_facts::GET_ACCOUNT_SUMMARY,
            account_facts::GET_ACCOUNT_PASSWORD_POLICY,
            account_facts::LIST_SAML_PROVIDERS,
            account_facts::LIST_OPEN_ID_CONNECT_PROVIDERS,
        ],
        account::facts
    ),
    sweep!(
        "iam-server-certificates",
        Account,
        [ServerCertificate],
        [LIST_SERVER_CERTIFICATES],
        account::server_certificates
    ),
];
