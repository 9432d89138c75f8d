//! The credential report: asking for it, and reading its table.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_iam::types::ReportStateType;
use jiff::Timestamp;

use super::super::convert::{missing, time};
use super::super::place::Cell;
use crate::inventory::{Items, Slot, Time};
use crate::resources::account::RootUser;
use crate::resources::iam_user::{
    AccessKey, GENERATE_CREDENTIAL_REPORT, GET_CREDENTIAL_REPORT, User,
};
use crate::schema::Call;
use crate::session::{CallError, ErrorKind};

/// The largest report that is read. A row has some 400 bytes, and an account at most 5,000 users.
const MAX_BYTES: usize = 64 << 20;

/// The pauses between questions whether the report is there.
const PAUSES: &[u64] = &[500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000, 8000];

/// Codes that say that the report is not there yet, or no longer.
const NOT_YET: &[&str] = &["ReportInProgress", "ReportNotPresent", "ReportExpired"];

/// A credential report.
#[derive(Debug)]
pub(super) struct Report {
    pub generated: Slot<Time>,
    pub root: Option<RootUser>,
    /// The credentials of each user, by ARN.
    pub users: BTreeMap<String, User>,
}

/// Asks for the report until it is there.
pub(super) async fn fetch(cell: &Cell) -> Result<Report, (&'static Call, CallError)> {
    let iam = cell.clients().iam();
    let caller = cell.caller();
    let mut pauses = PAUSES.iter();
    loop {
        let generate = &GENERATE_CREDENTIAL_REPORT;
        let asked = caller.call(generate, || iam.generate_credential_report().send()).await;
        let is_there = match &asked {
            Ok(answer) => answer.state == Some(ReportStateType::Complete),
            // Who may not ask for a report may yet read one that somebody else asked for.
            Err(error) if error.kind == ErrorKind::Denied => true,
            Err(error) => return Err((generate, error.clone())),
        };
        if is_there {
            let get = &GET_CREDENTIAL_REPORT;
            match (caller.call(get, || iam.get_credential_report().send()).await, asked) {
                (Ok(report), _) => {
                    let content = report.content.map(|blob| blob.into_inner()).unwrap_or_default();
                    let report = read(&content, time(report.generated_time));
                    return report.map_err(|what| (get, CallError::failed(what)));
                }
                (Err(error), Ok(_)) if NOT_YET.contains(&error.code.as_str()) => {}
                (Err(_), Err(refused)) => return Err((generate, refused)),
                (Err(error), Ok(_)) => return Err((get, error)),
            }
        }
        let Some(pause) = pauses.next() else {
            return Err((generate, CallError::failed("ReportInProgress")));
        };
        let pause = tokio::time::sleep(Duration::from_millis(*pause));
        if caller.traffic().stop().unless(pause).await.is_none() {
            return Err((generate, CallError::interrupted()));
        }
    }
}

/// Reads the table.
fn read(content: &[u8], generated: Slot<Time>) -> Result<Report, &'static str> {
    if content.len() > MAX_BYTES {
        return Err("ReportTooLarge");
    }
    let text = std::str::from_utf8(content).map_err(|_| "MalformedReport")?;
    let rows = rows(text.trim_start_matches('\u{feff}')).ok_or("MalformedReport")?;
    let (head, rows) = rows.split_first().ok_or("MalformedReport")?;
    let mut report = Report { generated, root: None, users: BTreeMap::new() };
    for cells in rows {
        if cells.len() != head.len() {
            return Err("MalformedReport");
        }
        let cells = head.iter().map(String::as_str).zip(cells.iter().map(String::as_str));
        let row = Row(cells.collect());
        let arn = row.cell("arn").ok_or("MalformedReport")?;
        if row.cell("user") == Some("<root_account>") {
            report.root = Some(row.root());
        } else {
            report.users.insert(arn.to_owned(), row.user());
        }
    }
    Ok(report)
}

/// The rows of comma-separated values; `None` when a quotation is never closed.
fn rows(text: &str) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut row = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = row.last_mut()?;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !quoted => rows.push(std::mem::replace(&mut row, vec![String::new()])),
            letter => cell.push(letter),
        }
    }
    if row.len() > 1 || row.first().is_some_and(|cell| !cell.is_empty()) {
        rows.push(row);
    }
    rows.retain(|row| row.len() > 1 || row.first().is_some_and(|cell| !cell.is_empty()));
    (!quoted).then_some(rows)
}

/// A row by the names of its columns.
struct Row<'a>(HashMap<&'a str, &'a str>);

/// Spellings of nothing.
const NOTHING: &[&str] = &["N/A", "no_information", "not_supported", ""];

