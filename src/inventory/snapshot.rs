//! A recorded inventory on disk: JSON Lines, compressed with gzip unless its name says `.jsonl`.
//!
//! The first line is a header (version, tool, scan time, accounts, coverage, gaps), then one
//! resource a line in sorted order, then a line that counts them, so that a file cut short is seen.
//! `zcat FILE | jq` reads it, `diff` compares it.

mod merge;

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use thiserror::Error;

use super::derive::Wanted;
use super::json::{draft_from_json, record_to_json, time_text};
use super::{Account, Builder, Coverage, Gap, Inventory, Model, Place};
use crate::aws::{AccountId, Region};
use crate::schema::Type;

pub use merge::{MergeError, merge};

/// The version of the format; a reader refuses any other.
pub const VERSION: u32 = 1;

/// The longest line that is read.
const MAX_LINE: u64 = 64 << 20;

/// Why a snapshot could not be read or written.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The first line is no header.
    #[error("this is not a snapshot of postura")]
    NotASnapshot,
    /// Another version of the format.
    #[error("this snapshot has format version {found}, and this postura reads version {VERSION}")]
    Version {
        /// The version of the file.
        found: u32,
    },
    /// A line that cannot be.
    #[error("line {line} of the snapshot is broken: {why}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The last line is missing or counts other resources than there are.
    #[error("the snapshot is cut short: its end is missing")]
    Truncated,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    postura_snapshot: u32,
    tool: String,
    scanned_at: String,
    accounts: Vec<Account>,
    coverage: Vec<Covered>,
    gaps: Vec<Gap>,
}

impl Header {
    /// When the scan took place.
    fn time(&self) -> Result<i64, SnapshotError> {
        let time = self.scanned_at.parse::<Timestamp>().map_err(|error| malformed(1, &error))?;
        Ok(time.as_second())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Covered {
    r#type: String,
    account: AccountId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
    coverage: Coverage,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    r#type: String,
    account: AccountId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
    id: String,
    fields: Map<String, Json>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    resources: usize,
}

/// How the lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Plain text.
    Plain,
    /// gzip.
    Gzip,
}

/// Writes an inventory.
///
/// # Errors
/// When the writer fails.
pub fn write(
    inventory: &Inventory,
    out: &mut dyn Write,
    packing: Packing,
) -> Result<(), SnapshotError> {
    match packing {
        Packing::Plain => write_lines(inventory, &mut BufWriter::new(out)),
        Packing::Gzip => {
            let mut gzip = GzEncoder::new(BufWriter::new(out), Compression::default());
            write_lines(inventory, &mut gzip)?;
            gzip.finish()?.flush()?;
            Ok(())
        }
    }
}

fn write_lines(inventory: &Inventory, out: &mut dyn Write) -> Result<(), SnapshotError> {
    let header = Header {
        postura_snapshot: VERSION,
        tool: env!("CARGO_PKG_VERSION").into(),
        scanned_at: time_text(inventory.scanned_at),
        accounts: inventory.accounts.clone(),
        coverage: coverage_lines(inventory),
        gaps: inventory.gaps.clone(),
    };
    write_line(out, &header)?;
    for entry in inventory.entries() {
        let line = Line {
            r#type: entry.record.name.into(),
            account: entry.account.clone(),
            region: entry.region.clone(),
            id: entry.id.clone(),
            fields: record_to_json(&inventory.store, entry.record, entry.row),
        };
        write_line(out, &line)?;
    }
    write_line(out, &End { resources: inventory.entries().len() })?;
    out.flush()?;
    Ok(())
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> Result<(), SnapshotError> {
    serde_json::to_writer(&mut *out, line).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn coverage_lines(inventory: &Inventory) -> Vec<Covered> {
    let covered = inventory.coverage.iter();
    covered
        .map(|((name, account, region), coverage)| Covered {
            r#type: (*name).into(),
            account: account.clone(),
            region: region.clone(),
            coverage: coverage.clone(),
        })
        .collect()
}

/// Reads an inventory and computes the derived fields that are wanted.
///
/// # Errors
/// When the file is no snapshot, of another version, cut short or broken.
pub fn read(input: impl Read, model: Model, wanted: &Wanted) -> Result<Inventory, SnapshotError> {
    let Opened { header, lines } = open(input)?;
    let scanned_at = header.time()?;
    let mut builder = Builder::new(model);
    restore_header(&mut builder, model, header)?;
    restore_lines(&mut builder, model, lines, |_| true)?;
    Ok(builder.seal(scanned_at, wanted))
}

/// A snapshot whose first line was read.
struct Opened<'a> {
    header: Header,
    lines: Box<dyn BufRead + 'a>,
}

fn open<'a>(input: impl Read + 'a) -> Result<Opened<'a>, SnapshotError> {
    let mut input = BufReader::new(input);
    let zipped = input.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let mut lines: Box<dyn BufRead + 'a> =
        if zipped { Box::new(BufReader::new(MultiGzDecoder::new(input))) } else { Box::new(input) };
    let first = next_line(&mut lines, 1)?.ok_or(SnapshotError::NotASnapshot)?;
    Ok(Opened { header: read_header(&first)?, lines })
}

