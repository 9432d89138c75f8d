//! Numbers, instants, booleans and bytes as condition operators compare them: exact, never floating.

use jiff::{Timestamp, civil, tz::TimeZone};

/// Digits after the point that a [`Number`] keeps.
const SCALE: usize = 18;

/// A decimal number, scaled by 10^18; numbers with more digits on either side are not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(i128);

impl Number {
    /// Parses `-12.50`; no exponent, no blanks. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let whole_digits = whole.trim_start_matches('0');
        let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let empty = whole.is_empty() && digits.len() < 2;
        if empty || !numeric(whole) || !numeric(fraction) {
            return None;
        }
        if whole_digits.len() > SCALE || fraction.len() > SCALE {
            return None;
        }
        let places = fraction.bytes().chain(std::iter::repeat(b'0')).take(SCALE);
        let value = whole_digits
            .bytes()
            .chain(places)
            .fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        Some(Self(if negative { -value } else { value }))
    }

    /// The number times 10^18.
    #[must_use]
    pub fn scaled(self) -> i128 {
        self.0
    }
}

/// A point in time with nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Timestamp);

impl Instant {
    /// Parses a date and time of ISO 8601 (`2026-01-31T23:59:59Z`, an offset, or none, which is UTC), a
    /// date, a month, or seconds since 1970 (milliseconds, where seconds would lie after the year
    /// 9999). `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().enumerate().all(|(i, b)| digit_or_sign(i, b)) {
            let count = text.parse().ok()?;
            let seconds = Timestamp::from_second(count);
            return seconds.or_else(|_| Timestamp::from_millisecond(count)).ok().map(Self);
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Some(Self(timestamp));
        }
        let civil = match text.len() {
            7 => format!("{text}-01")
                .parse::<civil::Date>()
                .ok()?
                .to_datetime(civil::Time::midnight()),
            10 => text.parse::<civil::Date>().ok()?.to_datetime(civil::Time::midnight()),
            _ if text.contains(['T', 't']) => text.parse::<civil::DateTime>().ok()?,
            _ => return None,
        };
        TimeZone::UTC.to_timestamp(civil).ok().map(Self)
    }

    /// The instant as a timestamp of `jiff`.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

fn digit_or_sign(index: usize, byte: u8) -> bool {
    byte.is_ascii_digit() || (index == 0 && byte == b'-')
}

/// `true` or `false` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// The bytes of a base64 text (RFC 4648, padding optional).
pub(super) fn bytes(text: &str) -> Option<Box<[u8]>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > 2 || digits.len() % 4 == 1 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut buffer, mut bits) = (0_u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((buffer >> bits) & 0xff).ok()?);
        }
    }
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        let number = |text| Number::parse(text).expect("a number");
        assert_eq!(number("10"), number("10.0"));
        assert_eq!(number("007"), number("7"));
        assert!(number("0.1") < number("0.10000000000000001"));
        assert!(number("-2") < number("-1.5"));
        assert_eq!(number(".5"), number("0.5"));
        for bad in ["", "-", ".", "1e3", " 1", "1,5", "0x1", "1.2.3", "9999999999999999999"] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn instants_have_several_spellings() {
        let instant = |text| Instant::parse(text).expect("an instant");
        let zulu = instant("2026-01-31T00:00:00Z");
        for same in [
            "2026-01-31",
            "1769817600",
            "2026-01-31T01:00:00+01:00",
            "2026-01-31T00:00:00",
            "2026-01-31T00:00Z",
        ] {
            assert_eq!(instant(same), zulu, "{same}");
        }
        assert_eq!(instant("2026-01"), instant("2026-01-01T00:00:00Z"));
        for bad in ["", "yesterday", "2026-13-01", "2026-01-31 00:00", "31.01.2026"] {
            assert_eq!(Instant::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn base64_is_decoded() {
        assert_eq!(bytes("aGVsbG8=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(bytes("aGVsbG8").as_deref(), Some(&b"hello"[..]));
        assert_eq!(bytes("").as_deref(), Some(&b""[..]));
        for bad in ["a", "a===", "a b=", "aGVsbG8=="] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }
}
