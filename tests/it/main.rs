//! The integration tests, in one binary.

mod iam;
mod layers;
#[cfg(feature = "live")]
mod synthetic;
