//! Random small policies and requests over few names, so that statements meet requests often.

#![expect(clippy::indexing_slicing, reason = "a test may stop at what it generated wrongly")]

use std::sync::Arc;

use postura::iam::document::{Document, Kind};
use postura::iam::evaluate::{Policies, PolicySet};
use postura::iam::principal::Caller;
use postura::iam::request::{Context, ContextValue, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The condition keys in use.
pub const KEYS: [&str; 4] = ["aws:SourceVpc", "aws:TagKeys", "aws:username", "s3:max-keys"];

/// Where a statement is put.
#[derive(Clone, Copy, Debug)]
pub enum Layer {
    Identity,
    Boundary,
    Session,
    Resource,
    Endpoint,
    Scp,
    Rcp,
}

/// A request with the policies around it; each list is the statements of a document.
#[derive(Clone, Debug)]
pub struct Case {
    pub identity: Vec<Vec<Value>>,
    boundary: Option<Vec<Value>>,
    session: Option<Vec<Value>>,
    resource: Option<Vec<Value>>,
    endpoint: Option<Vec<Value>>,
    scps: Vec<Vec<Value>>,
    rcps: Vec<Vec<Value>>,
    caller: &'static str,
    action: &'static str,
    target: &'static str,
    account: &'static str,
    context: Vec<Option<Vec<&'static str>>>,
}

pub fn layer() -> impl Strategy<Value = Layer> {
    prop::sample::select(vec![
        Layer::Identity,
        Layer::Boundary,
        Layer::Session,
        Layer::Resource,
        Layer::Endpoint,
        Layer::Scp,
        Layer::Rcp,
    ])
}

fn some_of(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::collection::vec(prop::sample::select(names), 1..3).prop_map(|v| json!(v))
}

fn condition() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({}),
        json!({}),
        json!({"StringEquals": {"aws:SourceVpc": ["vpc-1"]}}),
        json!({"StringNotEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}),
        json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-2"}}),
        json!({"Null": {"aws:SourceVpc": "true"}}),
        json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
        json!({"ForAllValues:StringLike": {"aws:TagKeys": ["a*"]}}),
        json!({"NumericLessThan": {"s3:max-keys": 10}}),
        json!({"StringLike": {"aws:username": "a*"}, "Null": {"aws:TagKeys": "false"}}),
    ])
}

/// A statement, with the principal that some layers need.
pub fn statement(principal: bool) -> impl Strategy<Value = Value> {
    const ACTIONS: &[&str] = &["s3:GetObject", "s3:*", "s3:Put*", "kms:Decrypt", "*", "sqs:?end*"];
    const RESOURCES: &[&str] = &[
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/x",
        "arn:aws:s3:::b/${aws:username}",
        "arn:aws:kms:*:111122223333:key/*",
        "arn:aws:s*",
    ];
    const PRINCIPALS: &[&str] = &[
        "*",
        "111122223333",
        "444455556666",
        "arn:aws:iam::111122223333:user/ann",
        "arn:aws:iam::111122223333:role/App",
        "arn:aws:sts::111122223333:assumed-role/App/one",
    ];
    let effect = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    let parts = (
        effect,
        any::<[bool; 3]>(),
        some_of(ACTIONS),
        some_of(RESOURCES),
        some_of(PRINCIPALS),
        condition(),
        0_u8..4,
    );
    parts.prop_map(move |(effect, not, actions, resources, principals, condition, chance)| {
        // Negated elements are rarer than positive ones.
        let form = |negated: bool, name: &str| {
            if negated && chance == 0 { format!("Not{name}") } else { name.to_owned() }
        };
        let mut out = json!({"Effect": effect, "Condition": condition});
        out[form(not[0], "Action")] = actions;
        out[form(not[1], "Resource")] = resources;
        if principal {
            out[form(not[2], "Principal")] = json!({"AWS": principals});
        }
        out
    })
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statement(true), 1..4)
}

pub fn setup() -> impl Strategy<Value = Case> {
    let callers = vec![
        "arn:aws:iam::111122223333:user/ann",
        "arn:aws:sts::111122223333:assumed-role/App/one",
        "arn:aws:iam::111122223333:root",
        "anonymous",
        "arn:aws:iam::444455556666:role/App",
    ];
    let targets = vec![
        ("s3:GetObject", "arn:aws:s3:::b/x"),
        ("s3:PutObject", "arn:aws:s3:::b/ann"),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q"),
    ];
    let values = vec![
        None,
        Some(vec!["vpc-1"]),
        Some(vec!["a"]),
        Some(vec!["ann"]),
        Some(vec!["7"]),
        Some(vec![]),
        Some(vec!["a", "c"]),
    ];
    let policies = (
        prop::collection::vec(statements(), 1..3),
        prop::option::weighted(0.3, statements()),
        prop::option::weighted(0.2, statements()),
        prop::option::of(statements()),
        prop::option::weighted(0.2, statements()),
        prop::collection::vec(statements(), 0..2),
        prop::collection::vec(statements(), 0..2),
    );
    let request = (
        prop::sample::select(callers),
        prop::sample::select(targets),
        prop::sample::select(vec!["111122223333", "444455556666"]),
        prop::collection::vec(prop::sample::select(values), KEYS.len()),
    );
    (policies, request).prop_map(|(policies, request)| {
        let (identity, boundary, session, resource, endpoint, scps, rcps) = policies;
        let (caller, (action, target), account, context) = request;
        let context = context.into_iter().collect();
        Case {
            identity,
            boundary,
            session,
            resource,
            endpoint,
            scps,
            rcps,
            caller,
            action,
            target,
            account,
            context,
        }
    })
}

