//! Users, groups, roles and policies: authorization details, credential report, MFA devices and the
//! list of roles, put together.

use std::collections::HashMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{EntityType, VirtualMfaDevice as ListedDevice};

use super::super::convert::{items, missing, time};
use super::super::place::Cell;
use super::authorization;
use super::report::{self, Report};
use crate::inventory::{Items, Reason, Record, Slot};
use crate::resources::account::{Account, LIST_VIRTUAL_MFA_DEVICES, VirtualMfaDevice};
use crate::resources::iam_group::Group;
use crate::resources::iam_policy::{GET_ACCOUNT_AUTHORIZATION_DETAILS, ManagedPolicy};
use crate::resources::iam_role::{LIST_ROLES, Role};
use crate::resources::iam_user::{GET_CREDENTIAL_REPORT, User};
use crate::session::{CallError, Pages, Walk};

/// Everything at once: the report is often the longest single thing of a scan.
pub(super) async fn identities(cell: &Cell) {
    let iam = cell.clients().iam();
    let (report, devices, users, (), (), ()) = futures::join!(
        report(cell),
        devices(cell, &iam),
        users(cell, &iam),
        groups(cell, &iam),
        roles(cell, &iam),
        policies(cell, &iam),
    );
    account(cell, &report, &devices).await;
    if let Some(users) = users {
        let end = users.cut.map_or(Ok(()), Err);
        for user in users.items {
            let Some(name) = user.name.known().cloned() else { continue };
            let user = with_credentials(user, &report);
            cell.add(&name, with_devices(user, &devices)).await;
        }
        cell.cover::<User>(&GET_ACCOUNT_AUTHORIZATION_DETAILS, end).await;
    }
}

/// Walks the details of one kind. `split` hands over what a page holds of it.
async fn details<T>(
    cell: &Cell,
    iam: &Client,
    kind: EntityType,
    split: impl Fn(GetAccountAuthorizationDetailsOutput) -> Option<Vec<T>>,
) -> Pages<T> {
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), &GET_ACCOUNT_AUTHORIZATION_DETAILS, |marker| {
            let request = iam.get_account_authorization_details().filter(kind.clone());
            request.max_items(1000).set_marker(marker).send()
        })
        .await
    {
        let (is_truncated, marker) = (page.is_truncated, page.marker.clone());
        found.extend(walk.items(split(page)));
        walk.marker(is_truncated, marker);
    }
    Pages { items: found, cut: walk.end().err() }
}

fn is_wanted<R: Record>(cell: &Cell) -> bool {
    cell.wants(&GET_ACCOUNT_AUTHORIZATION_DETAILS) && cell.has::<R>()
}

/// An item without the name that identifies it ends its list: it cannot be kept, nor left out.
fn named<T, R>(pages: Pages<T>, read: impl Fn(T) -> (Option<String>, R)) -> Pages<(String, R)> {
    let mut named = Pages { items: Vec::new(), cut: pages.cut };
    for item in pages.items {
        match read(item) {
            (Some(name), record) => named.items.push((name, record)),
            (None, _) => named.cut = Some(CallError::failed("ItemWithoutId")),
        }
    }
    named
}

async fn hand_over<R: Record>(cell: &Cell, found: Pages<(String, R)>) {
    for (name, record) in found.items {
        cell.add(&name, record).await;
    }
    cell.cover::<R>(&GET_ACCOUNT_AUTHORIZATION_DETAILS, found.cut.map_or(Ok(()), Err)).await;
}

async fn users(cell: &Cell, iam: &Client) -> Option<Pages<User>> {
    if !is_wanted::<User>(cell) {
        return None;
    }
    let pages = details(cell, iam, EntityType::User, |page| page.user_detail_list).await;
    let named = named(pages, |user| (user.user_name.clone(), authorization::user(user)));
    let items = named.items.into_iter().map(|(_, user)| user).collect();
    Some(Pages { items, cut: named.cut })
}

async fn groups(cell: &Cell, iam: &Client) {
    if is_wanted::<Group>(cell) {
        let pages = details(cell, iam, EntityType::Group, |page| page.group_detail_list).await;
        let groups = named(pages, |it| (it.group_name.clone(), authorization::group(it)));
        hand_over(cell, groups).await;
    }
}

async fn policies(cell: &Cell, iam: &Client) {
    if is_wanted::<ManagedPolicy>(cell) {
        let (own, aws) = futures::join!(
            details(cell, iam, EntityType::LocalManagedPolicy, |page| page.policies),
            details(cell, iam, EntityType::AwsManagedPolicy, |page| page.policies),
        );
        let mut all = own;
        all.items.extend(aws.items);
        all.cut = all.cut.or(aws.cut);
        let policies = named(all, |it| (it.arn.clone(), authorization::policy(it)));
        hand_over(cell, policies).await;
    }
}

/// The details and the list of roles tell of the same roles, save those made in between.
async fn roles(cell: &Cell, iam: &Client) {
    if !is_wanted::<Role>(cell) {
        return;
    }
    let (pages, sessions) = futures::join!(
        details(cell, iam, EntityType::Role, |page| page.role_detail_list),
        longest_sessions(cell, iam),
    );
    let mut roles = named(pages, |it| (it.role_name.clone(), authorization::role(it)));
    if let Some((sessions, cut)) = sessions {
        for (name, role) in &mut roles.items {
            role.max_session_duration = match (sessions.get(name), &cut) {
                (Some(seconds), _) => seconds.map(i64::from).into(),
                (None, Some(reason)) => Slot::Unknown(reason.clone()),
                (None, None) => Slot::Unknown(missing("the role is not in the list of roles")),
            };
        }
    }
    hand_over(cell, roles).await;
}

