//! postura: a multi-account AWS configuration posture scanner.
