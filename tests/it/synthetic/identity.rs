//! IAM.

use aws_sdk_iam::Client;
use postura::synthetic::Faults;
use postura::synthetic::world::{Account, MfaKind};

use super::{Aws, code, run, time, twice};

#[test]
fn authorization_details_hold_every_principal_and_document() {
    twice(async |aws| {
        for account in aws.accounts() {
            let iam = Client::new(&aws.config(&account.id, "us-east-1"));
            let pages = iam.get_account_authorization_details().into_paginator().send();
            let pages = pages.try_collect().await.expect("pages");
            let identity = &account.identity;
            let users: Vec<_> = pages.iter().flat_map(|page| page.user_detail_list()).collect();
            assert_eq!(users.len(), identity.users.len());
            for (read, own) in users.iter().zip(&identity.users) {
                assert_eq!(read.user_name(), Some(own.name.as_str()));
                assert_eq!(time(read.create_date()), Some(own.created));
                assert_eq!(read.group_list(), own.groups);
                let attached: Vec<_> = read
                    .attached_managed_policies()
                    .iter()
                    .filter_map(|policy| policy.policy_arn())
                    .collect();
                assert_eq!(attached, own.attached);
                assert_eq!(read.user_policy_list().len(), own.inline.len());
                assert_eq!(read.tags().len(), own.tags.len());
            }
            let groups: Vec<_> = pages.iter().flat_map(|page| page.group_detail_list()).collect();
            assert_eq!(groups.len(), identity.groups.len());
            roles(&pages, &account);
            policies(&pages, &account);
        }
    });
}

type Details =
    aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;

fn roles(pages: &[Details], account: &Account) {
    let roles: Vec<_> = pages.iter().flat_map(|page| page.role_detail_list()).collect();
    assert_eq!(roles.len(), account.identity.roles.len());
    for (read, own) in roles.iter().zip(&account.identity.roles) {
        assert_eq!(read.role_name(), Some(own.name.as_str()));
        let trust = read.assume_role_policy_document().expect("a trust policy");
        assert_eq!(decoded(trust), own.trust);
        let last = read.role_last_used().and_then(|last| time(last.last_used_date()));
        assert_eq!(last, own.last_used.as_ref().map(|last| last.at));
        let boundary = read.permissions_boundary().and_then(|one| one.permissions_boundary_arn());
        assert_eq!(boundary, own.boundary.as_deref());
        assert_eq!(read.instance_profile_list().len(), usize::from(own.instance_profile));
        for (policy, own) in read.role_policy_list().iter().zip(&own.inline) {
            assert_eq!(policy.policy_name(), Some(own.name.as_str()));
            assert_eq!(decoded(policy.policy_document().expect("a document")), own.document);
        }
    }
}

fn policies(pages: &[Details], account: &Account) {
    let policies: Vec<_> = pages.iter().flat_map(|page| page.policies()).collect();
    for own in &account.identity.policies {
        let read = policies
            .iter()
            .find(|policy| policy.policy_name() == Some(own.name.as_str()))
            .expect("the policy");
        let default = read.default_version_id().expect("a default version");
        assert_eq!(default, format!("v{}", own.default_version));
        let version = read
            .policy_version_list()
            .iter()
            .find(|version| version.is_default_version())
            .expect("the default version");
        let document = own.versions.get(own.default_version - 1).expect("a version");
        assert_eq!(decoded(version.document().expect("a document")), *document);
        assert_eq!(read.policy_version_list().len(), own.versions.len());
    }
    let attached = account.identity.roles.iter().flat_map(|role| &role.attached);
    for arn in attached.filter(|arn| arn.contains(":aws:policy/")) {
        assert!(policies.iter().any(|policy| policy.arn() == Some(arn)), "{arn}");
    }
}

/// Percent-decoding, as everybody must do to documents of IAM.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend(before.as_bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).expect("two digits"));
        rest = &after[2..];
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8(bytes).expect("text")
}

#[test]
fn a_filter_narrows_authorization_details() {
    run(async {
        let aws = Aws::demo(Faults::default());
        let iam = Client::new(&aws.config(super::scenario::PRODUCTION, "us-east-1"));
        let filter = aws_sdk_iam::types::EntityType::Group;
        let request = iam.get_account_authorization_details().filter(filter);
        let output = request.send().await.expect("details");
        assert!(!output.group_detail_list().is_empty());
        assert!(output.user_detail_list().is_empty() && output.policies().is_empty());
    });
}

