//! What was read so far, as lines that outlive the process.
//!
//! Each sweep of a place is a *unit* with a number of its own. Whatever it finds becomes a line with
//! that number as soon as it is found; a last line says that the unit is done. After a crash only
//! units that are done count; the rest is read again. Each line begins with a checksum: where one
//! does not hold, the file ends. Who keeps the lines, and where, is not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use flate2::Crc;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::place::Message;
use crate::aws::{AccountId, Region};
use crate::inventory::{Account, Coverage, Draft, Model, Place, Reason};
use crate::session::Regions;

/// The version of the format.
const VERSION: u32 = 1;

/// The longest line that is read.
const MAX_LINE: u64 = 64 << 20;

/// The name of the unit that says how an account takes part, and which regions it has.
pub(super) const ACCOUNT: &str = "account";

/// Why a journal cannot be gone on with.
#[derive(Debug, Error)]
pub enum JournalError {
    /// It could not be read.
    #[error("cannot read the journal")]
    Io(#[from] io::Error),
    /// It does not begin as journals do.
    #[error("this is no journal of postura, or it was cut at its very beginning")]
    NotAJournal,
    /// It belongs to a scan of something else.
    #[error("the journal belongs to another scan: {} differ", .0.join(", "))]
    OtherScan(Vec<String>),
}

/// What a scan is about, as names and values: a journal of another selection is refused.
pub type Selection = BTreeMap<String, String>;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    postura_journal: u32,
    scanned_at: i64,
    selection: Selection,
}

/// Keeps lines.
pub trait Keep: Send {
    /// Keeps a line. The last line of a unit is to be handed to the system at once.
    fn keep(&mut self, line: &[u8], is_last: bool);
}

/// Reads the lines kept so far, from their beginning.
pub type Reread = Box<dyn Fn() -> io::Result<Box<dyn BufRead>> + Send>;

/// The journal of a scan.
pub struct Journal {
    keep: Box<dyn Keep>,
    earlier: Option<(Reread, Earlier)>,
    /// When the scan began, where it goes on with an earlier one.
    scanned_at: Option<i64>,
}

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Earlier {
    /// When it began.
    pub scanned_at: i64,
    /// How many bytes hold; the rest is torn and must be cut off.
    pub length: u64,
    units: BTreeMap<Key, u64>,
    regions: BTreeMap<AccountId, Regions>,
    next_unit: u64,
}

/// Account, region and name of a sweep.
type Key = (AccountId, Option<Region>, String);

impl Earlier {
    /// Looks through the lines of an earlier run.
    ///
    /// # Errors
    /// When they are no journal, or one of another selection.
    pub fn read(mut lines: impl BufRead, selection: &Selection) -> Result<Self, JournalError> {
        let mut earlier = Self::default();
        let first = next(&mut lines)?.ok_or(JournalError::NotAJournal)?;
        let header: Header =
            serde_json::from_slice(text(&first)).map_err(|_| JournalError::NotAJournal)?;
        let mut differences = differences(&header.selection, selection);
        if header.postura_journal != VERSION {
            differences.push("format".into());
        }
        if !differences.is_empty() {
            return Err(JournalError::OtherScan(differences));
        }
        earlier.scanned_at = header.scanned_at;
        earlier.length = first.len() as u64;
        let mut regions = BTreeMap::new();
        while let Some(line) = next(&mut lines)? {
            earlier.length += line.len() as u64;
            // A unit that was not done has a number too, which must not be given to another.
            let after = unit_of(text(&line)).map_or(0, |unit| unit + 1);
            earlier.next_unit = earlier.next_unit.max(after);
            if !is_mark(text(&line)) {
                continue;
            }
            match serde_json::from_slice(text(&line)) {
                Ok((unit, Kept::Done(account, region, sweep))) => {
                    let unit: u64 = unit;
                    if sweep == ACCOUNT && region.is_none() {
                        earlier
                            .regions
                            .extend(regions.remove(&unit).map(|it| (account.clone(), it)));
                    }
                    earlier.units.insert((account, region, sweep), unit);
                }
                Ok((unit, Kept::Regions(read, left_out))) => {
                    regions.insert(unit, Regions { read, left_out, unsure: Vec::new() });
                }
                Ok(_) | Err(_) => {}
            }
        }
        Ok(earlier)
    }

