//! The IAM engine.

pub mod atoms;
