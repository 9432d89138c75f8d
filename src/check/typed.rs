//! Expressions in which every name is resolved and every type is known.
//!
//! What bind makes an evaluator of, what evidence is told along, and where the fields that a check
//! reads are collected from.

use regex::Regex;

use super::types::{Const, Ty};
use crate::diagnostic::Span;
use crate::schema::needs::Needs;
use crate::schema::{Field, Kind, RecordType};

/// The most variables that may be in scope at once, the resource included.
pub const MAX_VARS: usize = 8;

/// An expression with its type.
#[derive(Debug, Clone)]
pub struct Typed {
    /// Its type.
    pub ty: Ty,
    /// Its place in the file.
    pub span: Span,
    /// What it is.
    pub node: Node,
}

/// A variable: the resource, or the element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Var {
    /// Its place in the frame of an evaluation.
    pub slot: usize,
    /// What tells it from every other variable of the check, whose slot may be the same.
    pub id: usize,
}

/// A field of a record.
#[derive(Debug, Clone, Copy)]
pub struct FieldRef {
    /// Its place in the record.
    pub place: usize,
    /// The record's type.
    pub record: &'static RecordType,
    /// Its declaration.
    pub field: &'static Field,
}

/// The kinds of typed expressions.
#[derive(Debug, Clone)]
pub enum Node {
    /// A literal.
    Const(Const),
    /// A parameter, by its place among the declared ones.
    Param(usize),
    /// A variable.
    Var(Var),
    /// A field of a record.
    Field(Box<Typed>, FieldRef),
    /// A list of expressions.
    List(Vec<Typed>),
    /// `not x`
    Not(Box<Typed>),
    /// `-x`
    Negative(Box<Typed>),
    /// `x and y and …`
    And(Vec<Typed>),
    /// `x or y or …`
    Or(Vec<Typed>),
    /// `x == y`, `x < y`, …
    Compare(Comparison, Box<Typed>, Box<Typed>),
    /// `x + y`
    Add(Box<Typed>, Box<Typed>),
    /// `x - y`
    Subtract(Box<Typed>, Box<Typed>),
    /// `x in list`
    In(Box<Typed>, Box<Typed>),
    /// `has(x.y)`
    Has(Box<Typed>),
    /// `list.exists(x, …)` and its kin.
    Quantified(Quantifier, Box<Typed>, Var, Box<Typed>),
    /// `list.filter(x, …)`
    Filter(Box<Typed>, Var, Box<Typed>),
    /// `list.map(x, …)`
    Map(Box<Typed>, Var, Box<Typed>),
    /// `size(list)`
    Size(Box<Typed>),
    /// `ageDays(time)`
    AgeDays(Box<Typed>),
    /// `now()`
    Now,
    /// `text.startsWith(text)` and its kin.
    TextTest(TextTest, Box<Typed>, Box<Typed>),
    /// `text.matches("regex")`
    Matches(Box<Typed>, Regex),
    /// `text.lower()`
    Lower(Box<Typed>),
    /// `account(arn)` and its kin.
    ArnPart(ArnPart, Box<Typed>),
    /// `cidr.isInternet()`
    IsInternet(Box<Typed>),
    /// `cidr.contains(cidr)`
    CidrContains(Box<Typed>, Box<Typed>),
    /// `cidr.prefixLength()`
    PrefixLength(Box<Typed>),
    /// `rule.covers(protocol, ports)`, `rule.within(protocol, ports)`
    Covers(Box<Covers>),
}

/// How the ports of a rule are compared with those asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortTest {
    /// One of them lies in the rule.
    Covers,
    /// All of the rule's lie among them.
    Within,
}

impl PortTest {
    /// The test of a function, if it is one.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "covers" => Some(Self::Covers),
            "within" => Some(Self::Within),
            _ => None,
        }
    }

    /// The function's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Covers => "covers",
            Self::Within => "within",
        }
    }
}

/// `rule.covers(protocol, ports)`, `rule.within(protocol, ports)`
#[derive(Debug, Clone)]
pub struct Covers {
    /// How the ports are compared.
    pub test: PortTest,
    /// The rule.
    pub rule: Typed,
    /// Its protocol.
    pub protocol: FieldRef,
    /// Its first port.
    pub from_port: FieldRef,
    /// Its last port.
    pub to_port: FieldRef,
    /// The protocol asked for.
    pub wanted: Typed,
    /// The ports asked for: an int, a range of ports, or a list of either.
    pub ports: Typed,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Questions about the elements of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// One element at least.
    Exists,
    /// Each element.
    All,
    /// Exactly one element.
    ExistsOne,
}

/// Questions about two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

/// Parts of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArnPart {
    Account,
    Region,
    Partition,
}

impl Typed {
    /// The expressions right below.
    pub fn children(&self) -> Vec<&Self> {
        match &self.node {
            Node::Const(_) | Node::Param(_) | Node::Var(_) | Node::Now => Vec::new(),
            Node::List(items) | Node::And(items) | Node::Or(items) => items.iter().collect(),
            Node::Field(inner, _)
            | Node::Not(inner)
            | Node::Negative(inner)
            | Node::Has(inner)
            | Node::Size(inner)
            | Node::AgeDays(inner)
            | Node::Matches(inner, _)
            | Node::Lower(inner)
            | Node::ArnPart(_, inner)
            | Node::IsInternet(inner)
            | Node::PrefixLength(inner) => vec![inner],
            Node::Compare(_, left, right)
            | Node::Add(left, right)
            | Node::Subtract(left, right)
            | Node::In(left, right)
            | Node::TextTest(_, left, right)
            | Node::CidrContains(left, right)
            | Node::Quantified(_, left, _, right)
            | Node::Filter(left, _, right)
            | Node::Map(left, _, right) => vec![left, right],
            Node::Covers(covers) => vec![&covers.rule, &covers.wanted, &covers.ports],
        }
    }

    /// Adds every field that the expression reads.
    pub fn needs(&self, needs: &mut Needs) {
        match &self.node {
            Node::Field(_, field) => needs.field(field.record, field.field.name),
            Node::Covers(covers) => {
                for field in [covers.protocol, covers.from_port, covers.to_port] {
                    needs.field(field.record, field.field.name);
                }
            }
            _ => {}
        }
        // A record is shown as one of its fields wherever it comes up.
        if let Ty::Record(record) = &self.ty
            && let Some(shown) = record.shown_as()
        {
            needs.field(record, shown);
        }
        self.children().into_iter().for_each(|child| child.needs(needs));
    }

    /// The way from a variable over fields, if it is nothing but that.
    pub fn path(&self) -> Option<(Var, Vec<usize>)> {
        match &self.node {
            Node::Var(var) => Some((*var, Vec::new())),
            Node::Field(base, field) => {
                let (var, mut places) = base.path()?;
                places.push(field.place);
                Some((var, places))
            }
            _ => None,
        }
    }
}

/// The fields that stand for a record in evidence: the one it is shown as, the identifier of a
/// resource, or else what is scalar in it.
pub fn telling_fields(record: &'static RecordType) -> Vec<FieldRef> {
    let named = |name: &str| {
        let found = record.field(name).map(|(place, field)| FieldRef { place, record, field });
        found.into_iter().collect()
    };
    match record.kind {
        Kind::Resource { id, .. } => named(id),
        Kind::Part { shown_as: Some(shown) } => named(shown),
        Kind::Part { shown_as: None } => record
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| match Ty::of(&field.ty) {
                Ty::Record(inner) => inner.shown_as().is_some(),
                ty => ty.is_scalar(),
            })
            .map(|(place, field)| FieldRef { place, record, field })
            .collect(),
    }
}
