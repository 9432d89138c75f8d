//! postura: a multi-account AWS configuration posture scanner.

pub mod filter_pattern;
pub mod iam;
