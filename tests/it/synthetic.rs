//! The synthetic organization through the eyes of the stock SDK: every operation is called with a
//! real client over real HTTP, and what the SDK understands is compared with what the world holds.
//! That proves the protocols; paging is proved by doing it all again with pages of two.

#![expect(clippy::indexing_slicing, reason = "helpers of tests, where a panic is a failed test")]

use std::future::Future;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region as SdkRegion;
use jiff::Timestamp;
use postura::synthetic::world::{Account, OptIn, Region};
use postura::synthetic::{Faults, Server, scenario, serve};

mod detection;
mod identity;
mod logging;
mod network;
mod organization;
mod policies;
mod storage;

/// A server and an HTTP client for it.
struct Aws {
    server: Server,
    http: SharedHttpClient,
}

/// Every name is this machine, also those that S3 Control makes of account ids.
#[derive(Debug, Clone)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![std::net::Ipv4Addr::LOCALHOST.into()]))
    }
}

impl Aws {
    fn demo(faults: Faults) -> Self {
        Self::serving(scenario::demo(now()), faults)
    }

    fn serving(world: postura::synthetic::World, faults: Faults) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_with_resolver(Loopback);
        Aws { server: serve(world, faults).expect("a loopback port"), http }
    }

    fn config(&self, account: &str, region: &str) -> SdkConfig {
        let own = self.server.credentials_of(account);
        let keys = Credentials::new(own.access_key_id, own.secret_access_key, None, None, "test");
        self.config_with(keys, region)
    }

    fn config_with(&self, credentials: Credentials, region: &str) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(SdkRegion::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(self.server.endpoint())
            .http_client(self.http.clone())
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .retry_config(RetryConfig::disabled())
            .build()
    }

    /// The accounts that can be scanned.
    fn accounts(&self) -> Vec<Arc<Account>> {
        let all = self.server.world().organizations.iter().flat_map(|one| &one.accounts);
        all.filter(|account| !account.regions.is_empty()).cloned().collect()
    }

    /// The regions that are enabled in an account.
    fn regions(account: &Account) -> impl Iterator<Item = &Arc<Region>> {
        account.regions.iter().filter(|region| region.opt_in != OptIn::NotOptedIn)
    }
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().expect("a time")
}

/// Runs the future on a runtime of its own.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// A demo with whole pages, then one with pages of two, cut raggedly.
fn twice(mut test: impl AsyncFnMut(&Aws)) {
    run(async {
        test(&Aws::demo(Faults::default())).await;
        let pages = Faults { page_limit: Some(2), ragged_pages: true, ..Faults::default() };
        test(&Aws::demo(pages)).await;
    });
}

/// The error code of a failed call.
fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    result: Result<T, E>,
) -> String {
    result.expect_err("an error").code().expect("a code").to_owned()
}

/// The SDK's time as ours.
fn time(time: Option<&aws_smithy_types::DateTime>) -> Option<Timestamp> {
    time.map(|time| Timestamp::from_second(time.secs()).expect("in range"))
}
