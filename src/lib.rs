//! postura: a multi-account AWS configuration posture scanner that never claims what it did not see.
//!
//! Data flows one way; a module uses only those above it in this list:
//!
//! | module | job |
//! |---|---|
//! | [`diagnostic`] | what is wrong in a file that a person wrote |
//! | [`aws`] | accounts, regions, partitions, ARNs |
//! | [`iam`] | policy documents: who can do what, decided exactly |
//! | [`filter_pattern`] | metric filters of CloudWatch Logs: which events they catch |
//! | [`event_pattern`] | rules of EventBridge: which events they catch |
//! | [`schema`] | record types: what resources look like, and where each field comes from |
//! | [`inventory`] | what was read: resources, links, unknowns, gaps; snapshots |
//! | [`check`] | the check language: from a YAML file to a verdict with its proof |
//! | [`finding`] | verdicts in context, and the finished scan |
//! | [`evaluate`] | inventory and checks to findings |
//! | [`policy`] | what must hold, the gate, frameworks |
//! | [`report`] | a finished scan as table, JSON, SARIF; one file a format |
//! | [`iac`] | from live resources to the lines of Terraform and CloudFormation |
//! | [`resources`] | the types of AWS that are read |
//! | [`access`] | questions to an inventory: who can do what |
//! | [`comparison`] | two scans side by side: what came, went and changed |
//! | [`docs`] | pages about checks, resources, the language and frameworks |
//! | `session` | credentials, roles, accounts, regions, clients (feature `live`) |
//! | `collect` | calls in parallel, answers into the inventory (feature `live`) |
//! | `synthetic` | an organization that is not there, for demo and tests (feature `live`) |
//! | [`terminal`] | drawing diagnostics |
//! | [`cli`] | the command line |

pub mod access;
pub mod aws;
pub mod check;
pub mod cli;
#[cfg(feature = "live")]
pub mod collect;
pub mod comparison;
pub mod diagnostic;
pub mod docs;
pub mod evaluate;
pub mod event_pattern;
pub mod filter_pattern;
pub mod finding;
pub mod iac;
pub mod iam;
pub mod inventory;
pub mod policy;
pub mod report;
pub mod resources;
pub mod schema;
#[cfg(feature = "live")]
pub mod session;
#[cfg(feature = "live")]
pub mod synthetic;
pub mod terminal;
