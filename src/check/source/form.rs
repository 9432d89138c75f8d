//! The form of a check file for editors. Its doc comments are what an editor shows on hover.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{CATEGORIES, PEERS, REMEDIES};
use crate::check::{Severity, Verdict};

/// A check of postura: what one type of resource must look like.
#[derive(JsonSchema)]
#[schemars(title = "postura check", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
pub struct CheckForm {
    /// The schema of this file, for editors.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// The check's name, equal to the file's name. Never reused, never renamed.
    #[schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"), length(min = 3, max = 80))]
    id: String,
    /// The wanted posture, such as `Buckets require TLS`.
    title: String,
    /// What is looked at, for the person who reads a finding.
    description: Option<String>,
    /// What may happen, in one sentence.
    risk: Option<String>,
    /// How bad a failure is.
    severity: Severity,
    /// CloudFormation's name of the resource type; one finding a resource.
    resource: String,
    /// What the check is about.
    categories: Option<Vec<Category>>,
    /// Numbers and lists that a policy may override; expressions read `params.name`.
    params: Option<BTreeMap<String, ParamForm>>,
    /// Conditions that all hold for the resources that the check speaks about.
    applies_when: Option<Vec<Expression>>,
    /// Names for long expressions.
    r#let: Option<BTreeMap<String, Expression>>,
    /// What must hold. Every assertion that fails is reported.
    #[schemars(length(min = 1))]
    expect: Vec<AssertionForm>,
    /// Further values that findings show.
    show: Option<Vec<Expression>>,
    /// What to do about a failure.
    remediation: Option<Remediation>,
    /// Requirements of frameworks, as `framework/requirement`.
    controls: Option<Vec<String>>,
    /// Ids of the same check in other tools.
    same_as: Option<SameAs>,
    /// Terraform or CloudFormation types that declare what fails, most specific first.
    iac: Option<Vec<String>>,
    /// Documentation.
    links: Option<Vec<String>>,
    /// Free words to select checks by.
    tags: Option<Vec<String>>,
    /// Checks whose failure makes this one fail too.
    implied_by: Option<Vec<String>>,
    /// Cases: what is given, and what the check says of it.
    tests: Option<Vec<CaseForm>>,
}

/// A declared parameter.
#[derive(JsonSchema)]
#[schemars(rename = "parameter", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct ParamForm {
    /// `bool`, `int`, `string`, `duration`, `cidr`, `port_range`, or `list(…)` of one of them.
    #[schemars(regex(
        pattern = r"^(bool|int|string|duration|cidr|port_range|list\((bool|int|string|duration|cidr|port_range)\))$"
    ))]
    r#type: String,
    /// The value where nothing overrides it.
    default: serde_json::Value,
    /// The least value, of each element for a list.
    min: Option<serde_json::Value>,
    /// The greatest value, of each element for a list.
    max: Option<serde_json::Value>,
    /// The values allowed, of each element for a list.
    one_of: Option<Vec<serde_json::Value>>,
    /// What it is for.
    about: Option<String>,
}

/// One assertion: `that`, `none`, `every`, `some` or `one`.
#[derive(JsonSchema)]
#[schemars(rename = "assertion", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct AssertionForm {
    /// The condition holds.
    that: Option<Expression>,
    /// `x in list`: the condition under `where` holds for no element.
    none: Option<String>,
    /// `x in list`: the condition under `where` holds for each element.
    every: Option<String>,
    /// `x in list`: the condition under `where` holds for an element at least.
    some: Option<String>,
    /// `x in list`: the condition under `where` holds for exactly one element.
    one: Option<String>,
    /// The condition on an element.
    r#where: Option<Expression>,
    /// The assertion counts only when this holds.
    when: Option<Expression>,
    /// The message of a failure, with `{expression}` in it. One message an element that fails.
    otherwise: String,
}

/// A case.
#[derive(JsonSchema)]
#[schemars(rename = "case", deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct CaseForm {
    /// What is special about it.
    name: String,
    /// The resource. A field that is left out was not collected, null is not configured,
    /// `{$unknown: "service:Action ErrorCode"}` could not be read.
    given: serde_json::Value,
    /// Parameters of this case.
    params: Option<BTreeMap<String, serde_json::Value>>,
    /// The time of the scan; 2026-11-24T00:00:00Z where it is left out.
    now: Option<String>,
    /// What the check says.
    verdict: Verdict,
    /// Some of the evidence: path and value.
    evidence: Option<BTreeMap<String, serde_json::Value>>,
    /// Words of a message, or a list of them.
    says: Option<Says>,
}

/// `says` of a case.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "only its shape is used")]
enum Says {
    One(String),
    Many(Vec<String>),
}

/// An expression; YAML may take `true` or a number for something else than text.
struct Expression;

impl JsonSchema for Expression {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "boolean"]})
    }
}

struct Category;

impl JsonSchema for Category {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "category".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"enum": CATEGORIES})
    }
}

struct Remediation;

impl JsonSchema for Remediation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "remediation".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": {"enum": REMEDIES},
            "additionalProperties": {"type": "string"},
        })
    }
}

struct SameAs;

impl JsonSchema for SameAs {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "same_as".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": {"enum": PEERS},
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        })
    }
}
