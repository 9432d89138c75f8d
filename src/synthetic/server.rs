//! Serves a world over HTTP on a loopback port, in a thread of its own.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::context::Context;
use super::faults::{Fault, Faults, Place, When};
use super::mix::{mix, unit};
use super::page::Paging;
use super::refusal::Refusal;
use super::reply::{Reply, failure, success};
use super::request::{Head, Request, Service, read};
use super::services;
use super::session::{base_key, caller};
use super::world::World;

mod body;
use body::ReplyBody;

/// A request body longer than this is refused; none that the SDK sends for reads comes near.
const MAX_BODY: usize = 1 << 20;

/// A kind of call, as the server saw it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// The account whose credentials signed.
    pub account: String,
    /// The region it was signed for.
    pub region: String,
    /// `service:Operation`.
    pub operation: String,
    /// The IAM action that the operation needs.
    pub action: String,
}

/// Long-lived credentials of an account of the synthetic world.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret; the server does not verify signatures, so any value works.
    pub secret_access_key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &"***")
            .finish()
    }
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Serves `world` with `faults` on a free port of 127.0.0.1.
///
/// # Errors
/// When the port, the thread or its runtime cannot be had.
pub fn serve(world: World, faults: Faults) -> io::Result<Server> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let state = Arc::new(State { world, faults, calls: Default::default() });
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let shared = Arc::clone(&state);
    let thread = std::thread::Builder::new().name("synthetic-aws".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                () = accept(listener, shared) => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_timeout(Duration::from_millis(100));
    })?;
    Ok(Server { address, state, stop: Some(stop), thread: Some(thread) })
}

impl Server {
    /// The URL for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Credentials of the management account of the first organization.
    pub fn credentials(&self) -> Credentials {
        let first = self.state.world.organizations.first();
        self.credentials_of(first.map_or("000000000000", |one| one.management.as_str()))
    }

    /// Credentials of any account.
    pub fn credentials_of(&self, account: &str) -> Credentials {
        Credentials { access_key_id: base_key(account), secret_access_key: "synthetic".to_owned() }
    }

    /// The calls so far, and how often each was made.
    pub fn calls(&self) -> BTreeMap<Call, u64> {
        let shards = self.state.calls.iter();
        let counts = shards.flat_map(|shard| {
            let counts = shard.lock().unwrap_or_else(PoisonError::into_inner);
            counts.values().cloned().collect::<Vec<_>>()
        });
        counts.collect()
    }

    /// The world that is served.
    pub fn world(&self) -> &World {
        &self.state.world
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only when the thread has already ended.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Debug)]
struct State {
    world: World,
    faults: Faults,
    calls: [Mutex<Counts>; SHARDS],
}

/// Calls with how often each was made, by the hash of the call.
type Counts = HashMap<u64, (Call, u64)>;

/// Counting in one place would make the requests wait for each other.
const SHARDS: usize = 16;

async fn accept(listener: std::net::TcpListener, state: Arc<State>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        // Accepting fails when descriptors run out; connections that end make room again.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(Arc::clone(&state), request));
            // An error here is a peer that went away, or a fault that closes the connection.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(
    state: Arc<State>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<ReplyBody>, Broken> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(plain(413, "the request body is too large"));
    };
    let head = Head {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
    };
    let latency = state.faults.latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let (reply, fault) = match read(&head, &body.to_bytes()) {
        Ok(request) => state.answer(&request),
        Err((protocol, refusal)) => (failure(protocol, &refusal, "unread"), None),
    };
    deliver(reply, fault).await
}

/// Closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
struct Broken;

/// Sends an answer, broken in the way that the fault says.
async fn deliver(reply: Reply, fault: Option<Fault>) -> Result<hyper::Response<ReplyBody>, Broken> {
    let half = reply.body.len() / 2;
    Ok(match fault {
        Some(Fault::Disconnect) => return Err(Broken),
        Some(Fault::Hang) => {
            std::future::pending::<()>().await;
            return Err(Broken);
        }
        Some(Fault::BadGateway) => plain(502, "<html><body>502 Bad Gateway</body></html>"),
        Some(Fault::CaptivePortal) => plain(200, "<html><body>Please sign in</body></html>"),
        Some(Fault::EmptyBody) => response(Reply { body: Vec::new(), ..reply }, ReplyBody::whole),
        Some(Fault::HalfDocument) => {
            let body = reply.body.get(..half).unwrap_or_default().to_vec();
            response(Reply { body, ..reply }, ReplyBody::whole)
        }
        Some(Fault::DisconnectInBody) => response(reply, ReplyBody::broken),
        Some(Fault::Stall) => response(reply, ReplyBody::stalled),
        Some(Fault::Trickle) => response(reply, ReplyBody::trickling),
        Some(Fault::Garbage) => {
            let body = b"\x00\xff{[<not a document".to_vec();
            response(Reply { body, ..reply }, ReplyBody::whole)
        }
        _ => response(reply, ReplyBody::whole),
    })
}

