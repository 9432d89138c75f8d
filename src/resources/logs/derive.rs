//! Whether a metric filter has an alarm behind it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::MatchedEvents;
use crate::filter_pattern::{self, Catches};
use crate::inventory::{Draft, Items, Reason, Slot, View};
use crate::resources::kleene::{Answer, all, elements, required};

/// Whether an alarm that notifies somebody watches a metric of the filter. A metric that is counted
/// by dimensions is another metric than the one without.
pub(super) fn notifies_somebody(filter: &View<'_>) -> Answer<bool> {
    let alarms = elements(filter.parts("alarms"));
    elements(filter.parts("metric_transformations")).any(|counted| {
        alarms.any(|alarm| {
            let watches =
                elements(alarm.parts("metrics")).any(|watched| same_metric(counted, watched));
            all([watches, required(alarm.bool("notifies_somebody"))])
        })
    })
}

/// How many patterns a thread remembers.
const REMEMBERED: usize = 64;

thread_local! {
    /// The answers for patterns seen lately. Every account of an organization has the same ones, and
    /// an answer depends on nothing else.
    static ANSWERS: RefCell<HashMap<String, Items<MatchedEvents>>> = RefCell::default();
}

/// What the pattern of a filter makes of each set of events.
pub(super) fn matched_events(filter: &View<'_>) -> Draft {
    let sets = required(filter.text("filter_pattern")).map(|pattern| {
        let known = ANSWERS.with_borrow(|answers| answers.get(pattern).cloned());
        known.unwrap_or_else(|| {
            let sets = filter_pattern::matched_events(pattern).into_iter();
            let sets: Items<_> = sets.map(|(id, catches)| matched(id, catches)).collect();
            ANSWERS.with_borrow_mut(|answers| {
                if answers.len() >= REMEMBERED {
                    answers.clear();
                }
                answers.insert(pattern.to_owned(), sets.clone());
            });
            sets
        })
    });
    Slot::from(sets).into_draft::<Items<MatchedEvents>>()
}

fn matched(id: &str, catches: Catches) -> MatchedEvents {
    let (all_match, missed) = match catches {
        Catches::Yes => (Slot::Known(true), Slot::Absent),
        Catches::No(event) => (Slot::Known(false), Slot::Known(event.to_string())),
        Catches::Undecided(why) => (Slot::Unknown(Reason::undecided(why)), Slot::Absent),
    };
    MatchedEvents { id: id.into(), all_match, missed }
}

fn same_metric(counted: &View<'_>, watched: &View<'_>) -> Answer<bool> {
    let same = |left: &str, right: &str| -> Answer<bool> {
        Ok(required(counted.text(left))? == required(watched.text(right))?)
    };
    all([
        same("metric_name", "metric_name"),
        same("metric_namespace", "namespace"),
        same_dimensions(counted, watched),
    ])
}

fn same_dimensions(counted: &View<'_>, watched: &View<'_>) -> Answer<bool> {
    let names = |view: &View<'_>| -> Answer<BTreeSet<String>> {
        let list = elements(view.texts("dimensions"));
        match list.missing.into_iter().next() {
            Some(reason) => Err(reason),
            None => Ok(list
                .known
                .iter()
                .map(|text| text.split('=').next().unwrap_or_default().to_owned())
                .collect()),
        }
    };
    Ok(names(counted)? == names(watched)?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::MetricFilter;
    use crate::resources::tests::{assert_blinding, derived};

    fn filter(namespace: &str, dimensions: Json, confirmed: i64) -> Json {
        let topic = "arn:aws:sns:eu-west-1:111122223333:security";
        json!({
            "metric_transformations": [{"metric_name": "RootUse", "metric_namespace": "Security",
                                        "metric_value": "1", "dimensions": []}],
            "alarms": [{
                "metrics": [{"metric_name": "RootUse", "namespace": namespace,
                             "dimensions": dimensions}],
                "actions_enabled": true,
                "alarm_actions": [topic],
                "topics": [{"arn": topic, "subscriptions_confirmed": confirmed}],
            }],
        })
    }

    fn notifies(given: &Json) -> Json {
        assert_blinding::<MetricFilter>(given, "notifies_somebody");
        derived::<MetricFilter>(given, "notifies_somebody")
    }

    #[test]
    fn name_namespace_and_dimensions_must_agree() {
        assert_eq!(notifies(&filter("Security", json!([]), 1)), true);
        assert_eq!(notifies(&filter("Other", json!([]), 1)), false);
        assert_eq!(notifies(&filter("Security", json!(["User=alice"]), 1)), false);
    }

    #[test]
    fn an_alarm_that_nobody_hears_does_not_count() {
        assert_eq!(notifies(&filter("Security", json!([]), 0)), false);
    }

    fn matches(pattern: &str, set: &str) -> Json {
        let given = json!({"filter_pattern": pattern});
        assert_blinding::<MetricFilter>(&given, "matched_events");
        let sets = derived::<MetricFilter>(&given, "matched_events");
        let found = sets.as_array().unwrap().iter().find(|item| item["id"] == set).cloned();
        found.unwrap()["all_match"].clone()
    }

    #[test]
    fn a_pattern_is_understood_and_not_compared() {
        let any = "{ ($.eventName = StopLogging) || ($.eventName = \"StartLogging\") || \
                   ($.eventName=CreateTrail)||($.eventName=UpdateTrail)||($.eventName=DeleteTrail) }";
        assert_eq!(matches(any, "cloudtrail_changes"), true);
        assert_eq!(matches(&any.replace("||", "&&"), "cloudtrail_changes"), false);
        assert_eq!(matches(any, "root_usage"), false);
        assert_eq!(matches("", "root_usage"), true);
        assert!(matches("StopLogging", "cloudtrail_changes").get("$unknown").is_some());
    }

    #[test]
    fn a_filter_that_counts_nothing_alarms_nobody() {
        let given = json!({"metric_transformations": [], "alarms": []});
        assert_eq!(notifies(&given), false);
    }
}
