//! A check as the engine uses it: everything in it is resolved and typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::bind::Bound;
use super::params::{Param, ParamError, Params};
use super::remedy::{Blank, Remedy};
use super::source::Form;
use super::template::Template;
use super::typed::{Typed, Var, telling_fields};
use super::types::Ty;
use super::{CheckId, Severity, Verdict};
use crate::diagnostic::{SourceFile, Span};
use crate::inventory::Inventory;
use crate::schema::needs::Needs;
use crate::schema::{ACCOUNT, Catalog, RecordRef, RecordType};

/// A check: what one type of resource must look like.
#[derive(Debug)]
pub struct Check {
    /// Its id.
    pub id: CheckId,
    /// The wanted posture.
    pub title: String,
    /// What is looked at.
    pub description: String,
    /// What may happen.
    pub risk: String,
    /// How bad a failure is where nothing overrides it.
    pub severity: Severity,
    /// The type of resource it tests.
    pub resource: &'static RecordType,
    /// What it is about, from the closed list of categories.
    pub categories: Vec<String>,
    /// Free words to select it by.
    pub tags: Vec<String>,
    /// Its parameters in the order of the file.
    pub params: Arc<[Param]>,
    /// What to do about a failure.
    pub remediation: Vec<Remedy>,
    /// The requirements of frameworks that it speaks to, as `framework/requirement`.
    pub controls: Vec<String>,
    /// Ids of the same check in other tools, by tool.
    pub same_as: BTreeMap<String, Vec<String>>,
    /// Terraform or CloudFormation types that declare what fails, most specific first.
    pub iac: Vec<String>,
    /// Documentation.
    pub links: Vec<String>,
    /// Checks whose failure makes this one fail too.
    pub implied_by: Vec<CheckId>,
    /// Its cases.
    pub cases: Vec<Case>,
    /// Its logic as written, for people.
    pub logic: Logic,
    /// Where its id stands in the file.
    pub id_span: Span,
    /// Where its title stands in the file.
    pub title_span: Span,
    /// The file.
    pub file: Arc<SourceFile>,
    /// Where each of its controls stands in the file.
    pub(super) control_spans: Vec<Span>,
    /// Where each check that it is implied by stands in the file.
    pub(super) cause_spans: Vec<Span>,
    pub(super) reference: RecordRef,
    pub(super) program: Program,
}

/// A case: what is given, and what the check says of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is special about it.
    pub name: String,
    /// Its place in the file.
    pub span: Span,
    /// The resource in the form of [`crate::inventory::draft_from_json`].
    pub given: Json,
    /// Parameters.
    pub params: BTreeMap<String, Json>,
    /// The time of the scan, seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// The verdict.
    pub verdict: Verdict,
    /// Some of the evidence.
    pub evidence: Vec<(String, Json)>,
    /// Parts of messages.
    pub says: Vec<String>,
}

/// The logic of a check as its file has it, white space joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logic {
    /// The conditions under `applies_when`.
    pub applies_when: Vec<String>,
    /// The names under `let` and what they stand for.
    pub lets: Vec<(String, String)>,
    /// The assertions.
    pub expect: Vec<AssertionText>,
}

/// An assertion as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionText {
    /// `that`, `none`, `every`, `some` or `one`.
    pub form: &'static str,
    /// A condition, or `x in list`.
    pub subject: String,
    /// The condition on an element.
    pub filter: Option<String>,
    /// When the assertion counts.
    pub when: Option<String>,
    /// The message of a failure.
    pub otherwise: String,
}

/// The typed logic of a check.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) applies_when: Vec<Typed>,
    pub(super) expect: Vec<Assertion>,
    /// The expressions as written, and typed.
    pub(super) show: Vec<(String, Typed)>,
    /// The names in remediation texts.
    pub(super) blanks: Vec<Blank>,
}

