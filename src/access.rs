//! Questions to an inventory: who can do what, who gets in from outside, who can become more.
//!
//! The inventory's users, roles and resources are given to the IAM engine, with what was not read as
//! unknown. Control policies take part where the snapshot has them; where it does not and one of them
//! could change an answer, the answer says so. This module knows neither files nor terminals.

pub mod decide;
pub mod escalate;
pub mod public;
pub mod target;

pub use decide::{Answer, Deciding, Question, can, who_can};
pub use escalate::{Escalation, escalations};
pub use public::{Exposed, Outside, exposed, outside};
pub use target::Target;

pub use crate::resources::membership::Membership;
pub use crate::resources::principals::{Principal, Principals};
