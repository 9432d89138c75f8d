//! What anybody would write with the stock SDK to read the same: a client for each account and region, and nothing
//! around them.

use std::sync::Arc;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_smithy_http_client::Connector;
use futures::StreamExt;

use crate::client::REGIONS;

/// The accounts that are read at the same time: with all of their regions, as many requests are on their way as
/// the program has.
const ACCOUNTS: usize = 128 / REGIONS.len();

/// The settings that all clients share.
pub struct Bare {
    http: SharedHttpClient,
    url: String,
}

impl Bare {
    pub fn new(url: &str) -> Arc<Self> {
        let http = aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, _| {
            let mut builder = Connector::builder();
            if let Some(settings) = settings {
                builder = builder.connector_settings(settings.clone());
            }
            builder.build_http()
        });
        Arc::new(Self { http, url: url.to_owned() })
    }

    fn ec2(&self, keys: &Credentials, region: &'static str) -> Client {
        let config = aws_sdk_ec2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .endpoint_url(&self.url)
            .credentials_provider(keys.clone())
            .region(Region::new(region));
        Client::from_conf(config.build())
    }

    fn sts(&self, keys: &Credentials) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .endpoint_url(&self.url)
            .credentials_provider(keys.clone())
            .region(Region::new(REGIONS[0]));
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// Reads the groups and rules of all accounts, of which the first is the caller's own. Returns the requests.
    pub async fn read(self: Arc<Self>, accounts: Vec<String>) -> u64 {
        let key = format!("AKIA{}BASE", accounts[0]);
        let own = Credentials::new(key, "synthetic", None, None, "bench");
        let sts = self.sts(&own);
        let read = |(number, account): (usize, String)| {
            let (bare, sts, own) = (Arc::clone(&self), sts.clone(), own.clone());
            tokio::spawn(async move {
                if number == 0 {
                    return bare.account(own).await;
                }
                let role = format!("arn:aws:iam::{account}:role/PosturaAudit");
                let role = sts.assume_role().role_arn(role).role_session_name("bench");
                let given = role.send().await.unwrap().credentials.unwrap();
                let (key, secret) = (given.access_key_id, given.secret_access_key);
                let token = Some(given.session_token);
                1 + bare.account(Credentials::new(key, secret, token, None, "bench")).await
            })
        };
        let accounts = futures::stream::iter(accounts.into_iter().enumerate());
        let read = accounts.map(read).buffer_unordered(ACCOUNTS);
        read.map(|requests| requests.unwrap()).fold(0, async |sum, more| sum + more).await
    }

    async fn account(&self, keys: Credentials) -> u64 {
        let client = self.ec2(&keys, REGIONS[0]);
        client.describe_regions().all_regions(true).send().await.unwrap();
        let places = REGIONS.map(|region| tokio::spawn(place(self.ec2(&keys, region))));
        let read = futures::future::join_all(places).await;
        1 + read.into_iter().map(|requests| requests.unwrap()).sum::<u64>()
    }
}

async fn place(client: Client) -> u64 {
    let groups = client.describe_security_groups().max_results(1000);
    let mut pages = groups.into_paginator().send();
    let (mut requests, mut found) = (0, 0);
    while let Some(page) = pages.next().await {
        found += page.unwrap().security_groups().len();
        requests += 1;
    }
    if found == 0 {
        return requests;
    }
    let rules = client.describe_security_group_rules().max_results(1000);
    let mut pages = rules.into_paginator().send();
    while let Some(page) = pages.next().await {
        page.unwrap();
        requests += 1;
    }
    requests
}