impl Program {
    /// The places of the names in remediation texts that speak of an assertion's elements.
    pub(super) fn blanks_of(&self, subject: &Subject) -> Vec<usize> {
        let Subject::Elements { name, list, .. } = subject else { return Vec::new() };
        let same = |blank: &Blank| match (&blank.element, &list.ty) {
            (Some((element, Ty::Record(one), _)), Ty::List(item)) => {
                element == name && matches!(**item, Ty::Record(it) if std::ptr::eq(it, *one))
            }
            (Some((element, _, _)), Ty::List(item)) => {
                element == name && !matches!(**item, Ty::Record(_))
            }
            _ => false,
        };
        let numbered = self.blanks.iter().enumerate();
        numbered.filter(|(_, blank)| same(blank)).map(|(place, _)| place).collect()
    }
}

/// A typed assertion.
#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) span: Span,
    pub(super) when: Option<Typed>,
    pub(super) subject: Subject,
    pub(super) otherwise: Template,
}

/// What an assertion is about.
#[derive(Debug)]
pub(super) enum Subject {
    /// A condition.
    That(Typed),
    /// The elements of a list. Without a condition every element counts.
    Elements { form: Form, name: String, list: Typed, var: Var, filter: Option<Typed> },
}

impl Check {
    /// The parameters in force with these overrides.
    ///
    /// # Errors
    /// Every name that is not declared and every value that does not fit.
    pub fn params(&self, overrides: &BTreeMap<String, Json>) -> Result<Params, Vec<ParamError>> {
        Params::new(&self.params, overrides)
    }

    /// The check made ready for an inventory.
    pub fn bind<'a>(&'a self, inventory: &'a Inventory, params: &'a Params) -> Bound<'a> {
        Bound::new(self, inventory, params)
    }

    /// Adds every field that the check reads.
    pub fn needs(&self, needs: &mut Needs) {
        needs.resource(self.resource);
        let program = &self.program;
        program.applies_when.iter().for_each(|typed| typed.needs(needs));
        program.show.iter().for_each(|(_, typed)| typed.needs(needs));
        for assertion in &program.expect {
            assertion.when.iter().for_each(|typed| typed.needs(needs));
            assertion.otherwise.values().for_each(|typed| typed.needs(needs));
            match &assertion.subject {
                Subject::That(condition) => condition.needs(needs),
                Subject::Elements { list, filter, .. } => {
                    list.needs(needs);
                    match filter {
                        Some(filter) => filter.needs(needs),
                        None => whole_elements(&list.ty, needs),
                    }
                }
            }
        }
    }

    /// The service that the check is about: that of its resource type. One of the account as a whole is about
    /// what its id begins with, where that names a service of the catalog: who asks for `iam` means the root
    /// user too.
    pub fn service(&self, catalog: Catalog) -> String {
        let own = self.resource.service();
        if own != ACCOUNT {
            return own;
        }
        let named = match self.id.as_str().split('-').next().unwrap_or_default() {
            "ebs" | "vpc" => "ec2",
            "alarm" | "detect" => "cloudwatch",
            word => word,
        };
        if catalog.iter().any(|record| record.service() == named) { named.to_owned() } else { own }
    }

    /// What the check's logic is told apart by: the first 16 hexadecimal digits of the SHA-256 of
    /// resource type, conditions and assertions. Words about the check do not go in, nor do
    /// parameters, which each finding carries.
    pub fn digest(&self) -> String {
        let logic = &self.logic;
        let mut parts = vec![self.resource.name];
        parts.extend(logic.applies_when.iter().map(String::as_str));
        parts.extend(logic.lets.iter().flat_map(|(name, text)| [name.as_str(), text]));
        for it in &logic.expect {
            let (filter, when) = (it.filter.as_deref(), it.when.as_deref());
            parts.extend([it.form, &it.subject, filter.unwrap_or(""), when.unwrap_or("")]);
        }
        let digest = Sha256::digest(parts.join("\0").as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The number of assertions.
    pub fn assertions(&self) -> usize {
        self.program.expect.len()
    }
}

/// Elements that count by being there are told by their fields.
fn whole_elements(list: &Ty, needs: &mut Needs) {
    if let Ty::List(item) = list
        && let Ty::Record(record) = **item
    {
        for field in telling_fields(record) {
            needs.field(record, field.field.name);
        }
    }
}
