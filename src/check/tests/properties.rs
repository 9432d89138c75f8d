//! Properties that hold for every check and every resource.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::generated::{Names, Seen, condition, group, with_own_reasons};
use super::*;
use crate::check::bind::Bound;
use crate::inventory::Row;

/// A check of all forms with generated conditions.
pub fn logic() -> impl Strategy<Value = String> {
    let condition = || condition(Names::All);
    let assertion = prop_oneof![
        3 => condition().prop_map(|it| format!("that: {it}")),
        1 => rule_assertion("none"),
        1 => rule_assertion("every"),
        1 => rule_assertion("some"),
        1 => rule_assertion("one"),
    ];
    let when = prop::option::weighted(0.3, condition());
    let expect = prop::collection::vec((assertion, when), 1..=2);
    (prop::option::weighted(0.3, condition()), expect).prop_map(|(applies, expect)| {
        let mut text = String::new();
        if let Some(applies) = applies {
            text.push_str(&format!("applies_when:\n  - {}\n", block(&applies, 4)));
        }
        text.push_str("expect:\n");
        for (assertion, when) in expect {
            let (form, rest) = assertion.split_once(": ").unwrap();
            let (subject, filter) = rest.split_once(" WHERE ").unwrap_or((rest, ""));
            text.push_str(&format!("  - {form}: {}\n", block(subject, 6)));
            if !filter.is_empty() {
                text.push_str(&format!("    where: {}\n", block(filter, 6)));
            }
            if let Some(when) = when {
                text.push_str(&format!("    when: {}\n", block(&when, 6)));
            }
            text.push_str("    otherwise: \"{group.name} {size(group.ingress)}\"\n");
        }
        text
    })
}

fn rule_assertion(form: &'static str) -> impl Strategy<Value = String> {
    // The conditions on a rule within an `exists` are as good under `where`.
    condition(Names::All).prop_map(move |condition| {
        let filter = condition
            .split_once("(r, ")
            .map(|_| condition.replace("(r, ", "(x, ").replace("r.", "x."))
            .unwrap_or(condition);
        format!("{form}: r in group.ingress WHERE r.protocol == \"tcp\" or {filter}")
    })
}

fn block(text: &str, indent: usize) -> String {
    format!("|\n{}{text}", " ".repeat(indent + 2))
}

fn compiled(logic: &str) -> Check {
    load(&check_text(logic, "  - {name: a, given: {}, verdict: unknown}\n"))
}

fn with_bound<T>(check: &Check, given: &Json, ask: impl FnOnce(&Bound<'_>, Row) -> T) -> T {
    let inventory = case::fixture(check, MODEL, given, CASE_NOW).unwrap();
    let params = check.params(&Default::default()).unwrap();
    let bound = check.bind(&inventory, &params);
    ask(&bound, inventory.resources(check.resource)[0].row)
}

fn judged(check: &Check, given: &Json) -> Outcome {
    with_bound(check, given, |bound, row| bound.judge_value(row))
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn hiding_anything_keeps_the_verdict_or_makes_it_unknown(
        logic in logic(), given in group(Seen::Some),
    ) {
        let check = compiled(&logic);
        let verdict = judged(&check, &given).verdict;
        for (hidden, variant) in case::variants(&given) {
            let found = judged(&check, &variant).verdict;
            prop_assert!(
                found == verdict || found == Verdict::Unknown,
                "{} turns {} without {}\n{}\n{}", verdict, found, hidden, logic, given
            );
        }
    }

    #[test]
    fn outcomes_prove_themselves(logic in logic(), given in group(Seen::Some)) {
        let check = compiled(&logic);
        let (given, reasons) = with_own_reasons(given);
        let outcome = judged(&check, &given);
        prop_assert!(outcome.whole, "{}\n{}\n{:?}", logic, given, outcome);
        let verdict = outcome.verdict;
        prop_assert_eq!(outcome.unknown.is_empty(), verdict != Verdict::Unknown, "{}", logic);
        for reason in &outcome.unknown {
            // Nothing else is unknown here, so any other reason would be made up.
            let known = reasons.contains(&reason.to_string());
            prop_assert!(known, "{}\n{}\n{}", reason, logic, given);
        }
        let silent = matches!(verdict, Verdict::Pass | Verdict::Unknown);
        prop_assert_eq!(outcome.messages.is_empty(), silent, "{}", logic);
        // No condition here is a constant.
        prop_assert_eq!(outcome.evidence.is_empty(), verdict == Verdict::Pass, "{}\n{}", logic, given);
        for it in &outcome.evidence {
            let found = given.pointer(&pointer(&it.path)).is_none_or(|given| told(given) == it.value);
            prop_assert!(found, "{} is not {}\n{}\n{}", it.path, it.value, logic, given);
        }
        let explained = with_bound(&check, &given, |bound, row| bound.explain(row, verdict));
        prop_assert_eq!(&outcome, &explained);
    }

    #[test]
    fn evidence_alone_decides_a_failure(
        logic in logic(), given in prop_oneof![group(Seen::All), group(Seen::Some)],
    ) {
        let check = compiled(&logic);
        let outcome = judged(&check, &given);
        if outcome.verdict == Verdict::Fail {
            let only = only_evidence(&given, &outcome.evidence);
            let again = judged(&check, &only);
            prop_assert_eq!(
                again.verdict, Verdict::Fail,
                "{}\n{}\n{}\n{:?}", logic, given, only, outcome.evidence
            );
        }
    }
}

/// A given value as evidence tells it.
fn told(given: &Json) -> Json {
    match given {
        Json::Array(items) => {
            json!(items.iter().filter(|item| item.get("$unknown").is_none()).count())
        }
        given => given.clone(),
    }
}

/// The document with every value hidden that is not evidence. Lists keep their length, records their
/// fields.
fn only_evidence(given: &Json, evidence: &[Evidence]) -> Json {
    let mut hidden = masked(given, "", evidence);
    for it in evidence {
        // A derived field that decided is given as it was.
        if hidden.pointer(&pointer(&it.path)).is_none()
            && let Some(object) = hidden.as_object_mut()
        {
            object.insert(it.path.clone(), it.value.clone());
        }
    }
    hidden
}

fn masked(json: &Json, path: &str, evidence: &[Evidence]) -> Json {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        Json::Object(object) if object.contains_key("$unknown") => json.clone(),
        Json::Object(object) => object
            .iter()
            .map(|(name, value)| (name.clone(), masked(value, &below(name), evidence)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(place, item)| masked(item, &format!("{path}[{place}]"), evidence))
            .collect::<Vec<_>>()
            .into(),
        scalar if evidence.iter().any(|it| it.path == path) => scalar.clone(),
        _ => json!({"$unknown": "not evidence"}),
    }
}

fn pointer(path: &str) -> String {
    format!("/{}", path.replace('[', "/").replace(']', "").replace('.', "/"))
}
