//! Which organization `demo` serves, where it is made up at a size, and what goes wrong there.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

use crate::synthetic::World;
use crate::synthetic::faults::{Fault, Faults, Rule, Scope, When};
use crate::synthetic::scale::{MOST_REGIONS, Scale, world};

/// Arguments about size and faults.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "The organization")]
pub struct LargeArgs {
    /// Make up an organization of so many accounts, in place of a scenario.
    #[arg(long, value_name = "N", conflicts_with = "scenario",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    accounts: Option<u32>,
    /// The number of regions of each of them.
    #[arg(long, value_name = "M", default_value_t = 4, requires = "accounts",
          value_parser = clap::value_parser!(u64).range(1..=MOST_REGIONS as u64))]
    regions: u64,
    /// The number of resources of each of them on average; few have much more, most have less.
    #[arg(long, value_name = "K", default_value_t = 100, requires = "accounts",
          value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    scale: u32,
    /// Chooses one organization of many, and which calls fail.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Each answer waits so many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// This share of all requests is answered by *slow down*.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    throttle: Option<f64>,
    /// Deny an operation (ec2:DescribeVpcs) or IAM action everywhere; several times for several.
    #[arg(long, value_name = "ACTION")]
    deny: Vec<String>,
    /// Make requests fail: hang=ec2:DescribeVpcs, server-error=s3:*@5%, disconnect@1%.
    #[arg(long, value_name = "KIND[=OPERATION][@PERCENT]", value_delimiter = ',')]
    faults: Vec<Wrong>,
}

impl LargeArgs {
    /// The organization, where a size is given.
    pub fn world(&self, now: Timestamp) -> Option<World> {
        let scale = Scale {
            accounts: self.accounts?,
            regions: usize::try_from(self.regions).unwrap_or(MOST_REGIONS),
            resources: self.scale,
            seed: self.seed,
        };
        Some(world(scale, now))
    }

    /// Adds what goes wrong.
    pub fn spoil(&self, faults: Faults) -> Faults {
        let faults =
            Faults { latency: Duration::from_millis(self.latency), seed: self.seed, ..faults };
        let faults = self.deny.iter().fold(faults, |faults, action| faults.deny(action));
        let faults =
            self.faults.iter().fold(faults, |faults, wrong| faults.with(wrong.rule.clone()));
        match self.throttle {
            Some(share) => {
                let rule = Rule::new(Scope::operation("*"), Fault::Throttle);
                faults.with(rule.when(When::Share(share)))
            }
            None => faults,
        }
    }
}

/// A fault as it is written on the command line.
#[derive(Debug, Clone)]
struct Wrong {
    rule: Rule,
}

const KINDS: &[(&str, Fault)] = &[
    ("deny", Fault::Deny),
    ("deny-by-organization", Fault::DenyByOrganization),
    ("throttle", Fault::Throttle),
    ("server-error", Fault::ServerError),
    ("bad-gateway", Fault::BadGateway),
    ("captive-portal", Fault::CaptivePortal),
    ("disconnect", Fault::Disconnect),
    ("disconnect-in-body", Fault::DisconnectInBody),
    ("half-document", Fault::HalfDocument),
    ("empty-body", Fault::EmptyBody),
    ("stall", Fault::Stall),
    ("hang", Fault::Hang),
    ("expired-session", Fault::ExpiredSession),
    ("looping-token", Fault::LoopingToken),
    ("garbage", Fault::Garbage),
    ("clock-skew", Fault::ClockSkew),
    ("gone", Fault::Gone),
    ("account-closed", Fault::AccountClosed),
    ("trickle", Fault::Trickle),
];

impl FromStr for Wrong {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (what, share) = match text.split_once('@') {
            Some((what, share)) => (what, Some(percent(share)?)),
            None => (text, None),
        };
        let (kind, operation) = what.split_once('=').unwrap_or((what, "*"));
        let fault = KINDS.iter().find(|(name, _)| *name == kind).map(|(_, fault)| *fault);
        let fault = fault.ok_or_else(|| {
            let names = KINDS.iter().map(|(name, _)| *name);
            let help = crate::diagnostic::did_you_mean(kind, names.clone());
            let all = names.collect::<Vec<_>>().join(", ");
            let help = help.unwrap_or_else(|| format!("there are {all}"));
            format!("`{kind}` is no kind of fault; {help}")
        })?;
        let rule = Rule::new(Scope::operation(operation), fault);
        let rule = share.map_or(rule.clone(), |share| rule.when(When::Share(share)));
        Ok(Self { rule })
    }
}

/// A percentage, as a part of one.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=100.0).contains(number));
    number.map(|number| number / 100.0).ok_or_else(|| format!("`{text}` is no percentage"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_written_in_one_word() {
        let Wrong { rule } = "server-error=s3:*@5%".parse().unwrap();
        assert_eq!((rule.fault, rule.scope.operation.as_str()), (Fault::ServerError, "s3:*"));
        assert_eq!(rule.when, When::Share(0.05));
        let Wrong { rule } = "hang".parse().unwrap();
        assert_eq!((rule.scope.operation.as_str(), rule.when), ("*", When::Always));
        assert_eq!(
            "hnag=ec2:*".parse::<Wrong>().unwrap_err(),
            "`hnag` is no kind of fault; did you mean `hang`?"
        );
        assert!("hang@200%".parse::<Wrong>().is_err());
    }
}