fn plain(status: u16, text: &str) -> hyper::Response<ReplyBody> {
    let headers = vec![("content-type", "text/html".to_owned())];
    response(Reply { status, headers, body: text.as_bytes().to_vec() }, ReplyBody::whole)
}

fn response(reply: Reply, wrap: fn(Bytes) -> ReplyBody) -> hyper::Response<ReplyBody> {
    let mut builder = hyper::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        builder = builder.header(*name, value);
    }
    // Only a header value with control characters fails, and ours hold names and numbers.
    builder
        .body(wrap(Bytes::from(reply.body)))
        .unwrap_or_else(|_| hyper::Response::new(ReplyBody::whole(Bytes::new())))
}

impl State {
    fn answer(&self, request: &Request) -> (Reply, Option<Fault>) {
        let protocol = request.service.protocol();
        let clock = Timestamp::now();
        let caller = match caller(request, clock) {
            Ok(caller) => caller,
            Err(refusal) => return (failure(protocol, &refusal, "unknown"), None),
        };
        let operation = format!("{}:{}", request.service.name(), request.operation);
        let action = request.service.action(&request.operation);
        let place = Place {
            account: &caller.account,
            region: &request.region,
            operation: &operation,
            action: &action,
            bucket: request.params.get("Bucket").unwrap_or_default(),
        };
        let earlier = self.count(&place);
        let fault = self.strike(&place, earlier);
        let number = mix(
            self.faults.seed,
            &[place.account, place.region, place.operation, &earlier.to_string()],
        );
        let request_id = format!("{:08x}-0000-4000-8000-{:012x}", number >> 32, number >> 16);
        let known = self.world.organization_of(&caller.account);
        let answered =
            match (fault.and_then(|fault| refusal(fault, request.service, &place)), known) {
                (Some(refusal), _) => Err(refusal),
                (None, None) => Err(Refusal::unknown_credentials(request.service)),
                (None, Some((organization, account))) => services::answer(&Context {
                    world: &self.world,
                    faults: &self.faults,
                    request,
                    caller: &caller,
                    organization,
                    account: match request.service.is_regional() {
                        true => account,
                        false => self.world.filled(account),
                    },
                    clock,
                    earlier,
                    request_id: &request_id,
                    paging: Paging {
                        limit: self.faults.page_limit,
                        ragged: self.faults.ragged_pages,
                        looping: fault == Some(Fault::LoopingToken),
                    },
                }),
            };
        let reply = match answered {
            Ok(answer) => success(protocol, answer, &request_id),
            Err(refusal) => failure(protocol, &refusal, &request_id),
        };
        (reply, fault)
    }

    /// Counts the call and returns how many of its kind came before.
    fn count(&self, place: &Place<'_>) -> u64 {
        let hash = mix(0, &[place.account, place.region, place.operation]);
        let shard = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        let Some(shard) = self.calls.get(shard) else { return 0 };
        let mut counts = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, count) = counts.entry(hash).or_insert_with(|| {
            let call = Call {
                account: place.account.to_owned(),
                region: place.region.to_owned(),
                operation: place.operation.to_owned(),
                action: place.action.to_owned(),
            };
            (call, 0)
        });
        *count += 1;
        *count - 1
    }

    fn strike(&self, place: &Place<'_>, earlier: u64) -> Option<Fault> {
        let strikes = |(index, rule): &(usize, &super::faults::Rule)| {
            rule.scope.covers(place)
                && match rule.when {
                    When::Always => true,
                    When::First(count) => earlier < count,
                    When::After(count) => earlier >= count,
                    When::Share(share) => {
                        let (index, earlier) = (index.to_string(), earlier.to_string());
                        let parts =
                            [place.account, place.region, place.operation, &index, &earlier];
                        unit(mix(self.faults.seed, &parts)) < share
                    }
                }
        };
        self.faults.rules.iter().enumerate().find(strikes).map(|(_, rule)| rule.fault)
    }
}

/// The error that a fault is, where it is one.
fn refusal(fault: Fault, service: Service, place: &Place<'_>) -> Option<Refusal> {
    let caller = format!("arn:aws:iam::{}:user/auditor", place.account);
    let denied = |why| Some(Refusal::denied(service, &caller, place.action, why));
    match fault {
        Fault::Deny => denied("no identity-based policy allows the action"),
        Fault::DenyByOrganization => denied("of an explicit deny in a service control policy"),
        Fault::Throttle => Some(Refusal::throttled(service)),
        Fault::ServerError => Some(Refusal::internal(service)),
        Fault::ExpiredSession => Some(Refusal::expired(service)),
        Fault::ClockSkew => Some(Refusal::clock_skew()),
        Fault::Gone => Some(Refusal::gone(service)),
        Fault::AccountClosed => Some(Refusal::unknown_credentials(service)),
        Fault::BadGateway
        | Fault::CaptivePortal
        | Fault::Disconnect
        | Fault::DisconnectInBody
        | Fault::HalfDocument
        | Fault::EmptyBody
        | Fault::Stall
        | Fault::Hang
        | Fault::Garbage
        | Fault::Trickle
        | Fault::LoopingToken => None,
    }
}

#[cfg(test)]
mod tests;
