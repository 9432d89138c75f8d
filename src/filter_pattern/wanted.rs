//! The sets of CloudTrail events that an alarm must catch, as data.
//!
//! A set is a union of families. A family is a conjunction of constraints on fields; every field
//! that it does not name may have any value or be missing. A family is drawn so that the patterns of
//! the CIS AWS Foundations Benchmark catch it: what they leave out on purpose (service events in
//! root usage, log delivery in refused calls) is left out here, and what the benchmark does not ask
//! for but an attacker does (event selectors, public access blocks) is a set of its own.

mod benchmark;
mod detection;

use serde_json::Value;

use super::language::Language;

/// A set of CloudTrail events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WantedEvents {
    /// Stable name, for example `root_usage`.
    pub id: &'static str,
    /// What the set holds, in a sentence.
    pub doc: &'static str,
    /// The families whose union it is.
    pub families: &'static [Family],
}

/// The events that meet all of these constraints and those of every CloudTrail record.
pub type Family = &'static [Constraint];

/// What a family says about one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constraint {
    /// Names from the root of the event to the field, all of them members of objects.
    pub field: &'static [&'static str],
    /// What the field must be.
    pub is: Is,
}

/// What a field must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Is {
    /// This string.
    Exactly(&'static str),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A string which one of these globs matches (`*` is any text), and examples of them.
    Like(&'static [&'static str], &'static [&'static str]),
    /// A string other than these.
    OtherThan(&'static [&'static str]),
    /// Any string; the one given serves in witnesses.
    Text(&'static str),
    /// A number not less than this.
    AtLeast(f64),
    /// The boolean true.
    True,
    /// Not there.
    Absent,
}

/// Fields that AWS documents as present in every record ("CloudTrail record contents").
pub const RECORD: Family = &[
    field(&["eventVersion"], Is::Text("1.11")),
    field(&["eventTime"], Is::Text("2026-01-01T00:00:00Z")),
    field(&["eventSource"], Is::Text("other.amazonaws.com")),
    field(&["eventName"], Is::Text("Other")),
    field(&["awsRegion"], Is::Text("eu-central-1")),
    field(&["sourceIPAddress"], Is::Text("192.0.2.1")),
    field(&["eventID"], Is::Text("00000000-0000-4000-8000-000000000000")),
    field(&["eventType"], Is::Text("AwsApiCall")),
    field(&["eventCategory"], Is::Text("Management")),
];

const fn field(field: &'static [&'static str], is: Is) -> Constraint {
    Constraint { field, is }
}

const fn source(name: &'static str) -> Constraint {
    field(&["eventSource"], Is::Exactly(name))
}

const fn names(names: &'static [&'static str]) -> Constraint {
    field(&["eventName"], Is::OneOf(names))
}

/// An event of the control plane.
const MANAGEMENT: Constraint = field(&["eventCategory"], Is::OneOf(&["Management"]));
/// A call of an API, as against a sign-in or an event of a service.
const CALL: Constraint = field(&["eventType"], Is::OneOf(&["AwsApiCall"]));

/// Calls of one service's API with one of these names.
const fn calls(service: Constraint, calls: &'static [&'static str]) -> [Constraint; 4] {
    [service, CALL, MANAGEMENT, names(calls)]
}

/// Such calls with one more property.
const fn calls_with(
    service: Constraint,
    calls: &'static [&'static str],
    and: Constraint,
) -> [Constraint; 5] {
    [service, CALL, MANAGEMENT, names(calls), and]
}

const IAM: Constraint = source("iam.amazonaws.com");
const EC2: Constraint = source("ec2.amazonaws.com");
const S3: Constraint = source("s3.amazonaws.com");
const CLOUDTRAIL: Constraint = source("cloudtrail.amazonaws.com");
const ORGANIZATIONS: Constraint = source("organizations.amazonaws.com");
const STS: Constraint = source("sts.amazonaws.com");
const LOGS: Constraint = source("logs.amazonaws.com");
const CONFIG: Constraint = source("config.amazonaws.com");
const GUARDDUTY: Constraint = source("guardduty.amazonaws.com");

