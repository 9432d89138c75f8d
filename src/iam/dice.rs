//! Random numbers for tests that draw policies.

/// A small generator (xorshift): the same numbers on every machine.
pub(in crate::iam) struct Dice(pub(in crate::iam) u64);

impl Dice {
    /// A number below that of the sides.
    pub(in crate::iam) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// One of those.
    pub(in crate::iam) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}
