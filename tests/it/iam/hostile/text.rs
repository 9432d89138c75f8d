//! Any text at all, in the place of a name, a condition or a pattern: parsers and the engine refuse it
//! or answer, and never panic.

use postura::aws::Arn;
use postura::filter_pattern;
use postura::iam::batch::evaluate;
use postura::iam::document::{Document, Kind};
use postura::iam::escalation::escalation_line;
use postura::iam::exposure::exposure_line;
use postura::iam::pattern::{ResourcePattern, Version};
use postura::iam::principal::Caller;
use postura::iam::relation::relation_line;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Text that looks like a name of AWS until it does not.
const NAME: &str = "(arn|aws|iam|sts|role|user|assumed-role|[0-9]{12}|[:/*?$<{},~. -]|\\PC){0,30}";
/// Text with the signs of filter patterns and variables.
const SIGNS: &str = "([{}()$.,=!<>&|*?\"' \\[\\]%-]|eventName|IS|NOT|EXISTS|NULL|\\PC){0,40}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn names_are_read_or_refused(text in NAME) {
        let _ = text.parse::<Arn>();
        let _ = Caller::parse(&text);
        let _ = ResourcePattern::parse(&text, Version::V2012);
        let request = json!({"id": 1, "request": {"principal": text, "action": "s3:GetObject",
            "resource": text}});
        prop_assert!(serde_json::from_str::<Value>(&evaluate(&request.to_string()).to_string()).is_ok());
    }

    #[test]
    fn filter_patterns_are_read_or_refused(text in SIGNS, inner in SIGNS) {
        let _ = filter_pattern::parse(&text);
        let _ = filter_pattern::matched_events(&format!("{{ {inner} }}"));
        let _ = filter_pattern::matched_events(&format!("{{ ($.eventName = {inner}) }}"));
    }

    #[test]
    fn conditions_are_read_or_refused_and_answered(
        operator in "(ForAnyValue:|ForAllValues:)?(String|Numeric|Date|Arn|IpAddress|Bool|Null|Binary)(Equals|Like|LessThan|NotEquals)?(IfExists)?",
        key in "(aws:(SourceIp|PrincipalTag/|CurrentTime|TagKeys|SecureTransport)|\\PC{0,8})",
        value in SIGNS,
    ) {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": {operator: {key: [value]}}});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        let _ = Document::parse(&policy.to_string(), Kind::Resource);
        let line = json!({"id": 1, "resource_type": "s3", "account_id": "111122223333",
            "policy": policy});
        let answer: Value = serde_json::from_str(&exposure_line(&line.to_string()).to_string())
            .expect("JSON");
        // Nothing that is malformed is harmless.
        if Document::parse(&policy.to_string(), Kind::Resource).is_err() {
            prop_assert_eq!(&answer["public"], &Value::Null);
        }
    }

    #[test]
    fn lines_are_answered_by_json(text in "\\PC{0,120}") {
        for answer in [exposure_line(&text), relation_line(&text), escalation_line(&text)] {
            prop_assert!(serde_json::from_str::<Value>(&answer.to_string()).is_ok());
        }
    }
}
