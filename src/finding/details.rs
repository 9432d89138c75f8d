//! What few findings have: kept apart, so that the many that only pass take no room for it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Exception, Location};
use crate::check::{CheckId, Evidence};
use crate::inventory::Reason;

/// What a finding has to say beyond its verdict.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detail {
    /// One message an element that failed.
    pub messages: Vec<String>,
    /// The values that decided.
    pub evidence: Vec<Evidence>,
    /// Why the verdict is unknown, each reason once.
    pub unknown: Vec<Reason>,
    /// What to do about this very resource: those texts of the check's remediation, by kind, whose
    /// names in braces its values fill. Empty for other verdicts than failures.
    pub remediation: Vec<(String, String)>,
    /// The exception that accepts it, if there is one.
    pub exception: Option<Box<Exception>>,
    /// Where the resource is declared, if that is known.
    pub location: Option<Box<Location>>,
    /// The checks whose failures of the same resource it follows from; empty for a failure of its
    /// own. [`roots::mark`](super::roots::mark) decides.
    pub implied_by: Vec<CheckId>,
    /// The checks whose failures of the same resource follow from this one.
    pub implies: Vec<CheckId>,
}

impl Detail {
    /// Says nothing. A constant, so that findings with nothing to say can all lend it.
    const NOTHING: Self = Self {
        messages: Vec::new(),
        evidence: Vec::new(),
        unknown: Vec::new(),
        remediation: Vec::new(),
        exception: None,
        location: None,
        implied_by: Vec::new(),
        implies: Vec::new(),
    };
}

/// A [`Detail`] that takes room only where it says something, and that clones share. It is read like one;
/// to write to it makes room of its own, so what would change nothing should not be written.
#[derive(Clone, Default)]
pub struct Details(Option<Arc<Detail>>);

impl From<Detail> for Details {
    /// Keeps nothing of a detail that says nothing, and no more room than it needs for any other.
    fn from(mut detail: Detail) -> Self {
        if detail == Detail::NOTHING {
            return Self(None);
        }
        detail.messages.shrink_to_fit();
        detail.evidence.shrink_to_fit();
        detail.unknown.shrink_to_fit();
        detail.remediation.shrink_to_fit();
        Self(Some(Arc::new(detail)))
    }
}

impl Deref for Details {
    type Target = Detail;

    fn deref(&self) -> &Detail {
        static NOTHING: Detail = Detail::NOTHING;
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Details {
    fn deref_mut(&mut self) -> &mut Detail {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

#[cfg(test)]
impl Details {
    /// Whether room was made for a detail, whatever it says.
    pub(crate) fn take_room(&self) -> bool {
        self.0.is_some()
    }

    /// Whether both are kept in the same room.
    pub(crate) fn share_room(&self, other: &Self) -> bool {
        matches!((&self.0, &other.0), (Some(own), Some(other)) if Arc::ptr_eq(own, other))
    }
}

/// By content: room that was made and holds nothing makes no difference.
impl PartialEq for Details {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_for_nothing() {
        assert!(!Details::from(Detail::default()).take_room());
        let unread = Details::default();
        assert!(unread.messages.is_empty() && !unread.take_room(), "reading makes no room");
        let mut written = Details::default();
        written.messages.push("Bad".into());
        assert_ne!(written, unread);
        written.messages.clear();
        assert!(written == unread && written.take_room());
    }
}
