//! What the scan costs beside the bare SDK: the same lists of the same accounts and regions, in processor time
//! of this process alone; the server is another one.

use std::sync::Arc;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_http_client::Connector;
use futures::StreamExt;
use postura::collect::{self, Options};
use postura::inventory::Builder;
use postura::resources::MODEL;
use postura::schema::needs::Needs;
use postura::session::{Keys, Origin, Share, Silent, Targets};

use crate::program::{Served, own_time};

const ACCOUNTS: usize = 100;
const REGIONS: [&str; 4] = ["eu-west-1", "us-east-1", "eu-central-1", "us-west-2"];

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
    for (call, count) in &collected.stats.calls {
        println!("  {call}: {}", count.requests);
    }
    collected.stats.requests()
}

/// The stock clients, one for each account and region, with nothing around them.
async fn bare(url: String, accounts: Vec<String>) -> u64 {
    let http = aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, _| {
        let mut builder = Connector::builder();
        if let Some(settings) = settings {
            builder = builder.connector_settings(settings.clone());
        }
        builder.build_http()
    });
    let places =
        accounts.iter().flat_map(|account| REGIONS.map(|region| (account.clone(), region)));
    let read = |(account, region): (String, &'static str)| {
        let key = format!("AKIA{account}BASE");
        let keys = Credentials::new(key, "synthetic", None, None, "bench");
        let config = aws_sdk_ec2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http.clone())
            .endpoint_url(url.clone())
            .credentials_provider(keys)
            .region(Region::new(region))
            .build();
        let client = Client::from_conf(config);
        tokio::spawn(async move {
            let mut pages =
                client.describe_security_groups().max_results(1000).into_paginator().send();
            let mut requests = 0;
            while let Some(page) = pages.next().await {
                page.unwrap();
                requests += 1;
            }
            let rules = client.describe_security_group_rules().max_results(1000);
            let mut pages = rules.into_paginator().send();
            while let Some(page) = pages.next().await {
                page.unwrap();
                requests += 1;
            }
            requests
        })
    };
    let read = futures::stream::iter(places).map(read).buffer_unordered(64);
    read.map(|requests| requests.unwrap()).fold(0, async |sum, more| sum + more).await
}

pub fn measure() {
    for scale in [5, 400] {
        let served = Served::start(ACCOUNTS, REGIONS.len(), scale, &[]);
        let accounts = (0..ACCOUNTS as u64).map(|at| (201_000_000_013 + at * 10_007).to_string());
        let accounts: Vec<String> = accounts.collect();
        let ours = Cost::of(|| postura(&served));
        let url = served.setting("AWS_ENDPOINT_URL").to_owned();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let theirs = Cost::of(|| runtime.block_on(bare(url, accounts)));
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
