//! Control policies of an organization.

/// A service or resource control policy.
#[derive(Debug, Clone, Default)]
pub struct ControlPolicy {
    /// `p-…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
    pub kind: String,
    /// Whether it is one of AWS's own.
    pub aws_managed: bool,
    /// The policy, as JSON.
    pub document: String,
    /// The ids of the root, units and accounts that it is attached to.
    pub targets: Vec<String>,
}
