//! The integration tests, in one binary.

mod iam;
mod layers;
mod shipped;
#[cfg(feature = "live")]
mod synthetic;
