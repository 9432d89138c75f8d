//! Random patterns against random events: a proof holds for members of the set, a witness replays.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::filter_pattern::interpret::Reading;

/// A small world, so that random patterns and random events meet.
const SET: WantedEvents = WantedEvents {
    id: "small",
    doc: "For tests",
    families: &[
        &[
            Constraint { field: &["eventName"], is: Is::OneOf(&["A", "B", "AB"]) },
            Constraint { field: &["u", "t"], is: Is::OtherThan(&["A"]) },
        ],
        &[
            Constraint { field: &["eventName"], is: Is::Like(&["A*"], &["A"]) },
            Constraint { field: &["n"], is: Is::AtLeast(2.0) },
            Constraint { field: &["u", "i"], is: Is::Absent },
        ],
    ],
};

const FIELDS: [&str; 8] =
    ["$.eventName", "$.u.t", "$.u.i", "$.n", "$.a[0]", "$.a[1].x", "$.u", "$.eventSource"];
const VALUES: [&str; 12] =
    ["A", "B", "\"A*\"", "\"*B\"", "\"*\"", "AB", "2", "3.5", "%^A%", "%[AB]$%", "true", "\"A*B\""];

fn condition() -> impl Strategy<Value = String> {
    let field = prop::sample::select(&FIELDS[..]);
    let value = prop::sample::select(&VALUES[..]);
    let number = prop::sample::select(vec!["1", "2", "3", "2.5"]);
    let order = prop::sample::select(vec!["<", "<=", ">", ">="]);
    let word = prop::sample::select(vec!["IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS", "EXISTS"]);
    prop_oneof![
        4 => (field.clone(), value.clone()).prop_map(|(f, v)| format!("{f} = {v}")),
        3 => (field.clone(), value).prop_map(|(f, v)| format!("{f} != {v}")),
        2 => (field.clone(), order, number).prop_map(|(f, o, n)| format!("{f} {o} {n}")),
        2 => (field, word).prop_map(|(f, w)| format!("{f} {w}")),
        1 => Just("$.u.* = A".to_owned()),
        1 => Just("$.a[*] != B".to_owned()),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    let formula = condition().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..5)
                .prop_map(|parts| format!("({})", parts.join(" || "))),
            prop::collection::vec(inner, 2..4)
                .prop_map(|parts| format!("({})", parts.join(" && "))),
        ]
    });
    formula.prop_map(|formula| format!("{{ {formula} }}"))
}

fn scalar() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        6 => prop::sample::select(vec!["A", "B", "AB", "BA", "", "A*B", "AxB", "2", "true"]).prop_map(|text| Some(json!(text))),
        3 => prop::sample::select(vec![json!(1), json!(2), json!(2.5), json!(3), json!(3.5), json!(40)]).prop_map(Some),
        2 => prop::sample::select(vec![json!(null), json!(true), json!(false), json!({}), json!([])]).prop_map(Some),
        3 => Just(None),
    ]
}

/// Any event of the small world; most are in the set after [`mend`].
fn event() -> impl Strategy<Value = Value> {
    let elements = prop::collection::vec((scalar(), scalar()), 0..3);
    (prop::collection::vec(scalar(), 6), elements, any::<bool>()).prop_map(
        |(values, array, nested)| {
            let mut event = json!({
                "eventVersion": "1", "eventTime": "t", "eventSource": "s", "eventName": "A",
                "awsRegion": "r", "sourceIPAddress": "i", "eventID": "e", "eventType": "AwsApiCall",
                "eventCategory": "Management"
            });
            let mut identity = json!({});
            for (name, value) in ["t", "i"].iter().zip(&values) {
                if let Some(value) = value {
                    identity[*name] = value.clone();
                }
            }
            event["u"] = identity;
            for (name, value) in ["eventName", "n", "eventSource"].iter().zip(values.iter().skip(2))
            {
                if let Some(value) = value {
                    event[*name] = value.clone();
                }
            }
            let element = |(x, plain): (Option<Value>, Option<Value>)| match (nested, x) {
                (true, Some(x)) => json!({"x": x}),
                _ => plain.unwrap_or(Value::Null),
            };
            if !array.is_empty() {
                event["a"] = array.into_iter().map(element).collect();
            }
            event
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 5_000 }))]

    #[test]
    fn yes_means_every_member_and_no_means_a_member(
        text in pattern(),
        events in prop::collection::vec(event(), 60),
    ) {
        let parsed = parse(&text).expect("generated patterns parse");
        let Kind::Json(inner) = &parsed.kind else { panic!("{text}") };
        match catches(&parsed, &SET) {
            Catches::Yes => {
                for event in events.iter().filter(|event| SET.contains(event)) {
                    prop_assert!(
                        interpret::matches(inner, event, Reading::Narrow),
                        "{} is said to match {}", text, event
                    );
                }
            }
            Catches::No(event) => {
                prop_assert!(SET.contains(&event), "{} is no member", event);
                prop_assert!(!interpret::matches(inner, &event, Reading::Wide), "{} matches {}", text, event);
            }
            // Undecided only where the readings differ: no event is missed under all of them.
            Catches::Undecided(_) => {
                for event in events.iter().filter(|event| SET.contains(event)) {
                    prop_assert!(
                        interpret::matches(inner, event, Reading::Wide),
                        "{} surely misses {}", text, event
                    );
                }
            }
        }
    }

    #[test]
    fn readings_only_widen(text in pattern(), event in event()) {
        let parsed = parse(&text).expect("generated patterns parse");
        let Kind::Json(inner) = &parsed.kind else { panic!("{text}") };
        let [narrow, likely, wide] = [Reading::Narrow, Reading::Likely, Reading::Wide]
            .map(|reading| interpret::matches(inner, &event, reading));
        prop_assert!(narrow <= likely && likely <= wide);
    }

    #[test]
    fn no_text_crashes_the_parser(text in "[{}$.\\[\\]*'\"a0=!<>&|()% \\\\ISNULL]{0,40}") {
        let _ = parse(&text);
        let _ = parse(&format!("{{ $.a = {text} }}"));
    }
}
