//! A fixed-size set of small integers, the currency of the search: which atoms of a key are meant.

/// A set of integers below a size fixed at construction. All operands of an operation must have
/// the same size; members beyond the shorter operand count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bits {
    size: usize,
    words: Vec<u64>,
}

const WORD: usize = 64;

impl Bits {
    /// The empty set over `0..size`.
    pub fn empty(size: usize) -> Self {
        Self { size, words: vec![0; size.div_ceil(WORD)] }
    }

    /// The set of all of `0..size`.
    pub fn full(size: usize) -> Self {
        let mut words = vec![u64::MAX; size.div_ceil(WORD)];
        let tail = size % WORD;
        if tail != 0
            && let Some(last) = words.last_mut()
        {
            *last = (1 << tail) - 1;
        }
        Self { size, words }
    }

    /// The set of those members of `0..size` for which `keep` holds.
    pub fn filter(size: usize, mut keep: impl FnMut(usize) -> bool) -> Self {
        let mut set = Self::empty(size);
        for member in 0..size {
            if keep(member) {
                set.insert(member);
            }
        }
        set
    }

    /// The number of integers this set ranges over (not the number of its members).
    pub fn size(&self) -> usize {
        self.size
    }

    /// Adds a member; integers outside the range are ignored.
    pub fn insert(&mut self, member: usize) {
        if member < self.size
            && let Some(word) = self.words.get_mut(member / WORD)
        {
            *word |= 1 << (member % WORD);
        }
    }

    /// Whether the set has this member.
    pub fn contains(&self, member: usize) -> bool {
        self.words.get(member / WORD).is_some_and(|word| word >> (member % WORD) & 1 == 1)
    }

    /// Whether the set has no members.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether the set has every member of its range.
    pub fn is_full(&self) -> bool {
        self.len() == self.size
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the two sets share a member.
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    /// Whether every member of this set is one of `other`.
    pub fn within(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
    }

    /// Keeps the members that `other` has too.
    pub fn keep(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= b;
        }
    }

    /// Takes away the members of `other`.
    pub fn remove(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= !b;
        }
    }

    /// Adds the members of `other`.
    pub fn add(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    /// The members that both sets have.
    pub fn and(&self, other: &Self) -> Self {
        let mut result = self.clone();
        result.keep(other);
        result
    }

    /// The members that only this set has.
    pub fn minus(&self, other: &Self) -> Self {
        let mut result = self.clone();
        result.remove(other);
        result
    }

    /// The integers of the range that are not members.
    pub fn complement(&self) -> Self {
        Self::full(self.size).minus(self)
    }

    /// The smallest member.
    pub fn first(&self) -> Option<usize> {
        self.iter().next()
    }

    /// The members in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(index * WORD + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_set_ends_at_its_size() {
        for size in [0, 1, 63, 64, 65, 130] {
            let full = Bits::full(size);
            assert_eq!(full.len(), size);
            assert_eq!(full.iter().collect::<Vec<_>>(), (0..size).collect::<Vec<_>>());
            assert!(full.complement().is_empty());
        }
    }

    #[test]
    fn set_operations_agree_with_membership() {
        let odd = Bits::filter(100, |n| n % 2 == 1);
        let third = Bits::filter(100, |n| n % 3 == 0);
        assert_eq!(odd.and(&third), Bits::filter(100, |n| n % 6 == 3));
        assert_eq!(odd.minus(&third), Bits::filter(100, |n| n % 2 == 1 && n % 3 != 0));
        assert!(odd.meets(&third));
        assert!(odd.and(&third).within(&odd));
        assert!(!odd.within(&third));
        assert_eq!(odd.first(), Some(1));
    }
}
