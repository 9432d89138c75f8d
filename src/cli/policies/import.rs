//! `postura policies import`: takes over a mutelist of Prowler.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use super::{CustomChecks, drawn};
use crate::cli::rules::with_context;
use crate::cli::{Exit, Failure};
use crate::diagnostic::SourceFile;
use crate::policy::{Context, Day, Peers, Policy, import};
use crate::report::text::plain;

/// Arguments of `postura policies import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The policy goes to standard output, the report to standard error. \
                        Exit codes: 0 all carried over; 1 something was left out; 2 could not run.")]
pub struct ImportArgs {
    /// The mutelist.
    #[arg(value_name = "MUTELIST.yaml")]
    mutelist: PathBuf,
    /// Who answers for the exceptions: a mutelist does not say.
    #[arg(long, value_name = "NAME")]
    owner: String,
    /// The last day they hold.
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires: Option<Day>,
    /// The id of the policy: it has to be saved as a file of that name.
    #[arg(long, value_name = "NAME", default_value = "imported")]
    id: String,
    #[command(flatten)]
    custom: CustomChecks,
}

/// Runs `postura policies import`.
pub fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let library = args.custom.library()?;
    let name = plain(&args.mutelist.to_string_lossy()).into_owned();
    let text = fs::read_to_string(&args.mutelist)
        .map_err(|error| Failure::new(format!("cannot read `{name}`: {error}")))?;
    let owner = args.owner.trim();
    if owner.is_empty() || owner.chars().any(char::is_control) {
        return Err(Failure::new("the owner is empty or has control characters"));
    }
    let none: &[String] = &[];
    let peers = Peers::new(
        library
            .checks()
            .iter()
            .map(|check| (&check.id, check.same_as.get("prowler").map_or(none, Vec::as_slice))),
    );
    let file = SourceFile::new(name, text);
    let imported = import(&file, &peers, &args.id, owner, args.expires).map_err(Failure::Files)?;
    // What is printed must be a policy that a scan takes.
    with_context(&library, None, |context| {
        let read = |_: &str| Ok(imported.text.clone());
        Policy::load(&format!("./{}.yaml", args.id), &Context { read: &read, ..*context })
    })?;
    write!(io::stdout(), "{}", imported.text)?;
    let mut report = io::stderr().lock();
    write!(report, "{}", drawn(&imported.report))?;
    writeln!(
        report,
        "{} exceptions written, {} entries left out; names are matched as a whole, where a mutelist \
         searches for them",
        imported.exceptions, imported.left_out
    )?;
    Ok(if imported.left_out == 0 { Exit::Passed } else { Exit::Failed })
}
