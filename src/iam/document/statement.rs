//! One statement: its elements and its condition block.

use super::super::condition::{Condition, Operand, Operator, Test};
use super::super::data;
use super::super::json::{self, Node, Value};
use super::super::pattern::{Pattern, ResourcePattern};
use super::super::principal::PrincipalPattern;
use super::parse::Context;
use super::problem::cut;
use super::{Effect, Element, Fault, Kind, Polarity, Remark, Statement};

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Parses a statement; `None` only if problems have been reported.
pub(super) fn parse(
    context: &mut Context,
    pointer: &str,
    node: &Node,
    index: usize,
) -> Option<Statement> {
    let entries = context.object(pointer, node, "a statement")?;
    for (key, value) in entries {
        if !ELEMENTS.contains(&key.as_str()) {
            let pointer = json::pointer(pointer, &cut(key));
            context.problem(&pointer, value.span, Fault::UnknownElement(cut(key)));
        }
    }
    let sid = node.get("Sid").map(|n| context.string(&format!("{pointer}/Sid"), n));
    let effect = effect(context, pointer, node);
    let principal = principal_element(context, pointer, node);
    let action = pair(context, pointer, node, ["Action", "NotAction"]).map(|(form, n, at)| {
        let patterns = strings(context, &at, n, action);
        Element { polarity: form, patterns }
    });
    if action.is_none() {
        missing(context, pointer, node, ["Action", "NotAction"]);
    }
    let resource = resource_element(context, pointer, node);
    let conditions = match node.get("Condition") {
        Some(block) => conditions(context, &format!("{pointer}/Condition"), block),
        None => Vec::new(),
    };
    Some(Statement {
        index,
        sid: sid.flatten().map(Box::from),
        effect: effect?,
        principal,
        action: action?,
        resource,
        conditions: conditions.into(),
        span: node.span,
    })
}

fn effect(context: &mut Context, pointer: &str, node: &Node) -> Option<Effect> {
    let Some(value) = node.get("Effect") else {
        context.problem(pointer, node.span, Fault::Missing("Effect"));
        return None;
    };
    let pointer = format!("{pointer}/Effect");
    match context.string(&pointer, value)? {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        other => {
            context.problem(&pointer, value.span, Fault::Effect(cut(other)));
            None
        }
    }
}

/// The value of an element in one of its two forms, with its pointer; both forms are a problem.
fn pair<'n>(
    context: &mut Context,
    pointer: &str,
    node: &'n Node,
    [only, except]: [&'static str; 2],
) -> Option<(Polarity, &'n Node, String)> {
    match (node.get(only), node.get(except)) {
        (Some(_), Some(second)) => {
            context.problem(pointer, second.span, Fault::Both(only, except));
            None
        }
        (Some(value), None) => Some((Polarity::Only, value, format!("{pointer}/{only}"))),
        (None, Some(value)) => Some((Polarity::Except, value, format!("{pointer}/{except}"))),
        (None, None) => None,
    }
}

/// Reports an element of which neither form is there.
fn missing(context: &mut Context, pointer: &str, node: &Node, forms: [&'static str; 2]) {
    if forms.iter().all(|form| node.get(form).is_none()) {
        context.problem(pointer, node.span, Fault::Missing(forms[0]));
    }
}

/// A string or a list of strings, each parsed by a function that reports its own problems.
fn strings<T>(
    context: &mut Context,
    pointer: &str,
    node: &Node,
    mut parse: impl FnMut(&mut Context, &str, &Node, &str) -> Option<T>,
) -> Box<[T]> {
    if !matches!(node.value, Value::Array(_) | Value::String(_)) {
        context.wrong_type(pointer, node, "a string or a list of strings");
        return Box::default();
    }
    let items = node.as_list();
    if items.is_empty() {
        context.remark(Remark::Empty(pointer.to_owned()));
    }
    let mut out = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let pointer = if matches!(node.value, Value::Array(_)) {
            format!("{pointer}/{index}")
        } else {
            pointer.to_owned()
        };
        if let Some(text) = context.string(&pointer, item) {
            out.extend(parse(context, &pointer, item, text));
        }
    }
    out.into()
}

/// `*` (or several), or a service prefix, a colon and a name.
fn action(context: &mut Context, pointer: &str, node: &Node, text: &str) -> Option<Pattern> {
    let everything = !text.is_empty() && text.bytes().all(|b| b == b'*');
    let named = text.split_once(':').is_some_and(|(prefix, name)| {
        let valid = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"*?-_.".contains(&b));
        !prefix.is_empty() && !name.is_empty() && valid(prefix) && valid(name)
    });
    if everything || named {
        return Some(Pattern::action(text));
    }
    context.problem(pointer, node.span, Fault::Action(cut(text)));
    None
}

