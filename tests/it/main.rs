//! Tests of the whole: one binary, since each is a link.

#[cfg(feature = "live")]
mod synthetic;
