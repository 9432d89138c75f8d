//! The language, the decisions and the table of wanted sets, from outside.

mod decisions;
mod grammar;
mod properties;

use super::*;

/// The set of this id.
fn wanted(id: &str) -> &'static WantedEvents {
    WantedEvents::by_id(id).expect(id)
}

/// The answer for a pattern that parses, after replaying its witness.
fn answer(pattern: &str, id: &str) -> Catches {
    let parsed = parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let answer = catches(&parsed, wanted(id));
    if let Catches::No(event) = &answer {
        assert!(wanted(id).contains(event), "{pattern}: {event} is not in {id}");
        assert_eq!(parsed.matches(event), Some(false), "{pattern} matches {event}");
    }
    answer
}

fn yes(pattern: &str, id: &str) {
    assert_eq!(answer(pattern, id), Catches::Yes, "{pattern} for {id}");
}

/// Demands a no and returns the witness.
fn no(pattern: &str, id: &str) -> Value {
    match answer(pattern, id) {
        Catches::No(event) => event,
        other => panic!("{pattern} for {id}: {other:?}"),
    }
}

fn undecided(pattern: &str, id: &str) -> String {
    match answer(pattern, id) {
        Catches::Undecided(why) => why,
        other => panic!("{pattern} for {id}: {other:?}"),
    }
}
