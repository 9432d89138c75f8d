//! What is known of the condition keys of a request that a principal makes for an escalation.
//!
//! Keys that follow from the principal are fixed, those that a step demands are, too, and all others
//! are the principal's to choose: a grant that needs multi-factor authentication or a tag counts,
//! with what it needs.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::condition::Instant;
use super::super::data;
use super::super::document::{Document, Kind};
use super::super::space::{Fact, Frame, Substitution, Value, arn, glob, literal};
use super::subject::{Place, Species};
use super::table::Step;

/// Managed policies of AWS that hand out more than they seem to need.
const POWERFUL: [&str; 3] = ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"];

/// A request of one step.
pub(super) struct Call<'a> {
    pub(super) place: &'a Place,
    pub(super) action: &'a str,
    /// The services that a role may be passed to.
    pub(super) passed_to: &'a [&'a str],
    /// What policy variables stand for.
    pub(super) variables: &'a Substitution,
    pub(super) keys: &'a BTreeMap<String, Vec<String>>,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        place: &'a Place,
        step: &Step,
        passed_to: &'a [&'a str],
        variables: &'a Substitution,
        keys: &'a BTreeMap<String, Vec<String>>,
    ) -> Self {
        let passed_to = if step.action == "iam:PassRole" { passed_to } else { &[] };
        Self { place, action: step.action, passed_to, variables, keys }
    }
}

impl Frame for Call<'_> {
    fn fact(&self, key: &str) -> Fact {
        if let Some((_, value)) = self.variables.fixed().find(|(own, _)| *own == key) {
            return value.map_or_else(Fact::absent, |value| Fact::exactly([value]));
        }
        if let Some(values) = self.keys.get(key) {
            return if values.is_empty() { Fact::absent() } else { Fact::exactly(values) };
        }
        self.principal_fact(key).or_else(|| self.request_fact(key)).unwrap_or_else(Fact::free)
    }
}

impl Call<'_> {
    fn principal_fact(&self, key: &str) -> Option<Fact> {
        let Place { partition, account, species, own, known } = self.place;
        let user = *species != Species::Role;
        Some(match key {
            "aws:principaltype" => Fact::exactly([if user { "User" } else { "AssumedRole" }]),
            "aws:principalaccount" => Fact::exactly([account]),
            "aws:principalarn" if *known => Fact::exactly([own]),
            "aws:principalarn" => {
                let kind = if user { "user" } else { "role" };
                Fact::within([arn(&format!("arn:{partition}:iam::{account}:{kind}/?*"))])
            }
            "aws:username" if !user => Fact::absent(),
            "aws:username" => Fact::exactly([name(own)]),
            "aws:userid" if user => Fact::present(),
            "aws:userid" => Fact::within([glob("?*:?*")]),
            "aws:principalisawsservice" => Fact::exactly(["false"]),
            "aws:principalservicename" | "aws:principalservicenameslist" => Fact::absent(),
            // A user's long-term keys have no token.
            "aws:tokenissuetime" if user => Fact::free(),
            "aws:tokenissuetime" => Fact::present(),
            _ => return None,
        })
    }

    fn request_fact(&self, key: &str) -> Option<Fact> {
        let Place { partition, account, .. } = self.place;
        Some(match key {
            "iam:passedtoservice" if self.passed_to.is_empty() => Fact::absent(),
            "iam:passedtoservice" => Fact::exactly(self.passed_to),
            "iam:policyarn" => {
                let ours = arn(&format!("arn:{partition}:iam::{account}:policy/?*"));
                let theirs = POWERFUL
                    .map(|name| literal(&format!("arn:{partition}:iam::aws:policy/{name}")));
                Fact::within(theirs.into_iter().chain([ours])).or_absent()
            }
            "aws:requestedregion" if self.action.starts_with("iam:") => {
                Fact::exactly([match partition.as_str() {
                    "aws-cn" => "cn-north-1",
                    "aws-us-gov" => "us-gov-west-1",
                    _ => "us-east-1",
                }])
            }
            "aws:requestedregion" | "aws:currenttime" | "aws:epochtime" => Fact::present(),
            "aws:securetransport" | "aws:viaawsservice" => Fact::exactly(["true", "false"]),
            "aws:resourceaccount" if self.action.starts_with("iam:") => Fact::exactly([account]),
            _ => return None,
        })
    }
}

/// The name of a principal, without its path.
pub(super) fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Keys that tell the time of a request, and how many days before the request it may be.
const CLOCK: [(&str, i64); 3] =
    [("aws:currenttime", 0), ("aws:epochtime", 0), ("aws:tokenissuetime", 2)];

/// The first second that a key may tell: no request is made before the day of the action table,
/// nor with a token that was issued long before.
fn first_second(key: &str) -> Option<i64> {
    let (_, days) = CLOCK.iter().find(|(own, _)| *own == key)?;
    let day = Instant::parse(data::source().2)?;
    Some(day.timestamp().as_second() - days * 86_400)
}

/// Whether a key may have a value at all, as far as time is concerned.
pub(super) fn in_time(key: &str, value: &Value) -> bool {
    match (first_second(key), value) {
        (Some(first), Value::One(text)) => {
            Instant::parse(text).is_none_or(|time| time.timestamp().as_second() >= first)
        }
        _ => true,
    }
}

/// Statements that only serve to tell apart times before and after those first seconds.
pub(super) fn clock() -> Option<Document> {
    let statements: Vec<serde_json::Value> = CLOCK
        .iter()
        .filter_map(|(key, _)| {
            let first = first_second(key)?.to_string();
            Some(json!({
                "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"DateLessThan": {*key: first}}
            }))
        })
        .collect();
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Document::parse(&document.to_string(), Kind::Identity).ok()
}
