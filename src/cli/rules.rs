//! What an inventory is judged by: the checks and the policy of the command line.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use super::library::Selection;
use super::settings::{Choice, meta};
use super::{Exit, Failure};
use crate::check::{Check, CheckId, Library};
use crate::evaluate::{self, evaluate};
use crate::finding::{CheckSummary, GateResult, Scan, ScanStats};
use crate::inventory::{Inventory, Wanted};
use crate::policy::{
    Baseline, CheckMeta, Context, DEFAULT, Day, Policy, PolicyError, embedded_frameworks,
};
use crate::schema::needs::Needs;

/// Arguments that choose checks and policy, shared by `scan`, `demo` and `diff`.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "What to look for")]
pub struct RulesArgs {
    #[command(flatten)]
    pub selection: Selection,
    /// The policy: baseline, ci-gate, audit, a framework such as cis-aws-7.0, or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT)]
    policy: String,
    /// The environment of the policy.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
}

/// Checks and policy, resolved.
pub struct Rules {
    /// The policy.
    pub policy: Policy,
    /// The checks that are evaluated.
    pub checks: Vec<Arc<Check>>,
    /// What the checks need.
    pub needs: Needs,
}

/// How the reading of an inventory ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// By itself.
    Finished,
    /// By a signal or a deadline.
    Interrupted,
}

impl RulesArgs {
    /// Loads checks and policy.
    pub fn load(&self) -> Result<Rules, Failure> {
        let library = self.selection.library()?;
        let environment = self.environment.as_deref();
        let policy =
            with_context(&library, environment, |context| Policy::load(&self.policy, context))?;
        let chosen = self.selection.choose(&library)?;
        let named = !self.selection.ids.is_empty();
        let selected = |check: &Arc<Check>| named || policy.selects(&check.id);
        let checks: Vec<_> = chosen.into_iter().filter(selected).collect();
        if checks.is_empty() {
            return Err(Failure::new(format!("the policy `{}` selects no check", policy.name)));
        }
        let mut needs = Needs::default();
        checks.iter().for_each(|check| check.needs(&mut needs));
        Ok(Rules { policy, checks, needs })
    }
}

/// Calls a function with what policies are resolved against.
pub fn with_context<T>(
    library: &Library,
    environment: Option<&str>,
    call: impl FnOnce(&Context<'_>) -> Result<T, PolicyError>,
) -> Result<T, PolicyError> {
    let checks: Vec<CheckMeta> = library.checks().iter().map(|check| meta(check)).collect();
    let test_param = |id: &CheckId, name: &str, value: &serde_json::Value| {
        let Some(check) = library.find(id.as_str()) else { return Ok(()) };
        let one = BTreeMap::from([(name.to_owned(), value.clone())]);
        check.params(&one).map(|_| ()).map_err(|errors| {
            let first = errors.into_iter().next();
            first.map_or_else(Default::default, |error| (error.message, error.help))
        })
    };
    call(&Context {
        checks: &checks,
        frameworks: embedded_frameworks(),
        read: &|path| fs::read_to_string(path),
        test_param: &test_param,
        environment,
        today: today(),
    })
}

/// The day by the clock, in UTC.
pub fn today() -> Day {
    Day::of(jiff::Timestamp::now().as_second())
}

impl Rules {
    /// The derived fields that will be read.
    pub fn wanted(&self) -> Wanted {
        Wanted::Fields(self.needs.fields.clone())
    }

    /// The checks as reports describe them.
    pub fn summaries(&self) -> Vec<CheckSummary> {
        self.checks.iter().map(|check| evaluate::summary(check)).collect()
    }

    /// Judges an inventory.
    pub fn judge(
        &self,
        inventory: &Inventory,
        stats: ScanStats,
        baseline: Option<&Baseline>,
        reading: Reading,
    ) -> Result<(Scan, Exit), Failure> {
        let (choice, selected) = Choice::new(&self.policy, inventory, &self.checks)?;
        let mut scan = Scan {
            scanned_at: inventory.scanned_at,
            accounts: inventory.accounts.clone(),
            resources: count_resources(inventory),
            checks: self.summaries(),
            findings: evaluate(inventory, &selected, &choice),
            gaps: inventory.gaps.clone(),
            gate: GateResult::default(),
            stats,
            trend: Vec::new(),
        };
        let exit = self.policy.judge(&mut scan, baseline, reading == Reading::Interrupted);
        Ok((scan, exit))
    }
}

fn count_resources(inventory: &Inventory) -> BTreeMap<String, u64> {
    let mut resources = BTreeMap::new();
    for entry in inventory.entries() {
        *resources.entry(entry.record.name.to_owned()).or_insert(0) += 1;
    }
    resources
}
