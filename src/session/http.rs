//! One HTTP client for every account, region and service: one connection pool, one set of trusted
//! roots, one resolver.
//!
//! Requests to this very machine never take the way over a proxy, whatever the environment says.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// The client that all SDK clients share.
pub fn shared() -> SharedHttpClient {
    SharedHttpClient::new(OnePool::default())
}

type Timeouts = (Option<Duration>, Option<Duration>);

/// Keeps one connector for each pair of timeouts; all clients but that of the instance metadata use
/// the same pair. Unlike the stock client it does not read the trusted roots again for every client
/// that is made.
#[derive(Default)]
struct OnePool {
    connectors: Mutex<HashMap<Timeouts, SharedHttpConnector>>,
}

impl fmt::Debug for OnePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnePool")
    }
}

impl HttpClient for OnePool {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let key = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        let connector = connectors.entry(key).or_insert_with(|| {
            let builder = || {
                let mut builder: ConnectorBuilder =
                    Connector::builder().connector_settings(settings.clone());
                builder.set_sleep_impl(components.sleep_impl());
                builder.pool_idle_timeout(Duration::from_secs(60))
            };
            SharedHttpConnector::new(Route {
                direct: connect(builder()),
                outward: outward(builder),
            })
        });
        connector.clone()
    }
}

/// The way to the internet, over the proxy of the environment where it names one.
fn outward(builder: impl Fn() -> ConnectorBuilder) -> Option<Connector> {
    let proxy = ProxyConfig::from_env();
    (!proxy.is_disabled()).then(|| connect(builder().proxy_config(proxy)))
}

fn connect(builder: ConnectorBuilder) -> Connector {
    builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_with_resolver(Names::default())
}

/// Chooses between the direct way and the one over a proxy.
#[derive(Debug)]
struct Route {
    direct: Connector,
    outward: Option<Connector>,
}

impl HttpConnector for Route {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match &self.outward {
            Some(outward) if !is_local(request.uri()) => outward.call(request),
            _ => self.direct.call(request),
        }
    }
}

/// Whether a URI leads to this machine or to the link-local addresses of credential services.
fn is_local(uri: &str) -> bool {
    let authority = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = authority.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let host = without_account(host).unwrap_or(host);
    host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| match address {
            IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
            IpAddr::V6(address) => address.is_loopback(),
        })
}

/// The rest of a host name that begins with an account id. S3 Control puts the id there, also before
/// the name or address of an endpoint that somebody configured, which then cannot be resolved.
fn without_account(host: &str) -> Option<&str> {
    let (account, rest) = host.split_once('.')?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then_some(rest)
}

/// Whether no name server is asked for a host. With an account before it, one would be, in vain, and a
/// thousand at once for the accounts of an organization take seconds to say so.
fn needs_no_server(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok()
}

/// How long an answer of the name service is used again.
const KEEP: Duration = Duration::from_secs(60);

/// Addresses with the time at which they were found.
type Answers = HashMap<String, (tokio::time::Instant, Vec<IpAddr>)>;

/// Resolves names, and remembers the answers: thousands of new connections to the same two hundred
/// hosts would otherwise be as many lookups.
#[derive(Debug, Clone, Default)]
struct Names {
    answers: Arc<Mutex<Answers>>,
}

impl ResolveDns for Names {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            if let Some(found) = self.remembered(name) {
                return Ok(found);
            }
            let rest = without_account(name);
            let found = match rest.filter(|rest| needs_no_server(rest)) {
                Some(local) => lookup(local).await,
                None => match (lookup(name).await, rest) {
                    (Err(_), Some(rest)) => lookup(rest).await,
                    (result, _) => result,
                },
            }
            .map_err(ResolveDnsError::new)?;
            let answer = (tokio::time::Instant::now(), found.clone());
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.insert(name.into(), answer);
            Ok(found)
        })
    }
}

impl Names {
    fn remembered(&self, name: &str) -> Option<Vec<IpAddr>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, found) = answers.get(name)?;
        (at.elapsed() < KEEP).then(|| found.clone())
    }
}

async fn lookup(name: &str) -> std::io::Result<Vec<IpAddr>> {
    let found: Vec<IpAddr> =
        tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect();
    if found.is_empty() { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_hosts_are_told_from_others() {
        for local in [
            "http://127.0.0.1:5000/bucket?acl",
            "http://localhost:5000/",
            "https://[::1]:443/",
            "http://111122223333.127.0.0.1:5000/v20180820/configuration",
            "http://169.254.169.254/latest/meta-data",
        ] {
            assert!(is_local(local), "{local}");
        }
        for far in ["https://s3.eu-west-1.amazonaws.com/127.0.0.1", "https://10.0.0.1/", ""] {
            assert!(!is_local(far), "{far}");
        }
    }

    #[tokio::test]
    async fn the_account_before_a_local_address_is_no_hindrance() {
        let names = Names::default();
        let found = names.resolve_dns("111122223333.127.0.0.1").await.unwrap();
        assert_eq!(found, ["127.0.0.1".parse::<IpAddr>().unwrap()]);
        let again = names.remembered("111122223333.127.0.0.1");
        assert_eq!(again, Some(found), "asked once");
        assert_eq!(without_account("11112222333.example.org"), None);
        assert!(needs_no_server("127.0.0.1") && needs_no_server("localhost"));
        assert!(!needs_no_server("s3-control.eu-west-1.amazonaws.com"));
    }
}