/// Restores the resources of those accounts that are kept.
fn restore_lines(
    builder: &mut Builder,
    model: Model,
    mut input: impl BufRead,
    keeps: impl Fn(&AccountId) -> bool,
) -> Result<(), SnapshotError> {
    for (resources, number) in (2..).enumerate() {
        let Some(text) = next_line(&mut input, number)? else {
            return Err(SnapshotError::Truncated);
        };
        if text.starts_with("{\"resources\"") {
            let end: End =
                serde_json::from_str(&text).map_err(|error| malformed(number, &error))?;
            if end.resources != resources || next_line(&mut input, number + 1)?.is_some() {
                return Err(SnapshotError::Truncated);
            }
            break;
        }
        let line: Line = serde_json::from_str(&text).map_err(|error| malformed(number, &error))?;
        if keeps(&line.account) {
            restore(builder, model, line)
                .map_err(|why| SnapshotError::Malformed { line: number, why })?;
        }
    }
    Ok(())
}

fn read_header(text: &str) -> Result<Header, SnapshotError> {
    let json: Json = serde_json::from_str(text).map_err(|_| SnapshotError::NotASnapshot)?;
    let version = json.get("postura_snapshot").and_then(Json::as_u64);
    let version = version.ok_or(SnapshotError::NotASnapshot)?;
    if version != u64::from(VERSION) {
        let found = u32::try_from(version).unwrap_or(u32::MAX);
        return Err(SnapshotError::Version { found });
    }
    serde_json::from_value(json).map_err(|error| malformed(1, &error))
}

fn restore_header(
    builder: &mut Builder,
    model: Model,
    header: Header,
) -> Result<(), SnapshotError> {
    for covered in header.coverage {
        let record = model
            .catalog
            .find(&covered.r#type)
            .ok_or_else(|| malformed(1, &format!("unknown type `{}`", covered.r#type)))?;
        let place = Place { account: covered.account, region: covered.region };
        builder.cover(record, &place, covered.coverage);
    }
    for account in header.accounts {
        builder.restore_account(account);
    }
    for gap in header.gaps {
        builder.restore_gap(gap);
    }
    Ok(())
}

fn restore(builder: &mut Builder, model: Model, line: Line) -> Result<(), String> {
    let record = model
        .catalog
        .find(&line.r#type)
        .ok_or_else(|| format!("unknown type `{}`", line.r#type))?;
    let reference = model.catalog.0.iter().find(|candidate| std::ptr::eq(candidate.get(), record));
    let ty = Type::Record(*reference.ok_or("a type outside the catalog")?);
    let draft = draft_from_json(&ty, false, &Json::Object(line.fields))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    builder.add_draft(
        record,
        &Place { account: line.account, region: line.region },
        &line.id,
        draft,
    );
    Ok(())
}

fn next_line(input: &mut impl BufRead, number: usize) -> Result<Option<String>, SnapshotError> {
    let mut text = String::new();
    let read = input.take(MAX_LINE).read_line(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => SnapshotError::Truncated,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => malformed(number, &error),
        _ => SnapshotError::Io(error),
    })?;
    if read == 0 {
        return Ok(None);
    }
    if !text.ends_with('\n') {
        return Err(SnapshotError::Truncated);
    }
    Ok(Some(text))
}

fn malformed(line: usize, why: &dyn std::fmt::Display) -> SnapshotError {
    SnapshotError::Malformed { line, why: why.to_string() }
}