impl Row<'_> {
    fn cell(&self, column: &str) -> Option<&str> {
        self.0.get(column).copied()
    }

    /// A yes or no; anything else is unknown.
    fn flag(&self, column: &str) -> Slot<bool> {
        match self.cell(column) {
            Some(word) if word.eq_ignore_ascii_case("true") => Slot::Known(true),
            Some(word) if word.eq_ignore_ascii_case("false") => Slot::Known(false),
            Some(_) => Slot::Unknown(missing("the credential report does not say yes or no")),
            None => Slot::Unknown(missing("the credential report lacks the column")),
        }
    }

    /// A point in time, or nothing.
    fn time(&self, column: &str) -> Slot<Time> {
        match self.cell(column) {
            Some(word) if NOTHING.contains(&word) => Slot::Absent,
            Some(word) => match word.parse::<Timestamp>() {
                Ok(at) => Slot::Known(Time(at.as_second())),
                Err(_) => Slot::Unknown(missing("the credential report has no time there")),
            },
            None => Slot::Unknown(missing("the credential report lacks the column")),
        }
    }

    fn text(&self, column: &str) -> Slot<String> {
        match self.cell(column) {
            Some(word) if NOTHING.contains(&word) => Slot::Absent,
            Some(word) => Slot::Known(word.to_owned()),
            None => Slot::Unknown(missing("the credential report lacks the column")),
        }
    }

    fn root(&self) -> RootUser {
        let password = match self.cell("password_enabled") {
            Some(word) if NOTHING.contains(&word) => Slot::Absent,
            _ => self.flag("password_enabled"),
        };
        RootUser {
            password_enabled: password,
            password_last_used: self.time("password_last_used"),
            password_last_changed: self.time("password_last_changed"),
            mfa_active: self.flag("mfa_active"),
            access_key_1_active: self.flag("access_key_1_active"),
            access_key_1_last_used_date: self.time("access_key_1_last_used_date"),
            access_key_2_active: self.flag("access_key_2_active"),
            access_key_2_last_used_date: self.time("access_key_2_last_used_date"),
            cert_1_active: self.flag("cert_1_active"),
            cert_2_active: self.flag("cert_2_active"),
        }
    }

    fn user(&self) -> User {
        let keys = [1, 2].map(|number| self.key(number)).to_vec();
        let more = match self.cell("additional_credentials_info") {
            None => None,
            Some(word) if NOTHING.contains(&word) || word == "0" => None,
            Some(word) if word.eq_ignore_ascii_case("false") => None,
            Some(_) => Some(missing("the credential report says that there are more credentials")),
        };
        let certificates = [self.flag("cert_1_active"), self.flag("cert_2_active")];
        let active: Slot<i64> = match certificates {
            [Slot::Known(first), Slot::Known(second)] => match &more {
                Some(reason) => Slot::Unknown(reason.clone()),
                None => Slot::Known(i64::from(first) + i64::from(second)),
            },
            _ => Slot::Unknown(missing("the credential report does not say yes or no")),
        };
        User {
            password_enabled: self.flag("password_enabled"),
            password_last_used: self.time("password_last_used"),
            password_last_changed: self.time("password_last_changed"),
            mfa_active: self.flag("mfa_active"),
            access_keys: Slot::Known(Items { items: keys, missing: more.into_iter().collect() }),
            active_certificates: active,
            ..User::default()
        }
    }

    fn key(&self, number: i64) -> AccessKey {
        let column = |what: &str| format!("access_key_{number}_{what}");
        AccessKey {
            number: number.into(),
            active: self.flag(&column("active")),
            last_rotated: self.time(&column("last_rotated")),
            last_used_date: self.time(&column("last_used_date")),
            last_used_region: self.text(&column("last_used_region")),
            last_used_service: self.text(&column("last_used_service")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "user,arn,password_enabled,password_last_used,password_last_changed,\
        mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,\
        access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,\
        access_key_2_last_used_service,cert_1_active,cert_2_active,additional_credentials_info";

    fn report(rows: &str) -> Result<Report, &'static str> {
        read(format!("{HEAD}\n{rows}").as_bytes(), Slot::Known(Time(0)))
    }

    #[test]
    fn rows_become_users_and_root() {
        let report = report(
            "<root_account>,arn:aws:iam::111122223333:root,not_supported,2026-11-01T10:00:00+00:00,\
             not_supported,TRUE,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,false,N/A\r\n\
             \"a,b\",\"arn:aws:iam::111122223333:user/a,b\",false,N/A,N/A,false,true,\
             2026-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,true,false,0\n",
        )
        .unwrap();
        let root = report.root.unwrap();
        assert_eq!(root.password_enabled, Slot::Absent);
        assert_eq!(root.mfa_active, Slot::Known(true));
        assert_eq!(root.password_last_used, Slot::Known(Time(1_793_527_200)));
        let user = &report.users["arn:aws:iam::111122223333:user/a,b"];
        assert_eq!(user.active_certificates, Slot::Known(1));
        let keys = user.access_keys.known().unwrap();
        assert!(keys.missing.is_empty());
        assert_eq!(keys.items[0].active, Slot::Known(true));
        assert_eq!(keys.items[0].last_used_date, Slot::Absent);
    }

    #[test]
    fn more_credentials_than_shown_leave_the_keys_open() {
        let report = report(
            "u,arn:aws:iam::111122223333:user/u,false,N/A,N/A,maybe,false,N/A,N/A,N/A,N/A,false,\
             N/A,N/A,N/A,N/A,false,false,2\n",
        )
        .unwrap();
        let user = &report.users["arn:aws:iam::111122223333:user/u"];
        assert_eq!(user.access_keys.known().unwrap().missing.len(), 1);
        assert!(matches!(user.active_certificates, Slot::Unknown(_)));
        assert!(matches!(user.mfa_active, Slot::Unknown(_)), "`maybe` is no answer");
    }

    #[test]
    fn broken_tables_are_refused() {
        assert!(read(b"", Slot::Pending).is_err());
        assert!(read(b"\xff", Slot::Pending).is_err());
        assert!(report("u,arn:x\n").is_err(), "a row that was cut");
        assert!(report("\"u,arn\n").is_err(), "a quotation that never ends");
    }
}
