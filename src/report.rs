//! Reports: a function of a finished scan for each format, one file a format.
//!
//! Each format has serde structs or a layout of its own, frozen by a version, and writes long lists
//! one item at a time. Everything that comes from an account (names, tags, messages) is hostile
//! here: each format neutralises it in its own way. Reports know no clock, no environment and no
//! terminal; width and colour are passed in as [`Options`].

mod asff;
mod csv;
mod escape;
mod github;
mod html;
pub mod json;
mod jsonl;
mod junit;
pub(crate) mod markdown;
mod ocsf;
mod oscal;
pub mod sarif;
mod summary;
mod table;
pub mod text;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use serde_json::Value as Json;
use thiserror::Error;

use crate::diagnostic::did_you_mean;
use crate::finding::{CheckSummary, Finding, Scan};

pub use summary::{AccountCounts, Summary, VerdictCounts};

/// The name under which reports present this program.
pub const TOOL: &str = "postura";

/// The version that reports state.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a report is to be drawn. Only formats for human readers look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The width of the terminal in columns; `None` when the output is no terminal, and then
    /// nothing is cut or wrapped.
    pub width: Option<usize>,
    /// Whether ANSI colours may be used.
    pub colour: bool,
    /// Whether OSC 8 hyperlinks may be used.
    pub hyperlinks: bool,
    /// How the table groups open failures.
    pub group_by: GroupBy,
    /// How SARIF divides accounts into runs.
    pub sarif_split: sarif::Split,
}

/// The order of the groups of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum GroupBy {
    /// By severity and check.
    #[default]
    Check,
    /// By account, then severity and check.
    Account,
    /// By the service of the resource, then severity and check.
    Service,
}

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// One JSON document with every verdict.
    Json,
    /// One JSON object a line: every verdict, then the summary.
    Jsonl,
    /// One file for a browser, with everything in it.
    Html,
    /// SARIF 2.1.0 for code scanning: open failures only.
    Sarif,
    /// A job summary or pull-request comment.
    Markdown,
    /// Annotations of a GitHub Actions workflow.
    Github,
    /// Every verdict as a line of a spreadsheet.
    Csv,
    /// Every verdict as a test case.
    Junit,
    /// Compliance Findings of OCSF 1.5.0.
    Ocsf,
    /// Batches of findings for AWS Security Hub.
    Asff,
    /// Assessment results of OSCAL 1.2.1.
    Oscal,
}

impl Format {
    /// All formats, in the order in which help lists them.
    pub const ALL: [Self; 12] = [
        Self::Table,
        Self::Json,
        Self::Jsonl,
        Self::Html,
        Self::Sarif,
        Self::Markdown,
        Self::Github,
        Self::Csv,
        Self::Junit,
        Self::Ocsf,
        Self::Asff,
        Self::Oscal,
    ];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Csv => "csv",
            Self::Junit => "junit",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
            Self::Oscal => "oscal",
        }
    }

    /// Whether the format can be written as several files of one directory.
    pub fn is_sharded(self) -> bool {
        self == Self::Sarif
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is no `FORMAT[=PATH]`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OutputError {
    /// No format has that name.
    #[error("unknown format `{name}`{}", suggestion(name))]
    Format {
        /// The word given.
        name: String,
    },
    /// `FORMAT=` without a path.
    #[error("`{0}=` names no file")]
    NoPath(Format),
    /// A directory for a format that is one file.
    #[error("`{0}` is written to one file, not to a directory")]
    Directory(Format),
}

fn suggestion(name: &str) -> String {
    let known = Format::ALL.map(Format::as_str);
    match did_you_mean(&name.to_lowercase(), known) {
        Some(help) => format!("; {help}"),
        None => format!("; known are {}", known.join(", ")),
    }
}

impl FromStr for Format {
    type Err = OutputError;

    fn from_str(name: &str) -> Result<Self, OutputError> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| OutputError::Format { name: text::plain(name).into_owned() })
    }
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
    /// A directory that takes several files; written with a `/` at its end.
    Directory(PathBuf),
}

