//! The types and constants of the check language.

use std::fmt;

use serde_json::Value as Json;

use crate::inventory::CidrFacts;
use crate::schema::{RecordType, Type};

/// The type of an expression.
#[derive(Debug, Clone)]
pub enum Ty {
    /// True or false.
    Bool,
    /// A 64-bit integer.
    Int,
    /// Text.
    Text,
    /// Text from a closed list; its literals are checked.
    Enum(&'static [&'static str]),
    /// A point in time.
    Time,
    /// A span of time.
    Duration,
    /// An address range.
    Cidr,
    /// A range of ports. Only parameters have this type.
    Ports,
    /// A list.
    List(Box<Ty>),
    /// A record.
    Record(&'static RecordType),
    /// The element of a list literal without elements.
    Nothing,
}

impl Ty {
    /// The type of a field.
    pub fn of(ty: &Type) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Text => Self::Text,
            Type::Enum(words) => Self::Enum(words),
            Type::Timestamp => Self::Time,
            Type::Cidr => Self::Cidr,
            Type::List(item) => Self::List(Box::new(Self::of(item))),
            Type::Record(record) => Self::Record(record.get()),
        }
    }

    /// Whether values of the two types can be compared with `==`.
    pub fn comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool, Self::Bool)
            | (Self::Int, Self::Int)
            | (Self::Text | Self::Enum(_), Self::Text | Self::Enum(_))
            | (Self::Time, Self::Time)
            | (Self::Duration, Self::Duration)
            | (Self::Cidr, Self::Cidr) => true,
            (Self::Nothing, other) | (other, Self::Nothing) => other.is_scalar(),
            _ => false,
        }
    }

    /// Whether it is neither a list nor a record.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Record(_))
    }

    /// Whether `<` means something for it.
    pub fn is_ordered(&self) -> bool {
        matches!(self, Self::Int | Self::Time | Self::Duration)
    }

    /// Whether it is text of any kind.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Enum(_))
    }
}

/// As diagnostics name it. The words of an enum are left out: its literals are text to the reader.
impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Text | Self::Enum(_) => f.write_str("string"),
            Self::Time => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Cidr => f.write_str("cidr"),
            Self::Ports => f.write_str("port_range"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Record(record) => f.write_str(record.name),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

/// An inclusive range of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortRange {
    /// The first port.
    pub from: u16,
    /// The last port, not before the first.
    pub to: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    /// Reads `22` or `20-25`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        (from <= to).then_some(Self { from, to })
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}-{}", self.from, self.to)
        }
    }
}

/// A constant: a parameter's value or a literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Const {
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Text.
    Text(String),
    /// Seconds.
    Duration(i64),
    /// An address range.
    Cidr(CidrFacts),
    /// A range of ports.
    Ports(PortRange),
    /// A list.
    List(Vec<Const>),
}

impl Const {
    /// The constant as JSON, in the form in which parameters are written.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::from(*value),
            Self::Text(text) => Json::String(text.clone()),
            Self::Duration(seconds) => Json::String(duration_text(*seconds)),
            Self::Cidr(cidr) => Json::String(cidr.text.to_string()),
            Self::Ports(ports) if ports.from == ports.to => Json::from(ports.from),
            Self::Ports(ports) => Json::String(ports.to_string()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
        }
    }
}

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads `90d`, `12h`, `1d12h`: whole numbers with d, h, m, s, in this order. In seconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut seconds: i64 = 0;
    for (unit, length) in UNITS {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = digits.then(|| number.parse().ok()).flatten()?;
        seconds = seconds.checked_add(number.checked_mul(length)?)?;
        rest = after;
    }
    (rest.is_empty() && !text.is_empty()).then_some(seconds)
}

/// The inverse of [`parse_duration`], with a sign where it is negative.
pub fn duration_text(seconds: i64) -> String {
    let mut text = String::from(if seconds < 0 { "-" } else { "" });
    let mut rest = seconds.unsigned_abs();
    for (unit, length) in UNITS {
        let number = rest / length.unsigned_abs();
        rest %= length.unsigned_abs();
        if number > 0 {
            text.push_str(&format!("{number}{unit}"));
        }
    }
    if seconds == 0 { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print() {
        for (text, seconds) in [("90d", 7_776_000), ("1d12h", 129_600), ("5m30s", 330), ("0s", 0)] {
            assert_eq!(parse_duration(text), Some(seconds));
            assert_eq!(duration_text(seconds), text);
        }
        for bad in ["", "90", "d", "1h1d", "-1d", "1.5d", "9999999999999999999d", "1d ", "1w"] {
            assert_eq!(parse_duration(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn port_ranges_read_and_print() {
        assert_eq!(PortRange::parse("22"), Some(PortRange { from: 22, to: 22 }));
        assert_eq!(PortRange::parse("20-25").map(|it| it.to_string()), Some("20-25".into()));
        for bad in ["", "25-20", "65536", "-1", "a-b", "1-2-3"] {
            assert_eq!(PortRange::parse(bad), None, "{bad:?}");
        }
    }
}
