//! The integration tests, in one binary.

#[cfg(feature = "live")]
mod collect;
mod iam;
mod layers;
mod shipped;
#[cfg(feature = "live")]
mod synthetic;