impl Case {
    pub fn context(&self) -> Context {
        let mut context = Context::default();
        for (key, values) in KEYS.iter().zip(&self.context) {
            let value = match values.as_deref() {
                None => continue,
                Some([one]) => ContextValue::One((*one).into()),
                Some(many) => ContextValue::Many(many.iter().map(|v| Box::from(*v)).collect()),
            };
            context.insert(key, value);
        }
        context
    }

    pub fn request(&self) -> Request {
        self.request_with(self.context())
    }

    pub fn request_with(&self, context: Context) -> Request {
        let caller = Caller::parse(self.caller).expect("a caller");
        Request::new(caller, self.action, self.target, Some(self.account), context)
    }

    pub fn policies(&self) -> Policies {
        let optional = |list: &Option<Vec<Value>>, kind| {
            list.as_ref().map(|statements| set(std::slice::from_ref(statements), kind))
        };
        let levels = |lists: &[Vec<Value>], kind| {
            lists.iter().map(|l| set(std::slice::from_ref(l), kind)).collect()
        };
        Policies {
            identity: set(&self.identity, Kind::Identity),
            boundary: optional(&self.boundary, Kind::Boundary),
            session: optional(&self.session, Kind::Session),
            resource: optional(&self.resource, Kind::Resource),
            endpoint: optional(&self.endpoint, Kind::Endpoint),
            scps: levels(&self.scps, Kind::Scp),
            rcps: levels(&self.rcps, Kind::Rcp),
            ..Policies::default()
        }
    }

    /// The same with one statement more, where the layer exists.
    pub fn with(&self, layer: Layer, statement: &Value) -> Self {
        let mut out = self.clone();
        let document = match layer {
            Layer::Identity => out.identity.first_mut(),
            Layer::Boundary => out.boundary.as_mut(),
            Layer::Session => out.session.as_mut(),
            Layer::Resource => out.resource.as_mut(),
            Layer::Endpoint => out.endpoint.as_mut(),
            Layer::Scp => out.scps.first_mut(),
            Layer::Rcp => out.rcps.first_mut(),
        };
        if let Some(document) = document {
            document.push(statement.clone());
        }
        out
    }

    fn documents(&mut self) -> impl Iterator<Item = &mut Vec<Value>> {
        self.identity
            .iter_mut()
            .chain(&mut self.scps)
            .chain(&mut self.rcps)
            .chain(&mut self.boundary)
            .chain(&mut self.session)
            .chain(&mut self.resource)
            .chain(&mut self.endpoint)
    }

    pub fn shuffled(&self, seed: u64) -> Self {
        let mut out = self.clone();
        out.identity.reverse();
        for document in out.documents() {
            let by = usize::try_from(seed % 7).unwrap_or_default() % document.len();
            document.rotate_left(by);
            if seed.is_multiple_of(2) {
                document.reverse();
            }
        }
        out
    }

    /// The same with every statement replaced by statements that mean the same.
    pub fn rewritten(&self, rewrite: fn(&Value) -> Vec<Value>) -> Self {
        let mut out = self.clone();
        for document in out.documents() {
            *document = document.iter().flat_map(rewrite).collect();
        }
        out
    }

    /// The same with all identity policies in one document.
    pub fn merged_identity(&self) -> Self {
        Self { identity: vec![self.identity.concat()], ..self.clone() }
    }
}

/// Documents of a kind; principals are left out where the kind has none.
fn set(documents: &[Vec<Value>], kind: Kind) -> PolicySet {
    let parse = |statements: &Vec<Value>| {
        let mut statements = statements.clone();
        for statement in statements.iter_mut().filter(|_| !kind.has_principal()) {
            let fields = statement.as_object_mut().expect("an object");
            fields.retain(|name, _| !name.ends_with("Principal"));
        }
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        Arc::new(Document::parse(&text, kind).expect("generated documents are valid"))
    };
    PolicySet::new(documents.iter().map(parse).collect())
}

/// One statement an action; `NotAction` cannot be split.
pub fn split_actions(statement: &Value) -> Vec<Value> {
    split(statement, "Action")
}

/// One statement a resource.
pub fn split_resources(statement: &Value) -> Vec<Value> {
    split(statement, "Resource")
}

fn split(statement: &Value, element: &str) -> Vec<Value> {
    let Some(values) = statement.get(element).and_then(Value::as_array) else {
        return vec![statement.clone()];
    };
    let with = |value: &Value| {
        let mut out = statement.clone();
        out[element] = value.clone();
        out
    };
    values.iter().map(with).collect()
}

/// Actions in capitals.
pub fn shout_actions(statement: &Value) -> Vec<Value> {
    let mut out = statement.clone();
    for element in ["Action", "NotAction"] {
        if let Some(values) = out.get_mut(element).and_then(Value::as_array_mut) {
            for value in values {
                *value = json!(value.as_str().expect("a string").to_ascii_uppercase());
            }
        }
    }
    vec![out]
}

/// Lists of one without brackets.
pub fn unwrap_lists(statement: &Value) -> Vec<Value> {
    let mut out = statement.clone();
    for value in out.as_object_mut().expect("an object").values_mut() {
        if let Some([only]) = value.as_array().map(Vec::as_slice) {
            *value = only.clone();
        }
    }
    vec![out]
}

/// `StringLike` for `StringEquals`: the operands have no wildcards.
pub fn like_for_equals(statement: &Value) -> Vec<Value> {
    let text = statement.to_string();
    let text = text.replace("StringEquals\"", "StringLike\"").replace("NotEquals\"", "NotLike\"");
    vec![serde_json::from_str(&text).expect("JSON")]
}
