//! Which events a rule catches, and whether somebody hears of them.

use crate::aws::Arn;
use crate::event_pattern::{self, Pattern, Place};
use crate::filter_pattern::Catches;
use crate::inventory::{Draft, Items, Reason, Slot, View};
use crate::resources::kleene::{Answer, all, elements, optional, required};
use crate::resources::logs::MatchedEvents;

/// Whether the rule works and one of its targets reaches a person or a tool.
pub(super) fn notifies_somebody(rule: &View<'_>) -> Answer<bool> {
    let enabled = required(rule.text("state")).map(|state| state != "DISABLED");
    let heard = elements(rule.parts("targets")).any(is_heard);
    all([enabled, heard])
}

fn is_heard(target: &View<'_>) -> Answer<bool> {
    let text = required(target.text("arn"))?;
    let Ok(arn) = text.parse::<Arn>() else { return Ok(false) };
    match arn.service() {
        "sns" => {
            let confirmed = optional(target.int("topic_subscriptions_confirmed"))?;
            Ok(confirmed.is_some_and(|count| count > 0))
        }
        "sqs" | "lambda" | "states" | "ssm" | "ssm-incidents" => Ok(true),
        "events" if arn.resource().starts_with("api-destination/") => Ok(true),
        "events" => Err(Reason::undecided("who listens at the other event bus is not read")),
        // Log groups, streams and the like keep events, but tell nobody.
        _ => Ok(false),
    }
}

/// The parsed pattern and the place of its rule; nothing for a rule that goes by time alone.
fn pattern(rule: &View<'_>) -> Answer<Option<(Pattern, Place)>> {
    let Some(text) = optional(rule.text("event_pattern"))? else { return Ok(None) };
    let pattern = event_pattern::parse(text)
        .map_err(|error| Reason::undecided(format!("the pattern is not understood: {error}")))?;
    let arn = required(rule.text("arn"))?;
    let arn: Arn = arn.parse().map_err(|_| Reason::undecided("the rule's ARN is none"))?;
    let place = Place { account: arn.account().to_owned(), region: arn.region().to_owned() };
    Ok(Some((pattern, place)))
}

/// What the pattern makes of each set of events.
pub(super) fn matched_events(rule: &View<'_>) -> Draft {
    let sets = pattern(rule).map(|pattern| {
        let answers = pattern.iter().flat_map(|(pattern, place)| pattern.matched_events(place));
        answers.map(|(id, catches)| matched(id, catches)).collect::<Items<MatchedEvents>>()
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

/// From which severity on the pattern matches all findings of GuardDuty.
pub(super) fn guardduty_severity(rule: &View<'_>) -> Draft {
    let found = pattern(rule).and_then(|pattern| {
        let Some((pattern, place)) = pattern else { return Ok(None) };
        pattern.guardduty_severity(&place).map_err(Reason::undecided)
    });
    let slot = match found {
        Ok(Some(severity)) => Slot::Known(severity),
        Ok(None) => Slot::Absent,
        Err(reason) => Slot::Unknown(reason),
    };
    slot.into_draft::<Option<i64>>()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Rule;
    use crate::resources::tests::{assert_blinding, derived};

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:security";

    fn notifies(state: &str, arn: &str, confirmed: Json) -> Json {
        let target = json!({"id": "1", "arn": arn, "topic_subscriptions_confirmed": confirmed});
        let given = json!({"state": state, "targets": [target]});
        assert_blinding::<Rule>(&given, "notifies_somebody");
        derived::<Rule>(&given, "notifies_somebody")
    }

    #[test]
    fn a_topic_counts_with_a_confirmed_subscription_only() {
        assert_eq!(notifies("ENABLED", TOPIC, json!(1)), true);
        assert_eq!(notifies("ENABLED", TOPIC, json!(0)), false);
        assert_eq!(notifies("ENABLED", TOPIC, json!(null)), false);
        assert_eq!(notifies("DISABLED", TOPIC, json!(1)), false);
    }

    #[test]
    fn what_keeps_events_without_telling_anybody_does_not_count() {
        let queue = "arn:aws:sqs:eu-west-1:111122223333:tickets";
        assert_eq!(notifies("ENABLED", queue, json!(null)), true);
        let logs = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/events/all";
        assert_eq!(notifies("ENABLED", logs, json!(null)), false);
        let destination = "arn:aws:events:eu-west-1:111122223333:api-destination/siem/1";
        assert_eq!(notifies("ENABLED", destination, json!(null)), true);
        let bus = "arn:aws:events:eu-west-1:222233334444:event-bus/central";
        assert!(notifies("ENABLED", bus, json!(null)).get("$unknown").is_some());
    }

    fn severity(pattern: &Json) -> Json {
        let arn = "arn:aws:events:eu-west-1:111122223333:rule/findings";
        let given = json!({"arn": arn, "event_pattern": pattern.to_string()});
        assert_blinding::<Rule>(&given, "guardduty_severity");
        derived::<Rule>(&given, "guardduty_severity")
    }

    #[test]
    fn a_rule_tells_from_which_severity_on_it_matches_all_findings() {
        let all = json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]});
        assert_eq!(severity(&all), 1);
        let high =
            json!({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}});
        assert_eq!(severity(&high), 7);
        let other = json!({"source": ["aws.securityhub"]});
        assert_eq!(severity(&other), json!(null));
    }

    #[test]
    fn a_rule_by_time_matches_no_events() {
        let given = json!({"event_pattern": null});
        assert_eq!(derived::<Rule>(&given, "matched_events"), json!([]));
        assert_eq!(derived::<Rule>(&given, "guardduty_severity"), json!(null));
    }

    #[test]
    fn a_pattern_that_is_no_pattern_decides_nothing() {
        let arn = "arn:aws:events:eu-west-1:111122223333:rule/findings";
        let given = json!({"arn": arn, "event_pattern": "{"});
        let unknown = |field| derived::<Rule>(&given, field).get("$unknown").is_some();
        assert!(unknown("matched_events") && unknown("guardduty_severity"));
    }
}
