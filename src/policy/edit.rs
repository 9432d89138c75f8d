//! Accepts a finding: writes an exception into the text of a policy, and keeps all that is there,
//! comments and order included.
//!
//! The text is changed, not the tree. What comes out is loaded again and must accept the one
//! finding and no other, so that a file whose form is not understood is refused, never spoilt.

use std::fmt::Write as _;
use std::sync::Arc;

use thiserror::Error;

use super::exception::Sight;
use super::source::Day;
use super::{Context, Policy, PolicyError};
use crate::check::Verdict;
use crate::check::yaml::{self, Kind};
use crate::diagnostic::SourceFile;
use crate::finding::{Finding, Scan};

/// The words of a new exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Why the finding is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// A ticket.
    pub ticket: Option<String>,
    /// The last day it holds.
    pub expires: Day,
}

/// Why a finding cannot be accepted.
#[derive(Debug, Error)]
pub enum AcceptError {
    /// The policy cannot be used, before or after.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// There is nothing to accept.
    #[error("this finding is {0}, and only failures are accepted")]
    NoFailure(Verdict),
    /// An exception accepts it.
    #[error("the policy accepts this finding already: {0}")]
    Already(String),
    /// The severity is beyond what the policy lets be accepted.
    #[error("the policy does not let this finding be accepted: {0}")]
    NotAllowed(String),
    /// The exception would have expired before it began.
    #[error("{0} is over: an exception has to hold today")]
    Past(Day),
    /// A word that cannot stand in a file.
    #[error("the {0} is empty or has control characters")]
    Word(&'static str),
    /// The exception would accept other findings as well.
    #[error("the exception would accept {0} other findings too, such as `{1}`")]
    Broader(usize, String),
    /// The exceptions are not written in a form that can be added to.
    #[error("`{0}` has no place where an exception can be added")]
    Form(String),
}

/// The text of a policy file with one more exception, for one finding of a scan.
///
/// # Errors
/// See [`AcceptError`]; nothing is written here.
pub fn accept(
    path: &str,
    context: &Context<'_>,
    scan: &Scan,
    finding: &Finding,
    acceptance: &Acceptance,
) -> Result<String, AcceptError> {
    check_words(acceptance)?;
    if finding.verdict != Verdict::Fail {
        return Err(AcceptError::NoFailure(finding.verdict));
    }
    if acceptance.expires < context.today {
        return Err(AcceptError::Past(acceptance.expires));
    }
    let text = (context.read)(path)
        .map_err(|source| PolicyError::Read { path: path.to_owned(), source })?;
    let before = accepted(&Policy::load(path, context)?, scan, context.today);
    if let Some(known) = exception_of(&before, finding).filter(|it| it.in_force) {
        return Err(AcceptError::Already(format!("{} ({})", known.reason, known.owner)));
    }
    let file = SourceFile::new(path, text);
    let form = || AcceptError::Form(path.to_owned());
    let changed = insert(&file, finding, acceptance).ok_or_else(form)?;
    // A text that is no YAML any more is our mistake, not the user's.
    yaml::read(&SourceFile::new(path, changed.clone())).map_err(|_| form())?;
    let read = |wanted: &str| {
        if wanted == path { Ok(changed.clone()) } else { (context.read)(wanted) }
    };
    let policy = Policy::load(path, &Context { read: &read, ..*context })?;
    let after = accepted(&policy, scan, context.today);
    check_effect(&before, &after, finding)?;
    Ok(changed)
}

fn check_words(acceptance: &Acceptance) -> Result<(), AcceptError> {
    let ticket = acceptance.ticket.as_deref().unwrap_or("-");
    let words =
        [("reason", &*acceptance.reason), ("owner", &*acceptance.owner), ("ticket", ticket)];
    for (name, word) in words {
        if word.trim().is_empty() || word.chars().any(char::is_control) {
            return Err(AcceptError::Word(name));
        }
    }
    Ok(())
}

fn accepted(policy: &Policy, scan: &Scan, today: Day) -> Vec<Finding> {
    let mut findings = scan.findings.clone();
    let sight = Sight { accounts: &scan.accounts, left_out: &[], whole: false };
    policy.except(&mut findings, sight, today);
    findings
}

fn exception_of<'a>(
    findings: &'a [Finding],
    finding: &Finding,
) -> Option<&'a crate::finding::Exception> {
    let found = findings.iter().find(|it| it.fingerprint == finding.fingerprint)?;
    found.details.exception.as_deref()
}

/// The one finding must be accepted now, and no other that was not.
fn check_effect(
    before: &[Finding],
    after: &[Finding],
    finding: &Finding,
) -> Result<(), AcceptError> {
    match exception_of(after, finding) {
        Some(it) if it.in_force => {}
        it => {
            let why = it.and_then(|it| it.note.clone());
            return Err(AcceptError::NotAllowed(why.unwrap_or_else(|| "no reason given".into())));
        }
    }
    let newly = before.iter().zip(after).filter(|(old, new)| {
        old.is_open_failure() && !new.is_open_failure() && new.fingerprint != finding.fingerprint
    });
    let others: Vec<&str> = newly.map(|(_, new)| new.resource().id.as_str()).collect();
    match others.first() {
        None => Ok(()),
        Some(first) => Err(AcceptError::Broader(others.len(), (*first).to_owned())),
    }
}

