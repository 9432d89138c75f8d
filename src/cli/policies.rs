//! `postura policies`: list, show and lint policies; accept findings.
use super::{Exit, Failure};

/// Arguments of `postura policies`.
#[derive(Debug, clap::Args)]
pub struct PoliciesArgs {}

/// Runs `postura policies`.
pub fn run(_: &PoliciesArgs) -> Result<Exit, Failure> {
    Ok(Exit::Passed)
}
