//! What resources look like: record types, their fields, and where each field comes from.
//!
//! The engine works with any [`Catalog`]; the concrete types of AWS are declared in `resources`
//! with the `resource!` and `part!` macros, one Rust struct a type. From a declaration follow the
//! slots of the inventory, the snapshot format, the types that checks are compiled against, the
//! generated documentation, and the API calls and IAM actions that a set of checks needs.
//! This module knows types only: no value, no check, no SDK.

pub mod needs;

use std::fmt;

/// One operation of an AWS API, with what may call it and what its errors mean.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// The service as IAM prefixes it, such as `s3`.
    pub service: &'static str,
    /// The operation as the API names it, such as `GetBucketPolicy`.
    pub operation: &'static str,
    /// The IAM actions that the operation needs, such as `s3:GetBucketPolicy`.
    pub actions: &'static [&'static str],
    /// The error codes by which AWS says *not configured*. Every other error is *unknown*:
    /// a wrong row here is a wrong pass, so each row has a test.
    pub absent: &'static [&'static str],
}

/// `service:Operation`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.operation)
    }
}

/// The set of values a field can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A signed 64-bit integer.
    Int,
    /// Text: ids, names, ARNs, documents.
    Text,
    /// Text from a closed list. AWS may send a word that is not yet in the list.
    Enum(&'static [&'static str]),
    /// A point in time, whole seconds, UTC.
    Timestamp,
    /// An address range such as `10.0.0.0/8` or `::/0`.
    Cidr,
    /// A list of values of one type, possibly known only in part.
    List(&'static Type),
    /// A record.
    Record(RecordRef),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Text => f.write_str("string"),
            Self::Enum(words) => write!(f, "enum({})", words.join("|")),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Cidr => f.write_str("cidr"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Record(record) => f.write_str(record.get().name),
        }
    }
}

/// A reference to a record type. A function, so that types may refer to each other in circles.
#[derive(Clone, Copy)]
pub struct RecordRef(pub fn() -> &'static RecordType);

impl RecordRef {
    /// The type referred to.
    pub fn get(self) -> &'static RecordType {
        (self.0)()
    }
}

impl fmt::Debug for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get().name)
    }
}

impl PartialEq for RecordRef {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.get(), other.get())
    }
}

impl Eq for RecordRef {}

/// Where a kind of resource lives, and so what one complete read of it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One list an account: IAM, S3 buckets, trails.
    Account,
    /// One list an account and region.
    Region,
}

/// What a record type is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A resource that checks can judge.
    Resource {
        /// Where it lives.
        scope: Scope,
        /// The field that identifies it within its type, account and region.
        id: &'static str,
    },
    /// A part of a resource: a rule, a grant, a statement.
    Part {
        /// The field that stands for the whole record in messages, evidence and fixtures.
        shown_as: Option<&'static str>,
    },
}

/// A type of record.
#[derive(Debug)]
pub struct RecordType {
    /// CloudFormation's name (`AWS::S3::Bucket`), or a plain name for a part.
    pub name: &'static str,
    /// The variable by which checks name a resource of this type; empty for parts.
    pub alias: &'static str,
    /// What it is, in full sentences.
    pub doc: &'static str,
    /// Resource or part.
    pub kind: Kind,
    /// The fields in the order of their slots.
    pub fields: &'static [Field],
}

impl RecordType {
    /// The slot and declaration of a field.
    pub fn field(&self, name: &str) -> Option<(usize, &'static Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name)
    }

    /// The scope of a resource; `None` for a part.
    pub fn scope(&self) -> Option<Scope> {
        match self.kind {
            Kind::Resource { scope, .. } => Some(scope),
            Kind::Part { .. } => None,
        }
    }

    /// The field that stands for the whole record, if the type has one.
    pub fn shown_as(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Resource { .. } => None,
            Kind::Part { shown_as } => shown_as,
        }
    }

    /// The lower-case service of a resource type: `s3` of `AWS::S3::Bucket`, `account` of
    /// `AWS::::Account`.
    pub fn service(&self) -> String {
        match self.name.split("::").nth(1) {
            Some("") | None => ACCOUNT.into(),
            Some(service) => service.to_ascii_lowercase(),
        }
    }
}

/// What stands for a service where a resource type is the account as a whole.
pub const ACCOUNT: &str = "account";

/// A field of a record type.
#[derive(Debug)]
pub struct Field {
    /// The API's attribute in snake case.
    pub name: &'static str,
    /// What it says, in full sentences.
    pub doc: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether AWS may say *not configured*. A field that is always there and yet missing from a
    /// reply is unknown.
    pub optional: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a field's value comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// From the reply of one of these calls.
    Read(&'static [&'static Call]),
    /// Resolved after collection: other resources, found by a key.
    Relation(Relation),
    /// Computed after collection from other fields, named by paths from the record.
    Derived {
        /// The fields it reads, as dotted paths from the same record.
        reads: &'static [&'static str],
    },
}

/// How a relation finds its targets.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// The type of the targets.
    pub target: RecordRef,
    /// One target or all that match.
    pub many: bool,
    /// The key on this side: text or a list of text; `None` to match every target in reach.
    pub local: Option<&'static str>,
    /// The key on the target's side.
    pub remote: Option<&'static str>,
    /// How far targets may be away.
    pub within: Within,
}

/// How far away the target of a relation may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Within {
    /// Same account, same region.
    Region,
    /// Same account, any region.
    Account,
    /// Any scanned account: keys that are unique everywhere, such as ARNs and bucket names.
    Everywhere,
}

/// The resource types that checks can be written for.
#[derive(Debug, Clone, Copy)]
pub struct Catalog(pub &'static [RecordRef]);

impl Catalog {
    /// The resource type of that name.
    pub fn find(self, name: &str) -> Option<&'static RecordType> {
        self.iter().find(|record| record.name == name)
    }

    /// All resource types in their declared order.
    pub fn iter(self) -> impl Iterator<Item = &'static RecordType> {
        self.0.iter().map(|record| record.get())
    }
}
