//! The IAM policy engine: documents, exact evaluation of requests, and what can be derived from them.
//!
//! It is a library of its own: it knows no SDK, no inventory, no check and no other module of postura,
//! and takes policies and requests as plain text and plain values.

pub mod admin;
pub mod atoms;
pub mod batch;
pub mod condition;
pub mod data;
pub mod document;
pub mod escalation;
pub mod evaluate;
pub mod exposure;
pub mod json;
pub mod pattern;
pub mod principal;
pub mod relation;
pub mod request;
pub mod s3;
pub mod search;
pub mod space;
pub mod truth;
