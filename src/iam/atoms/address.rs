//! Internet addresses: the boundaries of all ranges cut each family into cells that are wholly
//! inside or wholly outside every range. Sizes are exact, so "how much of the world" is a sum.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The two kinds of addresses, which never match each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// 32 bits.
    V4,
    /// 128 bits.
    V6,
}

impl Family {
    fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    fn last(self) -> u128 {
        match self {
            Self::V4 => u128::from(u32::MAX),
            Self::V6 => u128::MAX,
        }
    }
}

/// An unbroken run of addresses of one family, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    /// The family of both ends.
    pub family: Family,
    /// The lowest address, as a number.
    pub first: u128,
    /// The highest address, as a number.
    pub last: u128,
}

impl AddressRange {
    /// Every address of a family.
    pub fn everything(family: Family) -> Self {
        Self { family, first: 0, last: family.last() }
    }

    /// Reads `address` or `address/prefix`; host bits may be set, as IAM allows. `None` if it is
    /// neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (family, number) = match address.parse().ok()? {
            IpAddr::V4(address) => (Family::V4, u128::from(u32::from(address))),
            IpAddr::V6(address) => (Family::V6, u128::from(address)),
        };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
            None => family.bits(),
        };
        let free = family.bits().checked_sub(prefix)?;
        let host = 1u128.checked_shl(free.into()).map_or(u128::MAX, |size| size - 1);
        Some(Self { family, first: number & !host, last: number | host })
    }

    /// The number of addresses in the range, saturating at the one count that 128 bits lack.
    pub fn size(&self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    /// Whether all of `other` is inside.
    pub fn covers(&self, other: &Self) -> bool {
        self.family == other.family && self.first <= other.first && other.last <= self.last
    }

    /// An address of the range that reads well: not the first one, which names the network.
    pub fn example(&self) -> IpAddr {
        let number = if self.last > self.first { self.first + 1 } else { self.first };
        match self.family {
            Family::V4 => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX))),
            Family::V6 => IpAddr::V6(Ipv6Addr::from(number)),
        }
    }
}

/// Cuts both families at the boundaries of `ranges`, ascending; together the cells are every
/// address there is.
pub fn address_cells(ranges: &[AddressRange]) -> Vec<AddressRange> {
    [Family::V4, Family::V6].into_iter().flat_map(|family| cells(ranges, family)).collect()
}

fn cells(ranges: &[AddressRange], family: Family) -> Vec<AddressRange> {
    let mut starts = vec![0];
    for range in ranges.iter().filter(|range| range.family == family) {
        starts.push(range.first);
        starts.extend(range.last.checked_add(1).filter(|next| *next <= family.last()));
    }
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([family.last()]);
    starts
        .iter()
        .zip(ends)
        .map(|(first, last)| AddressRange { family, first: *first, last })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> AddressRange {
        AddressRange::parse(text).expect("a range")
    }

    #[test]
    fn ranges_are_read_as_iam_writes_them() {
        assert_eq!(range("10.1.2.3/8"), range("10.0.0.0/8"));
        assert_eq!(range("10.0.0.0/8").size(), 1 << 24);
        assert_eq!(range("192.0.2.1").size(), 1);
        assert_eq!(range("::/0"), AddressRange::everything(Family::V6));
        assert_eq!(range("0.0.0.0/0"), AddressRange::everything(Family::V4));
        for bad in ["", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/+8", "::/129", "10.*"] {
            assert_eq!(AddressRange::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn cells_partition_both_families() {
        let ranges = [range("0.0.0.0/1"), range("10.0.0.0/8"), range("2001:db8::/32")];
        let cells = address_cells(&ranges);
        let v4: u128 = cells.iter().filter(|c| c.family == Family::V4).map(|c| c.size()).sum();
        assert_eq!(v4, 1 << 32);
        for cell in &cells {
            for range in &ranges {
                let inside = range.covers(&AddressRange { last: cell.first, ..*cell });
                assert_eq!(inside, range.covers(cell));
            }
        }
        assert_eq!(cells.len(), 4 + 3);
    }
}
