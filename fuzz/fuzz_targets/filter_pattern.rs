//! Any text as a filter pattern of CloudWatch Logs: read or refused, and then asked which events it
//! catches. An event that is said to be missed is missed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postura::filter_pattern::{Catches, WANTED, catches, matched_events, parse};

fuzz_target!(|text: &str| {
    let Ok(pattern) = parse(text) else {
        assert!(matched_events(text).iter().all(|(_, c)| matches!(c, Catches::Undecided(_))));
        return;
    };
    for wanted in WANTED.iter().take(4) {
        if let Catches::No(event) = catches(&pattern, wanted) {
            assert_eq!(pattern.matches(&event), Some(false), "{event}");
        }
    }
});
