//! What becomes a run: an account, or one service of an account.

use std::collections::BTreeSet;

use super::whole_accounts;
use crate::aws::AccountId;
use crate::finding::{Finding, Scan};
use crate::report::TOOL;
use crate::report::text::service;

/// How accounts are divided into runs. A category whose runs end keeps its alerts open, so this is a
/// choice of the user that no number of results changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Split {
    /// A run for each account.
    #[default]
    Account,
    /// A run for each service of each account, for accounts with more results than GitHub keeps.
    Service,
}

/// The subject of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) account: AccountId,
    /// The service, where accounts are divided.
    pub(super) service: Option<String>,
}

impl Part {
    /// The category of the run; the slash at its end makes it one.
    pub(super) fn category(&self) -> String {
        match &self.service {
            None => format!("{TOOL}/aws/{}/", self.account),
            Some(service) => format!("{TOOL}/aws/{}/{service}/", self.account),
        }
    }

    /// Whether a finding of the account belongs to the run.
    pub(super) fn holds(&self, finding: &Finding) -> bool {
        let own = self.service.as_deref();
        own.is_none_or(|own| own == service(&finding.resource().r#type))
    }
}

/// The runs of a scan, sorted by account and service. Each service that a check looks at has one in
/// each account, also without results: that is what closes alerts.
pub(super) fn parts(scan: &Scan, split: Split) -> Vec<Part> {
    let checks = scan.checks.iter().map(|check| service(&check.resource));
    let findings = scan.findings.iter().map(|finding| service(&finding.resource().r#type));
    let services: BTreeSet<String> = match split {
        Split::Account => BTreeSet::new(),
        Split::Service => checks.chain(findings).collect(),
    };
    let of = |account: AccountId| -> Vec<Part> {
        match split {
            Split::Account => vec![Part { account, service: None }],
            Split::Service => {
                let part =
                    |it: &String| Part { account: account.clone(), service: Some(it.clone()) };
                services.iter().map(part).collect()
            }
        }
    };
    whole_accounts(scan).iter().flat_map(|account| of(account.id.clone())).collect()
}
