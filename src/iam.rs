//! The IAM policy engine: documents, exact evaluation of requests, and what can be derived from them.
//!
//! It is a library of its own: it knows no SDK, no inventory, no check and no other module of postura,
//! and takes policies and requests as plain text and plain values.
//!
//! | question | answer |
//! |---|---|
//! | what does this policy say, and what is wrong with it? | [`document::Document::parse`] |
//! | is this request allowed, and why? | [`evaluate::decide`], [`evaluate::explain`] |
//! | who outside gets in through a resource's policy? | [`exposure::exposure`], with a witness request |
//! | does one policy allow what another does not? | [`relation::relation`], with a witness request |
//! | is this principal an administrator, does it need MFA? | [`admin`] |
//! | how can it get more than it has? | [`escalation::escalations`], [`escalation::paths`] |
//! | does S3 call the bucket public, and is it in effect? | [`s3::public_status`], [`s3::effective`] |
//!
//! The functions that end in `_line` and [`batch::evaluate`] answer the same questions for a line of
//! JSON each.
//!
//! # What the answers mean
//! A policy is understood wholly or not at all: what is malformed is listed, never skipped. Answers have
//! three values ([`truth::Truth`]): *unknown* stands for what cannot be known, because a policy could not
//! be read, because AWS does not document the meaning, or because a document is too intricate for the
//! budget of work. An answer of *true* or *false* does not depend on any of that. Questions over all
//! requests are decided exactly ([`atoms`], [`space`], [`search`]): *no* is a proof, and *yes* comes with
//! a request that the evaluator allows.
//!
//! # Example
//! A request, decided; then the policy of a bucket, of which is asked who gets in.
//!
//! ```
//! use std::sync::Arc;
//!
//! use postura::iam::document::{Document, Kind};
//! use postura::iam::evaluate::{Decision, Policies, PolicySet, explain};
//! use postura::iam::exposure::{Inquiry, ResourceKind, Trust, exposure};
//! use postura::iam::principal::Caller;
//! use postura::iam::request::{Context, ContextValue, Request};
//! use postura::iam::truth::Truth;
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": [
//!     {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"},
//!     {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
//!      "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
//! let document = Document::parse(text, Kind::Identity)?;
//! let policies = Policies {
//!     identity: PolicySet::new(vec![Arc::new(document)]),
//!     ..Policies::default()
//! };
//!
//! let caller = Caller::parse("arn:aws:iam::111122223333:user/ann").ok_or("not a principal")?;
//! let mut context = Context::default();
//! context.insert("aws:SecureTransport", ContextValue::One("true".into()));
//! let request = Request::new(
//!     caller, "s3:GetObject", "arn:aws:s3:::data/report.csv", Some("111122223333"), context);
//! let verdict = explain(&request, &policies);
//! assert_eq!(verdict.decision, Decision::Allow);
//! assert_eq!(verdict.why, "allowed by statement `Read` of identity policies");
//!
//! // Everybody may read, but only from an organization that anyone can be in.
//! let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
//!     "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
//!     "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}}"#;
//! let policy = Document::parse(text, Kind::Resource)?;
//! let found = exposure(&Inquiry {
//!     policy: &policy,
//!     controls: &[],
//!     kind: ResourceKind::Bucket,
//!     resource: Some("arn:aws:s3:::data"),
//!     owner: "111122223333",
//!     trust: &Trust::default(),
//! });
//! assert_eq!(found.public.answer, Truth::True);
//! let witness = found.public.witness.ok_or("a witness")?;
//! assert!(witness.context["aws:principalorgid"][0].starts_with("o-"));
//!
//! // Nothing malformed passes for harmless.
//! let error = Document::parse(r#"{"Statement": {"Effect": "Alow"}}"#, Kind::Identity).unwrap_err();
//! assert!(!error.problems.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod admin;
pub mod atoms;
pub mod batch;
pub mod condition;
pub mod data;
#[cfg(test)]
mod dice;
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
