//! Our evaluator against an implementation of CEL that we did not write, on generated conditions and
//! resources without unknowns.

use std::collections::HashMap;

use cel::{Context, Program, Value as CelValue};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::generated::{Names, Seen, condition, group};
use super::*;
use crate::check::passage::Passage;
use crate::check::syntax::{BinaryOp, Expr, ExprKind, parse};

/// An expression as strict CEL, every bracket written.
fn to_cel(expr: &Expr) -> String {
    let joined = |items: &[Expr], by: &str| items.iter().map(to_cel).collect::<Vec<_>>().join(by);
    match &expr.kind {
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Text(text) => serde_json::to_string(text).unwrap(),
        ExprKind::Name(name) => name.clone(),
        ExprKind::List(items) => format!("[{}]", joined(items, ", ")),
        ExprKind::Not(inner) => format!("!({})", to_cel(inner)),
        ExprKind::Negative(inner) => format!("-({})", to_cel(inner)),
        ExprKind::And(items) => format!("({})", joined(items, " && ")),
        ExprKind::Or(items) => format!("({})", joined(items, " || ")),
        ExprKind::Binary(BinaryOp::In, left, right) => {
            format!("({} in {})", to_cel(left), to_cel(right))
        }
        ExprKind::Binary(op, left, right) => {
            format!("({} {} {})", to_cel(left), op.as_str(), to_cel(right))
        }
        ExprKind::Member(base, word) => format!("{}.{}", to_cel(base), word.text),
        ExprKind::Call(None, word, args) => format!("{}({})", word.text, joined(args, ", ")),
        ExprKind::Call(Some(base), word, args) => {
            format!("{}.{}({})", to_cel(base), word.text, joined(args, ", "))
        }
    }
}

/// A resource as CEL's values; what is not configured is left out.
fn to_value(json: &Json) -> CelValue {
    match json {
        Json::Null => CelValue::Null,
        Json::Bool(value) => CelValue::Bool(*value),
        Json::Number(number) => CelValue::Int(number.as_i64().unwrap()),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(to_value).collect::<Vec<_>>().into(),
        Json::Object(object) => {
            let set = object.iter().filter(|(_, value)| !value.is_null());
            let map: HashMap<String, CelValue> =
                set.map(|(name, value)| (name.clone(), to_value(value))).collect();
            map.into()
        }
    }
}

fn ours(condition: &str, given: &Json) -> Verdict {
    let logic = format!("expect:\n  - that: |\n      {condition}\n    otherwise: Bad");
    let check = load(&check_text(&logic, "  - {name: a, given: {}, verdict: unknown}\n"));
    let inventory = case::fixture(&check, MODEL, given, CASE_NOW).unwrap();
    let params = check.params(&Default::default()).unwrap();
    check.bind(&inventory, &params).judge(&inventory.resources(check.resource)[0]).verdict
}

fn theirs(condition: &str, given: &Json) -> Verdict {
    let file = SourceFile::new("a.yaml", format!("a: |\n  {condition}\n"));
    let node = yaml::read(&file).unwrap();
    let yaml::Kind::Map(entries) = node.kind else { panic!("a mapping") };
    let expr = parse(&Passage::new(&file, &entries[0].value).unwrap()).unwrap();
    let source = to_cel(&expr);
    let program = Program::compile(&source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut context = Context::default();
    context.add_variable_from_value("group", to_value(given));
    match program.execute(&context) {
        Ok(CelValue::Bool(true)) => Verdict::Pass,
        Ok(CelValue::Bool(false)) => Verdict::Fail,
        other => panic!("{source}: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn verdicts_are_those_of_cel(condition in condition(Names::Cel), given in group(Seen::All)) {
        prop_assert_eq!(ours(&condition, &given), theirs(&condition, &given), "{}", condition);
    }
}