    /// The number of units that are done.
    pub fn done(&self) -> usize {
        self.units.len()
    }
}

impl Journal {
    /// The journal of a scan that begins.
    pub fn begin(keep: Box<dyn Keep>, selection: Selection, now: i64) -> Self {
        let mut journal = Self { keep, earlier: None, scanned_at: None };
        let header = Header { postura_journal: VERSION, scanned_at: now, selection };
        let line = serde_json::to_vec(&header).map(|json| sealed(&json)).unwrap_or_default();
        journal.keep.keep(&line, true);
        journal.scanned_at = Some(now);
        journal
    }

    /// The journal of a scan that goes on.
    pub fn resume(keep: Box<dyn Keep>, reread: Reread, earlier: Earlier) -> Self {
        let scanned_at = Some(earlier.scanned_at);
        Self { keep, earlier: Some((reread, earlier)), scanned_at }
    }

    /// When the scan began.
    pub(super) fn scanned_at(&self) -> Option<i64> {
        self.scanned_at
    }

    pub(super) fn keep(&mut self, line: &[u8], is_last: bool) {
        self.keep.keep(line, is_last);
    }

    /// Hands over what the units that are done have found in those accounts, and says what need not
    /// be read again.
    pub(super) fn replay(
        &mut self,
        model: Model,
        accounts: &BTreeSet<AccountId>,
        mut take: impl FnMut(Message),
    ) -> io::Result<Done> {
        let Some((reread, earlier)) = self.earlier.take() else { return Ok(Done::default()) };
        let wanted: BTreeSet<u64> = earlier
            .units
            .iter()
            .filter(|((account, ..), _)| accounts.contains(account))
            .map(|(_, unit)| *unit)
            .collect();
        let mut lines = io::Read::take(reread()?, earlier.length);
        // The header.
        next(&mut lines)?;
        while let Some(line) = next(&mut lines)? {
            let unit = unit_of(text(&line));
            if unit.is_none_or(|unit| !wanted.contains(&unit)) {
                continue;
            }
            let read: Result<(u64, Kept), _> = serde_json::from_slice(text(&line));
            let (_, kept) = read.map_err(io::Error::other)?;
            if let Some(message) = kept.message(model)? {
                take(message);
            }
        }
        let Earlier { units, regions, next_unit, .. } = earlier;
        Ok(Done { units: units.into_keys().collect(), regions, next_unit })
    }
}

/// What need not be read again.
#[derive(Debug, Default)]
pub(super) struct Done {
    units: BTreeSet<Key>,
    regions: BTreeMap<AccountId, Regions>,
    /// The number of the next unit.
    pub next_unit: u64,
}

impl Done {
    /// Whether a sweep was made.
    pub(super) fn has(&self, account: &AccountId, region: Option<&Region>, sweep: &str) -> bool {
        !self.units.is_empty()
            && self.units.contains(&(account.clone(), region.cloned(), sweep.to_owned()))
    }

    /// The regions of an account that was begun.
    pub(super) fn regions(&self, account: &AccountId) -> Option<&Regions> {
        self.regions.get(account)
    }
}

fn differences(one: &Selection, other: &Selection) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

