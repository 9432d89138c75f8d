//! Kleene's three truth values, the result type of everything that may meet something unknown.
//!
//! This module knows nothing about policies.

use std::ops::Not;

/// A truth value that may be unknown; the order is `False < Unknown < True`, so that `and` is the
/// minimum and `or` the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Certainly false.
    False,
    /// Either, depending on something that was not known.
    Unknown,
    /// Certainly true.
    True,
}

impl Truth {
    /// Both hold.
    #[must_use]
    #[inline]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// At least one holds.
    #[must_use]
    #[inline]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// True exactly for [`Truth::True`].
    #[must_use]
    #[inline]
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// True exactly for [`Truth::False`].
    #[must_use]
    #[inline]
    pub fn is_false(self) -> bool {
        self == Self::False
    }

    /// True exactly for [`Truth::Unknown`].
    #[must_use]
    #[inline]
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }

    /// Some value of an iterator holds; false for an empty one.
    #[inline]
    pub fn any(values: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::False;
        for value in values {
            result = result.or(value);
            if result.is_true() {
                break;
            }
        }
        result
    }

    /// Every value of an iterator holds; true for an empty one.
    #[inline]
    pub fn all(values: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::True;
        for value in values {
            result = result.and(value);
            if result.is_false() {
                break;
            }
        }
        result
    }
}

impl Not for Truth {
    type Output = Self;

    #[inline]
    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    #[inline]
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};
    use super::*;

    #[test]
    fn the_tables_are_those_of_kleene() {
        assert_eq!(Unknown.and(False), False);
        assert_eq!(Unknown.and(True), Unknown);
        assert_eq!(Unknown.or(True), True);
        assert_eq!(Unknown.or(False), Unknown);
        assert_eq!(!Unknown, Unknown);
        assert_eq!(Truth::any([False, Unknown]), Unknown);
        assert_eq!(Truth::all([True, Unknown, False]), False);
        assert_eq!(Truth::any([]), False);
        assert_eq!(Truth::all([]), True);
    }
}
