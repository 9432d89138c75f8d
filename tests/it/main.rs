//! The integration tests, in one binary.

mod layers;
#[cfg(feature = "live")]
mod synthetic;
