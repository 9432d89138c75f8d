//! What the places of a check file are for, told by the schema of the file and of its resources.

use serde_json::Value as Json;

use super::outline::Place;
use super::scope::Declared;
use super::{Suggestion, SuggestionKind, origin_doc, suggestion};
use crate::check::types::Ty;
use crate::schema::{Catalog, RecordType};

/// What is written at a place.
pub enum Role {
    /// An expression.
    Expression,
    /// Text with expressions in it.
    Message,
    /// One of these keys.
    Keys(Vec<Suggestion>),
    /// One of these words.
    Words(Vec<Suggestion>),
    /// Anything else.
    None,
}

/// The expression that is open at the end of a message: after a `{` that is not doubled.
pub fn placeholder(text: &str) -> Option<&str> {
    let mut open = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' if open.is_none() && chars.peek().is_some_and(|(_, next)| *next == '{') => {
                chars.next();
            }
            '{' => open = Some(at + 1),
            '}' => open = None,
            _ => {}
        }
    }
    open.and_then(|at| text.get(at..))
}

/// The role of a place.
pub fn role(
    schema: &Json,
    catalog: Catalog,
    place: &Place,
    before: &str,
    resource: impl Fn() -> Option<&'static RecordType>,
    params: impl Fn() -> Vec<Declared>,
) -> Role {
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let indexed = |name: &str| name.starts_with('[');
    let written = before.get(place.start..).unwrap_or_default();
    match path.as_slice() {
        ["expect", _, "that" | "none" | "every" | "some" | "one" | "where" | "when"] => {
            return Role::Expression;
        }
        ["applies_when" | "show", item] if indexed(item) => return Role::Expression,
        ["let", _] if !place.key => return Role::Expression,
        ["expect", _, "otherwise"] | ["remediation", "text" | "console" | "cli"] => {
            return Role::Message;
        }
        ["resource"] => {
            let types = catalog.iter();
            let of = |it: &RecordType| suggestion(SuggestionKind::Type, it.name, it.alias, it.doc);
            return Role::Words(types.map(of).collect());
        }
        ["params", _, "type"] => {
            let words = ["bool", "int", "string", "duration", "cidr", "port_range"];
            let lists = words.map(|word| format!("list({word})"));
            let all = words.map(str::to_owned).into_iter().chain(lists);
            let word = |it: String| suggestion(SuggestionKind::Word, &it, "", "");
            return Role::Words(all.map(word).collect());
        }
        ["tests", _, "given", rest @ ..] => {
            return resource().map_or(Role::None, |record| given(record, rest, place));
        }
        ["tests", _, "params"] if place.key => {
            let key =
                |it: &Declared| suggestion(SuggestionKind::Key, &it.name, &*it.ty, &*it.about);
            return Role::Keys(params().iter().map(key).collect());
        }
        _ => {}
    }
    // The first word of a list item is a key where the items are mappings.
    let item = path.last().is_some_and(|last| indexed(last)) && !written.starts_with(['{', '[']);
    let Some(node) = path.iter().try_fold(schema, |node, name| step(schema, node, name)) else {
        return Role::None;
    };
    let keys = keys(schema, node);
    if !keys.is_empty() && (place.key || item) {
        return Role::Keys(keys);
    }
    Role::Words(words(schema, node))
}

/// The node that a `$ref` leads to, one that may be null included.
fn resolved<'a>(root: &'a Json, node: &'a Json) -> &'a Json {
    let either = node.get("anyOf").and_then(Json::as_array);
    let node =
        either.and_then(|all| all.iter().find(|it| it.get("$ref").is_some())).unwrap_or(node);
    let target = node.get("$ref").and_then(Json::as_str).and_then(|it| it.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(node)
}

fn step<'a>(root: &'a Json, node: &'a Json, name: &str) -> Option<&'a Json> {
    let node = resolved(root, node);
    if name.starts_with('[') {
        return node.get("items");
    }
    let property = node.get("properties").and_then(|it| it.get(name));
    property.or_else(|| node.get("additionalProperties").filter(|it| it.is_object()))
}

/// The keys of a mapping.
fn keys(root: &Json, node: &Json) -> Vec<Suggestion> {
    let node = resolved(root, node);
    if let Some(properties) = node.get("properties").and_then(Json::as_object) {
        let doc = |it: &Json| it.get("description").and_then(Json::as_str).unwrap_or("").to_owned();
        let key = |(name, it): (&String, &Json)| suggestion(SuggestionKind::Key, name, "", doc(it));
        return properties.iter().filter(|(name, _)| *name != "$schema").map(key).collect();
    }
    let names = node.get("propertyNames").and_then(|it| it.get("enum")).and_then(Json::as_array);
    let names = names.into_iter().flatten().filter_map(Json::as_str);
    names.map(|name| suggestion(SuggestionKind::Key, name, "", "")).collect()
}

/// The words of an enum, with their documentation where each has its own.
fn words(root: &Json, node: &Json) -> Vec<Suggestion> {
    let node = resolved(root, node);
    let word = |name: &str, doc: &str| suggestion(SuggestionKind::Word, name, "", doc);
    if let Some(words) = node.get("enum").and_then(Json::as_array) {
        return words.iter().filter_map(Json::as_str).map(|name| word(name, "")).collect();
    }
    let either = node.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    let one = |it: &Json| {
        let doc = it.get("description").and_then(Json::as_str).unwrap_or_default();
        Some(word(it.get("const")?.as_str()?, doc))
    };
    either.filter_map(one).collect()
}

/// The fields and words of a resource that a case gives.
fn given(record: &'static RecordType, path: &[&str], place: &Place) -> Role {
    let mut ty = Ty::Record(record);
    for name in path {
        ty = match (ty, name.starts_with('[')) {
            (Ty::List(item), true) => *item,
            (Ty::Record(record), false) => match record.field(name) {
                Some((_, field)) => Ty::of(&field.ty),
                None => return Role::None,
            },
            _ => return Role::None,
        };
    }
    let item = path.last().is_some_and(|last| last.starts_with('['));
    let word = |name: &&str| suggestion(SuggestionKind::Word, name, "", "");
    match ty {
        Ty::Record(record) if place.key || item => {
            let field = |it: &crate::schema::Field| {
                suggestion(SuggestionKind::Key, it.name, it.ty.to_string(), origin_doc(it))
            };
            let unknown = suggestion(
                SuggestionKind::Key,
                "$unknown",
                "string",
                "What could not be read, and why: `service:Action ErrorCode`.",
            );
            Role::Keys(record.fields.iter().map(field).chain([unknown]).collect())
        }
        Ty::Enum(words) => Role::Words(words.iter().map(word).collect()),
        Ty::Bool => Role::Words(["true", "false"].iter().map(word).collect()),
        Ty::Int
        | Ty::Text
        | Ty::Time
        | Ty::Duration
        | Ty::Cidr
        | Ty::Ports
        | Ty::List(_)
        | Ty::Record(_)
        | Ty::Nothing => Role::None,
    }
}