type Sessions = (HashMap<String, Option<i32>>, Option<Reason>);

async fn longest_sessions(cell: &Cell, iam: &Client) -> Option<Sessions> {
    let call = &LIST_ROLES;
    if !cell.wants(call) {
        return None;
    }
    let mut walk = Walk::default();
    let mut sessions = HashMap::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| {
            iam.list_roles().max_items(1000).set_marker(marker).send()
        })
        .await
    {
        sessions
            .extend(page.roles.into_iter().map(|role| (role.role_name, role.max_session_duration)));
        walk.marker(page.is_truncated, page.marker);
    }
    let cut = walk.end().err().map(|error| cell.note(call, &error, None));
    Some((sessions, cut))
}

/// The report; `Pending` when no check needs it.
async fn report(cell: &Cell) -> Slot<Report> {
    if !cell.wants(&GET_CREDENTIAL_REPORT) {
        return Slot::Pending;
    }
    match report::fetch(cell).await {
        Ok(report) => Slot::Known(report),
        Err((call, error)) => Slot::Unknown(cell.note(call, &error, None)),
    }
}

/// What the report says of a user. A user without a row is younger than the report.
fn with_credentials(user: User, report: &Slot<Report>) -> User {
    let row = match report {
        Slot::Pending | Slot::Absent => return user,
        Slot::Unknown(reason) => Err(reason.clone()),
        Slot::Known(report) => user
            .arn
            .known()
            .filter(|_| !is_younger(&user, report))
            .and_then(|arn| report.users.get(arn))
            .ok_or_else(|| missing("the user is not in the credential report")),
    };
    let row = match row {
        Ok(row) => row.clone(),
        Err(reason) => User {
            password_enabled: Slot::Unknown(reason.clone()),
            password_last_used: Slot::Unknown(reason.clone()),
            password_last_changed: Slot::Unknown(reason.clone()),
            mfa_active: Slot::Unknown(reason.clone()),
            access_keys: Slot::Unknown(reason.clone()),
            active_certificates: Slot::Unknown(reason),
            ..User::default()
        },
    };
    User {
        password_enabled: row.password_enabled,
        password_last_used: row.password_last_used,
        password_last_changed: row.password_last_changed,
        mfa_active: row.mfa_active,
        access_keys: row.access_keys,
        active_certificates: row.active_certificates,
        ..user
    }
}

/// Whether a user was made after the report: a row of the same name is about somebody else.
fn is_younger(user: &User, report: &Report) -> bool {
    match (user.create_date.known(), report.generated.known()) {
        (Some(made), Some(generated)) => made > generated,
        _ => false,
    }
}

/// The virtual MFA devices of the account, and why there may be more; nothing when no check needs
/// them.
type Devices = Option<(Vec<VirtualMfaDevice>, Option<Reason>)>;

async fn devices(cell: &Cell, iam: &Client) -> Devices {
    let call = &LIST_VIRTUAL_MFA_DEVICES;
    if !cell.wants(call) {
        return None;
    }
    let mut walk = Walk::default();
    let mut devices = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| {
            iam.list_virtual_mfa_devices().max_items(1000).set_marker(marker).send()
        })
        .await
    {
        devices.extend(page.virtual_mfa_devices.into_iter().map(device));
        walk.marker(page.is_truncated, page.marker);
    }
    let cut = walk.end().err().map(|error| cell.note(call, &error, None));
    devices.sort_by(|a, b| a.serial_number.known().cmp(&b.serial_number.known()));
    Some((devices, cut))
}

fn device(listed: ListedDevice) -> VirtualMfaDevice {
    VirtualMfaDevice {
        serial_number: listed.serial_number.into(),
        user_arn: listed.user.map(|user| user.arn).into(),
        enable_date: time(listed.enable_date),
    }
}

fn with_devices(user: User, devices: &Devices) -> User {
    let Some((devices, cut)) = devices else { return user };
    let serials: Vec<String> = devices
        .iter()
        .filter(|device| device.user_arn.known().is_some() && device.user_arn == user.arn)
        .filter_map(|device| device.serial_number.known().cloned())
        .collect();
    User { virtual_mfa_devices: items(serials, cut.clone()), ..user }
}

/// What report and devices say of the account itself.
async fn account(cell: &Cell, report: &Slot<Report>, devices: &Devices) {
    let unread = |what: &str| Slot::Unknown(missing(what));
    let (root, generated) = match report {
        Slot::Pending | Slot::Absent => (Slot::Pending, Slot::Pending),
        Slot::Unknown(reason) => (Slot::Unknown(reason.clone()), Slot::Unknown(reason.clone())),
        Slot::Known(report) => {
            let root = report.root.clone();
            let root = root.map_or_else(|| unread("no root user in the report"), Slot::Known);
            (root, report.generated.clone())
        }
    };
    let devices: Slot<Items<VirtualMfaDevice>> = match devices {
        None => Slot::Pending,
        Some((devices, cut)) => items(devices.clone(), cut.clone()),
    };
    let facts = Account {
        root,
        credential_report_time: generated,
        virtual_mfa_devices: devices,
        ..Account::default()
    };
    cell.contribute(cell.account().as_str(), facts).await;
}