/// Every set, the fifteen of the CIS AWS Foundations Benchmark first, in its order.
pub const WANTED: &[WantedEvents] = &[
    benchmark::UNAUTHORIZED_API_CALLS,
    benchmark::CONSOLE_SIGN_IN_WITHOUT_MFA,
    benchmark::ROOT_USAGE,
    benchmark::IAM_POLICY_CHANGES,
    benchmark::CLOUDTRAIL_CHANGES,
    benchmark::CONSOLE_AUTHENTICATION_FAILURES,
    benchmark::KMS_KEY_DISABLE_OR_DELETION,
    benchmark::S3_BUCKET_POLICY_CHANGES,
    benchmark::CONFIG_CHANGES,
    benchmark::SECURITY_GROUP_CHANGES,
    benchmark::NETWORK_ACL_CHANGES,
    benchmark::NETWORK_GATEWAY_CHANGES,
    benchmark::ROUTE_TABLE_CHANGES,
    benchmark::VPC_CHANGES,
    benchmark::ORGANIZATIONS_CHANGES,
    benchmark::ORGANIZATIONS_FURTHER_CHANGES,
    benchmark::CLOUDTRAIL_SELECTOR_CHANGES,
    benchmark::S3_PUBLIC_ACCESS_BLOCK_CHANGES,
    benchmark::SECURITY_GROUP_RULE_CHANGES,
    detection::LONG_LIVED_TEMPORARY_CREDENTIALS,
    detection::IDENTITY_CREATION,
    detection::IDENTITY_DELETION,
    detection::INSTANCE_LAUNCHES,
    detection::INSTANCE_START_STOP,
    detection::LOG_STORAGE_DELETION,
    detection::SECURITY_SERVICE_DISABLING,
    detection::PRIVILEGE_CHANGES,
    detection::DATA_MADE_PUBLIC,
];

impl WantedEvents {
    /// The set of this id.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        WANTED.iter().find(|wanted| wanted.id == id)
    }

    /// Whether `event`, a CloudTrail record, belongs to the set.
    #[must_use]
    pub fn contains(&self, event: &Value) -> bool {
        self.families.iter().any(|family| in_family(family, event))
    }
}

/// Whether `event` meets the constraints of the family and of every record.
pub(super) fn in_family(family: &[Constraint], event: &Value) -> bool {
    RECORD.iter().chain(family).all(|constraint| {
        let found = constraint
            .field
            .iter()
            .try_fold(event, |value, name| value.as_object().and_then(|object| object.get(*name)));
        constraint.is.admits(found)
    })
}

impl Is {
    /// Whether a field may have this value; `None` is a field that is not there.
    pub(super) fn admits(&self, field: Option<&Value>) -> bool {
        let text = field.and_then(Value::as_str);
        match self {
            Self::Exactly(value) => text == Some(value),
            Self::OneOf(values) => text.is_some_and(|text| values.contains(&text)),
            Self::Like(globs, _) => {
                text.is_some_and(|text| globs.iter().any(|glob| Language::glob(glob).accepts(text)))
            }
            Self::OtherThan(values) => text.is_some_and(|text| !values.contains(&text)),
            Self::Text(_) => text.is_some(),
            Self::AtLeast(least) => {
                field.and_then(Value::as_f64).is_some_and(|value| value >= *least)
            }
            Self::True => field.and_then(Value::as_bool) == Some(true),
            Self::Absent => field.is_none(),
        }
    }

    /// The languages that [`Is::admits`] depends on.
    pub(super) fn languages(&self) -> Vec<Language> {
        match self {
            Self::Exactly(value) => vec![Language::literal(value)],
            Self::OneOf(values) | Self::OtherThan(values) => {
                values.iter().map(|value| Language::literal(value)).collect()
            }
            Self::Like(globs, _) => globs.iter().map(|glob| Language::glob(glob)).collect(),
            Self::Text(_) | Self::AtLeast(_) | Self::True | Self::Absent => Vec::new(),
        }
    }

    /// Strings to use in a witness where they fit.
    pub(super) fn samples(&'static self) -> &'static [&'static str] {
        match self {
            Self::OneOf(values) | Self::Like(_, values) => values,
            Self::Text(sample) | Self::Exactly(sample) => std::slice::from_ref(sample),
            Self::OtherThan(_) | Self::AtLeast(_) | Self::True | Self::Absent => &[],
        }
    }
}
