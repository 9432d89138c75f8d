//! A synthetic AWS organization on a loopback port, for `postura demo`, integration tests and
//! benchmarks.
//!
//! A small HTTP server speaks the AWS protocols (query, EC2 query, REST XML, JSON 1.1, RPC v2 CBOR)
//! well enough for the stock AWS SDK. It keeps no session state: each request names its account
//! through the access key in its SigV4 credential scope, and `AssumeRole` hands out access keys
//! that contain the account they stand for. Answers are functions of a [`World`] and of the
//! request; what goes wrong is data too ([`Faults`]).
//!
//! The rest of the program must not know that this module exists: it is reached through
//! `AWS_ENDPOINT_URL` or its equivalent, over real HTTP. In turn this module knows nothing about
//! checks, inventory or reports. Signatures are not verified; the server only binds to 127.0.0.1.

pub mod faults;
pub mod scale;
pub mod scenario;
pub mod world;

mod context;
mod mix;
mod page;
mod params;
mod refusal;
mod reply;
mod request;
mod server;
mod services;
mod session;
mod xml;

pub use faults::{Fault, Faults, Rule, Scope, When};
pub use server::{Call, Credentials, Server, serve};
pub use world::World;
