//! What is special about S3: its own notion of a public policy, and what is left of all grants once
//! ownership, access control lists, access points and both levels of Block Public Access have had
//! their say.

mod access;
mod status;
mod transport;

pub use access::{
    AccessPoint, AclGrant, BlockPublicAccess, Bucket, Grantee, Ownership, PolicyAnswers, Way,
    WayKind, effective,
};
pub use status::{PublicStatus, public_status};
pub use transport::{Transport, denies_insecure_transport};
