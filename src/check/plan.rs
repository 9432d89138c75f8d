//! Expressions made ready for one inventory: parameters folded in, words resolved to symbols, the
//! usual shapes fused. What evaluation and evidence both walk.

use ipnet::IpNet;
use regex::Regex;

use super::typed::{ArnPart, Comparison, FieldRef, PortTest, Quantifier, TextTest};
use super::types::{Const, PortRange, Ty};
use crate::inventory::{SymbolId, Value};

/// Kleene's three truths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It does not hold.
    False,
    /// It holds.
    True,
    /// What is known does not decide.
    Unknown,
}

impl Truth {
    /// The truth of a boolean.
    #[inline]
    pub fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    /// `and`: false wins, then unknown.
    #[inline]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::True, Self::True) => Self::True,
        }
    }

    /// `or`: true wins, then unknown.
    #[inline]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::False, Self::False) => Self::False,
        }
    }

    /// `not`, where asked for.
    #[inline]
    pub fn negate_if(self, negate: bool) -> Self {
        match (self, negate) {
            (Self::False, true) => Self::True,
            (Self::True, true) => Self::False,
            (same, _) => same,
        }
    }
}

/// A whole number of which the bounds are known. The least and the greatest 64-bit numbers stand
/// for *no bound*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// It is at least this.
    pub low: i64,
    /// It is at most this.
    pub high: i64,
}

impl Interval {
    /// Nothing is known of it.
    pub const UNKNOWN: Self = Self { low: i64::MIN, high: i64::MAX };

    /// This number.
    #[inline]
    pub fn exactly(value: i64) -> Self {
        Self { low: value, high: value }
    }

    /// A number of which more than one is possible. A bound that meets *no bound* is none: the number may be
    /// beyond it.
    fn between(low: i64, high: i64) -> Self {
        if low < high { Self { low, high } } else { Self::UNKNOWN }
    }

    /// The number, where there is only one.
    pub fn exact(self) -> Option<i64> {
        (self.low == self.high).then_some(self.low)
    }

    /// The sum; unknown where it may leave the 64 bits.
    pub fn plus(self, other: Self) -> Self {
        if let (Some(a), Some(b)) = (self.exact(), other.exact()) {
            return a.checked_add(b).map_or(Self::UNKNOWN, Self::exactly);
        }
        let bound = |a: i64, b: i64, none: i64| {
            if a == none || b == none { Some(none) } else { a.checked_add(b) }
        };
        match (bound(self.low, other.low, i64::MIN), bound(self.high, other.high, i64::MAX)) {
            (Some(low), Some(high)) => Self::between(low, high),
            _ => Self::UNKNOWN,
        }
    }

    /// The number with the other sign.
    pub fn negative(self) -> Self {
        if let Some(value) = self.exact() {
            return value.checked_neg().map_or(Self::UNKNOWN, Self::exactly);
        }
        let flip = |bound: i64| match bound {
            i64::MIN => i64::MAX,
            i64::MAX => i64::MIN,
            bound => -bound,
        };
        Self::between(flip(self.high), flip(self.low))
    }

    /// Whole days of so many seconds, rounded down.
    pub fn days(self) -> Self {
        if let Some(seconds) = self.exact() {
            return Self::exactly(seconds.div_euclid(86_400));
        }
        let days = |bound: i64| match bound {
            i64::MIN | i64::MAX => bound,
            bound => bound.div_euclid(86_400),
        };
        Self { low: days(self.low), high: days(self.high) }
    }

    /// Compares two numbers.
    #[inline]
    pub fn compare(self, comparison: Comparison, other: Self) -> Truth {
        match comparison {
            Comparison::Equal => self.equals(other),
            Comparison::NotEqual => self.equals(other).negate_if(true),
            Comparison::Less => self.less(other),
            Comparison::GreaterOrEqual => self.less(other).negate_if(true),
            Comparison::Greater => other.less(self),
            Comparison::LessOrEqual => other.less(self).negate_if(true),
        }
    }

