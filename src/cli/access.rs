//! `postura access`: who can do what, decided by the IAM engine, for cases of other programs.

mod cases;

use super::{Exit, Failure};
use crate::iam::{batch, escalation, exposure, relation};
use cases::CasesArgs;

/// Arguments of `postura access`.
#[derive(Debug, clap::Args)]
pub struct AccessArgs {
    #[command(subcommand)]
    command: AccessCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AccessCommand {
    /// Decide requests: one case a line in, one decision a line out.
    Evaluate(CasesArgs),
    /// Who gets in by the policies of resources: one case a line in, one answer a line out.
    Exposure(CasesArgs),
    /// Compare policies: one pair a line in, one answer a line out.
    Relation(CasesArgs),
    /// Ways from policies to more permissions: one case a line in, one answer a line out.
    Escalation(CasesArgs),
}

/// Runs `postura access`.
pub fn run(args: &AccessArgs) -> Result<Exit, Failure> {
    match &args.command {
        AccessCommand::Evaluate(args) => cases::run(args, batch::evaluate),
        AccessCommand::Exposure(args) => cases::run(args, exposure::exposure_line),
        AccessCommand::Relation(args) => cases::run(args, relation::relation_line),
        AccessCommand::Escalation(args) => cases::run(args, escalation::escalation_line),
    }
}
