//! Laws of evaluation, over random small policies: denials only remove, allows only add, order and
//! spelling do not matter, and what is hidden never turns into an answer of its own.

mod generate;

use postura::iam::document::Document;
use postura::iam::document::Kind;
use postura::iam::evaluate::{Decision, PolicySet, decide, explain};
use postura::iam::pattern::{Case, NoVariables, Pattern, ResourcePattern, Version};
use postura::iam::request::ContextValue;
use proptest::prelude::*;
use serde_json::{Value, json};

use generate::{Case as Setup, Layer, setup, statement};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }
}

fn decided(setup: &Setup) -> Decision {
    decide(&setup.request(), &setup.policies())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_quick_answer_is_the_explained_one(setup in setup()) {
        let verdict = explain(&setup.request(), &setup.policies());
        prop_assert_eq!(decided(&setup), verdict.decision);
        prop_assert_eq!(verdict.allowed.is_true(), verdict.decision == Decision::Allow);
    }

    #[test]
    fn a_deny_only_removes(
        setup in setup(),
        layer in generate::layer(),
        mut extra in statement(true),
    ) {
        extra["Effect"] = json!("Deny");
        let before = decided(&setup);
        let after = decided(&setup.with(layer, &extra));
        prop_assert!(after != Decision::Allow || before == Decision::Allow);
        prop_assert!(before != Decision::ExplicitDeny || after == Decision::ExplicitDeny);
    }

    #[test]
    fn an_allow_never_takes_away(
        setup in setup(),
        layer in generate::layer(),
        mut extra in statement(true),
    ) {
        extra["Effect"] = json!("Allow");
        let before = decided(&setup);
        let after = decided(&setup.with(layer, &extra));
        prop_assert!(before != Decision::Allow || after == Decision::Allow);
        prop_assert_eq!(before == Decision::ExplicitDeny, after == Decision::ExplicitDeny);
    }

    #[test]
    fn order_does_not_matter(setup in setup(), seed in any::<u64>()) {
        prop_assert_eq!(decided(&setup), decided(&setup.shuffled(seed)));
    }

    #[test]
    fn equivalent_spellings_agree(setup in setup()) {
        let before = decided(&setup);
        prop_assert_eq!(before, decided(&setup.rewritten(generate::split_actions)));
        prop_assert_eq!(before, decided(&setup.rewritten(generate::shout_actions)));
        prop_assert_eq!(before, decided(&setup.rewritten(generate::unwrap_lists)));
        prop_assert_eq!(before, decided(&setup.rewritten(generate::like_for_equals)));
        prop_assert_eq!(before, decided(&setup.rewritten(generate::split_resources)));
        prop_assert_eq!(before, decided(&setup.merged_identity()));
    }

    #[test]
    fn hiding_a_policy_never_changes_a_certain_answer(
        setup in setup(),
        layer in generate::layer(),
    ) {
        let before = decided(&setup);
        let mut policies = setup.policies();
        let hidden = PolicySet::unknown("hidden");
        match layer {
            Layer::Identity => policies.identity = hidden,
            Layer::Boundary => policies.boundary = Some(hidden),
            Layer::Session => policies.session = Some(hidden),
            Layer::Resource => policies.resource = Some(hidden),
            Layer::Endpoint => policies.endpoint = Some(hidden),
            Layer::Scp => policies.scps = vec![hidden],
            Layer::Rcp => policies.rcps = vec![hidden],
        }
        let after = decide(&setup.request(), &policies);
        prop_assert!(after == before || after == Decision::Unknown, "{:?} {:?}", before, after);
    }

    #[test]
    fn hiding_a_key_never_changes_a_certain_answer(setup in setup(), which in 0_usize..4) {
        let before = decided(&setup);
        let key = generate::KEYS[which];
        let mut context = setup.context();
        context.insert(key, ContextValue::Unknown);
        let after = decide(&setup.request_with(context), &setup.policies());
        prop_assert!(after == before || after == Decision::Unknown, "{:?} {:?}", before, after);
    }

    #[test]
    fn globs_match_as_regular_expressions_do(pattern in "[ab:*?]{0,8}", text in "[ab:]{0,10}") {
        let regex = format!("^{}$", pattern.replace('*', ".*").replace('?', "."));
        let regex = regex::Regex::new(&regex).expect("valid");
        let glob = Pattern::like(&pattern, Version::V2012).expect("no variable");
        prop_assert_eq!(glob.matches_plain(&text, Case::Sensitive), regex.is_match(&text));
    }

    #[test]
    fn resource_patterns_match_as_regular_expressions_do(
        pattern in "[ab*?]{0,3}(:[ab*?]{0,3}){5,6}",
        text in "[ab]{0,3}(:[ab]{0,3}){4,7}",
    ) {
        let mut regex = String::from("^");
        let mut colons = 0;
        for (index, c) in pattern.char_indices() {
            let ends = matches!(pattern.as_bytes().get(index + 1), None | Some(b':'));
            match c {
                '*' if colons >= 5 || ends => regex.push_str(".*"),
                '*' => regex.push_str("[^:]*"),
                '?' if colons >= 5 => regex.push('.'),
                '?' => regex.push_str("[^:]"),
                _ => regex.push(c),
            }
            colons += usize::from(c == ':');
        }
        regex.push('$');
        let regex = regex::Regex::new(&regex).expect("valid");
        let resource = ResourcePattern::parse(&pattern, Version::V2012).expect("no variable");
        let matched = resource.matches(&text, &NoVariables);
        prop_assert_eq!(matched.is_true(), regex.is_match(&text));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}", fragment in "[{}\\[\\]\":,a-zA-Z*$ ]{0,80}") {
        let _ = Document::parse(&text, Kind::Resource);
        let _ = Document::parse(&fragment, Kind::Identity);
        let wrapped = format!("{{\"Statement\":[{{\"Action\":{fragment}}}]}}");
        let _ = Document::parse(&wrapped, Kind::Identity);
        let line = postura::iam::batch::evaluate(&text).to_string();
        prop_assert!(serde_json::from_str::<Value>(&line).is_ok());
    }

    #[test]
    fn a_cut_document_is_malformed_or_whole(setup in setup(), keep in any::<prop::sample::Index>()) {
        let text = json!({"Version": "2012-10-17", "Statement": setup.identity[0]}).to_string();
        let cut: String = text.chars().take(keep.index(text.chars().count())).collect();
        prop_assert!(Document::parse(&cut, Kind::Resource).is_err());
        prop_assert!(Document::parse(&text, Kind::Resource).is_ok());
    }
}
