//! What exists in the synthetic AWS: organizations, accounts and their resources, as plain data.
//! Knows nothing of protocols: other modules render it.
//!
//! Names follow the AWS APIs in snake_case; where a resource is written here in a simpler form
//! than AWS keeps it (two MFA kinds, one access list per bucket), the doc comment says so.

use std::sync::Arc;

use jiff::Timestamp;

mod balancing;
mod compute;
mod connect;
mod controls;
mod detection;
mod doors;
mod identity;
mod keys;
mod logging;
mod network;
mod storage;

pub use balancing::{
    AccessLog, ClassicBalancer, ClassicListener, DefaultAction, Listener, LoadBalancer,
};
pub use compute::{
    EbsSettings, Image, Instance, LaunchTemplate, MetadataOptions, Snapshot, TemplateVersion,
    Volume,
};
pub use connect::{ClientVpn, TransitGateway, VpcBlock, VpnConnection};
pub use controls::ControlPolicy;
pub use detection::{
    Aggregator, Analyzer, AnalyzerFinding, ConfigService, Contact, DeliveryChannel, Detector,
    EventRule, Filter, Finding, Recorder, Recording,
};
pub use doors::{AccessPoint, EndpointService, LogPolicy};
pub use identity::{
    AccessKey, Group, Identity, InlinePolicy, LastUse, ManagedPolicy, Mfa, MfaKind, Password,
    PasswordPolicy, Role, RootUser, ServerCertificate, User,
};
pub use keys::{Key, KeyGrant};
pub use logging::{
    Alarm, AlarmMetric, DataResource, EventSelector, FieldSelector, LogGroup, MetricFilter,
    Selectors, Subscription, Topic, Trail, TrailStatus,
};
pub use network::{
    AclEntry, FlowLog, InternetGateway, Network, NetworkAcl, NetworkInterface, Peer, Peering,
    PrefixList, Route, RouteTable, RouteTarget, SecurityGroup, SecurityRule, Subnet, Vpc,
    VpcEndpoint,
};
pub use storage::{
    Bucket, BucketLogging, Encryption, Grant, Grantee, LifecycleRule, ObjectLock,
    PublicAccessBlock, Versioning,
};

/// Key and value of a tag.
pub type Tag = (String, String);

/// Everything that exists.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The moment that all ages in the world are relative to.
    pub now: Timestamp,
    /// The organizations, each in one partition.
    pub organizations: Vec<Organization>,
    /// What fills the accounts, where they are listed without their content.
    pub source: Option<Arc<dyn Source>>,
}

/// Makes up the content of accounts when it is asked for.
pub trait Source: std::fmt::Debug + Send + Sync {
    /// What an account has besides its regions.
    fn account(&self, listed: &Account) -> Arc<Account>;
    /// What it has in a region that is enabled there.
    fn region(&self, listed: &Account, name: &str) -> Option<Arc<Region>>;
}

/// An organization.
#[derive(Debug, Clone, Default)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The id of the management account.
    pub management: String,
    /// The id of the root, `r-…`.
    pub root: String,
    /// The accounts that administer a service, each as a service principal and an account id.
    pub delegated: Vec<(String, String)>,
    /// The organizational units.
    pub units: Vec<Unit>,
    /// The accounts.
    pub accounts: Vec<Arc<Account>>,
    /// The control policies of the types that are enabled.
    pub policies: Vec<ControlPolicy>,
    /// The features that IAM has for the members, such as `RootCredentialsManagement`.
    pub iam_features: Vec<String>,
}

/// An organizational unit.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// `ou-…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The id of the root or unit above it.
    pub parent: String,
}

/// The state of an account in its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountStatus {
    /// In use.
    #[default]
    Active,
    /// Closed within the last 90 days.
    Suspended,
}

