//! `postura policies except`: accepts one finding.

use std::io::{self, Write};
use std::path::PathBuf;

use super::{CustomChecks, as_path, replace};
use crate::cli::report::read as read_results;
use crate::cli::rules::with_context;
use crate::cli::{Exit, Failure};
use crate::finding::{Finding, Scan};
use crate::policy::{AcceptError, Acceptance, Day, PolicyError, accept};
use crate::report::text::plain;

/// The fewest digits of a fingerprint that name a finding.
const MIN_DIGITS: usize = 8;

/// Arguments of `postura policies except`.
#[derive(Debug, clap::Args)]
pub struct ExceptArgs {
    /// The finding's fingerprint, or at least 8 digits of its beginning.
    fingerprint: String,
    /// The policy file that the exception is written into.
    #[arg(long, value_name = "FILE")]
    policy: String,
    /// The results that hold the finding: what `-o json` wrote.
    #[arg(long, value_name = "FILE", default_value = "results.json")]
    results: PathBuf,
    /// Who answers for it.
    #[arg(long, value_name = "NAME")]
    owner: String,
    /// Why it is accepted.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The last day it holds.
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires: Day,
    /// A ticket.
    #[arg(long, value_name = "ID")]
    ticket: Option<String>,
    #[command(flatten)]
    custom: CustomChecks,
}

/// Runs `postura policies except`.
pub fn run(args: &ExceptArgs) -> Result<Exit, Failure> {
    let path = &args.policy;
    if crate::policy::embedded_names().contains(path) {
        let help = format!("write a file of your own with `extends: [{path}]`, and name it");
        let message = format!("`{path}` is part of this program and cannot be changed");
        return Err(Failure::with_help(message, Some(help)));
    }
    let path = as_path(path);
    let library = args.custom.library()?;
    let scan = read_results(&args.results)?;
    let finding = find(&scan, &args.fingerprint)?;
    let acceptance = Acceptance {
        reason: args.reason.clone(),
        owner: args.owner.clone(),
        ticket: args.ticket.clone(),
        expires: args.expires,
    };
    let accepted = with_context(&library, None, |context| {
        Ok::<_, PolicyError>(accept(&path, context, &scan, finding, &acceptance))
    })?;
    let text = accepted.map_err(|error| match error {
        AcceptError::Policy(error) => Failure::from(error),
        AcceptError::Form(_) => {
            let help = "write `exceptions:` at the top of the file as a list of lines with `-`";
            Failure::with_help(plain(&error.to_string()), Some(help.into()))
        }
        other => Failure::new(plain(&other.to_string())),
    })?;
    replace(&path, &text)?;
    writeln!(
        io::stdout(),
        "{}: accepted `{}` on {} until {}",
        plain(&args.policy),
        finding.check(),
        plain(&finding.resource().id),
        args.expires
    )?;
    Ok(Exit::Passed)
}

fn find<'a>(scan: &'a Scan, digits: &str) -> Result<&'a Finding, Failure> {
    if digits.len() < MIN_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let digits = plain(digits);
        let message = format!("`{digits}` is no fingerprint: it needs 8 to 32 hexadecimal digits");
        return Err(Failure::new(message));
    }
    let digits = digits.to_ascii_lowercase();
    let mut found = scan.findings.iter().filter(|it| it.fingerprint.starts_with(&digits));
    match (found.next(), found.next()) {
        (Some(finding), None) => Ok(finding),
        (None, _) => {
            let help = "`--results` names what `-o json` wrote, where `fingerprint` stands";
            let message = format!("no finding has the fingerprint `{digits}`");
            Err(Failure::with_help(message, Some(help.into())))
        }
        (Some(_), Some(_)) => {
            Err(Failure::new(format!("several findings have a fingerprint `{digits}…`")))
        }
    }
}
