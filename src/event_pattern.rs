//! EventBridge event patterns: what they say, and whether they catch a set of events.
//!
//! As with metric filters, comparing texts cannot tell whether a rule is for *every* event of a set:
//! prefixes, numeric ranges, `anything-but` and supersets do not matter, while a field too many
//! silences the rule. So the pattern is parsed, and [`Pattern::catches`] either proves that each
//! event of a set matches, or gives an event that it misses, or leaves the question open.
//!
//! Source: AWS, "Amazon EventBridge event patterns" and "Comparison operators". This module knows no
//! SDK, no check and no inventory.

mod decide;
mod domain;
mod operator;
mod parse;

#[cfg(test)]
mod tests;

use crate::filter_pattern::{Catches, WANTED};

pub use parse::{MAX_DEPTH, MAX_LENGTH, PatternError, parse};

use operator::Operator;

/// An event pattern: everything in it must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// The field at that path must be as one of the operators says.
    Field(Vec<String>, Vec<Operator>),
    /// `$or`: one of these must hold.
    Either(Vec<Pattern>),
}

/// Where a rule stands: events carry the account and region that they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account of the rule.
    pub account: String,
    /// The region of the rule.
    pub region: String,
}

/// The severities of GuardDuty findings in tenths, and the whole ones that may be asked for.
const SEVERITIES: std::ops::RangeInclusive<u8> = 1..=10;

impl Pattern {
    /// For each set of CloudTrail events whose events are all calls of one service's API: whether
    /// the pattern matches every one of them, as EventBridge delivers it in that place.
    #[must_use]
    pub fn matched_events(&self, place: &Place) -> Vec<(&'static str, Catches)> {
        let answer = |wanted: &&'static crate::filter_pattern::WantedEvents| {
            let families: Option<Vec<_>> =
                wanted.families.iter().map(|family| domain::of_calls(family, place)).collect();
            Some((wanted.id, decide::catches(self, &families?)))
        };
        WANTED.iter().collect::<Vec<_>>().iter().filter_map(answer).collect()
    }

    /// The lowest whole severity from which on the pattern matches every GuardDuty finding of a
    /// region, of whatever type and account; `None` when there is none.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub fn guardduty_severity(&self, place: &Place) -> Result<Option<i64>, String> {
        let mut lowest = None;
        for severity in SEVERITIES.rev() {
            let tenths = (0..10).map(|tenth| severity * 10 + tenth).filter(|tenths| *tenths <= 100);
            let families: Vec<_> =
                tenths.map(|tenths| domain::of_finding(f64::from(tenths) / 10.0, place)).collect();
            match decide::catches(self, &families) {
                Catches::Yes => lowest = Some(i64::from(severity)),
                Catches::No(_) => break,
                Catches::Undecided(why) if lowest.is_none() => return Err(why),
                Catches::Undecided(_) => break,
            }
        }
        Ok(lowest)
    }
}
