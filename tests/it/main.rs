//! Integration tests; one binary, because each is a link.

mod iam;
