//! `postura access`: who can do what, decided by the IAM engine: questions to a snapshot, and cases
//! of other programs.

mod ask;
mod cases;
mod compare;
mod show;

use super::{Exit, Failure};
use crate::iam::{batch, escalation, exposure, relation};

/// Arguments of `postura access`.
#[derive(Debug, clap::Args)]
pub struct AccessArgs {
    #[command(subcommand)]
    command: AccessCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AccessCommand {
    /// Can a principal do this?
    Can(ask::CanArgs),
    /// Who can do this?
    WhoCan(ask::WhoCanArgs),
    /// What is open to the public or to others?
    Public(ask::PublicArgs),
    /// Who is or can become an administrator?
    Escalate(ask::EscalateArgs),
    /// Does a new version of a policy allow more than the old one?
    Compare(compare::CompareArgs),
    /// Decide requests: one case a line in, one decision a line out.
    Evaluate(cases::CasesArgs),
    /// Who gets in by the policies of resources: one case a line in, one answer a line out.
    Exposure(cases::CasesArgs),
    /// Compare policies: one pair a line in, one answer a line out.
    Relation(cases::CasesArgs),
    /// Ways from policies to more permissions: one case a line in, one answer a line out.
    Escalation(cases::CasesArgs),
}

/// Runs `postura access`.
pub fn run(args: &AccessArgs) -> Result<Exit, Failure> {
    match &args.command {
        AccessCommand::Can(args) => ask::run_can(args),
        AccessCommand::WhoCan(args) => ask::run_who_can(args),
        AccessCommand::Public(args) => ask::run_public(args),
        AccessCommand::Escalate(args) => ask::run_escalate(args),
        AccessCommand::Compare(args) => compare::run(args),
        AccessCommand::Evaluate(args) => cases::run(args, batch::evaluate),
        AccessCommand::Exposure(args) => cases::run(args, exposure::exposure_line),
        AccessCommand::Relation(args) => cases::run(args, relation::relation_line),
        AccessCommand::Escalation(args) => cases::run(args, escalation::escalation_line),
    }
}
