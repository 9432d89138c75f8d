//! The integration tests, in one binary.

#[cfg(feature = "live")]
mod collect;
mod layers;
#[cfg(feature = "live")]
mod synthetic;
