//! The credential report.

use jiff::{SignedDuration, Timestamp};

use crate::synthetic::context::Context;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{AccessKey, Identity, RootUser, User};

use super::{arn, path_or_root};

/// The columns, in the order of the IAM user guide.
const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
    password_last_changed,password_next_rotation,mfa_active,\
    access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,\
    access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
    access_key_2_last_used_region,access_key_2_last_used_service,\
    cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated,\
    additional_credentials_info";

const NOT_APPLICABLE: &str = "N/A";

pub fn generate(context: &Context<'_>) -> Answer {
    let ready = context.earlier >= context.faults.report_polls;
    let state = match (ready, context.earlier) {
        (true, _) => "COMPLETE",
        (false, 0) => "STARTED",
        (false, _) => "INPROGRESS",
    };
    context.query(|xml| {
        xml.leaf("State", state);
        if !ready {
            xml.leaf("Description", "No report exists. Starting a new report generation task");
        }
    })
}

pub fn get(context: &Context<'_>) -> Answer {
    let text = report(context);
    context.query(|xml| {
        xml.leaf("Content", aws_smithy_types::base64::encode(text));
        xml.leaf("ReportFormat", "text/csv");
        xml.leaf("GeneratedTime", context.world.now);
    })
}

fn report(context: &Context<'_>) -> String {
    let identity = &context.account.identity;
    let mut rows = vec![HEADER.to_owned(), root_row(context, &identity.root)];
    rows.extend(identity.users.iter().map(|user| user_row(context, identity, user)));
    rows.join("\n")
}

/// The root user: what IAM does not say about it is `not_supported`.
fn root_row(context: &Context<'_>, root: &RootUser) -> String {
    let account = &context.account.id;
    let mut row = vec![
        "<root_account>".to_owned(),
        format!("arn:{}:iam::{account}:root", context.partition()),
        date(root.created),
        if root.password.is_some() { "TRUE" } else { "FALSE" }.to_owned(),
        match &root.password {
            Some(password) => password.last_used.map_or("no_information".to_owned(), date),
            None => NOT_APPLICABLE.to_owned(),
        },
        "not_supported".to_owned(),
        "not_supported".to_owned(),
        (!root.mfa.is_empty()).to_string(),
    ];
    credentials(&mut row, &root.keys, root.signing_certificate, root.created);
    row.join(",")
}

fn user_row(context: &Context<'_>, identity: &Identity, user: &User) -> String {
    let max_age = identity.password_policy.as_ref().and_then(|policy| policy.max_age);
    let mut row = vec![
        user.name.clone(),
        arn(context, "user", path_or_root(&user.path), &user.name),
        date(user.created),
        user.password.is_some().to_string(),
    ];
    match &user.password {
        None => row.extend([NOT_APPLICABLE; 3].map(str::to_owned)),
        Some(password) => {
            row.push(password.last_used.map_or("no_information".to_owned(), date));
            row.push(date(password.changed));
            let rotation = max_age.and_then(|days| {
                let age = SignedDuration::from_hours(24 * i64::from(days));
                password.changed.checked_add(age).ok()
            });
            row.push(rotation.map_or(NOT_APPLICABLE.to_owned(), date));
        }
    }
    row.push((!user.mfa.is_empty()).to_string());
    credentials(&mut row, &user.keys, user.signing_certificate, user.created);
    row.join(",")
}

/// Two keys, two certificates, and a word about what does not fit.
fn credentials(row: &mut Vec<String>, keys: &[AccessKey], certificate: bool, made: Timestamp) {
    for index in 0..2 {
        let Some(key) = keys.get(index) else {
            row.push("false".to_owned());
            row.extend([NOT_APPLICABLE; 4].map(str::to_owned));
            continue;
        };
        row.push(key.active.to_string());
        row.push(date(key.created));
        match &key.last_used {
            Some(last) => row.extend([date(last.at), last.region.clone(), last.service.clone()]),
            None => row.extend([NOT_APPLICABLE; 3].map(str::to_owned)),
        }
    }
    for active in [certificate, false] {
        row.push(active.to_string());
        row.push(if active { date(made) } else { NOT_APPLICABLE.to_owned() });
    }
    let more = keys.len().saturating_sub(2);
    row.push(if more == 0 { String::new() } else { format!("{more} additional access keys") });
}

/// With an offset and never a fraction, as the report writes times.
fn date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_columns_of_the_user_guide() {
        let columns: Vec<&str> = HEADER.split(',').collect();
        assert_eq!(columns.len(), 23);
        assert!(columns.iter().all(|name| !name.is_empty() && !name.contains(' ')));
    }

    #[test]
    fn rows_fill_every_column() {
        let mut row = vec![String::new(); 8];
        let key = AccessKey { active: true, ..AccessKey::default() };
        credentials(&mut row, &[key.clone(), key.clone(), key], true, Timestamp::UNIX_EPOCH);
        assert_eq!(row.len(), 23);
        assert_eq!(row[8..10], ["true", "1970-01-01T00:00:00+00:00"]);
        assert_eq!(row[22], "1 additional access keys");
    }
}
