//! Which addresses are the internet, and whether a set of ranges reaches it.
//!
//! A set of ranges *reaches the internet* when it holds every address that is publicly routed: all
//! of IPv4 unicast but the special-purpose blocks (IANA's special-purpose address registry, RFC
//! 6890), or IPv6 global unicast `2000::/3` (RFC 4291). So `0.0.0.0/0` does, and so do
//! `0.0.0.0/1` and `128.0.0.0/1` together, and `2000::/3`.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both, in the order of reports.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// The family of a range.
    pub fn of(range: &IpNet) -> Self {
        match range {
            IpNet::V4(_) => Self::V4,
            IpNet::V6(_) => Self::V6,
        }
    }

    /// Its word in fields and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }

    /// The addresses of the family that are publicly routed.
    pub fn internet(self) -> Addresses {
        match self {
            Self::V4 => RESERVED_V4.iter().fold(
                Addresses(vec![(0, u128::from(u32::MAX))]),
                |left, (base, prefix)| {
                    let first = u128::from(u32::from(Ipv4Addr::from(*base)));
                    left.without(first, first + (1 << (32 - prefix)) - 1)
                },
            ),
            Self::V6 => Addresses(vec![(0x2 << 124, (0x4 << 124) - 1)]),
        }
    }
}

/// The IPv4 blocks that are not publicly routed: this network, private use, shared address space,
/// loopback, link local, protocol assignments, documentation, benchmarking, multicast, reserved.
const RESERVED_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// A set of addresses of one family: closed intervals in ascending order that do not touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses(Vec<(u128, u128)>);

impl Addresses {
    /// The addresses of one family within the ranges.
    pub fn of<'a>(family: Family, ranges: impl IntoIterator<Item = &'a IpNet>) -> Self {
        let mut spans: Vec<(u128, u128)> = ranges
            .into_iter()
            .filter(|range| Family::of(range) == family)
            .map(|range| (number(range.network()), number(range.broadcast())))
            .collect();
        spans.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::new();
        for (first, last) in spans {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// Whether it holds no address.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds every address of the other.
    pub fn holds(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// The addresses of this set that are not in the other.
    pub fn minus(&self, other: &Self) -> Self {
        other.0.iter().fold(self.clone(), |left, (first, last)| left.without(*first, *last))
    }

    /// The addresses of this set or the other.
    pub fn plus(&self, other: &Self) -> Self {
        let mut spans = self.minus(other).0;
        spans.extend(&other.0);
        spans.sort_unstable();
        Self(spans)
    }

    /// The addresses that both sets hold.
    pub fn and(&self, other: &Self) -> Self {
        self.minus(&self.minus(other))
    }

    fn without(&self, first: u128, last: u128) -> Self {
        let mut left = Vec::with_capacity(self.0.len() + 1);
        for (start, end) in &self.0 {
            if *end < first || last < *start {
                left.push((*start, *end));
                continue;
            }
            if *start < first {
                left.push((*start, first - 1));
            }
            if last < *end {
                left.push((last + 1, *end));
            }
        }
        Self(left)
    }
}

/// Whether the ranges together hold the whole internet of that family.
pub fn reaches<'a>(family: Family, ranges: impl IntoIterator<Item = &'a IpNet>) -> bool {
    Addresses::of(family, ranges).holds(&family.internet())
}

/// Whether an address of that family is publicly routed.
pub fn is_public(address: IpAddr) -> bool {
    let range = IpNet::from(address);
    let family = Family::of(&range);
    family.internet().holds(&Addresses::of(family, [&range]))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn halves_reach_the_internet_together_only() {
        assert!(reaches(Family::V4, &ranges(&["0.0.0.0/0"])));
        assert!(reaches(Family::V4, &ranges(&["128.0.0.0/1", "0.0.0.0/1"])));
        assert!(!reaches(Family::V4, &ranges(&["128.0.0.0/1"])));
        assert!(!reaches(Family::V4, &ranges(&["0.0.0.0/1", "128.0.0.0/2"])));
        assert!(!reaches(Family::V4, &[]));
    }

    #[test]
    fn leaving_out_what_is_not_routed_changes_nothing() {
        let unicast = ["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"];
        assert!(reaches(Family::V4, &ranges(&unicast)));
        assert!(reaches(Family::V6, &ranges(&["2000::/3"])));
        assert!(reaches(Family::V6, &ranges(&["::/0"])));
        assert!(!reaches(Family::V6, &ranges(&["2000::/4"])));
        assert!(!reaches(Family::V6, &ranges(&["0.0.0.0/0"])));
    }

    #[test]
    fn addresses_are_public_or_not() {
        for public in ["8.8.8.8", "172.15.0.1", "2a05::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in ["10.0.0.1", "172.31.255.255", "100.64.0.1", "fd00::1", "fe80::1"] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn sets_add_and_subtract() {
        let all = Addresses::of(Family::V4, &ranges(&["10.0.0.0/8"]));
        let half = Addresses::of(Family::V4, &ranges(&["10.0.0.0/9"]));
        let rest = all.minus(&half);
        assert_eq!(rest, Addresses::of(Family::V4, &ranges(&["10.128.0.0/9"])));
        assert!(rest.plus(&half).holds(&all));
        assert_eq!(all.and(&half), half);
        assert!(half.minus(&all).is_empty());
    }
}