#[test]
fn the_credential_report_has_a_row_for_root_and_each_user() {
    run(async {
        let aws = Aws::demo(Faults { report_polls: 2, ..Faults::default() });
        for account in aws.accounts() {
            let iam = Client::new(&aws.config(&account.id, "us-east-1"));
            let mut states = Vec::new();
            for _ in 0..3 {
                let output = iam.generate_credential_report().send().await.expect("a state");
                states.push(output.state().expect("a state").as_str().to_owned());
            }
            assert_eq!(states, ["STARTED", "INPROGRESS", "COMPLETE"]);
            let report = iam.get_credential_report().send().await.expect("a report");
            let content = report.content().expect("content").as_ref();
            let text = std::str::from_utf8(content).expect("text");
            let rows: Vec<Vec<&str>> = text.lines().map(|row| row.split(',').collect()).collect();
            assert_eq!(rows.len(), account.identity.users.len() + 2);
            assert!(rows.iter().all(|row| row.len() == rows[0].len()));
            assert_eq!(rows[1][0], "<root_account>");
            for (row, user) in rows[2..].iter().zip(&account.identity.users) {
                assert_eq!(row[0], user.name);
                assert_eq!(row[3], user.password.is_some().to_string());
                assert_eq!(row[7], (!user.mfa.is_empty()).to_string());
                let first = user.keys.first();
                assert_eq!(row[8], first.is_some_and(|key| key.active).to_string());
                let used = first.and_then(|key| key.last_used.as_ref()).map(|last| last.at);
                let written: Option<jiff::Timestamp> = row[10].parse().ok();
                assert_eq!(written, used);
            }
        }
    });
}

#[test]
fn account_wide_lists_and_settings_come_through() {
    twice(async |aws| {
        for account in aws.accounts() {
            let identity = &account.identity;
            let iam = Client::new(&aws.config(&account.id, "us-east-1"));
            let summary = iam.get_account_summary().send().await.expect("a summary");
            let entry =
                |key: &str| summary.summary_map().expect("entries").get(&key.into()).copied();
            assert_eq!(entry("AccountMFAEnabled"), Some(i32::from(!identity.root.mfa.is_empty())));
            assert_eq!(
                entry("AccountAccessKeysPresent"),
                Some(i32::from(!identity.root.keys.is_empty()))
            );
            let policy = iam.get_account_password_policy().send().await;
            match &identity.password_policy {
                None => assert_eq!(code(policy), "NoSuchEntity"),
                Some(own) => {
                    let read = policy.expect("a policy").password_policy.expect("a policy");
                    let length = own.minimum_length.try_into().ok();
                    assert_eq!(read.minimum_password_length(), length);
                    assert_eq!(read.require_symbols(), own.symbols);
                    assert_eq!(read.expire_passwords(), own.max_age.is_some());
                    let reuse = own.reuse_prevention.and_then(|count| count.try_into().ok());
                    assert_eq!(read.password_reuse_prevention(), reuse);
                }
            }
            let users = identity.users.iter().flat_map(|user| &user.mfa);
            let devices = users.chain(&identity.root.mfa);
            let own = devices.filter(|mfa| mfa.kind == MfaKind::Virtual).count();
            let pages = iam.list_virtual_mfa_devices().into_paginator().send();
            let pages = pages.try_collect().await.expect("pages");
            let read: Vec<_> = pages.iter().flat_map(|page| page.virtual_mfa_devices()).collect();
            assert_eq!(read.len(), own);
            let of_root = |arn: &str| arn.ends_with(":root");
            let root_devices = read
                .iter()
                .filter(|one| one.user().is_some_and(|user| of_root(user.arn())))
                .count();
            let root_own =
                identity.root.mfa.iter().filter(|mfa| mfa.kind == MfaKind::Virtual).count();
            assert_eq!(root_devices, root_own);
            lists(&iam, &account).await;
        }
    });
}

async fn lists(iam: &Client, account: &Account) {
    let identity = &account.identity;
    let aliases = iam.list_account_aliases().into_paginator().send();
    let aliases = aliases.try_collect().await.expect("pages");
    let aliases: Vec<_> = aliases.iter().flat_map(|page| page.account_aliases()).collect();
    assert_eq!(aliases, identity.alias.iter().collect::<Vec<_>>());
    let pages = iam.list_server_certificates().into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let read: Vec<_> =
        pages.iter().flat_map(|page| page.server_certificate_metadata_list()).collect();
    assert_eq!(read.len(), identity.certificates.len());
    for (read, own) in read.iter().zip(&identity.certificates) {
        assert_eq!(read.server_certificate_name(), own.name);
        assert_eq!(time(read.expiration()), Some(own.expires));
    }
    for user in &identity.users {
        let pages = iam.list_mfa_devices().user_name(&user.name).into_paginator().send();
        let pages = pages.try_collect().await.expect("pages");
        let devices: usize = pages.iter().map(|page| page.mfa_devices().len()).sum();
        assert_eq!(devices, user.mfa.len());
        let pages = iam.list_access_keys().user_name(&user.name).into_paginator().send();
        let pages = pages.try_collect().await.expect("pages");
        let keys: Vec<_> = pages.iter().flat_map(|page| page.access_key_metadata()).collect();
        assert_eq!(keys.len(), user.keys.len());
        for (read, own) in keys.iter().zip(&user.keys) {
            let active = read.status().map(|status| status.as_str()) == Some("Active");
            assert_eq!(active, own.active);
        }
    }
    let nobody = iam.list_mfa_devices().user_name("nobody").send().await;
    assert_eq!(code(nobody), "NoSuchEntity");
}