    #[inline]
    fn less(self, other: Self) -> Truth {
        if self.high < other.low {
            Truth::True
        } else if self.low >= other.high {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    #[inline]
    fn equals(self, other: Self) -> Truth {
        if self.high < other.low || other.high < self.low {
            Truth::False
        } else if self.low == self.high && self == other {
            Truth::True
        } else {
            Truth::Unknown
        }
    }
}

/// Text, perhaps to be read in lower case.
#[derive(Debug, Clone, Copy)]
pub struct TextVal<'a> {
    /// The text.
    pub text: &'a str,
    /// Whether its letters A to Z count as lower case.
    pub lower: bool,
}

/// The value of a variable.
#[derive(Debug, Clone, Copy)]
pub enum Val<'a> {
    /// As it is in the inventory.
    Stored(Value),
    /// A constant of the check or of its parameters.
    Const(&'a Const),
    /// A computed truth.
    Truth(Truth),
    /// A computed number.
    Number(Interval),
    /// A computed text.
    Text(TextVal<'a>),
}

impl Val<'_> {
    /// Nothing is known of it.
    pub const UNKNOWN: Self = Self::Stored(Value::Pending);
}

/// The way from a variable over fields.
#[derive(Debug)]
pub struct Load<'a> {
    /// The variable's place in the frame.
    pub slot: usize,
    /// The fields.
    pub steps: Box<[Step]>,
    /// The type of the value.
    pub ty: &'a Ty,
}

/// A field on the way.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Its place in the record.
    pub place: u32,
    /// Its declaration.
    pub field: FieldRef,
}

