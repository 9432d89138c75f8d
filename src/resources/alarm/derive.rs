//! Whether anybody hears of an alarm.

use crate::aws::Arn;
use crate::inventory::View;
use crate::resources::kleene::{Answer, all, any, elements, optional, required};

/// Whether an enabled action of the alarm reaches somebody.
pub(super) fn notifies_somebody(alarm: &View<'_>) -> Answer<bool> {
    let actions = elements(alarm.texts("alarm_actions"));
    let by_service = actions.any(|action| Ok(is_received(action)));
    let by_topic = elements(alarm.parts("topics"))
        .any(|topic| required(topic.int("subscriptions_confirmed")).map(|count| count > 0));
    let some_topic = actions.any(|action| Ok(service(action).as_deref() == Some("sns")));
    let received = any([by_service, all([some_topic, by_topic])]);
    all([required(alarm.bool("actions_enabled")), received])
}

/// Whether an action is one that acts or tells by itself: a function, an incident, an operations
/// item. Those of EC2 and Auto Scaling change machines and tell nobody.
fn is_received(action: &str) -> bool {
    matches!(service(action).as_deref(), Some("lambda" | "ssm" | "ssm-incidents"))
}

fn service(action: &str) -> Option<String> {
    action.parse::<Arn>().ok().map(|arn| arn.service().to_owned())
}

/// Whether the rule of a composite alarm with actions names the alarm.
pub(super) fn feeds_composite(alarm: &View<'_>) -> Answer<bool> {
    let name = required(alarm.text("name"))?;
    let arn = optional(alarm.text("arn")).ok().flatten();
    elements(alarm.parts("neighbours")).any(|other| {
        let named = optional(other.text("alarm_rule")).map(|rule| {
            rule.is_some_and(|rule| {
                operands(rule).iter().any(|operand| operand == name || Some(&**operand) == arn)
            })
        });
        let acts = elements(other.texts("alarm_actions")).any(|_| Ok(true));
        all([named, required(other.bool("actions_enabled")), acts])
    })
}

/// The alarms that a rule such as `ALARM("a") OR OK(b)` names, by name or ARN.
fn operands(rule: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = rule;
    while let Some(open) = rest.find('(') {
        rest = rest.get(open + 1..).unwrap_or_default();
        let inner = rest.trim_start();
        let operand = match inner.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => inner.split([')', '(']).next(),
        };
        found.extend(operand.map(|operand| operand.trim().to_owned()));
        rest = inner.get(operand.map_or(0, str::len)..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Alarm;
    use crate::resources::tests::{assert_blinding, derived};

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:security";

    fn alarm(enabled: bool, actions: Json, topics: Json) -> Json {
        json!({"actions_enabled": enabled, "alarm_actions": actions, "topics": topics})
    }

    fn notifies(given: &Json) -> Json {
        assert_blinding::<Alarm>(given, "notifies_somebody");
        derived::<Alarm>(given, "notifies_somebody")
    }

    #[test]
    fn a_topic_counts_when_somebody_confirmed_a_subscription() {
        let topic = |count: i64| json!([{"arn": TOPIC, "subscriptions_confirmed": count}]);
        assert_eq!(notifies(&alarm(true, json!([TOPIC]), topic(1))), true);
        assert_eq!(notifies(&alarm(true, json!([TOPIC]), topic(0))), false);
        assert_eq!(notifies(&alarm(false, json!([TOPIC]), topic(1))), false);
        assert_eq!(notifies(&alarm(true, json!([]), json!([]))), false);
    }

    #[test]
    fn a_function_receives_and_a_machine_action_does_not() {
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:page";
        let stop = "arn:aws:automate:eu-west-1:ec2:stop";
        assert_eq!(notifies(&alarm(true, json!([function]), json!([]))), true);
        assert_eq!(notifies(&alarm(true, json!([stop]), json!([]))), false);
    }

    #[test]
    fn a_composite_alarm_names_those_it_goes_by() {
        let given = |rule: &str, actions: Json| {
            json!({
                "name": "root use", "arn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:root use",
                "neighbours": [{"name": "all", "alarm_rule": rule, "actions_enabled": true,
                                "alarm_actions": actions}],
            })
        };
        let feeds = |given: &Json| derived::<Alarm>(given, "feeds_composite");
        let named = given("ALARM(\"other\") OR ALARM(\"root use\")", json!([TOPIC]));
        assert_eq!(feeds(&named), true);
        assert_eq!(feeds(&given("ALARM(root use)", json!([TOPIC]))), true);
        assert_eq!(feeds(&given("ALARM(\"root use too\")", json!([TOPIC]))), false);
        assert_eq!(feeds(&given("ALARM(\"root use\")", json!([]))), false);
        assert_blinding::<Alarm>(&named, "feeds_composite");
    }
}