/// An account with everything in it.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The name in the organization.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// Its state.
    pub status: AccountStatus,
    /// The id of the root or unit that it is in.
    pub parent: String,
    /// When it joined.
    pub joined: Timestamp,
    /// Users, groups, roles, policies and the root user.
    pub identity: Identity,
    /// Block Public Access for the account; `None` where it was never set.
    pub public_access_block: Option<PublicAccessBlock>,
    /// The contact for questions of security.
    pub security_contact: Option<Contact>,
    /// The buckets, of all regions.
    pub buckets: Vec<Bucket>,
    /// The trails whose home is in this account, of all regions.
    pub trails: Vec<Trail>,
    /// The regions, enabled or not.
    pub regions: Vec<Arc<Region>>,
}

/// Whether a region is open to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OptIn {
    /// Enabled by default.
    #[default]
    NotRequired,
    /// Enabled by the account.
    OptedIn,
    /// Not enabled: calls there fail as if the credentials were wrong.
    NotOptedIn,
}

/// What an account has in one region.
#[derive(Debug, Clone, Default)]
pub struct Region {
    /// `eu-west-1`.
    pub name: String,
    /// Whether it is enabled.
    pub opt_in: OptIn,
    /// VPCs and all that belongs to them.
    pub network: Network,
    /// EC2 instances.
    pub instances: Vec<Instance>,
    /// EBS volumes.
    pub volumes: Vec<Volume>,
    /// EBS snapshots.
    pub snapshots: Vec<Snapshot>,
    /// Machine images.
    pub images: Vec<Image>,
    /// Launch templates.
    pub launch_templates: Vec<LaunchTemplate>,
    /// Settings of EBS, images and instance metadata for the region.
    pub ebs: EbsSettings,
    /// S3 access points.
    pub access_points: Vec<AccessPoint>,
    /// Endpoint services that the account offers.
    pub endpoint_services: Vec<EndpointService>,
    /// Resource policies of CloudWatch Logs.
    pub log_policies: Vec<LogPolicy>,
    /// KMS keys, those that AWS manages included.
    pub keys: Vec<Key>,
    /// Log groups with their metric filters.
    pub log_groups: Vec<LogGroup>,
    /// Metric and composite alarms.
    pub alarms: Vec<Alarm>,
    /// SNS topics.
    pub topics: Vec<Topic>,
    /// AWS Config.
    pub config: ConfigService,
    /// The GuardDuty detector.
    pub detector: Option<Detector>,
    /// Analyzers of IAM Access Analyzer.
    pub analyzers: Vec<Analyzer>,
    /// Rules of the default event bus.
    pub event_rules: Vec<EventRule>,
    /// Classic load balancers.
    pub classic_balancers: Vec<ClassicBalancer>,
    /// Application, network and gateway load balancers.
    pub load_balancers: Vec<LoadBalancer>,
}

impl World {
    /// The account and its organization.
    pub fn organization_of(&self, account: &str) -> Option<(&Organization, Arc<Account>)> {
        self.organizations.iter().find_map(|organization| {
            let found = organization.accounts.iter().find(|one| one.id == account)?;
            Some((organization, Arc::clone(found)))
        })
    }

    /// An account, in whatever organization.
    pub fn account(&self, id: &str) -> Option<Arc<Account>> {
        self.organization_of(id).map(|(_, account)| account)
    }

    /// An account with all it has outside its regions.
    pub fn filled(&self, account: Arc<Account>) -> Arc<Account> {
        match &self.source {
            Some(source) => source.account(&account),
            None => account,
        }
    }

    /// A region of an account, where it is enabled there.
    pub fn region(&self, account: &Account, name: &str) -> Option<Arc<Region>> {
        if let Some(source) = &self.source {
            return source.region(account, name);
        }
        let region = account.regions.iter().find(|region| region.name == name)?;
        (region.opt_in != OptIn::NotOptedIn).then(|| Arc::clone(region))
    }
}

impl Organization {
    /// The region that answers for the global services of the partition.
    pub fn global_region(&self) -> &'static str {
        match self.partition.as_str() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => "us-east-1",
        }
    }

    /// The domain of the partition's endpoints.
    pub fn domain(&self) -> &'static str {
        if self.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
    }
}