/// A condition.
#[derive(Debug)]
pub enum Cond<'a> {
    /// A constant.
    Const(Truth),
    /// `x and y and …`
    All(Box<[Cond<'a>]>),
    /// `x or y or …`
    Any(Box<[Cond<'a>]>),
    /// `not x`, where `x` has no `negate` of its own.
    Not(Box<Cond<'a>>),
    /// A boolean.
    Load {
        /// The field.
        load: Load<'a>,
        /// For `not`.
        negate: bool,
    },
    /// `enum == "word"`, `enum in ["word", …]`. Words that the inventory does not hold are left out.
    Word {
        /// The field.
        load: Load<'a>,
        /// The words.
        words: Box<[SymbolId]>,
        /// For `!=`.
        negate: bool,
    },
    /// `text == "…"`, `text in ["…", …]`.
    TextIs {
        /// The field.
        load: Load<'a>,
        /// The texts.
        texts: Box<[&'a str]>,
        /// For `!=`.
        negate: bool,
    },
    /// A comparison of numbers, times or spans of time.
    Numbers(Comparison, Num<'a>, Num<'a>),
    /// Any other `==` or `!=`.
    Same {
        /// The left side.
        left: Scalar<'a>,
        /// The right side.
        right: Scalar<'a>,
        /// For `!=`.
        negate: bool,
    },
    /// Any other `x in list`.
    In(Scalar<'a>, Stream<'a>),
    /// `has(x.y)`
    Has {
        /// The field.
        load: Load<'a>,
        /// For `not has(x.y)`.
        negate: bool,
    },
    /// `list.exists(…)` and its kin.
    Quantified(Quantifier, Box<Stream<'a>>, usize, Box<Cond<'a>>),
    /// `text.startsWith(…)` and its kin.
    TextTest(TextTest, TextPlan<'a>, TextPlan<'a>),
    /// `text.matches(…)`
    Matches(TextPlan<'a>, &'a Regex),
    /// `cidr.isInternet()`
    IsInternet(CidrPlan<'a>),
    /// `cidr.contains(…)`
    CidrContains(CidrPlan<'a>, CidrPlan<'a>),
    /// `rule.covers(…)`
    Covers(Box<CoversPlan<'a>>),
}

impl Cond<'_> {
    /// The opposite. Conditions on one field turn around themselves, which saves a step.
    pub fn opposite(mut self) -> Self {
        match &mut self {
            Self::Const(truth) => *truth = truth.negate_if(true),
            Self::Load { negate, .. }
            | Self::Has { negate, .. }
            | Self::Word { negate, .. }
            | Self::TextIs { negate, .. }
            | Self::Same { negate, .. } => *negate = !*negate,
            Self::All(_)
            | Self::Any(_)
            | Self::Not(_)
            | Self::Numbers(..)
            | Self::In(..)
            | Self::Quantified(..)
            | Self::TextTest(..)
            | Self::Matches(..)
            | Self::IsInternet(_)
            | Self::CidrContains(..)
            | Self::Covers(_) => return Self::Not(Box::new(self)),
        }
        self
    }
}

/// A number, a time in seconds since 1970-01-01T00:00:00Z, or a span of time in seconds.
#[derive(Debug)]
pub enum Num<'a> {
    /// A constant.
    Const(i64),
    /// A field or variable.
    Load(Load<'a>),
    /// `size(list)`
    Size(Box<Stream<'a>>),
    /// `ageDays(time)`
    AgeDays(Box<Num<'a>>),
    /// `x + y`
    Add(Box<Num<'a>>, Box<Num<'a>>),
    /// `x - y`
    Subtract(Box<Num<'a>>, Box<Num<'a>>),
    /// `-x`
    Negative(Box<Num<'a>>),
    /// `cidr.prefixLength()`
    PrefixLength(CidrPlan<'a>),
}

/// A text.
#[derive(Debug)]
pub enum TextPlan<'a> {
    /// A constant.
    Const(&'a str),
    /// A field or variable.
    Load(Load<'a>),
    /// `text.lower()`
    Lower(Box<TextPlan<'a>>),
    /// `account(arn)` and its kin.
    ArnPart(ArnPart, Box<TextPlan<'a>>),
}

/// An address range.
#[derive(Debug)]
pub enum CidrPlan<'a> {
    /// A constant.
    Const(IpNet),
    /// A field or variable.
    Load(Load<'a>),
}

/// Any value.
#[derive(Debug)]
pub enum Scalar<'a> {
    /// A truth.
    Cond(Box<Cond<'a>>),
    /// A number, a time or a span of time, as the type tells.
    Num(Num<'a>, &'a Ty),
    /// A text.
    Text(TextPlan<'a>),
    /// A constant.
    Const(&'a Const),
    /// A field or variable whose value is used as it is.
    Load(Load<'a>),
    /// A list; only shown, never compared.
    List(Box<Stream<'a>>, &'a Ty),
}

/// A list, element by element.
#[derive(Debug)]
pub enum Stream<'a> {
    /// A field.
    Load(Load<'a>),
    /// A parameter.
    Consts(&'a [Const]),
    /// A list of expressions.
    Items(Box<[Scalar<'a>]>),
    /// The elements of another list for which a condition holds.
    Filter(Box<Stream<'a>>, usize, Box<Cond<'a>>),
    /// A value for each element of another list.
    Map(Box<Stream<'a>>, usize, Box<Scalar<'a>>),
}

/// `rule.covers(protocol, ports)`
#[derive(Debug)]
pub struct CoversPlan<'a> {
    /// How the ports are compared.
    pub test: PortTest,
    /// The rule's protocol.
    pub protocol: Load<'a>,
    /// The rule's first port.
    pub from_port: Load<'a>,
    /// The rule's last port.
    pub to_port: Load<'a>,
    /// The protocol asked for, by name and by number.
    pub wanted: Box<[&'a str]>,
    /// The symbols of these.
    pub wanted_symbols: Box<[SymbolId]>,
    /// The symbol of the protocol that stands for all.
    pub all: Option<SymbolId>,
    /// The ports asked for: for `within` in order and apart from each other.
    pub ports: Box<[PortRange]>,
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};
    use super::*;

    #[test]
    fn kleene_tables_are_kleenes() {
        let all = [False, True, Unknown];
        let and: Vec<_> = all.iter().flat_map(|a| all.map(|b| a.and(b))).collect();
        let or: Vec<_> = all.iter().flat_map(|a| all.map(|b| a.or(b))).collect();
        assert_eq!(and, [False, False, False, False, True, Unknown, False, Unknown, Unknown]);
        assert_eq!(or, [False, True, Unknown, True, True, True, Unknown, True, Unknown]);
        assert_eq!(all.map(|a| a.negate_if(true)), [True, False, Unknown]);
    }

    #[test]
    fn bounds_decide_what_they_can() {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let four_or_more = Interval { low: 4, high: i64::MAX };
        for (comparison, number, expected) in [
            (LessOrEqual, 3, False),
            (LessOrEqual, 4, Unknown),
            (Less, 4, False),
            (Less, 5, Unknown),
            (Greater, 3, True),
            (Greater, 4, Unknown),
            (GreaterOrEqual, 4, True),
            (Equal, 3, False),
            (Equal, 4, Unknown),
            (NotEqual, 3, True),
            (NotEqual, 9, Unknown),
        ] {
            let found = four_or_more.compare(comparison, Interval::exactly(number));
            assert_eq!(found, expected, "{comparison:?} {number}");
        }
    }

    #[test]
    fn numbers_never_wrap() {
        let huge = Interval::exactly(i64::MAX - 1);
        assert_eq!(huge.plus(huge), Interval::UNKNOWN);
        assert_eq!(Interval::UNKNOWN.plus(Interval::exactly(1)), Interval::UNKNOWN);
        assert_eq!(Interval::exactly(i64::MIN).negative(), Interval::UNKNOWN);
        let some = Interval { low: 4, high: i64::MAX }.negative();
        assert_eq!(some, Interval { low: i64::MIN, high: -4 });
        assert_eq!(Interval::exactly(-1).days(), Interval::exactly(-1));
    }
}