fn resource_element(
    context: &mut Context,
    pointer: &str,
    node: &Node,
) -> Option<Element<ResourcePattern>> {
    let forms = ["Resource", "NotResource"];
    let Some((polarity, value, at)) = pair(context, pointer, node, forms) else {
        if !matches!(context.kind, Kind::Resource | Kind::Trust) {
            missing(context, pointer, node, forms);
        }
        return None;
    };
    if context.kind == Kind::Trust {
        context.remark(Remark::Refused(at.clone()));
    }
    let version = context.version;
    let patterns = strings(context, &at, value, |context, at, node, text| {
        if !text.contains([':', '*']) {
            context.problem(at, node.span, Fault::Resource(cut(text)));
            return None;
        }
        ResourcePattern::parse(text, version)
            .map_err(|error| context.problem(at, node.span, Fault::Variable(cut(text), error)))
            .ok()
    });
    Some(Element { polarity, patterns })
}

fn principal_element(
    context: &mut Context,
    pointer: &str,
    node: &Node,
) -> Option<Element<PrincipalPattern>> {
    let forms = ["Principal", "NotPrincipal"];
    let Some((polarity, value, at)) = pair(context, pointer, node, forms) else {
        if context.kind == Kind::Endpoint && forms.iter().all(|form| node.get(form).is_none()) {
            context.remark(Remark::Refused(pointer.to_owned()));
            return Some(everyone(Polarity::Only));
        }
        if context.kind.has_principal() {
            missing(context, pointer, node, forms);
        }
        return None;
    };
    if !context.kind.has_principal() {
        context.problem(
            &at,
            value.span,
            Fault::NotAllowedHere { element: "Principal", kind: context.kind },
        );
        return None;
    }
    match value.as_str() {
        Some("*") => return Some(everyone(polarity)),
        Some(text) => {
            context.remark(Remark::Refused(at.clone()));
            let patterns = principal(context, &at, value, "AWS", text).into_iter().collect();
            return Some(Element { polarity, patterns });
        }
        None => {}
    }
    let entries = context.object(&at, value, "`*` or a principal map")?;
    if entries.is_empty() {
        context.remark(Remark::Empty(at.clone()));
    }
    let mut patterns = Vec::new();
    for (kind, values) in entries {
        let at = json::pointer(&at, &cut(kind));
        patterns.extend(strings(context, &at, values, |context, at, node, text| {
            principal(context, at, node, kind, text)
        }));
    }
    Some(Element { polarity, patterns: patterns.into() })
}

fn everyone(polarity: Polarity) -> Element<PrincipalPattern> {
    Element { polarity, patterns: [PrincipalPattern::Everyone].into() }
}

/// One entry of a principal map.
fn principal(
    context: &mut Context,
    pointer: &str,
    node: &Node,
    kind: &str,
    text: &str,
) -> Option<PrincipalPattern> {
    let parsed = PrincipalPattern::parse(kind, text);
    if matches!(parsed, Ok(PrincipalPattern::Deleted(_))) {
        context.remark(Remark::DeletedPrincipal(pointer.to_owned()));
    }
    let shown = || format!("{}: {}", cut(kind), cut(text));
    parsed
        .map_err(|error| context.problem(pointer, node.span, Fault::Principal(shown(), error)))
        .ok()
}

fn conditions(context: &mut Context, pointer: &str, block: &Node) -> Vec<Condition> {
    let mut out = Vec::new();
    for (name, keys) in context.object(pointer, block, "a condition block").unwrap_or_default() {
        let pointer = json::pointer(pointer, &cut(name));
        let operator = Operator::parse(name);
        if operator.is_none() {
            context.problem(&pointer, keys.span, Fault::Operator(cut(name)));
        }
        let entries = context.object(&pointer, keys, "condition keys with their values");
        for (key, values) in entries.unwrap_or_default() {
            let pointer = json::pointer(&pointer, &cut(key));
            if key.trim().is_empty() {
                context.problem(&pointer, values.span, Fault::EmptyKey);
            }
            let Some(operator) = operator else { continue };
            let operands = operands(context, &pointer, values, operator);
            out.push(Condition {
                operator,
                key: key.to_ascii_lowercase().into(),
                written_key: key.as_str().into(),
                cardinality: data::cardinality(key),
                operands: operands.into(),
                span: values.span,
            });
        }
    }
    out
}

fn operands(
    context: &mut Context,
    pointer: &str,
    values: &Node,
    operator: Operator,
) -> Vec<Operand> {
    let mut out = Vec::new();
    let items = values.as_list();
    if items.is_empty() {
        context.remark(Remark::Empty(pointer.to_owned()));
    }
    for item in items {
        let text = match &item.value {
            Value::String(text) | Value::Number(text) => text.as_str(),
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Null | Value::Array(_) | Value::Object(_) => {
                context.wrong_type(pointer, item, "a string, a number or a boolean");
                continue;
            }
        };
        match Operand::parse(text, operator.family, context.version) {
            Ok(operand) => {
                if operand.test == Test::Unusable {
                    context.remark(Remark::Unusable(pointer.to_owned()));
                }
                out.push(operand);
            }
            Err(error) => context.problem(pointer, item.span, Fault::Variable(cut(text), error)),
        }
    }
    out
}
