//! The IAM engine.

pub mod atoms;
pub mod search;