/// The keys and values of the exception, as YAML.
fn lines(finding: &Finding, acceptance: &Acceptance) -> Vec<String> {
    let resource = finding.resource().arn.as_deref().unwrap_or(&finding.resource().id);
    let region = finding.region_or_global();
    let mut lines = vec![
        format!("check: {}", scalar(finding.check().as_str())),
        format!("resource: {}", scalar(resource)),
        format!("account: \"{}\"", finding.account()),
        format!("region: {region}"),
        format!("reason: {}", scalar(acceptance.reason.trim())),
        format!("owner: {}", scalar(acceptance.owner.trim())),
    ];
    lines.extend(acceptance.ticket.iter().map(|it| format!("ticket: {}", scalar(it.trim()))));
    lines.push(format!("expires: {}", acceptance.expires));
    lines
}

/// Text as YAML takes it back: plain where that is plainly safe, else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(|it| it.is_ascii_alphanumeric() || "-_./@ ".contains(it));
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if plain && !word.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

/// The text with the exception behind the last of those at the top of the file; `None` where there
/// is no such place.
fn insert(file: &Arc<SourceFile>, finding: &Finding, acceptance: &Acceptance) -> Option<String> {
    let text = &file.text;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = lines(finding, acceptance);
    let Kind::Map(entries) = yaml::read(file).ok()?.kind else { return None };
    let Some(entry) = entries.iter().find(|entry| entry.key == "exceptions") else {
        let mut changed = text.clone();
        if !changed.ends_with('\n') {
            changed.push_str(newline);
        }
        changed.push_str("exceptions:");
        changed.push_str(newline);
        changed.push_str(&block(&lines, 2, newline));
        return Some(changed);
    };
    let Kind::List(items) = &entry.value.kind else { return None };
    let behind = entry.key_span.end + text.get(entry.key_span.end..)?.find(':')? + 1;
    let rest = text.get(behind..)?;
    let value = rest.trim_start_matches(' ');
    if value.starts_with('[') {
        let open = behind + rest.len() - value.len();
        return in_flow(text, open, items.is_empty(), &lines, newline);
    }
    in_block(text, behind, &lines, newline)
}

/// Behind the last item of a block list that begins on a line below `behind`.
fn in_block(text: &str, behind: usize, lines: &[String], newline: &str) -> Option<String> {
    let mut at = behind + text.get(behind..)?.find('\n')? + 1;
    let mut dash = None;
    let mut end = None;
    while let Some(line) = text.get(at..).and_then(|rest| rest.split_inclusive('\n').next()) {
        let content = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let next = at + line.len();
        let is_comment = content.starts_with('#');
        match dash {
            _ if content.is_empty() => {}
            None if is_comment => {}
            None if content.starts_with('-') => (dash, end) = (Some(indent), Some(next)),
            None => return None,
            Some(dash) if indent > dash => end = Some(next),
            Some(_) if is_comment => {}
            Some(dash) if indent == dash && content.starts_with('-') => end = Some(next),
            Some(_) => break,
        }
        at = next;
    }
    let (dash, end) = dash.zip(end)?;
    let (before, after) = text.split_at_checked(end)?;
    let gap = if before.ends_with('\n') { "" } else { newline };
    Some(format!("{before}{gap}{}{after}", block(lines, dash, newline)))
}

fn block(lines: &[String], indent: usize, newline: &str) -> String {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let mark = if at == 0 { "- " } else { "  " };
        let _ = write!(text, "{:indent$}{mark}{line}{newline}", "");
    }
    text
}

/// Before the bracket that ends a list in brackets; an empty one becomes a list of lines.
fn in_flow(
    text: &str,
    open: usize,
    is_empty: bool,
    lines: &[String],
    newline: &str,
) -> Option<String> {
    let (last, close) = closing(text, open)?;
    let (before, after) = (text.get(..open)?, text.get(close + 1..)?);
    if is_empty {
        let rest = after.find('\n').map_or(after.len(), |at| at + 1);
        let (same_line, below) = after.split_at_checked(rest)?;
        let before = before.trim_end_matches(' ');
        let same_line = same_line.trim_end();
        return Some(format!("{before}{same_line}{newline}{}{below}", block(lines, 2, newline)));
    }
    // A comment behind the last element must not swallow the new one.
    let end = last + text.get(last..)?.chars().next()?.len_utf8();
    let end = if text.get(end..close)?.contains('#') { close } else { end };
    let (before, after) = text.split_at_checked(end)?;
    let comma = if text.get(last..)?.starts_with(',') { " " } else { ", " };
    Some(format!("{before}{comma}{{{}}}{after}", lines.join(", ")))
}

/// The bracket that closes the one at `open`, past quotes and comments, and what stands last before
/// it.
fn closing(text: &str, open: usize) -> Option<(usize, usize)> {
    let mut last = open;
    let mut depth = 0_usize;
    let mut quote = None;
    let mut is_escaped = false;
    let mut is_comment = false;
    let mut before = ' ';
    for (at, character) in text.get(open..)?.char_indices() {
        match (quote, character) {
            _ if is_comment => is_comment = character != '\n',
            (Some('"'), _) if is_escaped => is_escaped = false,
            (Some('"'), '\\') => is_escaped = true,
            (Some(mark), _) if mark == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if "[{,: ".contains(before) => quote = Some(character),
            (None, '#') if before.is_whitespace() => is_comment = true,
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some((last, open + at));
                }
            }
            (None, _) => {}
        }
        if !is_comment && !character.is_whitespace() {
            last = open + at;
        }
        before = character;
    }
    None
}
