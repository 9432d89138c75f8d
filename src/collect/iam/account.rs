//! What IAM says of the account as a whole, and the certificates it keeps.

use std::collections::HashMap;

use aws_sdk_iam::operation::get_account_summary::GetAccountSummaryOutput;
use aws_sdk_iam::types::{PasswordPolicy as GivenPolicy, SummaryKeyType};

use super::super::convert::{field, int, left_out, time};
use super::super::place::Cell;
use crate::inventory::Slot;
use crate::resources::account::{
    Account, AccountSummary, GET_ACCOUNT_PASSWORD_POLICY, GET_ACCOUNT_SUMMARY,
    LIST_OPEN_ID_CONNECT_PROVIDERS, LIST_SAML_PROVIDERS, PasswordPolicy,
};
use crate::resources::server_certificate::{LIST_SERVER_CERTIFICATES, ServerCertificate};
use crate::session::Walk;

/// Reads what some check needs, all at once.
pub(super) async fn facts(cell: &Cell) {
    let iam = cell.clients().iam();
    let caller = cell.caller();
    let (summary, policy, saml, oidc) = futures::join!(
        cell.fetch(
            &GET_ACCOUNT_SUMMARY,
            caller.call(&GET_ACCOUNT_SUMMARY, || iam.get_account_summary().send())
        ),
        cell.fetch(
            &GET_ACCOUNT_PASSWORD_POLICY,
            caller.call(&GET_ACCOUNT_PASSWORD_POLICY, || iam.get_account_password_policy().send())
        ),
        cell.fetch(
            &LIST_SAML_PROVIDERS,
            caller.call(&LIST_SAML_PROVIDERS, || iam.list_saml_providers().send())
        ),
        cell.fetch(
            &LIST_OPEN_ID_CONNECT_PROVIDERS,
            caller.call(&LIST_OPEN_ID_CONNECT_PROVIDERS, || {
                iam.list_open_id_connect_providers().send()
            })
        ),
    );
    let summary = cell.settle(&GET_ACCOUNT_SUMMARY, None, summary);
    let policy = cell.settle(&GET_ACCOUNT_PASSWORD_POLICY, None, policy);
    let saml = cell.settle(&LIST_SAML_PROVIDERS, None, saml);
    let oidc = cell.settle(&LIST_OPEN_ID_CONNECT_PROVIDERS, None, oidc);
    let account = Account {
        summary: field(&summary, |it| Slot::Known(summary_facts(it))),
        password_policy: field(&policy, |it| {
            // A reply without a policy is no word of AWS that there is none.
            let policy = it.password_policy.as_ref();
            policy.map_or_else(left_out, |policy| Slot::Known(policy_facts(policy)))
        }),
        saml_provider_arns: field(&saml, |it| {
            it.saml_provider_list.as_ref().map_or_else(left_out, |providers| {
                Slot::Known(providers.iter().filter_map(|it| it.arn.clone()).collect())
            })
        }),
        oidc_provider_arns: field(&oidc, |it| {
            it.open_id_connect_provider_list.as_ref().map_or_else(left_out, |providers| {
                Slot::Known(providers.iter().filter_map(|it| it.arn.clone()).collect())
            })
        }),
        ..Account::default()
    };
    cell.contribute(cell.account().as_str(), account).await;
}

fn summary_facts(answer: &GetAccountSummaryOutput) -> AccountSummary {
    let empty = HashMap::new();
    let map = answer.summary_map.as_ref().unwrap_or(&empty);
    let number = |key: &SummaryKeyType| map.get(key).copied();
    let flag = |key: SummaryKeyType| -> Slot<bool> { number(&key).map(|count| count != 0).into() };
    AccountSummary {
        account_mfa_enabled: flag(SummaryKeyType::AccountMfaEnabled),
        account_access_keys_present: flag(SummaryKeyType::AccountAccessKeysPresent),
        account_password_present: flag(SummaryKeyType::AccountPasswordPresent),
        account_signing_certificates_present: flag(
            SummaryKeyType::AccountSigningCertificatesPresent,
        ),
        users: int(number(&SummaryKeyType::Users)),
    }
}

fn policy_facts(policy: &GivenPolicy) -> PasswordPolicy {
    PasswordPolicy {
        minimum_password_length: int(policy.minimum_password_length),
        require_symbols: policy.require_symbols.into(),
        require_numbers: policy.require_numbers.into(),
        require_uppercase_characters: policy.require_uppercase_characters.into(),
        require_lowercase_characters: policy.require_lowercase_characters.into(),
        allow_users_to_change_password: policy.allow_users_to_change_password.into(),
        expire_passwords: policy.expire_passwords.into(),
        // A zero says the same as leaving it out.
        max_password_age: int(policy.max_password_age.filter(|days| *days > 0)),
        password_reuse_prevention: int(policy.password_reuse_prevention.filter(|count| *count > 0)),
        hard_expiry: policy.hard_expiry.into(),
    }
}

/// The certificates kept in IAM.
pub(super) async fn server_certificates(cell: &Cell) {
    let iam = cell.clients().iam();
    let call = &LIST_SERVER_CERTIFICATES;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| {
            iam.list_server_certificates().max_items(1000).set_marker(marker).send()
        })
        .await
    {
        for given in page.server_certificate_metadata_list {
            let name = given.server_certificate_name.clone();
            let certificate = ServerCertificate {
                name: given.server_certificate_name.into(),
                arn: given.arn.into(),
                id: given.server_certificate_id.into(),
                path: given.path.into(),
                upload_date: time(given.upload_date),
                expiration: time(given.expiration),
            };
            cell.add(&name, certificate).await;
        }
        walk.marker(page.is_truncated, page.marker);
    }
    cell.cover::<ServerCertificate>(call, walk.end()).await;
}
