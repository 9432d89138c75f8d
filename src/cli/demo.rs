//! `postura demo`: the main job against a synthetic organization, served by this process on a
//! loopback port. From here on the scan is the real one: it is told an endpoint and credentials, as
//! any AWS user could tell it, and nothing else.

use jiff::Timestamp;

use super::scan::{JudgeArgs, live};
use super::{Exit, Failure};
use crate::collect::Options;
use crate::session::{Keys, Origin, Role, Targets};
use crate::synthetic::world::Organization;
use crate::synthetic::{Faults, World, scenario, serve};

/// Arguments of `postura demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// The organization to serve.
    #[arg(long, value_enum, default_value_t = Scenario::Demo)]
    scenario: Scenario,
    /// The time that the organization thinks it is, so that a recording can be repeated.
    #[arg(long, value_name = "RFC3339", hide = true)]
    now: Option<Timestamp>,
    #[command(flatten)]
    judge: JudgeArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scenario {
    /// Three accounts with faults of every kind.
    Demo,
    /// Three accounts where everything is right.
    Clean,
    /// The demo as somebody sees it whose access has holes.
    Denied,
    /// Two organizations: one in China, one in GovCloud.
    CnGov,
}

impl Scenario {
    fn world(self, now: Timestamp) -> (World, Faults) {
        match self {
            Self::Demo => (scenario::demo(now), Faults::default()),
            Self::Clean => (scenario::clean(now), Faults::default()),
            Self::Denied => scenario::denied(now),
            Self::CnGov => (scenario::cn_gov(now), Faults::default()),
        }
    }
}

/// Runs `postura demo`.
pub fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    let prepared = args.judge.prepare()?;
    let (world, faults) = args.scenario.world(args.now.unwrap_or_else(Timestamp::now));
    let server = serve(world, faults)
        .map_err(|error| Failure::new(format!("cannot serve the organization: {error}")))?;
    let scan = |organization: &Organization| {
        let credentials = server.credentials_of(&organization.management);
        Options {
            origin: Origin {
                endpoint_url: Some(server.endpoint()),
                keys: Some(Keys {
                    access_key_id: credentials.access_key_id,
                    secret_access_key: credentials.secret_access_key,
                }),
                region: organization.global_region().parse().ok(),
                ..Origin::default()
            },
            targets: Targets::Organization { units: Vec::new(), exclude: Vec::new() },
            role: Role::default(),
            ..Options::new(prepared.needs.clone())
        }
    };
    let parts = server.world().organizations.iter().map(scan).collect();
    live::scan(prepared, parts, args.now)
}
