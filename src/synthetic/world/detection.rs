//! What watches over an account: Config, GuardDuty, Access Analyzer, event rules, contacts.

use jiff::Timestamp;

/// AWS Config in a region.
#[derive(Debug, Clone, Default)]
pub struct ConfigService {
    /// The recorder.
    pub recorder: Option<Recorder>,
    /// The delivery channel.
    pub channel: Option<DeliveryChannel>,
    /// The aggregators.
    pub aggregators: Vec<Aggregator>,
}

/// A configuration recorder.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    /// The name; AWS makes it `default`.
    pub name: String,
    /// The role that it reads with.
    pub role: String,
    /// What it records.
    pub recording: Recording,
    /// Whether it records resources of global services.
    pub global_types: bool,
    /// Whether it is running.
    pub running: bool,
    /// Why the last recording failed.
    pub error: Option<String>,
    /// When it was started.
    pub started: Timestamp,
}

/// Which types a recorder records.
#[derive(Debug, Clone, Default)]
pub enum Recording {
    /// All.
    #[default]
    Everything,
    /// These.
    Only(Vec<String>),
    /// All but these.
    Except(Vec<String>),
}

/// A delivery channel.
#[derive(Debug, Clone, Default)]
pub struct DeliveryChannel {
    /// The name; AWS makes it `default`.
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// Why the last delivery failed.
    pub error: Option<String>,
}

/// An aggregator over the organization.
#[derive(Debug, Clone, Default)]
pub struct Aggregator {
    /// The name.
    pub name: String,
    /// The regions that it gathers from; empty for all.
    pub regions: Vec<String>,
}

/// A GuardDuty detector.
#[derive(Debug, Clone, Default)]
pub struct Detector {
    /// Thirty-two hexadecimal digits.
    pub id: String,
    /// Whether it is on.
    pub enabled: bool,
    /// The features that are on; parts of runtime monitoring are named like features.
    pub features: Vec<String>,
    /// The account that administers it; `None` where its own does.
    pub administrator: Option<String>,
    /// Which accounts the administrator enrols: `ALL`, `NEW` or `NONE`; `None` where it is none.
    pub enrols: Option<String>,
    /// What it found.
    pub findings: Vec<Finding>,
    /// Its filters.
    pub filters: Vec<Filter>,
}

/// A finding of GuardDuty.
#[derive(Debug, Clone, Default)]
pub struct Finding {
    /// Thirty-two hexadecimal digits.
    pub id: String,
    /// `CryptoCurrency:EC2/BitcoinTool.B!DNS`.
    pub kind: String,
    /// From 1 to 10.
    pub severity: f64,
    /// The instance that it is about.
    pub instance: Option<String>,
    /// Whether somebody archived it.
    pub archived: bool,
    /// When it was last seen.
    pub updated: Timestamp,
}

/// A filter of findings.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The name.
    pub name: String,
    /// Whether it archives what it matches.
    pub archives: bool,
    /// Fields, and the values that they must have.
    pub criteria: Vec<(String, Vec<String>)>,
}

/// An analyzer.
#[derive(Debug, Clone, Default)]
pub struct Analyzer {
    /// The name.
    pub name: String,
    /// `ACCOUNT`, `ORGANIZATION`, `ACCOUNT_UNUSED_ACCESS`, ….
    pub kind: String,
    /// `ACTIVE`, `FAILED`, ….
    pub status: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it found.
    pub findings: Vec<AnalyzerFinding>,
}

/// A finding of an analyzer.
#[derive(Debug, Clone, Default)]
pub struct AnalyzerFinding {
    /// A UUID.
    pub id: String,
    /// The ARN of the resource.
    pub resource: String,
    /// `AWS::S3::Bucket`.
    pub kind: String,
    /// The account of the resource.
    pub owner: String,
    /// `ACTIVE`, `ARCHIVED` or `RESOLVED`.
    pub status: String,
}

/// A rule of the default event bus.
#[derive(Debug, Clone, Default)]
pub struct EventRule {
    /// The name.
    pub name: String,
    /// Whether it works.
    pub enabled: bool,
    /// The pattern as JSON; `None` for a rule by time.
    pub pattern: Option<String>,
    /// The ARNs of its targets.
    pub targets: Vec<String>,
}

/// A contact of an account.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}
