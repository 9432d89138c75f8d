//! The integration tests, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends by panicking"
)]

mod access;
mod checks;
#[cfg(feature = "live")]
mod cli;
#[cfg(feature = "live")]
mod collect;
mod declared;
mod docs;
#[cfg(feature = "live")]
mod endtoend;
mod evidence;
mod formats;
mod gate;
mod iam;
mod layers;
mod lsp;
#[cfg(feature = "live")]
mod moto;
mod proofs;
#[cfg(feature = "live")]
mod scale;
mod shipped;
#[cfg(feature = "live")]
mod synthetic;
#[cfg(feature = "live")]
mod watchers;
