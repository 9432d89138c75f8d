//! Further doors to things: S3 access points, endpoint services, policies of log groups.

use super::{PublicAccessBlock, Tag};

/// An S3 access point.
#[derive(Debug, Clone, Default)]
pub struct AccessPoint {
    /// The name.
    pub name: String,
    /// The name of the bucket.
    pub bucket: String,
    /// The VPC that it is for; `None` for the internet.
    pub vpc: Option<String>,
    /// Block Public Access.
    pub block: PublicAccessBlock,
    /// The policy, as JSON.
    pub policy: Option<String>,
    /// Whether S3 itself calls the policy public.
    pub policy_is_public: bool,
}

/// An endpoint service.
#[derive(Debug, Clone, Default)]
pub struct EndpointService {
    /// `vpce-svc-…`.
    pub id: String,
    /// Whether somebody accepts connections.
    pub acceptance: bool,
    /// Who may connect.
    pub principals: Vec<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A resource policy of CloudWatch Logs.
#[derive(Debug, Clone, Default)]
pub struct LogPolicy {
    /// The name.
    pub name: String,
    /// The policy, as JSON.
    pub document: String,
}