/// A line as it is kept. `Kept` reads it.
#[derive(Serialize)]
enum Line<'a> {
    #[serde(rename = "add")]
    Add(&'a str, &'a AccountId, Option<&'a Region>, &'a str, &'a Draft),
    #[serde(rename = "part")]
    Contribute(&'a str, &'a AccountId, Option<&'a Region>, &'a str, &'a Draft),
    #[serde(rename = "cover")]
    Cover(&'a str, &'a AccountId, Option<&'a Region>, &'a Coverage),
    #[serde(rename = "gap")]
    Gap(&'a Reason, Option<&'a str>),
    #[serde(rename = "account")]
    Account(&'a Account),
    #[serde(rename = "regions")]
    Regions(&'a [Region], &'a [Region]),
    #[serde(rename = "done")]
    Done(&'a AccountId, Option<&'a Region>, &'a str),
}

#[derive(Deserialize)]
enum Kept {
    #[serde(rename = "add")]
    Add(String, AccountId, Option<Region>, String, Draft),
    #[serde(rename = "part")]
    Contribute(String, AccountId, Option<Region>, String, Draft),
    #[serde(rename = "cover")]
    Cover(String, AccountId, Option<Region>, Coverage),
    #[serde(rename = "gap")]
    Gap(Reason, Option<String>),
    #[serde(rename = "account")]
    Account(Box<Account>),
    #[serde(rename = "regions")]
    Regions(Vec<Region>, Vec<Region>),
    #[serde(rename = "done")]
    Done(AccountId, Option<Region>, String),
}

impl Kept {
    fn message(self, model: Model) -> io::Result<Option<Message>> {
        let find = |name: &str| {
            let unknown = || io::Error::other(format!("unknown type `{name}`"));
            model.catalog.find(name).ok_or_else(unknown)
        };
        let place = |account, region| Place { account, region };
        Ok(Some(match self {
            Self::Add(name, account, region, id, draft) => {
                Message::Add(find(&name)?, place(account, region), id, draft)
            }
            Self::Contribute(name, account, region, id, draft) => {
                Message::Contribute(find(&name)?, place(account, region), id, draft)
            }
            Self::Cover(name, account, region, coverage) => {
                Message::Cover(find(&name)?, place(account, region), coverage)
            }
            Self::Gap(reason, about) => Message::Gap(reason, about),
            Self::Account(account) => Message::Account(account),
            Self::Regions(..) | Self::Done(..) => return Ok(None),
        }))
    }
}

/// The line of a message.
pub(super) fn line(unit: u64, message: &Message) -> Vec<u8> {
    encode(
        unit,
        &match message {
            Message::Add(record, place, id, draft) => {
                Line::Add(record.name, &place.account, place.region.as_ref(), id, draft)
            }
            Message::Contribute(record, place, id, draft) => {
                Line::Contribute(record.name, &place.account, place.region.as_ref(), id, draft)
            }
            Message::Cover(record, place, coverage) => {
                Line::Cover(record.name, &place.account, place.region.as_ref(), coverage)
            }
            Message::Gap(reason, about) => Line::Gap(reason, about.as_deref()),
            Message::Account(account) => Line::Account(account),
            Message::BrokenOff => return Vec::new(),
        },
    )
}

/// The line that says which regions an account has.
pub(super) fn regions_line(unit: u64, regions: &Regions) -> Vec<u8> {
    encode(unit, &Line::Regions(&regions.read, &regions.left_out))
}

/// The line that says that a unit is done.
pub(super) fn done_line(unit: u64, place: &Place, sweep: &str) -> Vec<u8> {
    encode(unit, &Line::Done(&place.account, place.region.as_ref(), sweep))
}

fn encode(unit: u64, line: &Line<'_>) -> Vec<u8> {
    // Only maps with keys that are no text could fail, and there is none.
    serde_json::to_vec(&(unit, line)).map(|json| sealed(&json)).unwrap_or_default()
}

/// The checksum, a space, the text, a line break.
fn sealed(json: &[u8]) -> Vec<u8> {
    let mut line = format!("{:08x} ", checksum(json)).into_bytes();
    line.extend_from_slice(json);
    line.push(b'\n');
    line
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The next line that holds; `None` at the end or where the file is torn.
fn next(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    io::Read::take(&mut *lines, MAX_LINE).read_until(b'\n', &mut line)?;
    Ok((line == sealed(text(&line))).then_some(line))
}

/// What a line says, without checksum and line break.
fn text(line: &[u8]) -> &[u8] {
    let end = line.len().saturating_sub(1);
    line.get(9..end).unwrap_or_default()
}

/// The unit that a line belongs to.
fn unit_of(text: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(b"[")?;
    let end = digits.iter().position(|byte| *byte == b',')?;
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}

/// Whether a line is about a unit itself, and not about what it found.
fn is_mark(text: &[u8]) -> bool {
    let comma = text.iter().position(|byte| *byte == b',');
    let rest = comma.and_then(|comma| text.get(comma + 1..)).unwrap_or_default();
    rest.starts_with(b"{\"done\"") || rest.starts_with(b"{\"regions\"")
}

#[cfg(test)]
mod tests;
