//! KMS keys.

use jiff::Timestamp;

/// A key.
#[derive(Debug, Clone, Default)]
pub struct Key {
    /// The id, a UUID.
    pub id: String,
    /// The aliases, with `alias/` in front.
    pub aliases: Vec<String>,
    /// Whether AWS manages it for a service.
    pub aws_managed: bool,
    /// What it is for.
    pub description: String,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, …
    pub spec: String,
    /// `AWS_KMS`, `EXTERNAL`, …
    pub origin: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it will be deleted.
    pub deletion: Option<Timestamp>,
    /// After how many days its material changes; `None` where it does not.
    pub rotation_days: Option<u32>,
    /// The key policy, as JSON.
    pub policy: String,
    /// The grants.
    pub grants: Vec<KeyGrant>,
}

/// A grant of a key.
#[derive(Debug, Clone, Default)]
pub struct KeyGrant {
    /// The id.
    pub id: String,
    /// Who gets it.
    pub grantee: String,
    /// What it allows.
    pub operations: Vec<String>,
}

impl Key {
    /// Whether KMS can rotate it by itself.
    pub fn rotates(&self) -> bool {
        self.spec == "SYMMETRIC_DEFAULT" && self.origin == "AWS_KMS"
    }
}
