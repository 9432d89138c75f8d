//! For tests: a connector that answers from a list of rules, and clients on top of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::base::Base;
use super::credentials::Keeper;
use super::progress::Silent;
use super::stop::Stop;
use super::traffic::{Caller, Patience, Traffic};

/// What a request is answered with.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status and a body.
    Http(u16, String),
    /// No answer ever.
    Silence,
    /// The connection ends.
    Reset,
}

impl Reply {
    /// A success.
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::Http(200, body.into())
    }
}

/// A request as rules see it: method, path with query, the target header and the form.
#[derive(Debug, Clone)]
pub(crate) struct Seen(pub(crate) String);

type Rule = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// Answers requests by a rule that sees the request and how many came before it.
#[derive(Clone)]
pub(crate) struct Canned {
    rule: Arc<Rule>,
    count: Arc<AtomicUsize>,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    /// The user agents of the requests.
    pub(crate) agents: Arc<Mutex<Vec<String>>>,
    /// The headers that say who signed the requests.
    pub(crate) signatures: Arc<Mutex<Vec<String>>>,
}

impl std::fmt::Debug for Canned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canned")
    }
}

impl Canned {
    pub(crate) fn new(rule: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            rule: Arc::new(rule),
            count: Arc::default(),
            seen: Arc::default(),
            agents: Arc::default(),
            signatures: Arc::default(),
        }
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// A base session that asks here.
    pub(crate) fn base(&self) -> Base {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(SharedHttpClient::new(self.clone()))
            .sleep_impl(TokioSleep::new())
            .build();
        Base::from_parts(config, provider(KEY), "eu-west-1".parse().unwrap())
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        let seen = Seen(format!("{} {} {target} {body}", request.method(), request.uri()));
        let agent = request.headers().get("x-amz-user-agent").unwrap_or_default().to_owned();
        self.agents.lock().unwrap().push(agent);
        let signature = request.headers().get("authorization").unwrap_or_default().to_owned();
        self.signatures.lock().unwrap().push(signature);
        let reply = (self.rule)(&seen, number);
        self.seen.lock().unwrap().push(seen);
        HttpConnectorFuture::new(async move {
            match reply {
                Reply::Http(status, body) => {
                    let status = StatusCode::try_from(status).unwrap();
                    Ok(HttpResponse::new(status, SdkBody::from(body)))
                }
                Reply::Silence => std::future::pending().await,
                Reply::Reset => Err(ConnectorError::io("reset".into())),
            }
        })
    }
}

/// The access key of callers to whom it does not matter.
const KEY: &str = "AKIATEST";

fn provider(key: &str) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(key, "secret", None, None, "test"))
}

/// Credentials with that access key.
pub(crate) fn keeper_of(key: &str) -> Arc<Keeper> {
    let clock = SharedTimeSource::new(SystemTimeSource::new());
    Arc::new(Keeper::new(provider(key), clock))
}

/// Traffic without long pauses.
pub(crate) fn traffic() -> Arc<Traffic> {
    let patience = Patience {
        pause: std::time::Duration::from_millis(1),
        longest: std::time::Duration::from_millis(2),
        ..Patience::default()
    };
    Arc::new(Traffic::new(8, patience, Stop::default(), Arc::new(Silent)))
}

/// A caller in an account and region.
pub(crate) fn caller(traffic: &Arc<Traffic>) -> Caller {
    let caller = Caller::new(Arc::clone(traffic), keeper_of(KEY));
    caller.at("111122223333".parse().ok(), "eu-west-1".parse().ok())
}
