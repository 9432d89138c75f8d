//! What the scan costs beside the bare SDK: the same calls for the same accounts and regions, in processor time of
//! this process alone; the server is another one.

use std::sync::Arc;

use postura::collect::{self, Options};
use postura::inventory::Builder;
use postura::resources::MODEL;
use postura::schema::needs::Needs;
use postura::session::{Keys, Origin, Share, Silent, Targets};

use crate::bare::Bare;
use crate::program::{Served, own_time};

pub const REGIONS: [&str; 4] = ["eu-west-1", "us-east-1", "eu-central-1", "us-west-2"];

/// Processor seconds of this process, and the requests made.
struct Cost {
    cpu: f64,
    requests: u64,
}

impl Cost {
    fn of(read: impl FnOnce() -> u64) -> Self {
        let began = own_time();
        let requests = read();
        Self { cpu: own_time() - began, requests }
    }

    fn best<'c>(costs: impl Iterator<Item = &'c Self>) -> &'c Self {
        costs.min_by(|one, other| one.cpu.total_cmp(&other.cpu)).unwrap()
    }

    /// Requests for each second of one core.
    fn rate(&self) -> f64 {
        self.requests as f64 / self.cpu
    }
}

/// The scan's own way, for the groups and their rules alone.
fn postura(served: &Served) -> u64 {
    let record = MODEL.catalog.find("AWS::EC2::SecurityGroup").unwrap();
    let mut needs = Needs::default();
    needs.resource(record);
    needs.field(record, "ingress");
    let options = Options {
        origin: Origin {
            endpoint_url: Some(served.setting("AWS_ENDPOINT_URL").to_owned()),
            keys: Some(Keys {
                access_key_id: served.setting("AWS_ACCESS_KEY_ID").to_owned(),
                secret_access_key: "synthetic".to_owned(),
            }),
            region: Some("eu-west-1".parse().unwrap()),
            ..Origin::default()
        },
        targets: Targets::Organization { units: Vec::new(), exclude: Vec::new() },
        share: Share::UNLIMITED,
        ..Options::new(needs)
    };
    let collected = collect::run(options, Builder::new(MODEL), Arc::new(Silent)).unwrap();
    collected.stats.requests()
}

/// How often each side reads, in turns; the best counts, since others use the machine now and then.
const ROUNDS: usize = 5;

/// Small pages take many accounts, since the clock of a process ticks a hundred times a second.
pub fn measure() {
    for (accounts, scale) in [(500, 5), (100, 400)] {
        let served = Served::start(accounts, REGIONS.len(), scale, &[]);
        let accounts = (0..accounts as u64).map(|at| (201_000_000_013 + at * 10_007).to_string());
        let accounts: Vec<String> = accounts.collect();
        let bare = Bare::new(served.setting("AWS_ENDPOINT_URL"));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let turn = |_| {
            let theirs = || runtime.block_on(Arc::clone(&bare).read(accounts.clone()));
            (Cost::of(|| postura(&served)), Cost::of(theirs))
        };
        let turns: Vec<(Cost, Cost)> = (0..ROUNDS).map(turn).collect();
        let ours = Cost::best(turns.iter().map(|turn| &turn.0));
        let theirs = Cost::best(turns.iter().map(|turn| &turn.1));
        println!(
            "client, {scale} resources an account: {:.0} requests a second of one core ({} in {:.2} s), bare SDK {:.0} \
             ({} in {:.2} s): {:.0} %",
            ours.rate(),
            ours.requests,
            ours.cpu,
            theirs.rate(),
            theirs.requests,
            theirs.cpu,
            100.0 * ours.rate() / theirs.rate()
        );
    }
}
