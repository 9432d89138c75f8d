//! Sets of events as EventBridge delivers them: for each field the values that it may have. A field
//! that is not named may have any value or be missing.

use std::collections::BTreeMap;

use super::Place;
use crate::filter_pattern::{Constraint, Family, Is, RECORD};

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf {
    Text(String),
    Number(f64),
    Bool(bool),
}

impl Leaf {
    /// Whether two values are the same. Numbers are compared as numbers: 4 is 4.0.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one == two,
            _ => self == other,
        }
    }
}

/// What a field may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// One of these.
    OneOf(Vec<Leaf>),
    /// Any text; the one given serves in witnesses.
    Text(String),
    /// A text other than these.
    OtherThan(Vec<String>),
    /// A text that one of these globs matches, and examples.
    Like(Vec<String>, Vec<String>),
    /// A number not less than this.
    AtLeast(f64),
    /// It is not there.
    Absent,
}

/// A set of events: the values of each field, independent of each other.
pub(super) type Events = BTreeMap<Vec<String>, Values>;

fn text(value: &str) -> Values {
    Values::OneOf(vec![Leaf::Text(value.to_owned())])
}

fn path(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What every event of a service carries.
fn envelope(source: &str, kind: &str, place: &Place) -> Events {
    let any = |sample: &str| Values::Text(sample.to_owned());
    [
        ("version", text("0")),
        ("id", any("00000000-0000-4000-8000-000000000000")),
        ("source", text(source)),
        ("detail-type", text(kind)),
        ("time", any("2026-01-01T00:00:00Z")),
        ("region", text(&place.region)),
    ]
    .into_iter()
    .map(|(name, values)| (path(&[name]), values))
    .collect()
}

/// GuardDuty's findings of that severity, of any type, about any account: an administrator's account
/// gets those of its members too.
pub(super) fn of_finding(severity: f64, place: &Place) -> Events {
    let mut events = envelope("aws.guardduty", "GuardDuty Finding", place);
    let any = |sample: &str| Values::Text(sample.to_owned());
    let severity = Values::OneOf(vec![Leaf::Number(severity)]);
    events.insert(path(&["account"]), any("999988887777"));
    events.insert(path(&["detail", "severity"]), severity);
    events.insert(path(&["detail", "type"]), any("Other:EC2/Finding"));
    events.insert(path(&["detail", "accountId"]), any("999988887777"));
    events.insert(path(&["detail", "region"]), text(&place.region));
    events.insert(path(&["detail", "id"]), any("0"));
    events
}

/// A family of CloudTrail events that are all calls of one service's API; `None` for others.
pub(super) fn of_calls(family: Family, place: &Place) -> Option<Events> {
    let find = |name: &str| family.iter().find(|it| it.field == [name]).map(|it| it.is);
    let Some(Is::Exactly(service)) = find("eventSource") else { return None };
    matches!(find("eventType"), Some(Is::OneOf(["AwsApiCall"]))).then_some(())?;
    let source = format!("aws.{}", service.strip_suffix(".amazonaws.com")?);
    let mut events = envelope(&source, "AWS API Call via CloudTrail", place);
    events.insert(path(&["account"]), text(&place.account));
    for Constraint { field, is } in RECORD.iter().chain(family) {
        events.insert([path(&["detail"]), path(field)].concat(), values(is));
    }
    events.insert(path(&["detail", "awsRegion"]), text(&place.region));
    Some(events)
}

fn values(is: &Is) -> Values {
    let owned =
        |texts: &[&str]| -> Vec<String> { texts.iter().map(|it| (*it).to_owned()).collect() };
    match is {
        Is::Exactly(value) => text(value),
        Is::OneOf(values) => {
            Values::OneOf(values.iter().map(|it| Leaf::Text((*it).to_owned())).collect())
        }
        Is::Like(globs, samples) => Values::Like(owned(globs), owned(samples)),
        Is::OtherThan(values) => Values::OtherThan(owned(values)),
        Is::Text(sample) => Values::Text((*sample).to_owned()),
        Is::AtLeast(least) => Values::AtLeast(*least),
        Is::True => Values::OneOf(vec![Leaf::Bool(true)]),
        Is::Absent => Values::Absent,
    }
}
