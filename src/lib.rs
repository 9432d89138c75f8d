//! postura: a multi-account AWS configuration posture scanner.

pub mod iam;
