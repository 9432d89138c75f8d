//! CloudWatch Logs metric filter patterns: what they say, and whether they catch a set of events.
//!
//! A check that wants an alarm on, say, changes of CloudTrail must know whether the metric filter
//! behind the alarm matches *every* such event. Comparing texts cannot tell: order, brackets,
//! quotation marks and supersets do not matter, while `&&` where `||` is meant, or a narrowing to
//! one user, silences the alarm. So the pattern is parsed, and [`catches`] either proves that each
//! event of a set matches, over all values of all fields, or gives an event that it misses.
//!
//! Sources: AWS, "Filter pattern syntax for metric filters, subscription filters, filter log
//! events, and Live Tail"; "CloudTrail record contents". This module knows no SDK, no check and no
//! inventory.

mod classes;
mod decide;
mod interpret;
mod language;
mod parse;
mod regex;
mod syntax;
mod tree;
mod wanted;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub use parse::{
    MAX_CONDITIONS, MAX_DEPTH, MAX_INDEX, MAX_LENGTH, MAX_SEGMENTS, PatternError, Problem,
};
pub use wanted::{Constraint, Family, Is, RECORD, WANTED, WantedEvents};

use decide::Decision;
use interpret::Reading;
use syntax::JsonPattern;

/// A filter pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// The empty pattern, and `" "`, which the guide gives as the one that matches everything.
    Everything,
    Json(JsonPattern),
    /// Terms, phrases and regular expressions over the text of the event.
    Terms,
    /// `[a, b, …]`, for space-delimited events.
    Delimited,
}

/// Whether a pattern matches every event of a set.
#[derive(Debug, Clone, PartialEq)]
pub enum Catches {
    /// Every event of the set matches.
    Yes,
    /// This event of the set does not match.
    No(Value),
    /// Neither could be shown; the reason, as a sentence without a full stop.
    Undecided(String),
}

/// Parses a filter pattern.
///
/// # Errors
/// A text beyond the bounds, or a JSON pattern (`{ … }`) that departs from the documented grammar.
/// Other texts are patterns of another language and never an error.
pub fn parse(text: &str) -> Result<Pattern, PatternError> {
    if text.chars().count() > MAX_LENGTH {
        return Err(PatternError { column: MAX_LENGTH + 1, problem: Problem::TooLong });
    }
    let trimmed = text.trim();
    let kind = match trimmed.chars().next() {
        None => Kind::Everything,
        _ if trimmed == "\" \"" => Kind::Everything,
        Some('{') => Kind::Json(parse::parse_json(text)?),
        Some('[') => Kind::Delimited,
        Some(_) => Kind::Terms,
    };
    Ok(Pattern { kind })
}

impl Pattern {
    /// Whether an event, given as JSON, matches; `None` for patterns that are not about JSON fields
    /// and would need the event as text.
    ///
    /// Where AWS's guide is silent (a string compared with a number, say) the answer is the one that
    /// its examples suggest; [`catches`] does not depend on it.
    #[must_use]
    pub fn matches(&self, event: &Value) -> Option<bool> {
        match &self.kind {
            Kind::Everything => Some(true),
            Kind::Json(pattern) => Some(interpret::matches(pattern, event, Reading::Likely)),
            Kind::Terms | Kind::Delimited => None,
        }
    }
}

/// Decides whether the pattern matches every event of the set. A superset is fine.
#[must_use]
pub fn catches(pattern: &Pattern, wanted: &WantedEvents) -> Catches {
    let json = match &pattern.kind {
        Kind::Everything => return Catches::Yes,
        Kind::Json(json) => json,
        Kind::Terms => {
            return Catches::Undecided("the pattern matches terms, not JSON fields".to_owned());
        }
        Kind::Delimited => {
            return Catches::Undecided(
                "the pattern is for space-delimited events, not JSON".to_owned(),
            );
        }
    };
    let mut undecided = None;
    for family in wanted.families {
        match decide::decide(json, family) {
            Decision::Yes => {}
            Decision::No(event) => return Catches::No(event),
            Decision::Undecided(why) => undecided = undecided.or(Some(why)),
        }
    }
    undecided.map_or(Catches::Yes, Catches::Undecided)
}

/// For a filter pattern as CloudWatch Logs returns it, the answer for each set of [`WANTED`], in
/// the order of that table. A pattern that cannot be parsed is undecided for all of them.
#[must_use]
pub fn matched_events(pattern_text: &str) -> Vec<(&'static str, Catches)> {
    let parsed = parse(pattern_text);
    let answer = |wanted| match &parsed {
        Ok(pattern) => catches(pattern, wanted),
        Err(error) => Catches::Undecided(format!("the pattern is not understood: {error}")),
    };
    WANTED.iter().map(|wanted| (wanted.id, answer(wanted))).collect()
}
