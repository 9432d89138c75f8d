//! `postura demo`: the main job against a synthetic organization, served by this process on a
//! loopback port. From here on the scan is the real one: it is told an endpoint and credentials, as
//! any AWS user could tell it, and nothing else.

mod large;

use std::io::{self, Write};

use jiff::Timestamp;

use self::large::LargeArgs;
use super::scan::live::How;
use super::scan::pace::PaceArgs;
use super::scan::{JudgeArgs, live};
use super::{Exit, Failure};
use crate::collect::Options;
use crate::session::{Keys, Origin, Role, Share, Targets, asked_to_end};
use crate::synthetic::world::Organization;
use crate::synthetic::{Faults, Server, World, scenario, serve};

/// Arguments of `postura demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// The organization to serve.
    #[arg(long, value_enum, default_value_t = Scenario::Demo)]
    scenario: Scenario,
    #[command(flatten)]
    large: LargeArgs,
    /// Print the endpoint and credentials, and serve until stopped, for other programs.
    #[arg(long)]
    serve: bool,
    /// The time that the organization thinks it is, so that a recording can be repeated.
    #[arg(long, value_name = "RFC3339", hide = true)]
    now: Option<Timestamp>,
    #[command(flatten)]
    pace: PaceArgs,
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
    let now = args.now.unwrap_or_else(Timestamp::now);
    let (world, faults) = match args.large.world(now) {
        Some(world) => (world, Faults::default()),
        None => args.scenario.world(now),
    };
    let faults = args.large.spoil(faults);
    let prepared = args.judge.prepare()?;
    let server = serve(world, faults)
        .map_err(|error| Failure::new(format!("cannot serve the organization: {error}")))?;
    if args.serve {
        return wait(&server);
    }
    let scan = |organization: &Organization| {
        let credentials = server.credentials_of(&organization.management);
        let mut options = Options {
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
            share: Share::UNLIMITED,
            ..Options::new(prepared.rules.needs.clone())
        };
        args.pace.set(&mut options);
        options
    };
    let parts: Vec<Options> = server.world().organizations.iter().map(scan).collect();
    live::scan(prepared, parts, How { at: args.now, ..How::new(&args.pace) })
}

/// Says where the server is, in the form of a shell's environment, and waits to be stopped.
fn wait(server: &Server) -> Result<Exit, Failure> {
    let credentials = server.credentials();
    let region = server.world().organizations.first().map_or("us-east-1", |it| it.global_region());
    let mut out = io::stdout().lock();
    writeln!(out, "export AWS_ENDPOINT_URL={}", server.endpoint())?;
    writeln!(out, "export AWS_ACCESS_KEY_ID={}", credentials.access_key_id)?;
    writeln!(out, "export AWS_SECRET_ACCESS_KEY={}", credentials.secret_access_key)?;
    writeln!(out, "export AWS_REGION={region}")?;
    out.flush()?;
    drop(out);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot wait: {error}")))?;
    runtime.block_on(asked_to_end())?;
    Ok(Exit::Passed)
}
