//! Instances, volumes, snapshots and the settings of a region about them.

use jiff::Timestamp;

use super::Tag;

/// An EC2 instance.
#[derive(Debug, Clone, Default)]
pub struct Instance {
    /// `i-…`.
    pub id: String,
    /// `t3.small`.
    pub kind: String,
    /// Its image.
    pub image: String,
    /// `running` or `stopped`.
    pub state: String,
    /// When it was started.
    pub launched: Timestamp,
    /// Its VPC.
    pub vpc: String,
    /// Its subnet.
    pub subnet: String,
    /// Its private IPv4 address.
    pub private_ip: String,
    /// Its public IPv4 address.
    pub public_ip: Option<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Its network interfaces.
    pub interfaces: Vec<String>,
    /// Its volumes.
    pub volumes: Vec<String>,
    /// The ARN of its instance profile.
    pub profile: Option<String>,
    /// How it gives out metadata.
    pub metadata: MetadataOptions,
    /// Whether detailed monitoring is on.
    pub monitoring: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// How an instance gives out metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataOptions {
    /// Whether a session token is required (IMDSv2).
    pub tokens_required: bool,
    /// How far answers travel.
    pub hop_limit: i32,
    /// Whether the service is on.
    pub enabled: bool,
}

impl Default for MetadataOptions {
    fn default() -> Self {
        MetadataOptions { tokens_required: true, hop_limit: 1, enabled: true }
    }
}

/// An EBS volume.
#[derive(Debug, Clone, Default)]
pub struct Volume {
    /// `vol-…`.
    pub id: String,
    /// Its size in GiB.
    pub size: i32,
    /// Its zone.
    pub zone: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Its KMS key.
    pub key: Option<String>,
    /// The instance that it is attached to.
    pub instance: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An EBS snapshot.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// `snap-…`.
    pub id: String,
    /// The volume that it was made of.
    pub volume: String,
    /// Its size in GiB.
    pub size: i32,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Whether everybody may make volumes of it.
    pub public: bool,
    /// The accounts that may make volumes of it.
    pub shared_with: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// The description.
    pub description: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A machine image.
#[derive(Debug, Clone)]
pub struct Image {
    /// `ami-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether everybody may launch it.
    pub public: bool,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A launch template.
#[derive(Debug, Clone, Default)]
pub struct LaunchTemplate {
    /// `lt-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its versions, the first one first.
    pub versions: Vec<TemplateVersion>,
    /// The number of the version that is used when none is named.
    pub default_version: usize,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A version of a launch template.
#[derive(Debug, Clone, Default)]
pub struct TemplateVersion {
    /// Whether session tokens are required; `None` where it does not say.
    pub tokens_required: Option<bool>,
    /// Whether its interface gets a public address; `None` where the subnet decides.
    pub public_ip: Option<bool>,
}

/// Settings of a region.
#[derive(Debug, Clone, Default)]
pub struct EbsSettings {
    /// Whether new volumes are encrypted.
    pub encryption_by_default: bool,
    /// `unblocked`, `block-new-sharing` or `block-all-sharing`; empty for `unblocked`.
    pub snapshot_block: String,
    /// Whether sharing images publicly is blocked.
    pub image_block: bool,
    /// Whether new instances require session tokens for metadata; `None` where never set.
    pub metadata_tokens_required: Option<bool>,
    /// Whether instances can be reached by their serial console.
    pub serial_console: bool,
}
