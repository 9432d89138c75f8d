//! The form of a policy file for editors. Its doc comments are what an editor shows on hover.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::check::Severity;

/// A policy of postura: what must hold, what fails the gate, and what is accepted.
#[derive(JsonSchema)]
#[schemars(title = "postura policy", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct PolicyForm {
    /// The policy's name: lower-case words joined by hyphens.
    id: String,
    /// What it is for, in one line.
    title: String,
    /// What it is for.
    description: Option<String>,
    /// The policies that it adds to: names of embedded ones, or paths from this file.
    extends: Option<OneOrMany>,
    /// What it says besides for an environment that is chosen by `--environment`.
    environments: Option<BTreeMap<String, LayerForm>>,
    /// Checks to add.
    checks: Option<Vec<SelectorForm>>,
    /// Checks to take away, after that.
    exclude: Option<Vec<SelectorForm>>,
    /// Other severities and parameters for some checks in some places. The most specific wins.
    overrides: Option<Vec<OverrideForm>>,
    /// What fails a run.
    gate: Option<GateForm>,
    /// What exceptions are allowed.
    exception_limits: Option<LimitsForm>,
    /// Accepted findings. The first that holds wins.
    exceptions: Option<Vec<ExceptionForm>>,
}

/// What an environment adds.
#[derive(JsonSchema)]
#[schemars(rename = "environment", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct LayerForm {
    /// Checks to add.
    checks: Option<Vec<SelectorForm>>,
    /// Checks to take away, after that.
    exclude: Option<Vec<SelectorForm>>,
    /// Other severities and parameters for some checks in some places.
    overrides: Option<Vec<OverrideForm>>,
    /// What fails a run.
    gate: Option<GateForm>,
    /// What exceptions are allowed.
    exception_limits: Option<LimitsForm>,
    /// Accepted findings. They come before those of the policy.
    exceptions: Option<Vec<ExceptionForm>>,
}

/// A check's id, a glob over ids, or properties that must all hold.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "only its shape is used")]
enum SelectorForm {
    Id(String),
    Properties(Properties),
}

/// Properties of checks: each that is given must hold, by one of its words.
#[derive(JsonSchema)]
#[schemars(rename = "selector", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Properties {
    /// Ids or globs.
    id: Option<OneOrMany>,
    /// Frameworks that the check speaks to.
    framework: Option<OneOrMany>,
    /// Services, such as `s3`.
    service: Option<OneOrMany>,
    /// The check's own severity.
    severity: Option<Severities>,
    /// Tags and categories of the check.
    tag: Option<OneOrMany>,
    /// Tiers of the check.
    tier: Option<Numbers>,
}

/// Another severity or other parameters for some checks in some places.
#[derive(JsonSchema)]
#[schemars(rename = "override", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct OverrideForm {
    /// A check's id, or a glob over ids.
    check: String,
    /// Accounts.
    account: Option<OneOrMany>,
    /// Ids of organizational units, or of the root.
    ou: Option<OneOrMany>,
    /// Regions, or `global`.
    region: Option<OneOrMany>,
    /// Tags that the resource must all have; values may be globs.
    tag: Option<BTreeMap<String, String>>,
    /// The severity.
    severity: Option<Severity>,
    /// Parameters by name.
    params: Option<BTreeMap<String, serde_json::Value>>,
}

/// An accepted finding.
#[derive(JsonSchema)]
#[schemars(rename = "exception", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct ExceptionForm {
    /// A check's id, or a glob over ids.
    check: String,
    /// The ARN, id or name of the resource, exact or as a glob. All resources where left out.
    resource: Option<String>,
    /// Accounts.
    account: Option<OneOrMany>,
    /// Ids of organizational units, or of the root.
    ou: Option<OneOrMany>,
    /// Regions, or `global`.
    region: Option<OneOrMany>,
    /// Tags that the resource must all have; values may be globs.
    tag: Option<BTreeMap<String, String>>,
    /// Why it is accepted.
    reason: String,
    /// Who answers for it.
    owner: String,
    /// A ticket.
    ticket: Option<String>,
    /// The last day it holds, in UTC.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    expires: Option<String>,
}

/// What fails a run. What is left out comes from the policy that is extended.
#[derive(JsonSchema)]
#[schemars(rename = "gate", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct GateForm {
    /// From which severity on an open failure fails.
    fail_on: Option<Threshold>,
    /// How many unknown verdicts are tolerated, by severity.
    max_unknown: Option<UnknownForm>,
    /// How many gaps are tolerated; with more, the scan is incomplete.
    max_gaps: Option<Limit>,
    /// The percentage of accounts that must be scanned, else the scan is incomplete.
    #[schemars(range(min = 0, max = 100))]
    min_accounts: Option<u64>,
    /// The percentage of applicable verdicts that must be pass or fail.
    #[schemars(range(min = 0, max = 100))]
    min_decided: Option<u64>,
    /// Whether only findings that the baseline lacks fail.
    only_new: Option<bool>,
    /// What an exception that matches no failure does.
    unused_exceptions: Option<Unused>,
}

/// How many unknown verdicts are tolerated, by severity; any number where nothing is said.
#[derive(JsonSchema)]
#[schemars(rename = "max_unknown", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct UnknownForm {
    critical: Option<Limit>,
    high: Option<Limit>,
    medium: Option<Limit>,
    low: Option<Limit>,
    info: Option<Limit>,
}

/// What exceptions are allowed.
#[derive(JsonSchema)]
#[schemars(rename = "exception_limits", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct LimitsForm {
    /// The most days that an exception may still hold; each needs `expires` then.
    #[schemars(range(min = 0, max = 3650))]
    max_days: Option<u64>,
    /// The worst severity that may be excepted.
    max_severity: Option<Severity>,
    /// Whether each exception needs a ticket.
    ticket_required: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only its shape is used")]
enum Unused {
    Warn,
    Fail,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only its shape is used")]
enum Threshold {
    Critical,
    High,
    Medium,
    Low,
    Info,
    Never,
}

/// Text or a list of texts; YAML takes an account id for a number.
struct OneOrMany;

impl JsonSchema for OneOrMany {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "texts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = serde_json::json!({"type": ["string", "integer"]});
        json_schema!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
    }
}

struct Severities;

impl JsonSchema for Severities {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "severities".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = serde_json::json!({"enum": Severity::ALL});
        json_schema!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}

struct Numbers;

impl JsonSchema for Numbers {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "numbers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = serde_json::json!({"type": "integer", "minimum": 0, "maximum": 9});
        json_schema!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}

/// A number, or `any`.
struct Limit;

impl JsonSchema for Limit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "limit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"const": "any"}, {"type": "integer", "minimum": 0}]})
    }
}

/// The JSON Schema of policy files.
pub fn schema() -> serde_json::Value {
    serde_json::to_value(schemars::schema_for!(PolicyForm)).unwrap_or_default()
}