/// A report to write: `FORMAT` to standard output, `FORMAT=FILE`, or `sarif=DIR/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSpec {
    /// The format.
    pub format: Format,
    /// Where to.
    pub target: Target,
}

impl FromStr for OutputSpec {
    type Err = OutputError;

    fn from_str(text: &str) -> Result<Self, OutputError> {
        let Some((name, path)) = text.split_once('=') else {
            return Ok(Self { format: text.parse()?, target: Target::Stdout });
        };
        let format: Format = name.parse()?;
        let target = match path {
            "" => return Err(OutputError::NoPath(format)),
            "-" => Target::Stdout,
            _ if !path.ends_with('/') => Target::File(path.into()),
            _ if format.is_sharded() => Target::Directory(path.into()),
            _ => return Err(OutputError::Directory(format)),
        };
        Ok(Self { format, target })
    }
}

/// Writes a report, and returns what its reader has to be told on standard error: accounts left out,
/// results cut.
///
/// # Errors
/// When the writer fails.
pub fn write(
    format: Format,
    scan: &Scan,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<Vec<String>> {
    match format {
        Format::Table => table::write(scan, options, out)?,
        Format::Json => json::write(scan, options, out)?,
        Format::Jsonl => jsonl::write(scan, options, out)?,
        Format::Html => html::write(scan, options, out)?,
        Format::Sarif => return sarif::write(scan, options, out),
        Format::Markdown => markdown::write(scan, options, out)?,
        Format::Github => github::write(scan, options, out)?,
        Format::Csv => csv::write(scan, options, out)?,
        Format::Junit => junit::write(scan, options, out)?,
        Format::Ocsf => ocsf::write(scan, options, out)?,
        Format::Asff => asff::write(scan, options, out)?,
        Format::Oscal => oscal::write(scan, options, out)?,
    }
    Ok(Vec::new())
}

/// A failure as one line of plain text: where, what, why.
fn failure_text(finding: &Finding) -> String {
    let region = finding.region_or_global();
    let id = text::plain(&finding.resource().id);
    let messages = match finding.details.messages.as_slice() {
        [] => finding.title().to_string(),
        messages => messages.join("; "),
    };
    let (check, account) = (finding.check(), finding.account());
    format!("{id} ({region}, account {account}): {} [{check}]", text::plain(&messages))
}

/// What else fails because of a failure, in words; nothing when it stands alone.
fn consequences(finding: &Finding) -> Option<String> {
    let names: Vec<&str> = finding.details.implies.iter().map(|check| check.as_str()).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("because of it {one} fails too")),
        all => Some(format!("because of it {} more checks fail: {}", all.len(), all.join(", "))),
    }
}

/// How many failures are not listed because they follow from others, in words.
fn implied(summary: &Summary) -> Option<String> {
    match summary.total.implied {
        0 => None,
        1 => Some("1 more failure follows from these and is named with its cause".into()),
        more => {
            Some(format!("{more} more failures follow from these and are named with their causes"))
        }
    }
}

/// What to do about a finding, kind and text: what its check says, with the texts that the resource's
/// own values fill in place of those with names in braces.
fn remedies<'a>(check: Option<&'a CheckSummary>, finding: &'a Finding) -> Vec<(&'a str, &'a str)> {
    let own = |kind: &str| finding.details.remediation.iter().find(|(it, _)| it == kind);
    let texts = check.map(|check| check.remediation.as_slice()).unwrap_or_default();
    let fit = |(kind, text): &'a (String, String)| {
        let text = own(kind).map_or(text, |(_, text)| text);
        (kind.as_str(), text.trim())
    };
    texts.iter().map(fit).collect()
}

/// Adds a key to a JSON object.
fn put(object: &mut Json, key: &str, value: Json) {
    if let Some(map) = object.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests;
