//! Any text as the name of something: an ARN, a caller, an entry of `Principal`, a pattern of
//! `Resource`, an action. What is read is written as it was, and matches itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postura::aws::Arn;
use postura::iam::data;
use postura::iam::pattern::{NoVariables, ResourcePattern, Version};
use postura::iam::principal::{Caller, PrincipalPattern};
use postura::iam::request::{Context, Request};

fuzz_target!(|text: &str| {
    if let Ok(arn) = text.parse::<Arn>() {
        assert_eq!(arn.to_string(), text);
    }
    for version in [Version::V2008, Version::V2012] {
        let Ok(pattern) = ResourcePattern::parse(text, version) else { continue };
        assert_eq!(pattern.text(), text);
        if !text.contains("${") {
            assert!(pattern.matches(text, &NoVariables).is_true(), "{text:?} does not match itself");
        }
    }
    let named = PrincipalPattern::parse("AWS", text);
    if let Some(caller) = Caller::parse(text) {
        if let (Ok(named), false) = (&named, text == "*") {
            assert!(!named.matches(&caller).0.is_false(), "{text:?} does not name itself");
        }
        let request = Request::new(caller, text, text, None, Context::default());
        assert_eq!(request.action(), text.to_ascii_lowercase());
        let _ = (request.same_account(), request.refused(), request.matched_resource());
    }
    if let Some(action) = data::action(text) {
        assert!(action.name.eq_ignore_ascii_case(text));
    }
});
